"""The database finds what the ledger asks for by an index: a ledger ten times as long costs no batch ten times as much."""

from typing import Any

from sqlalchemy import event, text

from server.ledger.derive import _SPEAKING_OF
from server.ledger.intake import Delivery
from tests.server.made import MORNING

MANY_TOUCHES = text(
    "INSERT INTO touch SELECT 'dose', 'd-' || n, n FROM (WITH RECURSIVE up(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 3000) SELECT n FROM up) AS many"
)


def test_no_statement_of_the_ledger_reads_a_whole_table(office):
    """Each statement of a batch and of the next one, which finds rows standing, with what it was given."""
    if office.db.dialect != "sqlite":
        return  # how PostgreSQL reads a table of three rows says nothing
    said: list[tuple[str, Any]] = []
    kiosk = office.kiosk()
    visit = kiosk.visit(1)
    event.listen(office.db.engine, "before_cursor_execute", lambda _conn, _cursor, *one: said.append((one[0], one[1])))
    for pairs in (visit[:3], visit[3:], [*kiosk.visit(2), (b"garbage", b"")]):
        office.ledger.accept_all([Delivery(pairs, kiosk.k, kiosk.site)], now=MORNING)
    with office.db.engine.connect() as conn:
        cursor = conn.connection.cursor()
        plans = {
            statement: [row[3] for row in cursor.execute("EXPLAIN QUERY PLAN " + statement, given)]
            for statement, given in said
            if statement.startswith(("SELECT", "DELETE", "UPDATE", "WITH")) and not isinstance(given, list)
        }
        cursor.close()
    assert len(plans) > 7
    read = {step: statement for statement, plan in plans.items() for step in plan if step.startswith("SCAN ")}
    assert {step: read[step] for step in read if not step.startswith("SCAN json_each")} == {}


def test_postgresql_looks_up_pairs_before_it_knows_of_any_statistics(any_office):
    """A plan made once for all, of a table nobody has analysed: by kind alone it read every touch, 60 ms a batch for 8,000."""
    if any_office.db.dialect != "postgresql":
        return
    asked = str(_SPEAKING_OF.compile(any_office.db.engine)).replace("%(kinds)s", "$1").replace("%(idents)s", "$2")
    with any_office.db.read() as conn:
        conn.execute(MANY_TOUCHES)
        conn.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # 3,000 small rows are read as quickly
        conn.exec_driver_sql("PREPARE speaking AS " + asked.replace("%(param_1)s", "0"))
        plan = conn.exec_driver_sql("EXPLAIN EXECUTE speaking(ARRAY['dose'], ARRAY['d-1'])").scalars().all()
        conn.exec_driver_sql("DEALLOCATE speaking")
    found = [line for line in plan if "Index Cond" in line and "unnest" in line]
    assert any("entity =" in line and "entity_id =" in line for line in found), plan
