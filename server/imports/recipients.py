"""Rows of recipients: checked cell by cell, matched to who is known by number, compared with the list, written.

A number that records or the list know under a name and a birth that both differ keeps a row out. Records are never
changed here: where they say otherwise, the row asks.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select, tuple_, update

from protocol import cccd
from server import likeness, links, recipients
from server.db import among, chunks, rows_of
from server.imports import cells as read
from server.imports.columns import RECIPIENTS
from server.imports.places import Places
from server.imports.rows import CHANGED, NEW, WRONG, Row
from server.people import PERSON
from server.recipients import RECIPIENT

COMPARED = (
    "name", "dob", "sex", "doc_type", "doc_no", "old_no", "health_no", "phone", "commune", "address", "work", "priority_group",
)  # fmt: skip
Held = dict[str, Any]


class Recipients:
    """The list of recipients, as one import of one unit meets it."""

    kind = RECIPIENTS

    def __init__(self, *, places: Places, today: str) -> None:
        self._places = places
        self._today = today

    def check(self, row: Row, cells: Mapping[str, str]) -> None:
        """As `ListKind.check`."""
        name, said = read.name(cells.get("name", ""))
        words = [*said]
        dob, said = read.birth(cells.get("dob", ""), today=self._today)
        words += said
        papers, number, said = read.number(cells.get("number", ""))
        words += said
        old_papers, old_no, said = read.number(cells.get("old_no", ""))
        words += said
        if not number:
            papers, number, old_no = old_papers, old_no, ""
        health_no, said = read.health_no(cells.get("health_no", ""))
        words += said
        phone, said = read.phone(cells.get("phone", ""))
        words += said
        group, said = read.group(cells.get("group", ""))
        words += said
        commune, said = self._places.of_row(cells)
        words += said
        address, said = read.text(cells.get("address", ""), 400)
        words += said
        work, said = read.text(cells.get("work", ""), 200)
        words += said
        sex = read.sex(read.plain(cells.get("sex", "")))
        if papers == "cccd":
            if sex == "U":
                sex = read.sex_of(number)
                words.append("sex_from_number")
            if read.warned(number, dob, sex):
                words.append("number_disagrees")
        row.words = list(dict.fromkeys(words))
        row.value = {
            "name": name, "dob": dob, "sex": sex, "doc_type": papers, "doc_no": number, "old_no": old_no,
            "health_no": health_no, "phone": phone, "commune": commune, "address": address, "work": work,
            "priority_group": group,
        }  # fmt: skip
        row.key = _key(row.value)

    def compare(self, conn: Connection, rows: Sequence[Row]) -> None:
        """As `ListKind.compare`."""
        listed, recorded = _known_by(conn, RECIPIENT, rows), _known_by(conn, PERSON, rows)
        by_number, by_record = _by_number(listed), _by_number(recorded)
        wholes = {key: links.whole_of(conn, key) for key in {held["person"] for held in recorded}} if recorded else {}
        for row in rows:
            held = _match(row, by_number)
            record = _match(row, by_record)
            if held is not None:
                row.key = held["person"]
            elif record is not None:
                row.key = wholes[record["person"]]
            for one in (held, record):
                _doubt(row, one, recorded=one is record)
        by_key = recipients.listed(conn, [row.key for row in rows if row.key])
        alike = _alike(conn, [row for row in rows if row.key not in by_key])
        for row in rows:
            held = by_key.get(row.key)
            if held is None and (row.value["dob"], read.folded(row.value["name"])) in alike:
                row.words.append("alike")
            elif held is None and not row.value["doc_no"]:
                row.words.append("no_number")
            row.judge(held, compared=COMPARED)
            if held is not None and held["off_at"] is not None and row.state != WRONG:
                row.before["off_at"], row.state = held["off_at"], CHANGED

    def write(self, conn: Connection, rows: Sequence[Row], *, import_id: str, now: int) -> list[Row]:
        """As `ListKind.write`."""
        held = recipients.listed(conn, [row.key for row in rows])
        # Of two rows that share no key but a number (an old card's) the second is nobody new.
        numbers = _by_number(_known_by(conn, RECIPIENT, [row for row in rows if row.state == NEW]))
        stale, fit = [], []
        for row in rows:
            one = held.get(row.key)
            if row.state == NEW and one is None:
                known = _match(row, numbers)
                if known is not None and known["person"] != row.key:
                    row.words.append("twice" if known.get("changed_by", import_id) == import_id else "changed_since")
                    stale.append(row)
                    continue
                mine = {"person": row.key, "folded": read.folded(row.value["name"])}
                for number in (row.value["doc_no"], row.value["old_no"], row.value["health_no"]):
                    numbers.setdefault(number, mine)
            before = {name: one[name] for name in row.before} if one is not None else {}
            if (one is None) != (row.state == NEW) or before != row.before:
                stale.append(row)
                continue
            fit.append(
                {
                    **row.value, "person": row.key, "ref": _digest(row.key)[:20],
                    "folded": read.folded(row.value["name"]),
                    "listed_by": import_id if one is None else one["listed_by"],
                    "changed_by": import_id, "changed_at": now, "off_at": None,
                }
            )  # fmt: skip
        recipients.put(conn, fit)
        return stale

    def standing(self) -> tuple[Select[Any], ColumnElement[str]]:
        """As `ListKind.standing`."""
        codes = [unit.code for unit in self._places.communes]
        return select(RECIPIENT.c.person).where(
            RECIPIENT.c.off_at.is_(None), RECIPIENT.c.commune.in_(codes)
        ), RECIPIENT.c.person

    def take_off(self, conn: Connection, keys: Sequence[str], *, now: int) -> None:
        """As `ListKind.take_off`."""
        for part in chunks(list(keys)):
            conn.execute(update(RECIPIENT).where(RECIPIENT.c.person.in_(part)).values(off_at=now, changed_at=now))


def _key(value: Mapping[str, Any]) -> str:
    if value["doc_no"]:
        return str(cccd.person_key({"doc_type": value["doc_type"], "doc_no": value["doc_no"]}, ""))
    if not value["name"] or not value["dob"]:
        return ""
    said = "|".join((read.folded(value["name"]), value["dob"], value["sex"], value["commune"]))
    return "list:" + _digest(said)[:24]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _known_by(conn: Connection, table: Table, rows: Sequence[Row]) -> list[Held]:
    numbers = {one for row in rows for one in (row.value["doc_no"], row.value["old_no"]) if one}
    insured = {row.value["health_no"] for row in rows if not row.value["doc_no"] and row.value["health_no"]}
    # A number that was corrected since still stands in the key.
    keys = {row.key for row in rows} | {f"cmnd:{row.value['old_no']}" for row in rows if row.value["old_no"]}
    columns = [table.c[name] for name in ("person", "name", "folded", "dob", "doc_no", "old_no", "health_no")]
    if table is RECIPIENT:
        columns.append(RECIPIENT.c.changed_by)
    found: dict[str, Held] = {}
    for name, wanted in (("doc_no", numbers), ("old_no", numbers), ("person", keys), ("health_no", insured)):
        if wanted:
            for one in rows_of(conn, select(*columns).where(among(conn, table.c[name], wanted))):
                found[one["person"]] = one
    return list(found.values())


def _by_number(held: Iterable[Held]) -> dict[str, Held]:
    found: dict[str, Held] = {}
    for one in sorted(held, key=lambda row: row["person"]):
        for number in (one["doc_no"], one["old_no"], one["person"].partition(":")[2], one["health_no"]):
            if number:
                found.setdefault(number, one)
    return found


def _match(row: Row, known: Mapping[str, Held]) -> Held | None:
    for number in (row.value["doc_no"], row.value["old_no"]):
        if number and number in known:
            return known[number]
    # An insurance card alone is lent and misread: with the same name it tells who somebody is.
    one = known.get(row.value["health_no"]) if not row.value["doc_no"] and row.value["health_no"] else None
    return one if one is not None and one["folded"] == read.folded(row.value["name"]) else None


def _doubt(row: Row, held: Held | None, *, recorded: bool) -> None:
    if held is None or not row.value["name"] or not row.value["dob"]:
        return
    mine, theirs = read.folded(row.value["name"]), held["folded"]
    same_name = mine == theirs or likeness.near_names(" ".join(sorted(mine.split())), " ".join(sorted(theirs.split())))
    same_birth = row.value["dob"] == held["dob"] or not held["dob"]
    if not same_name and not same_birth:
        row.words.append("other_person")
    elif recorded and not (mine == theirs and same_birth):
        row.words.append("recorded_otherwise")


def _alike(conn: Connection, rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Of these unlisted rows' (birth, folded name) those that the list has under another number; whole days only."""
    asked = {(row.value["dob"], read.folded(row.value["name"])) for row in rows if len(row.value["dob"]) == 10}
    found: set[tuple[str, str]] = set()
    both = tuple_(RECIPIENT.c.dob, RECIPIENT.c.folded)
    for part in chunks(sorted(asked)):
        query = select(RECIPIENT.c.dob, RECIPIENT.c.folded).where(both.in_(part), RECIPIENT.c.off_at.is_(None))
        found |= {(row.dob, row.folded) for row in conn.execute(query)}
    return found
