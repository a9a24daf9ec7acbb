"""`python -m tests.server.imports.killed_worker FILE`: goes on with the imports of a SQLite file in small steps, to be killed."""

import sys

from server.clock import Clock
from server.db import Database
from server.imports.work import Importer


def main() -> None:
    """Work until nothing is left."""
    importer = Importer(db=Database(f"sqlite:///{sys.argv[1]}"), clock=Clock(), day_offset_min=420, chunk=20)
    while importer.step():
        pass


if __name__ == "__main__":
    main()
