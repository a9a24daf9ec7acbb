"""New versions go to kiosks in waves: to a share of a group first, to more when it went well, halted when it did not.

Pure but for its one writer. The centre installs nothing: it says which kiosks are to have which version, and shows who has.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, update

from server.boxes import EVERYBODY, WANTED

SHARES = (1, 5, 10, 25, 50, 100)
WHOLE = 100


def asked(wave: Mapping[str, Any] | None, k: str) -> str:
    """The version that kiosk `k` is to have by the wave of its group; empty: none, or not yet, or halted.

    Whoever was in a smaller share is in every larger one. Another version draws anew, so that it is not always the same
    kiosks that go first.
    """
    if wave is None or wave["halted_at"] is not None:
        return ""
    drawn = int.from_bytes(hashlib.sha256(f"{wave['version']} {k}".encode()).digest()[:4], "big") % WHOLE
    return str(wave["version"]) if drawn < wave["share"] else ""


def progress(waves: Mapping[str, Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each group of these kiosks (rows of `fleet.ordered`, the revoked left out), by name, with its wave if it has one.

    `grp`, `own` (a wave of its own?), `of` (kiosks), `asked`, `have` (of all, those that run it), `behind` (names: asked
    and not there yet), `version`, `share`, `halted_at`, `set_by`, `set_at`; a group without a wave of its own has that of everybody.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if not row["revoked_at"]:
            groups.setdefault(row["box"]["grp"], []).append(row)
    found = []
    for grp, members in sorted(groups.items()):
        wave = waves.get(grp) or waves.get(EVERYBODY)
        version = wave["version"] if wave else ""
        have = {row["k"] for row in members if version and row["box"]["state"].get("app") == version}
        due = [row["k"] for row in members if asked(wave, row["k"])]
        blank = dict.fromkeys(("version", "share", "halted_at", "set_by", "set_at"), None)
        told = {name: wave[name] for name in blank} if wave else blank
        behind = sorted(k for k in due if k not in have)
        found.append(
            {
                "grp": grp,
                "own": grp in waves,
                "of": len(members),
                "asked": len(due),
                "have": len(have),
                "behind": behind,
                **told,
            }
        )
    return found


def halt(conn: Connection, *, grp: str, at: int | None) -> bool:
    """Halt a group's own wave at `at`, or let it go on (None). False: it has none."""
    return conn.execute(update(WANTED).where(WANTED.c.grp == grp).values(halted_at=at)).rowcount == 1
