"""Two real kiosks, a real broker, one queue: two who call at once get two people; the keeper dies, lanes go on (F45, F84, I5)."""

import threading
from pathlib import Path

import pytest

from provisioning.crowd import crowd
from provisioning.hands import Hands, Page
from provisioning.small_province import SmallProvince
from provisioning.stage import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WAIT_S = 40
SHARED, OWN = "Hàng đợi chung", "Chỉ gọi số của máy này"


def check_in(hands: Hands, payload: str) -> str:
    """A person with a card takes a number; gives it."""
    for _ in range(4):
        hands.pull("scan", payload)
        if hands.wait_for("confirm", timeout_s=5).screen == "confirm":
            break
    ticket = hands.touch("yes").tickets[0]
    hands.touch("done")
    return ticket


def at_screening(hands: Hands) -> None:
    hands.touch("staff")
    page = hands.touch("sign_in", code="1002", pin="246802")
    assert page.screen == "queue", page.text


def shows(hands: Hands, *words: str) -> bool:
    return wait_until(lambda: all(word in hands.look().text for word in words), timeout_s=WAIT_S)


def called(hands: Hands) -> Page:
    """Touch "call the next number" and wait for the person."""
    hands.touch("call_next")
    return hands.wait_for("screening", timeout_s=5)


def test_one_queue_for_the_site_and_own_lanes_without_its_keeper(tmp_path: Path) -> None:
    people = [citizen.payload for citizen in crowd(6, seed=84)]
    with SmallProvince(tmp_path / "province", kiosks=2, keeper=True) as province:
        first, second = (Hands(station.url) for station in province.stations)
        for hands in (first, second):
            assert wait_until(lambda hands=hands: "Trảng Dài" in hands.whole(), timeout_s=WAIT_S)
        tickets = [check_in(first, payload) for payload in people[:3]]
        own = check_in(second, people[3])
        for hands in (first, second):
            at_screening(hands)
            assert shows(hands, SHARED, *tickets, own), hands.look().text

        pages: dict[str, Page] = {}
        both = [
            threading.Thread(target=lambda name=name, hands=hands: pages.update({name: called(hands)}))
            for name, hands in (("first", first), ("second", second))
        ]
        for one in both:
            one.start()
        for one in both:
            one.join()
        served = {name: page.tickets[0] for name, page in pages.items() if page.screen == "screening"}
        assert sorted(served.values()) == tickets[:2], {name: page.text for name, page in pages.items()}
        second.touch("back")
        assert shows(second, f"{served['first']}", "→ bàn 1")

        # SIGKILL of the keeper: the other serves its own numbers, and nobody waits for more than a second.
        province.kill_kiosk(province.stations[0])
        assert shows(second, OWN)
        second.touch("absent", visit=_visit_in_hand(second))
        page = called(second)
        assert page.tickets[:1] == [own], page.text
        second.touch("absent", visit=page.visits[0])
        assert second.touch("call_next").screen == "queue"

        province.start_kiosk(province.stations[0])
        at_screening(first)
        assert shows(second, SHARED)
        assert shows(first, SHARED)
        # Who was in the keeper's hands before it died is there still.
        assert called(first).tickets[:1] == [served["first"]]
        assert called(second).tickets[:1] == [tickets[2]]


def _visit_in_hand(hands: Hands) -> str:
    return hands.look().visits[0]
