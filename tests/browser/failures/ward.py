"""A kiosk of its own in a process, with levers for every failure, and the eyes that look at its screen in Chromium."""

import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser

from provisioning.hands import Hands
from provisioning.stage import wait_until
from tests.axe import KIOSK, serious
from tests.kiosk.screens.test_fit_browser import DEAF, SIZES, WRONG
from tests.kiosk.whole import Whole
from tests.pictures import shoot

WAIT_S = 60
LOOK_S = 60
END_S = 15
# Left alone for a minute a page gives its screen back: in the middle of the next test's first look.
PATIENT = "HTMLFormElement.prototype.submit = () => {};"


class Ward:
    """`hands`: at its screen and levers; `page`: Chromium showing it; `whole`: its files."""

    def __init__(self, folder: Path, *, chromium: Browser, pictures: Path) -> None:
        self.whole = Whole(folder)
        self.whole.settings |= {"camera": "fake", "machine": "fake", "board": "fake"}
        self.whole.prepare()
        self._pictures = pictures
        self._start()
        self._context = chromium.new_context(has_touch=True, reduced_motion="reduce")
        # Between two looks it stands still. In the page itself: Playwright would hold its questions until we listen again.
        self._context.add_init_script(DEAF + PATIENT)
        self.page = self._context.new_page()
        self.page.set_default_timeout(LOOK_S * 1000)

    def _start(self) -> None:
        log = self.whole.folder / "kiosk.log"
        command = (sys.executable, "-m", "kiosk", "run", "--config", str(self.whole.toml))
        with log.open("ab") as said:
            self._program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)
        self.url = self._program.stdout.readline().decode().removeprefix("kiosk: ").strip()
        assert self.url, log.read_text("utf-8")[-2000:]
        self.hands = Hands(self.url)
        try:
            for name in ("printer", "camera", "reader", "board"):
                self.await_tile(name, "ready")
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self._program.terminate()
        self._program.communicate(timeout=END_S)

    def home(self) -> None:
        """At the welcome, whatever the test before has left."""
        if self.tiles()["camera"] == "resting":
            # After weak power it rests for a minute.
            self._end()
            self._start()
        acts = {"ticket": "done", "confirm": "no", "status": "back", "trouble": "retry"}
        for _try in range(5):
            page = self.hands.look()
            if page.screen == "welcome":
                return
            self.hands.touch(acts[page.screen])
        raise AssertionError(page)

    def close(self) -> None:
        self._context.close()
        self._end()

    def tiles(self) -> dict[str, str]:
        """What each tile says now; of the lists the last one."""
        found = json.loads(self.hands.status())
        return {tile["what"]: tile["state"] for tile in found["tiles"]}

    def await_tile(self, what: str, state: str) -> None:
        assert wait_until(lambda: self.tiles()[what] == state, timeout_s=WAIT_S), (what, state, self.tiles())

    def look(self, name: str, *, screen: str, says: str, displays: tuple[str, ...] = tuple(SIZES)) -> None:
        """The screen says it, on each display, with nothing cut, too small or too near; pictures are kept."""
        for display in displays:
            width, height = SIZES[display]
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.goto(self.url)
            self.page.wait_for_selector(f"body[data-ready][data-screen={screen}]")
            self.page.get_by_text(says, exact=False).first.wait_for(state="visible")
            assert self.page.evaluate(WRONG) == [], display
            shoot(self.page, self._pictures / f"{name}-{screen}-{display}.png")

    def accessible(self) -> None:
        """Axe finds nothing serious on the page shown."""
        assert serious(self.page, KIOSK) == {}

    def state_page(self, name: str, *, what: str, state: str, to_do: str) -> None:
        """The machine's own page says it first, with what to do."""
        self.await_tile(what, state)
        assert self.hands.touch("status").screen == "status"
        self.look(name, screen="status", says=to_do, displays=("800x480",))
        self.page.wait_for_selector(f"[data-tile={what}][data-state={state}]", state="visible")
        self.accessible()
        assert self.hands.touch("back").screen == "welcome"
