"""Planned sessions (kế hoạch tiêm): who is expected at which site on which day at what time, and what they were told."""
