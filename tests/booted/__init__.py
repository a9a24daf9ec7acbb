"""Machines of Debian with a real systemd, in namespaces of their own."""
