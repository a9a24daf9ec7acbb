"""The append-only records and everything read from them: taking in, the server's own desk, deriving, rebuilding."""
