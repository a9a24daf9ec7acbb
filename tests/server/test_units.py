"""Units: a code and a day, never a code alone; the tree of a day; the country's file and what its loader refuses."""

import io

import pytest

from server import units
from server.__main__ import UNITS_FILE
from server.units import Unit, UnitsFault

HEAD = "code,name,level,parent,valid_from,valid_to\n"
# The counts of the pinned file. GSO's own on 1 July 2021 was 63 / 705 / 10,603: the set lacks five communes of that day
# and has one that came later (domain.md 6), so 10,599.
OLD = {"country": 1, "region": 4, "province": 63, "district": 705, "commune": 10_599}
NEW = {"country": 1, "province": 34, "commune": 3321}


def read(text):
    return units.read(io.StringIO(HEAD + text))


def loaded(conn, text):
    return units.load(conn, read(text))


# The north-west: two provinces become one, which keeps the code of the first and the name of the second.
MERGER = """\
VN,Việt Nam,country,,2021-07-01,
15,Tỉnh Yên Bái,province,VN,2021-07-01,2025-07-01
10,Tỉnh Lào Cai,province,VN,2021-07-01,2025-07-01
15,Tỉnh Lào Cai,province,VN,2025-07-01,
132,Thành phố Yên Bái,district,15,2021-07-01,2025-07-01
04252,Phường Yên Thịnh,commune,132,2021-07-01,2025-07-01
04252,Phường Yên Bái,commune,15,2025-07-01,
tram-cu,Trạm y tế Yên Thịnh,site,04252,2021-07-01,
tram-moi,Trạm y tế Lào Cai,site,04252,2025-07-01,
"""


@pytest.fixture(scope="module")
def country():
    with UNITS_FILE.open(encoding="utf-8", newline="") as source:
        return units.read(source)


def test_the_whole_country_is_loaded_and_counted_and_loading_again_changes_nothing(any_db, country):
    with any_db.write() as conn:
        assert units.load(conn, country) == sum(OLD.values()) + sum(NEW.values()) - 1
        units.load(conn, country)
        assert units.count(conn, day="2021-10-03") == OLD
        assert units.count(conn, day="2025-06-30") == OLD
        assert units.count(conn, day="2025-07-01") == NEW
        assert units.adrift(conn, day="2021-10-03") == units.adrift(conn, day="2026-01-01") == []
        below = [row.level for row in units.under(conn, "75", day="2021-10-03")]
        assert (len(below), below.count("district"), below.count("commune")) == (182, 11, 170)
        trang_dai = units.find(conn, "25993", day="2021-10-03")
        assert [row.code for row in units.above(conn, trang_dai, day="2021-10-03")] == ["731", "75", "V4", "VN"]
        assert units.find(conn, "25993", day="2025-07-01").parent == "75"


def test_a_code_given_again_is_another_unit(any_db):
    """domain.md 6: code 15 was Yên Bái and is Lào Cai since 1 July 2025."""
    with any_db.write() as conn:
        loaded(conn, MERGER)
        before, after = (units.find(conn, "15", day=day) for day in ("2025-06-30", "2025-07-01"))
        assert (before.name, after.name) == ("Tỉnh Yên Bái", "Tỉnh Lào Cai")
        assert units.period(conn, "15", "2021-07-01") == before
        assert [row.code for row in units.under(conn, "15", day="2025-06-30")] == ["15", "132", "04252", "tram-cu"]
        # The old site has said nothing about where it belongs since the merger: it is nobody's by accident.
        assert [row.code for row in units.under(conn, "15", day="2025-07-01")] == ["15", "04252", "tram-moi"]
        assert [row.code for row in units.adrift(conn, day="2025-07-01")] == ["tram-cu"]
        units.put(conn, Unit(**{**vars(units.find(conn, "tram-moi", day="2025-07-01")), "code": "tram-cu"}))
        assert [row.code for row in units.sites(conn, "15", day="2025-07-01")] == ["tram-cu", "tram-moi"]


def test_nothing_stands_under_what_has_ended(db):
    with db.write() as conn:
        loaded(conn, MERGER)
        old = units.period(conn, "15", "2021-07-01")
        assert conn.execute(units.tree(old, day="2025-07-01")).all() == []
        assert units.under(conn, "nowhere", day="2021-10-03") == []
        assert units.find(conn, "15", day="2021-06-30") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("75,Đồng Nai,province,VN\n", "line 2: not six columns"),
        (",Đồng Nai,province,VN,2021-07-01,\n", "line 2: code or name is empty"),
        ("75,Đồng Nai,realm,VN,2021-07-01,\n", "line 2: no such level: realm"),
        ("75,Đồng Nai,province,VN,1/7/2021,\n", "line 2: a day is not YYYY-MM-DD"),
        ("75,Đồng Nai,province,VN,2021-07-01,2021-07-01\n", "line 2: it ends before it begins"),
        ("75,Đồng Nai,province,VN,2021-07-01,2021-07-01\n" * 12, "; and 2 more"),
    ],
)
def test_a_file_is_refused_with_the_line_and_the_reason(text, said):
    with pytest.raises(UnitsFault) as refused:
        read(text)
    assert said in refused.value.sentence


def test_a_file_of_other_columns_is_refused():
    with pytest.raises(UnitsFault, match="the first line must be"):
        units.read(io.StringIO("ma,ten\n75,Đồng Nai\n"))
    with pytest.raises(UnitsFault, match="line 1"):
        read('75,"Đồng" Nai,province,VN,2021-07-01,\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("15,Lào Cai,province,VN,2024-01-01,\n", "an earlier row still stands"),
        ("76,Nơi mới,province,99,2021-07-01,\n", "76: its parent 99 does not stand above it on 2021-07-01"),
        ("76,Nơi mới,province,132,2021-07-01,\n", "76: its parent 132 does not stand above it"),
        ("133,Nơi mới,district,10,2025-07-01,\n", "133: its parent 10 does not stand above it on 2025-07-01"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(any_db, text, said):
    with any_db.write() as conn:
        loaded(conn, MERGER)
    with pytest.raises(UnitsFault, match=said), any_db.write() as conn:
        loaded(conn, text)
    with any_db.read() as conn:
        assert units.find(conn, "76", day="2021-10-03") is None


def test_a_circle_in_the_tree_ends(db):
    with db.write() as conn:
        for code, parent in (("a", "b"), ("b", "a")):
            units.put(conn, Unit(code=code, name=code, level="district", parent=parent, valid_from="", valid_to=""))
        assert {row.code for row in units.under(conn, "a", day="2021-10-03")} == {"a", "b"}
        with pytest.raises(ValueError, match="no such level"):
            units.put(conn, Unit(code="x", name="x", level="realm", parent="", valid_from="", valid_to=""))
