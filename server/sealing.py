"""The centre's sealing keys: what kiosks keep of past days they keep encrypted to these. Only opens; stores nothing.

HPKE (RFC 9180) of the `cryptography` library, nothing of our own: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.crypto import WrongKey

SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
KEY_SIGNS = 16


class UnknownKey(LookupError):
    """Sealed to a key that is not in this server's folder of keys."""


class NotOpened(ValueError):
    """The box is damaged, or belongs to another name."""


class Unsealer:
    """Opens boxes with any of its private keys: one in use, and older ones for what was sealed before a change."""

    def __init__(self, keys: Iterable[ec.EllipticCurvePrivateKey] = ()) -> None:
        self._keys = {key_id(key.public_key()): key for key in keys}

    @classmethod
    def of_folder(cls, folder: Path) -> "Unsealer":
        """With every `server-sealing*.key` in `folder`. Raises `WrongKey` for a file that is no P-256 key."""
        return cls(_private(path) for path in sorted(folder.glob("server-sealing*.key")))

    def open(self, name: bytes, key: str, box: bytes) -> bytes:
        """What was put into `box` under the name's line `name`. Raises `UnknownKey`, `NotOpened`."""
        if key not in self._keys:
            raise UnknownKey(key)
        try:
            return SUITE.decrypt(box, self._keys[key], info=name)
        except InvalidTag as error:
            raise NotOpened from error


def key_id(public: ec.EllipticCurvePublicKey) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a public key (DER)."""
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:KEY_SIGNS]


def _private(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise WrongKey("a sealing key must be P-256")
    return key
