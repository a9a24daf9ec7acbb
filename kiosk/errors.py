"""The kiosk's error family. Expected trouble of devices is a status word, not an exception (style 23)."""


class KioskError(Exception):
    """Base of all that the kiosk itself raises."""


class ForeignStore(KioskError, ValueError):
    """The database file belongs to another program or to a newer release."""


class DamagedStore(ForeignStore):
    """The database file cannot be read as one: it is moved aside and what it still tells is taken over."""


class StoreInUse(KioskError, BlockingIOError):
    """Another program of this machine writes to the store."""


class NotWritten(KioskError, OSError):
    """The store could not make a fact durable: nothing was recorded, use paper."""


class BadSetting(KioskError, ValueError):
    """A setting is unknown or has the wrong type."""


class NotEnrolled(KioskError, FileNotFoundError):
    """The enrolment folder is missing or incomplete."""


class EnrolmentRefused(KioskError, ValueError):
    """The centre's door did not give what was asked; `word` says why, each has a sentence on the screen."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class BadList(KioskError, ValueError):
    """A reference list or its manifest is not signed by the centre, or not what the manifest names."""


class DeskBusy(KioskError, TimeoutError):
    """The desk did not answer in time."""
