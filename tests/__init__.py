"""The tests mirror the tree they test; three speeds: plain, `integration`, `browser`."""
