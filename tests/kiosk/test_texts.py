"""What the centre says in the place of the kiosk's own words: on its screens, on paper, and never so that a page breaks."""

import json
from pathlib import Path

import pytest
from PIL import Image

from kiosk import reflists, slip
from kiosk.errors import BadList
from kiosk.screens import words
from kiosk.screens.pages import create_screens
from kiosk.slip_picture import render_dose_slip
from protocol import texts
from server import reference
from tests.kiosk.made import LISTS, Made
from tests.kiosk.screens.sample_texts import LONGEST
from tests.kiosk.screens.sample_views import VIEWS
from tests.kiosk.screens.shown_desk import ShownDesk
from tests.kiosk.test_slip import ONE, SITE
from tests.kiosk.test_slip import words as dose_words

GOLDEN = Path(__file__).with_name("golden") / "dose_58.png"
SAID = [
    {"name": "welcome", "lang": "vi", "text": "Xin mời đưa thẻ căn cước."},
    {"name": "hotline", "lang": "vi", "text": "1022"},
    {"name": "stay", "lang": "vi", "text": "Không có chỗ cho giờ."},
    {"name": "wait", "lang": "vi", "text": "<b>Mời ngồi</b>"},
    {"name": "of_a_later_release", "lang": "vi", "text": "x"},
]


def body(items):
    return json.dumps({"items": items}).encode()


@pytest.fixture
def made(tmp_path: Path):
    one = Made(tmp_path, {**LISTS, "texts": {"items": SAID}, "site": {**LISTS["site"], "hotline": ""}})
    yield one
    one.close()


def test_a_kiosk_says_what_is_well_said_and_passes_over_the_rest(made: Made):
    view = made.touch.view()
    assert view["texts"] == {"vi": {"welcome": "Xin mời đưa thẻ căn cước.", "hotline": "1022"}}
    # A site without a hotline has the centre's.
    assert view["site"]["hotline"] == "1022"
    page = create_screens(desk=made.touch).test_client().get("/", base_url="http://127.0.0.1").get_data(as_text=True)
    assert "Xin mời đưa thẻ căn cước." in page
    assert "Mời đưa mã QR trên thẻ căn cước vào khung hình." not in page
    assert "1022" in page


def test_its_age_stands_with_the_other_lists(made: Made):
    told = [one["values"] for one in made.act("status")["data"]["tiles"] if one["what"] == "list"]
    assert [one["list"] for one in told][-1] == "texts"


def test_a_list_that_is_none_is_not_taken():
    reflists._check_body("texts", body(SAID))
    with pytest.raises(BadList):
        reflists._check_body("texts", body([{"name": "welcome", "text": "x"}]))


def page_of(view, lang="vi"):
    desk = ShownDesk()
    desk.shown = view
    client = create_screens(desk=desk).test_client()
    client.set_cookie("lang", lang, domain="127.0.0.1")
    return client.get("/", base_url="http://127.0.0.1").get_data(as_text=True)


def test_whatever_came_is_written_as_words_and_the_hour_stands_out():
    told = {"vi": {"stay": "<script>{until}</script> & {until}"}}
    page = page_of({**VIEWS["dosed"], "texts": told})
    assert "&lt;script&gt;<b>10:12</b>&lt;/script&gt; &amp; <b>10:12</b>" in page
    # The other language has none: it speaks for itself.
    assert "Please stay until <b>10:12</b>" in page_of({**VIEWS["dosed"], "texts": told}, "en")


def test_paper_says_it_too_and_each_language_falls_back_alone():
    told = {"vi": {"wait": "Xin ngồi ghế xanh.", "aftercare": "Có sốt gọi 115.", "check": "Xem tại {portal} nhé."}}
    said = dose_words(told=told)
    assert said.foot == (
        ("Xem tại https://tra-cuu.example nhé.", "Check or complain there."),
        ("Có sốt gọi 115.", "Watch your health for 28 days. Emergency: 115."),
    )
    ticket = slip.ticket_words(ONE, SITE, before=0, minutes=0, copy=1, demo=False, told=told)
    assert ticket.foot == (("Xin ngồi ghế xanh.", "Please take a seat; we will call your number."),)


def test_the_longest_texts_are_drawn_whole_on_the_narrow_paper():
    with Image.open(GOLDEN) as usual:
        width, height = usual.size
    long = render_dose_slip(dose_words(told=LONGEST), width_dots=width)
    assert 0.9 * height < long.size[1] < 1.5 * height


def test_the_campaigns_words_are_the_kiosks_own_and_pass_the_rule():
    """So that a kiosk that has no list yet says the same as one that has."""
    own = words.load_words()["vi"].gettext
    said = {(row["name"], row["lang"]): row["text"] for row in reference.read_data("texts")["texts"]}
    for (name, lang), text in said.items():
        texts.check(text, name, lang)
    for name, english in {
        "welcome": "Hold the QR code of your ID card in the frame.",
        "consent": "After hearing about benefit and risk, this person:",
        "consent_guardian": "After hearing about benefit and risk, the parent or guardian:",
        "stay": "Please stay until <b>%(until)s</b>. If you feel unwell, tell staff at once.",
    }.items():
        plain = [one.replace("<b>%(until)s</b>", "{until}") for one in (own(english), english)]
        assert plain == [said[name, "vi"], said[name, "en"]]
    slips = dose_words().foot, slip.ticket_words(ONE, SITE, before=0, minutes=0, copy=1, demo=False).foot
    told = {lang: {n: text for (n, of), text in said.items() if of == lang} for lang in ("vi", "en")}
    assert slips == (
        dose_words(told=told).foot,
        slip.ticket_words(ONE, SITE, before=0, minutes=0, copy=1, demo=False, told=told).foot,
    )
    assert set(LONGEST["vi"]) == set(texts.NAMES)
