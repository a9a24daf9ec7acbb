"""F105, a new kiosk in real Chromium: its QR made in the console, held before its camera, its first records arrive; then it is revoked."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from provisioning.hands import Hands, KioskAway
from provisioning.small_province import PROVINCE, SHARD, SmallProvince
from provisioning.stage import free_port, wait_until
from server import accounts, boxes, reference, second_factor, units
from server.accounts import ACCOUNT
from server.clock import DemoClock
from server.db import Database, upsert
from server.ledger.tables import RECORD
from tests.browser.test_door import WALK_IN
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SITE = {
    "site": "tan-hiep", "shard": SHARD, "name": "Trạm y tế Tân Hiệp", "address": "", "hotline": "", "unit": "25993",
}  # fmt: skip
SECRET = b"the second factor 20"
PASSWORD = "mot cau de nho 2026"
WAIT_S = 30
K = "kiosk-41"


@pytest.fixture
def books(province: SmallProvince) -> Iterator[Database]:
    """The centre's database, with a site of our own, so that no other test finds a kiosk more at theirs, and an administrator."""
    db = Database(f"sqlite:///{province.ledger}")
    key = (province.folder / "server" / "session.key").read_bytes()
    now = DemoClock(province.clock).wall_ms()
    with db.write() as conn:
        upsert(conn, reference.SITE, [SITE])
        unit = units.find(conn, PROVINCE, day=datetime.now(UTC).date().isoformat())
        number = accounts.create(
            conn, passwords=accounts.Passwords(), login="quantri", name="Phạm Văn Quản", email="a@example.vn",
            role="admin", unit=PROVINCE, unit_from=unit.valid_from if unit else "", password=PASSWORD, now=now,
        )  # fmt: skip
        sealed = second_factor.seal(SECRET, key=key)
        conn.execute(ACCOUNT.update().where(ACCOUNT.c.id == number).values(totp=sealed, must_change=False))
    yield db
    db.close()


@pytest.fixture
def blank(province: SmallProvince) -> Iterator[str]:
    """A kiosk fresh from its box, running: the address of its screen. Its camera looks at the folder `pictures`."""
    home = province.folder.parent / "fresh"
    port = free_port()
    (home / "pictures").mkdir(parents=True)
    lines = (
        f'folder = "{home / "data"}"', f'kit = "{home / "kit"}"', f"screen_port = {port}", 'camera = "folder"',
        f'camera_folder = "{home / "pictures"}"', 'reader = "fake"', 'printer = "fake"', 'machine = "fake"',
        "reserve_mb = 1", f'demo_clock = "{province.clock}"', f'demo_cards = "{province.folder / "cards.json"}"',
    )  # fmt: skip
    (home / "kiosk.toml").write_text("\n".join(lines) + "\n", "utf-8")
    with (home / "log").open("wb") as log:
        program = subprocess.Popen(
            (sys.executable, "-m", "kiosk", "run", "--config", str(home / "kiosk.toml")), stdout=log, stderr=log
        )
        yield f"http://127.0.0.1:{port}/"
        program.terminate()
        program.wait(WAIT_S)


def screen(hands: Hands) -> str:
    try:
        return hands.look().screen
    except (KioskAway, RuntimeError):
        return ""


def signed_in(browser: Browser, province: SmallProvince) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(province.server_url + "console/sign-in")
    page.fill("[name=login]", "quantri")
    page.fill("[name=password]", PASSWORD)
    page.click("main button, form button")
    page.fill("[name=code]", second_factor.code_at(SECRET, now=DemoClock(province.clock).wall_ms()))
    page.click("form:has([name=code]) button")
    page.goto(province.server_url + "console/kiosks")
    return page


def records(books: Database, kind: str) -> int:
    with books.read() as conn:
        query = select(func.count()).select_from(RECORD).where(RECORD.c.k == K, RECORD.c.kind == kind)
        return int(conn.execute(query).scalar_one())


def told(books: Database) -> bool:
    """Has it said on `state` how it is?"""
    with books.read() as conn:
        return boxes.one(conn, K)["state"].get("app") is not None


def check_in(hands: Hands, card: str) -> None:
    hands.pull("scan", card)
    assert hands.wait_for("confirm", timeout_s=WAIT_S).screen == "confirm"
    assert hands.touch("yes").screen == "ticket"


@pytest.fixture
def look(artefacts: Path) -> Callable[[Page, str], object]:
    return lambda page, name: shoot(page, artefacts / f"{name}.png", full_page="console" in page.url)


def test_a_new_kiosk_is_enrolled_by_a_qr_and_revoked(
    province: SmallProvince, books: Database, blank: str, chromium: Browser, look: Callable[[Page, str], object]
):
    hands, folder = Hands(blank), province.folder.parent / "fresh"
    assert wait_until(lambda: screen(hands) == "enrolment", timeout_s=WAIT_S)
    kiosk = chromium.new_page(viewport={"width": 800, "height": 480})
    kiosk.goto(blank)
    expect(kiosk.locator("main")).to_contain_text("Máy này chưa được đăng ký", timeout=15_000)
    look(kiosk, "enrolment-blank")
    # Another kind of code: said in words, nothing happens.
    hands.pull("scan", "TRAM-BADGE:x")
    expect(kiosk.locator("body[data-word=not_enrolment]")).to_be_attached(timeout=15_000)
    look(kiosk, "enrolment-other-code")

    console = signed_in(chromium, province)
    console.click("a.button:has-text('Đăng ký kiosk')")
    console.select_option("[name=place]", SITE["site"])
    console.fill("[name=k]", K)
    console.select_option("[name=lane]", "T")
    look(console, "enrolment-form")
    console.click("button:has-text('Tạo mã')")
    expect(console.locator("#code")).to_be_visible(timeout=15_000)
    look(console, "enrolment-code")
    # As a hand would hold the console's screen before the camera.
    shoot(console.locator("#code"), folder / "pictures" / "code.png")
    expect(kiosk.locator("body[data-screen=welcome]")).to_be_attached(timeout=WAIT_S * 1000)
    assert wait_until(lambda: records(books, "log.opened") == 1, timeout_s=WAIT_S)
    check_in(hands, WALK_IN)
    assert hands.look().tickets == ["T-001"]
    assert wait_until(lambda: records(books, "visit.checked_in") == 1 and told(books), timeout_s=WAIT_S)

    for language in ("vi", "en"):
        console.goto(f"{province.server_url}console/kiosks?lang={language}")
        look(console, f"kiosks-{language}")
    expect(console.locator("tr", has_text=K)).to_contain_text("connected", timeout=15_000)
    console.goto(f"{province.server_url}console/kiosks/of/{K}?lang=vi")
    look(console, "kiosk")
    console.fill("[name=name]", K)
    console.click("button:has-text('Thu hồi kiosk này')")
    expect(console.locator("main")).to_contain_text("thu hồi lúc", timeout=15_000)
    # What it records now stays on its disk; its screen says that the centre refuses it.
    hands.touch("done")
    check_in(hands, WALK_IN.replace("001187004242", "001187004243"))
    hands.touch("done")
    # Cut off, it tries again at growing intervals; on a busy machine the third try is a minute away.
    assert wait_until(lambda: "từ chối" in hands.whole(), timeout_s=2 * WAIT_S)
    look(kiosk, "enrolment-revoked")
    assert records(books, "visit.checked_in") == 1
    for page in (kiosk, console):
        page.context.close()
