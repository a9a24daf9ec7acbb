"""Planned sessions: rules, hours, keeping, what goes down."""
