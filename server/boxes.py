"""What the centre notes of each kiosk's box beside its records: hardware, certificate, its own last word, its group.

Also who was turned away, and why. None of it is derived from records and none is in a rebuild: it is the fleet's state.
"""

import json
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, select

from server.db import BIG, METADATA, row_of, rows_of, upsert

# Kiosks that nobody put into a group.
EVERYBODY = "all"
# One's word about itself; more is an attack.
MOST_BYTES = 4096

BOX = Table(
    "box",
    METADATA,
    Column("k", String(64), primary_key=True),
    # As said at enrolment; empty for a kit carried by hand.
    Column("hardware", String(80), nullable=False, server_default=""),
    Column("certificate_until", BIG),
    Column("renewed_at", BIG),
    Column("grp", String(32), nullable=False, server_default=EVERYBODY),
    # The last message on its `state`, as it came (canonical JSON), and when.
    Column("state", Text, nullable=False, server_default=""),
    Column("state_at", BIG),
)
# The one-time codes. `digest`: of the secret. `key_digest`: of the record key that used it; null until then.
ENROL_CODE = Table(
    "enrol_code",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("shard", String(32), nullable=False),
    Column("site", String(64), nullable=False),
    Column("k", String(64), nullable=False, unique=True),
    Column("lane", String(1), nullable=False),
    Column("desk", String(8), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", BIG, nullable=False),
    Column("expires_at", BIG, nullable=False),
    Column("used_at", BIG),
    Column("key_digest", String(64)),
)
# Who was turned away: `who` is an identity or an address, `what` the word of `enrolment.TurnedAway`. Counted, never a row for each.
TURNED_AWAY = Table(
    "turned_away",
    METADATA,
    Column("who", String(120), primary_key=True),
    Column("what", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("first_at", BIG, nullable=False),
    Column("last_at", BIG, nullable=False),
    Column("n", BIG, nullable=False),
    # The topic that was refused last, or empty.
    Column("about", String(160), nullable=False, server_default=""),
)
# Which certificates a kiosk was given: those of a revoked one stand on the authority's list. `serial`: hexadecimal.
ISSUED = Table(
    "issued",
    METADATA,
    Column("serial", String(40), primary_key=True),
    Column("k", String(64), nullable=False, index=True),
)
# Which version each group of kiosks is to run.
WANTED = Table(
    "wanted_version",
    METADATA,
    Column("grp", String(32), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("set_by", String(64), nullable=False),
    Column("set_at", BIG, nullable=False),
    # In hundredths of the group's kiosks; when it was halted, null while it goes on (server/waves.py).
    Column("share", Integer, nullable=False, server_default="100"),
    Column("halted_at", BIG),
)


def put(conn: Connection, k: str, **fields: Any) -> None:
    """Write what is known of a kiosk's box over what stood; the other columns stay."""
    upsert(conn, BOX, [{"k": k, **fields}])


def every(conn: Connection) -> dict[str, dict[str, Any]]:
    """Each box by its kiosk, `state` read: an empty dict where none came or it cannot be read."""
    return {row["k"]: {**row, "state": _read(row["state"])} for row in rows_of(conn, select(BOX))}


def one(conn: Connection, k: str) -> dict[str, Any]:
    """As `every`, of one kiosk; of one never heard of the empty columns."""
    row = row_of(conn, select(BOX).where(BOX.c.k == k))
    blank = {column.name: None for column in BOX.c} | {"k": k, "hardware": "", "grp": EVERYBODY, "state": ""}
    held = row or blank
    return {**held, "state": _read(str(held["state"]))}


def hear(conn: Connection, k: str, payload: bytes, *, now: int) -> bool:
    """Note what a kiosk said on `state`. False for what is no such word: too long, or not JSON."""
    if len(payload) > MOST_BYTES:
        return False
    try:
        text = payload.decode("utf-8")
        if not isinstance(json.loads(text), dict):
            return False
    except (ValueError, RecursionError):
        return False
    put(conn, k, state=text, state_at=now)
    return True


def turn_away(conn: Connection, *, who: str, what: str, now: int, site: str = "", n: int = 1, about: str = "") -> None:
    """Count that somebody was turned away. `about`: a topic, which names no person."""
    row = row_of(conn, select(TURNED_AWAY).where(TURNED_AWAY.c.who == who, TURNED_AWAY.c.what == what))
    first, before = (row["first_at"], row["n"]) if row else (now, 0)
    fields = {"who": who[:120], "what": what, "site": site or (row["site"] if row else ""), "about": about[:160]}
    upsert(conn, TURNED_AWAY, [{**fields, "first_at": first, "last_at": now, "n": before + n}])


def turned_away(conn: Connection, *, since: int = 0) -> list[dict[str, Any]]:
    """Who was turned away at or after `since`, the latest first: `who`, `what`, `site`, `first_at`, `last_at`, `n`."""
    query = select(TURNED_AWAY).where(TURNED_AWAY.c.last_at >= since).order_by(TURNED_AWAY.c.last_at.desc())
    return rows_of(conn, query.limit(100))


def note_issued(conn: Connection, k: str, serial: int) -> None:
    """Kiosk `k` was given the certificate of that number."""
    upsert(conn, ISSUED, [{"serial": f"{serial:x}", "k": k}])


def wanted(conn: Connection) -> dict[str, dict[str, Any]]:
    """The wanted version of each group: `version`, `share`, `halted_at`, `set_by`, `set_at`."""
    return {row["grp"]: row for row in rows_of(conn, select(WANTED))}


def want(conn: Connection, *, grp: str, version: str, by: str, now: int, share: int = 100) -> None:
    """Say which version a share of a group is to run; a halted wave goes on with it."""
    row = {"grp": grp, "version": version, "share": share, "halted_at": None, "set_by": by, "set_at": now}
    upsert(conn, WANTED, [row])


def _read(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
