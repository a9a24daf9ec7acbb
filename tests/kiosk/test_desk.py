"""The road of one person over one desk, and what a hurried hand, a wrong card and a power cut do to it."""

from itertools import pairwise

import pytest

from kiosk.observation import OBSERVE_S
from protocol import canon, envelope, slip_code
from tests.kiosk.made import CARD, OTHER_CARD, PIN, Made
from tests.kiosk.whole import EASY


def test_whole_road(made: Made) -> None:
    """K2, G14: check-in, screening, dose, observation, release; every step a record, chained."""
    made.check_in()
    made.screen()
    view = made.dose()
    assert view["screen"] == "dosed", view["notice"]
    assert view["data"]["until"] == "10:12"
    made.act("next")
    made.act("observation")
    visit = made.touch.view()["data"]["tiles"][0]["visit"]
    made.clock.pass_s(OBSERVE_S)
    view = made.act("release", visit=visit)
    assert view["screen"] == "released"
    assert made.kinds() == [
        "log.opened", "visit.checked_in", "staff.signed_in", "visit.called", "visit.screened",
        "staff.signed_in", "visit.called", "vial.opened", "dose.given", "visit.left",
    ]  # fmt: skip
    records = made.records()
    assert records[0].prev == envelope.GENESIS
    assert all(after.prev == canon.digest(before.line) for before, after in pairwise(records))
    dose = records[8]
    assert dose.who == {"id": "nv-1003", "by": "pin"}
    assert (dose.body["dose_no"], dose.body["lot"], dose.ref["lots"]) == (2, "ABV001", 7)


def test_double_tap_is_one_act(made: Made) -> None:
    """F22, I3: the second touch carries a stale token and does nothing."""
    made.scan(CARD)
    token = made.touch.view()["token"]
    assert made.touch.act("yes", {}, token) is True
    assert made.touch.act("yes", {}, token) is False
    assert made.kinds().count("visit.checked_in") == 1


def test_same_person_twice_shows_the_same_ticket(made: Made) -> None:
    """F11, F83, I5."""
    made.check_in()
    made.scan(CARD)
    view = made.act("yes")
    assert (view["data"]["ticket"], view["data"]["again"]) == ("A-001", True)
    assert view["notice"]["code"] == "welcome_again"
    assert made.kinds().count("visit.checked_in") == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe\x00garbage", "unreadable"),
        (b"https://example.org", "not_ours"),
        (b"7" * 3000, "too_long_code"),
        (CARD.replace("Văn", "Văn\x1b@").encode(), "broken_card"),
        (CARD.replace("Văn", "Văn\x00").encode(), "broken_card"),
        (b"TRAM-BADGE:nobody", "unknown_badge"),
        (b"TRAM-BADGE:badge-1010", "revoked_badge"),
        (b"", "unreadable"),
    ],
)
def test_bad_scan_is_a_sentence_and_records_nothing(made: Made, data: bytes, code: str) -> None:
    """F12, F13, I11: a garbage scan, a 3 KB code, control characters: one sentence each, nothing by half."""
    view = made.scan(data)
    assert (view["screen"], view["notice"]["code"]) == ("welcome", code)
    assert made.kinds() == ["log.opened"]


def test_wrong_pins_make_the_next_try_wait(made: Made) -> None:
    """A wrong PIN says so and nothing more; the third in a row waits half a minute, even for the right PIN."""
    made.act("staff")
    for _ in range(2):
        assert made.act("sign_in", code="1003", pin="000000")["notice"]["code"] == "wrong_pin"
    assert made.act("sign_in", code="1003", pin="000000")["notice"] == {
        "code": "locked",
        "params": {"wait_s": 30},
        "tone": "warn",
    }
    assert made.act("sign_in", code="1003", pin=PIN)["notice"]["code"] == "locked"
    made.clock.patience += 31_000
    assert made.act("sign_in", code="1003", pin=PIN)["screen"] == "station"


def test_revoked_staff_cannot_sign_in(made: Made) -> None:
    made.act("staff")
    assert made.act("sign_in", code="1010", pin=PIN)["notice"]["code"] == "wrong_pin"


