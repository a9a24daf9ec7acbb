"""Keys and certificates: the authority, the broker's and the server's identities, and one enrolment kit per kiosk.

Owns the folder they live in and who is allowed to read it. Contains no business logic, opens no network and no
database, never reads the clock: the server's command `enrol` passes `now` and registers the `Writer` that comes back.
"""

import ipaddress
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from protocol import topics
from protocol.errors import ProtocolError

# How long each certificate holds, with its reason.
VALIDITY = {
    # Must outlive a kiosk enrolled in the campaign's fifth year, or that kiosk would stop early.
    "authority": timedelta(days=365 * 15),
    # TLS clients refuse longer ones (825 days is the strictest common limit); the broker sits where staff can renew it.
    "broker": timedelta(days=820),
    "server": timedelta(days=820),
    # A kiosk rests in a cupboard between campaigns. A stolen one is stopped by its lines in the broker's ACL, at once.
    "kiosk": timedelta(days=365 * 5),
}
# A Pi wakes without a clock: one that runs hours behind must still accept what was made "just now".
BACKDATED = timedelta(days=1)

SERVER_NAME = "server"
# Levels that stand beside the writers in `tram/1/<shard>/<site>/…`.
RESERVED_WRITERS = frozenset({topics.REF, topics.CLAIMS})
# Host names and IP addresses: nothing that would need escaping in a file or on a command line.
HOST_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252})")
ENROLMENT_FORMAT = 1


class PkiError(ValueError):
    """A key or certificate could not be made; the text says what to do."""


class BadName(PkiError):
    """A shard, site, writer or host name holds signs that a topic or a file name must not hold."""


class AlreadyEnrolled(PkiError):
    """The writer exists. A replaced card or box is a new writer: its old records stay signed by the old key."""


class NoAuthority(PkiError):
    """The folder holds no authority yet."""


@dataclass(frozen=True)
class Writer:
    """The public half of an enrolled kiosk, one row of the server's table `writer`. Times are UTC milliseconds."""

    k: str
    shard: str
    site: str
    public_key_pem: str
    enrolled_at: int
    revoked_at: int | None = None

    @property
    def identity(self) -> str:
        """The certificate's common name, which the broker takes as user name and client id."""
        return f"{self.shard}/{self.site}/{self.k}"


def make_authority(folder: Path, *, now: datetime) -> Path:
    """Make `folder/authority/ca.key` and `ca.pem`; leave an existing one alone. Returns the path of `ca.pem`."""
    place = folder / "authority"
    if (place / "ca.pem").exists():
        return place / "ca.pem"
    private_folder(place)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("Tram authority")
    certificate = (
        _builder(subject=name, issuer=name, public_key=key.public_key(), issuer_key=key.public_key())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + VALIDITY["authority"])
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(place / "ca.key", _private_pem(key))
    write_private(place / "ca.pem", _certificate_pem(certificate))
    return place / "ca.pem"


def make_server_identity(
    folder: Path, names: Sequence[str] = (), *, now: datetime, processes: Sequence[str] = (SERVER_NAME,)
) -> None:
    """Make what the centre needs, replacing certificates (that is how one renews) but never the signing key.

    `folder/broker/`: ca.pem, broker.pem, broker.key (names: localhost, 127.0.0.1 and `names`).
    `folder/<process>/` for each process that connects (`server` by default): ca.pem, client.pem, client.key.
    `folder/server-signing.key` and `.pub`: the ES256 key under every acknowledgement and manifest;
    `folder/server-sealing.key` and `.pub`: see `make_sealing_key`.
    Each process is an identity of its own, because the broker ends the older of two connections with one client id.
    """
    authority = Authority(folder)
    alternatives = host_names(("localhost", "127.0.0.1", *names))
    authority.issue(
        folder / "broker",
        stem="broker",
        name="broker",
        validity=VALIDITY["broker"],
        now=now,
        purpose=ExtendedKeyUsageOID.SERVER_AUTH,
        alternatives=alternatives,
    )
    for process in processes:
        check_name(process)
        authority.issue(folder / process, stem="client", name=process, validity=VALIDITY["server"], now=now)
    _make_pair(folder, "server-signing")
    make_sealing_key(folder)


