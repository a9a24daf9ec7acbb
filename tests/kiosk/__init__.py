"""Tests of the kiosk, as its tree."""
