"""Single cells into the house's form: names, days, numbers, telephones. Pure; each reading gives a value and words.

A value is never guessed in silence: what could be meant otherwise carries a word of `words.ASKS`.
"""

import re
import unicodedata
from functools import lru_cache

from protocol import cccd, fields
from server.facts import fold_name

# Before a sign that a spreadsheet would take for the beginning of a formula our own exports write this one.
GUARD = "'"
# Spreadsheets fold the wide forms of these signs into the narrow ones.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
# What a number is written with, and what a spreadsheet leaves around it.
_GAPS = str.maketrans("", "", " .-'\u00a0\u2019")
_SEXES = {"nam": "M", "m": "M", "male": "M", "1": "M", "nu": "F", "f": "F", "female": "F", "0": "F", "2": "F"}
_YES = {"luu dong", "mobile", "x", "co", "yes", "1"}
# Letters of any script with the marks over and under them, and what stands between; it begins with a letter.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0e31-\u0e4e\u093e-\u094d]|[ .·’'\-])*")
FOLDED_SIGNS = 240
Said = tuple[str, tuple[str, ...]]


@lru_cache(maxsize=16384)
def folded(name_: str) -> str:
    """A name for comparing, remembered: each row asks for its own several times."""
    return fold_name(name_)[:FOLDED_SIGNS]


