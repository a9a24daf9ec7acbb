"""The words of ticket and slip: right facts, never a whole number, any name."""

import pytest

from kiosk import slip
from kiosk.slip_picture import WIDTH_58_MM, WIDTH_80_MM, render_dose_slip, render_ticket
from tests.kiosk.hostile import NAMES
from tests.kiosk.made import MORNING

SITE = {
    "name": "Trạm y tế Trảng Dài",
    "hotline": "1900 9095",
    "portal": "https://tra-cuu.example",
    "day_offset_min": 420,
}
ONE = {
    "visit": "v-1",
    "ticket": "A-001",
    "identity": {"name": "Nguyễn Văn An", "dob": "1979-04-14", "doc_no": "075079001234"},
    "checked_in": {"wall": MORNING},
    "dose": {"wall": MORNING, "slip": "7Q4MX2PD9K", "lot": "ABV001", "dose_no": 2},
}


def words(one=ONE, **more):
    given = {
        "vaccine_name": "AstraZeneca",
        "injector": "NV",
        "until": "10:12",
        "next_due": "",
        "code": "TRAM1:X",
        "copy": 1,
    }
    return slip.dose_words(one, SITE, demo=False, **{**given, **more})


def test_ticket():
    said = slip.ticket_words(ONE, SITE, before=3, minutes=7, copy=1, demo=False)
    assert (said.number, said.masked_id, said.when) == ("A-001", "075•••••1234", "09:42 · 03/10/2021")
    assert "3" in said.lines[0][0]
    assert "7" in said.lines[0][1]


def test_dose_slip():
    said = words(next_due="2021-10-31")
    assert (said.slip_number, said.birth_year, said.next_due) == ("7Q4M-X2PD-9K", "1979", "31/10/2021")
    assert (said.lot, said.dose_number, said.observe_until, said.qr_text) == ("ABV001", "2", "10:12", "TRAM1:X")


def test_no_slip_tells_the_whole_number():
    """I20: a slip lies on the floor."""
    assert "075079001234" not in str(words())
    assert "075079001234" not in str(slip.ticket_words(ONE, SITE, before=0, minutes=0, copy=1, demo=False))


def test_site_known_by_nothing_yet():
    bare = {"name": "Điểm tiêm"}
    assert slip.ticket_words(ONE, bare, before=0, minutes=0, copy=1, demo=False).hotline == ""


@pytest.mark.parametrize("name", [name for name in NAMES if 0 < len(name) <= 120])
def test_any_name_can_be_drawn(name):
    """F15, F16: what a record may hold, a slip can show; the printer gets dots and never the text."""
    one = {**ONE, "identity": {**ONE["identity"], "name": name}}
    said = slip.ticket_words(one, SITE, before=0, minutes=0, copy=2, demo=True)
    assert render_ticket(said, width_dots=WIDTH_58_MM).width == WIDTH_58_MM
    assert render_dose_slip(words(one), width_dots=WIDTH_80_MM).width == WIDTH_80_MM
