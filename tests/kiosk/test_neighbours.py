"""The site's day on every kiosk: neighbours' records kept if signed, read as one visit, served wherever the person stands."""

import json
import random
from pathlib import Path

import pytest

from kiosk.crypto import KeyRing
from kiosk.desk import reading
from protocol import canon, envelope, topics
from tests.kiosk.made import CARD, LISTS, OTHER_CARD, Made
from tests.kiosk.site import Site
from tests.kiosk.whole import EASY


def live(made: Made) -> dict:
    rows = made.store.db.conn.execute("SELECT visit, body FROM visit").fetchall()
    return {row[0]: json.loads(row[1]) for row in rows}


def copies(made: Made) -> list[tuple]:
    rows = made.store.db.conn.execute("SELECT k, seq FROM neighbour_record ORDER BY k, seq")
    return [tuple(row) for row in rows]


def test_the_site_serves_one_person_over_three_kiosks(quick_folder: Path):
    """Protocol.md, The site without Internet: check-in at A, screening at B, dose at C, observation seen everywhere."""
    site = Site(quick_folder, 3)
    try:
        first, second, third = site.kiosks
        visit = first.check_in()
        site.share()
        second.sign_in("1002")
        view = second.scan(CARD)
        assert (view["screen"], view["data"]["person"]["ticket"]) == ("screening", "A-001")
        second.act("judge", **EASY)
        second.act("conclude", conclusion="eligible", reason="")
        site.pass_s(60)
        site.share()
        third.sign_in("1003", "injection")
        assert third.scan(CARD)["screen"] == "dosing"
        third.act("lot", lot="ABV001")
        assert third.act("confirm_dose")["screen"] == "dosed"
        site.share()
        for one in site.kiosks:
            assert live(one)[visit]["state"] == "observing", one.k
            view = one.sign_in("1004")
            assert [tile["ticket"] for tile in view["data"]["tiles"]] == ["A-001"], one.k
            assert reading.rebuilt(one.store) == live(one)
        assert [record.kind for record in first.records()].count("dose.given") == 0
    finally:
        site.close()


@pytest.mark.parametrize("hours", [(0, 2, -2), (-2, 0, 2), (2, -2, 0)])
def test_clocks_hours_apart_keep_nobody_from_their_dose(quick_folder: Path, hours: tuple[int, int, int]):
    """F35: each kiosk's wall clock is its own; what happened at one desk is before what follows at the next."""
    site = Site(quick_folder, 3)
    try:
        for one, off in zip(site.kiosks, hours, strict=True):
            one.clock.wall += off * 3_600_000
        first, second, third = site.kiosks
        first.check_in()
        site.share()
        second.sign_in("1002", "screening")
        assert second.scan(CARD)["screen"] == "screening"
        second.act("judge", **EASY)
        second.act("conclude", conclusion="eligible", reason="")
        site.share()
        third.sign_in("1003", "injection")
        assert third.scan(CARD)["screen"] == "dosing"
        third.act("lot", lot="ABV001")
        assert third.act("confirm_dose")["screen"] == "dosed"
    finally:
        site.close()


def test_one_person_at_two_kiosks_keeps_one_ticket(site: Site):
    """I5: the copy has arrived, so the second kiosk shows the first one's number and records nothing."""
    first, second = site.kiosks
    first.check_in()
    site.share()
    before = second.kinds()
    second.scan(CARD)
    view = second.act("yes")
    assert (view["screen"], view["data"]["ticket"], view["notice"]["code"]) == ("ticket", "A-001", "welcome_again")
    assert second.kinds() == before


def test_tickets_of_a_lane_count_that_lane_only(site: Site):
    """I5: no two kiosks ever print one number, and none is left out."""
    first, second = site.kiosks
    first.check_in()
    site.share()
    second.check_in(OTHER_CARD)
    assert sorted(one["ticket"] for one in second.desk.call(second.desk.visits_today)) == ["A-001", "B-001"]


