"""The contract of a speaker: sentences said one after the other, without ever holding anybody up.

Trouble is a word, never an exception: a kiosk without a voice is a kiosk. It must not know what is said or why.
"""

SPEAKER_STATUSES = ("ready", "speaking", "absent", "failed")
# What is not said within so many sentences is no news any more.
MOST_WAITING = 4


class Speaker:
    """Contract. Drivers must override all of it."""

    def say(self, text: str, lang: str) -> None:
        """Say this after what waits already; the oldest waiting one gives way. `lang`: a code such as "vi". At once."""
        raise NotImplementedError

    def step(self) -> str:
        """Go on speaking; gives a word of SPEAKER_STATUSES. Called several times a second; at once."""
        raise NotImplementedError

    def close(self) -> None:
        """Be silent at once."""
        raise NotImplementedError
