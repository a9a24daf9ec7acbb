"""Backup and restore as commands: opens what they need around `backup`, says in sentences what was done. Decides nothing."""

from pathlib import Path

from server import app, backup
from server.clock import Clock
from server.config import Config
from server.db import Database
from server.ledger import rebuild, release


def back_up(config: Config, *, to: Path, off_host: bool) -> list[str]:
    """Write a backup; what was written and where all that is not in it lies, in sentences. Raises `ServerError`."""
    db = app.start_db(config)
    try:
        made = backup.write(db, to=to, home=config.folder.absolute(), off_host=off_host, now=Clock().wall_ms())
    finally:
        db.close()
    marks = "Kiosks are told that these records are archived." if made.archived else (
        "Nothing is marked as archived: say --off-host when the place is on another machine."
        if not off_host else "Nothing is marked as archived: another backup has begun meanwhile."
    )  # fmt: skip
    return [
        f"Database (with the attachments): {made.place / backup.DATABASE}",
        f"{made.records} records of {len(made.logs)} logs, read again and found whole. SHA-256 {made.sha256}",
        marks,
        _elsewhere(config),
    ]


def _elsewhere(config: Config) -> str:
    return (
        f"NOT in it, carry apart: the keys in {config.keys_folder.absolute()} (without server-sealing.key nobody opens "
        f"what kiosks keep sealed), session.key, the settings, and the outbox {config.outbox_file.absolute()}."
    )


def restore(config: Config, *, source: Path, replace: bool) -> tuple[list[str], bool]:
    """Put a backup back: sentences, and whether the live tables are what the records say. Raises `ServerError`."""
    clock = Clock()
    now = clock.wall_ms()
    path = backup.read_manifest(source)
    if not config.signing_key_file.exists():
        raise backup.BackupError(f"Put the keys back first: {config.signing_key_file.absolute()} is missing.")
    if config.database_url.startswith("sqlite"):
        target = Path(config.database_url.removeprefix("sqlite:///"))
        kept = str(backup.restore_file(path, target, replace=replace, now=now) or "")
    else:
        held = Database(config.database_url)
        try:
            kept = backup.restore_postgresql(path, held, replace=replace, now=now)
        finally:
            held.close()
    db = app.start_db(config)
    try:
        ledger = app.start_ledger(config, db=db, clock=clock)
        opened = ledger.begin_anew(now=now)
        # The backup may be of another release.
        release.settle(ledger, now=now)
        report = rebuild.check(ledger)
    finally:
        db.close()
    aside = [f"The database that stood here is kept: {kept}"] if kept else []
    return [
        f"Restored from {path}.",
        *aside,
        f"The server's own desk writes in a new log, {opened.inc}.",
        *report.sentences,
        "Start the server: kiosks bring what the backup lacks at their next greeting.",
    ], report.same
