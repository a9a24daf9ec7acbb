"""The mark up to which the centre holds this kiosk's records, on the disk; written again until the disk has taken it."""

from __future__ import annotations

import logging

from kiosk.errors import NotWritten
from kiosk.store import Batch, Store

log = logging.getLogger(__name__)


class SafeMark:
    """The last acknowledgement. The wire hands on only what says something new, so what was not written must not wait for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: tuple[str, int, list[tuple[int, str, str]]] | None = None

    def take(self, inc: str, committed: int, statuses: list[tuple[int, str, str]]) -> None:
        """Log `inc` is safe up to `committed`; `statuses`: what stands aside at the centre."""
        self._due = (inc, committed, statuses)
        self.keep()

    def keep(self) -> None:
        """Write what is not written yet."""
        if self._due is None:
            return
        inc, committed, statuses = self._due
        try:
            self._store.commit(Batch(meta=(("committed:" + inc, str(committed)),)))
            self._store.put_aside(inc, statuses)
        except NotWritten:
            # Nothing is lost: the records are at the centre, and this is tried again.
            log.exception("mark_not_written")
        else:
            self._due = None
