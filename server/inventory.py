"""Stock in doses: what came in by receipt, what doses used, what is on hand per place and lot (invariant I17)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, case, func, select

from protocol.envelope import Record
from server.db import BIG, METADATA, rows_of
from server.facts import GIVEN, EffectiveDose, effective_dose, recovered_doses
from server.features import Count, Derived, Feature, entity_column
from server.ledger.tables import COUNTER

STOCK_IN = "stock_in"
STOCK_USED = "stock_used"

STOCK_RECEIPT = Table(
    "stock_receipt",
    METADATA,
    Column("receipt", String(64), primary_key=True),
    entity_column(),
    Column("vaccine", String(64), nullable=False),
    Column("lot", String(32), nullable=False, index=True),
    Column("expiry", String(10), nullable=False),
    Column("place", String(64), nullable=False, index=True),
    Column("vials", Integer, nullable=False),
    Column("doses_per_vial", Integer, nullable=False),
    Column("doses", BIG, nullable=False),
    Column("document", String(80), nullable=False),
    Column("received_at", BIG, nullable=False),
    Column("received_by", String(64), nullable=False),
)
STOCK_USE = Table(
    "stock_use",
    METADATA,
    Column("dose", String(64), primary_key=True),
    entity_column(),
    Column("place", String(64), nullable=False, index=True),
    Column("vaccine", String(64), nullable=False),
    Column("lot", String(32), nullable=False, index=True),
    Column("doses", Integer, nullable=False),
)


def feature() -> Feature:
    """Stock's share in the ledger: counters `stock_in` and `stock_used` per place, no day, item the lot."""
    return Feature(
        "inventory",
        (STOCK_RECEIPT, STOCK_USE),
        {"receipt": derive_receipt, "dose": derive_use, "slip": derive_use_of_slip},
        counts,
    )


def derive_receipt(receipt: str, records: list[Record]) -> list[Derived]:
    """The row of a receipt. `received_at` is when the store keeper recorded it, UTC ms."""
    base = next((record for record in records if record.kind == "stock.received"), None)
    if base is None:
        return []
    names = ("vaccine", "lot", "expiry", "place", "vials", "doses_per_vial", "document")
    row = {name: base.body[name] for name in names}
    row.update(receipt=receipt, doses=row["vials"] * row["doses_per_vial"])
    row.update(received_at=base.at, received_by=base.who["id"])
    return [(STOCK_RECEIPT, row)]


def derive_use(_dose: str, records: list[Record]) -> list[Derived]:
    """One dose out of stock, for a dose that stands; an undone dose gives it back."""
    stands = effective_dose(records)
    return [] if stands is None else _use(stands)


def derive_use_of_slip(_slip: str, records: list[Record]) -> list[Derived]:
    """The same for a dose that only its slip tells of."""
    return [row for dose in recovered_doses(records) for row in _use(dose)]


def _use(stands: EffectiveDose) -> list[Derived]:
    if stands.status != GIVEN:
        return []
    row = {"dose": stands.dose, "place": stands.place, "vaccine": stands.vaccine, "lot": stands.lot, "doses": 1}
    return [(STOCK_USE, row)]


def counts(table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """What a row moves in or out."""
    yield (STOCK_IN if table is STOCK_RECEIPT else STOCK_USED, row["place"], "", row["lot"], row["doses"])


def on_hand(
    conn: Connection, *, places: Sequence[str] | None = None, limit: int = 1000, offset: int = 0
) -> list[dict[str, Any]]:
    """Per place and lot: `place, lot, vaccine, expiry, received, used, on_hand, negative`. `places`: only these.

    A negative balance is a case, not an error: a lot was used where it was never received. `vaccine` and `expiry`
    are empty for a lot nobody ever received.
    """
    into = func.sum(case((COUNTER.c.name == STOCK_IN, COUNTER.c.n), else_=0))
    used = func.sum(case((COUNTER.c.name == STOCK_USED, COUNTER.c.n), else_=0))
    query = (
        select(COUNTER.c.place, COUNTER.c.item.label("lot"), into.label("received"), used.label("used"))
        .where(COUNTER.c.name.in_((STOCK_IN, STOCK_USED)))
        .group_by(COUNTER.c.place, COUNTER.c.item)
        .order_by(COUNTER.c.place, COUNTER.c.item)
    )
    if places is not None:
        query = query.where(COUNTER.c.place.in_(places))
    rows = rows_of(conn, query.limit(limit).offset(offset))
    known = lots(conn, [row["lot"] for row in rows])
    found = []
    for row in rows:
        received, out = int(row["received"]), int(row["used"])
        lot = known.get(row["lot"], {"vaccine": "", "expiry": ""})
        balance = {"received": received, "used": out, "on_hand": received - out, "negative": received < out}
        found.append({"place": row["place"], "lot": row["lot"], **lot, **balance})
    return found


def lots(conn: Connection, wanted: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Lots ever received: `{lot: {"vaccine", "expiry", "doses_per_vial"}}`, as the latest receipt has it (domain.md 3)."""
    query = select(
        STOCK_RECEIPT.c.lot, STOCK_RECEIPT.c.vaccine, STOCK_RECEIPT.c.expiry, STOCK_RECEIPT.c.doses_per_vial
    ).order_by(STOCK_RECEIPT.c.received_at, STOCK_RECEIPT.c.receipt)
    if wanted is not None:
        query = query.where(STOCK_RECEIPT.c.lot.in_(wanted))
    return {row.pop("lot"): row for row in rows_of(conn, query)}


def receipts(
    conn: Connection, *, places: Sequence[str] | None = None, limit: int = 100, offset: int = 0
) -> list[dict[str, Any]]:
    """Receipts, newest first."""
    query = select(STOCK_RECEIPT).order_by(STOCK_RECEIPT.c.received_at.desc(), STOCK_RECEIPT.c.receipt)
    if places is not None:
        query = query.where(STOCK_RECEIPT.c.place.in_(places))
    return rows_of(conn, query.limit(limit).offset(offset))
