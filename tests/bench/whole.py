"""A whole kiosk as a process of its own: start, memory, a touch and a scan as they are waited for, beside bare Flask pages.

Over HTTP what Chromium waits for is measured; in Chromium (where there is one) also what the eye waits for.
"""

import http.client
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from provisioning.hands import Hands
from provisioning.stage import Program, Stage, free_port, url_answers
from tests.bench.lines import line, spread, timed
from tests.kiosk.whole import Whole

PEOPLE = 40
STARTS = 5
START_AIM_S = 3.0
TAP_AIM_MS = 150


# From the finger's event to the next screen with all its scripts, by the browser's own clock: what drives the browser is not in it.
STOPWATCH = """{
  const now = (at) => String(performance.timeOrigin + at);
  addEventListener("pointerdown", (event) => { sessionStorage.touched = now(event.timeStamp); }, true);
  new MutationObserver(() => {
    if (document.body?.dataset.ready && !window.stood) sessionStorage.stood = window.stood = now(performance.now());
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
}"""


def card(number: int) -> str:
    """Somebody else's card each time."""
    return f"0750790{number:05d}||Nguyễn Văn An|14041979|Nam|Biên Hòa|25062021"


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            found += [int(each) for each in Path(f"/proc/{one}/task/{one}/children").read_text("ascii").split()]
    return found


def megabytes(pid: int, what: str) -> float:
    """`Rss` or `Pss` (shared pages divided among who shares them) of a process and its children."""
    total = 0
    for one in family(pid):
        rows = Path(f"/proc/{one}/smaps_rollup").read_text("ascii").splitlines()
        total += sum(int(row.split()[1]) for row in rows if row.startswith(f"{what}:"))
    return round(total / 1024, 1)


@contextmanager
def running(stage: Stage, name: str, port: int, *command: str) -> Iterator[tuple[Program, float]]:
    """A program that serves pages on `port`, and the milliseconds from its start to its first whole page."""
    begun = time.perf_counter()
    program = stage.start(name, command, ready=lambda: url_answers(f"http://127.0.0.1:{port}/"), timeout_s=60)
    yield program, (time.perf_counter() - begun) * 1000
    stage.forget(program)


def bench_start(stage: Stage, whole: Whole, port: int) -> None:
    """From exec to the first page, with a store that holds a day's records; the peer takes turns with it."""
    ours: list[float] = []
    peers: list[float] = []
    peer_port = free_port()
    for _ in range(STARTS):
        with running(stage, "kiosk", port, *command(whole)) as (_program, took):
            ours.append(took)
        with running(stage, "peer", peer_port, "python", "-m", "tests.bench.plain_pages", str(peer_port)) as (
            _program,
            took,
        ):
            peers.append(took)
    spread("start to usable screen, without Chromium", ours, aim_ms=START_AIM_S * 1000)
    spread("peer: bare Flask pages, start to first page", peers)


def command(whole: Whole) -> tuple[str, ...]:
    """How a kiosk is run."""
    return ("python", "-m", "kiosk", "run", "--config", str(whole.toml))


def bench_http(hands: Hands) -> None:
    """A scan by the serial reader until its screen is there to be fetched; a touch until the next page has come."""
    scans, taps = [], []
    for number in range(PEOPLE):
        hands.pull("scan", card(number))
        begun = time.perf_counter()
        until = begun + 5
        while hands.look().screen != "confirm" and time.perf_counter() < until:
            time.sleep(0.001)
        scans.append((time.perf_counter() - begun) * 1000)
        token = hands.look().token

        def tap(token: str = token) -> None:
            hands._ask("POST", "/act/yes", {"token": token})
            hands._ask("GET", "/", None)

        taps.append(timed(tap))
        hands.touch("done")
    spread("tap, durable, next page over HTTP (check-in)", taps, aim_ms_p99=TAP_AIM_MS)
    spread("scan by the reader until its page can be fetched", scans)


def bench_peer(port: int) -> None:
    """The same two requests to bare pages."""

    def tap() -> None:
        for method, path in (("POST", "/act"), ("GET", "/")):
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request(method, path, "", {"Content-Type": "application/x-www-form-urlencoded"})
            link.getresponse().read()
            link.close()

    spread("peer: bare Flask pages, the same two requests", [timed(tap) for _ in range(PEOPLE)])


def bench_chromium(url: str, hands: Hands) -> None:
    """As the eye waits: until the next screen stands, laid out, in Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        line("in Chromium", skipped="no Chromium on this machine")
        return
    taps, scans = [], []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        page: Any = browser.new_page(viewport={"width": 800, "height": 480})
        page.add_init_script(STOPWATCH)
        page.goto(url)
        for number in range(PEOPLE, 2 * PEOPLE):
            seen(page, "welcome")
            scans.append(timed(lambda number=number: (hands.pull("scan", card(number)), seen(page, "confirm"))))
            page.click("[data-act=yes]")
            seen(page, "ticket")
            taps.append(page.evaluate("Number(sessionStorage.stood) - Number(sessionStorage.touched)"))
            hands.touch("done")
        browser.close()
    spread("tap, durable, next screen in Chromium (check-in)", taps, aim_ms_p99=TAP_AIM_MS)
    spread("scan, next screen in Chromium (it asks three times a second)", scans)


def seen(page: Any, screen: str) -> None:
    """Wait until a screen stands, all of its scripts begun. On a starved machine a page may be renewed meanwhile."""
    page.wait_for_function(
        "(screen) => document.body?.dataset.screen === screen && document.body.dataset.ready", arg=screen
    )


def main() -> None:
    """All of them, on one kiosk."""
    line("load of this machine, 1 min", programs_waiting=round(os.getloadavg()[0], 1), processors=os.cpu_count())
    with tempfile.TemporaryDirectory() as name:
        whole = Whole(Path(name))
        port = free_port()
        whole.settings |= {"screen_port": port, "camera": "fake"}
        whole.prepare()
        url = f"http://127.0.0.1:{port}/"
        with Stage(Path(name) / "log") as stage:
            with running(stage, "kiosk", port, *command(whole)) as (program, _took):
                hands = Hands(url)
                at_start = {what: megabytes(program.pid, what) for what in ("Rss", "Pss")}
                bench_http(hands)
                bench_chromium(url, hands)
                after = {what: megabytes(program.pid, what) for what in ("Rss", "Pss")}
                figures = {"rss_mb": after["Rss"], "pss_mb": after["Pss"], "rss_mb_at_start": at_start["Rss"]}
                line("memory of the kiosk and its zbar child", **figures, people=2 * PEOPLE)
            peer_port = free_port()
            with running(stage, "peer", peer_port, "python", "-m", "tests.bench.plain_pages", str(peer_port)) as (
                program,
                _took,
            ):
                bench_peer(peer_port)
                line("peer: bare Flask pages, memory", rss_mb=megabytes(program.pid, "Rss"))
            bench_start(stage, whole, port)


if __name__ == "__main__":
    main()
