"""Every screen in real Chromium: nothing scrolls or is cut, fingers hit, the sun may shine, axe finds nothing."""

from pathlib import Path

import pytest

from tests.kiosk.screens.sample_views import VIEWS

pytestmark = pytest.mark.browser

SIZES = {"800x480": (800, 480), "1280x800": (1280, 800), "1080x1920": (1080, 1920)}
AXE = Path(__file__).resolve().parents[2] / "browser/node_modules/axe-core/axe.min.js"
# 7:1 for text, as look.md asks of the kiosk: axe's rule for it is off unless named.
AXE_OPTIONS = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
MOST_PAGES = 12

# What is wrong with the page as shown now: out of its place, cut off, or too small or too near for a finger.
WRONG = """() => {
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
  const targets = [...document.querySelectorAll("button, input.field, .tile:has(input), .yesno label")].filter(seen)
    .filter((e) => !typing || e.closest(".keyboard") || e === document.activeElement)
    .map((e) => [e, e.getBoundingClientRect()]);
  for (const [e, box] of targets) if (box.height < 63.5 || box.width < 56) wrong.push(`small (${Math.round(box.width)}x${Math.round(box.height)}): ` + named(e));
  for (const [a, x] of targets) for (const [b, y] of targets) {
    if (a === b || a.contains(b) || b.contains(a)) continue;
    const aside = Math.max(x.left - y.right, y.left - x.right), above = Math.max(x.top - y.bottom, y.top - x.bottom);
    if (Math.max(aside, above) < 11.5) wrong.push(`near (${Math.round(Math.max(aside, above))} px): ` + named(a) + " / " + named(b));
  }
  return wrong.slice(0, 8);
}"""


@pytest.fixture
def opened(chromium, address, desk):
    """Opens one sample view in a browser of the given size, language and way of reading."""
    contexts = []

    def opening(name, display="800x480", **cookies):
        desk.show(name)
        width, height = SIZES[display]
        context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True)
        contexts.append(context)
        context.add_cookies([{"name": key, "value": value, "url": address} for key, value in cookies.items()])
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        return page

    yield opening
    for context in contexts:
        context.close()


def pages_of(page):
    """Turns through the pages of the screen: yields at each."""
    for _turn in range(MOST_PAGES):
        yield
        further = page.locator("[data-turner]:not([hidden]) [data-turn='1']:not([disabled])")
        if further.count():
            further.click()
            continue
        main = page.locator(".actions .primary")
        label = page.locator("[data-pager][data-last]")
        if page.locator(".keyboard").count():
            page.locator(".keyboard [data-press=done]").click()
            continue
        if not label.count() or main.inner_text().strip() == label.get_attribute("data-last"):
            return
        main.click()


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", VIEWS)
def test_screen_fits(opened, artefacts, name, size, lang):
    page = opened(name, size, lang=lang)
    for number, _page in enumerate(pages_of(page)):
        folder = artefacts / "screens"
        folder.mkdir(exist_ok=True)
        page.screenshot(path=folder / f"{name}-{size}-{lang}-{number}.png")
        assert page.evaluate(WRONG) == [], f"page {number}"


@pytest.mark.parametrize("size", ["800x480", "1280x800"])
@pytest.mark.parametrize("name", VIEWS)
def test_screen_fits_in_large_text_and_high_contrast(opened, name, size):
    page = opened(name, size, size="large", contrast="high")
    assert page.evaluate(WRONG) == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci in tests/browser")
@pytest.mark.parametrize("contrast", ["normal", "high"])
@pytest.mark.parametrize("name", VIEWS)
def test_axe_finds_nothing_serious(opened, name, contrast):
    page = opened(name, contrast=contrast)
    page.evaluate(AXE.read_text("utf-8"))  # a script element would be refused by the page's own policy
    found = page.evaluate("(options) => axe.run(document, options)", AXE_OPTIONS)["violations"]
    serious = [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
