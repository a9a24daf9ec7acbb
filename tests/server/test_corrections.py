"""A correction is one record, and everything that reads it follows in the same transaction (I18, C3)."""

from server import aefi, certificates, inventory, people, reporting, slips, vaccinations, visits
from tests.server import made
from tests.server.made import MINUTE, MORNING, Office


def given(office: Office, n: int = 1, **dose):
    kiosk = office.kiosk()
    office.append(made.receipt(1), made.receipt(2, lot="AB777", vaccine="astrazeneca"))
    office.accept(kiosk, *kiosk.visit(n, **dose))
    return kiosk


def stock(office: Office) -> dict[str, int]:
    with office.db.read() as conn:
        return {row["lot"]: row["on_hand"] for row in inventory.on_hand(conn, places=[made.SITE])}


def test_a_visit_moves_everything_by_one(any_office):
    given(any_office)
    assert stock(any_office) == {"FF1234": 59, "AB777": 60}
    with any_office.db.read() as conn:
        day = reporting.at_sites(conn, "2021-10-05")
        figures = reporting.progress(conn, "2021-10-05", places=[made.SITE])
        visit = visits.by_id(conn, "v-1")
        slip = slips.by_number(conn, "s-1")
    assert day == [{"place": made.SITE, "checked_in": 1, "doses": 1, "left": 1, "aefi": 0, "screened": {"eligible": 1}}]
    assert figures["today"] == {"checked_in": 1, "screened": 1, "doses": 1, "left": 1, "aefi": 0, "people": 1}
    assert figures["by_item"] == [{"place": made.SITE, "vaccine": "pfizer", "dose_no": 1, "doses": 1}]
    assert figures["by_day"] == [{"day": "2021-10-05", "doses": 1}]
    assert (visit["state"], visit["irregular"], visit["outcome"]) == ("left", False, "well")
    assert (slip["dose"], slip["person"], slip["printed"], slip["failed"]) == ("d-1", made.person(1), 1, 0)


def test_a_wrong_dose_corrected_moves_row_certificate_stock_and_figures(any_office):
    given(any_office)
    with any_office.db.read() as conn:
        before = certificates.of_person(conn, made.person(1))
    changes = {"lot": "AB777", "vaccine": "astrazeneca", "given_on": "2021-10-04"}
    correction = ("dose.corrected", {"dose": "d-1", "person": made.person(1), "changes": changes, "reason": "Ảnh giấy"})
    any_office.append(correction)
    assert stock(any_office) == {"FF1234": 60, "AB777": 59}
    with any_office.db.read() as conn:
        row = vaccinations.by_id(conn, "d-1")
        after = certificates.of_person(conn, made.person(1))
        assert reporting.total(conn, "doses", first="2021-10-05", last="2021-10-05") == 0
        assert reporting.total(conn, "doses", item="astrazeneca/1") == 1
    assert (row["lot"], row["vaccine"], row["given_on"], row["corrections"]) == (
        "AB777",
        "astrazeneca",
        "2021-10-04",
        1,
    )
    assert after["doses"][0]["lot"] == "AB777"
    assert after["number"] == before["number"]
    assert after["version"] == before["version"] + 1


def test_a_correction_that_fails_leaves_nothing_half_done(any_office):
    given(any_office)

    class TornError(RuntimeError):
        pass

    def work(conn):
        body = {"dose": "d-1", "person": made.person(1), "changes": {"lot": "AB777"}, "reason": "x"}
        any_office.ledger.append(conn, "dose.corrected", body, who="officer-1", now=MORNING)
        raise TornError

    try:
        any_office.ledger.transact(work)
    except TornError:
        pass
    assert stock(any_office) == {"FF1234": 59, "AB777": 60}
    with any_office.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1")["lot"] == "FF1234"