def make_sealing_key(folder: Path) -> None:
    """Make `folder/server-sealing.key` and `.pub`, to which kiosks seal what they keep; leave an existing one alone.

    Without the private half nobody opens what they sealed: carry it off this machine, apart from the backups.
    """
    _make_pair(folder, "server-sealing")


def _make_pair(folder: Path, stem: str) -> None:
    private = folder / f"{stem}.key"
    if not private.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(folder / f"{stem}.pub", _public_pem(key))
        write_private(private, _private_pem(key))


def enrol_kiosk(
    folder: Path, *, shard: str, site: str, writer: str, broker_host: str, broker_port: int, now: datetime,
    validity: timedelta = VALIDITY["kiosk"], door: tuple[str, int] | None = None,
) -> Writer:  # fmt: skip
    """Make one kiosk's keys. The kit it needs is `folder/kiosks/<writer>/kit/`; the public half is returned.

    `door`: host and port where it asks for a certificate when its own is over; without one a hand carries it there.

    Kit: ca.pem, client.pem, client.key, record-signing.key, server-signing.pub, server-sealing.pub, enrolment.toml.
    Nothing of it is left half made: the folder appears by one rename. Raises BadName, AlreadyEnrolled, NoAuthority.
    """
    for name in (shard, site, writer):
        check_name(name)
    for host in (broker_host, *(door or ())[:1]):
        check_host(host)
    if writer in RESERVED_WRITERS:
        raise BadName(f"{writer!r} is a topic level of the site itself, choose another writer name")
    home = kiosk_home(folder, writer)
    if home.exists() or (folder / "hubs" / writer).exists():
        raise AlreadyEnrolled(f"writer {writer!r} is already enrolled in {home}; a replaced kiosk takes a new name")
    publics = [folder / "server-signing.pub", folder / "server-sealing.pub"]
    if not all(public.exists() for public in publics):
        raise NoAuthority(f"{folder} holds no server identity yet: make_server_identity comes first")
    authority = Authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    enrolled = Writer(
        k=writer,
        shard=shard,
        site=site,
        public_key_pem=_public_pem(key).decode("ascii"),
        enrolled_at=int(now.timestamp() * 1000),
    )
    draft = home.with_name(f".{writer}.{os.getpid()}")
    kit = draft / "kit"
    authority.issue(kit, stem="client", name=enrolled.identity, validity=validity, now=now)
    write_private(kit / "record-signing.key", _private_pem(key))
    for public in publics:
        write_private(kit / public.name, public.read_bytes())
    text = _enrolment_text(enrolled, broker_host, broker_port, door)
    write_private(kit / "enrolment.toml", text.encode("ascii"))
    note_writer(draft.parent, enrolled, home=draft)
    draft.rename(home)
    sync_folder(home.parent)
    return enrolled


def kiosk_home(folder: Path, writer: str) -> Path:
    """Where a writer's `kit/` and `writer.json` lie."""
    return folder / "kiosks" / writer


def note_writer(folder: Path, writer: Writer, *, home: Path | None = None) -> None:
    """Write down a writer (one with keys of its own, a revoked one): an ACL may be made from this folder alone."""
    text = json.dumps(asdict(writer), indent=1)
    write_private((home or kiosk_home(folder, writer.k)) / "writer.json", text.encode("ascii"))


def read_writers(folder: Path) -> tuple[Writer, ...]:
    """All writers enrolled in this folder, by name. The kits may be gone (carried to the kiosks and deleted here)."""
    found = sorted((folder / "kiosks").glob("*/writer.json"))
    return tuple(Writer(**json.loads(path.read_text("ascii"))) for path in found)


def host_names(names: Sequence[str]) -> x509.SubjectAlternativeName:
    """Under which names or addresses a broker may be reached. Raises `BadName`."""
    return x509.SubjectAlternativeName([_alternative(name) for name in names])


def write_private(path: Path, content: bytes) -> None:
    """Replace a file whole and durably, readable by its owner only from the first byte on; its folder likewise."""
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