def plain(cell: str) -> str:
    """A cell without our own guard, in NFC, with single blanks."""
    if len(cell) > 1 and cell[0] == GUARD and cell[1] in FORMULA:
        cell = cell[1:]
    if cell.isascii():
        return " ".join(cell.split())
    if not cell.isprintable():
        # Bidirectional and zero-width marks make a name read as another one (fault F16); nobody typed them on purpose.
        cell = "".join(char for char in cell if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFC", " ".join(cell.split()))


def name(cell: str) -> Said:
    """A person's name: letters of any script, hyphens, apostrophes, points; all capitals become a name's capitals."""
    text = plain(cell)
    if not text:
        return "", ("name_missing",)
    if len(text) > fields.MAX_NAME or not _NAME.fullmatch(text):
        return "", ("name_bad",)
    if len(text) > 1 and (text == text.upper() or text == text.lower()) and text.lower() != text.upper():
        titled = " ".join(_titled(word) for word in text.split(" "))
        if titled != text:
            return titled, ("name_case",)
    return text, ()


def birth(cell: str, *, today: str) -> Said:
    """A day of birth `YYYY-MM-DD`, or a year where that is all there is."""
    text = plain(cell)
    if not text:
        return "", ("dob_missing",)
    if fields.digits(text, 4):
        return (text, ()) if str(fields.MIN_YEAR) <= text <= today[:4] else ("", ("dob_bad",))
    value, words = day(text)
    if not value:
        return "", ("dob_bad",)
    return (value, words) if value <= today else ("", ("dob_future",))


@lru_cache(maxsize=65536)
def day(text: str) -> Said:
    """A day as people and spreadsheets write it; empty where it is none. `day_turned`: month and day stood the other way."""
    text = text.partition(" ")[0] if ":" in text else text
    if fields.digits(text, 8):
        # 03101979, or 19791003.
        text = (
            f"{text[:2]}/{text[2:4]}/{text[4:]}"
            if text[4:6] in ("18", "19", "20")
            else f"{text[:4]}-{text[4:6]}-{text[6:]}"
        )
    parts = text.replace("-", "/").replace(".", "/").split("/")
    if len(parts) != 3 or not all(fields.digits(part) and len(part) <= 4 for part in parts):
        return "", ()
    if len(parts[0]) == 4:
        parts.reverse()
    number, month, year = (int(part) for part in parts)
    if len(parts[2]) != 4:
        return "", ()
    straight = f"{year:04d}-{month:02d}-{number:02d}"
    if fields.is_day(straight):
        return straight, ()
    turned = f"{year:04d}-{number:02d}-{month:02d}"
    return (turned, ("day_turned",)) if fields.is_day(turned) else ("", ())


def sex(cell: str) -> str:
    """M, F, or U where nothing is said that we know."""
    return _SEXES.get(fold_name(cell), "U") if cell else "U"


def number(cell: str) -> tuple[str, str, tuple[str, ...]]:
    """`(kind of paper, number, words)` of an identity number: 12 digits, 9 of the old card, or a passport's."""
    if not cell:
        return "none", "", ()
    text = plain(cell).translate(_GAPS).upper()
    if not text:
        return "none", "", ()
    if fields.digits(text):
        if len(text) in (12, 9):
            return ("cccd" if len(text) == 12 else "cmnd"), text, ()
        # A spreadsheet takes the number for a count and drops the zero before it.
        if len(text) in (11, 8):
            return ("cccd" if len(text) == 11 else "cmnd"), "0" + text, ("zero_added",)
        return "none", "", ("number_bad",)
    if "E+" in cell.upper():
        return "none", "", ("number_rounded",)
    if (
        text.isascii()
        and text.isalnum()
        and 6 <= len(text) <= 12
        and text[0].isalpha()
        and any(c.isdigit() for c in text)
    ):
        return "passport", text, ()
    return "none", "", ("number_bad",)


def health_no(cell: str) -> Said:
    """The number of a health-insurance card: 15 signs, or the 10 or 12 digits of later ones."""
    text = plain(cell).translate(_GAPS).upper() if cell else ""
    if not text or fields.digits(text, 10, 12) or (len(text) == 15 and text[:2].isalpha() and fields.digits(text[2:])):
        return (text, ()) if text.isascii() else ("", ("health_bad",))
    return "", ("health_bad",)


def phone(cell: str) -> Said:
    """Ten digits from 0, however they were typed; `phone_left_out` for what is no such number."""
    if not cell:
        return "", ()
    digits = "".join(char for char in cell if char in "0123456789")
    if digits.startswith("84") and len(digits) == 11:
        digits = "0" + digits[2:]
    # A spreadsheet drops the zero of a telephone too; without it no number begins, so nothing is guessed.
    if len(digits) == 9 and digits[0] != "0":
        digits = "0" + digits
    if len(digits) in (10, 11) and digits[0] == "0":
        return digits, ()
    return "", ("phone_left_out",) if plain(cell) else ()


def hotline(cell: str) -> Said:
    """A number to call at a place: also 1900 9095 and 0251 3822 965; kept as it is written."""
    text_ = plain(cell)
    digits = "".join(char for char in text_ if char in "0123456789")
    if not text_ or (4 <= len(digits) <= 12 and not text_.strip("+0123456789 .-()")):
        return text_.lstrip("+"), ()
    return "", ("phone_left_out",)


def slug(name_: str) -> str:
    """A name as a code: folded, small letters, digits and hyphens."""
    return "-".join("".join(char if char.isascii() and char.isalnum() else " " for char in fold_name(name_)).split())


def group(cell: str) -> tuple[int, tuple[str, ...]]:
    """A priority group, 1 to 16, by its number at the beginning (`9`, `09`, `Nhóm 9`, `9. Người trên 65 tuổi`); 0 for none."""
    text = fold_name(plain(cell)).removeprefix("nhom").strip()
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    if not text:
        return 0, ()
    return (int(digits), ()) if digits and len(digits) <= 2 and 1 <= int(digits) <= 16 else (0, ("group_bad",))


def text(cell: str, limit: int) -> Said:
    """Free text of at most `limit` characters, printable."""
    value = plain(cell)
    if len(value) > limit:
        return "", ("too_long",)
    if not value.isprintable():
        return "", ("signs_bad",)
    return value, ()


def yes(cell: str) -> bool:
    """Does a cell say that a site moves about?"""
    return fold_name(plain(cell)) in _YES


def warned(number_: str, dob: str, sex_: str) -> list[str]:
    """What a personal number and the rest of the row disagree on, as `cccd.number_warnings`."""
    return list(cccd.number_warnings(number_, dob, sex_))


def sex_of(number_: str) -> str:
    """The sex that a personal number of twelve digits tells (TT 59/2021/TT-BCA Đ.4)."""
    return "M" if int(number_[3]) % 2 == 0 else "F"


def _titled(word: str) -> str:
    return word[:1].upper() + word[1:].lower()
