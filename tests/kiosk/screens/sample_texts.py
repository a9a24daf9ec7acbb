"""Texts of the centre as long as they may be, of wide words, in both languages: what passes the rule must fit the page."""

from protocol import texts


def longest(name, lang):
    """A text of exactly the most characters, with its places."""
    begin = " ".join("{" + place + "}" for place in texts.places(name))
    room = texts.limit(name) - len(begin)
    told = begin + (" Mỗi nghiêng" if name != "hotline" else " 0909") * room
    told = told.strip()[: texts.limit(name)].rstrip()
    texts.check(told, name, lang)
    return told


LONGEST = {lang: {name: longest(name, lang) for name in texts.NAMES} for lang in ("vi", "en")}
