"""The reference lists that go down to the kiosks: what is on them per site, their versions, the signed manifest.

Theory of operation: a list is computed whole from tables and data files; when its bytes differ from the last ones it
gets a higher version. Who publishes them, and when, is `ingest`'s affair.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Column, Connection, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text, func, select

from protocol import canon, topics
from protocol.clocktext import day_of
from protocol.envelope import Record
from server import links
from server.crypto import Signer
from server.db import BIG, METADATA, Database, chunks, lock_names, row_of, rows_of, upsert
from server.facts import GIVEN, EffectiveDose, effective_dose, recovered_doses
from server.features import Derived, Feature, entity_column
from server.ledger.tables import WRITER

MANIFEST_ORDER = ("manifest", "v", "site")
MANIFEST_VERSION = 1
DATA = Path(__file__).with_name("data")
STAFF, APPOINTMENTS, STOPPED_LOTS = "staff", "appointments", "stopped_lots"
# One item: which kiosk keeps the site's queue until its lead moves the role.
KEEPER = "keeper"
STAFF_ROLES = ("reception", "screener", "injector", "observer", "lead")
# Checked on a Raspberry Pi, many times a day: 19 MiB and two passes are OWASP's lowest choice and 0.2 s there.
_PIN_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

SITE = Table(
    "site",
    METADATA,
    Column("site", String(32), primary_key=True),
    Column("shard", String(32), nullable=False),
    Column("name", String(200), nullable=False),
    Column("address", String(400), nullable=False),
    Column("hotline", String(32), nullable=False),
    Column("unit", String(16), nullable=False),
)
# What people keep for a site and no record tells: staff, appointments, stopped lots. `value` is the item as JSON.
REF_ITEM = Table(
    "ref_item",
    METADATA,
    Column("site", String(32), nullable=False),
    Column("list", String(32), nullable=False),
    Column("key", String(96), nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("site", "list", "key"),
)
REF_LIST = Table(
    "ref_list",
    METADATA,
    Column("site", String(32), nullable=False),
    Column("name", String(32), nullable=False),
    Column("version", BIG, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("site", "name"),
)
# Derived: which lots a site has received.
SITE_LOT = Table(
    "site_lot",
    METADATA,
    entity_column(),
    Column("place", String(64), nullable=False, index=True),
    Column("lot", String(32), nullable=False),
    Column("vaccine", String(64), nullable=False),
    Column("expiry", String(10), nullable=False),
    Column("doses_per_vial", Integer, nullable=False),
    Column("received_at", BIG, nullable=False),
)
# Derived: doses that stand, as the appointments' history tells them to the kiosks.
PERSON_DOSE = Table(
    "person_dose",
    METADATA,
    entity_column(),
    Column("person", String(64), nullable=False, index=True),
    Column("vaccine", String(64), nullable=False),
    Column("given_on", String(12), nullable=False),
    Column("dose_no", Integer, nullable=False),
)

# (connection, place, day) to doses per lot.
Stock = Callable[[Connection, str, str], dict[str, int]]
# (connection, site, day) to the items of planned sessions that stand on the list of appointments.
Expected = Callable[[Connection, str, str], list[dict[str, Any]]]
# (connection, day) to what tells a site's items of the list of texts by its row: asked once for all sites.
Texts = Callable[[Connection, str], Callable[[Mapping[str, Any]], list[dict[str, str]]]]


def derive_receipt(_receipt: str, records: list[Record]) -> list[Derived]:
    """The lot that a receipt brought to its place."""
    for record in records:
        if record.kind == "stock.received":
            row = {name: record.body[name] for name in ("place", "lot", "vaccine", "expiry", "doses_per_vial")}
            return [(SITE_LOT, {**row, "received_at": record.at})]
    return []


def derive_dose(_dose: str, records: list[Record]) -> list[Derived]:
    """A dose that stands, as corrected; nothing for one that was undone."""
    dose = effective_dose(records)
    return [] if dose is None else _had(dose)


def derive_recovered(_slip: str, records: list[Record]) -> list[Derived]:
    """A dose that only its slip tells of."""
    return [row for dose in recovered_doses(records) for row in _had(dose)]


def _had(dose: EffectiveDose) -> list[Derived]:
    if dose.status != GIVEN:
        return []
    row = {"person": dose.person, "vaccine": dose.vaccine, "given_on": dose.given_on, "dose_no": dose.dose_no}
    return [(PERSON_DOSE, row)]


def feature() -> Feature:
    """The share of the lists in the ledger: which lots a site has received, which doses a person has had."""
    return Feature(
        "reference",
        tables=(SITE_LOT, PERSON_DOSE),
        derives={"receipt": derive_receipt, "dose": derive_dose, "slip": derive_recovered},
    )


def read_data(name: str) -> dict[str, Any]:
    """One of the data files beside the code, such as `vaccines`."""
    value: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return value


def hash_pin(pin: str) -> str:
    """The argon2id hash of a PIN, which the kiosk verifies without the centre."""
    return _PIN_HASHER.hash(pin)


def badge_digest(secret: str) -> str:
    """What the list holds of a badge whose QR text is `TRAM-BADGE:<secret>`."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def put_site(conn: Connection, row: dict[str, str]) -> None:
    """Write a row of `site` over the one that stands."""
    upsert(conn, SITE, [row])


