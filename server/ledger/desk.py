"""The server's own desk as a writer: names, chains, signs what officers and managers decide. Stores nothing itself."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from protocol import envelope
from protocol.clocktext import hlc_meet, hlc_next
from protocol.envelope import Record
from server.clock import Clock
from server.crypto import Signer
from server.db import lock_names, row_of, upsert
from server.ledger.tables import COVERAGE, OWN_LOG, RECORD

Fact = tuple[str, dict[str, Any]]
Who = Mapping[str, str]


class Desk:
    """Writer `k` of `site`. `mint`: makes the 16 hexadecimal digits of a new log."""

    def __init__(
        self, *, signer: Signer, clock: Clock, k: str, site: str, mint: Callable[[], str] = lambda: secrets.token_hex(8)
    ) -> None:
        self.k = k
        self._site = site
        self._signer = signer
        self._clock = clock
        self._mint = mint

    def lock(self, conn: Connection) -> None:
        """Hold the desk until the transaction ends: what is read after this cannot be decided upon by another."""
        lock_names(conn, [f"desk:{self.k}"])

    def log(self, conn: Connection, *, now: int) -> str:
        """The incarnation the desk writes in: the one it has, or a new one. The desk must be locked."""
        held = row_of(conn, select(OWN_LOG).where(OWN_LOG.c.k == self.k))
        if held is not None:
            return str(held["inc"])
        # A database of a release that did not note it holds one log of ours at most.
        query = select(COVERAGE.c.inc).where(COVERAGE.c.k == self.k).order_by(COVERAGE.c.inc)
        return self._open(conn, conn.execute(query).scalar() or self._mint(), "enrolled", now)

    def begin_anew(self, conn: Connection, *, now: int) -> str:
        """Write in a new log from now on: the database was put back, and the old log's next numbers may be taken."""
        return self._open(conn, self._mint(), "restored", now)

    def _open(self, conn: Connection, inc: str, why: str, now: int) -> str:
        upsert(conn, OWN_LOG, [{"k": self.k, "inc": inc, "opened_at": now, "why": why}])
        return inc

    def seal(
        self, conn: Connection, inc: str, facts: Sequence[Fact], *, who: Who, now: int, seen: Iterable[Record]
    ) -> list[tuple[Record, bytes]]:
        """Facts as signed records behind the last one of log `inc`. `seen`: what the decision was made upon.

        Raises `ProtocolError` when a fact breaks the table of its kind; nothing is then written.
        """
        query = (
            select(RECORD.c.seq, RECORD.c.digest, RECORD.c.hlc_p, RECORD.c.hlc_l)
            .where(RECORD.c.k == self.k, RECORD.c.inc == inc)
            .order_by(RECORD.c.seq.desc())
            .limit(1)
        )
        last = row_of(conn, query) or {"seq": 0, "digest": envelope.GENESIS, "hlc_p": 0, "hlc_l": 0}
        hlc = (last["hlc_p"], last["hlc_l"])
        for record in seen:
            hlc = hlc_meet(hlc, tuple(record.t["hlc"]), now, record.t["sure"])
        seq, prev = last["seq"], last["digest"]
        sealed = []
        for kind, body in facts:
            seq += 1
            hlc = hlc_next(hlc, now)
            line = envelope.seal(
                k=self.k, inc=inc, seq=seq, prev=prev, t=self._time(hlc, now), site=self._site,
                session="", who=dict(who), ref={}, kind=kind, body=body,
            )  # fmt: skip
            record = envelope.parse(line)
            prev = record.digest
            sealed.append((record, self._signer.sign(line)))
        return sealed

    def _time(self, hlc: tuple[int, int], now: int) -> dict[str, Any]:
        mono, boot = self._clock.mono_ms(), self._clock.boot
        return {"wall": now, "mono": mono, "boot": boot, "sure": "synced", "err": 0, "hlc": list(hlc)}
