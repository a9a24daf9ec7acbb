"""Imports from the upload to the end: begun, read, reviewed, committed or dropped. Every step is one transaction.

States: `reading` → `review` → `leaving` (those not in the file are taken off) → `writing` → `done`; `failed` where a file
cannot be read, `dropped` where somebody decided against it. A step names the row it goes on from: of two workers that
take the same step one finds it done, and a process that is killed is continued where its last transaction ended.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, not_, or_, select, true, update

from server import audit
from server.db import plain, row_of, rows_of
from server.errors import Refused
from server.imports import words
from server.imports.rows import CHANGED, FAILED, LEFT, NEW, SAME, STALE, WRITTEN, WRONG, ListKind, Row
from server.imports.tables import IMPORT, IMPORT_PART, IMPORT_ROW
from server.units import Unit

READING, REVIEW, LEAVING, WRITING, DONE, FAILED_TO_READ, DROPPED = (
    "reading", "review", "leaving", "writing", "done", "failed", "dropped",
)  # fmt: skip
AT_WORK = (READING, LEAVING, WRITING)
PART_BYTES = 1024 * 1024


def begin(
    conn: Connection, *, kind: str, unit: Unit, file: IO[bytes], file_name: str, whole: bool, who: str, now: int
) -> str:
    """Take a file in, unread; the name of the import."""
    name = f"im-{secrets.token_hex(8)}"
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    number = 0
    while piece := file.read(PART_BYTES):
        digest.update(piece)
        size += len(piece)
        conn.execute(insert(IMPORT_PART), {"import": name, "n": number, "bytes": piece})
        number += 1
    conn.execute(
        insert(IMPORT),
        {
            "import": name, "kind": kind, "state": READING, "unit": unit.code, "unit_from": unit.valid_from,
            "file_name": file_name[:200], "sha256": digest.hexdigest(), "size": size, "whole": whole, "made_by": who,
            "made_at": now, "committed_by": "", "changed_at": now, "rows": 0, "at_row": 0, "accepted": "[]",
            "take_off": False, "figures": "{}", "fault": "",
        },
    )  # fmt: skip
    audit.note(conn, at=now, account=who, act="import_file", object=f"{name} {kind} {digest.hexdigest()[:16]}")
    return name


def resumable(conn: Connection, *, kind: str, unit: Unit, file: IO[bytes]) -> str | None:
    """The unfinished import of this very file for this unit, if there is one."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PART_BYTES):
        digest.update(piece)
    query = select(IMPORT.c["import"]).where(
        IMPORT.c.sha256 == digest.hexdigest(), IMPORT.c.kind == kind, IMPORT.c.unit == unit.code, IMPORT.c.unit_from == unit.valid_from,
        IMPORT.c.state.in_((*AT_WORK, REVIEW)),
    )  # fmt: skip
    return conn.execute(query.order_by(IMPORT.c.made_at)).scalar()


def get(conn: Connection, name: str) -> dict[str, Any] | None:
    """An import's row, with `accepted` and `figures` as values; or None."""
    row = row_of(conn, select(IMPORT).where(_of(name)))
    return _read(row) if row is not None else None


