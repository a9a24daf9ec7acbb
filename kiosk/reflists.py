"""Reference lists as they arrive: a signed manifest, bodies that must have the hash it names. Decides nothing else.

A list is taken only whole and only with a manifest signed by the centre for this very site; a manifest issued
before the one held is refused (faults F81).
"""

from __future__ import annotations

import json
from typing import Any

from kiosk.crypto import Verifier
from kiosk.errors import BadList
from protocol import canon, envelope, fields

MANIFEST_ORDER = ("manifest", "v", "site")
_LIST = (
    ("name", fields.word, True),
    ("version", fields.integer(1), True),
    ("sha256", fields.hexadecimal(64), True),
    ("size", fields.integer(0, 8_000_000), True),
)
_MANIFEST = (
    ("manifest", fields.integer(1, 1), True),
    ("v", fields.integer(1, 1000), True),
    ("site", fields.word, True),
    ("issued", fields.integer(0), True),
    ("valid_until", fields.integer(0), True),
    ("lists", fields.list_of(fields.table(_LIST), 32), True),
)


class Shelf:
    """Holds the latest manifest and the bodies that came, until they make a whole."""

    def __init__(self, *, verifier: Verifier, site: str, issued: int) -> None:
        """`verifier`: of the centre's key; `issued`: of the manifest last taken, 0 for none."""
        self._verifier = verifier
        self._site = site
        self._issued = issued
        self._lists: list[dict[str, Any]] = []
        self._bodies: dict[str, bytes] = {}

    def manifest(self, payload: bytes) -> None:
        """Take a manifest. `BadList` when it is unsigned, of another site or older than the one held."""
        for line, signature in envelope.unpack(payload):
            if not self._verifier.good(line, signature):
                message = "manifest signature"
                raise BadList(message)
            value = canon.read(line, MANIFEST_ORDER)
            fields.check_table(value, _MANIFEST, "manifest")
            if value["site"] != self._site:
                message = "manifest of another site"
                raise BadList(message)
            if value["issued"] < self._issued:
                message = "manifest older than the one held"
                raise BadList(message)
            self._issued = value["issued"]
            self._lists = value["lists"]

    def body(self, name: str, payload: bytes) -> None:
        """Keep a body until a manifest names it; one of each list."""
        self._bodies[name] = bytes(payload)

    def complete(self, now_wall: int) -> list[dict[str, Any]]:
        """Rows for `Store.swap_lists` when every list of the manifest is here with the right hash; else none."""
        rows = []
        for entry in self._lists:
            body = self._bodies.get(entry["name"])
            if body is None or canon.digest(body) != entry["sha256"]:
                return []
            try:
                whole = isinstance(json.loads(body), dict)
            except ValueError:
                whole = False
            if not whole:
                message = "list body"
                raise BadList(message)
            rows.append(
                {
                    "name": entry["name"],
                    "version": entry["version"],
                    "sha256": entry["sha256"],
                    "body": body,
                    "issued": self._issued,
                    "received_at": now_wall,
                }
            )
        return rows
