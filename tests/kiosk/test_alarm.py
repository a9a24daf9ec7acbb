"""A severe reaction calls the whole site: one touch, every kiosk, until somebody else has said that they know."""

from kiosk import observation
from kiosk.desk import reading
from kiosk.desk.io_board import ALARM, STILL_ALARM, IOBoardDesk, Signal
from tests.kiosk.made import CARD, OTHER_CARD, Made
from tests.kiosk.site import Site


def observed(made: Made) -> str:
    """Somebody under observation at a kiosk, its observer signed in; gives the visit."""
    visit = made.check_in()
    made.screen()
    made.dose()
    made.sign_in("1004")
    return visit


def ringing(made: Made) -> list[str]:
    return [one["ticket"] for one in made.touch.view()["alarms"]]


def test_one_touch_calls_every_kiosk_and_one_answer_ends_it_everywhere(site: Site):
    first, second = site.kiosks
    visit = observed(first)
    view = first.act("alarm", visit=visit)
    assert (view["screen"], view["notice"]["code"]) == ("follow_up", "alarm_raised")
    assert (view["alarms"][0]["mine"], view["alarms"][0]["may_see"]) == (True, False)
    assert ringing(second) == []
    site.share()
    (alarm,) = second.touch.view()["alarms"]
    # Before citizens: ticket and kiosk, no name, and nothing to touch.
    assert (alarm["kiosk"], alarm["may_see"], set(alarm) & {"name", "person", "visit"}) == ("kiosk-01", False, set())
    second.sign_in("1009", "screening")
    (alarm,) = second.touch.view()["alarms"]
    assert (alarm["mine"], alarm["may_see"]) == (False, True)
    second.act("seen", aefi=alarm["aefi"])
    assert ringing(second) == []
    assert ringing(first) == ["A-001"]
    site.share()
    assert ringing(first) == []
    (tile,) = first.act("back")["data"]["tiles"]
    assert [each["who"] for each in tile["told"][0]["seen"]] == ["Nhân viên 1009"]
    assert second.records()[-1].body == {"aefi": alarm["aefi"], "visit": visit}
    for one in site.kiosks:
        assert reading.rebuilt(one.store)[visit] == one.store.visit(visit)
        one.restart()
        site.plug_in(one)
        assert ringing(one) == []


def test_what_is_known_later_follows_and_the_board_shows_it(made: Made):
    visit = observed(made)
    made.act("alarm", visit=visit)
    assert made.act("follow_up", severity="common")["notice"]["code"] == "missing_answer"
    fields = {"severity": "common", "grade": "II", "treatment": ["adrenaline", "magic"], "outcome": "hospital"}
    view = made.act("follow_up", **fields, symptoms=["rash"], note="chuyển BV tỉnh")
    assert (view["screen"], view["notice"]["code"], view["alarms"]) == ("observation", "followed_up", [])
    body = made.records()[-1].body
    assert (body["severity"], body["grade"], body["treatment"], body["onset_min"]) == (
        "severe",
        "II",
        ["adrenaline"],
        0,
    )
    assert view["data"]["tiles"][0]["reaction"] == "severe"
    again = made.act("react", visit=visit)["data"]["reaction"]
    assert (again["outcome"], again["grade"], again["symptoms"], again["note"]) == (
        "hospital",
        "II",
        ["rash"],
        "chuyển BV tỉnh",
    )
    assert reading.rebuilt(made.store)[visit] == made.store.visit(visit)


def test_whoever_called_is_no_witness_and_a_page_being_filled_in_stays_good(made: Made):
    visit = observed(made)
    made.act("alarm", visit=visit)
    token = made.touch.view()["token"]
    aefi = made.touch.view()["alarms"][0]["aefi"]
    count = len(made.records())
    assert made.touch.act("seen", {"aefi": aefi}, token)
    assert made.touch.view()["notice"]["code"] == "own_alarm"
    assert made.touch.act("seen", {"aefi": "e-nobody"}, token)
    made.sign_in("1009", "observation")
    view = made.act("seen", aefi=aefi)
    assert made.touch.act("seen", {"aefi": aefi}, view["token"]), "the same page again: harmless"
    assert len(made.records()) == count + 2, "a sign-in and one receipt"
    assert not made.touch.act("seen", {"aefi": aefi}, "stale")


def test_an_alarm_nobody_answers_ends_by_itself_whatever_the_wall_clock_says(made: Made):
    visit = observed(made)
    made.act("alarm", visit=visit)
    made.clock.wall += 10 * 3_600_000
    assert ringing(made) == ["A-001"]
    made.clock.mono += observation.ALARM_S * 1000
    assert ringing(made) == []


def test_a_common_reaction_calls_nobody(made: Made):
    visit = observed(made)
    made.act("react", visit=visit)
    made.act("report", severity="common", symptoms=["rash"], onset_min="x")
    assert made.touch.view()["notice"]["code"] == "bad_number"
    assert made.act("report", severity="common", symptoms=["rash"], onset_min="")["alarms"] == []


def test_the_last_word_holds_whichever_record_is_read_first():
    """A follow-up by a slow clock is read before the report it follows."""
    told = {"reported": {"who": "a"}, "severity": "severe"}
    assert observation.rings(told, rung_ms=0)
    for silenced in ({"seen": [{"who": "b"}]}, {"outcome": "recovered"}, {"severity": "common"}):
        assert not observation.rings({**told, **silenced}, rung_ms=0)
    assert not observation.rings({"severity": "severe"}, rung_ms=0)
    assert observation.rings({**told, "outcome": "treating"}, rung_ms=observation.ALARM_S * 1000 - 1)


def test_somebody_who_has_left_comes_back_with_a_reaction(made: Made):
    visit = observed(made)
    made.clock.pass_s(observation.OBSERVE_S)
    made.act("release", visit=visit)
    made.act("next")
    assert made.scan(OTHER_CARD)["notice"]["code"] == "not_here_today"
    view = made.scan(CARD)
    assert (view["screen"], view["data"]["person"]["ticket"], view["data"]["onset_min"]) == ("reaction", "A-001", 30)
    made.act("report", severity="common", symptoms=["rash"], onset_min="240")
    assert made.records()[-1].body["onset_min"] == 240
    assert made.scan(CARD)["screen"] == "follow_up"


def test_lamp_and_buzzer_of_the_other_kiosks_call_too(site: Site):
    first, second = site.kiosks
    told: dict[str, list[Signal]] = {"kiosk-01": [], "kiosk-02": []}
    boards = [IOBoardDesk(one.desk, show=told[one.k].append, button=False) for one in site.kiosks]
    first.act("alarm", visit=observed(first))
    site.share()
    for one, board in zip(site.kiosks, boards, strict=True):
        one.desk.call(lambda one=one, board=board: board.tick(one.clock.now()))
    assert ALARM in told["kiosk-02"]
    assert ALARM not in told["kiosk-01"], "who called knows"
    second.sign_in("1009", "screening")
    second.act("seen", aefi=second.touch.view()["alarms"][0]["aefi"])
    second.clock.pass_s(60)
    second.desk.call(lambda: boards[1].tick(second.clock.now()))
    assert told["kiosk-02"][-1] not in (ALARM, STILL_ALARM)
