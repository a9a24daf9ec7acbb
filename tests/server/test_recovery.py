"""A dose comes back from the citizen's slip; once, whatever arrives when, and from a good slip only (I1, I3, I6, I12)."""

import random

import pytest

from protocol import envelope, slip_code
from server import certificates, inventory, people, reporting, slips, vaccinations
from server.ledger import rebuild
from server.ledger.tables import QUARANTINE
from tests.server import made
from tests.server.a_day import clear, dump
from tests.server.made import DAY, MINUTE, MORNING, Kiosk


def slip_value(kiosk, line):
    """What the kiosk prints on the slip of the dose in this record."""
    record = envelope.parse(line)
    body = record.body
    n = int(body["dose"].partition("-")[2])
    who = made.identity(n)
    return {
        "s": body["slip"], "k": kiosk.k, "i": kiosk.inc, "q": record.seq, "p": body["person"], "n": who["name"],
        "b": who["dob"], "v": body["vaccine"], "l": body["lot"], "d": body["dose_no"], "t": record.t["wall"],
        "w": record.who["id"], "x": record.site,
    }  # fmt: skip


def code_of(value, signer):
    signed = slip_code.payload(value)
    return slip_code.encode(signed, signer.sign_raw(signed))


def scanned(code):
    value = slip_code.decode(code)[0]
    return "dose.recovered", {"slip": value["s"], "person": value["p"], "code": code}


def visit_of(burnt, n=1, **dose):
    """A visit's pairs and the slip that was handed out."""
    pairs = burnt.visit(n, **dose)
    line = next(line for line, _ in pairs if envelope.parse(line).kind == "dose.given")
    return pairs, code_of(slip_value(burnt, line), burnt.signer)


def standing(office):
    with office.db.read() as conn:
        return vaccinations.of_person(conn, made.person(1))


def test_the_slip_of_a_burnt_kiosk_gives_the_dose_back(any_office):
    burnt, other = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2", site="bien-hoa")
    any_office.append(made.receipt(1))
    _, code = visit_of(burnt)
    outcome = any_office.accept(other, other.write(*scanned(code)))
    assert (outcome.taken, outcome.quarantined) == (1, 0)
    (dose,) = standing(any_office)
    assert (dose["person"], dose["vaccine"], dose["lot"], dose["dose_no"]) == (made.person(1), "pfizer", "FF1234", 1)
    assert (dose["place"], dose["given_on"], dose["given_at"]) == (made.SITE, "2021-10-05", MORNING + 10 * MINUTE)
    assert (dose["injector"], dose["slip"], dose["status"]) == ("nurse-1", "s-1", "given")
    with any_office.db.read() as conn:
        person, slip = people.by_key(conn, made.person(1)), slips.by_number(conn, "s-1")
        certificate = certificates.of_person(conn, made.person(1))
        (stock,) = inventory.on_hand(conn, places=[made.SITE])
        assert reporting.total(conn, "doses", places=[made.SITE]) == 1
    assert (person["name"], person["dob"], person["doc_no"]) == ("Lê Thị Mỹ Duyên", "1979-04-14", "075079000001")
    assert (slip["person"], slip["dose"], slip["what"]) == (made.person(1), dose["dose"], "dose")
    assert (certificate["dose_count"], certificate["name"]) == (1, "Lê Thị Mỹ Duyên")
    assert stock["on_hand"] == 59
    assert rebuild.check(any_office.ledger).same


def test_the_original_arrives_later_and_counts_once(any_office):
    """I3: stock, certificate, counters: as if the slip had never been scanned, but for the fact that it was."""
    burnt, other = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    any_office.append(made.receipt(1))
    pairs, code = visit_of(burnt)
    any_office.accept(other, other.write(*scanned(code)), other.write(*scanned(code)))
    assert len(standing(any_office)) == 1, "two scans of one slip are one dose"
    any_office.accept(burnt, *pairs)
    (dose,) = standing(any_office)
    assert (dose["dose"], dose["visit"]) == ("d-1", "v-1")
    with any_office.db.read() as conn:
        certificate = certificates.of_person(conn, made.person(1))
        (stock,) = inventory.on_hand(conn, places=[made.SITE])
        assert reporting.total(conn, "doses") == 1
        assert slips.by_number(conn, "s-1")["dose"] == "d-1"
    assert certificate["dose_count"] == 1
    assert stock["on_hand"] == 59
    assert rebuild.check(any_office.ledger).same


def test_any_order_of_scans_originals_and_corrections_gives_the_same_tables(any_office):
    """I6, I9."""
    burnt, other = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    told = []
    for n in range(1, 5):
        pairs, code = visit_of(burnt, n)
        told += [(burnt, pair) for pair in (pairs if n % 2 else pairs[:4])]
        told += [(other, other.write(*scanned(code), MORNING + n * DAY)) for _ in range(2)]
        ident = slip_code.dose_of(slip_code.decode(code)[0])
        changes = {
            "dose": ident,
            "person": made.person(n),
            "slip": f"s-{n}",
            "changes": {"lot": "AB777"},
            "reason": "x",
        }
        told.append((other, other.write("dose.corrected", changes)))
    chance, tables = random.Random(12), []
    for _ in range(3):
        clear(any_office)
        for kiosk, pair in chance.sample(told, len(told)):
            any_office.accept(kiosk, pair)
        tables.append(dump(any_office))
        assert rebuild.check(any_office.ledger).same
    assert tables[0] == tables[1] == tables[2]
    with any_office.db.read() as conn:
        held = [(row.dose[:2], row.lot) for row in conn.execute(vaccinations.VACCINATION.select())]
    assert sorted(held) == [("d-", "FF1234"), ("d-", "FF1234"), ("r-", "AB777"), ("r-", "AB777")]


