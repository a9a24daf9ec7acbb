"""The server's errors, each named by the fact. Sentences are English, the keys of translations; none quotes data."""


class ServerError(Exception):
    """Base. `code`: stable, safe to log; `sentence`: for the person, pages translate it; `field`: names the input."""

    code = "error"
    sentence = "Something went wrong."

    def __init__(self, code: str = "", sentence: str = "", *, field: str = "") -> None:
        self.code = code or type(self).code
        self.sentence = sentence or type(self).sentence
        self.field = field
        super().__init__(f"{self.code}: {self.sentence}" if not field else f"{self.code} ({field}): {self.sentence}")


class Refused(ServerError, ValueError):
    """A person's input cannot be taken; nothing was written."""

    code = "refused"
    sentence = "This cannot be done."


class NotFound(ServerError, LookupError):
    """No such thing, or not within the asker's scope: the two are never told apart."""

    code = "not_found"
    sentence = "Nothing was found under this number."


class HelloRefused(ServerError, ValueError):
    """A hello that cannot be parsed, or is not signed by the writer whose topic it came on."""

    code = "hello_refused"
    sentence = "The kiosk's greeting could not be verified."


class DeskKeyChanged(ServerError, RuntimeError):
    """The server's signing key is not the one its own earlier records were signed with."""

    code = "desk_key_changed"
    sentence = "The server's signing key differs from the one registered in this database."
