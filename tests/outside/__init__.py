"""Tools of others look at what a real server shows to the outside: TLS of broker and door, headers of the pages."""