class Authority:
    """The opened authority of one folder. Raises `NoAuthority`."""

    def __init__(self, folder: Path) -> None:
        place = folder / "authority"
        if not (place / "ca.key").exists():
            raise NoAuthority(f"{folder} holds no authority: make_authority comes first")
        key = serialization.load_pem_private_key((place / "ca.key").read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise NoAuthority(f"{place / 'ca.key'} is not an elliptic curve key")
        self._key = key
        self._pem = (place / "ca.pem").read_bytes()
        self._certificate = x509.load_pem_x509_certificate(self._pem)

    def issue(
        self,
        place: Path,
        *,
        stem: str,
        name: str,
        validity: timedelta,
        now: datetime,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
        alternatives: x509.SubjectAlternativeName | None = None,
    ) -> None:
        """Write ca.pem, `stem`.pem and `stem`.key; a kiosk's key is good for clients only, so it can play no broker."""
        key = ec.generate_private_key(ec.SECP256R1())
        more: dict[str, Any] = {"purpose": purpose, "alternatives": alternatives}
        made = self.certify(key.public_key(), name=name, validity=validity, now=now, **more)
        write_private(place / "ca.pem", self._pem)
        write_private(place / f"{stem}.key", _private_pem(key))
        write_private(place / f"{stem}.pem", made)

    def certify(
        self,
        public_key: ec.EllipticCurvePublicKey,
        *,
        name: str,
        validity: timedelta,
        now: datetime,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
        alternatives: x509.SubjectAlternativeName | None = None,
    ) -> bytes:
        """The PEM of a certificate for a key whose private half somebody else holds."""
        builder = (
            _builder(
                subject=_named(name),
                issuer=self._certificate.subject,
                public_key=public_key,
                issuer_key=self._key.public_key(),
            )
            .not_valid_before(max(now - BACKDATED, self._certificate.not_valid_before_utc))
            .not_valid_after(min(now + validity, self._certificate.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        return _certificate_pem(builder.sign(self._key, hashes.SHA256()))

    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate (DER), 64 hexadecimal digits, as in an enrolment QR."""
        return self._certificate.fingerprint(hashes.SHA256()).hex()


def _enrolment_text(writer: Writer, broker_host: str, broker_port: int, door: tuple[str, int] | None) -> str:
    # All values passed check_name or check_host: nothing in them needs escaping in TOML.
    return (
        f"# Made at enrolment, {datetime.fromtimestamp(writer.enrolled_at / 1000, UTC):%Y-%m-%d %H:%M} UTC.\n"
        f"format = {ENROLMENT_FORMAT}\n"
        f'shard = "{writer.shard}"\n'
        f'site = "{writer.site}"\n'
        f'writer = "{writer.k}"\n'
        f'broker_host = "{broker_host}"\n'
        f"broker_port = {broker_port}\n" + (f'door_host = "{door[0]}"\ndoor_port = {door[1]}\n' if door else "")
    )


def check_name(name: str) -> None:
    """Names become topic levels, folder names and broker user names: the topics' own rule is strict enough for all.

    Raises `BadName`.
    """
    try:
        topics.check_level(name)
    except ProtocolError as wrong:
        raise BadName(f"{name!r} may hold only a-z, 0-9 and hyphens, 1 to 32 of them") from wrong
    if name.startswith("-"):
        raise BadName(f"{name!r} starts with a hyphen, which programs would take for an option")


def check_host(name: str) -> None:
    """Nothing that would need escaping in a file or on a command line. Raises `BadName`."""
    if not HOST_PATTERN.fullmatch(name):
        raise BadName(f"{name!r} is neither a host name nor an IP address")


def _builder(
    *,
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    # Python 3.13's default verification (VERIFY_X509_STRICT) refuses certificates without both key identifiers.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    check_host(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def private_folder(place: Path) -> None:
    """Make a folder and those above it that are missing, for their owner only, each name durable before anything is in it."""
    for folder in (*reversed(place.parents), place):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_folder(folder.parent)


def sync_folder(place: Path) -> None:
    """Make durable which names stand in a folder."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
