"""Every screen in real Chromium: nothing scrolls or is cut, fingers hit, the sun may shine, axe finds nothing."""

import pytest

from tests.axe import COLOURS, KIOSK, serious
from tests.kiosk.screens.sample_views import VIEWS
from tests.pictures import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]  # each walks through all screens

# A finger hits what is at least so large, on the coarsest common display of each size: 7", 10.1" and 15.6".
FINGER_MM = 12.0
DPI = {"800x480": 133, "1280x800": 149, "1080x1920": 141}
SIZES = {"800x480": (800, 480), "1280x800": (1280, 800), "1080x1920": (1080, 1920)}
MOST_PAGES = 14
# The page's clock, which takes two quick touches for one, is put forward: turning a hundred pages waits for nothing.
LATER = """{
  const now = performance.now.bind(performance);
  let ahead = 0;
  window.later = () => { performance.now = () => now() + (ahead += 400); };
}"""
# Ends when the page stands. Is anything on it cut into pages, or does a keyboard hide what is?
STANDS = """() => new Promise((told) => {
  const look = () => document.body && document.body.dataset.ready
    ? told(Boolean(document.querySelector("[data-pager] > [data-item][hidden], .keyboard"))) : requestAnimationFrame(look);
  look();
})"""
# The walk says itself when another screen comes.
DEAF = """{
  const asked = window.fetch;
  window.fetch = (...what) => String(what[0]).startsWith("/pulse") ? new Promise(() => {}) : asked(...what);
}"""
# One touch further: says whether there was any, or that a keyboard stands before it.
FURTHER = """() => {
  window.later();
  const turn = document.querySelector("[data-turner]:not([hidden]) [data-turn='1']:not([disabled])");
  const label = document.querySelector("[data-pager][data-last]"), main = document.querySelector(".actions .primary");
  if (!turn && document.querySelector(".keyboard")) return "keyboard";
  const further = turn || (label && main.innerText.trim() !== label.dataset.last && main);
  if (further) further.click();
  return further ? "turned" : "";
}"""

# What is wrong with the page as shown now: out of its place, cut off, or too small or too near for a finger.
WRONG = """(px = 63.5) => {
  const wrong = [], root = document.documentElement, body = document.querySelector(".body").getBoundingClientRect();
  if (root.scrollHeight > innerHeight + 1 || root.scrollWidth > innerWidth + 1) wrong.push("the page scrolls");
  const seen = (e) => {
    const box = e.getBoundingClientRect();
    return box.width > 2 && box.height > 2 && e.checkVisibility({ visibilityProperty: true }) && !e.closest("svg, .panel, .away");
  };
  const typing = document.querySelector(".keyboard");
  const named = (e) => `${e.tagName}.${e.className} "${(e.textContent || e.name || "").trim().slice(0, 40)}"`;
  if (!typing) for (const e of document.querySelectorAll(".body *")) {
    const box = e.getBoundingClientRect();
    if (!seen(e) || e.closest(".pad")) continue;
    if (box.bottom > body.bottom + 1 || box.top < body.top - 1 || box.right > body.right + 1) wrong.push("outside: " + named(e));
  }
  for (const e of document.querySelectorAll(".body *, .actions *, .bottom *, .sync *, .clock *")) {
    const dressed = e.matches("input, .unseen, .wide span, .square span, [data-act=observation] span") || e.querySelector(":checked");
    if (seen(e) && !dressed && !e.matches(":has(.unseen)") && getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 2)
      wrong.push("cut: " + named(e));
  }
  for (const e of document.querySelectorAll(".actions > *, .bottom > *, .trouble > *")) {
    const box = e.getBoundingClientRect(), around = e.parentElement.matches(".trouble") ? e.parentElement : document.documentElement;
    const room = around === document.documentElement
      ? { left: 15, right: innerWidth - 15, top: 0, bottom: innerHeight } : around.getBoundingClientRect();
    if (seen(e) && (box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1 || box.bottom > room.bottom + 1))
      wrong.push("outside: " + named(e));
  }
  const targets = [...document.querySelectorAll("button, input.field, .tile:has(input), .yesno label")].filter(seen)
    .filter((e) => !typing || e.closest(".keyboard") || e === document.activeElement)
    .map((e) => [e, e.getBoundingClientRect()]);
  for (const [e, box] of targets) if (box.height < px || box.width < (e.closest(".keyboard") ? 56 : px))
    wrong.push(`small (${Math.round(box.width)}x${Math.round(box.height)}): ` + named(e));
  for (const [a, x] of targets) for (const [b, y] of targets) {
    if (a === b || a.contains(b) || b.contains(a)) continue;
    const aside = Math.max(x.left - y.right, y.left - x.right), above = Math.max(x.top - y.bottom, y.top - x.bottom);
    if (Math.max(aside, above) < 11.5) wrong.push(`near (${Math.round(Math.max(aside, above))} px): ` + named(a) + " / " + named(b));
  }
  return wrong.slice(0, 8);
}"""


