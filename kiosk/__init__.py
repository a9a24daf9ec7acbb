"""The program on the Raspberry Pi: devices, decisions, store, screens, and the wire to the centre."""
