"""What a pure decision returns: facts to record, what to show, what to say, what to print. Holds no logic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fact:
    """One record to seal: its kind and body (`protocol.records`)."""

    kind: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """A sentence for the person at the screen: code, values in it, tone (`info`, `warn`, `error`)."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
    tone: str = "info"


@dataclass(frozen=True)
class Print:
    """A slip to print: its number, the visit, `ticket` or `dose`, and which copy of it (from 1)."""

    slip: str
    visit: str
    what: str
    copy: int = 1


@dataclass(frozen=True)
class Outcome:
    """All of it. `screen` empty: stay. `pending`: what the next screen needs to remember (never durable).

    `meta`: what the store remembers from then on, durable together with the facts.
    """

    facts: tuple[Fact, ...] = ()
    screen: str = ""
    pending: dict[str, Any] | None = None
    notice: Notice | None = None
    prints: tuple[Print, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()


def say(code: str, tone: str = "error", **params: Any) -> Outcome:
    """Record nothing, stay on the screen, say a sentence."""
    return Outcome(notice=Notice(code, params, tone))
