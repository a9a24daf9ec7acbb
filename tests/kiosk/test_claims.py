"""Several desks of one site and their queue keeper: real desks, their words carried by hand. F45, F84, I5."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import turns
from kiosk.desk import calling
from protocol.claims import ASK_MS, CONTACT_MS, LEARN_MS, LEASE_MS, SAY_MS
from tests.kiosk.made import CARD, LISTS, OTHER_CARD, PIN, Made
from tests.kiosk.site import Site

THIRD_CARD = "075205001239||Phạm Gia Huy|05111990|Nam|Trảng Dài, Biên Hòa, Đồng Nai|25062021"

SOUND = {
    "answer.ANAPHYLAXIS_SAME_VACCINE": "no",
    "answer.ACUTE_ILLNESS": "no",
    "vital.temperature": "36.8",
    "consent": "yes",
}


class Shared(Site):
    """A site whose keeper is kiosk-01. `cut`: kiosks without a wire."""

    def __init__(self, folder: Path, count: int = 2) -> None:
        super().__init__(folder, count)
        self.cut: set[str] = set()
        for one in self.kiosks:
            one.lists = {**one.lists, "site": {**LISTS["site"], "keeper": "kiosk-01"}}
            self.restart(one)
        self.wait(LEARN_MS + 2 * SAY_MS)

    def restart(self, one: Made) -> None:
        """As after a power cut; its end of the wire begins anew too."""
        one.restart()
        self.plug_in(one)

    def wait(self, milliseconds: int) -> None:
        """Let time pass, a fifth of a second at a time; what the desks say reaches the others."""
        step = 200 if milliseconds < CONTACT_MS else 1_000
        for _ in range(milliseconds // step):
            for one in self.kiosks:
                one.clock.patience += step
                one.desk.call(lambda desk=one.desk: calling.tick(desk))
            self.carry()

    def carry(self) -> None:
        for _ in range(4):
            for teller in self.kiosks:
                while not teller.desk.claims.outgoing.empty():
                    payload = teller.desk.claims.outgoing.get_nowait()
                    for listener in self.kiosks:
                        if listener is not teller and not {teller.k, listener.k} & self.cut:
                            listener.desk.call(lambda desk=listener.desk, word=payload: calling.receive(desk, word))

    def at(self, kiosk: Made, role: str, station: str) -> None:
        kiosk.sign_in({"screener": "1002", "injector": "1003", "lead": "1009"}[role], station=station)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Shared]:
    made = Shared(tmp_path)
    try:
        yield made
    finally:
        made.close()


def both_at_screening(site: Shared) -> tuple[Made, Made]:
    first, second = site.kiosks
    first.check_in()
    first.check_in(OTHER_CARD)
    site.share()
    for one in (first, second):
        site.at(one, "screener", "screening")
    return first, second


def finish_screening(kiosk: Made) -> None:
    """The answers of whoever is at the desk, and the conclusion."""
    kiosk.act("judge", **SOUND)
    kiosk.act("conclude", conclusion="eligible", reason="")


def called(kiosk: Made) -> list[str]:
    return [record.body["visit"] for record in kiosk.records() if record.kind == "visit.called"]


def test_two_desks_that_call_at_once_get_two_people(site: Shared) -> None:
    """F84: the keeper's own desk is answered at once, the other within its second."""
    first, second = both_at_screening(site)
    asked = second.act("call_next")
    assert (asked["screen"], asked["notice"]["code"]) == ("queue", "asking")
    view = first.act("call_next")
    assert (view["screen"], view["data"]["person"]["ticket"]) == ("screening", "A-001")
    site.carry()
    site.wait(200)
    view = second.touch.view()
    assert (view["screen"], view["data"]["person"]["ticket"]) == ("screening", "A-002")
    assert len(set(called(first) + called(second))) == 2


