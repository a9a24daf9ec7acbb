"""At the door, in real Chromium: how many touches a walk-in needs, and what each kind of code leads to."""

import tomllib

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioning.hands import Hands
from provisioning.small_province import SEED, SmallProvince, cards
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
# Nobody expects this person: no appointment, never seen before.
WALK_IN = "001187004242||Trịnh Thị Hoài Thương|24121987|Nữ|Số 7, Hàng Bồ, Hoàn Kiếm, Hà Nội|25062021"
MOST_TOUCHES = 4


def samples() -> dict[str, str]:
    """The bench's codes by kind; the first of each."""
    return {one["kind"]: one["payload"] for one in reversed(cards())}


def tap(page: Page, act: str) -> None:
    page.locator(f"[data-act={act}]:visible").first.click()


def test_door_to_ticket(province: SmallProvince, chromium: Browser, artefacts) -> None:
    """A walk-in with a card: at most four touches from door to ticket. Then the other codes, one after the other."""
    station = province.stations[1]
    hands = Hands(station.url)
    page = chromium.new_page(viewport={"width": 800, "height": 480})
    touches: list[str] = []
    page.expose_function("touchedNow", lambda name: touches.append(name))  # noqa: PLW0108 - playwright marks it, a built-in it cannot
    page.add_init_script("addEventListener('pointerdown', (e) => touchedNow(e.target.tagName), true)")
    page.goto(station.url)
    expect(page.locator("body[data-screen=welcome]")).to_be_attached()

    hands.pull("scan", WALK_IN)
    expect(page.locator("body[data-screen=confirm]")).to_be_attached(timeout=10_000)
    tap(page, "yes")
    expect(page.locator("body[data-screen=ticket]")).to_be_attached(timeout=10_000)
    ticket = page.locator(".ticket").inner_text()
    tap(page, "done")
    expect(page.locator("body[data-screen=welcome]")).to_be_attached(timeout=10_000)
    assert 1 <= len(touches) <= MOST_TOUCHES, touches

    # The masked number fits one appointment: nothing is typed.
    expected = tomllib.loads(SEED.read_text("utf-8"))["appointment"][3]["name"]
    for kind in ("personal_qr", "registration"):
        hands.pull("scan", samples()[kind])
        expect(page.locator("body[data-screen=confirm]")).to_be_attached(timeout=10_000)
        expect(page.locator("main")).to_contain_text(expected)
        shoot(page, artefacts / f"door-{kind}.png")
        tap(page, "no")
        expect(page.locator("body[data-screen=welcome]")).to_be_attached(timeout=10_000)
    # An insurance card has no identity number: only that is asked.
    hands.pull("scan", samples()["health_card"])
    expect(page.locator("body[data-screen=type_id]")).to_be_attached(timeout=10_000)
    expect(page.locator("#doc_no")).to_be_visible()
    expect(page.locator("#name")).to_have_count(0)
    shoot(page, artefacts / "door-health_card.png")
    tap(page, "back")
    # The same card again: the same number.
    hands.pull("scan", WALK_IN)
    expect(page.locator("body[data-screen=confirm]")).to_be_attached(timeout=10_000)
    tap(page, "yes")
    expect(page.locator(".ticket")).to_have_text(ticket, timeout=10_000)
    tap(page, "done")
    # The hall sees the number, and nothing of its owner.
    page.goto(station.url + "wall")
    expect(page.locator(".next")).to_contain_text(ticket)
    assert "Thương" not in page.content()
    shoot(page, artefacts / "door-wall.png")
    page.close()
