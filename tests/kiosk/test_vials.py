"""Opened vials at the desk: opened with the first dose, counted, hours running down, put away with a reason (I17, F86)."""

import copy

import pytest

from kiosk import vials
from kiosk.desk.opened import Vials
from tests.kiosk.made import CARD, LISTS, OTHER_CARD, Made

HOUR_S = 3600
LISTED = copy.deepcopy(LISTS)
LISTED["lots"]["items"][0]["doses_per_vial"] = 2
LISTED["rules"]["vaccines"]["AZ"].update(open_vial_hours=6, codes=["5000456000017"], doses=9, min_days=0)
CARDS = (CARD, OTHER_CARD, "075190004321||Phạm Thị Hoa|01011990|Nữ|Ấp 1|25062021")
SCAN = "01050004560000171722013110ABV001\x1d21SER9"


@pytest.fixture
def made(tmp_path):
    one = Made(tmp_path, LISTED)
    yield one
    one.close()


def at_the_table(made, card):
    """A person has been called to injection."""
    made.check_in(card)
    made.screen()
    made.sign_in("1003", "injection")
    return made.act("call_next")


def inject(made, card):
    view = at_the_table(made, card)
    assert view["screen"] == "dosing"
    view = made.scan(SCAN)
    assert view["screen"] == "read_back", view["notice"]
    return view


def bodies(made, kind):
    return [record.body for record in made.records() if record.kind == kind]


def test_the_first_dose_opens_a_vial_and_the_next_comes_from_it(made):
    view = inject(made, CARDS[0])
    assert (view["data"]["vial"]["new"], view["data"]["vial"]["doses"], view["data"]["scanned"]) == (True, 2, True)
    made.act("confirm_dose")
    (opened,) = bodies(made, "vial.opened")
    (dose,) = bodies(made, "dose.given")
    assert dose["vial"] == opened["vial"]
    assert (opened["gtin"], opened["serial"], opened["doses_per_vial"]) == ("05000456000017", "SER9", 2)
    assert dose["lot_by"] == "scan"
    view = inject(made, CARDS[1])
    assert (view["data"]["vial"]["new"], view["data"]["vial"]["number"]) == (False, 2)
    assert view["data"]["vial"]["minutes"] == 360
    made.act("confirm_dose")
    assert [body["vial"] for body in bodies(made, "dose.given")] == [opened["vial"]] * 2
    view = inject(made, CARDS[2])
    assert view["data"]["vial"]["new"]
    made.act("confirm_dose")
    (closed,) = bodies(made, "vial.closed")
    assert (closed["vial"], closed["given"], closed["waste"], closed["reason"]) == (opened["vial"], 2, 0, "empty")
    assert made.kinds()[-3:] == ["vial.closed", "vial.opened", "dose.given"]


def test_one_more_than_nominal_is_an_extra_dose_with_a_reason(made):
    for card in CARDS[:2]:
        inject(made, card)
        made.act("confirm_dose")
    lots = at_the_table(made, CARDS[2])["data"]["lots"]
    assert [(row["open"], row["emptied"]) for row in lots if row["lot"] == "ABV001"] == [(None, True)]
    view = made.act("last_vial", lot="ABV001")
    assert [finding["rule"] for finding in view["data"]["findings"]] == ["vial_empty"]
    assert made.act("confirm_dose")["notice"]["code"] == "need_reason"
    made.act("confirm_dose", reason="Rút được thêm một liều")
    dose = bodies(made, "dose.given")[-1]
    assert (dose["extra"], dose["warnings"], len(bodies(made, "vial.opened"))) == (True, ["vial_empty"], 1)


def test_a_vial_open_for_too_long_blocks_until_the_lead_allows_it_or_it_is_put_away(made):
    inject(made, CARDS[0])
    made.act("confirm_dose")
    # Nobody's wall clock: only the hours that have passed count.
    made.clock.mono += (6 * HOUR_S - 60) * 1000
    view = inject(made, CARDS[1])
    assert (view["data"]["vial"]["minutes"], view["data"]["findings"]) == (1, [])
    made.clock.pass_s(120)
    view = made.act("confirm_dose")
    assert view["notice"]["code"] == "read_again", "the hours ran out between read-back and needle"
    assert [(row["rule"], row["weight"]) for row in view["data"]["findings"]] == [("vial_open_too_long", "block")]
    assert made.act("confirm_dose", reason="x")["notice"]["code"] == "need_lead"
    view = made.act("back")
    assert [row["open"]["minutes"] for row in view["data"]["lots"] if row["lot"] == "ABV001"] == [0]
    view = made.act("new_vial", lot="ABV001")
    assert (view["data"]["findings"], view["data"]["vial"]["new"]) == ([], True)
    made.act("confirm_dose")
    assert len(bodies(made, "vial.opened")) == 2
    view = made.act("next")
    view = made.act("vials")
    assert [(row["used"], row["minutes"]) for row in view["data"]["vials"]] == [(1, 0), (1, 360)]
    view = made.act("end_vial", vial=view["data"]["vials"][0]["vial"])
    assert (view["screen"], "empty" in view["data"]["reasons"]) == ("vial_end", False)
    view = made.act("vial_ended", why="open_too_long")
    assert view["notice"]["params"] == {"lot": "ABV001", "given": 1, "waste": 1}
    assert bodies(made, "vial.closed")[0]["reason"] == "open_too_long"
    assert len(view["data"]["vials"]) == 1


