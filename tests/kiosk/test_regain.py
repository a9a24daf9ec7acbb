"""F32 without a neighbour: a kiosk alone at its site gets its rotten rows back from the centre, byte for byte, and nothing else."""

from dataclasses import replace
from itertools import pairwise

import pytest

from kiosk.crypto import Signer
from kiosk.regain import FIRST_MS, LAST_MS, Regain, runs
from protocol import canon, envelope, wanting
from protocol.delivery import WINDOW
from server.clock import Clock
from server.crypto import Signer as CentreSigner
from server.db import METADATA, Database
from server.ledger import intake, returned
from server.ledger.ledger import Ledger
from tests.kiosk.made import MORNING, Made
from tests.kiosk.site import public_pem
from tests.kiosk.test_rot import everything, night, put, spoilt

SITE = "trang-dai"
HOUR = 3_600_000


class Centre:
    """A ledger that holds this kiosk's log, and gives back what it is asked for."""

    def __init__(self, folder, made):
        self.db = Database(f"sqlite:///{folder / 'tram.db'}")
        METADATA.create_all(self.db.engine)
        self.ledger = Ledger(
            self.db, features=(), clock=Clock(), signer=CentreSigner.generate(), shard="dong-nai", site=SITE
        )
        key = public_pem(made.key)
        with self.db.write() as conn:
            self.ledger.enrol(conn, k=made.k, shard="dong-nai", site=SITE, public_key=key, now=MORNING)
        self.ledger.accept([(row.line, row.signature) for row in everything(made)], k=made.k, site=SITE, now=MORNING)

    def asked(self, payload, *, now=MORNING + HOUR, k="kiosk-01"):
        with self.db.read() as conn:
            return returned.pairs(conn, intake.split(payload)[0], k=k, now=now)


@pytest.fixture
def made(tmp_path):
    one = Made(tmp_path)
    one.check_in()
    one.screen()
    one.dose(reason="đồng ý")
    yield one
    one.close()


@pytest.fixture
def centre(tmp_path, made):
    one = Centre(tmp_path, made)
    yield one
    one.db.close()


def rotted(made, *, looked=False):
    """Two rows rot beyond mending; gives all rows as they were. `looked`: found by the nightly look, which takes its time."""
    before = everything(made)
    dose = next(row for row in before if row.kind == "dose.given")
    put(made, replace(dose, line=spoilt(spoilt(dose.line, 100, 4), 300, 16), signature=spoilt(dose.signature, 20, 1)))
    put(made, replace(before[1], line=spoilt(spoilt(before[1].line, 9, 4), 30, 16), digest="0" * 64))
    found = {(row.inc, row.seq) for row in (before[1], dose)}
    if looked:
        assert night(made)["state"] == "rotten"
        assert made.desk.condition.rotten == found
    made.desk.condition.rotten = frozenset(found)
    return before


def question(made, **changes):
    """What the kiosk asks, signed; `changes` of its fields."""
    row = everything(made)[1]
    value = {
        "want": 1,
        "v": 1,
        "k": made.k,
        "from": "centre",
        "of": made.k,
        "inc": row.inc,
        "first": 1,
        "last": 3,
        **changes,
    }
    line = canon.write(value, wanting.ORDER)
    return envelope.pack([(line, Signer(made.key).line(line))])


def test_a_kiosk_alone_gets_its_rows_back_from_the_centre(made, centre):
    before = rotted(made, looked=True)
    regain = Regain(desk=made.desk, signer=Signer(made.key))
    assert regain.ask(0) is None, "a neighbour comes first"
    asked, now = [], FIRST_MS
    for _ in range(2):
        payload = regain.ask(now)
        asked.append(wanting.read_want(payload.split(b"\n")[0]))
        for line, signature in centre.asked(payload):
            assert regain.taken(line, signature)
        made.touch.view()  # the desk has done what was posted before
        now += 1
    assert everything(made) == before
    assert not made.desk.condition.rotten
    assert regain.ask(now + LAST_MS) is None
    assert {one["first"] for one in asked} == {before[1].seq, next(r.seq for r in before if r.kind == "dose.given")}
    assert made.desk.condition.mended == 2


def test_a_centre_that_does_not_answer_is_asked_less_and_less(made):
    rotted(made)
    regain = Regain(desk=made.desk, signer=Signer(made.key))
    asked = [now for now in range(0, 4 * HOUR, 10_000) if regain.ask(now)]
    assert asked[0] == FIRST_MS
    gaps = [after - before for before, after in pairwise(asked)]
    assert gaps[0] == 2 * FIRST_MS
    assert gaps == sorted(gaps)
    assert gaps[-1] == LAST_MS


def test_only_our_own_record_of_a_rotten_row_is_taken(made, centre):
    before = rotted(made)
    spoiled = everything(made)
    regain = Regain(desk=made.desk, signer=Signer(made.key))
    assert not regain.taken(b'{"ack":1}', b"es256 x")
    assert regain.taken(before[0].line, before[0].signature), "ours, and its row is sound"
    forged = before[1].line.replace(b'"v":1', b'"v":2', 1)
    assert regain.taken(before[1].line, spoilt(before[1].signature, 20, 1))
    assert regain.taken(forged, Signer(made.key).line(forged)) in (True, False)
    made.touch.view()
    assert everything(made) == spoiled


def test_the_centre_gives_back_only_to_whom_it_belongs_and_only_what_is_fresh(made, centre):
    assert [canon.digest(line) for line, _ in centre.asked(question(made))] == [
        row.digest for row in everything(made)[:3]
    ]
    good = question(made)
    line, signature = good.split(b"\n")[:2]
    assert centre.asked(question(made, of="kiosk-02")) == []
    assert centre.asked(question(made, k="kiosk-02")) == []
    assert centre.asked(question(made, **{"from": "kiosk-02"})) == []
    assert centre.asked(good, k="kiosk-02") == [], "on another's topic"
    assert centre.asked(line + b"\n" + CentreSigner.generate().sign(line)) == [], "another's key"
    assert centre.asked(b'{"want":rubbish\nx') == []
    assert centre.asked(question(made, inc="0" * 16)) == []
    assert centre.asked(good, now=MORNING + returned.SINCE_MS) != []
    assert centre.asked(good, now=MORNING + returned.SINCE_MS + 1) == [], "a day gone by lies open nowhere"
    with centre.db.write() as conn:
        centre.ledger.revoke(conn, k=made.k, now=MORNING)
    assert centre.asked(good) == []
    assert signature


def test_runs():
    names = frozenset({("b", 1), ("a", 7), ("a", 8), ("a", 3), *(("c", n) for n in range(1, WINDOW + 3))})
    assert runs(names) == [("a", 3, 3), ("a", 7, 8), ("b", 1, 1), ("c", 1, WINDOW), ("c", WINDOW + 1, WINDOW + 2)]
