"""All that a SQLite database says, as plain texts: the thing by which confirmed states and crash images are compared."""

import hashlib
import json
import sqlite3

from tests.powercut.recorder import Dump

# Two starts of one image note different times; alike in all else they are the same state.
UNCOMPARED = {"_sqlite_migrations": ("applied_at",)}
# The order in which these were noted means something; of the others only the rows count.
ORDERED = ("record", "boot")


def dump(connection: sqlite3.Connection) -> Dump:
    """Every table's rows and the schema itself. The connection's own transaction, if one is open, is seen too."""
    found: Dump = {}
    schema = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    found["sqlite_master"] = [f"{name} {sql}" for name, sql in schema]
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (name,) in [tuple(row) for row in tables]:
        rows = connection.execute(f'SELECT * FROM "{name}"' + (" ORDER BY rowid" if name in ORDERED else ""))  # noqa: S608
        left_out = UNCOMPARED.get(name, ())
        wanted = [at for at, column in enumerate(rows.description) if column[0] not in left_out]
        spelled = [repr([row[at] for at in wanted]) for row in rows.fetchall()]
        found[name] = spelled if name in ORDERED else sorted(spelled)
    return found


def digest(said: Dump) -> str:
    """A short name for a dump."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
