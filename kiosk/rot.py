"""Old rows whose bytes have changed by themselves (fault F32): found by digest, chain and signature, mended where that proves itself. Pure.

A row keeps each truth twice: its own digest and the next record's `prev` name the very bytes of its line, and the line names
the row's other columns. One altered byte is found by trying; a spoilt signature is made anew, for it is our own key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from protocol import canon, envelope
from protocol.errors import ProtocolError

# Beyond this trying every byte holds the desk up; flipped bits are still tried.
TRIED_BYTES = 4_096
SOUND, MENDED, DAMAGED = "sound", "mended", "damaged"
Good = Callable[[bytes, bytes], bool]


@dataclass(frozen=True)
class Row:
    """One record as its row tells it; `session` is None in rows of an earlier release."""

    inc: str
    seq: int
    digest: str
    kind: str
    wall: int
    visit: str | None
    session: str | None
    line: bytes
    signature: bytes


def judged(row: Row, *, k: str, named: str | None, good: Good, sign: Callable[[bytes], bytes]) -> tuple[str, Row]:
    """SOUND, MENDED or DAMAGED, and the row as it should be; a damaged one as it is.

    `named`: the digest by which the next record, itself signed by us, names this one; None when there is none yet.
    `good(line, signature)`: is it signed by our key; `sign(line)`: our signature line.
    """
    line = row.line
    wanted = {one for one in (row.digest, named) if one}
    if canon.digest(line) not in wanted and not good(line, row.signature):
        found = one_byte_mended(line, wanted)
        if found is None:
            return DAMAGED, row
        line = found
    true = _told(row, line, k)
    if true is None:
        return DAMAGED, row
    signature = row.signature
    if not good(line, signature):
        # Signed anew only what a later record of ours vouches for: else whoever writes to the card could have us sign.
        if named != true.digest:
            return DAMAGED, row
        signature = sign(line)
    true = replace(true, signature=signature)
    return (SOUND, row) if true == row else (MENDED, true)


def given_back(row: Row, line: bytes, signature: bytes, *, k: str, named: str | None, good: Good) -> Row | None:
    """A damaged row as somebody's copy of it tells it; None for any other line, also one of ours (a clone's, say).

    The copy must be the very line that the row's own digest or the next record (`named`) names, and signed by our key.
    """
    if canon.digest(line) not in {row.digest, named} or not good(line, signature):
        return None
    return _told(replace(row, line=line, signature=signature), line, k)


def _told(row: Row, line: bytes, k: str) -> Row | None:
    """The row as its line tells it, or None when the line is no record of this place in our log."""
    try:
        record = envelope.parse(line)
    except ProtocolError:
        # Of a newer release's kind (F42) only the bytes can be judged.
        return replace(row, line=line, digest=canon.digest(line)) if line == row.line else None
    if (record.k, record.inc, record.seq) != (k, row.inc, row.seq):
        return None
    visit = record.body.get("visit")
    return Row(
        inc=row.inc, seq=row.seq, digest=record.digest, kind=record.kind, wall=record.t["wall"],
        visit=visit if isinstance(visit, str) else None, session=record.session if row.session is not None else None,
        line=line, signature=row.signature,
    )  # fmt: skip


def one_byte_mended(line: bytes, wanted: set[str]) -> bytes | None:
    """The line with one byte put right so that it has one of the `wanted` digests, flipped bits first; None if there is none."""
    whole = {bytes.fromhex(one) for one in wanted if len(one) == hashlib.sha256().digest_size * 2 and _is_hex(one)}
    flips = [1 << bit for bit in range(8)]
    others = [mask for mask in range(1, 256) if mask not in flips] if len(line) <= TRIED_BYTES else []
    for masks in (flips, others):
        begun = hashlib.sha256()
        for at, byte in enumerate(line):
            rest = line[at + 1 :]
            for mask in masks:
                trial = begun.copy()
                trial.update(bytes((byte ^ mask,)) + rest)
                if trial.digest() in whole:
                    return line[:at] + bytes((byte ^ mask,)) + rest
            begun.update(line[at : at + 1])
    return None


def _is_hex(text: str) -> bool:
    return all(sign in "0123456789abcdef" for sign in text)
