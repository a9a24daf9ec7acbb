"""Deciding about two records: one person, two people, or a link that was wrong. Pure; writes nothing.

Rules:
1. Two wholes are joined by the keys that speak for them; the officer says which of the two is kept.
2. Nobody is joined with whom one of theirs was told apart: that pair has to be decided first, by itself.
3. Each act has a reason in the officer's own words, and each can be taken back by another act.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from protocol import links as records
from server.errors import Refused
from server.links import APART, LINKED

Fact = tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Two records as an officer compares them. `one`, `other`: their keys; `wholes`: who speaks for each of them.

    `pairs`: what was said of pairs with anybody of either whole in it (rows of `person_pair`); `members`: of each whole.
    """

    one: str
    other: str
    wholes: tuple[str, str]
    members: tuple[Sequence[str], Sequence[str]]
    pairs: Sequence[Mapping[str, Any]]

    def are_one(self) -> bool:
        """Are they one person now?"""
        return self.wholes[0] == self.wholes[1]

    def state(self) -> str:
        """What was last said of these two themselves: a word of `server.links`, or empty."""
        pair = (min(self.one, self.other), max(self.one, self.other))
        return next((str(row["state"]) for row in self.pairs if (row["one"], row["other"]) == pair), "")


def join(sides: Sides, *, keep: str, reason: str, because: Sequence[str] = ()) -> list[Fact]:
    """They are one person, `keep` (one of `sides.wholes`) speaks for both. Raises `Refused`."""
    _reasoned(reason)
    if sides.are_one():
        raise Refused("already_one", "These two records are one person already.")
    if keep not in sides.wholes:
        raise Refused("keep_missing", "Choose whose number and name shall stand.", field="keep")
    this = {sides.one, sides.other}
    for row in sides.pairs:
        pair = {row["one"], row["other"]}
        across = all(pair & set(members) for members in sides.members)
        if row["state"] == APART and across and pair not in (this, set(sides.wholes)):
            raise Refused(
                "told_apart", "Another record of one of them was noted as a different person. Decide that pair first."
            )
    gone = sides.wholes[0] if keep == sides.wholes[1] else sides.wholes[1]
    return [_fact(records.LINKED, keep, gone, reason, because)]


def tell_apart(sides: Sides, *, reason: str, because: Sequence[str] = ()) -> list[Fact]:
    """They only look alike; nobody is asked again. Raises `Refused`."""
    _reasoned(reason)
    if sides.are_one():
        raise Refused("part_first", "These two records are joined. Part them first.")
    return [_fact(records.TOLD_APART, sides.one, sides.other, reason, because)]


def part(sides: Sides, *, reason: str) -> list[Fact]:
    """The link between these two was wrong. Raises `Refused`."""
    _reasoned(reason)
    if sides.state() != LINKED:
        raise Refused("not_joined", "These two records are not joined with each other.")
    return [_fact(records.UNLINKED, sides.one, sides.other, reason)]


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused("reason_missing", "Write the reason for the decision.", field="reason")


def _fact(kind: str, person: str, other: str, reason: str, because: Sequence[str] = ()) -> Fact:
    body: dict[str, Any] = {"person": person, records.OTHER: other, "reason": reason}
    return kind, {**body, "because": list(because)} if because else body