def test_a_screen_says_who_keeps_the_queue_and_who_is_where(site: Shared) -> None:
    first, second = both_at_screening(site)
    first.act("call_next")
    site.wait(200)
    view = second.touch.view()
    assert (view["line"]["mode"], view["line"]["here"], view["line"]["keeper"]) == ("shared", False, "A")
    assert first.touch.view()["line"]["here"]
    people = {one["ticket"]: one["at_desk"] for one in view["data"]["people"]}
    assert people == {"A-001": "A", "A-002": ""}
    assert view["data"]["next"]["ticket"] == "A-002"
    refused = second.act("call", visit=next(one["visit"] for one in view["data"]["people"] if one["ticket"] == "A-001"))
    assert refused["notice"] == {"code": "held_elsewhere", "params": {"ticket": "A-001", "desk": "A"}, "tone": "warn"}


def test_without_the_keeper_the_own_lane_is_served_and_nobody_waits(site: Shared) -> None:
    """F45: contact lost unnoticed costs one second once; after that a touch is answered at once."""
    first, second = both_at_screening(site)
    second.act("sign_out")
    second.check_in(THIRD_CARD)
    site.at(second, "screener", "screening")
    site.cut.add("kiosk-02")
    view = second.act("call_next")
    assert view["notice"]["code"] == "asking"
    site.wait(ASK_MS)
    view = second.touch.view()
    assert (view["screen"], view["data"]["person"]["ticket"]) == ("screening", "B-001")
    second.act("back")
    assert second.touch.view()["line"]["mode"] == "own"
    visit = next(one["visit"] for one in second.touch.view()["data"]["people"] if one["ticket"] == "A-001")
    assert second.act("call", visit=visit)["notice"]["code"] == "own_lane_only"
    assert second.act("call_next")["data"]["person"]["ticket"] == "B-001"
    finish_screening(second)
    assert second.act("call_next")["notice"]["code"] == "nobody_in_lane"
    assert first.act("call_next")["data"]["person"]["ticket"] == "A-001"
    site.cut.clear()
    site.wait(2 * SAY_MS)
    assert second.touch.view()["line"]["mode"] == "shared"


def test_who_was_granted_before_the_cut_stays_and_their_dose_asks_nobody(site: Shared) -> None:
    _first, second = both_at_screening(site)
    second.act("call_next")
    site.wait(200)
    assert second.touch.view()["data"]["person"]["ticket"] == "A-001"
    site.cut |= {"kiosk-01", "kiosk-02"}
    site.wait(CONTACT_MS + SAY_MS)
    second.act("back")
    assert second.act("call_next")["data"]["person"]["ticket"] == "A-001"
    finish_screening(second)
    site.wait(LEASE_MS)  # the screen has locked meanwhile
    site.at(second, "injector", "injection")
    # Screened here, but the lane is another's: only the person themselves, with their card, may come to this desk.
    second.scan(CARD)
    view = second.touch.view()
    assert (view["screen"], view["data"]["person"]["ticket"]) == ("dosing", "A-001")
    second.act("lot", lot="ABV001")
    assert second.act("confirm_dose", reason="Bác sĩ đồng ý")["screen"] == "dosed"


def test_a_granted_person_is_given_back_when_the_screen_has_gone_on(site: Shared) -> None:
    first, second = both_at_screening(site)
    second.act("call_next")
    second.act("sign_out")
    site.carry()
    site.wait(2 * SAY_MS)
    assert second.touch.view()["screen"] == "welcome"
    assert called(second) == []
    assert first.act("call_next")["data"]["person"]["ticket"] == "A-001"


def test_the_keepers_claims_outlive_its_restart(site: Shared) -> None:
    first, second = both_at_screening(site)
    second.act("call_next")
    site.wait(200)
    site.restart(first)
    site.wait(300)
    site.at(first, "screener", "screening")
    assert first.act("call_next")["data"]["person"]["ticket"] == "A-002"


def test_a_keeper_whose_disk_refuses_grants_nothing(site: Shared) -> None:
    first, second = both_at_screening(site)
    first.desk.call(lambda: first.store.db.conn.execute("PRAGMA query_only = 1"))
    second.act("call_next")
    site.carry()
    site.wait(ASK_MS)
    assert second.touch.view()["notice"]["code"] == "nobody_in_lane"


