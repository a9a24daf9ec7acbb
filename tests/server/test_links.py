"""One person under several numbers: links are read, never written into anything; taking one back leaves no trace."""

import random

import pytest
from sqlalchemy import event, select

from server import certificates, links, people, reporting, slips, vaccinations, visits
from server.db import plain
from server.ledger import rebuild
from server.ledger.derive import spelled
from server.ledger.tables import COUNTER
from tests.server import made
from tests.server.made import DAY, MINUTE, MORNING

PEOPLE = 6
ROUNDS = 4


def said(word, one, other, reason="giấy tờ khớp", **more):
    """The fact that an officer decides about a pair."""
    return f"person.{word}", {"person": made.person(one), "other": made.person(other), "reason": reason, **more}


def derived(office):
    """Every derived row and counter, but what tells of the pairs themselves."""
    with office.db.read() as conn:
        return {
            table.name: spelled(table, (plain(row) for row in conn.execute(select(table))))
            for table in (*office.ledger.deriver.tables(), COUNTER)
            if table is not links.PAIR
        }


def step(office, kiosk, chance, number):
    """Something that happens to a random person while links come and go."""
    n, at = chance.randrange(PEOPLE), MORNING + number * 10 * MINUTE
    correct = {"person": made.person(n), "changes": {"name": f"Tên Thứ {number}", "phone": "0900"}, "reason": "x"}
    dose = {"dose": f"d-{n}", "person": made.person(n), "changes": {"lot": f"L{number}"}, "reason": "x"}
    filed = {
        "complaint": f"PA-{number}", "person": made.person(n), "category": "missing_dose", "identity": made.identity(n),
        "wants": {}, "content": "x", "photos": [],
    }  # fmt: skip
    return chance.choice(
        [
            lambda: office.accept(kiosk, kiosk.checked_in(n, at, phone=f"0{number}")),
            lambda: office.accept(kiosk, kiosk.dosed(n, at, dose=f"d-{number}", slip=f"s-{number}", dose_no=2)),
            lambda: office.accept(kiosk, kiosk.undone(n, at)),
            lambda: office.append(("person.corrected", correct), now=at),
            lambda: office.append(("dose.corrected", dose), now=at),
            lambda: office.append(("complaint.filed", filed), now=at),
        ]
    )


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_merging_and_unmerging_leaves_what_never_merging_would_have(db, other_db, seed):
    """The property of issue 5: random merges, corrections in between, then every link is taken back."""
    chance = random.Random(seed)
    for each in (db, other_db):
        # Nothing is cut off here, and a hundred commits need not wait for a disk.
        if each.dialect == "sqlite":
            event.listen(each.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF").close())
    merged, plainly = made.Office(db), made.Office(other_db)
    kiosk = made.Kiosk()
    for office in (merged, plainly):
        office.enrol(kiosk)
    for n in range(PEOPLE):
        pairs = kiosk.visit(n, MORNING + n * MINUTE)
        for office in (merged, plainly):
            office.accept(kiosk, *pairs)
    standing = set()
    for number in range(10, 30):
        at = MORNING + number * 10 * MINUTE
        one, other = chance.sample(range(PEOPLE), 2)
        if chance.random() < 0.5:
            merged.append(said("linked", one, other), now=at)
            standing.add(frozenset((one, other)))
        elif standing and chance.random() < 0.4:
            back = chance.choice(sorted(standing, key=sorted))
            merged.append(said("unlinked", *sorted(back)), now=at)
            standing.discard(back)
        twin = random.Random(seed * 1000 + number)
        act = step(merged, kiosk, twin, number)
        before = (kiosk.seq, kiosk.prev, kiosk.hlc)
        act()
        kiosk.seq, kiosk.prev, kiosk.hlc = before
        step(plainly, kiosk, random.Random(seed * 1000 + number), number)()
    assert rebuild.check(merged.ledger).same, rebuild.check(merged.ledger).sentences
    assert derived(merged) != derived(plainly) or not standing
    for pair in sorted(standing, key=sorted):
        merged.append(said("unlinked", *sorted(pair)), now=MORNING + DAY)
    got, wanted = derived(merged), derived(plainly)
    assert {name: rows for name, rows in got.items() if rows != wanted[name]} == {}
    assert rebuild.check(merged.ledger).same


@pytest.fixture
def linked(any_office):
    """Person 1 with a first dose, person 2 with a second: one and the same, 1 is kept."""
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, *kiosk.visit(1, MORNING, dose_no=1), *kiosk.visit(2, MORNING + DAY, dose_no=2))
    any_office.append(said("linked", 1, 2, because=["same_name"]), now=MORNING + 2 * DAY)
    return any_office


