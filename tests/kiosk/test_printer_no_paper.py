"""F1: the printer has no paper before the job. The record stands, the screen says so, the slip comes once, later."""

from provisioning.stage import wait_until
from tests.kiosk.whole import WAIT_S, Whole


def test_ticket_waits_for_paper_and_is_printed_once(whole: Whole):
    """F1, I1, I12."""
    whole.start()
    whole.hands.pull("paper", "out")
    assert wait_until(lambda: "no_paper" in whole.kiosk.devices()["printer"], timeout_s=WAIT_S)
    page = whole.check_in()
    assert (page.screen, page.tickets[0]) == ("ticket", "A-001")
    assert "visit.checked_in" in whole.kinds()
    assert "slip.printed" not in whole.kinds()
    whole.hands.pull("paper", "loaded")
    printed = whole.wait_for_record("slip.printed")
    assert [(one.body["copy"], one.body["result"]) for one in printed] == [(1, "printed")]
    assert len(whole.printer.slips()) == 1


def test_slips_of_three_people_come_in_order(whole: Whole):
    """F1: nobody's slip is forgotten, none is printed twice."""
    whole.start()
    whole.hands.pull("paper", "out")
    for number in range(3):
        whole.check_in(f"07507900000{number}||Nguyễn Văn {'ABC'[number]}|14041979|Nam|Biên Hòa|25062021")
    whole.hands.pull("paper", "loaded")
    printed = whole.wait_for_record("slip.printed", 3)
    tickets = [record.body["slip"] for record in whole.records() if record.kind == "visit.checked_in"]
    assert [one.body["slip"] for one in printed] == tickets
    assert len(whole.printer.slips()) == 3
