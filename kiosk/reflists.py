"""Reference lists as they arrive: a signed manifest, bodies that must have the hash it names. Decides nothing else.

A list is taken only whole and only with a manifest signed by the centre for this very site; a manifest issued
before the one held is refused (fault F81), unless the one held is of a time that has not come yet (F73).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kiosk.crypto import Verifier
from kiosk.errors import BadList
from protocol import canon, envelope, fields
from protocol.clocktext import MAX_AHEAD_MS
from protocol.errors import ProtocolError

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
Check = Callable[[Any, str], None]
_text = fields.text(fields.MAX_TEXT, lines=True)
_number = fields.integer(0)


def _items(*rows: tuple[str, Check, bool]) -> Check:
    check: Check = fields.list_of(fields.table(rows), 100_000)
    return check


# What this kiosk reads of each list. A list that lacks it is not taken: the one held goes on, and a mistake made at the
# centre does not stop a site. Further members and further lists are for newer releases.
SHAPES: dict[str, tuple[tuple[str, Check, bool], ...]] = {
    "site": (
        ("name", _text, True),
        ("hotline", _text, False),
        ("portal", _text, False),
        ("day_offset_min", fields.integer(-840, 840), False),
        ("keeper", fields.text(fields.MAX_WORD), False),
        (
            "queue",
            fields.table(
                tuple(
                    (name, fields.integer(0, 240), False) for name in ("priority_min", "appointment_min", "window_min")
                )
            ),
            False,
        ),
        (
            "priority",
            _items(
                ("code", fields.word, True),
                ("vi", _text, True),
                ("en", _text, True),
                ("age_min", _number, False),
                ("from", _text, False),
                ("to", _text, False),
            ),
            False,
        ),
    ),
    "staff": (
        (
            "items",
            _items(
                ("id", fields.word, True),
                ("name", _text, True),
                ("role", fields.word, True),
                ("code", _text, True),
                ("pin", _text, True),
                ("badge", _text, False),
                ("initials", _text, False),
                ("revoked", fields.boolean, False),
            ),
            True,
        ),
    ),
    "lots": (
        (
            "items",
            _items(
                ("lot", fields.text(32, empty=False), True),
                ("vaccine", fields.word, True),
                ("expiry", fields.day, True),
                ("doses_per_vial", fields.integer(1, 100), False),
                ("stopped", fields.boolean, False),
            ),
            True,
        ),
    ),
    "rules": (
        (
            "vaccines",
            fields.mapping(
                fields.table(
                    (
                        ("name", _text, True),
                        ("min_days", _number, False),
                        ("age_min", _number, False),
                        ("age_max", _number, False),
                        ("doses", _number, False),
                        ("doses_per_vial", fields.list_of(fields.integer(1, 100), 20), False),
                        ("open_vial_hours", _number, False),
                        ("codes", fields.list_of(fields.text(40, empty=False), 100), False),
                        ("source", _text, False),
                        ("products", fields.list_of(_text, 50), False),
                    )
                ),
                1000,
            ),
            True,
        ),
        # Keys of issuers of EU certificates: `kid` and SubjectPublicKeyInfo, both base64.
        ("trust", _items(("kid", _text, True), ("key", _text, True), ("country", _text, False)), False),
        ("mix", _items(("first", fields.word, True), ("second", fields.list_of(fields.word, 100), True)), False),
    ),
    "forms": (
        (
            "forms",
            _items(
                ("version", fields.text(40, empty=False), True),
                ("from", _text, False),
                ("to", _text, False),
                ("age_min", _number, False),
                ("age_max", _number, False),
                ("items", _items(("code", fields.word, True), ("vi", _text, True), ("yes", _text, True)), True),
                (
                    "vitals",
                    _items(
                        ("code", fields.word, True),
                        ("vi", _text, True),
                        ("unit", _text, True),
                        ("scale", fields.integer(1, 1000), False),
                        ("low", _number, False),
                        ("high", _number, False),
                    ),
                    False,
                ),
            ),
            True,
        ),
        ("symptoms", _items(("code", fields.word, True), ("vi", _text, True)), False),
        (
            "anaphylaxis",
            _items(
                ("code", fields.word, True), ("vi", _text, True), ("signs_vi", _text, True), ("severity", _text, True)
            ),
            False,
        ),
        ("treatments", _items(("code", fields.word, True), ("vi", _text, True)), False),
    ),
    # Whose records may be believed here without asking the centre: the site's writers. Older servers send no such list.
    "keys": (
        (
            "items",
            _items(("k", fields.word, True), ("public_key", _text, True), ("revoked", fields.boolean, False)),
            True,
        ),
    ),
    # What is to be said in the centre's words. One that breaks a rule of `protocol.texts` is passed over by itself.
    "texts": (
        ("items", _items(("name", fields.word, True), ("lang", fields.word, True), ("text", _text, True)), True),
    ),
    "appointments": (
        (
            "items",
            _items(
                ("person", fields.word, True),
                ("at", _number, True),
                ("vaccine", fields.word, True),
                ("phone", fields.text(32), False),
                ("name", _text, False),
                # What a registration's own QR says (`TRAM-REG:`), and what a code that masks its number is compared with.
                ("code", fields.word, False),
                ("dob", fields.day, False),
                ("sex", fields.one_of("M", "F", "U"), False),
                (
                    "history",
                    _items(
                        ("vaccine", fields.word, True),
                        ("given_on", fields.full_day, True),
                        ("dose_no", fields.integer(1, 100), True),
                    ),
                    False,
                ),
            ),
            True,
        ),
    ),
}


class Shelf:
    """Holds the latest manifest and the bodies that came, until they make a whole."""

    def __init__(self, *, verifier: Verifier, site: str, issued: int) -> None:
        """`verifier`: of the centre's key; `issued`: of the manifest last taken, 0 for none."""
        self._verifier = verifier
        self._site = site
        self._issued = issued
        self._lists: list[dict[str, Any]] = []
        self._bodies: dict[str, bytes] = {}

    def manifest(self, payload: bytes, *, now: int | None) -> None:
        """Take a manifest. `BadList` when it is unsigned, of another site or older than the one held.

        `now`: UTC ms, None when nobody vouches for this kiosk's clock. A centre whose clock once ran a year ahead would
        otherwise not be heard for a year; no list goes back by it, for each has a version of its own.
        """
        for line, signature in envelope.unpack(payload):
            if not self._verifier.good(line, signature):
                message = "manifest signature"
                raise BadList(message)
            value = canon.read(line, MANIFEST_ORDER)
            fields.check_table(value, _MANIFEST, "manifest")
            if value["site"] != self._site:
                message = "manifest of another site"
                raise BadList(message)
            wild = now is not None and self._issued > now + MAX_AHEAD_MS
            if value["issued"] < self._issued and not wild:
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
            _check_body(entry["name"], body)
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


def _check_body(name: str, body: bytes) -> None:
    """`BadList` when a body is no object or lacks what this kiosk reads of it. Its hash was right: the centre erred."""
    try:
        value = json.loads(body)
        fields.check_table(value, SHAPES.get(name, ()), name)
    except ProtocolError as error:
        message = f"list {name}: {error.code} {error.field}"
        raise BadList(message) from error
    except ValueError as error:
        message = f"list {name}: not JSON"
        raise BadList(message) from error
