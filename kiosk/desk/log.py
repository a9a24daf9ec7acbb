"""This kiosk's own log: names, chains and seals records. Keeps the head in memory, never ahead of the disk."""

from __future__ import annotations

import secrets
from typing import Any

from kiosk.clock import Moment
from kiosk.config import Enrolment
from kiosk.crypto import Signer
from kiosk.outcome import Fact
from kiosk.store import Batch, Sealed, Store
from protocol import canon, envelope
from protocol.clocktext import hlc_meet, hlc_next


class Log:
    """The writer `(k, inc)` and where its chain stands. `take()` moves the head after the store has committed."""

    def __init__(
        self, *, k: str, site: str, inc: str, seq: int, head: str, hlc: tuple[int, int], signer: Signer,
        told: tuple[str, str] = ("", ""),
    ) -> None:  # fmt: skip
        """`seq`, `head`, `hlc`, `told` (boot and certainty): of the last record in the store; empty for an empty log."""
        self.k = k
        self.site = site
        self.inc = inc
        self.seq = seq
        self.head = head or envelope.GENESIS
        self.hlc = hlc
        self.told = told
        self._signer = signer

    def anew(self, inc: str) -> Log:
        """An empty log of the same writer. Its clock goes on: later records sort behind those of this log."""
        told = self.told
        return Log(k=self.k, site=self.site, inc=inc, seq=0, head="", hlc=self.hlc, signer=self._signer, told=told)

    def seal(
        self, facts: tuple[Fact, ...], *, moment: Moment, who: dict[str, str], ref: dict[str, int], session: str
    ) -> list[tuple[Sealed, dict[str, Any]]]:
        """Records for `facts`, in order, each with its `t`. Nothing moves until `take()`."""
        sealed = []
        seq, head, hlc = self.seq, self.head, self.hlc
        for fact in facts:
            seq += 1
            hlc = hlc_next(hlc, moment.wall)
            t = {
                "wall": moment.wall,
                "mono": moment.mono,
                "boot": moment.boot,
                "sure": moment.sure,
                "err": moment.err,
                "hlc": list(hlc),
            }
            line = envelope.seal(
                k=self.k,
                inc=self.inc,
                seq=seq,
                prev=head,
                t=t,
                site=self.site,
                session=session,
                who=who,
                ref=ref,
                kind=fact.kind,
                body=fact.body,
            )
            head = canon.digest(line)
            record = Sealed(
                inc=self.inc,
                seq=seq,
                digest=head,
                kind=fact.kind,
                wall=moment.wall,
                visit=fact.body.get("visit"),
                line=line,
                signature=self._signer.line(line),
                session=session,
            )
            sealed.append((record, t))
        return sealed

    def take(self, sealed: list[tuple[Sealed, dict[str, Any]]]) -> None:
        """The records are durable: the head moves."""
        for record, t in sealed:
            self.seq = record.seq
            self.head = record.digest
            self.hlc = (t["hlc"][0], t["hlc"][1])
            self.told = (t["boot"], t["sure"])

    def meet(self, t: dict[str, Any], moment: Moment) -> None:
        """A neighbour's record is durable here: later records of ours sort behind it, unless its clock is not to be trusted."""
        hlc = hlc_meet(self.hlc, t["hlc"], moment.wall, t["sure"])
        self.hlc = (hlc[0], hlc[1])

    def sign(self, line: bytes) -> bytes:
        """The signature line of a message that is no record."""
        return self._signer.line(line)

    def sign_slip(self, signed: bytes) -> bytes:
        """The raw signature for a slip's copy of a dose."""
        return self._signer.raw(signed)


def open_log(store: Store, *, enrolment: Enrolment, signer: Signer) -> tuple[Log, bool]:
    """The kiosk's log where the store left it, and whether it is new: a new store mints a new incarnation."""
    inc = store.meta("inc")
    if not inc:
        inc = secrets.token_hex(8)
        store.commit(Batch(meta=(("inc", inc),)))
    seq, head = store.head(inc)
    hlc, told = (0, 0), ("", "")
    if seq:
        row = store.db.conn.execute("SELECT line FROM record WHERE inc = ? AND seq = ?", (inc, seq)).fetchone()
        # Only its clock is read: the record may be of a kind that a newer release wrote before a roll-back (F42).
        t = canon.read(bytes(row[0]), envelope.ORDER)["t"]
        hlc, told = (t["hlc"][0], t["hlc"][1]), (t["boot"], t["sure"])
    # Fresh until its first record stands: the power may have gone between the two commits.
    record_log = Log(k=enrolment.k, site=enrolment.site, inc=inc, seq=seq, head=head, hlc=hlc, signer=signer, told=told)
    return record_log, seq == 0
