"""Injection sites with their periods, and who works there: from files to units, to the kiosks' lists, and back off them."""

import json

import pytest
from argon2 import PasswordHasher

from server import reference, scope, units
from server.accounts import Account
from server.imports import columns, pins, work
from server.imports.columns import FACILITIES, STAFF
from server.reference import SITE
from tests.server.imports.lists import Desk, as_csv

SITES = ("Mã cơ sở", "Tên cơ sở", "Xã/Phường", "Địa chỉ", "Số điện thoại", "Loại hình", "Từ ngày", "Đến ngày")
PEOPLE = ("Mã cán bộ", "Họ và tên", "Vai trò", "Cơ sở tiêm chủng", "Trạng thái")
FIXED = ["tyt-trang-dai", "Trạm y tế Trảng Dài", "Trảng Dài", "Khu phố 3", "1900 9095", "Cố định", "", ""]
MOBILE = ["ldb-cho-tan-an", "Điểm lưu động chợ Tân An", "Tân An", "", "", "Lưu động", "10/10/2021", "12/10/2021"]


@pytest.fixture
def desk(db):
    desk = Desk(db)
    yield desk
    desk.importer.close()


def sites(desk, *rows, **given):
    return desk.read(as_csv(*rows, headings=SITES), kind=FACILITIES, **given)


def people(desk, *rows, **given):
    return desk.read(as_csv(*rows, headings=PEOPLE), kind=STAFF, **given)


def staff_of(desk, site):
    with desk.db.read() as conn:
        return {one["code"]: one for one in reference.items(conn, site=site, list_name=reference.STAFF)}


def test_a_fixed_and_a_mobile_site_stand_for_their_periods(desk):
    name = sites(desk, FIXED, MOBILE)
    assert desk.said(name) == [("new", ""), ("new", "")]
    desk.commit(name)
    with desk.db.read() as conn:
        for day, standing in (
            ("2021-10-05", ["tyt-trang-dai"]),
            ("2021-10-10", ["ldb-cho-tan-an", "tyt-trang-dai"]),
            ("2021-10-12", ["ldb-cho-tan-an", "tyt-trang-dai"]),
            ("2021-10-13", ["tyt-trang-dai"]),
        ):
            assert sorted(unit.code for unit in units.sites(conn, "75", day=day)) == standing, day
        row = reference.site_row(conn, "ldb-cho-tan-an")
        assert (row["shard"], row["unit"]) == ("dong-nai", "26170")
        who = Account(
            id=1, login="x", name="x", email="", role="manager", unit="736", unit_from="2021-07-01", must_change=False,
            second_factor=False,
        )  # fmt: skip
        assert list(scope.of(conn, who, day="2021-10-11").sites) == ["ldb-cho-tan-an"]
    again = sites(desk, FIXED, MOBILE)
    assert desk.said(again) == [("same", ""), ("same", "")]


def test_a_mobile_site_comes_again_and_a_fixed_one_is_taken_off_and_comes_back(desk):
    desk.commit(sites(desk, FIXED, MOBILE))
    name = sites(desk, [*MOBILE[:6], "20/10/2021", "20/10/2021"], whole=True)
    assert desk.rows(name)[0].before == {"valid_from": "2021-10-10", "valid_to": "2021-10-13"}
    desk.commit(name, take_off=True)
    with desk.db.read() as conn:
        found = {
            day: [u.code for u in units.sites(conn, "75", day=day)]
            for day in ("2021-10-05", "2021-10-11", "2021-10-20")
        }
    assert found == {"2021-10-05": [], "2021-10-11": ["ldb-cho-tan-an"], "2021-10-20": ["ldb-cho-tan-an"]}
    desk.commit(sites(desk, FIXED))
    with desk.db.read() as conn:
        assert [u.code for u in units.sites(conn, "75", day="2021-10-06")] == ["tyt-trang-dai"]


