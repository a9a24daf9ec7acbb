"""What the touchscreen's pages and the wall display share: words in templates, static files, the typeface."""

import gettext
import hashlib
from pathlib import Path

from flask import Flask, current_app, g, send_from_directory
from jinja2 import DictLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from werkzeug.wrappers import Response

from kiosk.screens.access import CITIZEN, register
from kiosk.screens.levers import LEVERS
from kiosk.screens.preferences import LANGUAGES, preferences
from kiosk.screens.sentences import PRINTINGS, TABLES, field_problem, rule_sentence, source_word
from kiosk.screens.shown import FILTERS
from kiosk.screens.status_words import tile_words
from kiosk.screens.words import FOLDER, languages, load_words
from protocol import texts

FONT_FOLDER = Path(__file__).parent.parent / "fonts"
STATIC_FOLDER = Path(__file__).with_name("static")
TEMPLATE_FOLDER = Path(__file__).with_name("templates")
YEAR_S = 31_536_000
VERSION = "static_version"


def version_of(folder: Path = STATIC_FOLDER) -> str:
    """A short digest of all files, for their addresses: after an upgrade they have others."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]


def static_file(name: str, version: str = "") -> Response:
    """A style sheet, script or picture of the screens.

    Under the present `version` the browser keeps it and never asks again: a touch costs one request, not a dozen.
    """
    is_present = version == current_app.extensions[VERSION]
    answer = send_from_directory(STATIC_FOLDER, name, max_age=YEAR_S if is_present else 0)
    answer.cache_control.immutable = is_present
    return answer


def add_files(app: Flask) -> None:
    """The addresses of styles, scripts, pictures and typefaces; templates know them as `STATIC`.

    Templates are read here and now, and one is made: a program that may open no file any more shows its screens all the same.
    """
    app.jinja_loader = DictLoader(
        {path.name: path.read_text("utf-8") for path in TEMPLATE_FOLDER.iterdir() if path.is_file()}
    )
    version = app.extensions[VERSION] = version_of()
    app.jinja_env.globals["STATIC"] = f"/static/{version}"
    # Making the first page imports what only the making needs; and the page of an error is ready when it is wanted.
    app.jinja_env.get_template("error.html")
    register(app, "GET", "/static/<name>", CITIZEN, static_file, endpoint="static")
    register(app, "GET", "/static/<version>/<name>", CITIZEN, static_file, endpoint="static_version")
    register(app, "GET", "/fonts/<name>", CITIZEN, font, endpoint="font")


def font(name: str) -> Response:
    """A vendored typeface."""
    return send_from_directory(FONT_FOLDER, name, max_age=86400)


def _translated(text: str) -> str:
    words: gettext.NullTranslations = g.words
    return words.gettext(text)


def _counted(one: str, many: str, count: int) -> str:
    words: gettext.NullTranslations = g.words
    return words.ngettext(one, many, count)


@pass_context
def _told(context: Context, name: str) -> str:
    """What the centre says in the place of our own words, in the reader's language; nothing where it says nothing."""
    said: str = context["view"].get("texts", {}).get(g.preferences.lang, {}).get(name, "")
    return said


def install_words(app: Flask, catalogues: Path = FOLDER) -> None:
    """Templates that speak the reader's language, with the filters of the house. `catalogues`: the `.po` files."""
    words = load_words(catalogues)
    names = app.extensions[LANGUAGES] = languages(catalogues)

    def choose() -> None:
        g.preferences = preferences()
        g.words = words[g.preferences.lang]

    app.before_request(choose)
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined] # added by the extension above
        _translated, _counted, newstyle=True
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update(FILTERS)
    environment.filters["word"] = lambda code, table: g.words.gettext(TABLES[table].get(code, str(code)))
    environment.filters["lever_word"] = lambda code: g.words.gettext(LEVERS.get(code, code))
    environment.filters["rule_sentence"] = lambda finding: rule_sentence(finding, g.words)
    environment.filters["tile_words"] = lambda tile: tile_words(tile, g.words)
    environment.filters["source_word"] = lambda finding: source_word(finding, g.words)
    environment.filters["field_problem"] = lambda code, problem: field_problem(code, problem, g.words)
    environment.globals["PRINTINGS"] = PRINTINGS
    environment.globals["LANGUAGES"] = names
    environment.globals["told"] = _told
    environment.filters["pieces"] = texts.pieces
