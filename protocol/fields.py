"""Checks of one value each. A check returns nothing or raises `ProtocolError`; it never repairs.

A table of fields is a tuple of `(name, check, required)`. Unicode normalisation (NFC) is the writer's duty
at the device's edge: MicroPython has no `unicodedata`.
"""

from protocol.errors import ProtocolError

# A name on a Vietnamese card is under 60 letters and an address under 200; twice that is room, more is an attack.
MAX_NAME = 120
MAX_TEXT = 2000
MAX_WORD = 64
# 2**53 - 1: the largest integer every JSON reader keeps exact.
MAX_INT = 9007199254740991
# What is left of a text that is stripped of these has a sign that is none of them: one call instead of a loop.
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/"
_HEX = "0123456789abcdef"
_DIGITS = "0123456789"
# Direction overrides and zero-width marks make a name read as another (fault F16).
_HIDDEN = tuple(
    [0x61C, 0x2028, 0x2029, 0x2060, 0xFEFF]
    + list(range(0x200B, 0x2010))
    + list(range(0x202A, 0x202F))
    + list(range(0x2066, 0x206A))
)
# The same and the control characters as characters, to look over a whole text at once.
_UNPRINTABLE = {chr(code) for code in list(range(0x20)) + list(range(0x7F, 0xA0)) + list(_HIDDEN)}
# Nobody alive was born before; an eight-digit date read the wrong way round lands here too.
MIN_YEAR = 1850


def _clean(value: str, name: str) -> None:
    # Nearly every text is like this; sign by sign takes ten times as long.
    if not value or (max(value) < "\ud800" and _UNPRINTABLE.isdisjoint(value)):
        return
    for char in value:
        code = ord(char)
        if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in _HIDDEN:
            raise ProtocolError("control_character", name)


def text(limit: int, *, empty: bool = True, lines: bool = False):
    """A check for printable text of at most `limit` characters; with `lines`, line feeds are printable too."""

    def check(value, name):
        if not isinstance(value, str):
            raise ProtocolError("not_text", name)
        if len(value) > limit:
            raise ProtocolError("too_long", name)
        if not value and not empty:
            raise ProtocolError("empty", name)
        _clean(value.replace("\n", " ") if lines else value, name)

    return check


def word(value, name):
    """An identifier: 1 to 64 ASCII letters, digits and `-_.:/`."""
    if not isinstance(value, str):
        raise ProtocolError("not_text", name)
    if not value or len(value) > MAX_WORD:
        raise ProtocolError("bad_length", name)
    if value.strip(_WORD):
        raise ProtocolError("bad_character", name)


def hexadecimal(length: int):
    """A check for exactly `length` lower-case hexadecimal digits."""

    def check(value, name):
        if not isinstance(value, str) or len(value) != length:
            raise ProtocolError("bad_length", name)
        if value.strip(_HEX):
            raise ProtocolError("bad_character", name)

    return check


def integer(low: int, high: int = MAX_INT):
    """A check for an integer in `low`…`high`; `true` and `false` are no integers."""

    def check(value, name):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ProtocolError("not_integer", name)
        if value < low or value > high:
            raise ProtocolError("out_of_range", name)

    return check


def boolean(value, name):
    """`true` or `false`."""
    if value is not True and value is not False:
        raise ProtocolError("not_boolean", name)


def one_of(*words: str):
    """A check for one word of a closed set."""

    def check(value, name):
        if not isinstance(value, str) or value not in words:
            raise ProtocolError("unknown_word", name)

    return check


def day(value, name):
    """A calendar day `YYYY-MM-DD`, a bare year `YYYY`, or empty when nobody knows (domain.md 1.1: never reject)."""
    if not isinstance(value, str):
        raise ProtocolError("not_text", name)
    if value and not is_day(value) and not (len(value) == 4 and _digits(value)):
        raise ProtocolError("bad_day", name)


def full_day(value, name):
    """A calendar day `YYYY-MM-DD`."""
    if not isinstance(value, str) or not is_day(value):
        raise ProtocolError("bad_day", name)


def list_of(check, limit: int):
    """A check for a list of at most `limit` items that each pass `check`."""

    def check_list(value, name):
        if not isinstance(value, list):
            raise ProtocolError("not_list", name)
        if len(value) > limit:
            raise ProtocolError("too_many", name)
        for item in value:
            check(item, name)

    return check_list


def table(rows):
    """A check for an object described by a field table; unknown members stay, they belong to a newer release."""

    def check(value, name):
        check_table(value, rows, name)

    return check


def mapping(check, limit: int):
    """A check for an object of at most `limit` members: keys are words, values pass `check`."""

    def check_mapping(value, name):
        if not isinstance(value, dict):
            raise ProtocolError("not_object", name)
        if len(value) > limit:
            raise ProtocolError("too_many", name)
        for key, item in value.items():
            word(key, name)
            check(item, name)

    return check_mapping


def check_table(value, rows, name: str) -> None:
    """Check object `value` against field table `rows`; `name` is the object's own name, for the error."""
    if not isinstance(value, dict):
        raise ProtocolError("not_object", name)
    for field, check, required in rows:
        if field in value:
            check(value[field], field)
        elif required:
            raise ProtocolError("missing", field)


def _digits(value: str) -> bool:
    return bool(value) and not value.strip(_DIGITS)


def digits(value: str, *lengths: int) -> bool:
    """Is `value` only ASCII digits, of one of the given lengths (any length when none is given)?"""
    return _digits(value) and (not lengths or len(value) in lengths)


def is_day(value: str) -> bool:
    """Is `value` a real day of the Gregorian calendar written `YYYY-MM-DD`, from MIN_YEAR on?"""
    if len(value) != 10 or value[4] != "-" or value[7] != "-":
        return False
    year, month, number = value[:4], value[5:7], value[8:]
    if not (_digits(year) and _digits(month) and _digits(number)):
        return False
    if int(year) < MIN_YEAR or not 1 <= int(month) <= 12:
        return False
    return 1 <= int(number) <= _month_length(int(year), int(month))


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
