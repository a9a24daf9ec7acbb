"""Forward migrations, applied by `server.migrations.upgrade`. The previous program runs on the newer schema."""
