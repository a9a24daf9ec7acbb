"""The wall display: tickets and desks of the whole site, the same after a restart, nobody's name, nothing to change."""

import json
import urllib.error
import urllib.request

import pytest

from kiosk.config import addresses
from kiosk.errors import BadSetting
from kiosk.screens.access import MODES
from kiosk.screens.wall import create_wall
from tests.kiosk.made import CARD, OTHER_CARD, PIN, Made
from tests.kiosk.whole import Whole


@pytest.fixture
def made(tmp_path):
    one = Made(tmp_path)
    yield one
    one.close()


def called(made):
    return [(one["ticket"], one["desk"], one["station"], one["fresh"]) for one in made.touch.wall()["called"]]


def test_who_is_called_stands_on_the_wall_until_the_next_step(made):
    made.check_in(CARD)
    made.check_in(OTHER_CARD)
    assert (called(made), made.touch.wall()["next"]) == ([], ["A-001", "A-002"])
    made.sign_in("1002")
    made.act("call_next")
    assert called(made) == [("A-001", "A", "screening", True)]
    made.clock.pass_s(90)
    made.desk.front.changed()
    assert called(made) == [("A-001", "A", "screening", False)]
    made.act("absent")
    assert (called(made), made.touch.wall()["next"]) == ([], ["A-002"])


def test_the_newest_call_stands_first_and_old_ones_go(made):
    for card in (CARD, OTHER_CARD):
        made.check_in(card)
        made.screen()
    made.sign_in("1003", "injection")
    for _person in range(2):
        made.clock.pass_s(60)
        made.act("call_next")
        made.act("back")
        made.act("call", visit=made.touch.view()["data"]["people"][-1]["visit"])
        made.act("back")
    assert {ticket for ticket, *_rest in called(made)} == {"A-001", "A-002"}
    made.clock.pass_s(16 * 60)
    made.desk.front.changed()
    assert called(made) == []


def test_a_restart_shows_the_same(made):
    """K2: the numbers come from the disk."""
    made.check_in(CARD)
    made.sign_in("1002")
    made.act("call_next")
    before = called(made)
    made.restart()
    assert called(made) == before == [("A-001", "A", "screening", True)]


def test_the_wall_names_nobody(made):
    made.check_in(CARD)
    made.check_in(OTHER_CARD)
    made.sign_in("1002")
    made.act("call_next")
    told = json.dumps(made.touch.wall(), ensure_ascii=False)
    page = create_wall(hall=made.touch).test_client().get("/wall").get_data(as_text=True)
    assert "A-001" in page
    assert "→" in page
    for secret in ("Nguyễn", "Duyên", "1979", "2001", "0750", "1234", "0901", "Nhân viên", PIN, "v-"):
        assert secret not in told
        assert secret not in page


def test_many_walls_cost_the_desk_one_look(made):
    first = made.touch.wall()
    assert made.touch.wall() is first
    made.check_in(CARD)
    assert made.touch.wall() is not first


def test_every_route_only_reads(made):
    app = create_wall(hall=made.touch)
    rules = list(app.url_map.iter_rules())
    assert {rule.endpoint for rule in rules} == set(app.extensions[MODES])
    assert {method for rule in rules for method in rule.methods} == {"GET", "HEAD", "OPTIONS"}
    client = app.test_client()
    for path in ("/", "/wall", "/wall/pulse", "/static/wall.js", "/static/wall.css", "/fonts/BeVietnamPro-Bold.ttf"):
        answer = client.get(path, headers={"Host": "192.168.8.10:8090"})
        answer.close()
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False), path
    for path in ("/act/yes", "/bench", "/pulse", "/status.json", "/lang/en"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


def fetched(url):
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - this machine's own kiosk
        return answer.read().decode()


@pytest.mark.parametrize("text", ["8090", "192.168.8.10", "host:", ":80", "a:0x1", "a:70000"])
def test_a_wrong_address_is_named(text):
    with pytest.raises(BadSetting, match="wall"):
        addresses("wall", text)


def test_the_wall_is_on_the_address_of_the_settings_and_always_here(whole: Whole):
    """Without Internet: this kiosk alone serves it."""
    whole.settings["wall"] = "127.0.0.1:0"
    whole.start()
    whole.check_in()
    for url in (whole.kiosk.wall_url, whole.kiosk.url + "wall"):
        assert "A-001" in fetched(url)
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        fetched(whole.kiosk.wall_url + "status.json")
    refused.value.close()


def test_an_address_that_is_not_here_costs_the_wall_and_not_the_kiosk(whole: Whole):
    whole.settings["wall"] = "192.0.2.1:8090"
    whole.start()
    assert whole.kiosk.wall_url == ""
    assert "wall.js" in fetched(whole.kiosk.url + "wall")
