"""A centre in several processes on PostgreSQL, killed one after the other while kiosks, managers and messages keep it busy."""