def test_a_copied_cards_other_branch_keeps_its_dose(any_office):
    """I4: two doses under one name; the slip of the one is no copy of the other."""
    first = any_office.kiosk("kiosk-1")
    second = Kiosk("kiosk-1", signer=first.signer)
    other = any_office.kiosk("kiosk-2")
    pairs, _ = visit_of(first, 1)
    _, code = visit_of(second, 2)
    any_office.accept(first, *pairs)
    any_office.accept(other, other.write(*scanned(code)))
    with any_office.db.read() as conn:
        assert reporting.total(conn, "doses") == 2
        assert len(vaccinations.of_person(conn, made.person(2))) == 1


def quarantined(office):
    with office.db.read() as conn:
        return [
            row.reason for row in conn.execute(QUARANTINE.select().order_by(QUARANTINE.c.id)) if row.resolved_at is None
        ]


@pytest.mark.parametrize("bent", ["lot", "signature", "stranger", "number", "person"])
def test_a_forged_slip_is_kept_and_believed_in_nothing(any_office, bent):
    burnt, other = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    _, code = visit_of(burnt)
    value, signed, signature = slip_code.decode(code)
    if bent == "lot":
        code = slip_code.encode(slip_code.payload({**value, "l": "GG9999"}), signature)
    elif bent == "signature":
        code = slip_code.encode(signed, signature[::-1])
    elif bent == "stranger":
        code = code_of(value, other.signer)
    kind, body = scanned(code)
    body.update({"number": {"slip": "s-9"}, "person": {"person": made.person(9)}}.get(bent, {}))
    outcome = any_office.accept(other, other.write(kind, body), other.opened())
    assert (outcome.taken, outcome.quarantined) == (1, 1), "what stands behind it is taken"
    assert quarantined(any_office) == ["slip_forged"]
    assert standing(any_office) == []
    assert rebuild.check(any_office.ledger).same
    ack = any_office.ledger.ack("kiosk-2", other.inc, now=MORNING)
    assert b'"committed":2' in ack
    assert b'["1","quarantined","slip_forged"]' in ack


def test_a_slip_of_a_writer_enrolled_since_is_judged_again(any_office):
    """A new centre after the fire: kiosks are enrolled again by their old keys, then what waited is taken."""
    burnt, other = Kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    _, code = visit_of(burnt)
    any_office.accept(other, other.write(*scanned(code)))
    assert quarantined(any_office) == ["slip_unknown_writer"]
    any_office.enrol(burnt)
    assert any_office.ledger.replay(now=MORNING) == 1
    assert len(standing(any_office)) == 1
    assert quarantined(any_office) == []


def test_a_revoked_kiosks_slips_of_before_stand_and_those_of_after_do_not(any_office):
    burnt, other = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    before, after = visit_of(burnt, 1)[1], visit_of(burnt, 2)[1]
    with any_office.db.write() as conn:
        any_office.ledger.revoke(conn, k="kiosk-1", now=MORNING + 10 * MINUTE + 1)
    value = {**slip_code.decode(after)[0], "t": MORNING + 11 * MINUTE}
    any_office.accept(other, other.write(*scanned(before)), other.write(*scanned(code_of(value, burnt.signer))))
    assert quarantined(any_office) == ["slip_revoked"]
    assert len(standing(any_office)) == 1


def test_a_ledger_from_slips_alone(office):
    """300 random doses of 40 people, everything burnt but the paper: the same doses, as far as a slip can carry them."""
    chance, writers = random.Random(300), [office.kiosk(f"kiosk-{k}", inc=f"{k:016x}") for k in range(1, 6)]
    wanted, codes = set(), []
    for n in range(300):
        kiosk = chance.choice(writers)
        at = MORNING + chance.randrange(90 * DAY)
        dose = {
            "vaccine": chance.choice(("pfizer", "az")),
            "lot": chance.choice("ABC") * 5,
            "dose_no": chance.randint(1, 3),
        }
        body = {
            "dose": f"d-{n}", "visit": f"v-{n}", "person": made.person(n % 40), "expiry": "2021-12-31", "read_back": True,
            "warnings": [], "slip": f"S{n:09d}", **dose,
        }  # fmt: skip
        line, _ = kiosk.write("dose.given", body, at)
        value = {**slip_value(kiosk, line), "n": made.identity(n % 40)["name"]}
        codes.append(code_of(value, kiosk.signer))
        wanted.add((made.person(n % 40), dose["vaccine"], dose["lot"], dose["dose_no"], at, body["slip"]))
    chance.shuffle(codes)
    desk = office.kiosk("kiosk-9")
    for start in range(0, 300, 60):
        office.accept(desk, *(desk.write(*scanned(code)) for code in codes[start : start + 60]))
    with office.db.read() as conn:
        rows = conn.execute(vaccinations.VACCINATION.select()).all()
        assert reporting.total(conn, "doses") == 300
    assert {(row.person, row.vaccine, row.lot, row.dose_no, row.given_at, row.slip) for row in rows} == wanted
    assert rebuild.check(office.ledger).same
