"""Asks the centre's door: to be enrolled with the words of a QR, and for a certificate with a later end.

Rules:
1. Keys are made here and never leave; they are on the disk before anybody is asked, so a lost answer is asked for again.
2. The secret goes only to whom the QR's fingerprint vouches for.
3. The kit appears by one rename: half a kit is none.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import ssl
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.crypto import Signer, Verifier
from kiosk.errors import EnrolmentRefused, NotEnrolled
from kiosk.folders import make_folder, sync_folder, write_whole
from protocol import enrolling
from protocol.errors import NotOurs, ProtocolError

log = logging.getLogger(__name__)
# Two of them must end within the time that the wire has to stop (app.SYNC_STOP_S).
PATIENCE_S = 6.0
MOST_BYTES = 32_768
OK = 200


def enrol(kit: Path, text: str, *, hardware: str, app: str) -> str:
    """Be enrolled by the text of a QR: the folder `kit` stands when this returns its kiosk's name. `EnrolmentRefused`."""
    try:
        code = enrolling.read_code(text)
    except NotOurs as error:
        raise EnrolmentRefused("not_enrolment") from error
    except ProtocolError as error:
        raise EnrolmentRefused("bad_code") from error
    draft = kit.with_name(f".{kit.name}.draft")
    signing, tls = (_key(draft / name) for name in ("record-signing.key", "client.key"))
    door = (code["host"], code["port"])
    ca = _authority(door, code["fingerprint"])
    line = enrolling.make_enrol(
        secret=code["secret"], csr=_request(tls), key=_public_pem(signing), hardware=hardware, app=app
    )
    signer = Signer(draft / "record-signing.key")
    answer = _ask(door, "/enrol", line + b"\n" + signer.line(line) + b"\n", ca)
    try:
        given = enrolling.read_kit(answer)
    except ProtocolError as error:
        raise EnrolmentRefused("bad_answer") from error
    _fits(given["certificate"], tls)
    for name, content in (
        ("ca.pem", ca),
        ("client.pem", given["certificate"]),
        ("server-signing.pub", given["signing"]),
        ("server-sealing.pub", given["sealing"]),
        ("enrolment.toml", _toml(given, door, hardware)),
    ):
        write_whole(draft / name, content.encode("utf-8"))
    draft.rename(kit)
    sync_folder(kit.parent)
    log.info("enrolled k=%s site=%s", given["k"], given["site"])
    return str(given["k"])


def request_renewal(kit: Path, *, k: str, hardware: str) -> tuple[bytes, bytes]:
    """The line and its signature's line that ask for a new certificate of the key that the kit holds."""
    line = enrolling.make_renew(k=k, csr=_request(_key(kit / "client.key")), hardware=hardware)
    return line, Signer(kit / "record-signing.key").line(line)


def take_certificate(kit: Path, line: bytes, signature: bytes) -> bool:
    """Put the certificate that the centre has signed for into the kit. False: not the centre's word, or not later than ours."""
    if not Verifier(kit / "server-signing.pub").good(line, signature):
        return False
    try:
        pem = enrolling.read_certificate(line)["pem"]
        _fits(pem, _key(kit / "client.key"))
        later = _until(pem.encode("ascii")) > _until((kit / "client.pem").read_bytes())
    except (ProtocolError, EnrolmentRefused, ValueError, OSError):
        return False
    if later:
        write_whole(kit / "client.pem", pem.encode("ascii"))
        log.info("certificate_renewed")
    return later


def renew_at_door(kit: Path, door: tuple[str, int], *, k: str, hardware: str) -> bool:
    """Ask the door, which takes a kiosk with an expired certificate at the word of its record key. `EnrolmentRefused`."""
    line, signature = request_renewal(kit, k=k, hardware=hardware)
    ca = (kit / "ca.pem").read_text("ascii")
    answer = _ask(door, "/renew", line + b"\n" + signature + b"\n", ca).rstrip(b"\n").split(b"\n")
    return len(answer) == 2 and take_certificate(kit, answer[0], answer[1])


