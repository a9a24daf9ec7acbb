"""The server's error family: each named by the fact, with a sentence for the person who can mend it."""


class TramError(Exception):
    """Anything the server's own code raises on purpose."""


class ConfigError(TramError, ValueError):
    """A setting or a seed file is not what it should be; the sentence names the place."""