def test_the_lead_moves_the_role_and_the_old_keeper_follows(site: Shared) -> None:
    """A record names who did it; the epoch rises; what the old keeper granted stays where it is."""
    first, second = both_at_screening(site)
    first.act("call_next")
    site.wait(200)
    second.act("sign_out")
    site.at(second, "lead", "screening")
    assert second.touch.view()["line"]["may_take"]
    second.act("keeper")
    assert second.act("take_keeper", pin="0")["notice"]["code"] == "wrong_pin"
    view = second.act("take_keeper", pin=PIN)
    assert (view["screen"], view["notice"]["code"]) == ("queue", "keeper_here")
    record = second.records()[-1]
    assert (record.kind, record.who["id"]) == ("keeper.moved", "nv-1009")
    assert record.body == {"keeper": "kiosk-02", "epoch": 2, "was": "kiosk-01"}
    site.wait(LEARN_MS + SAY_MS)
    assert not first.touch.view()["line"]["here"]
    assert first.touch.view()["line"]["keeper"] == "B"
    assert second.act("call_next")["data"]["person"]["ticket"] == "A-002"
    for one in site.kiosks:
        site.restart(one)
    site.wait(LEARN_MS + 2 * SAY_MS)
    assert second.desk.claims.keeper_here
    assert first.desk.claims.desk.keeper == "kiosk-02"


def test_only_a_lead_moves_the_role(site: Shared) -> None:
    _first, second = both_at_screening(site)
    second.act("keeper")
    assert second.act("take_keeper", pin=PIN)["notice"]["code"] == "not_allowed"
    assert "keeper.moved" not in second.kinds()


def test_a_clash_is_shown_on_both_screens(site: Shared) -> None:
    """Two called one person while apart: both see it, both facts stand."""
    first, second = both_at_screening(site)
    site.cut.add("kiosk-02")
    site.wait(CONTACT_MS + SAY_MS)
    assert first.act("call_next")["data"]["person"]["ticket"] == "A-001"
    second.desk.call(lambda: second.desk.front.show("queue"))
    second.scan(CARD)
    assert second.touch.view()["data"]["person"]["ticket"] == "A-001"
    site.cut.clear()
    site.wait(2 * SAY_MS)

    def clashes() -> list[object]:
        return [one.touch.view()["line"]["clashes"] for one in (first, second)]

    both = [[{"ticket": "A-001", "desk": "B"}], [{"ticket": "A-001", "desk": "A"}]]
    assert clashes() == both
    # Their records come: of two calls the later one stands, and yet the person is on both screens.
    site.share()
    site.wait(2 * SAY_MS)
    assert clashes() == both
    # A screen that was locked meanwhile has them still: the doctor comes back to it.
    first.desk.call(first.desk.front.lock)
    site.wait(2 * SAY_MS)
    assert second.touch.view()["line"]["clashes"] == both[1]
    site.at(first, "screener", "screening")
    assert first.touch.view()["screen"] == "screening"
    # Whoever goes back to the line has agreed: nobody is called twice now.
    first.act("back")
    site.wait(2 * SAY_MS)
    assert clashes() == [[], []]
    assert first.act("call_next")["data"]["person"]["ticket"] == "A-002"


def test_foreign_bytes_and_strangers_say_nothing(site: Shared) -> None:
    first, second = site.kiosks
    for payload in (b"", b"\x00", b"{}\nes256 x\n", b'{"claims":"keeper"}\nes256 x\n'):
        second.desk.call(lambda word=payload: calling.receive(second.desk, word))
    first.desk.call(lambda: first.desk.claims.speak(first.clock.patience + SAY_MS))
    payload = first.desk.claims.outgoing.get_nowait()
    second.desk.call(lambda: second.desk.claims.believe([], 99))
    before = second.desk.claims.desk._answered_at
    second.desk.call(lambda: calling.receive(second.desk, payload))
    assert second.desk.claims.desk._answered_at == before


def test_lanes_are_one_line_by_the_time_of_check_in() -> None:
    def visit(ticket: str, wall: int) -> dict[str, object]:
        return {"visit": ticket, "ticket": ticket, "checked_in": {"wall": wall}}

    people = [visit("A-001", 10), visit("A-002", 5), visit("B-001", 7), visit("B-002", 12), visit("C-001", 10)]
    order = [one["ticket"] for one in turns.order(people)]
    assert order == ["B-001", "A-001", "A-002", "C-001", "B-002"]
