"""What the kiosk says aloud for those who do not read: their number, where to go, until when to stay. Never a name.

Each thing once, when it comes up; a restart says nothing again. Off unless the settings name a speaker.
"""

from collections.abc import Mapping
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Protocol

from kiosk.screens.words import FOLDER, load_words

TO = {"screening": "the screening desk", "injection": "the injection desk", "observation": "the observation area"}
SPOKEN = {
    "ticket": "Your number is %(number)s. Please take a seat, we will call you.",
    "dosed": "Please stay until %(hour)s hours %(minute)s. If you feel unwell, tell staff at once.",
    "called": "Number %(number)s, please come to %(place)s, desk %(desk)s.",
}
TABLES = {"spoken": SPOKEN, "spoken_places": TO}
Said = tuple[tuple[str, ...], str]


class Speaks(Protocol):
    """What a voice needs of a speaker (`kiosk.hardware.speaker`)."""

    def say(self, text: str, lang: str) -> None:
        """Say this after what waits."""

    def step(self) -> str:
        """Go on speaking."""

    def close(self) -> None:
        """Be silent."""


class Seen(Protocol):
    """What a voice needs of the desk."""

    @property
    def version(self) -> int:
        """Rises with every change."""

    def view(self) -> dict[str, Any]:
        """What is on the screen."""

    def wall(self) -> dict[str, Any]:
        """What the hall may know."""


def spelt(ticket: str) -> str:
    """A ticket sign by sign, as people call it: `A-017` is `A 0 1 7`."""
    return " ".join(sign for sign in ticket if sign.isalnum())


def sentences(view: Mapping[str, Any], hall: Mapping[str, Any], words: NullTranslations) -> tuple[Said, ...]:
    """What is to be said now: each with a key that stays the same for as long as it is the same news."""
    say, data, found = words.gettext, view["data"], []
    if view["screen"] == "ticket":
        text = say(SPOKEN["ticket"]) % {"number": spelt(data["ticket"])}
        found.append((("ticket", data["ticket"], str(view["token"])), text))
    if view["screen"] == "dosed":
        hour, _, minute = str(data["until"]).partition(":")
        text = say(SPOKEN["dosed"]) % {
            "hour": hour.lstrip("0") or "0",
            "minute": minute,
        }
        found.append((("dosed", str(data["person"]["ticket"]), str(data["until"])), text))
    for one in hall["called"]:
        if one["desk"] == view["desk"] and one["fresh"] and one["station"] in TO:
            values = {"number": spelt(one["ticket"]), "place": say(TO[one["station"]]), "desk": one["desk"]}
            text = say(SPOKEN["called"]) % values
            found.append((("called", one["ticket"], one["station"]), text))
    return tuple(found)


class Voice:
    """The step of the voice's worker."""

    def __init__(self, *, seen: Seen, speaker: Speaks, lang: str, catalogues: Path = FOLDER) -> None:
        """`lang`: a language of the catalogues; an unknown one speaks English."""
        words = load_words(catalogues)
        self._seen, self._speaker = seen, speaker
        self._lang = lang if lang in words else "en"
        self._words = words[self._lang]
        self._version = -1
        self._said: set[tuple[str, ...]] | None = None

    def step(self) -> None:
        """Say what is new; go on with what was begun."""
        if self._seen.version != self._version:
            view = self._seen.view()
            self._version = view["version"]
            found = sentences(view, self._seen.wall(), self._words)
            for key, text in found:
                if self._said is not None and key not in self._said:
                    self._speaker.say(text, self._lang)
            self._said = {key for key, _text in found}
        self._speaker.step()

    def close(self) -> None:
        """Be silent."""
        self._speaker.close()
