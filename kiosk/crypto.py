"""The kiosk's signatures and seals: ES256, HPKE, through the `cryptography` library. Decides nothing.

A signature line is `es256 <base64url without padding>` of the raw 64 bytes r||s.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from kiosk.errors import NotEnrolled
from protocol import sealed

PREFIX = b"es256 "
_HALF = 32


def signature_line(raw: bytes) -> bytes:
    """The signature line of the 64 bytes r||s, as they stand on a slip."""
    return PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=")


class Signer:
    """Signs with one P-256 private key."""

    def __init__(self, path: Path) -> None:
        """`path`: PEM file made at enrolment. `NotEnrolled` when it is absent or no such key."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            message = f"signing key: {error}"
            raise NotEnrolled(message) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            message = "signing key is not P-256"
            raise NotEnrolled(message)
        self._key = key

    def raw(self, data: bytes) -> bytes:
        """The 64-byte signature r||s of `data`."""
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def line(self, data: bytes) -> bytes:
        """The signature line of `data`."""
        return signature_line(self.raw(data))

    def verifier(self) -> Verifier:
        """Who checks this key's signatures."""
        pem = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return Verifier(pem)


def _public(source: Path | bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_pem_public_key(source if isinstance(source, bytes) else source.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        message = f"public key: {error}"
        raise NotEnrolled(message) from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        message = "public key is not P-256"
        raise NotEnrolled(message)
    return key


class Sealer:
    """Seals records to one public key: the centre's. What it has sealed nobody here can read any more.

    HPKE (RFC 9180) of the library, nothing of our own: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
    """

    def __init__(self, source: Path | bytes) -> None:
        """`source`: the public key as PEM, or its file. `NotEnrolled` when it is no such key."""
        self._public = _public(source)
        der = self._public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self._key = hashlib.sha256(der).hexdigest()[:16]
        self._suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

    def seal(self, k: str, inc: str, seq: int, line: bytes, signature: bytes) -> tuple[bytes, bytes]:
        """`(name's line, box's line)` of record `(k, inc, seq)`."""
        name = sealed.name_line(k=k, inc=inc, seq=seq, key=self._key)
        return name, sealed.box_line(self._suite.encrypt(sealed.inside(line, signature), self._public, info=name))


class Verifier:
    """Checks signatures of one public key: the centre's, or a neighbour's."""

    def __init__(self, source: Path | bytes) -> None:
        """`source`: the public key as PEM, or its file. `NotEnrolled` when it is absent or no such key."""
        self._key = _public(source)

    def good(self, data: bytes, signature_line: bytes) -> bool:
        """Is this the key's signature line over `data`?"""
        if not signature_line.startswith(PREFIX):
            return False
        coded = signature_line[len(PREFIX) :]
        try:
            raw = base64.b64decode(coded + b"=" * (-len(coded) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(raw) != 2 * _HALF:
            return False
        signature = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
        try:
            self._key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class KeyRing:
    """The keys of this site's writers, from the centre's list: whom to believe when the centre is away."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        """`items` of list `keys`. A key that is none is left out; a revoked writer too: it may be in a thief's hands."""
        self._verifiers: dict[str, Verifier] = {}
        for item in items:
            if not item.get("revoked"):
                with suppress(NotEnrolled):
                    self._verifiers[item["k"]] = Verifier(str(item["public_key"]).encode())

    def names(self) -> set[str]:
        """The writers that may be believed."""
        return set(self._verifiers)

    def good(self, k: str, data: bytes, signature_line: bytes) -> bool:
        """Is this writer `k`'s signature line over `data`?"""
        known = self._verifiers.get(k)
        return known is not None and known.good(data, signature_line)
