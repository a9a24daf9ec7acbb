"""The order in which Vietnamese readers look words up: a ă â b c d đ …, tones only among words that are else alike. Pure."""

import re
import unicodedata

# The marks that make another letter, in the alphabet's order: none, breve, circumflex, horn.
_LETTERS = {"\u0306": 1, "\u0302": 2, "\u031b": 3}
# The tones in the order of the dictionaries: level, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_DIGITS = re.compile(r"(\d+)")
Key = tuple[tuple[tuple[int, int, int], ...], tuple[int, ...]]


def key(text: str) -> Key:
    """What a text is sorted by: its letters, numbers in it by their size, then its tones. Case does not count."""
    letters: list[tuple[int, int, int]] = []
    tones: list[int] = []
    for part in _DIGITS.split(text.casefold()):
        if part.isdecimal():
            letters.append((0, int(part), 0))
            tones.append(0)
            continue
        for char in unicodedata.normalize("NFD", part):
            if char in _LETTERS and letters:
                letters[-1] = (letters[-1][0], letters[-1][1], _LETTERS[char])
            elif char in _TONES and tones:
                tones[-1] = _TONES[char]
            elif char == "đ":
                letters.append((1, ord("d"), 1))
                tones.append(0)
            elif not unicodedata.combining(char):
                letters.append((1, ord(char), 0))
                tones.append(0)
    return tuple(letters), tuple(tones)


def name_key(name: str) -> tuple[Key, Key]:
    """A person's name by the given name, which stands last, then by the whole."""
    return key(name.rpartition(" ")[2]), key(name)
