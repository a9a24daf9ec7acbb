"""Tests of the touchscreen: pages, words, routes, and every screen in real Chromium."""
