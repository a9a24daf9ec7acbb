"""Databases for tests: a migrated SQLite file per test, and a real PostgreSQL started once per session on a free port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from server.db import Database
from server.migrations.upgrade import upgrade

BINARIES = Path("/usr/lib/postgresql/15/bin")
START_S = 30
# Set by `make postgresql`: the tests that need no file of SQLite's run on the other database.
EVERYTHING_ON_POSTGRESQL = os.environ.get("TRAM_TESTS_ON") == "postgresql"


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, or None."""
    if (BINARIES / "initdb").exists():
        return BINARIES
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def postgresql(*, fsync: bool = False) -> Iterator[str]:
    """A new cluster of its own on 127.0.0.1; gives the address of its database `postgres`; gone afterwards.

    `fsync`: does it wait for the disk, as in earnest? What is measured must; what is only tested need not.
    """
    programs = binaries()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="tram-pg-"))
    # PostgreSQL refuses to run as root.
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-A", "trust", "-U", "tram", "-E", "UTF8", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, env=environment, cwd=folder, **who)
    port = free_port()
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder), "port": port}
    settings["fsync"] = "on" if fsync else "off"
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *flags], stdout=log, stderr=log, env=environment, cwd=folder, **who
        )
    try:
        address = f"postgresql+psycopg://tram@127.0.0.1:{port}/postgres"
        wait_until_it_answers(address)
        yield address
    finally:
        server.terminate()
        server.wait(START_S)
        shutil.rmtree(folder)


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(address: str) -> None:
    """Return as soon as the database takes connections."""
    engine = create_engine(address)
    until = time.monotonic() + START_S
    while True:
        try:
            with engine.connect():
                break
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    engine.dispose()


def run(address: str, statement: str) -> None:
    """One statement outside any transaction, such as CREATE DATABASE."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(statement))
    engine.dispose()


def migrated_file(folder: Path) -> Path:
    """A migrated SQLite file to copy from."""
    path = folder / "template.db"
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    db.close()
    return path
