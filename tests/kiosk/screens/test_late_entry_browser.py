"""A dose that was only written on paper, entered with fingers and the camera: from the menu to the record with its photo."""

import pytest

from tests.kiosk.made import OTHER_CARD
from tests.kiosk.whole import Whole
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
# Two quick touches are one (pager.js): what a hand waits between two pages anyway.
BETWEEN_MS = 450


@pytest.fixture
def kiosk(tmp_path):
    whole = Whole(tmp_path)
    whole.settings["camera"] = "fake"
    try:
        whole.start()
        whole.sign_in("1003", "injection")
        yield whole
    finally:
        whole.stop()


@pytest.fixture
def page(chromium, kiosk):
    context = chromium.new_context(viewport={"width": 800, "height": 480}, has_touch=True, reduced_motion="reduce")
    one = context.new_page()
    one.goto(kiosk.kiosk.url)
    yield one
    context.close()


def at(page, screen):
    page.wait_for_selector(f"body[data-screen={screen}][data-ready]")


def further(page):
    page.wait_for_timeout(BETWEEN_MS)
    page.locator(".actions .primary").tap()


def press(page, field, digits):
    """A number by the pad of the page shown."""
    page.locator(field).tap()
    for sign in digits:
        page.locator(f"[data-pad]:visible [data-key='{sign}']").tap()


def test_a_dose_from_paper_by_fingers_and_camera(page, kiosk, artefacts):
    at(page, "queue")
    page.locator("[popovertarget=staff]:visible").first.tap()
    page.locator("[data-act=late]:visible").tap()
    at(page, "late_who")
    kiosk.hands.pull("scan", OTHER_CARD)
    at(page, "late_vaccine")
    page.locator("[value=AZ]").tap()
    at(page, "late_dose")
    page.locator("#lot").fill("abv001")
    press(page, "#dose_no", "1")
    further(page)
    for field, digits in (("#day", "01"), ("#month", "09"), ("#year", "2021")):
        press(page, field, digits)
    shoot(page, artefacts / "late-day.png")
    further(page)
    further(page)  # the paper has no time
    page.locator("#injector").fill("1003")
    page.locator(".keyboard [data-press=done]").tap()  # which turns the page
    page.locator(".tile:has([value=confirmation])").tap()
    press(page, "#number", "123")
    further(page)
    at(page, "late_photo")
    kiosk.hands.pull("card", OTHER_CARD)  # whatever lies before the camera is the paper
    page.locator("[data-act=late_take]").first.tap()
    page.wait_for_selector("body[data-ready] .photo img")
    shoot(page, artefacts / "late-photo.png")
    page.locator("[data-act=late_check]").tap()
    at(page, "late_check")
    further(page)
    further(page)
    page.locator(".chip").first.tap()
    shoot(page, artefacts / "late-why.png")
    further(page)
    at(page, "queue")
    late = [one for one in kiosk.records() if one.kind in ("photo.taken", "dose.entered_late")]
    assert {one.kind for one in late[:-1]} == {"photo.taken"}
    dose = late[-1]
    assert (dose.kind, dose.body["lot"], dose.body["given_on"]) == ("dose.entered_late", "ABV001", "2021-09-01")
    assert (dose.body["injector"], dose.body["paper"]) == ("nv-1003", {"form": "confirmation", "number": "123"})
    assert dose.body["photos"] == [late[0].body["photo"]]
    assert dose.body["reason"]