def put_item(conn: Connection, *, site: str, list_name: str, key: str, value: dict[str, Any]) -> None:
    """Write one item over the one with the same key: staff by id, appointments by person, stopped lots by lot."""
    text = canon.write(value).decode("utf-8")
    upsert(conn, REF_ITEM, [{"site": site, "list": list_name, "key": key, "value": text}])


def dated(staff: Mapping[str, Any], *, now: int) -> dict[str, Any]:
    """An item of the staff list with `revoked_at` (UTC ms): when it was first written as revoked; gone when it no longer is."""
    if staff.get("revoked"):
        return {"revoked_at": now, **staff}
    return {name: value for name, value in staff.items() if name != "revoked_at"}


def items(conn: Connection, *, site: str, list_name: str) -> list[dict[str, Any]]:
    """The items of a kept list in the order of their keys."""
    query = select(REF_ITEM).where(REF_ITEM.c.site == site, REF_ITEM.c.list == list_name).order_by(REF_ITEM.c.key)
    return [json.loads(row["value"]) for row in rows_of(conn, query)]


def lots(conn: Connection, *, site: str, held: Mapping[str, int]) -> list[dict[str, Any]]:
    """The lots a site has received, by lot; the latest receipt says the expiry, for expiries are extended.

    `held`: lot to the doses that were there when the day began; a lot that is in it tells them as `on_hand`.
    """
    stopped = {item["lot"] for item in items(conn, site=site, list_name=STOPPED_LOTS)}
    query = select(SITE_LOT).where(SITE_LOT.c.place == site).order_by(SITE_LOT.c.received_at, SITE_LOT.c.entity)
    found = {}
    for row in rows_of(conn, query):
        fields = {name: row[name] for name in ("lot", "vaccine", "expiry", "doses_per_vial")}
        on_hand = {"on_hand": held[row["lot"]]} if row["lot"] in held else {}
        found[row["lot"]] = {**fields, **on_hand, "stopped": row["lot"] in stopped}
    return [found[lot] for lot in sorted(found)]


