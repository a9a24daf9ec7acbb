"""Lists brought in from files: read, checked, reviewed as a difference, committed."""
