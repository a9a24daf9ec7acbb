"""`make units`: centre, kiosk, hub and a centre in pieces installed by `install.sh` under a real systemd, then treated as life does."""

import json
import re

import pytest

from tests.booted.machine import SOURCE, Machine, MachineError, missing

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.skipif(missing() != "", reason=missing()),
]
INSTALL = f"{SOURCE}/provisioning/install.sh"
NAME = "tiem.example.vn"
# No device is at this machine, and the centre's pages have port 8080 here already.
KIOSK = """folder = "/var/lib/tram/kiosk"
kit = "/var/lib/tram/kit"
screen_port = 8090
camera = "none"
reader = "none"
printer = "none"
machine = "none"
"""
LASTING = ("tram-server", "tram-kiosk", "mosquitto")
PIECES = tuple(f"tram-{part}@{n}" for part in ("web", "ingest", "worker") for n in (1, 2))
KIT = "/var/lib/tram-server/keys/kiosks/kiosk-01/kit"
READY = "http://127.0.0.1:8080/api/v1/ready"
HUB = (
    "cd /opt/tram && runuser -u tram-server -- .venv/bin/python -m provisioning.hub --config /etc/tram/server.toml"
    " enrol --hub hub-01 --site trang-dai --shard dong-nai --host 127.0.0.1"
)
ENROL = ("tram-server", "enrol", "--site", "trang-dai", "--shard", "dong-nai", "--kiosk")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A centre in one process and its kiosk on one machine."""
    with Machine("tram-site", place=tmp_path_factory.mktemp("site") / "machine") as machine:
        machine.prepare(INSTALL, "centre", "--prepare")
        machine.prepare(INSTALL, "kiosk", "--prepare")
        machine.write("/etc/tram/kiosk.toml", KIOSK)
        machine.boot()
        machine.run(INSTALL, "centre", "--host", "127.0.0.1")
        machine.run("tram-server", "seed")
        machine.run(*ENROL, "kiosk-01")
        machine.run(INSTALL, "kiosk", "--kit", KIT)
        yield machine


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """A centre in several processes on PostgreSQL, behind a proxy."""
    with Machine("tram-pieces", place=tmp_path_factory.mktemp("pieces") / "machine") as machine:
        asked = ("centre", "--host", "127.0.0.1", "--pieces", "2", "--url", f"https://{NAME}/")
        machine.prepare(INSTALL, *asked, "--prepare")
        machine.boot()
        machine.run(INSTALL, *asked)
        yield machine


def states(machine, what):
    """What the kiosk's doctor says of its tiles of one name."""
    try:
        tiles = json.loads(machine.says("tram-kiosk", "doctor", "--json"))["tiles"]
    except ValueError:
        return set()
    return {tile["state"] for tile in tiles if tile["what"] == what}


def connected(machine):
    return states(machine, "network") == {"online"}


def processes(machine, names):
    return {name: machine.unit(name)["MainPID"] for name in names}


def active(machine, names):
    return all(machine.unit(name)["ActiveState"] == "active" for name in names)


def answer(machine, url):
    """Status, address and headers of a page, asked on the machine itself; its own certificate is taken for good."""
    asked = (
        "import ssl,sys,urllib.request as r;"
        "r.install_opener(r.build_opener(r.HTTPSHandler(context=ssl.create_default_context(cafile='/etc/tram/web/fullchain.pem'))));"
        "a=r.urlopen(sys.argv[1], timeout=10); print(a.status, a.url); print(a.headers)"
    )
    return machine.says("python3", "-c", asked, url)


def killed_and_back(machine, name):
    """SIGKILL of a unit's program; it has another one afterwards, by itself."""
    before = machine.unit(name)["MainPID"]
    machine.run("kill", "-KILL", before)
    machine.until(
        lambda: machine.unit(name)["MainPID"] not in (before, "0") and active(machine, [name]), f"{name} again"
    )


