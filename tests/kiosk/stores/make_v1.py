"""Made `v1.sqlite3-dump` once, at the first release; never run again for it. Copy it for the next release's file.

Usage: python -m tests.kiosk.stores.make_v1 tests/kiosk/stores/v1.sqlite3-dump
"""

import sys
import tempfile
from pathlib import Path

from kiosk.migrations import APPLICATION_ID
from kiosk.observation import OBSERVE_S
from tests.kiosk.made import Made

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = Made(Path(folder))
        made.check_in()
        made.screen()
        made.dose()
        made.act("next")
        visit = made.act("observation")["data"]["tiles"][0]["visit"]
        made.clock.pass_s(OBSERVE_S)
        made.act("release", visit=visit)
        lines = [f"PRAGMA application_id = {APPLICATION_ID};", *made.store.db.conn.iterdump()]
        made.close()
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", "utf-8")
