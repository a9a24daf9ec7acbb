"""The texts of the pages in every language: gettext catalogues read from `words/*.po` at start, held in memory.

A message's key is its English sentence. Vietnamese is the default; `?lang=en` or the cookie switches.
"""

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import current_app, g, has_request_context, request

from server.pages import cookies

FOLDER = Path(__file__).with_name("words")
DEFAULT = "vi"
# A language's own name, so that its speakers find it.
LANGUAGES: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "lang"
COOKIE_AGE_S = 365 * 86400
EXTENSION = "tram_words"


class Words:
    """Catalogues by language code. English needs none: its sentences are the keys."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._by_language: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
        for path in sorted(folder.glob("*.po")):
            self._by_language[path.stem] = _read(path)

    def in_language(self, code: str) -> gettext.NullTranslations:
        """The catalogue of a language; of the default one when there is none."""
        return self._by_language.get(code) or self._by_language[DEFAULT]


def mark(sentence: str) -> str:
    """Mark a sentence for translation where it stands in a table; the page that shows it calls `tr`."""
    return sentence


def tr(sentence: str, **values: object) -> str:
    """The sentence in the reader's language, with `%(name)s` filled in."""
    text = catalogue().gettext(sentence)
    return text % values if values else text


def language() -> str:
    """The language of the current request."""
    if not has_request_context():
        return DEFAULT
    if "lang" not in g:
        asked = request.args.get("lang") or cookies.said(COOKIE) or DEFAULT
        g.lang = asked if asked in LANGUAGES else DEFAULT
    return str(g.lang)


def catalogue() -> gettext.NullTranslations:
    """The catalogue of the current request's language."""
    words: Words = current_app.extensions[EXTENSION]
    return words.in_language(language())


@cache
def _read(path: Path) -> gettext.GNUTranslations:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.stem)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
