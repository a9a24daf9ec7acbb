"""The book of opened vials, read on from the store's records, ours and the neighbours'. Decides nothing."""

from __future__ import annotations

from kiosk import parsed, vials
from kiosk.store import Store
from kiosk.vial_lines import VialLines
from protocol.errors import UnknownKind


class Vials:
    """The book of vials, read on from the store's records whenever somebody asks. Desk's thread only."""

    def __init__(self, store: Store) -> None:
        """`store`: read lazily."""
        self._lines = VialLines(store.db.conn)
        self._book = vials.Book()
        self._read = (0, 0)

    def standing(self) -> list[vials.Vial]:
        """The vials that stand open here and at the neighbours'."""
        last = self._lines.last()
        if last[0] < self._read[0] or last[1] < self._read[1]:
            # Records of a past day went away from the end of a table: rowids may come again.
            self._book, self._read = vials.Book(), (0, 0)
        if last != self._read:
            for _rowid, line in self._lines.ours(self._read[0]):
                self._take(line, k="", stamp=None)
            for _rowid, line, k, boot, mono in self._lines.theirs(self._read[1]):
                self._take(line, k=k, stamp=(boot, mono))
            self._read = last
        return self._book.standing()

    def _take(self, line: bytes, *, k: str, stamp: tuple[str, int] | None) -> None:
        try:
            record = parsed.record(line)
        except UnknownKind:
            return
        boot, mono = stamp or (record.t["boot"], record.t["mono"])
        self._book.take(record, k=k, boot=boot, mono=mono)
