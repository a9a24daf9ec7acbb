"""Doses that kiosks enter from paper: counted on their true day, named by their hand, their photo whole or not at all (K4)."""

import io

from PIL import Image

from kiosk.hardware.paper_photo import paper_photo
from kiosk.late_entry import pieces
from server import late_entry, people, vaccinations
from server.facts import effective_dose
from tests.server.made import MORNING, SITE, Kiosk, identity, person
from tests.server.test_facts import read
from tests.server.web_office import WebOffice

MINUTE = 60_000


def entered(digest="", **more):
    return {
        "dose": "d-9", "person": person(3), "identity": identity(3), "vaccine": "AZ", "lot": "FF1234", "dose_no": 1,
        "given_on": "2021-08-01", "place": SITE, "slip": "s-9", "photos": [digest] if digest else [],
        "reason": "Mất điện cả buổi", "given_min": 555, "injector": "nv-7", "injector_name": "Trần Thị Lan",
        "paper": {"form": "confirmation", "number": "00123/XN"}, "warnings": ["late_too_near"], **more,
    }  # fmt: skip


def test_the_photo_comes_whole_in_any_order_and_its_dose_is_read_with_it(db):
    office = WebOffice(db)
    kiosk = office.kiosk("kiosk-4")
    photo = paper_photo(Image.effect_noise((500, 300), 90))
    facts = pieces(photo)
    assert len(facts) > 2
    digest = facts[0].body["photo"]
    pairs = [kiosk.write(one.kind, one.body, MORNING) for one in facts]
    pairs.append(kiosk.write("dose.entered_late", entered(digest), MORNING + MINUTE))
    office.accept(kiosk, *pairs[1:])
    browser = office.browser("officer")
    with office.db.read() as conn:
        (dose,) = vaccinations.of_person(conn, person(3))
        ref = people.by_key(conn, person(3))["ref"]
    assert (dose["given_on"], dose["place"], dose["late"], dose["injector"]) == ("2021-08-01", SITE, True, "nv-7")
    assert dose["warnings"] == '["late_too_near"]'
    address = f"/console/people/{ref}/photos/{digest}"
    assert browser.get(address).status_code == 404, "a piece is missing"
    office.accept(kiosk, pairs[0])
    page = browser.get(f"/console/people/{ref}").text
    assert "00123/XN" in page
    assert "Trần Thị Lan" in page
    assert address in page
    shown = browser.get(address)
    assert (shown.status_code, Image.open(io.BytesIO(shown.data)).size) == (200, (500, 300))
    assert browser.get(f"/console/people/{ref}/photos/{'0' * 64}").status_code == 404


def test_pieces_that_make_something_else_make_nothing(db):
    office = WebOffice(db)
    kiosk = office.kiosk("kiosk-4")
    facts = pieces(b"x" * 20_000)
    digest = facts[0].body["photo"]
    forged = {**facts[1].body, "data": facts[0].body["data"].replace("e", "f")}
    told = read(*(kiosk.write(one.kind, one.body, MORNING) for one in facts))
    assert late_entry.photo(told, digest) == b"x" * 20_000
    assert late_entry.photo([*told, *read(kiosk.write("photo.taken", forged, MORNING))], digest) is None
    assert late_entry.photo([], digest) is None


def test_what_the_paper_names_stands_and_without_a_hand_it_is_who_typed():
    office_told = entered()
    kiosk = Kiosk()
    (record,) = read(kiosk.write("dose.entered_late", office_told, MORNING))
    assert effective_dose([record]).injector == "nv-7"
    bare = {
        name: value for name, value in office_told.items() if name not in ("injector", "warnings", "paper", "given_min")
    }
    (plain,) = read(kiosk.write("dose.entered_late", bare, MORNING))
    assert effective_dose([plain]).injector == plain.who["id"]
    (paper,) = late_entry.papers([plain])
    assert (paper["form"], paper["time"], paper["warnings"]) == ("", "", [])