def test_badge_then_pin(made: Made) -> None:
    """A badge names the person; the PIN alone is then asked, and the record says how they proved it."""
    view = made.scan("TRAM-BADGE:badge-1002")
    assert (view["screen"], view["data"]["badge_name"]) == ("sign_in", "Nhân viên 1002")
    assert made.act("sign_in", pin=PIN)["screen"] == "queue"
    assert made.records()[-1].who == {"id": "nv-1002", "by": "badge"}


def test_expired_lot_needs_a_lead_and_a_reason(made: Made) -> None:
    """F86: blocked; only a lead's PIN with a reason lets it pass, and both stand on the record."""
    made.check_in()
    made.screen()
    assert made.dose("OLD003", reason="lý do")["notice"]["code"] == "need_lead"
    assert made.act("confirm_dose", override_code="1003", override_pin=PIN, reason="x")["notice"]["code"] == "need_lead"
    assert (
        made.act("confirm_dose", override_code="1009", override_pin=PIN, reason=" ")["notice"]["code"] == "need_reason"
    )
    assert "dose.given" not in made.kinds()
    assert made.act("confirm_dose", override_code="1009", override_pin=PIN, reason="đã gia hạn")["screen"] == "dosed"
    body = made.records()[-1].body
    assert body["override"] == {"who": "nv-1009", "reason": "đã gia hạn", "by": "pin"}
    assert "lot_expired" in body["warnings"]


def test_unknown_lot_is_a_sentence(made: Made) -> None:
    made.check_in()
    made.screen()
    made.sign_in("1003", "injection")
    made.act("call_next")
    view = made.scan("TRAM-LOT:NOPE99")
    assert (view["screen"], view["notice"]["code"]) == ("dosing", "lot_unknown")
    assert made.scan("TRAM-LOT:PFZ002")["screen"] == "read_back"


def test_rule_that_speaks_needs_a_reason_but_never_blocks(made: Made) -> None:
    """F87: Pfizer after AstraZeneca without a mix rule: said with its name, kept on the record."""
    made.check_in()
    made.screen()
    view = made.dose("PFZ002")
    assert view["notice"]["code"] == "need_reason"
    assert [finding["rule"] for finding in view["data"]["findings"]] == ["mix"]
    assert made.act("confirm_dose", reason="khan hiếm vắc xin, người dân đồng ý")["screen"] == "dosed"


def test_undo_is_a_new_record(made: Made) -> None:
    """F85, C style 28: the first record stays, the second points at it; the person is ready for a dose again."""
    made.check_in()
    made.screen()
    made.dose()
    made.act("undo")
    assert made.act("undo_dose", reason="")["notice"]["code"] == "need_reason"
    assert made.act("undo_dose", reason="nhầm người")["notice"]["code"] == "undone"
    given, undone = made.records()[-2:]
    assert (given.kind, undone.kind, undone.body["dose"]) == ("dose.given", "dose.undone", given.body["dose"])


def test_deferred_person_leaves_the_queue(made: Made) -> None:
    """An acute illness defers; the doctor's other opinion needs a reason; the outcome is its own state (G14)."""
    made.check_in()
    made.sign_in("1002")
    made.act("call_next")
    view = made.act(
        "judge",
        **{
            "answer.ANAPHYLAXIS_SAME_VACCINE": "no",
            "answer.ACUTE_ILLNESS": "yes",
            "vital.temperature": "37,8",
            "consent": "yes",
        },
    )
    assert (view["data"]["derived"], len(view["data"]["because"])) == ("defer", 2)
    assert made.act("conclude", conclusion="eligible", reason="")["notice"]["code"] == "need_reason"
    view = made.act("conclude", conclusion="defer", reason="")
    assert (view["screen"], view["notice"]["code"], view["data"]["asked"]) == ("conclusion", "need_until", "until")
    view = made.act("conclude", conclusion="defer", reason="", until=view["data"]["untils"][0]["day"])
    assert view["data"]["people"] == []
    assert made.store.visits("2021-10-03")[0]["state"] == "deferred"
    assert made.records()[-1].body["until"] == "2021-10-03"


