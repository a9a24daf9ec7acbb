"""The languages of the screens: reads words/*.po at start and translates from memory. Decides no wording itself."""

import gettext
import io
from functools import lru_cache
from pathlib import Path

from babel.messages import mofile, pofile

DEFAULT_LANGUAGE = "vi"
# A catalogue's header line with the language's own name; Babel drops headers that it does not know.
NAMED = '"X-Language-Name: '
FOLDER = Path(__file__).with_name("words")


def languages(folder: Path = FOLDER) -> dict[str, str]:
    """Code to the language's own name, in the order of the buttons. One more catalogue in `folder` is one more language.

    A catalogue says its name in its header `X-Language-Name`; without it its code stands.
    """
    found = {"vi": "Tiếng Việt", "en": "English"}
    for path in sorted(folder.glob("*.po")):
        if path.stem not in found:
            said = [line for line in path.read_text("utf-8").splitlines() if line.startswith(NAMED)]
            found[path.stem] = said[0].removeprefix(NAMED).removesuffix('\\n"') if said else path.stem.upper()
    return found


def load_words(folder: Path = FOLDER) -> dict[str, gettext.NullTranslations]:
    """Language to its translations. The msgids are the English texts, so English needs no file."""
    words: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
    for path in sorted(folder.glob("*.po")):
        words[path.stem] = _read(path, path.stat().st_mtime_ns)
    return words


@lru_cache(maxsize=8)
def _read(path: Path, _written_ns: int) -> gettext.GNUTranslations:
    with path.open("rb") as source:
        catalog = pofile.read_po(source, locale=path.stem)
    # gettext reads only compiled catalogs; compiling in memory keeps built files out of the repository.
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
