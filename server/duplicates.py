"""Pairs of people who may be one: found by a search over all people, proposed with their reasons. Links nobody.

Theory of operation: nobody is compared with everybody. Rows stream in the order of a number, a day of birth, a name or a
telephone; only what stands together there is weighed (`likeness`). A block that grew too large is split by the given name.
Proposals are no derivation: a search may be run at any time and writes the whole table anew. What was decided about a
pair stands in `person_pair` and takes it from the list at once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from server import likeness, links
from server.db import BIG, METADATA, Database, chunks, rows_of
from server.likeness import Person
from server.links import ALIAS, PAIR
from server.people import PERSON

# One row per pair; `one` is the lower key, `because` a JSON list of words, `found_at` UTC ms of the search that found it first.
PROPOSAL = Table(
    "proposal",
    METADATA,
    Column("one", String(64), primary_key=True),
    Column("other", String(64), primary_key=True, index=True),
    Column("score", Integer, nullable=False, index=True),
    Column("because", Text, nullable=False),
    Column("found_at", BIG, nullable=False),
)
# A family's telephone, or one of a whole company: beyond this it tells nothing.
MOST_AT_A_PHONE = 40
# Above this a block (all who gave only 1 January of a year) is split by the given name, and beyond twice it is left out.
MOST_IN_A_BLOCK = 400
_FETCH = 5000
_COLUMNS = tuple(
    PERSON.c[name]
    for name in ("person", "doc_type", "doc_no", "old_no", "name", "folded", "dob", "sex", "address", "phone", "health_no")
)  # fmt: skip
Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search came to: people looked at, pairs weighed, pairs proposed."""

    people: int
    weighed: int
    proposed: int


class Search:
    """One search over all people. `weights`, `propose_at`: server/data/duplicates.json."""

    def __init__(self, *, weights: dict[str, int], propose_at: int) -> None:
        self.weights = weights
        self.propose_at = propose_at
        self.weighed = 0
        self.kept: dict[Pair, tuple[int, list[str]]] = {}

    def run(self, conn: Connection) -> None:
        """Go through everybody, four times in another order."""
        for same in _groups(_stream(conn, select(*_COLUMNS).where(PERSON.c.dob != "").order_by(PERSON.c.dob)), _dob):
            for block in _small(same):
                self._near_names(block)
        for same in _groups(_stream(conn, select(*_COLUMNS).order_by(PERSON.c.folded)), _folded):
            held = [_read(row) for row in same]
            for key in (_year, _month_and_day, _place):
                for part in _parted(held, key):
                    self._all(part)
        for same in _groups(
            _stream(conn, select(*_COLUMNS).where(PERSON.c.phone != "").order_by(PERSON.c.phone)), _phone
        ):
            if len(same) <= MOST_AT_A_PHONE:
                self._all([_read(row) for row in same])
        for part in _with_one_number(conn):
            self._all(part)

    def weigh(self, one: Person, other: Person) -> None:
        """Keep the pair if enough speaks for it."""
        self.weighed += 1
        words = likeness.reasons(one, other)
        points = likeness.score(words, self.weights)
        if points >= self.propose_at:
            pair = (min(one.person, other.person), max(one.person, other.person))
            self.kept[pair] = (points, words)

    def _near_names(self, block: Sequence[Row[Any]]) -> None:
        held = [_read(row) for row in block]
        for number, one in enumerate(held):
            for other in held[number + 1 :]:
                if likeness.near_names(one.name_key, other.name_key):
                    self.weigh(one, other)

    def _all(self, block: Sequence[Person]) -> None:
        for one, other in combinations(block, 2):
            self.weigh(one, other)


def search(db: Database, *, weights: dict[str, int], propose_at: int, now: int) -> Found:
    """Search everybody and write the proposals anew; how long a pair has been proposed is kept. Takes minutes for a million."""
    work = Search(weights=weights, propose_at=propose_at)
    with db.read() as conn:
        people = conn.execute(select(func.count()).select_from(PERSON)).scalar_one()
        work.run(conn)
        whole = {row.person: row.whole for row in conn.execute(select(ALIAS.c.person, ALIAS.c.whole))}
    kept = {pair: held for pair, held in work.kept.items() if whole.get(pair[0], "") != whole.get(pair[1], " ")}

    def write(conn: Connection) -> None:
        first = {(row.one, row.other): row.found_at for row in conn.execute(select(PROPOSAL))}
        conn.execute(delete(PROPOSAL))
        rows = [
            {"one": one, "other": other, "score": points, "because": json.dumps(words), "found_at": first.get((one, other), now)}
            for (one, other), (points, words) in sorted(kept.items())
        ]  # fmt: skip
        for part in chunks(rows):
            conn.execute(insert(PROPOSAL), part)

    db.transact(write)
    return Found(people=int(people), weighed=work.weighed, proposed=len(kept))


