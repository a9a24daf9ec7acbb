"""Backup and restore, drilled: what is archived is in the copy; after a fire kiosks bring the rest, sealed or not (F78, I10).

Runs on SQLite and on PostgreSQL: a backup is the same file from both, and either can be restored onto the other.
"""

import json
import sqlite3
import subprocess

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from protocol import envelope, inbox
from server import backup
from server.backup import BackupError
from server.db import Database
from server.ledger import rebuild
from server.ledger.tables import BACKUP, COVERAGE, FORK, OWN_LOG, RECORD
from server.migrations.upgrade import upgrade
from server.sealing import Unsealer
from tests.server import databases
from tests.server.made import MORNING, Kiosk, Office, receipt
from tests.server.sealing import KEY, seal


def office_of(db, signer=None):
    return Office(db, signer=signer, unsealer=Unsealer([KEY]))


@pytest.fixture
def office(any_db):
    return office_of(any_db)


def back_up(office, folder, *, off_host=True, now=MORNING, copier=backup.copy):
    return backup.write(office.db, to=folder / "away", home=folder / "home", off_host=off_host, now=now, copier=copier)


def ack(office, kiosk, hello=None):
    return inbox.read_ack(office.ledger.ack(kiosk.k, kiosk.inc, now=MORNING, hello=hello).split(b"\n")[0])


def archived(office, kiosk):
    return ack(office, kiosk)["archived"]


def own_logs(office):
    with office.db.read() as conn:
        return sorted(conn.execute(select(RECORD.c.inc).where(RECORD.c.k == "server").distinct()).scalars())


def restored(office, place, folder):
    """The database is gone; another one holds the backup."""
    path = backup.read_manifest(place)
    if office.db.dialect == "sqlite":
        target = folder / "home" / "tram.db"
        assert backup.restore_file(path, target, replace=False, now=MORNING) is None
        db = Database(f"sqlite:///{target}")
    else:
        db = Database(office.db.engine.url.render_as_string(hide_password=False))
        backup.restore_postgresql(path, db, replace=True, now=MORNING)
    upgrade(db)
    again = office_of(db, office.signer)
    again.ledger.begin_anew(now=MORNING)
    return again


def test_drill_nothing_is_lost_that_kiosks_still_hold(office, tmp_path):
    """Back up, more records come, the database burns, restore: kiosks bring back what is plain and what is sealed."""
    kiosks = [office.kiosk(f"kiosk-{n}", inc=f"{n:016x}") for n in (1, 2, 3)]
    written = {kiosk.k: kiosk.visit(n) for n, kiosk in enumerate(kiosks)}
    for kiosk in kiosks:
        office.accept(kiosk, *written[kiosk.k])
    office.append(receipt(1))
    place = back_up(office, tmp_path).place
    for n, kiosk in enumerate(kiosks, 10):
        more = kiosk.visit(n)
        written[kiosk.k] += more
        office.accept(kiosk, *more)
    office.append(receipt(2))
    office.append(receipt(3))
    before = own_logs(office)
    office.db.close()

    again = restored(office, place, tmp_path)
    assert [ack(again, kiosk)["committed"] for kiosk in kiosks] == [7, 7, 7]
    for kiosk, how in zip(kiosks, (lambda pair: pair, seal, seal), strict=True):
        first = ack(again, kiosk)["committed"]
        hello = again.ledger.hear(*kiosk.hello(), k=kiosk.k, now=MORNING)
        assert ack(again, kiosk, hello)["need"] == [[first + 1, 14]]
        again.accept(kiosk, *[how(pair) for pair in written[kiosk.k][first:]])
        assert ack(again, kiosk)["committed"] == 14
        assert ack(again, kiosk)["status"] == []
    report = rebuild.check(again.ledger)
    assert report.same, report.sentences
    with again.db.read() as conn:
        digests = set(conn.execute(select(RECORD.c.digest).where(RECORD.c.k != "server")).scalars())
    assert digests == {envelope.parse(line).digest for pairs in written.values() for line, _ in pairs}
    # The own desk: its later receipts are gone, and no other bytes will ever stand under their names.
    again.append(receipt(4))
    assert len(own_logs(again)) == 2
    assert set(before) < set(own_logs(again))
    with again.db.read() as conn:
        assert conn.execute(select(func.count()).select_from(FORK)).scalar_one() == 0
        assert [row.why for row in conn.execute(select(OWN_LOG))] == ["restored"]
    again.db.close()


