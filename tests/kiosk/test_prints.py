"""Print jobs: taken once, settled even when the disk refuses for a while, of unknown fate after a restart (I12)."""

from threading import Event

import pytest

from kiosk.desk import loop, prints
from kiosk.errors import DeskBusy
from kiosk.store import connect
from protocol import slip_code
from tests.kiosk.made import Made


def results(made: Made) -> list[tuple[int, str]]:
    return [(record.body["copy"], record.body["result"]) for record in made.records() if record.kind == "slip.printed"]


@pytest.fixture
def ticket(made: Made) -> Made:
    """One ticket waits for the printer."""
    made.check_in()
    made.store.db.conn.execute("PRAGMA busy_timeout = 50")
    return made


def test_job_is_taken_once(ticket: Made):
    job, words = ticket.touch.take_print()
    assert (job["copy"], words.number) == (1, "A-001")
    assert ticket.touch.take_print() is None
    ticket.touch.print_done(job, "printed")
    assert results(ticket) == [(1, "printed")]


def test_restart_in_the_middle_is_of_unknown_fate(ticket: Made):
    """F28: the paper may have come out; the record says that nobody knows, and no second copy comes by itself."""
    ticket.touch.take_print()
    ticket.restart()
    ticket.desk.call(lambda: prints.recover(ticket.desk))
    assert results(ticket) == [(1, "unknown")]
    assert ticket.touch.take_print() is None


def test_restart_before_it_was_taken_prints_it(ticket: Made):
    ticket.restart()
    ticket.desk.call(lambda: prints.recover(ticket.desk))
    assert ticket.touch.take_print()[0]["copy"] == 1


def test_result_that_the_disk_refuses_is_written_later(ticket: Made):
    """F29: printed on paper, not yet on disk: settled before anything else is printed, exactly once."""
    job, _words = ticket.touch.take_print()
    other = connect(ticket.store.path)
    other.conn.execute("BEGIN IMMEDIATE")
    ticket.touch.print_done(job, "printed")
    assert ticket.touch.take_print() is None
    assert results(ticket) == []
    other.conn.rollback()
    other.conn.close()
    assert ticket.touch.take_print() is None
    assert results(ticket) == [(1, "printed")]


def test_a_result_that_finds_the_desk_held_up_is_told_all_the_same(ticket: Made):
    """True processes, seed 9509: a card that stood still for ten seconds left a slip "being sent" until the next start."""
    job, _words = ticket.touch.take_print()
    moves = Event()
    ticket.desk.post(moves.wait)
    ticket.touch.print_done(job, "printed")
    assert ticket.store.prints("sending") != []
    moves.set()
    assert ticket.touch.take_print() is None
    assert results(ticket) == [(1, "printed")]


def test_a_slip_that_was_marked_too_late_is_printed_by_whoever_asks_next(ticket: Made, monkeypatch: pytest.MonkeyPatch):
    """The card stood still while it was marked as being sent: the printer's thread had gone, and nobody printed it."""
    ticket.store.db.conn.execute("PRAGMA busy_timeout = 20000")
    other = connect(ticket.store.path)
    other.conn.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(loop, "CALL_TIMEOUT_S", 0.3)
    with pytest.raises(DeskBusy):
        ticket.touch.take_print()
    monkeypatch.setattr(loop, "CALL_TIMEOUT_S", 10.0)
    other.conn.rollback()
    other.conn.close()
    job, words = ticket.touch.take_print()
    assert (job["state"], job["copy"], words.number) == ("sending", 1, "A-001")
    ticket.touch.print_done(job, "printed")
    assert (ticket.touch.take_print(), results(ticket)) == (None, [(1, "printed")])


def test_recovery_on_a_disk_that_refuses_does_not_stop_the_start(ticket: Made):
    ticket.touch.take_print()
    ticket.restart()
    ticket.store.db.conn.execute("PRAGMA busy_timeout = 50")
    other = connect(ticket.store.path)
    other.conn.execute("BEGIN IMMEDIATE")
    ticket.desk.call(lambda: prints.recover(ticket.desk))
    other.conn.rollback()
    other.conn.close()
    ticket.touch.take_print()
    assert results(ticket) == [(1, "unknown")]


def test_failed_copies_end_somewhere(ticket: Made):
    for copy in (1, 2, 3):
        job, _words = ticket.touch.take_print()
        assert job["copy"] == copy
        ticket.touch.print_done(job, "no_paper")
    assert ticket.touch.take_print() is None
    assert results(ticket) == [(1, "no_paper"), (2, "no_paper"), (3, "no_paper")]


def test_slip_of_a_dose_that_was_undone_comes_out_void(made: Made):
    made.check_in()
    made.screen()
    made.dose()
    visit = made.desk.front.pending["visit"]
    slip = made.store.visit(visit)["dose"]["slip"]
    made.act("undo")
    made.act("undo_dose", reason="nhầm người")
    taken = [made.touch.take_print(), made.touch.take_print(), made.touch.take_print()]
    assert [one and one[0]["what"] for one in taken] == ["ticket", "dose", None]
    job, words = taken[1]
    assert (job["slip"], job["copy"], words.number) == (slip, 1, "HỦY")
    assert slip_code.show_number(slip) in words.lines[0][0]
    assert "nhầm người" in words.lines[2][0]
