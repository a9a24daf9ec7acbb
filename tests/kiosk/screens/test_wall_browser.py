"""The wall display in real Chromium, portrait and landscape: large, nothing cut, true again after the kiosk was away."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from kiosk.screens.wall import create_wall
from tests.axe import KIOSK, serious
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SIZES = {"landscape": (1920, 1080), "portrait": (1080, 1920), "small": (800, 480), "kiosk": (1280, 800)}
CUT = """() => [...document.querySelectorAll("li, header > *, h1, h2, .wait, .away, .nobody")]
  .filter((e) => e.checkVisibility() && e.clientHeight && e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline")
  .map((e) => e.textContent.trim())"""


class ShownHall:
    """The seam of `kiosk.screens.wall.Hall`; `show` is its lever."""

    def __init__(self):
        self.version = 1
        self.shown = hall()

    def show(self, **changes):
        self.version += 1
        self.shown = hall(**changes)

    def wall(self):
        return {**self.shown, "version": self.version}


def hall(called=7, waiting=40, **more):
    stations = ("screening", "injection")
    return {
        "site": "Trạm y tế phường Trảng Dài",
        "demo": False,
        "time": "09:42",
        "sure": True,
        "called": [
            {"ticket": f"A-{n:03d}", "desk": str(n % 4 + 1), "station": stations[n % 2], "fresh": n < 2}
            for n in range(called)
        ],
        "next": [f"{'AB'[n % 2]}-{n:03d}" for n in range(min(waiting, 24))],
        "waiting": waiting,
        "minutes": 25 if waiting else None,
        **more,
    }


@pytest.fixture
def shown():
    return ShownHall()


@pytest.fixture
def wall_address(shown):
    server = make_server("127.0.0.1", 0, create_wall(hall=shown), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="tram-wall-test")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/wall"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_wall_fits_and_follows_and_outlives_the_kiosk(chromium, wall_address, shown, artefacts):
    """Portrait and landscape, full and empty; then calls come, the kiosk goes away and comes back."""
    page = chromium.new_page()
    shapes = {
        "full": {},
        "empty": {"called": 0, "waiting": 0},
        "long": {"called": 12, "site": "Trung tâm Văn hoá " * 4},
    }
    wrong = {}
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for shape, changes in shapes.items() if name == "portrait" else [("full", {})]:
            shown.show(**changes)
            page.goto(wall_address)
            page.evaluate("document.fonts.ready.then(() => 0)")
            shoot(page, artefacts / f"wall-{shape}-{name}.png")
            found = [text for text in page.evaluate(CUT) if not text.startswith("Trung tâm")]
            if page.evaluate("document.documentElement.scrollHeight > innerHeight + 1"):
                found.append("the page scrolls")
            if found:
                wrong[f"{name} {shape}"] = found
    assert wrong == {}
    shown.show(called=1)
    expect(page.locator(".called li")).to_have_count(1, timeout=20_000)
    expect(page.locator(".called li")).to_contain_text("A-000→Bàn 1")
    page.route("**/wall/pulse", lambda route: route.abort())
    page.locator("[data-away]").wait_for(state="visible", timeout=20_000)
    assert page.locator(".called li").count() == 1, "the numbers of before stay"
    page.unroute("**/wall/pulse")
    page.locator("[data-away]").wait_for(state="hidden", timeout=20_000)
    assert serious(page, KIOSK) == {}
    page.close()
