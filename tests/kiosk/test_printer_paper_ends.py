"""F2: paper ends in the middle of a slip. What came out is no slip; the next copy bears the same number and "2"."""

from provisioning.stage import wait_until
from tests.kiosk.whole import WAIT_S, Whole


def test_second_copy_has_the_same_number(whole: Whole):
    """F2, I12."""
    whole.start()
    whole.printer.paper_ends_after(2000)
    whole.check_in()
    first = whole.wait_for_record("slip.printed")[0]
    assert (first.body["copy"], first.body["result"]) == (1, "no_paper")
    whole.hands.pull("paper", "loaded")
    second = whole.wait_for_record("slip.printed", 2)[1]
    assert second.body == {**first.body, "copy": 2, "result": "printed"}
    assert whole.kinds().count("visit.checked_in") == 1


def test_paper_that_ends_each_time_does_not_copy_for_ever(whole: Whole):
    """A printer that says "ready" and fails each time: three copies by itself, then a person decides."""
    whole.start()
    whole.printer.paper_ends_after(2000)
    whole.check_in()
    for count in (1, 2, 3):
        results = whole.wait_for_record("slip.printed", count)
        assert results[-1].body["result"] == "no_paper"
        whole.printer.load_paper()
        whole.printer.paper_ends_after(2000)
    assert not wait_until(lambda: whole.kinds().count("slip.printed") > 3, timeout_s=1.5)


def test_result_slip_is_reprinted_as_the_next_copy(whole: Whole):
    """I12: every physical copy has its number; the dose is not doubled by it."""
    whole.start()
    whole.check_in()
    whole.dose()
    whole.release()
    whole.wait_for_record("slip.printed", 2)
    page = whole.hands.look()
    assert page.screen == "released"
    whole.hands.touch("reprint")
    slips = [record.body for record in whole.wait_for_record("slip.printed", 3) if record.body["what"] == "dose"]
    assert [(body["copy"], body["result"]) for body in slips] == [(1, "printed"), (2, "printed")]
    assert len({body["slip"] for body in slips}) == 1
    assert whole.kinds().count("dose.given") == 1
    assert wait_until(lambda: len(whole.printer.slips()) == 3, timeout_s=WAIT_S)