def test_what_is_wrong_with_a_site(desk):
    desk.commit(sites(desk, ["bv-quan-1", "Bệnh viện Quận 1", "Bến Nghé", "", "", "", "", ""], unit="79"))
    rows = [
        ["bv-quan-1", "Trạm của chúng ta", "Trảng Dài", "", "", "", "", ""],
        ["Trạm 1", "Trạm", "Trảng Dài", "", "", "", "", ""],
        ["x-1", "=1+1", "Trảng Dài", "", "", "", "", ""],
        ["x-2", "Điểm lưu động", "Trảng Dài", "", "", "Lưu động", "10/10/2021", ""],
        ["x-3", "Điểm lưu động", "Trảng Dài", "", "", "Lưu động", "10/10/2021", "09/10/2021"],
        ["", "Trạm y tế phường Trảng Dài", "Trảng Dài", "", "", "", "", ""],
        ["26170", "Giả làm xã", "Tân An", "", "", "", "", ""],
    ]
    name = sites(desk, *rows)
    assert [words for _, words in desk.said(name)] == [
        "code_elsewhere", "code_bad", "name_bad", "days_missing", "days_bad", "code_made", "code_elsewhere",
    ]  # fmt: skip
    assert desk.rows(name)[1].key == ""
    assert desk.rows(name)[5].key == "tram-y-te-phuong-trang-dai-25993"


def test_staff_go_to_their_sites_lists_without_a_pin_and_get_one_once(desk):
    desk.commit(sites(desk, FIXED, MOBILE))
    rows = [
        ["1001", "TRẦN THỊ HÀ", "Tiếp đón", "Trạm y tế Trảng Dài", ""],
        ["1002", "Lê Quang Minh", "Bác sĩ", "tyt-trang-dai", ""],
        ["1003", "Phạm Ngọc Lan", "Tiêm", "Trạm y tê Trảng Dài", ""],
        ["1004", "Vũ Hồng Nhung", "Lái xe", "Trạm y tế Trảng Dài", ""],
        ["", "Vũ Hồng Nhung", "Tiêm", "Trạm y tế Trảng Dài", ""],
        ["1005", "Vũ Hồng Nhung", "Tiêm", "Bệnh viện khác", ""],
    ]
    name = people(desk, *rows)
    assert [words for _, words in desk.said(name)] == [
        "name_case", "", "", "role_unknown", "code_missing", "site_unknown",
    ]  # fmt: skip
    desk.commit(name)
    found = staff_of(desk, "tyt-trang-dai")
    assert found["1001"] == {
        "id": "nv-1001", "name": "Trần Thị Hà", "initials": "TTH", "role": "reception", "code": "1001", "pin": "", "badge": "",
        "revoked": False,
    }  # fmt: skip
    with desk.db.read() as conn:
        kind = work.open_kind(conn, desk.get(name), day="2021-10-05")
        made = pins.make(kind, pins.without(conn, kind)[:2])
    with desk.db.write() as conn:
        given = pins.give(conn, kind, made)
        assert len(pins.without(conn, kind)) == 1
        # Made by two at once: the first who wrote has given them.
        assert pins.give(conn, kind, made) == []
    found = staff_of(desk, "tyt-trang-dai")
    for one in given:
        assert one.place == "Trạm y tế Trảng Dài"
        assert PasswordHasher().verify(found[one.item["code"]]["pin"], one.pin)
    # A list that comes again leaves the PINs alone.
    again = people(desk, *rows[:3], whole=True)
    assert {state for state, _ in desk.said(again)} == {"same"}
    less = people(desk, rows[0], ["1002", "Lê Quang Minh", "Trưởng điểm", "tyt-trang-dai", "Đã nghỉ"], whole=True)
    assert desk.rows(less, states=("changed",))[0].before == {"role": "screener", "revoked": False}
    assert desk.commit(less, take_off=True)["gone"] == 1
    later = staff_of(desk, "tyt-trang-dai")
    assert {code: one["revoked"] for code, one in later.items()} == {"1001": False, "1002": True, "1003": True}
    assert later["1001"]["pin"] == found["1001"]["pin"]
    # Since when: doses after it are shown to officers (F94).
    assert {code for code, one in later.items() if one.get("revoked_at")} == {"1002", "1003"}
    back = people(desk, rows[2])
    assert desk.rows(back)[0].before == {"revoked": True}


def test_every_kind_of_list_takes_a_file_with_our_headings_and_nothing_below(desk):
    for kind in columns.KINDS:
        name = desk.read(as_csv(headings=columns.template(kind)), kind=kind)
        assert (desk.get(name)["state"], desk.get(name)["rows"]) == ("review", 0)
        assert json.dumps(desk.commit(name))
    with desk.db.read() as conn:
        assert conn.execute(SITE.select()).first() is None
