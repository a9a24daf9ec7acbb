"""Stock in doses: what came in by receipt, what doses used, what vials wasted, what is on hand per place and lot.

Invariant I17: in + extra = used + wasted + on hand. A vial put away takes exactly its nominal doses out of stock, whatever
was drawn from it: what was not given is waste, what was given beyond is extra.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, case, func, select

from protocol.clocktext import day_of
from protocol.envelope import Record
from server.db import BIG, METADATA, rows_of
from server.facts import GIVEN, EffectiveDose, effective_dose, recovered_doses
from server.features import Count, Derived, Feature, entity_column
from server.ledger.tables import COUNTER

STOCK_IN = "stock_in"
STOCK_USED = "stock_used"
STOCK_WASTED = "stock_wasted"
STOCK_EXTRA = "stock_extra"
OPEN, CLOSED = "open", "closed"

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
# Opened vials. `given` is counted from the doses that stand; `said_given`, `said_waste` are what the kiosk counted when the
# vial was put away. `closed_at` is null while it stands open, `opened_at` the best time, UTC ms.
STOCK_VIAL = Table(
    "stock_vial",
    METADATA,
    Column("vial", String(64), primary_key=True),
    entity_column(),
    Column("place", String(64), nullable=False, index=True),
    Column("day", String(12), nullable=False),
    Column("vaccine", String(64), nullable=False),
    Column("lot", String(32), nullable=False, index=True),
    Column("doses", Integer, nullable=False),
    Column("given", Integer, nullable=False),
    Column("wasted", Integer, nullable=False),
    Column("extra", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("said_given", Integer, nullable=False),
    Column("said_waste", Integer, nullable=False),
    Column("opened_at", BIG, nullable=False),
    Column("closed_at", BIG),
    Column("opened_by", String(64), nullable=False),
)


def feature() -> Feature:
    """Stock's share in the ledger: counters `stock_in`, `stock_used`, `stock_wasted`, `stock_extra` per place; item the lot."""
    return Feature(
        "inventory",
        (STOCK_RECEIPT, STOCK_USE, STOCK_VIAL),
        {"receipt": derive_receipt, "dose": derive_use, "slip": derive_use_of_slip, "vial": derive_vial},
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


def derive_vial(vial: str, records: list[Record]) -> list[Derived]:
    """The row of an opened vial; none before the record that opened it has arrived."""
    opened = next((record for record in records if record.kind == "vial.opened"), None)
    if opened is None:
        return []
    closed = next((record for record in records if record.kind == "vial.closed"), None)
    undone = {record.body["dose"] for record in records if record.kind == "dose.undone"}
    given = len({record.body["dose"] for record in records if record.kind == "dose.given"} - undone)
    doses = opened.body["doses_per_vial"]
    row = {
        "vial": vial,
        "place": opened.site,
        "day": day_of(opened.at),
        "vaccine": opened.body["vaccine"],
        "lot": opened.body["lot"],
        "doses": doses,
        "given": given,
        "wasted": max(doses - given, 0) if closed else 0,
        "extra": max(given - doses, 0) if closed else 0,
        "state": CLOSED if closed else OPEN,
        "reason": closed.body["reason"] if closed else "",
        "said_given": closed.body["given"] if closed else 0,
        "said_waste": closed.body["waste"] if closed else 0,
        "opened_at": opened.at,
        "closed_at": closed.at if closed else None,
        "opened_by": opened.who["id"],
    }
    return [(STOCK_VIAL, row)]


def _use(stands: EffectiveDose) -> list[Derived]:
    if stands.status != GIVEN:
        return []
    row = {"dose": stands.dose, "place": stands.place, "vaccine": stands.vaccine, "lot": stands.lot, "doses": 1}
    return [(STOCK_USE, row)]


def counts(table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """What a row moves in or out."""
    if table is STOCK_VIAL:
        yield (STOCK_WASTED, row["place"], "", row["lot"], row["wasted"])
        yield (STOCK_EXTRA, row["place"], "", row["lot"], row["extra"])
        return
    yield (STOCK_IN if table is STOCK_RECEIPT else STOCK_USED, row["place"], "", row["lot"], row["doses"])


def on_hand(
    conn: Connection, *, places: Sequence[str] | None = None, limit: int = 1000, offset: int = 0
) -> list[dict[str, Any]]:
    """Per place and lot: `place, lot, vaccine, expiry, received, used, wasted, extra, on_hand, negative`. `places`: only these.

    A negative balance is a case, not an error: a lot was used where it was never received. `vaccine` and `expiry`
    are empty for a lot nobody ever received.
    """
    sums = [
        func.sum(case((COUNTER.c.name == name, COUNTER.c.n), else_=0)).label(name)
        for name in (STOCK_IN, STOCK_USED, STOCK_WASTED, STOCK_EXTRA)
    ]
    query = (
        select(COUNTER.c.place, COUNTER.c.item.label("lot"), *sums)
        .where(COUNTER.c.name.in_((STOCK_IN, STOCK_USED, STOCK_WASTED, STOCK_EXTRA)))
        .group_by(COUNTER.c.place, COUNTER.c.item)
        .order_by(COUNTER.c.place, COUNTER.c.item)
    )
    if places is not None:
        query = query.where(COUNTER.c.place.in_(places))
    rows = rows_of(conn, query.limit(limit).offset(offset))
    known = lots(conn, [row["lot"] for row in rows])
    found = []
    for row in rows:
        received, used, wasted, extra = (int(row[name]) for name in (STOCK_IN, STOCK_USED, STOCK_WASTED, STOCK_EXTRA))
        lot = known.get(row["lot"], {"vaccine": "", "expiry": ""})
        left = received + extra - used - wasted
        balance = {
            "received": received,
            "used": used,
            "wasted": wasted,
            "extra": extra,
            "on_hand": left,
            "negative": left < 0,
        }
        found.append({"place": row["place"], "lot": row["lot"], **lot, **balance})
    return found


def at_day_start(conn: Connection, place: str, day: str) -> dict[str, int]:
    """Doses of each lot at a place before anything was drawn on `day`; what was received that day is counted in.

    So the number stays the same while the day's doses arrive, and the site's count of vials can be compared with it.
    """
    held = {row["lot"]: row["on_hand"] for row in on_hand(conn, places=[place])}
    for vial in vials(conn, place, day):
        held[vial["lot"]] = held.get(vial["lot"], 0) + vial["given"] + vial["wasted"] - vial["extra"]
    return {lot: max(doses, 0) for lot, doses in held.items()}


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


def vials(conn: Connection, place: str, day: str) -> list[dict[str, Any]]:
    """The vials opened at a place on a day, in the order they were opened."""
    query = select(STOCK_VIAL).where(STOCK_VIAL.c.place == place, STOCK_VIAL.c.day == day)
    return rows_of(conn, query.order_by(STOCK_VIAL.c.opened_at, STOCK_VIAL.c.vial))