def test_every_reading_follows_the_link(linked):
    with linked.db.read() as conn:
        for n in (1, 2):
            key = made.person(n)
            assert [dose["dose"] for dose in vaccinations.of_person(conn, key)] == ["d-1", "d-2"]
            assert len(visits.of_person(conn, key)) == 2
            assert {slip["slip"] for slip in slips.of_person(conn, key)} == {"s-1", "s-2", "t-1", "t-2"}
            assert people.by_key(conn, key)["person"] == made.person(1)
            certificate = certificates.of_person(conn, key)
            assert (certificate["person"], certificate["dose_count"]) == (made.person(1), 2)
            for wanted in (made.identity(n)["doc_no"], made.identity(n)["phone"], made.identity(n)["name"]):
                assert [row["person"] for row in people.find(conn, wanted)] == [made.person(1)], wanted
        assert links.members(conn, made.person(2)) == [made.person(1), made.person(2)]
        (pair,) = links.pairs_of(conn, [made.person(2)])
        assert (pair["state"], pair["because"], pair["decided_by"]) == ("linked", ["same_name"], "officer-1")


def test_progress_counts_a_person_once(linked):
    def counted():
        with linked.db.read() as conn:
            return reporting.total(conn, "people"), reporting.total(conn, "doses")

    assert counted() == (1, 2)
    linked.append(said("unlinked", 2, 1), now=MORNING + 3 * DAY)
    assert counted() == (2, 2)


def test_the_number_on_either_paper_leads_to_the_whole_certificate(linked):
    with linked.db.read() as conn:
        held = conn.execute(select(certificates.CERTIFICATE)).all()
        numbers = {row.person: row.number for row in held}
        assert len(set(numbers.values())) == 2
        for number in numbers.values():
            found = certificates.by_number(conn, number)
            assert (found["name"], found["dose_count"]) == (made.identity(1)["name"], 2)


def test_what_the_kept_one_lacks_the_other_says(any_office):
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, kiosk.checked_in(1, phone="", old_no="", sex="U"), kiosk.checked_in(2, MORNING + 1))
    any_office.append(said("linked", 1, 2), now=MORNING + 2)
    with any_office.db.read() as conn:
        row = people.by_key(conn, made.person(2))
    other = made.identity(2)
    assert (row["doc_no"], row["phone"], row["old_no"], row["sex"]) == (
        made.identity(1)["doc_no"], other["phone"], other["old_no"], other["sex"],
    )  # fmt: skip


def test_the_last_link_says_who_is_kept_and_the_last_word_holds(linked):
    linked.append(said("linked", 3, 2), now=MORNING + 3 * DAY)
    with linked.db.read() as conn:
        assert {links.whole_of(conn, made.person(n)) for n in (1, 2, 3)} == {made.person(3)}
    linked.append(said("told_apart", 2, 3), now=MORNING + 4 * DAY)
    with linked.db.read() as conn:
        assert [links.whole_of(conn, made.person(n)) for n in (1, 2, 3)] == [
            made.person(1), made.person(1), made.person(3),
        ]  # fmt: skip
    assert rebuild.check(linked.ledger).same


def test_a_dose_under_one_number_bears_on_a_complaint_under_another(any_office):
    kiosk = any_office.kiosk()
    filed = {
        "complaint": "PA-1", "person": made.person(2), "category": "missing_dose", "identity": made.identity(2),
        "wants": {}, "content": "x", "photos": [],
    }  # fmt: skip
    any_office.accept(kiosk, *kiosk.visit(1))
    any_office.append(("complaint.filed", filed), said("linked", 1, 2), now=MORNING + DAY)
    with any_office.db.read() as conn:
        (row,) = conn.execute(select(complaints_bearing())).all()
    assert (row.complaint, row.dose, row.person) == ("PA-1", "d-1", made.person(1))


def complaints_bearing():
    return made.complaints.BEARING


def test_two_that_come_and_are_joined_in_one_transaction_are_derived_once(any_office, monkeypatch):
    """Also where there are too many entities for one part, and the second of them belongs to a later one."""
    monkeypatch.setattr("server.ledger.derive.AT_ONCE", 1)
    filed = [
        ("complaint.filed", {"complaint": f"PA-{n}", "person": made.person(n), "category": "missing_dose",
         "identity": made.identity(n), "wants": {}, "content": "x", "photos": []}) for n in (1, 2)
    ]  # fmt: skip
    any_office.append(*filed, said("linked", 1, 2))
    assert rebuild.check(any_office.ledger).same
    with any_office.db.read() as conn:
        assert links.members(conn, made.person(1)) == [made.person(1), made.person(2)]
