"""A desk with a keyboard and no finger: from the sign-in to the recorded dose by Tab, Enter and digits, the focus always seen."""

import pytest

from provisioning.hands import Hands
from tests.kiosk.made import PIN
from tests.kiosk.whole import EASY, Whole

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
MOST_TABS = 60
# Whether anything has the focus, whether that is seen (on the element or on its tile), and whether it is what is looked for.
STOP = """(selector) => {
  const one = document.activeElement;
  const marked = [one, one.closest(".tile, .yesno label")].filter(Boolean).map((each) => getComputedStyle(each));
  const seen = marked.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3);
  return { any: one !== document.body, seen, there: one.matches(selector), what: one.outerHTML.slice(0, 120) };
}"""


@pytest.fixture
def kiosk(tmp_path):
    """A kiosk at which one person has been screened, without hands."""
    whole = Whole(tmp_path)
    try:
        whole.start()
        whole.check_in()
        whole.sign_in("1002")
        whole.hands.touch("call_next")
        whole.hands.touch("judge", **EASY)
        whole.hands.touch("conclude", conclusion="eligible", reason="")
        whole.home()
        yield whole
    finally:
        whole.stop()


@pytest.fixture
def page(chromium, kiosk):
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    one = context.new_page()
    one.goto(kiosk.kiosk.url)
    yield one
    context.close()


def stop_at(page, selector):
    """Where the next Tab leads, or None when the page was renewed just then."""
    from playwright.sync_api import Error  # noqa: PLC0415 - 0.3 s that only browser tests should pay

    try:
        page.wait_for_selector("body[data-ready]")
        page.keyboard.press("Tab")
        return page.evaluate(STOP, selector)
    except Error:
        return None


def tab_to(page, selector):
    """Tab until the focus is there; each stop on the way must be seen."""
    for _tab in range(MOST_TABS):
        stop = stop_at(page, selector)
        if stop is None or not stop["any"]:
            continue
        assert stop["seen"], stop["what"]
        if stop["there"]:
            return
    pytest.fail(f"no way to {selector} by Tab")


def struck(page, kiosk, selector, screen):
    """Tab there and press Enter until the desk is at the next screen: a page may have been renewed in between."""
    hands = Hands(kiosk.kiosk.url)
    for _try in range(4):
        tab_to(page, selector)
        page.keyboard.press("Enter")
        if hands.wait_for(screen, timeout_s=4).screen == screen:
            page.wait_for_selector(f"body[data-screen={screen}][data-ready]")
            return
    pytest.fail(f"{selector} did not lead to {screen}")


def test_from_sign_in_to_the_recorded_dose_by_keyboard_alone(page, kiosk):
    page.wait_for_selector("body[data-screen=welcome][data-ready]")
    struck(page, kiosk, "[data-act=staff]", "sign_in")
    tab_to(page, "#code")
    page.keyboard.type("1003")
    tab_to(page, "#pin")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.body.dataset.screen !== 'sign_in' && document.body.dataset.ready")
    if page.locator("body").get_attribute("data-screen") == "station":
        struck(page, kiosk, "[value=injection]", "queue")
    struck(page, kiosk, "[data-act=call_next]", "dosing")
    struck(page, kiosk, "[name=lot][value=ABV001]", "read_back")
    struck(page, kiosk, "[data-act=confirm_dose]", "dosed")
    assert kiosk.kinds().count("dose.given") == 1
    assert Hands(kiosk.kiosk.url).look().screen == "dosed"