@pytest.mark.parametrize("submitted", [{"answer.ACUTE_ILLNESS": "yes"}, {"consent": "no"}], ids=["deferred", "refused"])
def test_who_was_sent_away_is_screened_anew_the_same_day(made: Made, submitted: dict[str, str]) -> None:
    """They stand at the desk again with their card: one visit, two screenings, the last one counts."""
    visit = made.check_in()
    made.sign_in("1002")
    made.act("call_next")
    made.act("judge", **{**EASY, **submitted})
    made.act("conclude", conclusion="defer", reason="", until="2021-10-03")
    assert made.act("call_next")["notice"]["code"] == "nobody_waiting"
    assert made.scan(CARD)["screen"] == "screening"
    made.act("judge", **EASY)
    made.act("conclude", conclusion="eligible", reason="")
    assert [one["state"] for one in made.store.visits("2021-10-03")] == ["cleared"]
    assert made.desk.store.visit(visit)["screened"]["conclusion"] == "eligible"
    assert made.kinds().count("visit.screened") == 2


def test_no_consent_is_refused_whatever_the_answers(made: Made) -> None:
    made.check_in()
    made.sign_in("1002")
    made.act("call_next")
    made.act("judge", consent="no")
    made.act("conclude", conclusion="eligible", reason="")
    assert made.store.visits("2021-10-03")[0]["state"] == "refused"


@pytest.mark.parametrize("typed", ["", "abc", "99", "36.85", "３６"])
def test_bad_temperature_is_asked_again(made: Made, typed: str) -> None:
    made.check_in()
    made.sign_in("1002")
    made.act("call_next")
    view = made.act(
        "judge",
        **{
            "answer.ANAPHYLAXIS_SAME_VACCINE": "no",
            "answer.ACUTE_ILLNESS": "no",
            "vital.temperature": typed,
            "consent": "yes",
        },
    )
    assert view["screen"] == "screening"
    assert "temperature" in view["data"]["errors"]
    assert view["data"]["answers"] == {"ANAPHYLAXIS_SAME_VACCINE": "no", "ACUTE_ILLNESS": "no"}


def test_observation_never_ends_early(made: Made) -> None:
    """F36, I7: the wall clock may jump by hours; only monotonic time counts, and early release needs a reason."""
    made.check_in()
    made.screen()
    made.dose()
    made.act("next")
    view = made.act("observation")
    visit = view["data"]["tiles"][0]["visit"]
    made.clock.wall += 5 * 3_600_000
    assert made.act("release", visit=visit)["screen"] == "release_early"
    assert made.act("release_now", visit=visit, reason="")["notice"]["code"] == "need_reason"
    assert "visit.left" not in made.kinds()
    made.act("release_now", visit=visit, reason="người bệnh xin về")
    assert made.records()[-1].body["outcome"] == "early"


def test_observation_survives_restart_and_reboot(made: Made) -> None:
    """F36: after a reboot the time without power does not count, the time before it does."""
    made.check_in()
    made.screen()
    made.dose()
    made.clock.pass_s(600)
    made.desk.call(lambda: made.store.mark_alive(made.clock.boot, made.clock.mono, made.clock.wall))
    made.restart()
    made.clock.boot, made.clock.mono = "boot-2", 5_000
    made.desk.call(lambda: made.store.mark_alive("boot-2", 5_000, made.clock.wall))
    made.sign_in("1004")
    assert made.touch.view()["data"]["tiles"][0]["left_s"] == OBSERVE_S - 600
    made.clock.pass_s(OBSERVE_S - 601)
    assert made.touch.view()["data"]["tiles"][0]["done"] is False
    made.clock.pass_s(1)
    assert made.touch.view()["data"]["tiles"][0]["done"] is True


def test_restart_shows_the_last_confirmed_act(made: Made) -> None:
    """F27, I13."""
    made.check_in()
    made.restart()
    view = made.touch.view()
    assert view["last"] == {"ticket": "A-001", "what": "checked_in", "time": "09:42", "where": "here"}
    assert view["sync"]["waiting"] == 2
    made.check_in(OTHER_CARD)
    assert made.records()[-1].body["ticket"] == "A-002"


