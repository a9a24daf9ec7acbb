"""Seals what a decision wants recorded, exactly as the log does: a `ProtocolError` here is a bug of the decision."""

from kiosk.outcome import Outcome
from protocol import envelope
from tests.kiosk.made import MORNING

T = {"wall": MORNING, "mono": 1, "boot": "b", "sure": "synced", "err": 0, "hlc": [MORNING, 0]}


def seals(outcome: Outcome) -> list[bytes]:
    """The lines of an outcome's facts; there must be at least one."""
    assert outcome.facts
    return [
        envelope.seal(
            k="kiosk-01", inc="0" * 16, seq=1, prev=envelope.GENESIS, t=T, site="trang-dai", session="2021-10-03",
            who={"id": "citizen", "by": "self"}, ref={"lots": 7}, kind=fact.kind, body=fact.body,
        )
        for fact in outcome.facts
    ]  # fmt: skip