# Both in one go: what is wrong here, and whether it goes on.
LOOK = f"([px, turns]) => [({WRONG})(px), turns ? ({FURTHER})() : '']"


def finger_px(display):
    """The smallest side of a target on this display, in CSS pixels; half a pixel for rounding."""
    return FINGER_MM / 25.4 * DPI[display] - 0.5


@pytest.fixture
def opened(chromium, address, desk):
    """Opens sample views, one after the other, on displays and with a way of reading (cookies)."""
    contexts = []

    def opening(*displays, **cookies):
        context = chromium.new_context(has_touch=True, reduced_motion="reduce")
        contexts.append(context)
        context.add_cookies([{"name": key, "value": value, "url": address} for key, value in cookies.items()])
        context.add_init_script(DEAF + LATER)
        page = context.new_page()
        for name in VIEWS:
            desk.show(name)
            cut = True
            for display in displays:
                width, height = SIZES[display]
                page.set_viewport_size({"width": width, "height": height})
                # What is cut into pages is cut when it is loaded; all else, or what needs no cut in the least room, is
                # only laid out anew.
                if cut:
                    page.goto(address, wait_until="commit")
                    cut = page.evaluate(STANDS)
                yield name, display, page

    yield opening
    for context in contexts:
        context.close()


def walked(page, display, wrong, where, *, turns=True):
    """Turns through the pages of the screen: yields the number of each, then notes in `wrong` what is wrong with it."""
    for number in range(MOST_PAGES):
        yield number
        found, further = page.evaluate(LOOK, [finger_px(display), turns])
        if found:
            wrong[f"{where}, {display}, page {number}"] = found
        if further == "keyboard":
            page.locator(".keyboard [data-press=done]").click()
        elif not further:
            return


# English where room is scarcest.
@pytest.mark.parametrize(("lang", "displays"), [("vi", [*SIZES]), ("en", ["800x480"])])
def test_every_screen_fits(opened, artefacts, lang, displays):
    """In Vietnamese axe finds nothing serious either."""
    folder = artefacts / "screens"
    folder.mkdir(exist_ok=True)
    wrong = {}
    for name, display, page in opened(*displays, lang=lang):
        if lang == "vi" and display == "800x480" and (found := serious(page, KIOSK)):
            wrong[f"{name}, axe"] = found
        for number in walked(page, display, wrong, name):
            if lang == "vi":
                shoot(page, folder / f"{name}-{display}-{number}.jpg", type="jpeg", quality=85)
    assert wrong == {}


def test_every_screen_fits_in_large_text_and_high_contrast(opened):
    """Axe is asked about colours only: contrast changes nothing else. The pages are turned where room is scarcest."""
    wrong = {}
    for name, display, page in opened("800x480", "1080x1920", size="large", contrast="high"):
        if display == "800x480" and (pale := serious(page, COLOURS)):
            wrong[name] = pale
        for _number in walked(page, display, wrong, name, turns=display == "800x480"):
            pass
    assert wrong == {}
