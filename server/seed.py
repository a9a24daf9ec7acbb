"""Fills a database from a seed file: units, one site, its staff, lots, appointments. Loading it again adds nothing.

Lots come in as records of the server's own desk, as they would by hand; the rest is what people keep.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, select

from protocol import canon, cccd, topics
from protocol.clocktext import DAY_MS, civil, day_number, day_of
from protocol.errors import ProtocolError
from server import contacts, reference, units
from server.config import ConfigError
from server.ledger.ledger import Ledger
from server.ledger.tables import TOUCH

SEEDED_BY = "seed"


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a seed file: a name it does not know is an error, so that a slip of the pen is seen."""


class SeedSite(_Table, frozen=True):
    """The site. `unit`: code of the commune it stands in; `keeper`: the kiosk that keeps its queue, empty for none."""

    site: str
    shard: str
    name: str
    address: str
    hotline: str
    unit: str
    keeper: str = ""


class SeedStaff(_Table, frozen=True):
    """One person who works there. `badge`: the secret behind `TRAM-BADGE:`."""

    id: str
    name: str
    initials: str
    role: str
    code: str
    pin: str
    badge: str
    revoked: bool = False


class SeedReceipt(_Table, frozen=True):
    """A delivery of one lot; its expiry as a day, or in days from the day of seeding."""

    receipt: str
    vaccine: str
    lot: str
    vials: int
    doses_per_vial: int
    document: str
    expiry: str = ""
    expiry_days: int | None = None
    stopped: bool = False


class SeedDose(_Table, frozen=True):
    """A dose given earlier; its day, or days before the day of seeding."""

    vaccine: str
    dose_no: int
    given_on: str = ""
    days_ago: int | None = None


class SeedAppointment(_Table, frozen=True):
    """Who is expected at `at` (`HH:MM`) on the day of seeding.

    The person's card says the same. Name, birth, sex and key travel: a code that masks its number is compared with them.
    """

    doc_no: str
    name: str
    dob: str
    sex: str
    address: str
    phone: str
    at: str
    vaccine: str
    history: tuple[SeedDose, ...] = ()


class SeedContact(_Table, frozen=True):
    """Whom to call at a unit for a duty (`contacts.DUTIES`)."""

    unit: str
    duty: str
    phone: str


class Seed(_Table, frozen=True):
    """A whole seed file. `units`: name of a data file of units."""

    units: str
    site: SeedSite
    staff: tuple[SeedStaff, ...]
    receipt: tuple[SeedReceipt, ...]
    appointment: tuple[SeedAppointment, ...]
    contact: tuple[SeedContact, ...] = ()


def read(path: Path) -> Seed:
    """The seed in TOML file `path`. Raises `ConfigError` that names file and place."""
    try:
        seed = msgspec.toml.decode(path.read_bytes(), type=Seed)
        topics.check_level(seed.site.site)
        topics.check_level(seed.site.shard)
    except (OSError, msgspec.DecodeError, ProtocolError, ValueError) as wrong:
        raise ConfigError(f"{path}: {wrong}") from wrong
    for person in seed.staff:
        if person.role not in reference.STAFF_ROLES:
            raise ConfigError(f"{path}: staff {person.code}: no such role: {person.role}")
    for contact in seed.contact:
        if contact.duty not in contacts.DUTIES:
            raise ConfigError(f"{path}: contact {contact.unit}: no such duty: {contact.duty}")
    return seed


def load(seed: Seed, *, ledger: Ledger, now: int, day_offset_min: int) -> dict[str, int]:
    """Write what is missing, in one transaction; returns how many of each were in the file and how many receipts were new."""

    def work(conn: Connection) -> int:
        _put_units(conn, seed)
        site = msgspec.structs.asdict(seed.site)
        keeper = site.pop("keeper")
        reference.put_site(conn, site)
        if keeper:
            reference.put_item(conn, site=seed.site.site, list_name=reference.KEEPER, key="keeper", value={"k": keeper})
        for contact in seed.contact:
            contacts.put(conn, **msgspec.structs.asdict(contact))
        for person in seed.staff:
            _put_staff(conn, seed.site.site, person, now=now)
        today = day_of(now, day_offset_min)
        for appointment in seed.appointment:
            _put_appointment(conn, seed.site.site, appointment, today, day_offset_min)
        return _receive(conn, seed, ledger=ledger, now=now, today=today)

    received = ledger.transact(work)
    return {"staff": len(seed.staff), "appointments": len(seed.appointment), "receipts": received}


