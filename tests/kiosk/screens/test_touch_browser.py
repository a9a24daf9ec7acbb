"""What fingers do on the screens, in real Chromium: keyboard and tone marks, number pad, paging, pulse, double tap."""

import unicodedata

import pytest

pytestmark = pytest.mark.browser

DOUBLE_TAP_MS = 400  # longer than pager.js takes two touches for one


@pytest.fixture
def page(chromium, address):
    context = chromium.new_context(viewport={"width": 800, "height": 480}, has_touch=True, reduced_motion="reduce")
    one = context.new_page()
    one.address = address
    yield one
    context.close()


def visit(page, desk, name):
    page.goto("about:blank")
    desk.show(name)
    page.goto(page.address)
    page.wait_for_selector("body[data-ready]")


def wait_for_act(page, desk):
    """Until something else than a sign of life has arrived."""
    for _try in range(100):
        if any(act[0] != "touched" for act in desk.acts):
            return
        page.wait_for_timeout(30)


def press(page, *keys):
    for key in keys:
        page.locator(f".keyboard [data-press='{key}']").tap()


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ("n g u y e hat ngã n", "Nguyễn"),
        ("n g u y e n hat ngã", "Nguyễn"),
        ("h o a huyền", "Hòa"),
        ("t o a n huyền", "Toàn"),
        ("q u y sắc", "Quý"),
        ("g i a n g", "Giang"),
        ("đ u horn c", "Đưc"),
        ("đ u horn c sắc", "Đức"),
        ("p h u o horn n g", "Phương"),
        ("p h u o horn n g nặng", "Phượng"),
        ("y hỏi", "Ỷ"),
        ("t h i nặng space h o a huyền", "Thị Hòa"),
        ("a sắc huyền huyền", "A"),
        ("x y erase", "X"),
    ],
)
def test_touch_keyboard_writes_vietnamese_as_nfc(page, desk, keys, name):
    visit(page, desk, "type_id")
    press(page, *keys.split())
    typed = page.locator("#name").input_value()
    assert typed == name == unicodedata.normalize("NFC", typed)


def test_a_physical_keyboard_types_into_the_same_field(page, desk):
    visit(page, desk, "type_id")
    page.keyboard.type("Lê Văn ")
    press(page, "đ", "a", "hat", "nặng", "u")
    assert page.locator("#name").input_value() == "Lê Văn Đậu"


def test_typed_entry_goes_page_by_page_and_is_sent_once(page, desk):
    visit(page, desk, "type_id")
    press(page, "l", "e", "hat", "done")
    for digit in "05091946":
        page.locator(f"[data-pad]:visible [data-key='{digit}']").tap()
    page.locator(".actions .primary").tap()
    page.locator("[name=sex][value=F]").tap()
    for digit in "075":
        page.locator(f"[data-pad]:visible [data-key='{digit}']").tap()
    page.wait_for_timeout(DOUBLE_TAP_MS)
    page.locator(".actions .primary").tap()
    assert desk.acts == []
    page.wait_for_timeout(DOUBLE_TAP_MS)
    page.locator(".actions .primary").dblclick()
    wait_for_act(page, desk)
    page.wait_for_timeout(DOUBLE_TAP_MS)
    sent = [act for act in desk.acts if act[0] == "typed"]
    assert sent == [
        (
            "typed",
            {
                "name": "Lê",
                "dob_day": "05",
                "dob_month": "09",
                "dob_year": "1946",
                "sex": "F",
                "doc_no": "075",
                "phone": "",
            },
            "t-1",
        )
    ]


def test_sign_in_by_number_pad(page, desk):
    visit(page, desk, "sign_in")
    for digit in "1042":
        page.locator(f"[data-key='{digit}']").tap()
    page.locator("#pin").tap()
    for digit in "2580":
        page.locator(f"[data-key='{digit}']").tap()
    page.locator("[data-back]").tap()
    page.locator("[data-act=sign_in]").tap()
    wait_for_act(page, desk)
    assert desk.acts[-1] == ("sign_in", {"code": "1042", "pin": "258"}, "t-1")


