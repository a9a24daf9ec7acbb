"""Tests over several real processes at once."""
