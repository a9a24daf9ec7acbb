"""The program on the Raspberry Pi: devices, desks, screens and the store of one kiosk. It never imports the server."""
