"""One command makes a hub's kit; its ACL follows what is enrolled; names are taken once."""

import stat

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning import hub as command
from provisioning.hub import hub_config
from server import __main__ as server
from server.broker_acl import acl_text
from server.hubs import Hub, UnknownHub, enrol_hub, hub_home, read_hubs, revoke_hub
from server.pki import AlreadyEnrolled, BadName, enrol_kiosk
from tests.provisioning.conftest import NOW, SHARD, make_centre

FORM = {"shard": SHARD, "site": "yen-minh-01", "hosts": ("10.0.0.5", "hub.local"), "now": NOW}
HUB = Hub(name="hub-01", shard=SHARD, site="yen-minh-01", enrolled_at=0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    centre = make_centre(tmp_path_factory.mktemp("hubs"))
    enrol_hub(centre.folder, name="hub-01", **FORM)
    return centre


def certificate(made, name):
    return x509.load_pem_x509_certificate((hub_home(made.folder, "hub-01") / "kit" / name).read_bytes())


def test_two_keys_each_good_for_one_thing(made):
    broker, client = certificate(made, "broker.pem"), certificate(made, "client.pem")
    names = broker.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hub.local"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.5"]
    uses = [list(each.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) for each in (broker, client)]
    assert uses == [[ExtendedKeyUsageOID.SERVER_AUTH], [ExtendedKeyUsageOID.CLIENT_AUTH]]
    common = client.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert common == f"{SHARD}/yen-minh-01/hub-01"


def test_a_name_is_taken_once_by_kiosk_or_hub(made):
    for taken in ("hub-01", "kiosk-01"):
        with pytest.raises(AlreadyEnrolled):
            enrol_hub(made.folder, name=taken, **FORM)
    with pytest.raises(AlreadyEnrolled):
        enrol_kiosk(
            made.folder, shard=SHARD, site="yen-minh-01", writer="hub-01", broker_host="x", broker_port=1, now=NOW
        )


@pytest.mark.parametrize("name", ["ref", "claims", "Hub", "-x", "a/b", ""])
def test_names_that_are_no_topic_level_are_refused(made, name):
    with pytest.raises(BadName):
        enrol_hub(made.folder, name=name, **FORM)
    assert [hub.name for hub in read_hubs(made.folder)] == ["hub-01"]


def test_a_host_that_would_need_escaping_is_refused(made):
    with pytest.raises(BadName):
        enrol_hub(made.folder, name="hub-09", **{**FORM, "hosts": ("10.0.0.5\nallow_anonymous true",)})
    assert not hub_home(made.folder, "hub-09").exists()


def test_revoked_hub_has_no_line():
    assert f"user {HUB.identity}\n" in acl_text((), hubs=(HUB,))
    assert HUB.identity not in acl_text((), hubs=(Hub(**{**vars(HUB), "revoked_at": 1}),))


def test_unknown_hub_is_not_revoked(tmp_path):
    with pytest.raises(UnknownHub):
        revoke_hub(tmp_path, name="hub-01", now=NOW)


def test_configuration_is_the_brokers_and_a_bridge(tmp_path):
    text = hub_config(
        HUB,
        folder=tmp_path,
        port=8883,
        bind="10.0.0.5",
        user="mosquitto",
        log="stderr",
        centre=("c.example", 8884),
    )
    lines = set(text.splitlines())
    assert {"require_certificate true", "persistence false", "connection hub-01", "address c.example:8884"} <= lines
    carried = {line.split()[1:3][0]: line.split()[2] for line in lines if line.startswith("topic ")}
    assert carried == {"+/up": "out", "+/state": "out", "+/down": "in", "ref/#": "in"}
    assert all(f"tram/1/{SHARD}/yen-minh-01/" in line for line in lines if line.startswith("topic "))
    assert "${" not in text


def test_one_command_makes_the_kit_and_enrolment_keeps_its_acl(tmp_path):
    """As a technician does it: the hub first or a kiosk first, the hub's ACL names the site's kiosks and no other."""
    settings = tmp_path / "server.toml"
    settings.write_text(f'folder = "{tmp_path}"\nbroker_host = "centre.example"\n', "utf-8")

    def run(program, *words):
        done = CliRunner().invoke(program, ["--config", str(settings), *words], catch_exceptions=False)
        return done.exit_code, done.output

    def enrol(kiosk, site):
        assert run(server.main, "enrol", "--kiosk", kiosk, "--site", site, "--shard", "dong-nai")[0] == 0

    enrol("kiosk-01", "trang-dai")
    words = ("enrol", "--hub", "hub-01", "--site", "trang-dai", "--shard", "dong-nai", "--host", "192.168.7.2")
    code, said = run(command.main, *words)
    kit = hub_home(tmp_path / "keys", "hub-01") / "kit"
    assert (code, said.strip().splitlines()[-1]) == (0, str(kit))
    wanted = {"ca.pem", "broker.pem", "broker.key", "client.pem", "client.key", "acl", "crl.pem", "mosquitto.conf"}
    assert {path.name for path in kit.iterdir()} == wanted
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kit.iterdir())
    assert "address centre.example:8883\n" in (kit / "mosquitto.conf").read_text("ascii")
    enrol("kiosk-02", "trang-dai")
    enrol("kiosk-03", "bien-hoa")
    users = [line for line in (kit / "acl").read_text("ascii").splitlines() if line.startswith("user ")]
    assert users == ["user dong-nai/trang-dai/kiosk-01", "user dong-nai/trang-dai/kiosk-02"]
    acl = tmp_path / "keys" / "broker" / "acl"
    assert "user dong-nai/trang-dai/hub-01\n" in acl.read_text("ascii")
    key = (kit / "client.key").read_bytes()
    assert run(command.main, *words)[0] == 0, "again after a crash half-way: no new keys"
    assert (kit / "client.key").read_bytes() == key
    assert run(command.main, "revoke", "--hub", "hub-01")[0] == 0
    assert "hub-01" not in acl.read_text("ascii")
    assert run(command.main, "revoke", "--hub", "hub-77")[0] == 1
