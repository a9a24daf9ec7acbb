"""The central server: takes the kiosks' records in, answers staff, citizens and machines. Never imports the kiosk."""
