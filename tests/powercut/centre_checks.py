"""Opens a crash image of the centre as `server.app` does, compares the derived tables with a rebuild, lets it go on."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from server.crypto import Signer
from server.db import Database
from server.ledger.rebuild import check
from tests.powercut.centre_scenes import DATABASE, KIOSKS, Centre, unpack_keys
from tests.powercut.dumps import digest, dump
from tests.powercut.verdict import Opened, Problem
from tests.server.made import INC, MORNING, Kiosk

# Bringing a database to the newest schema takes 0.1 s, so it is done once per state of an unfinished one.
TABLES = ("alembic_version", "record")

# The whole server is started on the first image of each state and on every so manieth: it takes 60 ms, reading takes 6.
STARTED_EACH = 10


class CentreChecks:
    """Opens image after image. `place`: a folder for the keys; `given`: what the workflow was given."""

    def __init__(self, place: Path, given: dict[str, Any]):
        self._keys = unpack_keys(place, given)
        self._signer = Signer.from_pem(given["kiosks"][KIOSKS[0]])
        # What was found about a state of the database does not depend on which image said it.
        self._known: dict[str, list[Problem]] = {}
        self._count = 0
        self._upgraded: dict[str, Opened] = {}

    def open(self, folder: Path) -> Opened:
        """Open the image in `folder`; it is changed by that."""
        try:
            unfinished = self._unfinished(folder)
            if unfinished in self._upgraded:
                return self._upgraded[unfinished]
            opened = self._start(folder) if unfinished else self._open(folder)
        except (sqlite3.Error, DBAPIError) as error:
            return Opened("", {}, [("opens", f"{type(error).__name__}: {error}")])
        if unfinished:
            self._upgraded[unfinished] = opened
        return opened

    def _unfinished(self, folder: Path) -> str:
        """The state of a database whose schema is not there yet; empty when it is."""
        path = folder / DATABASE
        if not path.exists():
            return "no file"
        with closing(sqlite3.connect(path)) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            return "" if names.issuperset(TABLES) else digest(dump(connection))

    def _open(self, folder: Path) -> Opened:
        self._count += 1
        with closing(Database(f"sqlite:///{folder / DATABASE}")) as db:
            opened = _read(db)
        if opened.problems or (opened.digest in self._known and self._count % STARTED_EACH):
            return Opened(opened.digest, opened.dump, [*opened.problems, *self._known.get(opened.digest, [])])
        return self._start(folder)

    def _start(self, folder: Path) -> Opened:
        """The whole server starts on the image, as it would after the cut."""
        centre = Centre(folder, self._keys)
        try:
            opened = _read(centre.db)
            centre.start()
            if opened.digest not in self._known:
                report = check(centre.ledger)
                self._known[opened.digest] = [] if report.same else [("rebuild", " ".join(report.sentences))]
            return Opened(
                opened.digest, opened.dump, [*opened.problems, *self._known[opened.digest], *self._goes_on(centre)]
            )
        finally:
            centre.db.close()

    def _goes_on(self, centre: Centre) -> list[Problem]:
        """The next record of an enrolled kiosk is taken and acknowledged."""
        kiosk = Kiosk(KIOSKS[0], signer=self._signer)
        with centre.db.read() as conn:
            run = conn.exec_driver_sql
            if run("SELECT count(*) FROM writer WHERE k = ?", (kiosk.k,)).scalar() == 0:
                return []
            held = run(
                "SELECT seq, digest FROM record WHERE k = ? AND inc = ? ORDER BY seq DESC LIMIT 1", (kiosk.k, INC)
            ).first()
        if held is not None:
            kiosk.seq, kiosk.prev = held
        kiosk.hlc = (MORNING, 0)
        ack = centre.take(kiosk, [kiosk.opened(MORNING)])
        return (
            []
            if ack["committed"] == kiosk.seq
            else [("continues", f"record {kiosk.seq} is answered by {ack['committed']}")]
        )


def _read(db: Database) -> Opened:
    with db.read() as conn:
        connection = conn.connection.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        damage = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
        if damage:
            return Opened("", {}, [("integrity", str(line)) for line in damage])
        said = dump(connection)
    return Opened(digest(said), said, [])
