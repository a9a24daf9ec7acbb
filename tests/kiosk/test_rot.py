"""F32: bytes of old rows that change by themselves are found at night, mended where it can be proven, and said where it cannot."""

import random
from dataclasses import replace

import pytest

from kiosk import rot
from kiosk.crypto import Signer
from kiosk.desk import status
from kiosk.desk.rot import AT_ONCE, EVERY_MS, NightlyLook
from kiosk.rows import Rows
from tests.kiosk.made import MORNING, Made


@pytest.fixture
def made(tmp_path):
    one = Made(tmp_path)
    one.check_in()
    one.screen()
    one.dose(reason="đồng ý")
    yield one
    one.close()


@pytest.fixture
def rows(made):
    return everything(made)


def everything(made):
    return made.desk.call(lambda: Rows(made.store.db.conn).after(("", 0), 1_000))


def judged(made, row, named):
    signer = Signer(made.key)
    return rot.judged(row, k=made.k, named=named, good=signer.verifier().good, sign=signer.line)


def spoilt(data, at, mask):
    return data[:at] + bytes((data[at] ^ mask,)) + data[at + 1 :]


def put(made, row):
    def work():
        with made.store.writing():
            Rows(made.store.db.conn).put(row)

    made.desk.call(work)


def night(made):
    """A look from its beginning to its end, nobody being there; gives the disk's tile."""
    signer = Signer(made.key)
    look = NightlyLook(made.desk, signer=signer, verifier=signer.verifier())
    made.clock.patience += 10 * 60_000
    made.clock.wall += EVERY_MS
    for _tick in range(len(everything(made)) // AT_ONCE + 1):
        made.desk.call(lambda: look.step(made.desk.moment()))
    tiles = status.shown(made.desk, made.desk.moment())["tiles"]
    return next(tile for tile in tiles if tile["what"] == "disk")


def test_one_changed_byte_anywhere_is_mended(made, rows):
    dice = random.Random(32)
    row, after = rows[-2], rows[-1]
    named = Rows(made.store.db.conn).named(row.inc, row.seq, lambda *_: True)
    assert (judged(made, row, named), after.seq) == ((rot.SOUND, row), row.seq + 1)
    for at in range(0, len(row.line), 11):
        bad = replace(row, line=spoilt(row.line, at, 1 << dice.randrange(8)))
        assert judged(made, bad, named) == (rot.MENDED, row)
        # The row's own digest alone is enough too: the last record has no successor yet.
        assert judged(made, bad, None) == (rot.MENDED, row)
    assert judged(made, replace(row, line=spoilt(row.line, 40, 0b1011)), named) == (rot.MENDED, row)


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"kind": "visit.left"},
        {"wall": MORNING - 5},
        {"visit": "another"},
        {"session": "1970-01-01"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_column_is_told_anew_by_the_line(made, rows, change):
    row = rows[-2]
    assert judged(made, replace(row, **change), row.digest) == (rot.MENDED, row)


def test_a_spoilt_signature_is_made_anew_only_where_a_later_record_vouches_for_the_line(made, rows):
    row, signer = rows[-2], Signer(made.key)
    bad = replace(row, signature=spoilt(row.signature, 20, 1))
    word, true = judged(made, bad, row.digest)
    assert word == rot.MENDED
    assert signer.verifier().good(true.line, true.signature)
    assert replace(true, signature=row.signature) == row
    assert judged(made, bad, None) == (rot.DAMAGED, bad)


def test_a_forged_line_is_never_signed(made, rows):
    row = rows[-1]
    line = row.line.replace(b'"v":1', b'"v":1', 1).replace(made.k.encode(), made.k.encode()[::-1], 1)
    forged = replace(row, line=line, digest=rot.canon.digest(line))
    assert judged(made, forged, None)[0] == rot.DAMAGED


def test_the_night_mends_says_it_once_and_looks_again_the_next_night(made, rows, caplog):
    assert night(made)["state"] in ("roomy", "unknown")
    dose = next(row for row in rows if row.kind == "dose.given")
    put(made, replace(dose, line=spoilt(dose.line, 100, 4)))
    tile = night(made)
    assert (tile["state"], tile["level"], tile["values"]) == ("mended", "watch", {"count": 1})
    assert everything(made) == rows
    assert [one.getMessage().split()[0] for one in caplog.records if "row_" in one.message] == ["row_mended"]
    made.restart()
    assert night(made)["state"] == "mended"
    assert everything(made)[: len(rows)] == rows


def test_what_cannot_be_mended_is_said_and_left_as_it_is(made, rows):
    dose = next(row for row in rows if row.kind == "dose.given")
    bad = replace(dose, line=spoilt(spoilt(dose.line, 100, 4), 300, 16))
    put(made, bad)
    tile = night(made)
    assert (tile["state"], tile["level"], tile["values"]) == ("rotten", "bad", {"count": 1})
    assert bad in everything(made)


def test_nobody_waits_for_the_look(made):
    signer = Signer(made.key)
    look = NightlyLook(made.desk, signer=signer, verifier=signer.verifier())
    made.clock.wall += EVERY_MS
    made.sign_in("1002")
    made.desk.call(lambda: look.step(made.desk.moment()))
    assert made.desk.call(lambda: made.store.meta("rows_looked")) == ""


def test_by_day_the_store_is_not_asked_at_every_tick(made):
    """A kiosk started anew within the day of its last look waits by its own patience."""
    night(made)
    signer = Signer(made.key)
    look = NightlyLook(made.desk, signer=signer, verifier=signer.verifier())
    made.clock.wall += EVERY_MS // 2
    asked = []
    made.desk.call(lambda: made.store.db.conn.set_trace_callback(asked.append))
    for _tick in range(50):
        made.clock.patience += 100
        made.desk.call(lambda: look.step(made.desk.moment()))
    assert len(asked) == 1
    made.clock.patience += EVERY_MS // 2
    made.desk.call(lambda: look.step(made.desk.moment()))
    assert len(asked) > 1
