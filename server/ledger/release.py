"""Which program derived the tables last: another one derives all of them again, and looks again at the quarantine.

Theory of operation: a release that is rolled back derives without the records it cannot read, and a release that is newer
reads more of what every record says. Neither leaves a trace in the rows, so the program itself does: a digest of every
source file that a derivation can depend on. Where it differs from the stamp in the database, nothing derived is believed.
"""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, select

import protocol
from server.db import lock_names, upsert
from server.ledger import rebuild
from server.ledger.derive import hold_still
from server.ledger.ledger import Ledger
from server.ledger.tables import RECORD, RELEASE

logger = logging.getLogger(__name__)

_HERE = Path(__file__).parent
# Screens, doors and wires derive nothing: a new word on a page is no reason to derive a country again.
_APART = frozenset(
    {
        "pages", "api", "migrations", "__main__.py", "apart.py", "app.py", "web.py", "web_server.py", "worker.py", "ingest.py",
        "broker_link.py", "shares.py", "seed.py", "pki.py",
    }
)  # fmt: skip


def stamp(folders: Iterable[Path] = (Path(protocol.__file__).parent, _HERE.parent)) -> str:
    """The digest of the program's sources and data that derivations may read."""
    whole = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.suffix in (".py", ".json") and inside.parts[0] not in _APART:
                whole.update(f"{folder.name}/{inside.as_posix()}\n".encode())
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def settle(ledger: Ledger, *, now: int, mark: str = "") -> int | None:
    """At the start of a program: if another one derived last, replay the quarantine and derive everything again.

    `mark`: this program's stamp. Returns the number of records read, None when there was nothing to do.
    """
    mine = mark or stamp()
    with ledger.db.read() as conn:
        if conn.execute(select(RELEASE.c.stamp)).scalar() == mine:
            return None
    # First, and again if the power goes before the stamp stands: what was replayed is derived with all the rest.
    ledger.replay(now=now)

    def work(conn: Connection) -> int | None:
        lock_names(conn, ["release"])
        # Another process of this start may have been first.
        if conn.execute(select(RELEASE.c.stamp)).scalar() == mine:
            return None
        count = 0
        if conn.execute(select(RECORD.c.id).limit(1)).first() is not None:
            hold_still(conn)
            count = rebuild.again(conn, ledger.deriver)
        upsert(conn, RELEASE, [{"id": 1, "stamp": mine, "at": now}])
        return count

    count = ledger.db.transact(work)
    if count:
        logger.warning("ledger_derived_again records=%d reason=another_program", count)
    return count