def test_a_corrected_person_changes_the_certificate_and_the_search(any_office):
    given(any_office)
    body = {"person": made.person(1), "changes": {"name": "Đỗ Thị Mỹ Duyên", "dob": "1980"}, "reason": "CCCD"}
    any_office.append(("person.corrected", body))
    with any_office.db.read() as conn:
        assert certificates.of_person(conn, made.person(1))["name"] == "Đỗ Thị Mỹ Duyên"
        found = people.find(conn, "do thi MY")
        assert [row["person"] for row in found] == [made.person(1)]
        assert people.find(conn, "le thi") == []
        assert people.find(conn, made.identity(1)["doc_no"])[0]["dob"] == "1980"
        assert people.by_ref(conn, found[0]["ref"])["person"] == made.person(1)
        assert made.identity(1)["doc_no"] not in found[0]["ref"]
        assert people.find(conn, "%") == []


def test_a_correction_holds_against_a_kiosk_whose_clock_runs_ahead(any_office):
    kiosk = any_office.kiosk()
    ahead = MORNING + 3 * 3_600_000
    any_office.accept(kiosk, *kiosk.visit(1, ahead))
    any_office.append(
        ("dose.corrected", {"dose": "d-1", "person": made.person(1), "changes": {"lot": "ZZ"}, "reason": "x"}),
        ("person.corrected", {"person": made.person(1), "changes": {"name": "Mới"}, "reason": "x"}),
    )
    with any_office.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1")["lot"] == "ZZ"
        assert people.by_key(conn, made.person(1))["name"] == "Mới"


def test_an_undone_dose_gives_stock_back_and_takes_the_figures_down(any_office):
    kiosk = given(any_office)
    any_office.accept(kiosk, kiosk.undone(1, MORNING + 20 * MINUTE))
    assert stock(any_office) == {"FF1234": 60, "AB777": 60}
    with any_office.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1")["status"] == "undone"
        assert reporting.total(conn, "doses") == 0
        assert reporting.doses_by_day(conn) == []
        certificate = certificates.of_person(conn, made.person(1))
    assert (certificate["standing"], certificate["doses"]) == (False, [])


def test_a_correction_that_comes_before_its_dose_waits_for_it(any_office):
    body = {"dose": "d-1", "person": made.person(1), "changes": {"lot": "AB777"}, "reason": "x"}
    any_office.append(("dose.corrected", body))
    with any_office.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1") is None
    given(any_office)
    assert stock(any_office) == {"FF1234": 60, "AB777": 59}


def test_a_lot_used_where_it_never_arrived_shows_a_negative_balance(any_office):
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, *kiosk.visit(1, lot="GHOST"))
    with any_office.db.read() as conn:
        rows = inventory.on_hand(conn)
    assert rows == [
        {
            "place": made.SITE, "lot": "GHOST", "vaccine": "", "expiry": "",
            "received": 0, "used": 1, "wasted": 0, "extra": 0, "on_hand": -1, "negative": True,
        }
    ]  # fmt: skip


def test_a_reaction_is_listed_with_its_person(any_office):
    kiosk = given(any_office)
    any_office.accept(kiosk, kiosk.reacted(1, MORNING + 30 * MINUTE))
    with any_office.db.read() as conn:
        assert [row["symptoms"] for row in aefi.of_person(conn, made.person(1))] == [["fever_lt_39"]]
        assert reporting.total(conn, "aefi", item="common") == 1


def test_a_dose_without_check_in_counts_and_the_visit_is_irregular(any_office):
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, kiosk.dosed(1, MORNING))
    with any_office.db.read() as conn:
        assert reporting.total(conn, "doses") == 1
        visit = visits.by_id(conn, "v-1")
        certificate = certificates.of_person(conn, made.person(1))
    assert (visit["state"], visit["irregular"], visit["checked_in_at"]) == ("observing", True, None)
    assert (certificate["name"], certificate["dose_count"]) == ("", 1)


def test_no_consent_counts_as_refused(any_office):
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, kiosk.checked_in(1), kiosk.screened(1, MORNING + MINUTE, consent=False))
    with any_office.db.read() as conn:
        assert reporting.at_sites(conn, "2021-10-05")[0]["screened"] == {"refused": 1}


def test_a_number_of_a_certificate_tells_nothing_of_its_person(office):
    given(office)
    with office.db.read() as conn:
        certificate = certificates.of_person(conn, made.person(1))
        assert len(certificate["number"]) == certificates.NUMBER_LETTERS
        assert certificates.by_number(conn, certificate["number"]) == certificate
        assert certificates.by_number(conn, "NONE") is None
