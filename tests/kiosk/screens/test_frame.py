"""The frame's words: the truth about sending, the gravest trouble, days and numbers as people write them."""

import pytest

from kiosk.screens.frame import frame, sync_words, trouble
from kiosk.screens.shown import day, minutes_left, normal_range, ring, scaled
from kiosk.screens.words import load_words
from tests.kiosk.screens.sample_views import VIEWS, view

VI = load_words()["vi"]


@pytest.mark.parametrize(
    ("sync", "symbol", "text"),
    [
        (
            {"waiting": 0, "oldest_min": 0, "online": True, "quarantined": 0, "beside": False},
            "cloud",
            "đã về trung tâm",
        ),
        ({"waiting": 3, "oldest_min": 1, "online": True, "quarantined": 0, "beside": False}, "check", "3 chờ gửi"),
        ({"waiting": 3, "oldest_min": 1, "online": True, "quarantined": 0, "beside": True}, "check-check", "3 chờ gửi"),
        ({"waiting": 3, "oldest_min": 9, "online": False, "quarantined": 0, "beside": False}, "cloud-off", "3 chờ gửi"),
        (
            {"waiting": 0, "oldest_min": 0, "online": False, "quarantined": 0, "beside": False},
            "cloud-off",
            "đã lưu tại đây",
        ),
        (
            {"waiting": 0, "oldest_min": 0, "online": True, "quarantined": 2, "beside": False},
            "warn",
            "2 bản ghi máy chủ chưa đọc được",
        ),
    ],
)
def test_sync_is_told_in_symbol_and_words(sync, symbol, text):
    said = sync_words(sync, VI)
    assert (said["symbol"], said["text"]) == (symbol, text)


def test_a_copy_at_another_kiosk_is_told_in_words_too():
    sync = {"waiting": 3, "oldest_min": 1, "online": False, "quarantined": 0, "beside": True}
    assert sync_words(sync, VI)["long"] == "đã lưu ở 2 máy"
    assert sync_words({**sync, "beside": False}, VI)["long"] == "đã lưu tại đây"


def test_only_a_lead_is_offered_the_other_kiosks():
    assert "neighbours" not in frame(VIEWS["queue_reception"], VI)["menu"]
    lead = {**VIEWS["queue_reception"], "staff": {"name": "Lan", "role": "lead"}}
    assert "neighbours" in frame(lead, VI)["menu"]


def test_a_kiosk_that_cannot_seal_says_so_when_nothing_else_waits():
    sync = {"waiting": 0, "oldest_min": 0, "online": True, "quarantined": 0, "beside": False, "sealing": False}
    assert sync_words(sync, VI)["long"] == "bộ khóa cũ: chưa niêm phong"
    assert sync_words({**sync, "waiting": 2}, VI)["long"] == "đã lưu tại đây"


def test_printer_trouble_comes_before_the_camera_and_offers_to_resume():
    said = trouble(view("welcome", {}, devices={"printer": "no_paper", "camera": "absent", "reader": "ready"}), VI)
    assert said == {"symbol": "printer", "text": "Hết giấy — thay cuộn rồi bấm Tiếp tục in", "act": "resume_printing"}


def test_no_trouble_is_nothing():
    assert trouble(VIEWS["welcome"], VI) is None


def test_a_station_has_symbol_and_letter_besides_its_hue():
    marks = {
        frame(view("queue", {}, station=name), VI)["letter"]
        for name in ("reception", "screening", "injection", "observation")
    }
    assert marks == {"A", "B", "C", "D"}


def test_moving_about_is_offered_only_where_no_persons_work_is_open():
    assert "change_station" in frame(VIEWS["queue_reception"], VI)["menu"]
    assert frame(VIEWS["screening"], VI)["menu"] == ("sign_out",)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2021-10-03", "03/10/2021"), ("2021-10", "10/2021"), ("1946", "1946"), ("03/10/2021", "03/10/2021"), ("", "")],
)
def test_day(value, shown):
    assert day(value) == shown


def test_minutes_and_rings_end_at_zero():
    assert [minutes_left(seconds) for seconds in (-5, 0, 1, 60, 61, 1800)] == [0, 0, 1, 1, 2, 30]
    assert [ring(seconds) for seconds in (-5, 0, 900, 1800, 9999)] == [0, 0, 50, 100, 100]


def test_vital_signs_are_written_with_a_comma_and_typed_text_is_kept():
    temperature = {"scale": 10, "below": 355, "above": 375}
    assert scaled(375, temperature) == "37,5"
    assert scaled("37.", temperature) == "37."
    assert scaled(None, temperature) == ""
    assert normal_range(temperature) == "35,5 – 37,5"
    assert normal_range({"above": 25}) == "≤ 25"
    assert normal_range({}) == ""


def test_a_cold_box_in_alarm_comes_before_all_and_no_data_is_said():
    box = {"state": "too_warm", "tenths_c": 123, "minutes": 31, "alarm": True}
    shown = {**view("welcome", {}, devices={"printer": "no_paper", "camera": "ready", "reader": "ready"})}
    assert "12,3 °C" in trouble({**shown, "cold_box": box}, VI)["text"]
    assert trouble({**shown, "cold_box": {**box, "alarm": False}}, VI)["symbol"] == "printer"
    for state, tenths_c, word in (("no_data", None, "không có nhiệt độ"), ("too_cold", -5, "−0,5 °C")):
        told = {"state": state, "tenths_c": tenths_c, "minutes": 40, "alarm": True}
        assert word in frame({**shown, "cold_box": told}, VI)["cold_box"]
        assert "40 phút" in trouble({**shown, "cold_box": told}, VI)["text"]


def test_a_board_that_is_gone_is_said_and_none_at_all_is_not():
    ready = {"printer": "ready", "camera": "ready", "reader": "ready"}
    for status in ("disconnected", "silent", "wrong_key"):
        assert trouble(view("welcome", {}, devices={**ready, "board": status}), VI)["symbol"] == "warn"
    assert trouble(view("welcome", {}, devices={**ready, "board": "ready"}), VI) is None
    assert frame(view("welcome", {}, devices=ready), VI)["cold_box"] == ""
