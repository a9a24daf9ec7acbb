"""Every sentence of the screens exists in Vietnamese, keeps its parameters, and every code has its sentence."""

import gettext
import re
from pathlib import Path

import pytest
from babel.messages import pofile
from jinja2.ext import babel_extract

from kiosk.desk.acts import ACTS as DESK_ACTS
from kiosk.screens import pages, words
from kiosk.screens.sentences import CONCLUSIONS, NOTICES, STATES, STATIONS, TABLES, rule_sentence, sentence
from kiosk.signin import STATIONS_OF
from protocol import records, visit

TEMPLATES = Path(pages.__file__).with_name("templates")
KIOSK = Path(pages.__file__).parent.parent
OPTIONS = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}
PARAMETER = re.compile(r"%\(\w+\)s")


def texts_of_templates():
    found = set()
    for path in sorted(TEMPLATES.glob("*.html")):
        with path.open("rb") as source:
            for _line, _function, message, _comments in babel_extract(source, ("_", "gettext"), (), OPTIONS):
                found.add(message if isinstance(message, str) else message[0])
    return found


def texts_of_tables():
    return {text for table in TABLES.values() for text in table.values()}


@pytest.fixture(scope="module")
def vietnamese():
    return words.load_words()["vi"]


CATALOGUES = sorted(path.stem for path in words.FOLDER.glob("*.po"))


def catalog(language="vi"):
    with (words.FOLDER / f"{language}.po").open("rb") as source:
        return pofile.read_po(source, locale=language)


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_is_translated_and_no_translation_is_left_over(language):
    wanted = texts_of_templates() | texts_of_tables()
    held = {message.id for message in catalog(language) if message.id and message.string}
    assert wanted - held == set()
    assert held - wanted == set()


def test_translations_keep_their_parameters_and_are_composed():
    for message in catalog():
        if message.id:
            assert set(PARAMETER.findall(message.string)) == set(PARAMETER.findall(message.id)), message.id
            assert not re.search("[\u0300-\u036f]", message.string), message.id


def test_every_code_of_the_house_has_words():
    assert set(STATES) >= set(visit.TABLE) - {visit.NEW}
    assert set(CONCLUSIONS) == set(records.CONCLUSIONS)
    assert set(STATIONS) == set(records.STATIONS)
    assert set(TABLES["roles"]) >= set(STATIONS_OF)
    assert set(pages.SCREENS) == set(DESK_ACTS)


def test_every_notice_in_the_kiosk_has_a_sentence():
    said = set()
    for path in [*KIOSK.glob("*.py"), *(KIOSK / "desk").glob("*.py")]:
        said |= set(re.findall(r'(?:Notice|say)\(\s*"([a-z_]+)"', path.read_text("utf-8")))
    assert said - set(NOTICES) == set()


@pytest.mark.parametrize("code", NOTICES)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_notice_without_its_parameters_is_still_a_sentence(code, lang):
    assert sentence({"code": code, "params": {}}, {}, words.load_words()[lang]).strip()


def test_a_rule_names_itself(vietnamese):
    finding = {"rule": "interval", "numbers": {"need": 28, "left": 5, "dose_no": 1}}
    assert rule_sentence(finding, vietnamese) == "Chưa đủ 28 ngày từ mũi 1 (còn 5 ngày)"


def test_an_item_of_the_form_is_named_by_its_own_text(vietnamese):
    data = {"data": {"form": {"items": [{"code": "ALLERGY_ANY", "vi": "Dị ứng", "en": "Any allergy"}], "vitals": []}}}
    notice = {"code": "missing_answer", "params": {"field": "ALLERGY_ANY"}}
    assert sentence(notice, data, vietnamese) == "Chưa trả lời: Dị ứng."
    assert sentence(notice, data, gettext.NullTranslations()) == "Not answered yet: Any allergy."
