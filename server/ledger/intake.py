"""Judges what came up from a writer, pair by pair, before anything is stored. Pure but for the key it is given.

A pair that fails costs only itself. Reasons are stable words: the kiosk's staff and the operators read them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from protocol import canon, delivery, envelope, inbox, sealed, slip_code
from protocol.envelope import Record
from protocol.errors import ProtocolError, UnknownKind
from server import crypto
from server.sealing import NotOpened, UnknownKey, Unsealer

Pair = tuple[bytes, bytes]
LINES_OF_A_PAIR = 2
# One writer's row of table `writer` as a dict, or None when it was never enrolled.
WriterRow = dict[str, Any] | None

_key_of = lru_cache(maxsize=1024)(crypto.load_public)


@dataclass(frozen=True)
class Delivery:
    """What one message brought: its pairs, and the writer, site and topic it came on."""

    pairs: Sequence[Pair]
    k: str
    site: str
    topic: str = ""


@dataclass(frozen=True)
class Judged:
    """One pair and what is thought of it: `record` when it is good, otherwise `reason`; `name` if it has one of ours."""

    line: bytes
    signature: bytes
    record: Record | None
    reason: str
    name: tuple[str, str, int] | None

    @property
    def digest(self) -> str:
        """SHA-256 of the whole pair: the same garbage twice is one quarantine row."""
        return str(canon.digest(self.line + b"\n" + self.signature))


def split(message: bytes) -> list[Pair]:
    """The pairs of a message, whatever they are worth; a last line without a signature line gets an empty one."""
    lines = message.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) % 2:
        lines.append(b"")
    return [(lines[at], lines[at + 1]) for at in range(0, len(lines), 2)]


def sort_of(payload: bytes) -> str:
    """Messages of one sort fit into one transaction; the empty sort is taken alone (a hello with more glued to it)."""
    lines = payload.count(b"\n")
    if inbox.is_hello(payload):
        return "hello" if len(split(payload)) == 1 else ""
    return "records" if lines <= LINES_OF_A_PAIR * envelope.MAX_PAIRS else ""


def opened(pair: Pair, unsealer: Unsealer) -> tuple[Pair, str]:
    """A sealed pair as the pair inside it, any other as it is; the second part is why it cannot be opened, or empty."""
    line, signature = pair
    if not sealed.is_sealed(line):
        return pair, ""
    try:
        name = sealed.read_name(line)
        inside = sealed.outside(unsealer.open(line, name["key"], sealed.read_box(signature)))
    except UnknownKey:
        return pair, "unknown_sealing_key"
    except (NotOpened, ProtocolError):
        return pair, "unsealable"
    if envelope.peek_name(inside[0]) != (name["k"], name["inc"], name["seq"]):
        return pair, "unsealable"
    return inside, ""


def judge_opened(
    pair: Pair,
    unsealer: Unsealer,
    *,
    k: str,
    site: str,
    writers: Callable[[str], WriterRow],
    now: int,
    parse: Callable[[bytes], Record],
) -> Judged:
    """As `judge`, of a pair that may be sealed. One that cannot be opened is kept as it came, under the name it bears."""
    inside, trouble = opened(pair, unsealer)
    if not trouble:
        return judge(inside, k=k, site=site, writers=writers, now=now, parse=parse)
    name = envelope.peek_name(pair[0])
    return Judged(*pair, None, trouble, name if name is not None and name[0] == k else None)


def judge(
    pair: Pair,
    *,
    k: str,
    site: str,
    writers: Callable[[str], WriterRow],
    now: int,
    parse: Callable[[bytes], Record] = envelope.parse,
) -> Judged:
    """One pair that came on the topic of writer `k` at `site`, perhaps carried for a neighbour that cannot send any more.

    Its own writer's key judges it, whoever carried it; under another's name nothing is believed but a good signature. Which
    site it may speak for says the writer's enrolment: a topic that was damaged under way says nothing of what was signed.
    """
    line, signature = pair
    record = None
    try:
        record = parse(line)
        name, reason = record.name(), ""
    except UnknownKind:
        name, reason = envelope.peek_name(line), "future"
    except ProtocolError as error:
        name, reason = envelope.peek_name(line), error.code
    carried = name is not None and name[0] != k
    named = name is not None and (not carried or _neighbours(writers(k), writers(name[0]), site=site, now=now))
    writer = writers(name[0]) if name is not None and named else None
    if reason in ("", "future"):
        reason = _distrust(line, signature, named=named, writer=writer, now=now) or reason
    if not reason and record is not None and writer is not None and record.site != writer["site"]:
        reason = "wrong_site"
    if not reason and record is not None and record.kind == "dose.recovered":
        reason = distrust_slip(record.body, writers(slip_of(record)["k"]))
    if carried and reason not in ("", *delivery.FINAL):
        # Nobody covers a neighbour's number with bytes that the neighbour did not sign (F75, F76).
        named = False
    return Judged(line, signature, None if reason else record, reason, name if named else None)


def _neighbours(carrier: WriterRow, writer: WriterRow, *, site: str, now: int) -> bool:
    """May the one carry the other's records? Both of this very site, and the carrier not revoked."""
    if carrier is None or writer is None or _revoked(carrier, now):
        return False
    return bool(carrier["site"] == writer["site"] == site and carrier["shard"] == writer["shard"])


def _revoked(writer: dict[str, Any], now: int) -> bool:
    return writer["revoked_at"] is not None and writer["revoked_at"] <= now


def _distrust(line: bytes, signature: bytes, *, named: bool, writer: WriterRow, now: int) -> str:
    if not named:
        return "wrong_writer"
    if writer is None:
        return "unknown_writer"
    if not crypto.verify(_key_of(writer["public_key"]), line, signature):
        return "bad_signature"
    if _revoked(writer, now):
        return "revoked"
    return ""


def slip_of(record: Record) -> dict[str, Any]:
    """What the slip of a `dose.recovered` says; `k` in it names whose signature it bears."""
    return dict(slip_code.decode(record.body["code"])[0])


def distrust_slip(body: Mapping[str, Any], writer: WriterRow) -> str:
    """Why the slip in the `body` of a `dose.recovered` is not believed; empty when it is. `writer`: the row of the slip's own writer.

    What a kiosk signed before it was revoked stands: a burnt one is revoked, and its slips are what is left of it.
    """
    value, signed, signature = slip_code.decode(body["code"])
    if writer is None:
        return "slip_unknown_writer"
    if (body["slip"], body["person"]) != (value["s"], value["p"]):
        return "slip_forged"
    if not crypto.verify_raw(_key_of(writer["public_key"]), signed, signature):
        return "slip_forged"
    return "slip_revoked" if _revoked(writer, value["t"]) else ""


def verified(line: bytes, signature: bytes, writer: WriterRow) -> bool:
    """Is `line` signed by this writer? (For hellos, and for checking what is stored.)"""
    return writer is not None and crypto.verify(_key_of(writer["public_key"]), line, signature)