def test_archived_is_what_the_copy_holds_and_only_when_it_stands_elsewhere(office, tmp_path):
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    assert archived(office, kiosk) == 0
    assert not back_up(office, tmp_path, off_host=False).archived
    assert archived(office, kiosk) == 0
    made = back_up(office, tmp_path, now=MORNING + 1000)
    assert made.archived
    assert archived(office, kiosk) == 7
    office.accept(kiosk, *kiosk.visit(2))
    assert archived(office, kiosk) == 7
    back_up(office, tmp_path, now=MORNING + 2000)
    assert archived(office, kiosk) == 14
    with office.db.read() as conn:
        assert list(conn.execute(select(BACKUP.c.state).order_by(BACKUP.c.id)).scalars()) == [
            "verified", "archived", "archived",
        ]  # fmt: skip


def test_other_bytes_that_come_late_are_in_no_backup(office, tmp_path):
    """A clone's branch, or the good copy of a damaged record: `archived` ends before them until the next backup."""
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    office.accept(kiosk, *pairs)
    back_up(office, tmp_path)
    twin = office.enrol(Kiosk(signer=kiosk.signer))
    branch = [twin.checked_in(n) for n in range(1, 5)]
    office.accept(twin, branch[3])
    assert archived(office, kiosk) == 3
    back_up(office, tmp_path, now=MORNING + 1000)
    assert archived(office, kiosk) == 7


def test_what_comes_while_the_copy_is_made_is_not_called_archived(office, tmp_path):
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    office.accept(kiosk, *pairs)
    twin = office.enrol(Kiosk(signer=kiosk.signer))
    branch = [twin.checked_in(n) for n in range(1, 7)]

    def slow(db, path):
        backup.copy(db, path)
        office.accept(twin, branch[5])
        office.accept(kiosk, *kiosk.visit(2))

    back_up(office, tmp_path, copier=slow)
    assert archived(office, kiosk) == 5


def test_of_two_backups_at_once_only_the_later_marks(office, tmp_path):
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    inner = []

    def slow(db, path):
        backup.copy(db, path)
        inner.append(back_up(office, tmp_path, now=MORNING + 1000))

    assert not back_up(office, tmp_path, copier=slow).archived
    assert inner[0].archived


def test_a_kiosk_s_word_tells_that_the_database_was_put_back_by_hand(office):
    """Somebody copied an old file back without `restore`: the first greeting opens a new log for the own desk, once."""
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    office.append(receipt(1))
    old = own_logs(office)
    office.accept(kiosk, *pairs[:3])
    line, _ = kiosk.hello()
    value = {**inbox.read_hello(line), "first": 8}
    said = envelope.canon.write(value, inbox.HELLO_ORDER)
    for _ in range(3):
        office.ledger.hear(said, kiosk.signer.sign(said), k=kiosk.k, now=MORNING)
    assert len(own_logs(office)) == 2
    assert set(old) < set(own_logs(office))
    office.accept(kiosk, *pairs)
    assert rebuild.check(office.ledger).same


def test_what_a_kiosk_deleted_after_its_month_is_no_hole(office):
    """A server without any memory: the mark does not stand still before numbers that are on no disk."""
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    value = {**inbox.read_hello(kiosk.hello()[0]), "gone": 3}
    said = envelope.canon.write(value, inbox.HELLO_ORDER)
    office.ledger.hear(said, kiosk.signer.sign(said), k=kiosk.k, now=MORNING)
    assert ack(office, kiosk)["committed"] == 3
    office.accept(kiosk, *pairs[3:])
    assert ack(office, kiosk)["committed"] == 7
    value = {**value, "gone": 10**9}
    said = envelope.canon.write(value, inbox.HELLO_ORDER)
    office.ledger.hear(said, kiosk.signer.sign(said), k=kiosk.k, now=MORNING)
    with office.db.read() as conn:
        assert conn.execute(select(COVERAGE.c.gone).where(COVERAGE.c.k == kiosk.k)).scalar_one() == 7


def test_a_backup_restores_onto_the_other_kind_of_database(office, tmp_path):
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    office.append(receipt(1))
    path = backup.read_manifest(back_up(office, tmp_path).place)
    held = Database(f"sqlite:///{path}")
    assert rebuild.check(office_of(held, office.signer).ledger).same
    held.close()


@pytest.mark.integration
def test_sqlite_grows_into_postgresql(db, postgresql, tmp_path):
    office = office_of(db)
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    path = backup.read_manifest(back_up(office, tmp_path).place)
    databases.run(postgresql + "postgres", "CREATE DATABASE tram_grown")
    grown = Database(postgresql + "tram_grown")
    assert backup.restore_postgresql(path, grown, replace=False, now=MORNING) == ""
    again = office_of(grown, office.signer)
    again.accept(kiosk, *kiosk.visit(2))
    assert rebuild.check(again.ledger).same
    with pytest.raises(BackupError, match="--replace"):
        backup.restore_postgresql(path, grown, replace=False, now=MORNING)
    aside = backup.restore_postgresql(path, grown, replace=True, now=MORNING)
    with grown.read() as conn:
        assert conn.execute(text(f"SELECT count(*) FROM {aside}.record WHERE k <> 'server'")).scalar_one() == 14  # noqa: S608
        assert conn.execute(text("SELECT count(*) FROM record WHERE k <> 'server'")).scalar_one() == 7
    grown.close()
    databases.run(postgresql + "postgres", "DROP DATABASE tram_grown")


