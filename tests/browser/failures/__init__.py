"""One file per failure: a person at the kiosk sees it in words, on every display, and what to do about it."""
