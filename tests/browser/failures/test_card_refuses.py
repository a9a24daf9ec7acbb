"""F30: the card refuses to write. The screen says that nothing was saved, and gives the same page back to try again."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from kiosk.store import connect
from provisioning.hands import Page
from tests.browser.failures.ward import Ward
from tests.kiosk.made import CARD

pytestmark = pytest.mark.browser
PATIENCE_S = 60


def _in_the_end(what: Callable[[], str], wanted: str) -> str:
    """What it says last, once it says what is wanted or `PATIENCE_S` are over; a desk that is held up answers with an error page."""
    said, until = "", time.monotonic() + PATIENCE_S
    while said != wanted and time.monotonic() < until:
        with suppress(RuntimeError):
            said = what()
        time.sleep(0.1)
    return said


def _yes(ward: Ward) -> Page:
    page = ward.hands.look()
    return ward.hands.touch("yes") if page.screen == "confirm" else page


def test_card_refuses(ward: Ward) -> None:
    ward.hands.pull("scan", CARD)
    assert ward.hands.wait_for("confirm").screen == "confirm"
    db = connect(ward.whole.database).conn
    db.execute("BEGIN IMMEDIATE")
    try:
        # On a slow machine the desk may wait ten seconds for the card: a person goes back to the screen and touches again.
        assert _in_the_end(lambda: _yes(ward).screen, "trouble") == "trouble"
        # While it refuses: the first write that it takes again, whoever's, clears this.
        assert _in_the_end(lambda: ward.tiles()["disk"], "refuses") == "refuses"
    finally:
        db.rollback()
        db.close()
    ward.look("card_refuses", screen="trouble", says="CHƯA được lưu")
    assert ward.hands.touch("retry").screen == "confirm"
    assert ward.hands.touch("yes").screen == "ticket"
    assert ward.tiles()["disk"] == "roomy"
    ward.hands.touch("done")
