"""What every test gets: a detector of leaked threads, a place for pictures, and Chromium for those that ask; and
which tests share a worker.
"""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
# Folders whose files share one costly start; the first that fits counts.
ONE_START = ("tests/browser/failures/", "tests/browser/")
# Folders and files of long tests that share nothing: each of them goes alone.
ALONE = (
    "tests/together/",
    "tests/processes/test_processes.py",
    "tests/kiosk/screens/test_fit_browser.py",
    "tests/kiosk/hardware/test_camera_path.py",
    "tests/kiosk/test_power_cut.py",
)
THREAD_GRACE_S = 2.0  # a thread that was told to stop may still be on its way out on a busy machine

# No deadline per example: on a shared machine slowness is not a failure. print_blob shows how to repeat one.
# Under CI the examples are always the same, so that a red run is about the change and not about luck.
hypothesis.settings.register_profile("tram", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("tram")


def allowed_s(item: pytest.Item) -> float:
    """The seconds a test allows itself; 0 when the house's limit is enough for it."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0.0


def share_of(nodeid: str) -> str:
    """What runs on one worker together with this test: its file, for its tests share a costly start, or more, or less."""
    if nodeid.startswith(ALONE):
        return nodeid
    return next((folder for folder in ONE_START if nodeid.startswith(folder)), nodeid.split("::", maxsplit=1)[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Shares by `share_of`. (`--dist=loadgroup` does not see its own marks under this pytest, and says nothing.)"""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - asked for with workers only

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return share_of(nodeid)

    return Shares(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """The longest begin first, so that none still runs when all others are done."""
    yield
    items.sort(key=allowed_s, reverse=True)


def leaked_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads begun since `before` that are ours (named tram-...) or would keep the process from ending.

    asyncio_0 ... belong to Playwright's event loop, which lives as long as the session's browser.
    """
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and (not thread.daemon or thread.name.startswith("tram-"))
        and not thread.name.startswith("asyncio_")
    ]


@pytest.fixture(autouse=True)
def no_leaked_thread() -> Iterator[None]:
    """Fail the test that leaves a thread running; first in, so that it looks after all other fixtures are gone."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + THREAD_GRACE_S
    while (left := leaked_threads(before)) and time.monotonic() < until:
        left[0].join(0.05)
    if left:
        pytest.fail("threads left running: " + ", ".join(sorted(thread.name for thread in left)))


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder for screenshots and other things worth a look after the run; git ignores it."""
    folder = REPOSITORY / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """The system's Chromium as Playwright's Browser. Ask it for a new context per person."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - 0.3 s that only browser tests should pay

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium on this machine: `make setup` installs it"
    with sync_playwright() as playwright:
        # Chromium refuses to run as root inside its sandbox, and CI containers are root.
        # Machines of tests have no graphics card: trying for one costs a sixth of a walk through the screens.
        flags = ["--disable-gpu", "--disable-background-networking"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
