"""What the centre tells a kiosk: kept with its receipt, done once, whatever restarts; a stopped lot is refused (F81)."""

from pathlib import Path

import pytest

from kiosk.desk import commands
from tests.kiosk.made import Made

DAY_MS = 86_400_000


@pytest.fixture
def made(quick_folder: Path):
    one = Made(quick_folder)
    yield one
    one.close()


def tell(made: Made, what: str, *, ident: str = "c-1", n: int = 1, **fields: object) -> None:
    value = {
        "command": ident, "v": 1, "k": made.k, "n": n, "what": what, "text": "", "about": "",
        "issued": made.clock.wall, "until": made.clock.wall + DAY_MS, **fields,
    }  # fmt: skip
    made.desk.call(lambda: commands.receive(made.desk, value))


def answers(made: Made) -> list[tuple[str, str, str]]:
    found = [record.body for record in made.records() if record.kind == "command.answered"]
    return [(body["command"], body["result"], body["reason"]) for body in found]


def test_a_message_is_shown_to_staff_until_one_of_them_has_read_it(made: Made):
    tell(made, "message", text="Chiều nay đoàn kiểm tra đến.")
    tell(made, "message", text="Chiều nay đoàn kiểm tra đến.")  # the centre says it again until it is answered
    assert made.touch.view()["messages"] == []  # citizens stand there
    made.restart()
    view = made.sign_in("1002")
    assert [one["text"] for one in view["messages"]] == ["Chiều nay đoàn kiểm tra đến."]
    assert answers(made) == [("c-1", "reached", "")]
    assert made.act("read_message", command="c-1")["messages"] == []
    assert answers(made) == [("c-1", "reached", ""), ("c-1", "done", "")]
    assert made.records()[-1].who["id"] == made.desk.front.staff["id"]
    assert made.act("read_message", command="c-1")["notice"]["code"] == "wrong_state"


def test_a_stopped_lot_is_refused_from_that_moment_and_after_a_restart(made: Made):
    made.check_in()
    made.screen()
    tell(made, "stop_lot", about="ABV001")
    made.restart()
    made.sign_in("1003", "injection")
    made.act("call_next")
    view = made.act("lot", lot="ABV001")
    assert "lot_stopped" in str(view["data"]) + str(view["notice"])
    assert "dose.given" not in made.kinds()
    assert answers(made) == [("c-1", "done", "")]


def test_a_list_issued_later_has_the_last_word(made: Made):
    tell(made, "stop_lot", about="ABV001", issued=0)
    assert [one["lot"] for one in made.desk.lists.lots if one.get("stopped") and one["lot"] == "ABV001"] == []


def test_a_restart_waits_for_the_welcome_and_is_done_when_the_program_has_begun_anew(made: Made):
    restarts: list[int] = []

    def tick() -> None:
        made.desk.call(lambda: commands.tick(made.desk, restart=lambda: restarts.append(1)))

    made.sign_in("1002")
    tell(made, "restart")
    tick()
    assert restarts == []
    made.act("sign_out")
    tick()
    tick()
    assert restarts == [1]
    made.restart()
    made.desk.call(lambda: commands.started(made.desk))
    made.desk.call(lambda: commands.started(made.desk))
    assert answers(made) == [("c-1", "reached", ""), ("c-1", "done", "")]


def test_a_slip_is_printed_once_more_as_its_next_copy(made: Made):
    made.check_in()
    (job,) = made.store.prints("waiting")
    tell(made, "reprint", about=job["slip"])
    tell(made, "reprint", ident="c-2", n=2, about="NOT-HERE")
    taken, _ = made.touch.take_print()
    made.touch.print_done(taken, "printed")
    tell(made, "reprint", ident="c-3", n=3, about=job["slip"])
    assert answers(made) == [
        ("c-1", "refused", "slip_waiting"),
        ("c-2", "refused", "unknown_slip"),
        ("c-3", "done", ""),
    ]
    assert [one["copy"] for one in made.store.prints("waiting")] == [2]


def test_what_came_too_late_or_is_anothers_is_not_done(made: Made):
    tell(made, "stop_lot", about="ABV001", until=made.clock.wall - 1)
    tell(made, "stop_lot", ident="c-2", about="ABV001", k="kiosk-99")
    assert answers(made) == [("c-1", "refused", "expired")]
    assert not any(one.get("stopped") for one in made.desk.lists.lots if one["lot"] == "ABV001")


def test_a_kiosk_that_was_away_for_three_days_refuses_the_lot_before_its_first_dose(made: Made):
    """Issue 5: its lists are of before; the first word it gets with its first contact is the stop of two days ago."""
    made.restart()
    issued = made.clock.wall + DAY_MS
    made.clock.pass_s(3 * 86_400)
    tell(made, "stop_lot", about="ABV001", issued=issued, until=issued + 30 * DAY_MS)
    made.check_in()
    made.screen()
    made.sign_in("1003", "injection")
    made.act("call_next")
    view = made.act("lot", lot="ABV001")
    assert "lot_stopped" in str(view["data"]) + str(view["notice"])
    assert "dose.given" not in made.kinds()
