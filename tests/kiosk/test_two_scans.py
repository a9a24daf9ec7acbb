"""F8, F9, F11: frames in pieces, two glued together, the same card again and again."""

import time

from provisioning.stage import wait_until
from tests.kiosk.made import CARD, OTHER_CARD
from tests.kiosk.whole import WAIT_S, Whole


def begin(whole: Whole):
    whole.settings["printer"] = "none"
    whole.start()
    assert wait_until(lambda: whole.kiosk.devices()["reader"] == "ready", timeout_s=WAIT_S)
    return whole.bench._reader


def test_same_card_twenty_times_is_one_check_in(whole: Whole):
    """F11, I5."""
    reader = begin(whole)
    for _ in range(20):
        reader.scan(CARD.encode())
    whole.hands.wait_for("confirm")
    time.sleep(0.3)
    assert whole.hands.touch("yes").tickets[0] == "A-001"
    reader.scan(CARD.encode())
    whole.hands.wait_for("confirm")
    page = whole.hands.touch("yes")
    assert page.tickets[0] == "A-001"
    assert whole.kinds().count("visit.checked_in") == 1


def test_two_cards_glued_are_two_cards(whole: Whole):
    """F9: the last one held stands on the screen, whole; no person is made of two."""
    reader = begin(whole)
    reader._write(CARD.encode() + b"\r\n" + OTHER_CARD.encode() + b"\r\n")
    assert wait_until(lambda: "Duyên" in whole.hands.look().text, timeout_s=WAIT_S)
    whole.hands.touch("yes")
    record = whole.wait_for_record("visit.checked_in")[0]
    assert record.body["identity"]["doc_no"] == "075301004321"


def test_card_in_pieces_is_one_card(whole: Whole):
    """F8: no check-in of half a card."""
    reader = begin(whole)
    data = CARD.encode()
    reader.scan_in_pieces(data, [1, 20, 40, len(data) - 1], pause_s=0.03)
    assert whole.hands.wait_for("confirm").screen == "confirm"
    whole.hands.touch("yes")
    assert whole.wait_for_record("visit.checked_in")[0].body["identity"]["name"] == "Nguyễn Văn An"