def certificate_until(kit: Path) -> int:
    """When the kit's certificate ends, UTC ms; 0 when it cannot be read."""
    return certificate_life(kit)[1]


def certificate_life(kit: Path) -> tuple[int, int]:
    """When the kit's certificate began and when it ends, UTC ms; 0 and 0 when it cannot be read."""
    try:
        made = x509.load_pem_x509_certificate((kit / "client.pem").read_bytes())
    except (OSError, ValueError):
        return 0, 0
    return int(made.not_valid_before_utc.timestamp() * 1000), int(made.not_valid_after_utc.timestamp() * 1000)


def _authority(door: tuple[str, int], fingerprint: str) -> str:
    """The authority's PEM as the door hands it out, if it is the one the QR names."""
    # Nobody is believed yet: what comes is compared with the QR, and the secret has not been sent.
    open_ = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    open_.check_hostname = False
    open_.verify_mode = ssl.CERT_NONE
    body = _fetch(door, "GET", "/ca.pem", None, open_)
    try:
        text = body.decode("ascii")
        der = ssl.PEM_cert_to_DER_cert(text)
    except ValueError as error:
        raise EnrolmentRefused("stranger") from error
    if hashlib.sha256(der).hexdigest() != fingerprint:
        raise EnrolmentRefused("stranger")
    return text


def _ask(door: tuple[str, int], path: str, body: bytes, ca: str) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=ca)
    except (ssl.SSLError, ValueError) as error:
        raise EnrolmentRefused("stranger") from error
    return _fetch(door, "POST", path, body, context)


def _fetch(door: tuple[str, int], method: str, path: str, body: bytes | None, context: ssl.SSLContext) -> bytes:
    link = http.client.HTTPSConnection(*door, timeout=PATIENCE_S, context=context)
    try:
        link.request(method, path, body)
        answer = link.getresponse()
        said = answer.read(MOST_BYTES)
    except ssl.SSLCertVerificationError as error:
        raise EnrolmentRefused("stranger") from error
    except (OSError, http.client.HTTPException) as error:
        raise EnrolmentRefused("unreachable") from error
    finally:
        link.close()
    if answer.status != OK:
        raise EnrolmentRefused(_word(said))
    return said


def _word(said: bytes) -> str:
    try:
        value: Any = json.loads(said)
        return str(value["code"])
    except (ValueError, LookupError, TypeError):
        return "bad_answer"


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The private key in a file; made, and durable, when there is none yet."""
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        make_folder(path.parent)
        path.parent.chmod(0o700)
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_whole(path, pem)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        message = f"{path}: {error}"
        raise NotEnrolled(message) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        message = f"{path}: not an elliptic curve key"
        raise NotEnrolled(message)
    return key


def _request(key: ec.EllipticCurvePrivateKey) -> str:
    # Who it is for the centre says: the name asked for would not be read.
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _public_pem(key: ec.EllipticCurvePrivateKey) -> str:
    made = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return made.decode("ascii")


def _fits(pem: str, key: ec.EllipticCurvePrivateKey) -> None:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
    except ValueError as error:
        raise EnrolmentRefused("bad_answer") from error
    if certificate.public_key() != key.public_key():
        raise EnrolmentRefused("bad_answer")


def _until(pem: bytes) -> int:
    return int(x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp() * 1000)


def _toml(given: dict[str, Any], door: tuple[str, int], hardware: str) -> str:
    rows: list[tuple[str, str | int]] = [("format", 1), ("shard", given["shard"]), ("site", given["site"])]
    rows += [("writer", given["k"]), ("lane", given["lane"]), ("desk", given["desk"])]
    rows += [("broker_host", given["broker_host"]), ("broker_port", given["broker_port"])]
    rows += [("door_host", door[0]), ("door_port", door[1]), ("hardware", hardware)]
    # A JSON text or number of ours is one of TOML too.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in rows)
