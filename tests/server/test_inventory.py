"""Stock is what came in less what doses used, at every moment (I17)."""

import random

from protocol.clocktext import day_of
from server import inventory
from tests.server import made
from tests.server.made import MINUTE, MORNING


def balance(office, lot="FF1234"):
    with office.db.read() as conn:
        return next(row for row in inventory.on_hand(conn) if row["lot"] == lot)


def test_a_receipt_brings_vials_times_doses(any_office):
    any_office.append(made.receipt(1), made.receipt(2, vials=3), made.receipt(3, place="elsewhere"))
    with any_office.db.read() as conn:
        assert [(row["place"], row["on_hand"]) for row in inventory.on_hand(conn)] == [
            ("elsewhere", 60),
            (made.SITE, 78),
        ]
        assert inventory.on_hand(conn, places=["nowhere"]) == []
        assert inventory.lots(conn)["FF1234"] == {"vaccine": "pfizer", "expiry": "2021-12-31", "doses_per_vial": 6}
        assert [row["receipt"] for row in inventory.receipts(conn, places=[made.SITE])] == ["r-1", "r-2"]


def test_the_same_receipt_twice_counts_once(any_office):
    any_office.append(made.receipt(1))
    any_office.append(made.receipt(1))
    assert balance(any_office)["received"] == 60


def test_in_is_used_and_on_hand_at_every_prefix(any_office):
    chance = random.Random(3)
    kiosk = any_office.kiosk()
    any_office.append(made.receipt(1, vials=2))
    standing = set()
    for n in range(30):
        if standing and chance.random() < 0.3:
            gone = chance.choice(sorted(standing))
            standing.discard(gone)
            any_office.accept(kiosk, kiosk.undone(gone, MORNING + n * MINUTE))
        else:
            standing.add(n)
            any_office.accept(kiosk, kiosk.dosed(n, MORNING + n * MINUTE))
        row = balance(any_office)
        assert (row["received"], row["used"], row["on_hand"]) == (12, len(standing), 12 - len(standing))
        assert row["negative"] == (len(standing) > 12)


def opened(kiosk, at, vial="vl-1", doses=6):
    body = {"vial": vial, "vaccine": "pfizer", "lot": "FF1234", "expiry": "2021-12-31", "doses_per_vial": doses}
    return kiosk.write("vial.opened", body, at)


def closed(kiosk, at, given=0, waste=0, reason="end_of_session"):
    body = {"vial": "vl-1", "vaccine": "pfizer", "lot": "FF1234", "given": given, "waste": waste, "reason": reason}
    return kiosk.write("vial.closed", body, at)


def test_a_vial_put_away_takes_its_nominal_doses_out_whatever_it_gave(any_office):
    kiosk = any_office.kiosk()
    any_office.append(made.receipt(1, vials=2))
    any_office.accept(kiosk, opened(kiosk, MORNING))
    for n in range(4):
        any_office.accept(kiosk, kiosk.dosed(n, MORNING + n * MINUTE, vial="vl-1"))
    assert balance(any_office)["on_hand"] == 8, "an open vial has lost what was given only"
    any_office.accept(kiosk, closed(kiosk, MORNING + 9 * MINUTE, given=4, waste=2))
    row = balance(any_office)
    assert (row["received"], row["used"], row["wasted"], row["extra"], row["on_hand"]) == (12, 4, 2, 0, 6)
    any_office.accept(kiosk, kiosk.undone(3, MORNING + 10 * MINUTE, vial="vl-1"))
    row = balance(any_office)
    assert (row["used"], row["wasted"], row["on_hand"]) == (3, 3, 6), "an undone dose of a vial put away is waste"
    with any_office.db.read() as conn:
        (vial,) = inventory.vials(conn, made.SITE, day_of(MORNING))
    assert (vial["state"], vial["given"], vial["said_given"], vial["reason"]) == ("closed", 3, 4, "end_of_session")


def test_a_seventh_dose_of_six_is_extra_and_balances(any_office):
    kiosk = any_office.kiosk()
    any_office.append(made.receipt(1, vials=2))
    # Closed before the vial's opening and doses are heard of: the order of arrival enters nowhere.
    records = [opened(kiosk, MORNING)]
    records += [kiosk.dosed(n, MORNING + n * MINUTE, vial="vl-1", extra=n == 6) for n in range(7)]
    last = closed(kiosk, MORNING + 9 * MINUTE, given=7, reason="empty")
    any_office.accept(kiosk, last)
    assert balance(any_office)["wasted"] == 0
    any_office.accept(kiosk, *records)
    row = balance(any_office)
    assert (row["used"], row["wasted"], row["extra"], row["on_hand"]) == (7, 0, 1, 6)
