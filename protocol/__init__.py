"""The language kiosks, boards and the server speak. Pure: no I/O, no clock, no crypto library; runs on MicroPython."""
