"""The plan of the kiosks: provinces from north to south, the worst of a site shown, the same in a table, nothing of others."""

import pytest

from server.pages import kiosk_map
from server.pages.kiosk_map import CELL, IN_ROW, MOST_SIGNS, Place, arrange, worst
from tests.server.made import MINUTE
from tests.server.test_pages_kiosks import TUESDAY, owing
from tests.server.web_office import WebOffice

NOW = 10_000_000_000


@pytest.fixture
def office(db):
    return WebOffice(db)


def row(site="a", k="kiosk-1", **more):
    return {
        "k": k, "site": site, "heard_at": NOW, "quiet": False, "trouble": [], "forks": 0, "quarantined": 0, "logs": [], **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, "good"),
        ({"heard_at": 0, "quiet": True}, "never"),
        ({"quiet": True, "trouble": ["printer"]}, "quiet"),
        ({"logs": [{"gaps": [[3, 4, NOW - 10 * MINUTE]]}], "trouble": ["clock"]}, "owes"),
        ({"logs": [{"gaps": [[3, 4, NOW - 1]]}]}, "good"),
        ({"trouble": ["printer"]}, "trouble"),
        ({"forks": 1}, "trouble"),
    ],
)
def test_state(told, state):
    assert kiosk_map.state_of(row(**told), now=NOW) == state


def test_the_worst_of_a_site_is_drawn():
    assert worst(["good", "trouble", "owes"]) == "owes"
    assert worst(["good"]) == "good"


def test_provinces_stand_by_their_codes_and_the_unknown_last():
    places = {
        "south": Place("Cà Mau", "Năm Căn", ("96", "971")), "north": Place("Hà Giang", "Đồng Văn", ("02", "026")),
        "north-2": Place("Hà Giang", "Yên Minh", ("02", "027")),
    }  # fmt: skip
    rows = [row(site) for site in ("south", "nowhere", "north-2", "north", "north")]
    blocks = arrange(rows, places, {}, now=NOW)
    assert [(one["name"], [(each["name"], each["kiosks"]) for each in one["rows"]]) for one in blocks] == [
        ("Hà Giang", [("Đồng Văn", 2), ("Yên Minh", 1)]), ("Cà Mau", [("Năm Căn", 1)]), ("", [("", 1)]),
    ]  # fmt: skip


def test_no_sign_covers_another_and_a_country_is_drawn_by_district():
    many = [row(f"s{n:03d}") for n in range(IN_ROW + 5)]
    (block,) = arrange(many, {}, {}, now=NOW)
    (only,) = block["rows"]
    assert len({(one["x"], one["y"]) for one in only["signs"]}) == len(many)
    assert block["bottom"] == only["y"] + 2 * CELL
    crowd = [row(f"s{n:03d}") for n in range(MOST_SIGNS + 1)]
    ((sign,),) = [each["signs"] for each in arrange(crowd, {}, {}, now=NOW)[0]["rows"]]
    assert (sign["n"], sign["site"]) == (MOST_SIGNS + 1, "")


def test_the_page_says_it_in_a_drawing_and_in_a_table(office):
    owing(office)
    page = office.browser("manager").get("/console/kiosks/map").text
    assert "Tỉnh Đồng Nai" in page
    assert "Thành phố Biên Hòa" in page
    assert 'aria-label="Trạm y tế Trảng Dài: im lặng, 1 kiosk"' in page
    office.clock.now = TUESDAY + 5 * MINUTE
    assert "Trảng Dài: owes records, 1 kiosks" in office.browser("manager").get("/console/kiosks/map?lang=en").text
