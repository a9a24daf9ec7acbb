"""F22: two fingers, two requests at one time, the same page: one act."""

import http.client
import threading
import urllib.parse

import pytest

from tests.kiosk.made import CARD
from tests.kiosk.whole import Whole


def post_together(whole: Whole, act: str, count: int, **fields: str) -> list[int]:
    """The same form `count` times at once; gives the statuses."""
    token = whole.hands.look().token
    body = urllib.parse.urlencode({"token": token, **fields})
    parts = urllib.parse.urlsplit(whole.kiosk.url)
    start, statuses = threading.Barrier(count), []

    def post() -> None:
        link = http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=15)
        link.connect()
        start.wait()
        link.request("POST", f"/act/{act}", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = link.getresponse()
        answer.read()
        statuses.append(answer.status)
        link.close()

    threads = [threading.Thread(target=post) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.parametrize("count", [2, 5])
def test_one_check_in_and_one_dose(whole: Whole, count: int):
    """F22, I3, I5: each finger is answered with the page as it is now; the record stands once."""
    whole.settings["printer"] = "none"
    whole.start()
    whole.hands.pull("scan", CARD)
    whole.hands.wait_for("confirm")
    assert post_together(whole, "yes", count) == [303] * count
    assert whole.hands.look().screen == "ticket"
    assert whole.kinds().count("visit.checked_in") == 1
    whole.sign_in("1002")
    post_together(whole, "call_next", count)
    assert whole.kinds().count("visit.called") == 1


def test_two_fingers_on_confirm_dose(whole: Whole):
    """F22: one needle, one record."""
    whole.settings["printer"] = "none"
    whole.start()
    whole.check_in()
    whole.dose()
    assert whole.kinds().count("dose.given") == 1
    whole.hands.touch("undo")
    whole.hands.touch("undo_dose", reason="thử lại")
    whole.hands.touch("call_next")
    whole.hands.touch("lot", lot="ABV001")
    post_together(whole, "confirm_dose", 4)
    assert whole.kinds().count("dose.given") == 2


def test_page_left_open_does_nothing(whole: Whole):
    """A form of an hour ago, another person's page: nothing happens."""
    whole.settings["printer"] = "none"
    whole.start()
    whole.hands.pull("scan", CARD)
    whole.hands.wait_for("confirm")
    old = whole.hands.look().token
    whole.hands.touch("no")
    whole.hands._ask("POST", "/act/yes", {"token": old})
    whole.hands._ask("POST", "/act/yes", {"token": ""})
    assert whole.hands.look().screen == "welcome"
    assert "visit.checked_in" not in whole.kinds()
