"""What the centre may say in the place of a kiosk's own words: which texts there are, how long, which places each has.

A place is a word in braces, `{until}`, filled when the text is shown. A text that breaks a rule is refused at the editor
and passed over by a kiosk, which then says its own words: no text of the centre can break a page or a slip.
"""

from protocol import fields
from protocol.errors import ProtocolError

# A slip bears it above all others: an address stands there once, and further languages need not say it again.
FIRST = "vi"
# Name, most characters, places that must stand in it. Measured on the 7" display in large letters, and on 58 mm paper.
TEXTS = (
    ("welcome", 80, ()),
    ("wait", 110, ()),
    ("consent", 90, ()),
    ("consent_guardian", 90, ()),
    ("stay", 90, ("until",)),
    ("check", 100, ("portal",)),
    ("aftercare", 140, ()),
    ("hotline", 20, ()),
)
NAMES = tuple([row[0] for row in TEXTS])
# No word of ours is so long, and a longer one finds no place to be broken on a narrow display.
MOST_WORD = 20
_HOTLINE = "0123456789 +.()-"


def limit(name: str) -> int:
    """The most characters of a text."""
    return _row(name)[1]


def places(name: str):
    """The places that a text may have, each once; it must have them, but for `portal` in another language than FIRST."""
    return _row(name)[2]


def check(value, name: str, lang: str) -> None:
    """`ProtocolError` for anything that text `name` must not be; its field is the place or word that is at fault."""
    _, most, wanted = _row(name)
    fields.text(most, empty=False)(value, name)
    if not value.strip():
        raise ProtocolError("empty", name)
    for sign in "<>&":
        if sign in value:
            raise ProtocolError("markup", sign)
    found = _found(value)
    for place in wanted:
        if found.count(place) != 1 and (place != "portal" or lang == FIRST or place in found):
            raise ProtocolError("missing_place", place)
    for place in found:
        if place not in wanted:
            raise ProtocolError("unknown_place", place)
    for word in value.split():
        if len(word) > MOST_WORD:
            raise ProtocolError("long_word", word)
    if name == "hotline" and value.strip(_HOTLINE):
        raise ProtocolError("bad_character", name)


def pieces(value: str):
    """A text as `(words, place)` pairs in their order: the words before a place, and its name or nothing at the end."""
    found = []
    rest = value
    while "{" in rest:
        before, _, rest = rest.partition("{")
        place, _, rest = rest.partition("}")
        found.append((before, place))
    found.append((rest, ""))
    return found


def fill(value: str, values) -> str:
    """A checked text with its places filled from `values`, for paper."""
    return "".join([before + (str(values[place]) if place else "") for before, place in pieces(value)])


def _found(value: str):
    # Every brace is one of a pair around a word.
    bare = value
    found = []
    for _, place in pieces(value):
        if place:
            found.append(place)
            bare = bare.replace("{" + place + "}", " ", 1)
    for sign in "{}":
        if sign in bare:
            raise ProtocolError("unknown_place", sign)
    return found


def _row(name):
    for row in TEXTS:
        if row[0] == name:
            return row
    raise ProtocolError("unknown_word", "name")
