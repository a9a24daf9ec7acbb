"""Lists brought in from files."""
