"""Pictures of the screens as the tests keep them. Chromium on a busy machine sometimes says that it cannot take one."""

import time
from pathlib import Path

from playwright.sync_api import Error, Locator, Page

TRIES = 4
PAUSE_S = 0.5


def shoot(seen: Page | Locator, to: Path, **options: object) -> None:
    """Write a picture of a page or a part of it to the file `to`; `options` as Playwright's screenshot takes them."""
    for left in reversed(range(TRIES)):
        try:
            seen.screenshot(path=to, **options)  # type: ignore[arg-type]
        except Error as refused:
            if not left or "Unable to capture" not in str(refused):
                raise
            time.sleep(PAUSE_S)
        else:
            return
