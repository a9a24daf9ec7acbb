"""The alarm in real Chromium on two kiosks at once: real desks, real screens; what one kiosk records, the other hears."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from kiosk.screens.pages import create_screens
from server import reference
from tests.axe import KIOSK, serious
from tests.kiosk.made import LISTS, OTHER_CARD, Made
from tests.kiosk.screens.test_fit_browser import LATER, walked
from tests.kiosk.site import Site
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
BANNER = ".alarms form"
WAIT_MS = 15_000


@pytest.fixture
def site(quick_folder: Path) -> Iterator[Site]:
    """Two kiosks whose lists hold the centre's real grades and treatments; somebody waits at the second."""
    made = Site(quick_folder)
    for one in made.kiosks:
        one.lists = {**one.lists, "forms": {**LISTS["forms"], **reference.read_data("aefi_symptoms")}}
        one.restart()
        made.plug_in(one)
    yield made
    made.close()


@pytest.fixture
def screens(site: Site, chromium: Browser) -> Iterator[list[Page]]:
    """Each kiosk's touchscreen, after its desk's pages."""
    servers, contexts, pages = [], [], []
    for one, (width, height) in zip(site.kiosks, ((800, 480), (1280, 800)), strict=True):
        server = make_server("127.0.0.1", 0, create_screens(desk=one.touch), threaded=True)
        thread = threading.Thread(target=server.serve_forever, name="tram-alarm-test")
        thread.start()
        servers.append((server, thread))
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}")
        pages.append(page)
    yield pages
    for context in contexts:
        context.close()
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def at(page: Page, screen: str) -> None:
    expect(page.locator(f"body[data-screen={screen}][data-ready]")).to_be_attached(timeout=WAIT_MS)


def observed(made: Made) -> str:
    visit = made.check_in()
    made.screen()
    made.dose()
    made.sign_in("1004")
    return visit


def red_button(page: Page) -> None:
    at(page, "observation")
    page.locator(".board .tile").first.click()
    page.locator(".panel:popover-open .alarm-button").click()
    at(page, "follow_up")


def test_the_red_button_at_one_kiosk_calls_the_other_and_its_answer_comes_back(
    site: Site, screens: list[Page], artefacts: Path
) -> None:
    """G14, F36: three touches to the alarm; a form being filled in on the other kiosk loses nothing."""
    (first, second), (board, form) = site.kiosks, screens
    observed(first)
    second.check_in(OTHER_CARD)
    second.sign_in("1002")
    second.act("call_next")
    at(form, "screening")
    answer = form.locator("input[value=no]").first
    answer.check(force=True)
    red_button(board)
    expect(board.locator(BANNER)).to_contain_text("Chưa có ai khác xác nhận")
    expect(board.locator(f"{BANNER} button")).to_have_count(0)
    site.share()
    banner = form.locator(BANNER)
    expect(banner).to_contain_text("Phản ứng nặng: số A-001", timeout=WAIT_MS)
    expect(form.locator("body[data-sounded]")).to_be_attached(timeout=WAIT_MS)
    assert answer.is_checked()
    shoot(form, artefacts / "alarm-called.png")
    banner.locator("button").click()
    expect(banner).to_have_count(0, timeout=WAIT_MS)
    assert answer.is_checked()
    assert second.records()[-1].kind == "alarm.seen"
    site.share()
    expect(board.locator(BANNER)).to_have_count(0, timeout=WAIT_MS)
    board.locator("[data-act=back]").click()
    at(board, "observation")
    board.locator(".board .tile").first.click()
    expect(board.locator(".panel:popover-open")).to_contain_text(re.compile("Nhân viên 1002 đã biết lúc"))
    shoot(board, artefacts / "alarm-receipt.png")


def test_what_is_known_is_touched_page_by_page_and_every_page_fits(
    site: Site, screens: list[Page], artefacts: Path
) -> None:
    (first, _second), (board, _form) = site.kiosks, screens
    observed(first)
    red_button(board)
    wrong = {}
    wanted = ("input[name=grade][value=III]", "input[value=adrenaline]", "input[value=hospital]", "input[value=rash]")
    board.evaluate("() => " + LATER)
    for number in walked(board, "800x480", wrong, "follow-up"):
        for each in wanted:
            if board.locator(each).is_visible():
                board.locator(each).check(force=True)
        shoot(board, artefacts / f"follow-up-{number}.png")
    assert wrong == {}
    assert serious(board, KIOSK) == {}
    board.locator(".actions .primary").click()
    at(board, "observation")
    body = first.records()[-1].body
    assert (body["grade"], body["treatment"], body["outcome"]) == ("III", ["adrenaline"], "hospital")
    assert (body["symptoms"], body["severity"]) == (["rash"], "severe")
    expect(board.locator(".tile.stricken")).to_contain_text("Tai biến nặng")
