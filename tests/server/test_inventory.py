"""Stock is what came in less what doses used, at every moment (I17)."""

import random

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
