"""Copies at the neighbours on two branches of one log, without a site around them: when they may go (I20)."""

from sqlite_utils import Database

from kiosk import migrations
from kiosk.carriage import Carriage
from kiosk.neighbours import Copies, Copy
from tests.kiosk.site import SILENT_MS


def test_a_branch_from_a_clock_that_ran_ahead_goes_when_its_day_is_over():
    """Found by the simulation, I20: what was here before the day began is past, on whichever of two branches it stands."""
    db = Database(memory=True)
    migrations.upgrade(db)
    copies = Copies(db.conn)
    rows = [(1, "a1", ""), (2, "a2", "a1"), (3, "a3", "a2"), (2, "b2", "a1")]
    copies.write(
        Copy(
            k="kiosk-01", inc="00000000000000a1", seq=seq, digest=digest, prev=prev, kind="log.opened", visit=None,
            session="2022-10-03", line=b"", signature=b"", boot="b", mono=1,
        )
        for seq, digest, prev in rows
    )  # fmt: skip
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    ack = {"k": "kiosk-01", "inc": "00000000000000a1", "committed": 3, "head": "a3", "need": [], "archived": 0}
    carriage.acknowledged({**ack, "status": [["2", "fork", "other_bytes"]]}, 0)
    assert carriage.spent("2021-10-03", 0) == ([], [])
    names = carriage.spent("2021-10-04", 0)[1]
    assert sorted(name[3] for name in names) == ["a1", "a2", "a3", "b2"]
    again = next(copies.every())
    copies.remove(names)
    carriage.dropped(names)
    copies.write([again])
    carriage.kept((again,), 0)
    carriage.acknowledged({**ack, "status": [], "here": [again.digest]}, 0)
    assert carriage.spent("2021-10-04", 0) == ([], [again.name]), (
        "its writer, whose clock runs ahead, offers it once more"
    )
    db.close()
