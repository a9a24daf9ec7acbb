"""The pages in real Chromium: nothing is cut at 360 px or 1280 px, nothing is fetched from elsewhere, keys work."""

from collections.abc import Iterator

import pytest

from server import recipients
from server.pages import access
from server.web_server import WebServer
from tests.axe import serious
from tests.pictures import shoot
from tests.server.made import MORNING
from tests.server.sessions.scenes import plan, recipient
from tests.server.test_portal_complain import filled
from tests.server.web_office import PASSWORD, WebOffice, photo

pytestmark = pytest.mark.browser
CITIZEN = (
    "/",
    "/lookup",
    "/lookup/phone",
    "/lookup/code",
    "/complain/1",
    "/complaints",
    "/complaints/PA-0",
    "/nowhere",
)
STAFF = (
    "/console/", "/console/complaints", "/console/people", "/console/duplicates", "/console/stock", "/console/stock/receive",
    "/console/imports", "/console/progress", "/console/kiosks", "/console/kiosks/quarantine", "/console/audit", "/console/password",
    "/console/accounts", "/console/accounts/new", "/console/accounts/1", "/console/accounts/sessions", "/console/accounts/team",
    "/console/second-factor", "/console/sessions", "/console/sessions/new", "/console/sessions/of/ss-1",
    "/console/sessions/of/ss-1/people", "/console/sessions/of/ss-1/plan", "/console/staff", "/console/cold-boxes",
)  # fmt: skip
SIZES = ((360, 740), (1280, 800))
# What axe-core looks at in both colours; the other pages are made of the same parts.
LOOKED_AT = ("/console/complaints?state=all", "/console/kiosks", "/console/imports")
TWICE = "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at)"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Served:
    """An office whose pages answer on a free port of this machine."""

    def __init__(self, office: WebOffice) -> None:
        self.office = office
        self.server = WebServer(office.app, host="127.0.0.1", port=0, threads=2)
        self.address = self.server.address.rstrip("/")
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


@pytest.fixture
def served(db) -> Iterator[Served]:
    served = Served(WebOffice(db))
    yield served
    served.stop()


def signed_in(page, served, login):
    page.goto(served.address + "/console/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main form button")
    if login == "admin":
        page.fill("#code", served.office.code())
        page.click("main form button")


def folds_on_a_phone(page, artefacts):
    """The menu is folded behind one touch; on a desk it stands open and its box takes no step of Tab."""
    assert page.is_visible(".side nav")
    assert not page.is_visible(".menu-box")
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.is_visible(".side nav")
    assert not page.is_visible(".who")
    page.keyboard.press("Escape")
    page.focus(".menu-box")
    page.keyboard.press("Space")
    assert page.is_visible(".side nav a[aria-current]")
    assert page.is_visible(".who")
    assert page.evaluate(WIDER) == 0
    shoot(page, artefacts / "pages-360_menu.png")


def test_nothing_is_cut_and_nothing_comes_from_elsewhere(served, chromium, artefacts):
    number = filled(served.office).send("/complain/4", content="x", photo=(photo(), "x.png")).location.split("/")[-1]
    context = chromium.new_context()
    page = context.new_page()
    strangers = []
    page.on("request", lambda request: strangers.append(request.url) if served.address not in request.url else None)
    wide = []

    def look(paths):
        for path in paths:
            page.goto(served.address + path)
            assert page.evaluate(TWICE) == [], path
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                shoot(page, artefacts / f"pages-{width}{path.replace('/', '_')}.png", full_page=True)
                if page.evaluate(WIDER) > 0:
                    wide.append((path, width))

    with served.office.db.write() as conn:
        recipients.put(conn, [recipient(n, priority_group=n % 3) for n in range(11, 16)])
    plan(served.office.browser("manager"))
    page.goto(served.address + "/complain")
    look((*CITIZEN, f"/complaints/{number}"))
    signed_in(page, served, "admin")
    look((*STAFF, f"/console/complaints/{number}"))
    for path in LOOKED_AT:
        page.goto(served.address + path)
        page.emulate_media(color_scheme="light")
        assert serious(page, {}) == {}, path
        page.emulate_media(color_scheme="dark")
        assert serious(page, {"runOnly": ["color-contrast"]}) == {}, path
    # By keyboard: the first stop leads past the navigation, the sign / to the filter, Tab on from there.
    page.goto(served.address + "/console/accounts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "find"
    folds_on_a_phone(page, artefacts)
    # On paper: no navigation, no filters; whose data and as of when; headings on every page.
    page.emulate_media(media="print")
    assert not page.is_visible(".side, .filters")
    assert "Số liệu lúc 05/10/2021" in page.inner_text("main")
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    context.close()
    assert wide == []
    assert strangers == []


def test_the_queue_is_walked_by_keys(served, chromium):
    for _ in range(2):
        filled(served.office).send("/complain/4", content="x")
    page = chromium.new_context().new_page()
    signed_in(page, served, "officer")
    page.goto(served.address + "/console/complaints")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("#queue tr").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/complaints/PA-*")
    page.context.close()


def test_a_complaint_goes_from_slip_to_correction_without_scripts(served, chromium):
    """C2, C8–C10 by hand: look up, complain with a photo, correct, follow."""
    citizen = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False).new_page()
    citizen.goto(served.address + "/lookup")
    citizen.fill("#slip", "s-1")
    citizen.fill("#year", "1979")
    citizen.click("main form button")
    citizen.get_by_text("Phản ánh với chúng tôi").click()
    citizen.check("input[value=wrong_dose]")
    citizen.click("main form button")
    citizen.fill("#lot", "FF99")
    citizen.click("main form button")
    citizen.fill("#phone", "0912000001")
    citizen.click("main form button")
    citizen.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": photo().getvalue()})
    citizen.click("main form button")
    citizen.wait_for_url("**/complaints/PA-*")
    officer = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    signed_in(officer, served, "officer")
    officer.goto(citizen.url.replace("/complaints/", "/console/complaints/"))
    assert officer.input_value("details[open] [name=lot]") == "FF99"
    officer.fill("details[open] textarea", "Phiếu ghi lô FF99.")
    officer.click("details[open] button")
    officer.wait_for_url("**decided=1")
    citizen.reload()
    assert "Đã cập nhật" in citizen.inner_text("main")
    citizen.goto(served.address + "/certificate")
    assert "FF99" in citizen.inner_text("main")
    for page in (citizen, officer):
        page.context.close()


def test_a_citizens_session_outlasts_the_form(served):
    """The hour of a citizen's session begins anew with each step."""
    office = served.office
    browser = office.browser()
    browser.get("/complain")
    office.clock.now = MORNING + access.CITIZEN_SESSION_MS
    assert browser.send("/complain/1", category="other").location == "/complain/2"
