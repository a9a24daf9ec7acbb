"""A list's progress in real Chromium: with scripts the page goes on by itself, without them it loads itself again."""

import pytest
from playwright.sync_api import expect

from server.imports.work import Importer
from tests.pictures import shoot
from tests.server.imports.lists import as_csv, person
from tests.server.test_pages_browser import Served, signed_in
from tests.server.web_office import WebOffice

pytestmark = pytest.mark.browser
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The page looks every second and a half; a busy machine may take its time.
PATIENCE_MS = 30_000


@pytest.mark.parametrize("scripts", [True, False])
def test_progress_moves_and_ends_at_the_review(db, chromium, artefacts, tmp_path, scripts):
    served = Served(WebOffice(db))
    importer = Importer(db=db, clock=served.office.clock, day_offset_min=420, chunk=2)
    try:
        context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
        page = context.new_page()
        signed_in(page, served, "manager")
        page.goto(served.address + "/console/imports")
        file = tmp_path / "Danh sách.csv"
        file.write_bytes(as_csv(*(person(n) for n in range(1, 5)), person(5, name="")).getvalue())
        page.set_input_files("#file", file)
        page.click("main form button")
        expect(page.locator("progress")).to_be_visible(timeout=PATIENCE_MS)
        importer.step()
        expect(page.get_by_text("2 trên khoảng")).to_be_visible(timeout=PATIENCE_MS)
        while importer.step():
            pass
        expect(page.locator(".decision")).to_be_visible(timeout=PATIENCE_MS)
        if scripts:
            for width, height in ((360, 740), (1280, 900)):
                page.set_viewport_size({"width": width, "height": height})
                shoot(page, artefacts / f"pages-import-review-{width}.png", full_page=True)
                assert page.evaluate(WIDER) == 0, width
        context.close()
    finally:
        importer.close()
        served.stop()
