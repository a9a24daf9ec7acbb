"""Names, texts and places full of naughty strings on every screen: the page keeps its shape, the strings stand in it as words."""

from html.parser import HTMLParser

from tests.kiosk.screens.sample_views import VIEWS
from tests.server.naughty.strings import CHOSEN

# What people and the centre write; all else on a view is a word of ours, a number or a code.
FREE = {
    "name",
    "vaccine_name",
    "lot",
    "text",
    "hotline",
    "desk",
    "at_desk",
    "initials",
    "reason",
    "vi",
    "en",
    "signs_vi",
    "signs_en",
}
NAUGHTY = " ".join(text for text in CHOSEN if text.isprintable() and len(text) < 100)


class Shape(HTMLParser):
    """The tags of a page with the names of their attributes, and all of its words."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.words = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.words += [value or "" for _, value in attrs]

    def handle_comment(self, data):
        self.tags.append(("comment", data[:40]))

    def handle_data(self, data):
        self.words.append(data)


def said(value, text, key=""):
    """The same view with `text` wherever somebody may have written."""
    if isinstance(value, dict):
        return {name: said(one, text, name) for name, one in value.items()}
    if isinstance(value, list):
        return [said(one, text, key) for one in value]
    # A step of the drill is called by a word of ours.
    ours = not isinstance(value, str) or not value or (value.isascii() and value.islower())
    return value if ours or key not in FREE else text


def test_no_screen_takes_words_for_markup(client, desk):
    for name, view in VIEWS.items():
        pages = []
        for text in ("An", NAUGHTY):
            desk.shown = said(view, text)
            pages.append(Shape(client.get("/", base_url="http://127.0.0.1").get_data(as_text=True)))
        plain, naughty = pages
        assert naughty.tags == plain.tags, name
        assert NAUGHTY in " ".join(naughty.words) or said(view, "x") == view, name
