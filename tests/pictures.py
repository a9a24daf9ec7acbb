"""Pictures of the screens as the tests keep them. Chromium on a busy machine, or a page that is being renewed, cannot always give one."""

import time
from pathlib import Path

from playwright.sync_api import Error, Locator, Page

TRIES = 4
PAUSE_S = 0.5
# "Unable to capture screenshot", "Not attached to an active page".
REFUSED = ("(Page.captureScreenshot)", "screenshot: Timeout")


def shoot(seen: Page | Locator, to: Path, **options: object) -> None:
    """Write a picture of a page or a part of it to the file `to`; `options` as Playwright's screenshot takes them."""
    for left in reversed(range(TRIES)):
        try:
            seen.screenshot(path=to, **options)  # type: ignore[arg-type]
        except Error as refused:
            if not left or not any(one in str(refused) for one in REFUSED):
                raise
            time.sleep(PAUSE_S)
        else:
            return