def test_a_kiosk_comes_up_and_reaches_its_centre(site):
    """The kit, the ACL that travels to the broker by itself, the lists, the first records."""
    assert active(site, LASTING)
    site.until(lambda: connected(site), "the kiosk's connection")
    site.until(lambda: states(site, "list") == {"fresh"}, "the lists", within_s=120)
    site.until(lambda: json.loads(site.says("tram-kiosk", "outbox"))["waiting"] == 0, "the records' way up")


def test_the_broker_learns_of_every_enrolment(site):
    site.run(*ENROL, "kiosk-02")
    site.until(lambda: "kiosk-02" in site.says("cat", "/etc/tram/broker/acl"), "the new ACL at the broker")


def test_installed_again_nothing_is_touched(site):
    before = processes(site, LASTING)
    said = site.run(INSTALL, "centre") + site.run(INSTALL, "kiosk")
    assert processes(site, LASTING) == before
    assert "Writing" not in said
    assert "Starting" not in said


def test_a_centre_of_one_process_does_not_become_one_in_pieces_by_the_way(site):
    with pytest.raises(MachineError, match="this centre is one process"):
        site.run(INSTALL, "centre", "--pieces", "2")


@pytest.mark.parametrize("name", LASTING)
def test_what_is_killed_comes_back(site, name):
    killed_and_back(site, name)
    site.until(lambda: connected(site), "the kiosk's connection")


def test_a_hung_kiosk_is_started_again(site):
    """The watchdog: a desk that does not turn for half a minute."""
    before = site.unit("tram-kiosk")["MainPID"]
    site.run("kill", "-STOP", before)
    site.until(lambda: site.unit("tram-kiosk")["MainPID"] not in (before, "0"), "another kiosk", within_s=90)
    assert "watchdog" in site.says("journalctl", "-u", "tram-kiosk", "-n", "20", "--no-pager").lower()
    site.until(lambda: connected(site), "the kiosk's connection")


def test_a_program_that_does_not_start_is_taken_back(site):
    before = site.says("readlink", "-f", "/opt/tram")
    sound = site.run("cat", f"{SOURCE}/kiosk/__main__.py")
    site.write(f"{SOURCE}/kiosk/__main__.py", "raise SystemExit('spoilt on the way')\n")
    with pytest.raises(MachineError, match="the one before runs again"):
        site.run("env", "PATIENCE_S=20", INSTALL, "kiosk")
    assert site.says("readlink", "-f", "/opt/tram") == before
    assert active(site, LASTING)
    site.write(f"{SOURCE}/kiosk/__main__.py", sound + "\n# a later release\n")
    site.run(INSTALL, "kiosk")
    assert site.says("readlink", "-f", "/opt/tram") != before
    site.until(lambda: connected(site), "the kiosk's connection")


def test_after_a_power_cut_everything_comes_back_by_itself(site):
    site.cut()
    site.boot()
    site.until(lambda: active(site, LASTING), "the programs")
    site.until(lambda: connected(site), "the kiosk's connection")


def test_no_program_may_write_where_it_has_nothing_to_write(site):
    """What systemd takes away from them holds: the program's own folder is not theirs, nor another's state."""
    for name, theirs, other in (
        ("tram-kiosk", "/var/lib/tram", "/var/lib/tram-server"),
        ("tram-server", "/var/lib/tram-server", "/var/lib/tram"),
    ):
        user, pid = site.says("systemctl", "show", "-p", "User", "--value", name), site.unit(name)["MainPID"]
        assert re.search(r"NoNewPrivs:\s+1", site.run("cat", f"/proc/{pid}/status"))
        for folder, may in (
            (theirs, True),
            (other, False),
            ("/opt/tram", False),
            ("/etc/tram", False),
            ("/usr", False),
        ):
            tried = f"nsenter -t {pid} -m runuser -u {user} -- test -w {folder} && echo may"
            assert (site.says("bash", "-c", tried) == "may") is may, (name, folder)