def test_a_vial_is_opened_by_hand_and_survives_a_power_cut(made):
    made.sign_in("1003", "injection")
    made.act("vials")
    view = made.act("open_vial", lot="ABV001")
    assert view["notice"]["code"] == "vial_opened"
    assert made.act("open_vial", lot="OLD003")["notice"]["code"] == "lot_not_usable"
    made.clock.pass_s(HOUR_S)
    made.desk.call(lambda: made.store.mark_alive(made.clock.boot, made.clock.mono, made.clock.wall))
    made.clock.boot, made.clock.mono = "boot-2", 5_000
    # Two hours without power spoil it too: the wall clock knows.
    made.clock.wall += 2 * HOUR_S * 1000
    made.restart()
    made.desk.call(lambda: made.store.mark_alive("boot-2", 5_000, made.clock.wall))
    made.sign_in("1003", "injection")
    view = made.act("vials")
    assert [row["minutes"] for row in view["data"]["vials"]] == [180]
    made.clock.sure = "unknown"
    assert [row["minutes"] for row in made.touch.view()["data"]["vials"]] == [300], "at least what was lived"


def test_an_undone_dose_is_no_longer_counted(made):
    inject(made, CARDS[0])
    made.act("confirm_dose")
    made.act("undo")
    made.act("undo_dose", reason="chưa tiêm")
    view = made.act("vials")
    assert [(row["used"], row["left"]) for row in view["data"]["vials"]] == [(0, 2)]
    assert bodies(made, "dose.undone")[0]["vial"] == bodies(made, "vial.opened")[0]["vial"]
    assert Vials(made.store).standing() == made.desk.vials.standing()


def test_a_badge_confirms_the_needle_and_its_owner_is_on_the_record(made):
    inject(made, CARDS[0])
    view = made.scan("TRAM-BADGE:badge-1002")
    assert (view["screen"], view["notice"]["code"]) == ("read_back", "not_allowed"), "a screener injects nobody"
    assert made.scan("TRAM-BADGE:badge-1010")["notice"]["code"] == "revoked_badge"
    assert made.scan("TRAM-BADGE:nobody")["notice"]["code"] == "unknown_badge"
    assert bodies(made, "dose.given") == []
    view = made.scan("TRAM-BADGE:badge-1009")
    assert view["screen"] == "dosed"
    dose = made.records()[-1]
    assert (dose.kind, dose.who) == ("dose.given", {"id": "nv-1009", "by": "badge"})


def test_a_badge_alone_waves_no_rule_through(made):
    at_the_table(made, CARDS[0])
    made.act("lot", lot="PFZ002")
    view = made.scan("TRAM-BADGE:badge-1003")
    assert (view["screen"], view["notice"]["code"]) == ("read_back", "reason_by_hand")


def test_a_neighbours_vial_is_not_drawn_from_and_its_hours_are_the_longer_ones():
    opening = vials.Opening(wall=1_000_000, sure="synced", boot="b", mono=0)
    theirs = vials.Vial("vl-1", "AZ", "ABV001", "", 10, 3, "kiosk-02", opening)
    assert vials.pick([theirs], "ABV001", too_long=frozenset()) is None
    told_late = {"lived_ms": 60_000, "boot": "b", "wall": 1_000_000 + 3_600_000}
    assert vials.open_ms(theirs, **told_late, sure="synced") == 3_600_000
    assert vials.open_ms(theirs, **told_late, sure="unknown") == 60_000


def test_waste_has_a_reason():
    opening = vials.Opening(wall=0, sure="synced", boot="b", mono=0)
    vial = vials.Vial("vl-1", "AZ", "ABV001", "2022-01-31", 10, 8, "", opening)
    assert vials.end(vial, "", "").notice.code == "need_reason"
    assert vials.end(vial, "empty", "").notice.code == "need_reason"
    assert vials.end(None, "broken", "").notice.code == "wrong_state"
    assert vials.end(vial, "broken", "").facts[0].body["waste"] == 2
