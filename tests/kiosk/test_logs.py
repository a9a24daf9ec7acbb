"""F106, I20: a marked person goes through every flow, good and bad; no log of the kiosk names them."""

import logging
from pathlib import Path

import pytest

from kiosk.store import connect
from provisioning.hands import Hands
from provisioning.stage import Stage, free_port, url_answers, wait_until
from tests.kiosk.made import CARD, LISTS, PIN
from tests.kiosk.whole import EASY, WAIT_S, Whole

NAME, NUMBER, OLD, PHONE, ADDRESS = "Nguyễn Thị CANARY Ngọc", "075179004242", "271114242", "0904242424", "Ấp Chim Vàng"
MARKED = f"{NUMBER}|{OLD}|{NAME}|14041979|Nữ|{ADDRESS}|25062021"
# What would betray the person: their name, numbers, phone and address; a member of staff's PIN and badge.
MARKS = ("CANARY", "canary", NUMBER, OLD, PHONE, "Chim Vàng", PIN, "badge-1002")
LIST = {
    **LISTS,
    "appointments": {
        "items": [{**LISTS["appointments"]["items"][0], "person": "cccd:" + NUMBER, "name": NAME, "phone": PHONE}]
    },
}


def to_welcome(hands: Hands) -> None:
    page = hands.look()
    while page.screen != "welcome":
        act = {"ticket": "done", "confirm": "no", "sign_in": "back", "type_id": "back"}.get(page.screen, "sign_out")
        page = hands.touch(act)


def scan(hands: Hands, payload: str, screen: str = "confirm") -> None:
    hands.pull("scan", payload)
    assert hands.wait_for(screen).screen == screen


def road(hands: Hands) -> None:
    """Good and bad input on every screen, the person's own data in every field that takes text."""
    for bad in (MARKED.replace("CANARY", "CAN\x1bARY"), MARKED + "|" * 2100, MARKED[:12], NAME, "TRAM-BADGE:" + NUMBER):
        hands.pull("scan", bad)
    typed = {
        "name": NAME,
        "dob_day": "14",
        "dob_month": "4",
        "dob_year": "1979",
        "sex": "F",
        "doc_no": NUMBER,
        "phone": PHONE,
    }
    to_welcome(hands)
    hands.touch("no_code")
    hands.touch("typed", **{**typed, "doc_no": NUMBER + "x"})
    hands.touch("typed", **{**typed, "name": "CANARY", "phone": PHONE + "1"})
    assert hands.touch("typed", **typed).screen == "confirm"
    hands.touch("no")
    scan(hands, MARKED)
    hands.touch("yes", phone=PHONE)
    to_welcome(hands)
    scan(hands, MARKED)
    hands.touch("yes")
    to_welcome(hands)
    hands.touch("staff")
    hands.touch("sign_in", code=NUMBER, pin=PHONE)
    hands.touch("back")
    scan(hands, "TRAM-BADGE:badge-1002", "sign_in")
    hands.touch("sign_in", pin=PIN)
    hands.touch("call", visit=NUMBER)
    hands.touch("call_next")
    hands.touch("judge", **{**EASY, "vital.temperature": NUMBER})
    hands.touch("judge", **EASY)
    hands.touch("conclude", conclusion=NAME, reason=NAME)
    hands.touch("conclude", conclusion="caution", reason=NAME * 100)
    hands.touch("conclude", conclusion="caution", reason=NAME)
    dose_road(hands)


def dose_road(hands: Hands) -> None:
    """The second half: the lead at the injection table and at the board."""
    hands.touch("sign_out")
    hands.touch("staff")
    hands.touch("sign_in", code="1009", pin=PIN)
    hands.touch("station", station="injection")
    hands.touch("call_next")
    hands.touch("lot", lot=NUMBER)
    hands.touch("lot", lot="OLD003")
    hands.touch("confirm_dose", override_code="1009", override_pin=PHONE, reason=NAME)
    hands.touch("confirm_dose", override_code="1009", override_pin=PIN, reason=NAME * 100)
    assert hands.touch("confirm_dose", override_code="1009", override_pin=PIN, reason=NAME).screen == "dosed"
    hands.touch("undo")
    hands.touch("undo_dose", reason=NAME)
    hands.touch("call_next")
    hands.touch("lot", lot="PFZ002")
    hands.touch("confirm_dose", reason=NAME)
    hands.touch("next")
    visit = hands.touch("observation").visits[0]
    hands.touch("react", visit=visit)
    hands.touch("report", severity=NAME, symptoms=[NUMBER], note=NAME)
    hands.touch("report", severity="severe", symptoms=["rash"], onset_min=NUMBER, note=NAME)
    assert hands.touch("report", severity="severe", symptoms=["rash"], note=NAME).screen == "follow_up"
    hands.touch("seen", aefi=NUMBER)
    hands.touch("follow_up", severity=NAME, outcome=NAME, grade=NAME, treatment=[NUMBER], note=NAME)
    hands.touch("follow_up", severity=NAME, outcome="treating", grade=NAME, treatment=[NUMBER], note=NAME)
    hands.touch("release", visit=visit)
    hands.touch("release_now", visit=visit, reason=NAME)
    hands.touch("reprint")
    hands.touch("next")
    to_welcome(hands)


def betrayed(text: str) -> list[str]:
    """The lines that name the person."""
    return [line for line in text.splitlines() if any(mark in line for mark in MARKS)]


def test_no_logger_names_the_person(whole: Whole, caplog: pytest.LogCaptureFixture):
    """F106, I20: every logger at DEBUG, with failures of printer, disk and desk on the way."""
    caplog.set_level(logging.DEBUG)
    whole.start(LIST)
    road(whole.hands)
    whole.hands.pull("paper", "out")
    wait_until(lambda: whole.kiosk.devices()["printer"] == "no_paper", timeout_s=WAIT_S)
    whole.hands.pull("printer", "unplugged")
    scan(whole.hands, MARKED)
    other = connect(whole.database)
    other.conn.execute("BEGIN IMMEDIATE")
    assert whole.hands.touch("yes").screen == "trouble"
    other.conn.rollback()
    other.conn.close()
    whole.hands.touch("retry")
    desk = whole.kiosk._desk
    desk.call(lambda: desk.front.show("confirm", {"identity": {"name": NAME, "doc_no": NUMBER}}))
    with pytest.raises(RuntimeError, match="500"):
        whole.hands.look()
    desk.call(desk.front.leave)
    whole.stop()
    assert "record_written kind=dose.given" in caplog.text, "nothing was logged: the test tested nothing"
    assert "desk_call_failed" in caplog.text
    assert betrayed(caplog.text) == []


@pytest.mark.integration
def test_log_of_the_process_names_nobody(whole: Whole):
    """F106: what a real kiosk writes to its journal."""
    port = free_port()
    whole.settings |= {"screen_port": port, "log_level": "DEBUG"}
    whole.prepare(LIST)
    url = f"http://127.0.0.1:{port}/"
    with Stage(whole.folder / "log") as stage:
        stage.start(
            "kiosk", ("python", "-m", "kiosk", "run", "--config", str(whole.toml)), ready=lambda: url_answers(url)
        )
        road(Hands(url))
    text = Path(whole.folder / "log" / "kiosk.log").read_text("utf-8", errors="replace")
    assert "record_written kind=visit.left" in text
    assert betrayed(text) == []


def test_marks_would_be_found():
    """The check itself: a log that names the person is caught."""
    assert betrayed(f"x\nscan {CARD}\nscan {MARKED}\n") == [f"scan {MARKED}"]