def test_screening_asks_everything_before_it_offers_the_conclusion(page, desk):
    visit(page, desk, "screening")
    asked = set()
    while "Xem kết luận" not in page.locator(".actions .primary").inner_text():
        asked |= set(page.locator(".question:visible legend").all_inner_texts())
        page.locator(".actions .primary").dblclick()
        page.wait_for_timeout(DOUBLE_TAP_MS)
    assert len(asked) == 10
    assert [act for act in desk.acts if act[0] == "judge"] == []
    page.locator("[name=consent][value=yes]").tap()
    page.locator(".actions .primary").tap()
    wait_for_act(page, desk)
    assert desk.acts[-1][1]["consent"] == "yes"
    assert desk.acts[-1][1]["answer.ALLERGY_ANY"] == "no"


def test_the_page_follows_the_desk_by_itself(page, desk):
    visit(page, desk, "welcome")
    desk.show("confirm")
    page.wait_for_selector("body[data-screen=confirm]")


def test_typed_input_stays_while_only_the_frame_changes(page, desk):
    visit(page, desk, "type_id")
    press(page, "a", "n")
    desk.shown = {**desk.shown, "devices": {"printer": "no_paper", "camera": "ready", "reader": "ready"}}
    desk.version += 1
    page.wait_for_selector(".bottom .trouble", state="attached")
    assert page.locator("#name").input_value() == "An"
    desk.show("welcome")
    page.wait_for_selector("body[data-screen=welcome]")


def test_news_of_a_device_never_turns_a_form_back_to_its_first_page(page, desk):
    visit(page, desk, "screening")
    page.locator(".actions .primary").tap()
    page.wait_for_timeout(DOUBLE_TAP_MS)
    asked = page.locator(".question:visible legend").all_inner_texts()
    desk.shown = {**desk.shown, "devices": {"printer": "no_paper", "camera": "ready", "reader": "ready"}}
    desk.version += 1
    page.wait_for_selector(".bottom .trouble", state="attached")
    assert page.locator(".question:visible legend").all_inner_texts() == asked


def test_a_panel_opened_while_the_page_is_being_renewed_stays_open(page, desk):
    visit(page, desk, "queue_reception")
    waiting, menu = [], page.locator("footer [popovertarget=staff]").bounding_box()
    page.route(page.address + "/", lambda route: waiting.append(route))  # noqa: PLW0108 - a method takes no attribute of Playwright
    desk.shown = {**desk.shown, "devices": {"printer": "no_paper", "camera": "ready", "reader": "ready"}}
    desk.version += 1
    while not waiting:
        page.wait_for_timeout(30)
    page.touchscreen.tap(menu["x"] + menu["width"] / 2, menu["y"] + menu["height"] / 2)
    waiting[0].continue_()
    page.wait_for_selector(".bottom .trouble", state="attached")
    page.locator("#staff:popover-open").wait_for(state="visible")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_touch_on_its_way_is_not_called_back_by_news(page, desk):
    visit(page, desk, "ticket")
    sent = []
    page.route("**/act/done", lambda route: sent.append(route))  # noqa: PLW0108 - a method takes no attribute of Playwright
    page.locator("[data-act=done]").tap(no_wait_after=True)
    while not sent:
        page.wait_for_timeout(30)
    desk.version += 1
    for _pulse in range(3):
        with page.expect_response("**/pulse*"):
            pass
    sent[0].continue_()
    wait_for_act(page, desk)
    assert [name for name, *_rest in desk.acts if name != "touched"] == ["done"]


def test_a_change_of_language_keeps_what_was_typed_but_never_a_pin(page, desk):
    visit(page, desk, "sign_in")
    page.locator("#code").fill("1042")
    page.locator("#pin").fill("2580")
    page.get_by_role("button", name="EN English").tap()
    page.wait_for_selector("html[lang=en] body[data-ready]")
    assert page.locator("#code").input_value() == "1042"
    assert page.locator("#pin").input_value() == ""
    assert page.evaluate("sessionStorage.length") == 0


def test_a_machine_that_went_away_is_told_and_comes_back(page, desk):
    visit(page, desk, "welcome")
    page.route("**/pulse*", lambda route: route.abort())
    page.get_by_text("Máy đang khởi động lại").wait_for(state="visible")
    page.unroute("**/pulse*")
    page.locator("[data-away]").wait_for(state="hidden")


def test_an_idle_ticket_is_taken_off_the_screen(page, desk):
    page.clock.install()
    visit(page, desk, "ticket")
    page.clock.fast_forward("00:21")
    page.wait_for_timeout(300)
    assert ("done", {}, "t-1") in desk.acts
