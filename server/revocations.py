"""The authority's list of certificates it takes back (CRL): who stands on it gets no new connection from any broker.

Writes files, opens no network and no database. What is still allowed on a connection that stands is `broker_acl`'s
affair, and `eviction` ends it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from server.clock import machine_time
from server.hubs import hub_home, read_hubs
from server.pki import BACKDATED, Authority, NoAuthority, write_private

FILE = "crl.pem"
# A broker that finds its list too old lets nobody in at all, so none grows old. A later one replaces it.
LASTS = timedelta(days=365 * 100)
# Of two lists OpenSSL believes the later, and counts in seconds.
STEP = timedelta(seconds=1)


class Revoker(Authority):
    """The opened authority, signing its list. Raises `NoAuthority`."""

    def sign_list(self, serials: Iterable[int], *, at: datetime) -> bytes:
        """The PEM of the list of these certificates, of moment `at`."""
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=self._certificate.subject, last_update=at, next_update=at + LASTS
        ).add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        for serial in sorted(serials):
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(one.build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def signed(self, held: x509.CertificateRevocationList) -> bool:
        """Is this list ours?"""
        return held.is_signature_valid(self._key.public_key())


def write_list(folder: Path, serials: Iterable[int] = (), *, now: datetime, places: Iterable[Path] = ()) -> None:
    """Bring `crl.pem` of the centre's broker, of each hub's kit and of `places` to these serials and those listed before.

    `folder`: where `server.pki` keeps keys. Nothing is taken off again. Does nothing where the authority lies elsewhere.
    """
    try:
        revoker = Revoker(folder)
    except NoAuthority:
        return
    path = folder / "broker" / FILE
    held = _read(path, revoker)
    wanted = set(serials) | ({one.serial_number for one in held} if held is not None else set())
    if held is None or len(wanted) != len(held):
        # Backdated as certificates are: a broker whose clock runs behind must not take it for one of the future.
        at = now - BACKDATED
        if held is not None:
            at = max(at, held.last_update_utc + STEP)
        write_private(path, revoker.sign_list(wanted, at=at))
    text = path.read_bytes()
    for place in (*(hub_home(folder, hub.name) / "kit" for hub in read_hubs(folder)), *places):
        if place / FILE != path and (not (place / FILE).exists() or (place / FILE).read_bytes() != text):
            write_private(place / FILE, text)


def serial_of(pem: bytes) -> int:
    """The number of a certificate, under which it is taken back."""
    return x509.load_pem_x509_certificate(pem).serial_number


def ensure_list(folder: Path, *, places: Iterable[Path] = ()) -> None:
    """There is a list, if only an empty one: without it a broker that is to read one does not start."""
    write_list(folder, now=machine_time(), places=places)


def _read(path: Path, revoker: Revoker) -> x509.CertificateRevocationList | None:
    try:
        held = x509.load_pem_x509_crl(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    # Of an authority that was here before: nobody believes it.
    return held if revoker.signed(held) else None
