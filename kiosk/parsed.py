"""What was read from its text once is not read again: a touch asks for the day's visits and their records anew.

A record or a reading's members read here are shared: nobody changes them in place. Nothing is believed by being read.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from protocol import envelope
from protocol.envelope import Record

# A busy day's records at four kiosks and a busy day's visits; some 12 MB at most.
RECORDS_KEPT = 2_048
VISITS_KEPT = 1_024


@lru_cache(maxsize=RECORDS_KEPT)
def record(line: bytes) -> Record:
    """The record that `line` spells; what cannot be read raises as `envelope.parse` does, each time."""
    return envelope.parse(line)


def visit(body: str) -> dict[str, Any]:
    """A visit's reading as the store keeps it: a dict of the caller's own, whose members are shared."""
    return dict(_visit(body))


@lru_cache(maxsize=VISITS_KEPT)
def _visit(body: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found
