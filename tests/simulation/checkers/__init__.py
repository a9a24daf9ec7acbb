"""One pure function per file, `check(history)`: the sentences of what is wrong, none when all is well."""
