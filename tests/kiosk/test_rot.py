"""F32: bytes of old rows that change by themselves are found at night, mended where it can be proven, and said where it cannot."""

import random
from dataclasses import replace

import pytest

from kiosk import rot
from kiosk.crypto import Signer
from kiosk.desk import status
from kiosk.desk.rot import AT_ONCE, EVERY_MS, NightlyLook
from kiosk.rows import Rows
from tests.kiosk.made import CARD, MORNING, Made
from tests.kiosk.whole import EASY


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


def test_a_neighbour_gives_back_what_cannot_be_mended(site):
    """Byte for byte, signature too; found before a restart, asked for after it."""
    ours, theirs = site.kiosks
    ours.check_in()
    ours.screen()
    ours.dose(reason="đồng ý")
    site.run(4)
    before = everything(ours)
    assert len(site.pairs(ours)) == len(theirs.desk.call(lambda: list(theirs.store.copies.every())))
    dose = next(row for row in before if row.kind == "dose.given")
    assert dose == before[-1]
    # The last one's line and signature, which nothing else vouches for; line and digest of one that the next record names.
    put(ours, replace(dose, line=spoilt(spoilt(dose.line, 100, 4), 300, 16), signature=spoilt(dose.signature, 20, 1)))
    put(ours, replace(before[1], line=spoilt(spoilt(before[1].line, 9, 4), 30, 16), digest="0" * 64))
    tile = night(ours)
    assert (tile["state"], tile["values"]) == ("rotten", {"count": 2})
    ours.restart()
    signer = Signer(ours.key)
    NightlyLook(ours.desk, signer=signer, verifier=signer.verifier())
    assert len(ours.desk.condition.rotten) == 2
    site.plug_in(ours)
    # The neighbour's next statement comes within a minute.
    site.run(70)
    assert everything(ours)[: len(before)] == before
    assert not ours.desk.condition.rotten
    tiles = status.shown(ours.desk, ours.desk.moment())["tiles"]
    assert next(one for one in tiles if one["what"] == "disk")["state"] == "mended"
    asked = {payload.split(b'"first":')[1].split(b",")[0] for _, _, payload in site.sent if b'{"want":' in payload}
    assert asked == {str(before[1].seq).encode(), str(dose.seq).encode()}, "these two and no others"


def test_only_the_very_row_is_taken_back(made, rows):
    """A clone's record of the same number, signed by the same key, is another one (F44); a stranger's is nobody's."""
    signer, row = Signer(made.key), rows[-2]
    bad = replace(row, line=spoilt(spoilt(row.line, 100, 4), 300, 16))
    other = row.line.replace(b'"v":1', b'"v":2', 1)
    known = {"k": made.k, "named": rot.canon.digest(row.line), "good": signer.verifier().good}
    assert rot.given_back(bad, other, signer.line(other), **known) is None
    assert rot.given_back(bad, row.line, spoilt(row.signature, 20, 1), **known) is None
    assert rot.given_back(bad, row.line, row.signature, **known) == row


def test_a_person_whose_row_rots_is_served_to_the_end(site):
    """What was read before it rotted stands: nobody is turned back, and nobody gets a second dose."""
    ours, theirs = site.kiosks
    visit = ours.check_in()
    site.run(4)
    theirs.sign_in("1002")
    assert theirs.scan(CARD)["screen"] == "screening"
    row = next(row for row in everything(ours) if row.kind == "visit.checked_in")
    put(ours, replace(row, line=spoilt(spoilt(row.line, 100, 4), 130, 16)))
    # Their call comes in and our own act follows: each would read the whole visit anew.
    site.run(4)
    assert ours.store.copies.of_visit(visit)
    ours.sign_in("1002")
    ours.act("call_next")
    ours.act("judge", **EASY)
    ours.act("conclude", conclusion="eligible", reason="")
    ours.dose(reason="đồng ý")
    assert {one["visit"]: one["state"] for one in ours.desk.visits_today()} == {visit: "observing"}


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
