"""Several at once: two ingesters of one message do not double, two writers of one entity both count (I3, I6)."""

import threading
from collections.abc import Callable

from sqlalchemy import func, select

from protocol import envelope
from server import inventory, reporting, vaccinations
from server.ledger import intake, rebuild
from server.ledger.tables import RECORD
from tests.server import made
from tests.server.made import MINUTE, MORNING, Kiosk, Office


def together(*works: Callable[[], None]) -> None:
    """Run all at once; an error in one is raised here."""
    start, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_two_ingesters_of_the_same_messages_do_not_double(any_office):
    kiosk = any_office.kiosk()
    messages = [kiosk.visit(n, MORNING + n * MINUTE) for n in range(12)]
    taken: list[int] = []
    ingesters = [Office(any_office.db, signer=any_office.signer) for _ in range(2)]

    def ingest(office: Office) -> Callable[[], None]:
        return lambda: taken.extend(office.accept(kiosk, *pairs).taken for pairs in messages)

    together(*(ingest(office) for office in ingesters))
    assert sum(taken) == 12 * 7
    with any_office.db.read() as conn:
        assert conn.execute(select(func.count()).select_from(RECORD)).scalar_one() == 12 * 7
        assert reporting.total(conn, "doses") == 12
        assert reporting.total(conn, "checked_in") == 12
    assert rebuild.check(any_office.ledger).same


def test_two_kiosks_and_the_desk_on_the_same_entities_all_count(any_office):
    one, two = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    records: dict[str, list[made.Pair]] = {"kiosk-1": [], "kiosk-2": []}
    for n in range(10):
        records["kiosk-1"] += [one.checked_in(n), one.dosed(n, MORNING + MINUTE)]
        records["kiosk-2"] += [two.screened(n, MORNING + 2 * MINUTE), two.undone(n, MORNING + 3 * MINUTE)]

    def ingest(kiosk: Kiosk) -> Callable[[], None]:
        return lambda: [any_office.accept(kiosk, pair) for pair in records[kiosk.k]] and None

    def receive() -> None:
        for n in range(10):
            any_office.append(made.receipt(n))

    together(ingest(one), ingest(two), receive)
    with any_office.db.read() as conn:
        assert reporting.total(conn, "doses") == 0
        assert reporting.total(conn, "screened") == 10
        assert inventory.on_hand(conn)[0]["on_hand"] == 600
    report = rebuild.check(any_office.ledger)
    assert report.same, report.sentences


def test_the_desk_keeps_one_chain_under_many_hands(any_office):
    def append(first: int) -> Callable[[], None]:
        return lambda: [any_office.append(made.receipt(first + n)) for n in range(8)] and None

    together(append(100), append(200), append(300))
    with any_office.db.read() as conn:
        rows = conn.execute(select(RECORD).where(RECORD.c.k == "server").order_by(RECORD.c.seq)).all()
    assert [row.seq for row in rows] == list(range(1, 25))
    assert [row.prev for row in rows] == [envelope.GENESIS, *(row.digest for row in rows[:-1])]
    assert len({row.inc for row in rows}) == 1


def test_a_second_writer_of_an_entity_waits_for_the_first(any_office):
    one, two = any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2")
    # A correction alone makes no row, so that no unique key would bring the two together.
    body = {"dose": "d-1", "person": made.person(1), "changes": {"lot": "ZZ"}, "reason": "x"}
    given, corrected = one.dosed(1, MORNING), two.write("dose.corrected", body, MORNING + MINUTE)
    second = threading.Thread(target=any_office.accept, args=(two, corrected))
    with any_office.db.write() as conn:
        any_office.ledger._shelve(conn, [intake.Delivery([given], one.k, one.site)], now=MORNING)
        second.start()
        second.join(0.5)
        assert second.is_alive(), "it would derive the dose without seeing that it was given"
    second.join()
    with any_office.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1")["lot"] == "ZZ"
    report = rebuild.check(any_office.ledger)
    assert report.same, report.sentences
