"""F30: the card refuses to write. The screen says that nothing was saved, and gives the same page back to try again."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from kiosk.store import connect
from provisioning.hands import Page
from provisioning.stage import wait_until
from tests.browser.failures.ward import WAIT_S, Ward
from tests.kiosk.made import CARD

pytestmark = pytest.mark.browser


def _in_the_end(what: Callable[[], str], wanted: str) -> bool:
    """Does it say this before `WAIT_S` are over? A desk that is held up answers with an error page."""

    def says() -> bool:
        with suppress(RuntimeError):
            return what() == wanted
        return False

    return wait_until(says, timeout_s=WAIT_S)


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
        assert _in_the_end(lambda: _yes(ward).screen, "trouble")
        # While it refuses: the first write that it takes again, whoever's, clears this.
        assert _in_the_end(lambda: ward.tiles()["disk"], "refuses")
    finally:
        db.rollback()
        db.close()
    ward.look("card_refuses", screen="trouble", says="CHƯA được lưu")
    assert ward.hands.touch("retry").screen == "confirm"
    assert ward.hands.touch("yes").screen == "ticket"
    assert ward.tiles()["disk"] == "roomy"
    ward.hands.touch("done")