def test_a_copy_every_night_and_only_onto_another_disk(site):
    with pytest.raises(MachineError, match="mount point"):
        site.run(INSTALL, "centre", "--backup", "/srv")
    site.run("bash", "-c", "mkdir -p /mnt/other && mount -t tmpfs tmpfs /mnt/other")
    site.run(INSTALL, "centre", "--backup", "/mnt/other")
    site.run("systemctl", "start", "tram-backup")
    assert "backup.json" in site.says("bash", "-c", "ls /mnt/other/tram/*")
    assert "tram-backup.timer" in site.says("systemctl", "list-timers", "--no-pager")
    site.run("umount", "/mnt/other")
    with pytest.raises(MachineError, match="ssert"):
        site.run("systemctl", "start", "tram-backup")
    site.run("systemctl", "start", "tram-duplicates")


def test_a_centre_in_pieces_behind_its_proxy(pieces):
    assert active(pieces, (*PIECES, "mosquitto", "nginx", "tram-centre.target"))
    pieces.run("bash", "-c", f"echo 127.0.0.1 {NAME} >> /etc/hosts")
    said = answer(pieces, f"https://{NAME}/")
    assert said.startswith("200 ")
    assert "strict-transport-security" in said.lower()
    assert answer(pieces, f"http://{NAME}/").startswith(f"200 https://{NAME}/")
    assert "tram-server" in pieces.says(
        "runuser", "-u", "postgres", "--", "psql", "-Atc", "SELECT rolname FROM pg_roles"
    )


def test_a_centre_in_pieces_stays_one_when_it_is_installed_again(pieces):
    """Whoever upgrades does not say anew how it was made; a server of one process beside them would be a second one."""
    before = processes(pieces, PIECES)
    pieces.run(INSTALL, "centre")
    assert processes(pieces, PIECES) == before
    assert pieces.unit("tram-server")["ActiveState"] == "inactive"


def test_a_database_that_cannot_be_brought_to_the_new_release_is_served_by_the_old_one(pieces):
    before = pieces.says("readlink", "-f", "/opt/tram")
    sound = pieces.run("cat", f"{SOURCE}/server/apart.py")
    pieces.write(f"{SOURCE}/server/apart.py", "raise SystemExit('spoilt on the way')\n")
    with pytest.raises(MachineError, match="the one before runs again"):
        pieces.run(INSTALL, "centre")
    pieces.write(f"{SOURCE}/server/apart.py", sound)
    assert pieces.says("readlink", "-f", "/opt/tram") == before
    assert active(pieces, PIECES)


@pytest.mark.parametrize("name", PIECES)
def test_each_piece_comes_back(pieces, name):
    killed_and_back(pieces, name)


def test_a_centre_in_pieces_after_a_power_cut(pieces):
    pieces.cut()
    pieces.boot()
    pieces.until(
        lambda: active(pieces, (*PIECES, "mosquitto", "nginx", "postgresql@15-main")), "all pieces", within_s=120
    )
    pieces.until(lambda: answer(pieces, READY).startswith("200 "), "readiness")


def test_a_hub_from_its_kit(site, tmp_path):
    """The kit is made at the centre and carried; on its own machine it is the site's broker, also after a power cut."""
    site.run("bash", "-c", HUB)
    with Machine("tram-hub", place=tmp_path / "machine") as hub:
        hub.prepare(INSTALL, "hub", "--prepare")
        hub.write(
            "/srv/kit.tar.64", site.run("bash", "-c", "tar -c -C /var/lib/tram-server/keys/hubs/hub-01 kit | base64")
        )
        hub.boot()
        with pytest.raises(MachineError, match="needs --kit"):
            hub.run(INSTALL, "hub")
        hub.run("bash", "-c", "base64 -d /srv/kit.tar.64 | tar -x -C /srv")
        hub.run(INSTALL, "hub", "--kit", "/srv/kit")
        killed_and_back(hub, "mosquitto")
        hub.cut()
        hub.boot()
        hub.until(lambda: active(hub, ["mosquitto"]), "the broker")
        assert ":8883" in hub.says("ss", "-ltn")
