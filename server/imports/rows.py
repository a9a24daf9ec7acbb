"""A row on its way from a file to a list, and what a list has to do for it. Owns no table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select

from server.imports import words

# States of a row: `new`, `changed`, `same` as the list has it, `wrong`; after the commit `left` and `stale` too.
NEW, CHANGED, SAME, WRONG, LEFT, STALE = "new", "changed", "same", "wrong", "left", "stale"
WRITTEN = (NEW, CHANGED)
FAILED = (WRONG, LEFT, STALE)
Value = dict[str, Any]


@dataclass(kw_only=True, slots=True)
class Row:
    """One row. `key`: of its entry in the list, empty while unknown; `before`: the fields it changes, as they were."""

    n: int
    line: int
    given: list[str]
    key: str = ""
    state: str = ""
    words: list[str] = field(default_factory=list)
    value: Value = field(default_factory=dict)
    before: Value = field(default_factory=dict)

    def judge(self, held: Mapping[str, Any] | None, *, compared: Sequence[str]) -> None:
        """Set state and `before` against the list's entry; an empty cell never empties what is known."""
        if any(word in words.FAULTS for word in self.words):
            self.state = WRONG
            return
        if held is None:
            self.state = NEW
            return
        for name in compared:
            # A yes or no is always said.
            if self.value[name] in ("", 0, "U") and self.value[name] is not False:
                self.value[name] = held[name]
            elif self.value[name] != held[name]:
                self.before[name] = held[name]
        self.state = CHANGED if self.before else SAME
        if self.state == SAME:
            # Nothing will be written, so nothing is asked.
            self.words = []


class ListKind(Protocol):
    """What a kind of list does. Made once per import and run; `check` is pure, the others read or write `conn`."""

    kind: str

    def check(self, row: Row, cells: Mapping[str, str]) -> None:
        """Fill in `value`, `words` and, where the row itself tells it, `key`."""

    def compare(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Find each row's entry in the list; fill in `key`, `state`, `before`."""

    def write(self, conn: Connection, rows: Sequence[Row], *, import_id: str, now: int) -> list[Row]:
        """Write these reviewed rows; gives back those whose entry is no more as it was reviewed.

        One of these whose number an earlier row of the same file brought on the list carries the word `twice`.
        """

    def standing(self) -> tuple[Select[Any], ColumnElement[str]]:
        """A query for what of this list stands in the import's unit, and its column of keys."""

    def take_off(self, conn: Connection, keys: Sequence[str], *, now: int) -> None:
        """Take these off the list."""
