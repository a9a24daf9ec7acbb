"""The protocol's error family: what can come out of foreign bytes, and what a caller did wrong.

Single inheritance only: MicroPython refuses two bases.
"""


class ProtocolError(ValueError):
    """Foreign bytes are not what they claim. `code` is stable and safe to log: it never quotes the bytes."""

    def __init__(self, code: str, field: str = ""):
        """`code`: a word such as `too_long`; `field`: the field's name, never its value."""
        super().__init__(code if not field else code + ":" + field)
        self.code = code
        self.field = field


class UnknownKind(ProtocolError):
    """A well-formed record of a kind this release does not know: quarantined as `future`, replayed after an upgrade."""


class NotOurs(ProtocolError):
    """A scanned code that is readable but no code of ours."""


class WrongTransition(ValueError):
    """An event the state table does not allow; nothing has changed."""

    def __init__(self, state: str, event: str):
        """`state` and `event`: words of `protocol.visit`."""
        super().__init__(event + " in state " + state)
        self.state = state
        self.event = event
