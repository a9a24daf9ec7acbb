"""Every sentence the pages say stands in the Vietnamese catalogue, translated; English are the keys themselves."""

import re

from babel.messages.pofile import read_po

from server.pages import words
from tests.server import sentences

HOLES = re.compile(r"%\((\w+)\)s")


def catalogue():
    with (words.FOLDER / "vi.po").open("rb") as source:
        return {message.id: message.string for message in read_po(source) if message.id}


def test_no_sentence_is_missing_and_none_is_left_over():
    said = sentences.of_templates() | sentences.of_code()
    assert len(said) > 300
    assert sorted(said - set(catalogue())) == []
    assert sorted(set(catalogue()) - said) == []


def test_every_translation_is_there_with_the_same_holes():
    for key, text in catalogue().items():
        assert text.strip(), key
        assert sorted(HOLES.findall(key)) == sorted(HOLES.findall(text)), key


def test_no_template_speaks_past_the_catalogue():
    """Vietnamese letters stand in the catalogue, not in a template or in the code of a page."""
    marked = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
    allowed = {"words.py", "shown.py", "collating.py"}  # a language's own name; examples in docstrings; an alphabet
    for path in [*sentences.PAGES.rglob("*.html"), *sentences.PAGES.rglob("*.py")]:
        text = re.sub(r"Trạm", "", path.read_text("utf-8"))
        assert path.name in allowed or not marked.search(text), path.name
