"""Tests of the protocol. All but test_property_*.py run on CPython and on MicroPython (run_micropython.mjs)."""
