"""The desk: the shell that loads, lets a pure decision decide, writes, and tells. The only writer of the store."""
