"""Lists too long for a menu: which entry is meant by a code, a name or a part of it. Pure but for the reader's language."""

import re
from collections.abc import Mapping, Sized

from server.facts import fold_name
from server.pages.words import tr

# A menu of more entries is more than a small screen scrolls through, and than an old phone loads: 10,000 sites are 800 kB.
MENU = 400
SHOWN = 6
# As our own pages write an entry that was picked: its name, its code in brackets.
_AT_THE_END = re.compile(r"\(([^()]+)\)\s*$")


def long(options: Sized) -> bool:
    """Is this list typed into and not chosen from?"""
    return len(options) > MENU


def pick(typed: str, options: Mapping[str, str]) -> tuple[str, str]:
    """`(code, "")` of the one entry that is meant; else `("", what to say)`."""
    found = fitting(typed, options)
    return (found[0], "") if len(found) == 1 else ("", _wrong(found, options))


def fitting(typed: str, options: Mapping[str, str]) -> list[str]:
    """The codes of the entries that are meant: by code, by the whole name, by all words of it, whatever comes first."""
    named = _AT_THE_END.search(typed)
    for code in (typed.strip(), named[1] if named else ""):
        if code in options:
            return [code]
    wanted = fold_name(typed)
    if not wanted:
        return []
    names = {code: fold_name(name) for code, name in options.items()}
    whole = [code for code, name in names.items() if name == wanted]
    words = wanted.split()
    return whole or [code for code, name in names.items() if all(word in name for word in words)]


def _wrong(codes: list[str], options: Mapping[str, str]) -> str:
    if not codes:
        return tr("Nothing in the list is called that. Please type a part of the name, or the code.")
    shown = "; ".join(f"{options[code]} ({code})" for code in codes[:SHOWN]) + ("; …" if len(codes) > SHOWN else "")
    return tr("Several fit. Please type the code in brackets: %(names)s", names=shown)