@pytest.mark.integration
@pytest.mark.skipif(databases.binaries() is None, reason="PostgreSQL's programs are not installed")
def test_postgresql_s_own_dump_comes_back_whole(postgresql, tmp_path):
    """An operator who prefers pg_dump: rows, triggers and sequences are there, and kiosks bring what it lacks."""
    databases.run(postgresql + "postgres", "CREATE DATABASE tram_dumped TEMPLATE tram_template")
    databases.run(postgresql + "postgres", "CREATE DATABASE tram_put_back")
    dumped, put_back = (postgresql.replace("+psycopg", "") + name for name in ("tram_dumped", "tram_put_back"))
    db = Database(dumped)
    office = office_of(db)
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    office.append(receipt(1))
    dump = tmp_path / "tram.dump"
    programs = databases.binaries()
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", dumped], check=True)
    later = kiosk.visit(2)
    office.accept(kiosk, *later)
    office.append(receipt(2))
    db.close()
    subprocess.run([programs / "pg_restore", "--exit-on-error", f"--dbname={put_back}", dump], check=True)
    held = Database(put_back)
    upgrade(held)
    again = office_of(held, office.signer)
    assert rebuild.check(again.ledger).same
    with pytest.raises(DBAPIError, match="append_only"), held.write() as conn:
        conn.execute(text("DELETE FROM record"))
    # The first greeting tells that the database was put back by hand: the own desk writes in a new log from then on.
    said = envelope.canon.write({**inbox.read_hello(kiosk.hello()[0]), "first": 15}, inbox.HELLO_ORDER)
    again.ledger.hear(said, kiosk.signer.sign(said), k=kiosk.k, now=MORNING)
    again.accept(kiosk, *later)
    again.append(receipt(3))
    assert ack(again, kiosk)["committed"] == 14
    assert len(own_logs(again)) == 2
    assert rebuild.check(again.ledger).same
    held.close()
    for name in ("tram_dumped", "tram_put_back"):
        databases.run(postgresql + "postgres", f"DROP DATABASE {name}")


def test_a_living_database_is_never_overwritten_and_never_thrown_away(db, tmp_path):
    office = office_of(db)
    path = backup.read_manifest(back_up(office, tmp_path).place)
    target = tmp_path / "living.db"
    target.write_bytes(b"the only copy")
    with pytest.raises(BackupError, match="--replace"):
        backup.restore_file(path, target, replace=False, now=MORNING)
    assert target.read_bytes() == b"the only copy"
    kept = backup.restore_file(path, target, replace=True, now=MORNING)
    assert kept is not None
    assert kept.read_bytes() == b"the only copy"
    assert target.read_bytes() == path.read_bytes()


def test_a_backup_never_lies_in_the_server_s_own_folder(db, tmp_path):
    with pytest.raises(BackupError, match="own folder"):
        backup.write(db, to=tmp_path / "home" / "backups", home=tmp_path / "home", off_host=True, now=MORNING)


def test_damage_is_found_before_anything_is_marked_or_restored(db, tmp_path):
    office = office_of(db)
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))

    def careless(source, path):
        backup.copy(source, path)
        raw = sqlite3.connect(path)
        raw.execute("DROP TRIGGER record_no_update")
        raw.execute(
            "UPDATE record SET line = CAST(replace(line, 'A-1', 'A-7') AS BLOB) WHERE seq = 1 AND k <> 'server'"
        )
        raw.commit()
        raw.close()

    with pytest.raises(BackupError, match="damaged"):
        back_up(office, tmp_path, copier=careless)
    assert archived(office, kiosk) == 0
    place = back_up(office, tmp_path, now=MORNING + 5000).place
    file = place / backup.DATABASE
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    with pytest.raises(BackupError, match="SHA-256"):
        backup.read_manifest(place)
    file.write_bytes(whole)
    told = json.loads((place / backup.MANIFEST).read_text())
    told["logs"][0]["committed"] += 1
    (place / backup.MANIFEST).write_text(json.dumps(told))
    with pytest.raises(BackupError, match="manifest"):
        backup.read_manifest(place)
    (place / backup.MANIFEST).unlink()
    with pytest.raises(BackupError, match="no backup"):
        backup.read_manifest(place)


def test_a_backup_holds_no_key(db, tmp_path):
    office = office_of(db)
    place = back_up(office, tmp_path).place
    assert {path.name for path in place.iterdir()} == {"tram.db", "backup.json"}
    assert b"PRIVATE KEY" not in (place / "tram.db").read_bytes()
    assert (place / "tram.db").stat().st_mode & 0o077 == 0