def appointments(
    conn: Connection, *, site: str, today: str, expected: Iterable[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Who is expected at a site, with their doses before `today` as the centre knows them: a correction counts at once.

    Today's own doses are left out: the site has them itself, and each would send the whole list down again. What the
    plan said of a dose stands until the ledger knows a dose of that number. `expected`: items of planned sessions.
    """
    planned = [*expected, *items(conn, site=site, list_name=APPOINTMENTS)]
    # A kiosk knows one appointment of a person: a planned session's before one that was entered by hand.
    first = {item["person"]: item for item in reversed(planned)}
    planned = [first[person] for person in sorted(first)]
    known = histories(conn, list(first), before=today)
    for item in planned:
        doses = known[item["person"]]
        numbers = {dose["dose_no"] for dose in doses}
        doses += [dose for dose in item["history"] if dose["dose_no"] not in numbers]
        item["history"] = sorted(doses, key=lambda dose: (dose["given_on"], dose["dose_no"], dose["vaccine"]))
    return planned


def histories(conn: Connection, persons: Sequence[str], *, before: str) -> dict[str, list[dict[str, Any]]]:
    """Each person's doses that stand, before day `before`: `vaccine`, `given_on`, `dose_no`. Under any number of theirs."""
    known: dict[str, list[dict[str, Any]]] = {}
    members = links.members_of(conn, persons)
    for part in chunks(sorted({one for each in members.values() for one in each})):
        query = select(PERSON_DOSE).where(PERSON_DOSE.c.person.in_(part), PERSON_DOSE.c.given_on < before)
        for row in rows_of(conn, query):
            dose = {name: row[name] for name in ("vaccine", "given_on", "dose_no")}
            known.setdefault(row["person"], []).append(dose)
    return {person: [dose for one in members[person] for dose in known.get(one, ())] for person in persons}


def keys(conn: Connection, *, site: str) -> list[dict[str, Any]]:
    """The writers of a site: `k`, PEM `public_key`, `revoked`. With it a kiosk believes its neighbours without the centre."""
    query = select(WRITER.c.k, WRITER.c.public_key, WRITER.c.revoked_at).where(WRITER.c.site == site)
    return [
        {"k": row["k"], "public_key": row["public_key"], "revoked": row["revoked_at"] is not None}
        for row in rows_of(conn, query.order_by(WRITER.c.k))
    ]


def _untold(_conn: Connection, _place: str, _day: str) -> dict[str, int]:
    return {}


def _nobody(_conn: Connection, _site: str, _day: str) -> list[dict[str, Any]]:
    return []


def _silent(_conn: Connection, _day: str) -> Callable[[Mapping[str, Any]], list[dict[str, str]]]:
    return lambda _site: []


class ReferenceLists:
    """Every site's lists as messages to publish. Times are UTC milliseconds handed in."""

    def __init__(
        self,
        *,
        db: Database,
        signer: Signer,
        portal: str,
        day_offset_min: int,
        valid_ms: int,
        stock: Stock | None = None,
        expected: Expected | None = None,
        texts: Texts | None = None,
    ) -> None:
        """`stock`: doses per lot at a site when a day began; without it the lists say no numbers.

        `expected`: who has an appointment in a planned session; without it only those entered by hand are listed.
        `texts`: what screens and slips say in the centre's words; without it kiosks say their own.
        """
        self._db = db
        self._signer = signer
        self._portal = portal
        self._day_offset_min = day_offset_min
        self._valid_ms = valid_ms
        self._stock = stock or _untold
        self._expected = expected or _nobody
        self._texts = texts or _silent
        self._rules = {**read_data("vaccines"), "trust": read_data("trust")["trust"]}
        self._queue = read_data("queue")
        self._forms = {**read_data("screening_forms"), **read_data("aefi_symptoms")}

    def messages(self, now: int, *, everything: bool, shards: Collection[str] | None = None) -> list[tuple[str, bytes]]:
        """`(topic, payload)` of each site's manifest, after the lists that changed (all of them with `everything`).

        Bodies come first: a kiosk that has the manifest can have the lists. `shards`: only of sites there.
        """
        return self._db.transact(lambda conn: self._messages(conn, now, everything=everything, shards=shards))

    def urgent(self) -> tuple[int, int]:
        """Moves when a writer is revoked or a lot is stopped or freed: then the lists are due at once."""
        stops = select(func.count()).where(REF_ITEM.c.list == STOPPED_LOTS)
        with self._db.read() as conn:
            revoked = conn.execute(select(func.count()).where(WRITER.c.revoked_at.is_not(None))).scalar_one()
            return int(revoked), int(conn.execute(stops).scalar_one())

    def _messages(
        self, conn: Connection, now: int, *, everything: bool, shards: Collection[str] | None
    ) -> list[tuple[str, bytes]]:
        found = []
        today = day_of(now, self._day_offset_min)
        texts = self._texts(conn, today)
        sites = select(SITE) if shards is None else select(SITE).where(SITE.c.shard.in_(sorted(shards)))
        for site in rows_of(conn, sites.order_by(SITE.c.site)):
            # Two processes may both think that a site is theirs, for a second: one list, one version.
            lock_names(conn, [f"lists:{site['site']}"])
            held = {row["name"]: row for row in _versions(conn, site["site"])}
            lists = []
            for name, body in sorted(self._bodies(conn, site, today, texts(site)).items()):
                row = _advance(site["site"], name, body, held.get(name), now)
                if row is not held.get(name):
                    upsert(conn, REF_LIST, [row])
                if everything or row is not held.get(name):
                    found.append((topics.reference(site["shard"], site["site"], name), body))
                lists.append({"name": name, "version": row["version"], "sha256": row["sha256"], "size": len(body)})
            found.append((topics.reference(site["shard"], site["site"]), self._manifest(site["site"], lists, now)))
        return found

    def _bodies(
        self, conn: Connection, site: dict[str, Any], today: str, texts: list[dict[str, str]]
    ) -> dict[str, bytes]:
        about = {name: site[name] for name in ("site", "name", "address", "hotline", "shard")}
        place = {"day_offset_min": self._day_offset_min, "portal": self._portal}
        kept = items(conn, site=site["site"], list_name=KEEPER)
        keeper = {"keeper": kept[0]["k"]} if kept else {}
        expected = self._expected(conn, site["site"], today)
        values: dict[str, dict[str, Any]] = {
            "site": {**about, **place, **keeper, **self._queue},
            "staff": {"items": items(conn, site=site["site"], list_name=STAFF)},
            "lots": {"items": lots(conn, site=site["site"], held=self._stock(conn, site["site"], today))},
            "rules": self._rules,
            "forms": self._forms,
            "appointments": {"items": appointments(conn, site=site["site"], today=today, expected=expected)},
            "keys": {"items": keys(conn, site=site["site"])},
            "texts": {"items": texts},
        }
        return {name: canon.write(value) for name, value in values.items()}

    def _manifest(self, site: str, lists: list[dict[str, Any]], now: int) -> bytes:
        value = {
            "manifest": MANIFEST_VERSION, "v": 1, "site": site,
            "issued": now, "valid_until": now + self._valid_ms, "lists": lists,
        }  # fmt: skip
        return self._signer.document(canon.write(value, MANIFEST_ORDER))


def _versions(conn: Connection, site: str) -> Iterable[dict[str, Any]]:
    return rows_of(conn, select(REF_LIST).where(REF_LIST.c.site == site))


def _advance(site: str, name: str, body: bytes, held: dict[str, Any] | None, now: int) -> dict[str, Any]:
    digest = canon.digest(body)
    if held is not None and held["sha256"] == digest:
        return held
    # Seconds, not 1, 2, 3: a server restored from an old backup must not name a new list with a number that the
    # kiosks have seen already, or they would refuse it.
    version = max(now // 1000, 1 if held is None else held["version"] + 1)
    return {"site": site, "name": name, "version": version, "sha256": digest, "body": body}


def site_row(conn: Connection, site: str) -> dict[str, Any] | None:
    """A site's row, or None."""
    return row_of(conn, select(SITE).where(SITE.c.site == site))
