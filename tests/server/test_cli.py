"""The commands of `python -m server`: what each prints, how each fails, that each has help and stands in the README."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioning.broker import Broker
from server.__main__ import main
from server.db import Database
from server.ledger.tables import RECORD, WRITER
from server.pki import read_writers
from tests.server.made_up_kiosk import KioskEnd, Log
from tests.server.sealing import seal

REPOSITORY = Path(__file__).resolve().parent.parent.parent
README = REPOSITORY / "server" / "README.md"


@pytest.fixture
def cli(tmp_path):
    """`cli("seed")`: what the command printed; `code` is the exit code it must end with."""

    def _run(*words, code=0):
        result = CliRunner().invoke(main, ["--folder", str(tmp_path), *words])
        assert result.exit_code == code, result.output
        return result.output

    return _run


def test_every_command_has_help_and_stands_in_the_readme():
    text = README.read_text("utf-8")
    for name, command in main.commands.items():
        assert command.help, name
        assert f"`{name}" in text or f"server {name}" in text, name
        for option in (
            *command.params,
            *(each for one in getattr(command, "commands", {}).values() for each in one.params),
        ):
            assert option.param_type_name == "argument" or option.help, f"{name} {option.name}"


def test_the_demo_is_seeded_and_reported(cli):
    assert json.loads(cli("seed")) == {"site": "trang-dai", "staff": 6, "appointments": 40, "receipts": 4}
    report = json.loads(cli("report"))
    assert report["records"] == {"stock.received": 4}
    assert report["records_today"] == {"stock.received": 4}
    assert {row["lot"]: row["on_hand"] for row in report["stock"]}["AZ-21H014"] == 600
    assert report["today"]["doses"] == 0
    assert json.loads(cli("report", "--day", "2021-10-03"))["records_today"] == {}
    assert "is no day" in cli("report", "--day", "3/10/2021", code=1)


def test_rebuild_says_its_verdict_and_sees_a_changed_row(cli, tmp_path):
    cli("seed")
    assert cli("rebuild", "--check").splitlines()[-1] == "The rebuild is identical to the live tables."
    db = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    with db.write() as conn:
        conn.exec_driver_sql("UPDATE stock_receipt SET doses = doses + 1 WHERE lot = 'AZ-21H014'")
    db.close()
    assert cli("rebuild", "--check", code=1).splitlines()[-1] == "The rebuild DIFFERS from the live tables."
    assert cli("rebuild") == "Derived again from 4 records.\n"
    cli("rebuild", "--check")


def test_backup_and_restore_by_hand(cli, tmp_path):
    """F78: burn the folder but the keys, restore, and all stands; a living database is not overwritten by mistake."""
    home, away = tmp_path / "home", tmp_path / "away"
    cli("--folder", str(home), "seed")
    assert "own folder" in cli("--folder", str(home), "backup", "--to", str(home / "b"), code=1)
    assert "say --off-host" in cli("--folder", str(home), "backup", "--to", str(tmp_path / "near"))
    told = cli("--folder", str(home), "backup", "--to", str(away), "--off-host")
    assert "4 records of 1 logs, read again and found whole" in told
    assert "Kiosks are told that these records are archived." in told
    assert f"NOT in it, carry apart: the keys in {home / 'keys'}" in told
    place = str(next(away.iterdir()))
    assert "--replace" in cli("--folder", str(home), "restore", "--from", place, code=1)
    cli("--folder", str(home), "restore", "--from", place, "--replace")
    assert len(list(home.glob("tram.db.replaced-*"))) == 1
    (home / "tram.db").unlink()
    told = cli("--folder", str(home), "restore", "--from", place)
    assert "The rebuild is identical to the live tables." in told
    assert "writes in a new log" in told
    assert json.loads(cli("--folder", str(home), "report"))["records"] == {"log.opened": 1, "stock.received": 4}
    for path in (home / "keys").glob("server-signing*"):
        path.unlink()
    (home / "tram.db").unlink()
    assert "Put the keys back first" in cli("--folder", str(home), "restore", "--from", place, code=1)
    assert "no backup" in cli("--folder", str(home), "restore", "--from", str(tmp_path), code=1)


def test_an_account_is_made_once_and_for_a_unit_that_exists(cli):
    words = ("create-account", "--login", "hoa", "--name", "Vũ Thị Hoa", "--role", "officer", "--unit", "75")
    assert "there is no unit" in cli(*words, code=1)
    cli("seed")
    first = re.search(r"First password: (\S+)", cli(*words))[1]
    assert len(first) >= 12
    assert cli(*words, code=1).startswith("Error: ")
    assert "as given" in cli(*words[:2], "lan", *words[3:], "--password", "mat khau dau tien")


def test_tokens_units_and_a_lost_password(cli):
    cli("seed")
    token = cli("create-token", "--name", "sở y tế", "--unit", "75").strip()
    assert token.startswith("tram_")
    assert cli("revoke-token", "--name", "sở y tế") == "1 revoked.\n"
    assert cli("revoke-token", "--name", "sở y tế") == "0 revoked.\n"
    assert "there is no unit" in cli("create-token", "--name", "x", "--unit", "nowhere", code=1)
    cli("create-account", "--login", "hoa", "--name", "Hoa", "--role", "admin", "--unit", "75")
    assert re.search(r"First password: \S{12}", cli("reset-account", "--login", "HOA"))
    assert "there is no account" in cli("reset-account", "--login", "lan", code=1)
    assert "63 province, 705 district, 10599 commune" in cli("units", "load") + cli(
        "units", "count", "--day", "2021-10-03"
    )
    assert "is no day" in cli("units", "count", "--day", "3/10/2021", code=1)
    assert "aefi 0900000075" in cli("units", "contact", "--unit", "75", "--phone", "0900000075")


def test_the_chain_of_who_looked_is_checked_by_a_command(cli, tmp_path):
    cli("seed")
    cli("create-account", "--login", "hoa", "--name", "Hoa", "--role", "admin", "--unit", "75")
    for _ in range(2):
        cli("reset-account", "--login", "hoa")
    told = cli("audit")
    assert told.startswith("The chain is whole: 2 rows.")
    assert "is whole" in cli("audit", "--since", told.split()[-1])
    assert "was CUT" in cli("audit", "--since", "0" * 63 + "1", code=1)
    db = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    with db.write() as conn:
        conn.exec_driver_sql("UPDATE audit SET account = 'x' WHERE id = 1")
    db.close()
    assert "is BROKEN at row 1" in cli("audit", code=1)


def test_enrolling_makes_a_kit_registers_the_writer_and_writes_the_acl(cli, tmp_path):
    words = ("enrol", "--kiosk", "kiosk-01", "--site", "trang-dai", "--shard", "dong-nai")
    kit = Path(cli(*words).strip())
    assert {path.name for path in kit.iterdir()} == {
        "ca.pem", "client.pem", "client.key", "record-signing.key", "server-signing.pub", "server-sealing.pub",
        "enrolment.toml",
    }  # fmt: skip
    key = (kit / "client.key").read_bytes()
    assert Path(cli(*words).strip()) == kit
    assert (kit / "client.key").read_bytes() == key
    acl = (tmp_path / "keys" / "broker" / "acl").read_text()
    assert "user dong-nai/trang-dai/kiosk-01" in acl
    db = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    with db.read() as conn:
        assert {row.k for row in conn.execute(WRITER.select())} == {"server", "kiosk-01"}
    db.close()
    assert "already enrolled" in cli(*words[:4], "elsewhere", *words[5:], code=1)
    assert "may hold only" in cli("enrol", "--kiosk", "Kiosk 1", "--site", "trang-dai", "--shard", "dong-nai", code=1)


def test_enrolling_into_another_folder(cli, tmp_path):
    folder = tmp_path / "pki"
    words = ("--kiosk", "kiosk-02", "--site", "trang-dai", "--shard", "dong-nai", "--broker-port", "9999")
    kit = Path(cli("enrol", *words, "--folder", str(folder)).strip())
    assert kit == folder / "kiosks" / "kiosk-02" / "kit"
    assert "broker_port = 9999" in (kit / "enrolment.toml").read_text()


def test_one_more_ingest_gets_an_identity_that_later_enrolments_keep(cli, tmp_path):
    place = Path(cli("add-ingest", "ingest-2").strip())
    key = (place / "client.key").read_bytes()
    cli("add-ingest", "ingest-2")
    cli("enrol", "--kiosk", "kiosk-01", "--site", "trang-dai", "--shard", "dong-nai")
    acl = (tmp_path / "keys" / "broker" / "acl").read_text()
    assert re.findall(r"^user (\S+)", acl, re.MULTILINE) == ["ingest-2", "server", "dong-nai/trang-dai/kiosk-01"]
    assert (place / "client.key").read_bytes() == key
    for taken in ("broker", "hubs", "../x"):
        cli("add-ingest", taken, code=1)
    assert cli("shares") == ""


def test_the_outbox_of_nobody_is_empty(cli):
    assert cli("outbox") == ""


def test_a_new_centre_has_what_its_broker_starts_with(cli, tmp_path):
    """Before any kiosk is enrolled: the broker is set up first."""
    assert cli("migrate") == "The database is at the newest schema.\n"
    broker = tmp_path / "keys" / "broker"
    assert re.findall(r"^user (\S+)", (broker / "acl").read_text(), re.MULTILINE) == ["server"]
    assert all((broker / name).exists() for name in ("ca.pem", "broker.pem", "broker.key", "crl.pem"))


def test_a_wrong_setting_is_one_sentence(tmp_path):
    path = tmp_path / "server.toml"
    path.write_text("web_prot = 1\n")
    result = CliRunner().invoke(main, ["--config", str(path), "report"])
    assert result.exit_code == 1
    assert result.output.endswith("unknown setting 'web_prot'; the nearest is 'web_port'\n")


class Running:
    """A real `python -m server ...`; `address` is the one it printed, `ready_s` how long that took."""

    def __init__(self, folder, command, **settings):
        config = folder / "server.toml"
        values = {"folder": str(folder), "web_port": 0, "reference_every_s": 1, "worker_every_ms": 50, **settings}
        config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        begun = time.monotonic()
        self.log = (folder / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "--config", str(config), command],
            stdout=subprocess.PIPE, stderr=self.log, cwd=REPOSITORY, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.said = self.process.stdout.readline().decode().strip()
        self.ready_s = time.monotonic() - begun
        self.address = self.said.rpartition(" ")[2]

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process.stdout.close()
        self.log.close()
        return code


@pytest.fixture
def running(tmp_path):
    begun = []

    def _start(command, **settings):
        begun.append(Running(tmp_path, command, **settings))
        return begun[-1]

    yield _start
    for each in begun:
        if each.process.returncode is None:
            each.stop(signal.SIGKILL)


@pytest.mark.integration
def test_run_takes_records_serves_pages_and_ends_cleanly(cli, running, tmp_path):
    cli("seed")
    kit = Path(cli("enrol", "--kiosk", "kiosk-01", "--site", "trang-dai", "--shard", "dong-nai").strip())
    with Broker(tmp_path / "keys", writers=read_writers(tmp_path / "keys")) as broker:
        server = running("run", broker_port=broker.port)
        assert server.said.startswith("Tram is ready at http://127.0.0.1:")
        with urllib.request.urlopen(f"{server.address}console/sign-in", timeout=5) as answer:  # noqa: S310 - our own
            assert answer.status == 200
        kiosk = KioskEnd(kit, shard="dong-nai", site="trang-dai", k="kiosk-01", port=broker.port)
        log = Log(kiosk.signer).check_ins(8)
        kiosk.insist(log, last=8, committed=8)
        assert set(kiosk.lists(1)) <= {"site", "staff", "lots", "rules", "forms", "appointments", "keys", "texts", ""}
        assert server.stop() == 0
        assert b"Traceback" not in (tmp_path / "server.log").read_bytes()
        kiosk.close()
    assert json.loads(cli("report"))["records"]["visit.checked_in"] == 8
    cli("rebuild", "--check")


@pytest.mark.integration
def test_drill_a_fire_between_two_processes(cli, running, tmp_path):
    """F78, I10: backed up while it runs, burnt, restored; over a real broker the kiosk brings back the rest, sealed."""
    cli("seed")
    kit = Path(cli("enrol", "--kiosk", "kiosk-01", "--site", "trang-dai", "--shard", "dong-nai").strip())
    public = (kit / "server-sealing.pub").read_bytes()
    away = tmp_path.with_name(tmp_path.name + "-away")
    with Broker(tmp_path / "keys", writers=read_writers(tmp_path / "keys")) as broker:
        kiosk = KioskEnd(kit, shard="dong-nai", site="trang-dai", k="kiosk-01", port=broker.port)
        log = Log(kiosk.signer).check_ins(9)
        server = running("run", broker_port=broker.port)
        kiosk.insist(log, last=5, committed=5)
        assert "Kiosks are told" in cli("backup", "--to", str(away), "--off-host")
        assert kiosk.insist(log, last=5, committed=5)["archived"] == 5
        kiosk.insist(log, last=9, committed=9)
        assert server.stop() == 0
        for path in tmp_path.glob("tram.db*"):
            path.unlink()
        assert "identical to the live tables" in cli("restore", "--from", str(next(away.iterdir())))
        server = running("run", broker_port=broker.port)
        plain, log.pairs = log.pairs, [seal(pair, public=public) for pair in log.pairs]
        log.heads = plain
        kiosk.insist(log, last=9, committed=9)
        assert server.stop() == 0
        kiosk.close()
    report = json.loads(cli("report"))
    assert report["records"]["visit.checked_in"] == 9
    assert "identical to the live tables" in cli("rebuild", "--check")


@pytest.mark.integration
def test_run_killed_at_any_moment_loses_nothing_it_acknowledged(cli, running, tmp_path):
    cli("seed")
    kit = Path(cli("enrol", "--kiosk", "kiosk-01", "--site", "trang-dai", "--shard", "dong-nai").strip())
    with Broker(tmp_path / "keys", writers=read_writers(tmp_path / "keys")) as broker:
        kiosk = KioskEnd(kit, shard="dong-nai", site="trang-dai", k="kiosk-01", port=broker.port)
        log = Log(kiosk.signer).check_ins(60)
        for last in (20, 40, 60):
            server = running("ingest", broker_port=broker.port)
            committed = kiosk.insist(log, last=last, committed=last - 10)["committed"]
            server.stop(signal.SIGKILL)
            db = Database(f"sqlite:///{tmp_path / 'tram.db'}")
            with db.read() as conn:
                held = {row.seq for row in conn.execute(RECORD.select().where(RECORD.c.k == "kiosk-01"))}
            db.close()
            assert set(range(1, committed + 1)) <= held
        kiosk.close()
    assert "identical to the live tables" in cli("rebuild", "--check")