def test_nothing_of_the_last_person_stays(made: Made) -> None:
    """The idle screen returns with nothing of the last person on it (look.md)."""
    made.scan(CARD)
    assert made.touch.view()["data"]["masked"] == "075•••••1234"
    made.clock.patience += 41_000
    made.desk.call(made.desk._tick)
    view = made.touch.view()
    assert (view["screen"], view["data"]) == ("welcome", {})
    assert "Nguyễn" not in str(view)


def test_staff_screen_locks(made: Made) -> None:
    """F96: after a minute without a touch; typing on the page counts as one."""
    made.sign_in("1002")
    made.clock.patience += 59_000
    made.touch.act("touched", {}, "")
    made.clock.patience += 59_000
    made.desk.call(made.desk._tick)
    assert made.touch.view()["screen"] == "queue"
    made.clock.patience += 2_000
    made.desk.call(made.desk._tick)
    view = made.touch.view()
    assert (view["screen"], view["staff"], view["notice"]["code"]) == ("welcome", None, "locked_screen")


def lock(made: Made) -> None:
    made.clock.patience += 61_000
    made.desk.call(made.desk._tick)
    assert made.touch.view()["screen"] == "welcome"


def test_the_same_person_finds_their_page_behind_the_lock(made: Made) -> None:
    """F96: nothing typed into the desk is lost by a lock, and nobody else sees it."""
    made.check_in()
    made.screen()
    made.sign_in("1003", "injection")
    made.act("call_next")
    assert made.act("lot", lot="ABV001")["screen"] == "read_back"
    lock(made)
    assert "Nguyễn" not in str(made.touch.view())
    made.act("staff")
    view = made.act("sign_in", code="1003", pin=PIN)
    assert (view["screen"], view["data"]["lot"], view["station"]) == ("read_back", "ABV001", "injection")
    assert made.act("confirm_dose")["screen"] == "dosed"


def test_another_person_never_finds_it(made: Made) -> None:
    made.check_in()
    made.screen()
    made.sign_in("1003", "injection")
    made.act("call_next")
    made.act("lot", lot="ABV001")
    lock(made)
    made.act("staff")
    assert made.act("sign_in", code="1009", pin=PIN)["screen"] == "station"
    made.act("sign_out")
    made.act("staff")
    assert made.act("sign_in", code="1003", pin=PIN)["screen"] == "station"


def test_staff_act_without_staff_is_not_offered(made: Made) -> None:
    assert made.touch.act("call_next", {}, made.touch.view()["token"]) is False
    made.sign_in("1001")
    assert made.act("call_next")["notice"]["code"] == "not_allowed"


def test_slip_code_restores_the_dose(made: Made) -> None:
    """I1, protocol.md flow 7: the signed copy names the record it stands for."""
    made.check_in()
    made.screen()
    made.dose()
    record = made.records()[-1]
    value, _signed, signature = slip_code.decode(made.store.code(record.body["slip"]))
    assert (value["k"], value["i"], value["q"]) == record.name()
    assert (value["s"], value["l"], len(signature)) == (record.body["slip"], "ABV001", 64)


def test_adverse_event(made: Made) -> None:
    """G14: a reaction is its own record and shows on the board."""
    made.check_in()
    made.screen()
    made.dose()
    made.act("next")
    visit = made.act("observation")["data"]["tiles"][0]["visit"]
    made.act("react", visit=visit)
    assert made.act("report", severity="severe")["notice"]["code"] == "missing_answer"
    view = made.act("report", severity="common", symptoms=["breathing", "rash"], note="đã xử trí", onset_min="3")
    assert (view["screen"], view["data"]["tiles"][0]["reaction"]) == ("observation", "common")
    assert made.records()[-1].body["symptoms"] == ["breathing", "rash"]


def test_an_appointment_of_another_day_is_shown_with_its_day(made: Made) -> None:
    """The centre's list reaches two days ahead: nobody takes tomorrow's time for today's."""
    made.scan(CARD)
    assert made.touch.view()["data"]["appointment"]["time"] == "09:30"
    made.act("no")
    made.clock.pass_s(86_400)
    made.scan(CARD)
    assert made.touch.view()["data"]["appointment"]["time"] == "09:30, 03/10/2021"
