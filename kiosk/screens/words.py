"""The languages of the screens: reads words/*.po at start and translates from memory. Decides no wording itself."""

import gettext
import io
from pathlib import Path

from babel.messages import mofile, pofile

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = "vi"
FOLDER = Path(__file__).with_name("words")


def load_words(folder: Path = FOLDER) -> dict[str, gettext.NullTranslations]:
    """Language to its translations. The msgids are the English texts, so English needs no file."""
    words: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as source:
            catalog = pofile.read_po(source, locale=path.stem)
        # gettext reads only compiled catalogs; compiling in memory keeps built files out of the repository.
        compiled = io.BytesIO()
        mofile.write_mo(compiled, catalog)
        compiled.seek(0)
        words[path.stem] = gettext.GNUTranslations(compiled)
    return words