def test_a_kiosk_calls_its_own_lane_only(site: Site):
    """I5: two desks cannot call one person; a touch on a neighbour's number says what to do instead."""
    first, second = site.kiosks
    visit = first.check_in()
    site.share()
    view = second.sign_in("1002")
    assert [(person["ticket"], person["ours"]) for person in view["data"]["people"]] == [("A-001", False)]
    assert view["data"]["next"] is None
    assert second.act("call_next")["notice"]["code"] == "nobody_waiting"
    assert second.act("call", visit=visit)["notice"]["code"] == "other_lane"
    assert second.act("absent", visit=visit)["notice"]["code"] == "other_lane"
    assert "visit.called" not in second.kinds()


def test_a_person_whom_a_neighbour_serves_is_not_called_back(site: Site):
    first, second = site.kiosks
    first.check_in()
    first.check_in(OTHER_CARD)
    site.share()
    second.sign_in("1002")
    second.scan(CARD)
    site.share()
    view = first.sign_in("1002")
    assert view["data"]["next"]["ticket"] == "A-002"
    # The desk that has called them finds them first, also after it went home in between.
    second.act("back")
    assert second.act("call_next")["data"]["person"]["ticket"] == "A-001"


def test_a_card_at_the_wrong_step_or_of_nobody_known_is_told_so(site: Site):
    first, second = site.kiosks
    first.check_in()
    site.share()
    second.sign_in("1003", "injection")
    assert second.scan(CARD)["notice"]["code"] == "not_this_step"
    assert second.scan(OTHER_CARD)["notice"]["code"] == "not_here_today"


def test_observation_of_a_dose_given_next_door_never_ends_early(site: Site):
    """I7: a stranger's boot says nothing to this clock; it counts from when the record came, and ends in time."""
    first, second = site.kiosks
    second.clock.boot, second.clock.mono = "boot-9", 5_000_000
    first.check_in()
    first.screen()
    first.dose()
    site.pass_s(60)
    site.share()
    second.sign_in("1004")
    [tile] = second.touch.view()["data"]["tiles"]
    assert tile["left_s"] == 1800
    site.pass_s(1799)
    assert second.touch.view()["data"]["tiles"][0]["left_s"] == 1
    site.pass_s(1)
    view = second.act("release", visit=tile["visit"])
    assert view["screen"] == "released"
    assert second.records()[-1].body["observed_s"] == 1800


def test_any_order_and_doubling_reads_the_same(site: Site):
    """I3, I6: copies come singly, doubled, in any order, before or after our own acts on the visit."""
    first, second = site.kiosks
    first.check_in()
    site.share()
    second.sign_in("1002")
    second.scan(CARD)
    second.act("judge", **EASY)
    second.act("conclude", conclusion="eligible", reason="")
    site.share()
    first.dose()
    dice = random.Random(3)
    pairs = site.pairs(first)
    dice.shuffle(pairs)
    for pair in [*pairs, *pairs]:
        site.tell(second, [pair], by="kiosk-01")
    assert len(copies(second)) == len(pairs)
    assert reading.rebuilt(second.store) == live(second)
    assert [one["state"] for one in live(second).values()] == ["observing"]


def test_later_records_sort_behind_a_neighbours(site: Site):
    """Protocol.md, Clocks: a clock two minutes ahead is met; one ten minutes ahead is not adopted."""
    first, second = site.kiosks
    first.clock.wall += 120_000
    first.check_in()
    site.share()
    assert second.desk.log.hlc[0] == first.desk.log.hlc[0]
    first.clock.wall += 3_600_000
    first.check_in(OTHER_CARD)
    site.share()
    assert second.desk.log.hlc[0] < first.desk.log.hlc[0]


