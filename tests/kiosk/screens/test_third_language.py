"""A third language is one more catalogue in a folder: every screen speaks it, the button offers it, gaps fall back to English."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages import pofile

from kiosk.screens.pages import create_screens
from kiosk.screens.words import FOLDER, languages, load_words
from tests.kiosk.screens.sample_views import VIEWS
from tests.kiosk.screens.shown_desk import ShownDesk

MISSING = "Welcome."


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vietnamese, and a made-up language that puts every English sentence into brackets; one sentence is not translated."""
    folder = tmp_path_factory.mktemp("words")
    shutil.copy(FOLDER / "vi.po", folder)
    with (FOLDER / "vi.po").open("rb") as source:
        catalog = pofile.read_po(source, locale="vi")
    lines = ['msgid ""', 'msgstr ""', '"Content-Type: text/plain; charset=UTF-8\\n"', '"Language: xx\\n"']
    lines.append('"X-Language-Name: Tiếng Bịa\\n"\n')
    lines += [
        f'msgid "{message.id}"\nmsgstr "⟦{message.id}⟧"\n'
        for message in catalog
        if message.id and message.id != MISSING
    ]
    (folder / "xx.po").write_text("\n".join(lines), "utf-8")
    return folder


def test_a_catalogue_is_a_language(catalogues: Path):
    assert languages(catalogues) == {"vi": "Tiếng Việt", "en": "English", "xx": "Tiếng Bịa"}
    assert set(load_words(catalogues)) == {"vi", "en", "xx"}
    assert list(languages()) == ["vi", "en"]


def test_every_screen_speaks_it(catalogues: Path):
    """Nothing of a template is left in English but what the catalogue lacks; nothing fails for want of a word."""
    desk = ShownDesk()
    client = create_screens(desk=desk, catalogues=catalogues).test_client()
    assert client.post("/lang/xx").status_code == 303
    for name in VIEWS:
        desk.show(name)
        page = client.get("/").get_data(as_text=True)
        assert '<html lang="xx"' in page, name
        assert "⟦Help⟧" in page, name
        headline = re.search(r"<h1[^>]*>\s*([^<]+?)\s*</h1>", page)
        if headline and name not in ("welcome", "confirm", "confirm_warned") and "{" not in headline[1]:
            assert "⟦" in headline[1] or MISSING in headline[1] or name.startswith("welcome"), (name, headline[1])
    desk.show("welcome")
    page = client.get("/").get_data(as_text=True)
    assert f"<h1>{MISSING}</h1>" in page


def test_three_languages_stand_behind_one_button(catalogues: Path):
    page = create_screens(desk=ShownDesk(), catalogues=catalogues).test_client().get("/").get_data(as_text=True)
    assert 'popovertarget="languages"' in page
    for code, name in languages(catalogues).items():
        assert f'action="/lang/{code}"' in page
        assert f"<span>{name}</span>" in page
    page = create_screens(desk=ShownDesk()).test_client().get("/").get_data(as_text=True)
    assert 'popovertarget="languages"' not in page
    assert page.count('action="/lang/') == 2
