"""What axe-core has against a page: the serious and the critical. Installed by `make setup` in tests/browser."""

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parent / "browser/node_modules/axe-core/axe.min.js"
# 7:1 for text, as look.md asks of the kiosk: axe's rule for it is off unless named.
KIOSK = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
COLOURS = {"runOnly": ["color-contrast", "color-contrast-enhanced"]}
# Only what is wrong comes back: all that axe looked at is megabytes, and seconds for Playwright to check.
_FINDS = """async (options) => (await axe.run(document, options)).violations.map(
  ({ id, impact, nodes }) => [id, impact, nodes.slice(0, 3).map(({ html }) => html.slice(0, 120))])"""


def serious(page: Page, options: dict[str, object]) -> dict[str, list[str]]:
    """Axe's rules that the page breaks, and how the first places begin in the page; `options` as axe.run takes them."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(SCRIPT.read_text("utf-8"))  # a script element would be refused by the page's own policy
    found = page.evaluate(_FINDS, {**options, "resultTypes": ["violations"]})
    return {rule: places for rule, impact, places in found if impact in ("serious", "critical")}