def test_nothing_unsigned_or_foreign_is_kept(quick_folder: Path):
    """I11, F75: flipped bytes, a stranger's signature, a revoked writer, a writer without a key, our own name, noise."""
    site = Site(quick_folder, 3, revoked=["kiosk-03"])
    try:
        first, second, third = site.kiosks
        for one in site.kiosks:
            one.check_in()
        good, [(line, signature), *_] = site.pairs(second), site.pairs(second)
        other = site.pairs(third)[0]
        elsewhere = line.replace(b'"site":"trang-dai"', b'"site":"elsewhere"')
        bad = [
            (line.replace(b'"seq":1', b'"seq":9'), signature),
            (line, other[1]),
            (line, b"es256 x"),
            (b'{"v":1}', signature),
            other,
            (elsewhere, second.desk.log._signer.line(elsewhere)),
        ]
        hood = site.tell(first, bad)
        assert (copies(first), hood.refused) == ([], len(bad))
        site.tell(first, site.pairs(first))
        assert copies(first) == []
        site.tell(first, [*bad, *good])
        assert copies(first) == [("kiosk-02", number + 1) for number in range(len(good))]
        assert first.touch.view()["screen"] == "ticket" or first.touch.view()["screen"] == "welcome"
    finally:
        site.close()


def test_any_bytes_on_a_neighbours_topic(site: Site):
    """I11: noise and bent messages end as nothing kept; the desk lives."""
    first, second = site.kiosks
    second.check_in()
    whole = envelope.pack(site.pairs(second))
    dice = random.Random(1)
    end = site.ends[first.k]
    for number in range(600):
        cut = dice.randrange(len(whole))
        bent = whole[:cut] + dice.randbytes(dice.randrange(40)) + whole[cut + dice.randrange(60) :]
        site.hear(end, "kiosk-02", (topics.UP, topics.DOWN, topics.HELD)[number % 3], bent)
    site.step(first.k)
    genuine = {canon.digest(line) for line, _ in site.pairs(second)}
    assert {one.digest for one in first.store.copies.every()} <= genuine


def test_without_a_list_of_keys_there_are_no_neighbours(quick_folder: Path):
    """An older server sends none: nothing is believed, everything else works."""
    site = Site(quick_folder)
    try:
        first, second = site.kiosks
        first.lists = LISTS
        first.close()
        (first.folder / "kiosk.db").unlink()
        first.open()
        site.plug_in(first)
        second.check_in()
        site.tell(first, site.pairs(second))
        assert copies(first) == []
        assert not KeyRing([{"k": "kiosk-02", "public_key": "no key"}]).names()
    finally:
        site.close()


def test_a_newer_releases_record_is_kept_for_the_centre(site: Site):
    """F42, I16: this release cannot read it; its writer may burn all the same."""
    first, second = site.kiosks
    line = site.pairs(second)[0][0].replace(b'"kind":"log.opened"', b'"kind":"log.teleported"')
    site.tell(first, [(line, second.desk.log._signer.line(line))])
    assert copies(first) == [("kiosk-02", 1)]
    assert first.check_in()


def test_both_branches_of_a_cloned_neighbour_are_kept(site: Site):
    """I4."""
    first, second = site.kiosks
    line = site.pairs(second)[0][0]
    other = line.replace(b'"why":"enrolled"', b'"why":"restored"')
    site.tell(first, [(each, second.desk.log._signer.line(each)) for each in (line, other)])
    assert copies(first) == [("kiosk-02", 1), ("kiosk-02", 1)]


def test_a_full_disk_keeps_no_copy_and_tells_nobody(site: Site):
    """F23: what could not be written counts as not held."""
    first, second = site.kiosks
    second.check_in()
    first.desk.call(lambda: first.store.db.conn.execute("PRAGMA query_only = ON"))
    site.tell(first, site.pairs(second))
    assert copies(first) == []
    first.desk.call(lambda: first.store.db.conn.execute("PRAGMA query_only = OFF"))
    site.tell(first, site.pairs(second))
    assert len(copies(first)) == 2
