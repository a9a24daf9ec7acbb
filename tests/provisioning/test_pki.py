"""Keys and kits: what is in them, who may read them, what is refused, what is never left half made."""

import ssl
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.pki import (
    VALIDITY,
    AlreadyEnrolled,
    BadName,
    NoAuthority,
    enrol_kiosk,
    kiosk_home,
    make_authority,
    make_server_identity,
    read_writers,
)
from tests.provisioning.conftest import make_centre

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FORM = {
    "shard": "ha-giang",
    "site": "yen-minh-01",
    "writer": "kiosk-09",
    "broker_host": "broker.example",
    "broker_port": 8883,
    "now": NOW,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_centre(tmp_path_factory.mktemp("pki"), now=NOW)


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_nobody_else_may_read_anything(made):
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in made.folder.rglob("*")}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_kit_is_complete(made):
    kit = made.kit(made.one)
    assert {path.name for path in kit.iterdir()} == {
        "ca.pem",
        "client.pem",
        "client.key",
        "record-signing.key",
        "server-signing.pub",
        "server-sealing.pub",
        "enrolment.toml",
    }
    assert tomllib.loads((kit / "enrolment.toml").read_text("ascii")) == {
        "format": 1,
        "shard": "ha-giang",
        "site": "yen-minh-01",
        "writer": "kiosk-01",
        "broker_host": "localhost",
        "broker_port": 8883,
    }


def test_the_returned_public_key_checks_what_the_kit_signs(made):
    key = serialization.load_pem_private_key((made.kit(made.one) / "record-signing.key").read_bytes(), password=None)
    public = serialization.load_pem_public_key(made.one.public_key_pem.encode())
    assert isinstance(key.curve, ec.SECP256R1)
    assert key.public_key() == public


def test_signing_key_is_not_the_tls_key(made):
    kit = made.kit(made.one)
    assert (kit / "record-signing.key").read_bytes() != (kit / "client.key").read_bytes()


def test_certificate_says_who_and_what_for(made):
    kiosk = certificate(made.kit(made.one) / "client.pem")
    assert kiosk.subject.rfc4514_string() == "CN=ha-giang/yen-minh-01/kiosk-01"
    usage = kiosk.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [each.dotted_string for each in usage] == ["1.3.6.1.5.5.7.3.2"], "client only: it can play no broker"
    kiosk.verify_directly_issued_by(certificate(made.kit(made.one) / "ca.pem"))


def test_a_clock_one_day_behind_still_accepts(made):
    assert certificate(made.kit(made.one) / "client.pem").not_valid_before_utc == NOW - timedelta(days=1)


def test_authority_outlives_a_kiosk_of_the_fifth_year():
    assert VALIDITY["authority"] >= VALIDITY["kiosk"] + timedelta(days=5 * 365)


def test_no_certificate_outlives_the_authority(made, tmp_path):
    make_authority(tmp_path, now=NOW)
    late = NOW + VALIDITY["authority"] - timedelta(days=100)
    make_server_identity(tmp_path, now=late)
    enrol_kiosk(tmp_path, **FORM | {"now": late})
    kit = kiosk_home(tmp_path, "kiosk-09") / "kit"
    assert certificate(kit / "client.pem").not_valid_after_utc == certificate(kit / "ca.pem").not_valid_after_utc


def test_broker_answers_to_its_names(tmp_path):
    make_authority(tmp_path, now=NOW)
    make_server_identity(tmp_path, ["broker.example", "10.0.0.5"], now=NOW)
    names = certificate(tmp_path / "broker" / "broker.pem").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost", "broker.example"]
    assert [str(ip) for ip in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "10.0.0.5"]


def test_chain_passes_the_strict_verification_of_newer_pythons(made):
    context = ssl.create_default_context(cafile=str(made.server / "ca.pem"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    there, back = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.MemoryBIO()
    there.load_cert_chain(made.folder / "broker" / "broker.pem", made.folder / "broker" / "broker.key")
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    server = there.wrap_bio(back, incoming, server_side=True)
    for _ in range(4):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                back.write(outgoing.read())
    assert client.version() == "TLSv1.3"


def test_renewal_keeps_the_authority_and_the_signing_key(tmp_path):
    keys = tuple(f"server-{use}.{half}" for use in ("signing", "sealing") for half in ("key", "pub"))
    kept = ("authority/ca.pem", "authority/ca.key", *keys)
    renewed = ("broker/broker.pem", "server/client.pem")
    make_authority(tmp_path, now=NOW)
    make_server_identity(tmp_path, now=NOW)
    before = {name: (tmp_path / name).read_bytes() for name in kept + renewed}
    make_authority(tmp_path, now=NOW + timedelta(days=700))
    make_server_identity(tmp_path, now=NOW + timedelta(days=700))
    changed = {name for name, content in before.items() if (tmp_path / name).read_bytes() != content}
    assert changed == set(renewed)


def test_writers_are_read_back(made):
    assert read_writers(made.folder) == made.writers
    assert made.one.identity == "ha-giang/yen-minh-01/kiosk-01"


def test_the_same_writer_is_not_enrolled_twice(made):
    before = (made.kit(made.one) / "record-signing.key").read_bytes()
    with pytest.raises(AlreadyEnrolled):
        enrol_kiosk(made.folder, **FORM | {"writer": "kiosk-01", "site": "another-site"})
    assert (made.kit(made.one) / "record-signing.key").read_bytes() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"shard": "ha/giang"},
        {"site": "+"},
        {"site": "#"},
        {"site": ".."},
        {"writer": ""},
        {"writer": "Kiosk"},
        {"writer": "kiosk-01\ntopic readwrite #"},
        {"writer": "ref"},
        {"writer": "claims"},
        {"writer": "-rf"},
        {"writer": "k" * 33},
        {"site": "trạm"},
        {"broker_host": 'x"\nport = 1'},
        {"broker_host": ""},
    ],
)
def test_bad_names_make_nothing(made, wrong):
    before = sorted(made.folder.rglob("*"))
    with pytest.raises(BadName):
        enrol_kiosk(made.folder, **FORM | wrong)
    assert sorted(made.folder.rglob("*")) == before


def test_order_of_making_is_checked(tmp_path):
    with pytest.raises(NoAuthority):
        make_server_identity(tmp_path, now=NOW)
    make_authority(tmp_path, now=NOW)
    with pytest.raises(NoAuthority):
        enrol_kiosk(tmp_path, **FORM)
    assert read_writers(tmp_path) == ()


def test_no_key_is_in_the_repository(request):
    root = request.config.rootpath
    if not (root / ".git").exists():
        pytest.skip("not a checkout")
    word = "PRIVATE KEY"
    found = subprocess.run(
        ["git", "grep", "--cached", "-l", "-e", f"-----BEGIN [A-Z ]*{word}-----"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
    tracked = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert not [name for name in tracked.splitlines() if name.endswith((".key", ".p12", ".pfx", ".jks"))]