def proposals(
    conn: Connection, *, limit: int, offset: int = 0, within: ColumnElement[bool] | None = None, of: str = "",
    least: int = 0, upward: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """Pairs that nobody has decided, the likeliest first: a row of `proposal` with `because` as a list.

    `within`: the condition of somebody's scope; `of`: only pairs with this person in them; `least`: points at least;
    `upward`: the least likely first.
    """
    query = _open(select(PROPOSAL).where(PROPOSAL.c.score >= least), within)
    if of:
        query = query.where(or_(links.same(PROPOSAL.c.one, of), links.same(PROPOSAL.c.other, of)))
    score = PROPOSAL.c.score.asc() if upward else PROPOSAL.c.score.desc()
    query = query.order_by(score, PROPOSAL.c.one, PROPOSAL.c.other).limit(limit).offset(offset)
    return [{**row, "because": json.loads(row["because"])} for row in rows_of(conn, query)]


def proposed(conn: Connection, one: str, other: str) -> bool:
    """Did the last search propose this pair, or one of those who are one with them?"""
    pairs = [(links.same(PROPOSAL.c.one, a), links.same(PROPOSAL.c.other, b)) for a, b in ((one, other), (other, one))]
    return conn.execute(select(PROPOSAL.c.one).where(or_(*(and_(*pair) for pair in pairs)))).first() is not None


def count(conn: Connection, *, within: ColumnElement[bool] | None = None, least: int = 0) -> int:
    """How many pairs `proposals` would list."""
    query = select(func.count()).select_from(PROPOSAL).where(PROPOSAL.c.score >= least)
    return int(conn.execute(_open(query, within)).scalar_one())


def _open(query: Select[Any], within: ColumnElement[bool] | None) -> Select[Any]:
    decided = exists().where(PAIR.c.one == PROPOSAL.c.one, PAIR.c.other == PROPOSAL.c.other)
    mine, theirs = ALIAS.alias(), ALIAS.alias()
    one_already = exists().where(
        and_(mine.c.person == PROPOSAL.c.one, theirs.c.person == PROPOSAL.c.other, mine.c.whole == theirs.c.whole)
    )
    return query.where(not_(decided), not_(one_already), true() if within is None else within)


def _stream(conn: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    yield from conn.execution_options(yield_per=_FETCH).execute(query)


def _groups(rows: Iterable[Row[Any]], key: Callable[[Row[Any]], str]) -> Iterator[list[Row[Any]]]:
    for _, held in groupby(rows, key):
        group = list(held)
        if len(group) > 1:
            yield group


def _small(group: list[Row[Any]]) -> Iterator[list[Row[Any]]]:
    if len(group) <= MOST_IN_A_BLOCK:
        yield group
        return
    by_given: dict[str, list[Row[Any]]] = {}
    for row in group:
        by_given.setdefault(row.folded.rpartition(" ")[2], []).append(row)
    yield from (block for block in by_given.values() if 1 < len(block) <= 2 * MOST_IN_A_BLOCK)


def _read(row: Row[Any]) -> Person:
    return likeness.person_of({key: str(value) for key, value in row._mapping.items()})  # noqa: SLF001 - as in server.db


def _parted(group: list[Person], key: Callable[[Person], str]) -> Iterator[list[Person]]:
    by_key: dict[str, list[Person]] = {}
    for person in group:
        if key(person):
            by_key.setdefault(key(person), []).append(person)
    yield from (block for block in by_key.values() if 1 < len(block) <= MOST_IN_A_BLOCK)


def _with_one_number(conn: Connection) -> Iterator[list[Person]]:
    said = union_all(
        select(PERSON.c.person, PERSON.c.doc_no.label("number")).where(PERSON.c.doc_no != ""),
        select(PERSON.c.person, PERSON.c.old_no).where(PERSON.c.old_no != ""),
        select(PERSON.c.person, PERSON.c.health_no).where(PERSON.c.health_no != ""),
        # A number that was corrected since still stands in the key.
        *(
            select(PERSON.c.person, func.substr(PERSON.c.person, len(papers) + 2)).where(
                PERSON.c.person.startswith(papers + ":")
            )
            for papers in likeness.PAPERS
        ),
    ).subquery()
    shared = select(said.c.number).group_by(said.c.number).having(func.count(said.c.person.distinct()) > 1)
    query = select(said.c.number, said.c.person).where(said.c.number.in_(shared)).order_by(said.c.number)
    held = [(row.number, row.person) for row in conn.execute(query)]
    rows: dict[str, Person] = {}
    for part in chunks(sorted({person for _, person in held})):
        for row in conn.execute(select(*_COLUMNS).where(PERSON.c.person.in_(part))):
            rows[row.person] = _read(row)
    for _, group in groupby(held, lambda pair: pair[0]):
        block = [rows[person] for person in sorted({person for _, person in group})]
        if len(block) <= MOST_AT_A_PHONE:
            yield block


def _dob(row: Row[Any]) -> str:
    return str(row.dob)


def _folded(row: Row[Any]) -> str:
    return str(row.folded)


def _phone(row: Row[Any]) -> str:
    return str(row.phone)


def _year(person: Person) -> str:
    return person.dob[:4]


def _month_and_day(person: Person) -> str:
    return person.dob[5:]


def _place(person: Person) -> str:
    return person.commune if not person.dob else ""