def listing(conn: Connection, *, within: ColumnElement[bool] | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The latest imports first. `within`: the condition of somebody's scope."""
    query = select(IMPORT).where(true() if within is None else within)
    return [
        _read(row) for row in rows_of(conn, query.order_by(IMPORT.c.made_at.desc(), IMPORT.c["import"]).limit(limit))
    ]


def next_at_work(conn: Connection) -> dict[str, Any] | None:
    """The import that the worker goes on with: the one that was touched longest ago."""
    query = select(IMPORT).where(IMPORT.c.state.in_(AT_WORK)).order_by(IMPORT.c.changed_at, IMPORT.c["import"])
    row = row_of(conn, query.limit(1))
    return _read(row) if row is not None else None


def same_file(conn: Connection, held: dict[str, Any]) -> dict[str, Any] | None:
    """An earlier import of the very same bytes that was committed, or None."""
    query = select(IMPORT).where(
        IMPORT.c.sha256 == held["sha256"],
        IMPORT.c.kind == held["kind"],
        IMPORT.c.state == DONE,
        not_(_of(held["import"])),
    )
    return row_of(conn, query.order_by(IMPORT.c.made_at.desc()).limit(1))


def parts(conn: Connection, name: str) -> Iterator[bytes]:
    """The file's pieces in order."""
    query = select(IMPORT_PART.c.bytes).where(IMPORT_PART.c["import"] == name).order_by(IMPORT_PART.c.n)
    for row in conn.execution_options(yield_per=4).execute(query):
        yield bytes(row.bytes)


def stage(conn: Connection, held: dict[str, Any], rows: Sequence[Row], *, now: int, headings: Sequence[str]) -> bool:
    """Write read and compared rows after row `at_row`; False where another worker was first."""
    figures = held["figures"] or {"headings": list(headings)}
    if not _advance(conn, held, len(rows), now=now, figures=figures):
        return False
    if rows:
        conn.execute(insert(IMPORT_ROW), [_staged(held["import"], row) for row in rows])
    return True


def expect(conn: Connection, held: dict[str, Any], rows: int) -> None:
    """Say how many rows the file has, as far as it tells."""
    conn.execute(update(IMPORT).where(_of(held["import"])).values(rows=rows))


def staged_keys(conn: Connection, name: str, keys: Sequence[str]) -> dict[str, int]:
    """Which of these keys rows of the import have already, and the line of the first."""
    query = select(IMPORT_ROW.c.key, func.min(IMPORT_ROW.c.line)).where(
        IMPORT_ROW.c["import"] == name, IMPORT_ROW.c.key.in_(keys), IMPORT_ROW.c.state != WRONG
    )
    return {str(key): int(line) for key, line in conn.execute(query.group_by(IMPORT_ROW.c.key))}


def move(conn: Connection, held: dict[str, Any], state: str, *, now: int, fault: str = "", **values: Any) -> bool:
    """Bring an import from its state into another one; False where it is no more in the state it was read in."""
    changed = conn.execute(
        update(IMPORT)
        .where(_of(held["import"]), IMPORT.c.state == held["state"], IMPORT.c.at_row == held["at_row"])
        .values(state=state, changed_at=now, fault=fault, **values)
    )
    return changed.rowcount == 1


def accept(conn: Connection, held: dict[str, Any], accepted: Iterable[str], *, who: str, now: int) -> None:
    """Say which proposals are taken over, of all rows that carry them. Raises `Refused` outside the review."""
    if held["state"] != REVIEW:
        raise Refused("not_in_review", "This list is no longer under review.")
    chosen = sorted(set(accepted) & set(words.ASKS))
    move(conn, held, REVIEW, now=now, accepted=_dump(chosen))
    audit.note(conn, at=now, account=who, act="import_accept", object=f"{held['import']} {' '.join(chosen)}"[:200])


def commit(conn: Connection, held: dict[str, Any], *, take_off: bool, who: str, now: int) -> None:
    """Let the worker write what was reviewed. Raises `Refused` outside the review."""
    if held["state"] != REVIEW:
        raise Refused("not_in_review", "This list is no longer under review.")
    take_off = take_off and bool(held["whole"])
    state = LEAVING if take_off else WRITING
    reviewed = {**held["figures"], "reviewed": dict(figures(conn, held["import"])["state"])}
    move(conn, held, state, now=now, at_row=0, committed_by=who, take_off=take_off, figures=_dump(reviewed))
    audit.note(conn, at=now, account=who, act="import_commit", object=f"{held['import']} {held['sha256'][:16]}")


def drop(conn: Connection, held: dict[str, Any], *, who: str, now: int) -> None:
    """Decide against an import; its file and rows are deleted. Raises `Refused` once it is being written."""
    if held["state"] not in (READING, REVIEW):
        raise Refused("not_in_review", "This list is no longer under review.")
    if move(conn, held, DROPPED, now=now):
        for table in (IMPORT_PART, IMPORT_ROW):
            conn.execute(delete(table).where(table.c["import"] == held["import"]))
        audit.note(conn, at=now, account=who, act="import_drop", object=held["import"])


def write_next(conn: Connection, held: dict[str, Any], kind: ListKind, *, limit: int, now: int) -> int:
    """Write the next reviewed rows; how many rows of the file were passed. 0 once there are no more, or another was first."""
    name = held["import"]
    first, last = held["at_row"] + 1, held["at_row"] + limit
    of_it = (IMPORT_ROW.c["import"] == name, IMPORT_ROW.c.n.between(first, last))
    passed = int(min(limit, held["rows"] - held["at_row"]))
    if passed <= 0 or not _advance(conn, held, passed, now=now):
        return 0
    query = select(IMPORT_ROW).where(*of_it, IMPORT_ROW.c.state.in_(WRITTEN)).order_by(IMPORT_ROW.c.n)
    rows = [_row(plain(one)) for one in conn.execute(query)]
    fit = [row for row in rows if set(words.asks(" ".join(row.words))) <= set(held["accepted"])]
    stale = kind.write(conn, fit, import_id=name, now=now)
    chosen, lost = {row.n for row in fit}, {row.n for row in stale}
    _mark(conn, name, [row.n for row in rows if row.n not in chosen], LEFT, "not_accepted")
    twice = {row.n for row in stale if "twice" in row.words}
    _mark(conn, name, sorted(lost - twice), STALE, "changed_since")
    _mark(conn, name, sorted(twice), STALE, "twice")
    taken = Counter(row.state for row in fit if row.n not in lost)
    _count(conn, held, {NEW: taken[NEW], CHANGED: taken[CHANGED]})
    # What went over as it was is on the list; what was changed stays, as the history of what it was before.
    conn.execute(delete(IMPORT_ROW).where(*of_it, IMPORT_ROW.c.state.in_((NEW, SAME))))
    return passed


def finish(conn: Connection, held: dict[str, Any], *, now: int) -> None:
    """The end: the file goes, its figures stay."""
    if move(conn, held, DONE, now=now):
        conn.execute(delete(IMPORT_PART).where(IMPORT_PART.c["import"] == held["import"]))
        audit.note(conn, at=now, account=held["committed_by"], act="import_done", object=held["import"])


def figures(conn: Connection, name: str) -> dict[str, Counter[str]]:
    """Of the rows that are kept: `state` and `word` to how many."""
    query = select(IMPORT_ROW.c.state, IMPORT_ROW.c.words, func.count()).where(IMPORT_ROW.c["import"] == name)
    states: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for state, text, count in conn.execute(query.group_by(IMPORT_ROW.c.state, IMPORT_ROW.c.words)):
        states[state] += count
        for word in text.split():
            said[word] += count
    return {"state": states, "word": said}


def waiting(conn: Connection, held: dict[str, Any]) -> Counter[str]:
    """What a commit would do now: `new`, `changed`, and `left` for rows whose proposals are not accepted."""
    query = select(IMPORT_ROW.c.state, IMPORT_ROW.c.words, func.count()).where(
        IMPORT_ROW.c["import"] == held["import"], IMPORT_ROW.c.state.in_(WRITTEN)
    )
    found: Counter[str] = Counter()
    for state, text, count in conn.execute(query.group_by(IMPORT_ROW.c.state, IMPORT_ROW.c.words)):
        found[state if set(words.asks(text)) <= set(held["accepted"]) else LEFT] += count
    return found


def rows(
    conn: Connection, name: str, *, states: Sequence[str] = (), word: str = "", limit: int, offset: int = 0
) -> list[Row]:
    """Rows that are kept, in the file's order; only those in one of `states`, or with a word."""
    query = select(IMPORT_ROW).where(IMPORT_ROW.c["import"] == name)
    if states:
        query = query.where(IMPORT_ROW.c.state.in_(states))
    if word:
        said = " " + IMPORT_ROW.c.words + " "
        query = query.where(said.contains(f" {word} "))
    return [_row(one) for one in rows_of(conn, query.order_by(IMPORT_ROW.c.n).limit(limit).offset(offset))]


def failed(conn: Connection, held: dict[str, Any]) -> Iterator[Row]:
    """The rows that a commit did not or would not take, in the file's order."""
    doubtful = IMPORT_ROW.c.words != ""
    query = select(IMPORT_ROW).where(
        IMPORT_ROW.c["import"] == held["import"],
        or_(IMPORT_ROW.c.state.in_(FAILED), IMPORT_ROW.c.state.in_(WRITTEN) & doubtful),
    )
    for one in conn.execution_options(yield_per=1000).execute(query.order_by(IMPORT_ROW.c.n)):
        row = _row(plain(one))
        asked = set(words.asks(" ".join(row.words)))
        if row.state in FAILED or (held["state"] != DONE and not asked <= set(held["accepted"])):
            yield row


def gone(conn: Connection, held: dict[str, Any], kind: ListKind, *, limit: int) -> list[str]:
    """The keys of what stands on the unit's list and is not in the file."""
    query, key = kind.standing()
    return [str(one) for one in conn.execute(query.where(_not_in(held["import"], key)).limit(limit)).scalars()]


def count_gone(conn: Connection, held: dict[str, Any], kind: ListKind) -> int:
    """How many `gone` would give without a limit."""
    query, key = kind.standing()
    inner = query.where(_not_in(held["import"], key)).subquery()
    counted = conn.execute(select(func.count()).select_from(inner)).scalar_one()
    return int(counted)


def took_off(conn: Connection, held: dict[str, Any], count: int, *, now: int) -> bool:
    """Count what was taken off; False where another worker moved the import on."""
    if not move(conn, held, LEAVING, now=now):
        return False
    _count(conn, held, {"gone": count})
    return True


def _of(name: str) -> ColumnElement[bool]:
    return IMPORT.c["import"] == name


def _not_in(name: str, key: ColumnElement[str]) -> ColumnElement[bool]:
    return not_(exists().where(IMPORT_ROW.c["import"] == name, IMPORT_ROW.c.key == key))


def _advance(conn: Connection, held: dict[str, Any], by: int, *, now: int, figures: Any = None) -> bool:
    values = {} if figures is None else {"figures": _dump(figures)}
    return move(conn, held, held["state"], now=now, at_row=held["at_row"] + by, **values)


def _count(conn: Connection, held: dict[str, Any], more: dict[str, int]) -> None:
    counted = held["figures"]
    for word, count in more.items():
        counted[word] = counted.get(word, 0) + count
    text = _dump(counted)
    conn.execute(update(IMPORT).where(_of(held["import"])).values(figures=text))


def _mark(conn: Connection, name: str, numbers: Sequence[int], state: str, word: str) -> None:
    if numbers:
        of_it = (IMPORT_ROW.c["import"] == name, IMPORT_ROW.c.n.in_(numbers))
        said = func.trim(IMPORT_ROW.c.words + " " + word)
        conn.execute(update(IMPORT_ROW).where(*of_it).values(state=state, words=said))


def _staged(name: str, row: Row) -> dict[str, Any]:
    kept = row.words or row.state == WRONG
    return {
        "import": name, "n": row.n, "line": row.line, "key": row.key, "state": row.state, "words": " ".join(row.words),
        "given": _dump(row.given) if kept else "",
        "value": "" if row.state == SAME else _dump(row.value),
        "before": _dump(row.before) if row.before else "",
    }  # fmt: skip


def _row(one: dict[str, Any]) -> Row:
    return Row(
        n=one["n"], line=one["line"], key=one["key"], state=one["state"], words=one["words"].split(),
        given=_load(one["given"] or "[]"), value=_load(one["value"] or "{}"),
        before=_load(one["before"] or "{}"),
    )  # fmt: skip


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "accepted": _load(row["accepted"]), "figures": _load(row["figures"])}


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _load(text: str) -> Any:
    return msgspec.json.decode(text)
