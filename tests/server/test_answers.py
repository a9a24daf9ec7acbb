"""What a transaction tells the writers of the records that it took, and how many questions it asks for that (I2)."""

import copy

from sqlalchemy import event

from protocol import inbox
from server.ledger import intake
from tests.server.made import MORNING


def test_what_the_transaction_tells_is_what_stands_when_it_has_committed(any_office):
    """Holes, forks, garbage, repetitions and two writers in one: each line as if it had been asked for afterwards."""
    first, second = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2", inc="00000000000000b2")
    clone = copy.copy(first)
    mine, theirs, forked = first.visit(1), second.visit(2), clone.visit(3)
    torn = (mine[4][0], b"sig torn")
    turns = [
        [(first, [mine[0], mine[2], mine[3]]), (second, theirs[:1])],
        [(first, [forked[2], mine[1], mine[2]]), (second, [theirs[0]])],
        [(first, [torn, (b"garbage", b"")]), (second, [])],
        [(first, mine[4:]), (second, theirs)],
    ]
    for turn in turns:
        sent = [intake.Delivery(pairs, kiosk.k, kiosk.site) for kiosk, pairs in turn]
        outcome, _ = any_office.ledger.accept_all(sent, now=MORNING)
        assert outcome.told
        for log, line in outcome.told.items():
            assert any_office.ledger.ack(*log, now=MORNING).split(b"\n")[0] == line
    assert inbox.read_ack(outcome.told[first.k, first.inc])["status"] == [["3", "fork", "other_bytes"]]


def test_a_batch_of_many_writers_costs_no_more_statements_than_that_of_one(any_office):
    """Each statement is a trip to another process on PostgreSQL; one record alone took 30, and 7 more for its answer."""
    kiosks = [any_office.kiosk(f"kiosk-{n}", inc=f"{n:016x}") for n in range(10)]
    every = [(kiosk, kiosk.visit(n)) for n, kiosk in enumerate(kiosks)]
    told = []

    def take(turn):
        sent = [intake.Delivery(pairs, kiosk.k, kiosk.site) for kiosk, pairs in turn]
        told.clear()
        event.listen(any_office.db.engine, "before_cursor_execute", note)
        any_office.ledger.accept_all(sent, now=MORNING)
        event.remove(any_office.db.engine, "before_cursor_execute", note)
        return len(told)

    def note(_conn, _cursor, statement, *_):
        told.append(statement)

    alone = take([(kiosk, pairs[:1]) for kiosk, pairs in every[:1]])
    together = take([(kiosk, pairs[:1]) for kiosk, pairs in every[1:]])
    later = take([(kiosk, pairs[1:2]) for kiosk, pairs in every[:1]])
    assert together <= alone + 1, "a log that is new is made in one more"
    assert max(alone, later) <= 22