def _put_units(conn: Connection, seed: Seed) -> None:
    tree = reference.read_data(seed.units)
    for row in tree["units"]:
        # What `units load` brought knows more: regions, and the day a unit ended.
        if units.period(conn, row["code"], tree["valid_from"]) is None:
            units.put(conn, units.Unit(**row, valid_from=tree["valid_from"], valid_to=""))
    units.put(
        conn,
        units.Unit(
            code=seed.site.site,
            name=seed.site.name,
            level="site",
            parent=seed.site.unit,
            valid_from=tree["valid_from"],
            valid_to="",
        ),
    )


def _put_staff(conn: Connection, site: str, person: SeedStaff, *, now: int) -> None:
    held = {item["id"]: item for item in reference.items(conn, site=site, list_name=reference.STAFF)}.get(person.id)
    # A new hash of the same PIN would look like a change and send the list down again.
    pin = held["pin"] if held is not None and _opens(held["pin"], person.pin) else reference.hash_pin(person.pin)
    value = {name: getattr(person, name) for name in ("id", "name", "initials", "role", "code", "revoked")}
    value |= {"pin": pin, "badge": reference.badge_digest(person.badge)}
    since = {} if held is None or "revoked_at" not in held else {"revoked_at": held["revoked_at"]}
    value = reference.dated({**since, **value}, now=now)
    reference.put_item(conn, site=site, list_name=reference.STAFF, key=person.id, value=value)


def _opens(sealed: str, pin: str) -> bool:
    try:
        return PasswordHasher().verify(sealed, pin)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _put_appointment(conn: Connection, site: str, row: SeedAppointment, today: str, day_offset_min: int) -> None:
    key = cccd.person_key({"doc_type": "cccd", "doc_no": row.doc_no}, "")
    minutes = int(row.at[:2]) * 60 + int(row.at[3:])
    value = {
        "person": key,
        "name": row.name,
        "dob": row.dob,
        "sex": row.sex,
        # What the registration's own QR says; the same at every load of the seed.
        "code": "DK-" + canon.digest(f"{site} {key}".encode())[:12].upper(),
        "at": day_number(today) * DAY_MS + (minutes - day_offset_min) * 60_000,
        "vaccine": row.vaccine,
        "history": [
            {
                "vaccine": dose.vaccine,
                "given_on": _day(dose.given_on, dose.days_ago, today, -1),
                "dose_no": dose.dose_no,
            }
            for dose in row.history
        ],
    }
    reference.put_item(conn, site=site, list_name=reference.APPOINTMENTS, key=key, value=value)


def _receive(conn: Connection, seed: Seed, *, ledger: Ledger, now: int, today: str) -> int:
    found = []
    for row in seed.receipt:
        if row.stopped:
            item = {"lot": row.lot, "reason": "seed"}
            reference.put_item(conn, site=seed.site.site, list_name=reference.STOPPED_LOTS, key=row.lot, value=item)
        if not _is_known(conn, row.receipt):
            body = {
                name: getattr(row, name)
                for name in ("receipt", "vaccine", "lot", "vials", "doses_per_vial", "document")
            }
            body |= {"expiry": _day(row.expiry, row.expiry_days, today, 1), "place": seed.site.site}
            found.append(("stock.received", body))
    if found:
        ledger.append_all(conn, found, who=SEEDED_BY, by="machine", now=now)
    return len(found)


def _is_known(conn: Connection, receipt: str) -> bool:
    query = select(TOUCH.c.record_id).where(TOUCH.c.entity == "receipt", TOUCH.c.entity_id == receipt)
    return conn.execute(query).first() is not None


def _day(day: str, days: int | None, today: str, direction: int) -> str:
    if days is None:
        return day
    year, month, number = civil(day_number(today) + direction * days)
    return f"{year:04d}-{month:02d}-{number:02d}"


def cards(seed: Seed) -> Sequence[tuple[str, str]]:
    """`(name, text of the QR code on their card)` of everybody expected: what the demo and the tests hold up."""
    return [(row.name, _card(row)) for row in seed.appointment]


def _card(row: SeedAppointment) -> str:
    dob = row.dob if len(row.dob) == 4 else row.dob[8:] + row.dob[5:7] + row.dob[:4]
    sex = "Nam" if row.sex == "M" else "Nữ"
    return f"{row.doc_no}||{row.name}|{dob}|{sex}|{row.address}|25062021"
