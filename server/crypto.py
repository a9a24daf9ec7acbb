"""Signatures of lines: `es256 <base64url, no padding>` of the 64 bytes r||s. Owns no keys, stores nothing.

A key signs and verifies with the one algorithm of its curve, which a signature line names: what follows ES256 is one more row.
Everybody signs with ES256 today; the centre reads ES384 as well, so that it can before any kiosk needs it.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 32 ** 8 is a million million: a complaint's number is half a secret, and the portal limits the guesses.
MINTED_SIGNS = 8

PublicKey = ec.EllipticCurvePublicKey


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """ECDSA with a sum of the curve's size. `begins`: a signature line; `half`: bytes of r and of s."""

    begins: bytes
    curve: type[ec.EllipticCurve]
    scheme: ec.ECDSA
    half: int


ES256 = Algorithm(begins=b"es256 ", curve=ec.SECP256R1, scheme=ec.ECDSA(hashes.SHA256()), half=32)
ES384 = Algorithm(begins=b"es384 ", curve=ec.SECP384R1, scheme=ec.ECDSA(hashes.SHA384()), half=48)
ALGORITHMS = (ES256, ES384)


class WrongKey(ValueError):
    """A key that none of our algorithms takes."""


class Signer:
    """Signs with one private key, in the algorithm of its curve."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._algorithm = algorithm_of(key)
        self.public: PublicKey = key.public_key()
        self.public_pem = write_public(self.public)

    @classmethod
    def from_pem(cls, pem: bytes | str) -> "Signer":
        """The signer of an unencrypted PEM private key of ES256, which is all that kiosks read; `ValueError` for anything else."""
        key = serialization.load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ES256.curve):
            raise WrongKey("a signing key must be P-256")
        return cls(key)

    @classmethod
    def generate(cls, algorithm: Algorithm = ES256) -> "Signer":
        """A signer with a new key."""
        return cls(ec.generate_private_key(algorithm.curve()))

    def pem(self) -> str:
        """The private key as unencrypted PKCS#8 PEM, for the file that holds it."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def sign_raw(self, data: bytes) -> bytes:
        """The bytes r||s over `data`: 64 of them with ES256."""
        r, s = decode_dss_signature(self._key.sign(data, self._algorithm.scheme))
        return r.to_bytes(self._algorithm.half, "big") + s.to_bytes(self._algorithm.half, "big")

    def sign(self, line: bytes) -> bytes:
        """The signature line of `line`, without a line feed."""
        return self._algorithm.begins + base64.urlsafe_b64encode(self.sign_raw(line)).rstrip(b"=")

    def document(self, line: bytes) -> bytes:
        """`line` and its signature line, each with its line feed: what goes on the wire."""
        return line + b"\n" + self.sign(line) + b"\n"


def load_public(pem: bytes | str) -> PublicKey:
    """The public key of a PEM, of a curve that an algorithm takes. Raises `ValueError` for any other text."""
    key = serialization.load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise WrongKey("a writer's key must be of an elliptic curve")
    algorithm_of(key)
    return key


def algorithm_of(key: ec.EllipticCurvePrivateKey | PublicKey) -> Algorithm:
    """The one algorithm that takes this key. Raises `WrongKey`."""
    for each in ALGORITHMS:
        if isinstance(key.curve, each.curve):
            return each
    raise WrongKey(f"no algorithm of ours takes a key of {key.curve.name}")


def write_public(key: PublicKey) -> str:
    """A public key as PEM, the form the table `writer` holds."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def verify_raw(public: PublicKey, data: bytes, raw: bytes) -> bool:
    """Is `raw` (the bytes r||s) the signature of `data` by `public`?"""
    algorithm = algorithm_of(public)
    half = algorithm.half
    if len(raw) != 2 * half:
        return False
    signature = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    try:
        public.verify(signature, data, algorithm.scheme)
    except InvalidSignature:
        return False
    return True


def verify(public: PublicKey, line: bytes, signature_line: bytes) -> bool:
    """Is `signature_line` the signature of `line` by `public`? Any other bytes are simply no."""
    # The key says which algorithm; a line that names another one is no signature, whatever it could be read as.
    begins = algorithm_of(public).begins
    if not signature_line.startswith(begins):
        return False
    text = signature_line[len(begins) :]
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != text:
        return False
    return verify_raw(public, line, raw)


def mint(prefix: str, *, signs: int = MINTED_SIGNS) -> str:
    """A new random name such as `PA-7K3M9QXT`: so many signs of Crockford's base32, which nobody misreads aloud."""
    return prefix + "".join(secrets.choice(CROCKFORD) for _ in range(signs))
