"""The touchscreen's routes: who may use them, what they hand to the desk, and whom they do not let in."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.desk.acts import ACTS as DESK_ACTS
from kiosk.screens import pages as screen_pages
from kiosk.screens.access import CITIZEN, DEMO, MODES, STAFF
from kiosk.screens.acts import ACTS
from kiosk.screens.pages import SCREENS, create_screens
from tests.kiosk.screens.sample_views import VIEWS
from tests.kiosk.screens.shown_desk import ShownBench, ShownDesk

TEMPLATES = Path(screen_pages.__file__).parent / "templates"
# A kiosk just started: nobody has looked at it, and it may open no file any more. `idna` is the test's client's.
JUST_STARTED = """
import encodings.idna, os, resource
from pathlib import Path
from kiosk.screens.pages import create_screens
from tests.kiosk.screens.shown_desk import ShownDesk
client = create_screens(desk=ShownDesk("dosing")).test_client()
free = os.open(os.devnull, os.O_RDONLY)
os.close(free)
resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))
try:
    Path(os.devnull).read_bytes()
except OSError as error:
    print(error.errno)
for path, shown in (("/nowhere", 'class="lost"'), ("/", 'data-screen="dosing"')):
    answer = client.get(path, base_url="http://127.0.0.1")
    print(answer.status_code, shown in answer.text)
"""


def test_every_route_says_who_may_use_it():
    app = create_screens(desk=ShownDesk(), bench=ShownBench(), demo=True)
    modes = app.extensions[MODES]
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(modes)
    assert set(modes.values()) <= {CITIZEN, STAFF, DEMO}


def test_every_act_of_the_desk_has_a_route():
    offered = {act for acts in DESK_ACTS.values() for act in acts}
    assert offered - set(ACTS) == set()


def test_every_screen_has_a_sample_and_the_desk_knows_it():
    assert {view["screen"] for view in VIEWS.values()} == set(SCREENS) == set(DESK_ACTS)


def test_the_way_on_stands_before_the_way_back():
    """A row runs from right to left: who knows one page's big button at the right finds it there on every page."""
    pages = {page.name: page.read_text("utf-8") for page in TEMPLATES.glob("*.html")}
    rows = {
        name: text.partition("{% block actions %}")[2].partition("{% endblock %}")[0] for name, text in pages.items()
    }
    backward = {
        name for name, row in rows.items() if '"primary"' in row and "secondary" in row.partition('"primary"')[0]
    }
    assert len(pages) > 40
    # Its "Again" is no longer the way on once the drill has passed.
    assert backward <= {"opening_drill.html"}


def test_a_screen_is_shown_though_no_file_can_be_opened_any_more():
    """Found by true processes (seeds 7010, 8205): no template was used yet, nor what makes one; an error's page is one too."""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", JUST_STARTED], check=False, capture_output=True, text=True, cwd=root)
    assert done.stdout.splitlines() == ["24", "404 True", "200 True"], done.stderr[-600:]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", VIEWS)
def test_screen_renders(client, desk, name, lang):
    desk.show(name)
    client.set_cookie("lang", lang, domain="127.0.0.1")
    answer = client.get("/", base_url="http://127.0.0.1")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert f'<html lang="{lang}"' in page
    assert f'data-screen="{desk.shown["screen"]}"' in page
    assert page.count('name="token" value="t-1"') >= 1
    assert ("DEMO" in page) == desk.shown["demo"]


def test_an_act_is_handed_over_once_with_its_token_and_answers_303(client, desk):
    answer = client.post("/act/typed", data={"token": "t-1", "name": "Lê Văn Đậu", "sex": "M"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert desk.acts == [("typed", {"name": "Lê Văn Đậu", "sex": "M"}, "t-1")]


def test_chosen_symptoms_are_a_list_even_when_there_is_one(client, desk):
    desk.show("reaction")
    client.post("/act/report", data={"token": "t-1", "severity": "common", "symptoms": ["fever"]})
    assert desk.acts[0][1] == {"severity": "common", "symptoms": ["fever"]}


@pytest.mark.parametrize("act", [act for act, mode in ACTS.items() if mode == STAFF])
def test_staff_acts_do_nothing_when_nobody_is_signed_in(client, desk, act):
    assert client.post(f"/act/{act}", data={"token": "t-1"}).status_code == 303
    assert desk.acts == []


def test_pulse_tells_the_version(client, desk):
    desk.show("queue_reception")
    assert client.get("/pulse?seen=7").get_json() == {"version": 8}


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.7:8080", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_refused(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:9"])
def test_a_foreign_page_cannot_act(client, desk, origin):
    assert client.post("/act/no_code", headers={"Origin": origin}).status_code == 403
    assert desk.acts == []


def test_pages_load_nothing_from_elsewhere_and_run_no_inline_script(client):
    answer = client.get("/")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    page = answer.get_data(as_text=True)
    assert "style=" not in page
    assert "onclick" not in page
    assert "://" not in page
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_page_is_a_sentence_with_a_way_back(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Về màn hình" in answer.get_data(as_text=True)


def test_language_size_and_contrast_are_remembered(client):
    for path in ("/lang/en", "/size/large", "/contrast/high"):
        assert client.post(path).status_code == 303
    page = client.get("/").get_data(as_text=True)
    assert '<html lang="en" data-size="large" data-contrast="high">' in page
    assert client.post("/lang/xx").status_code == 404


def test_files_and_typefaces_are_served_and_nothing_above_them(client):
    for path, status in (
        ("/static/kiosk.css", 200),
        ("/fonts/BeVietnamPro-Regular.ttf", 200),
        ("/static/../pages.py", 404),
    ):
        with client.get(path) as answer:
            assert answer.status_code == status


def test_a_name_on_a_card_cannot_carry_markup(client, desk):
    desk.shown = {**VIEWS["confirm"], "data": {**VIEWS["confirm"]["data"], "name": "<script>alert(1)</script>"}}
    assert "<script>alert" not in client.get("/").get_data(as_text=True)
