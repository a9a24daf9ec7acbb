"""Bad input in real Chromium: each is a clear sentence on the screen, nothing is recorded by half, nothing crashes."""

import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioning.hands import Hands, healthy
from provisioning.small_province import SEED, SmallProvince, card_payload
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
CARD = card_payload(tomllib.loads(SEED.read_text("utf-8"))["appointment"][5])


@pytest.fixture
def kiosk(province: SmallProvince, chromium: Browser) -> Page:
    """The second kiosk's screen at its welcome."""
    page = chromium.new_page(viewport={"width": 800, "height": 480})
    page.goto(province.stations[1].url)
    expect(page.locator("body[data-screen=welcome]")).to_be_attached()
    return page


def records(province: SmallProvince) -> int:
    """How many records the second kiosk's disk holds."""
    return int(province.account(province.stations[1])["records"])


@pytest.mark.parametrize(
    ("name", "payload", "sentence"),
    [
        ("garbage", "\u0001\u0002xyz", "Mã này không phải mã căn cước"),
        ("website", "https://example.org/", "Mã này không phải mã căn cước"),
        ("three-kilobytes", "7" * 3000, "Mã"),
        ("control-characters", CARD.replace("|", "|\x1b@", 2), "thẻ"),
        ("unknown-badge", "TRAM-BADGE:nobody", "Thẻ này không có trong danh sách"),
    ],
)
def test_scan_is_a_sentence(
    province: SmallProvince, kiosk: Page, artefacts: Path, *, name: str, payload: str, sentence: str
) -> None:
    """F12, F13, F14, I11."""
    before = records(province)
    Hands(province.stations[1].url).pull("scan", payload)
    notice = kiosk.locator(".notice")
    expect(notice).to_be_visible(timeout=10_000)
    expect(notice).to_contain_text(sentence)
    shoot(kiosk, artefacts / f"bad-{name}.png")
    expect(kiosk.locator("body[data-screen=welcome]")).to_be_attached()
    assert records(province) == before


def test_double_tap_on_yes_is_one_ticket(province: SmallProvince, kiosk: Page) -> None:
    """F22: two quick taps on the same button."""
    before = records(province)
    Hands(province.stations[1].url).pull("scan", CARD)
    yes = kiosk.locator("[data-act=yes]:visible").first
    expect(yes).to_be_visible(timeout=10_000)
    yes.dblclick(no_wait_after=True)
    expect(kiosk.locator("body[data-screen=ticket]")).to_be_attached(timeout=10_000)
    kiosk.locator("[data-act=done]").click()
    expect(kiosk.locator("body[data-screen=welcome]")).to_be_attached(timeout=10_000)
    # One check-in and the fate of its printed ticket: never two check-ins.
    assert records(province) - before in (1, 2)


def test_wrong_pin_and_expired_lot(province: SmallProvince, kiosk: Page, artefacts: Path) -> None:
    """A wrong PIN says so; an expired lot is blocked until the lead allows it with a reason (F86)."""
    hands = Hands(province.stations[1].url)
    kiosk.locator("[data-act=staff]").click()
    kiosk.locator("#code").fill("1003")
    kiosk.locator("#pin").fill("000000")
    kiosk.locator("[data-act=sign_in]").click()
    expect(kiosk.locator(".notice")).to_contain_text("PIN")
    shoot(kiosk, artefacts / "bad-pin.png")
    assert hands.touch("back").screen == "welcome"
    another = card_payload(tomllib.loads(SEED.read_text("utf-8"))["appointment"][6])
    hands.pull("scan", another)
    hands.wait_for("confirm")
    hands.touch("yes")
    hands.touch("done")
    seed = {one["role"]: one for one in tomllib.loads(SEED.read_text("utf-8"))["staff"] if not one.get("revoked")}
    hands.touch("staff")
    hands.touch("sign_in", code=seed["screener"]["code"], pin=seed["screener"]["pin"])
    while hands.touch("call_next").screen == "screening":
        assert hands.touch("judge", **healthy(SEED.parent / "screening_forms.json")).screen == "conclusion"
        assert hands.touch("conclude", conclusion="eligible", reason="").screen == "queue"
    hands.touch("sign_out")
    hands.touch("staff")
    hands.touch("sign_in", code=seed["injector"]["code"], pin=seed["injector"]["pin"])
    hands.touch("station", station="injection")
    hands.touch("call_next")
    before = records(province)
    hands.touch("lot", lot="AZ-21C002")
    page = hands.touch("confirm_dose", reason="vội")
    assert page.screen == "read_back"
    expect(kiosk.locator("body[data-screen=read_back]")).to_be_attached(timeout=10_000)
    expect(kiosk.locator("main")).to_contain_text("hạn")
    shoot(kiosk, artefacts / "bad-lot.png")
    assert records(province) == before
    hands.touch("sign_out")
