"""ES256 signatures of lines: `es256 <base64url, no padding>` of the 64 bytes r||s. Owns no keys, stores nothing."""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ALGORITHM = b"es256 "
RAW_BYTES = 64
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 32 ** 8 is a million million: a complaint's number is half a secret, and the portal limits the guesses.
MINTED_SIGNS = 8
_HALF = RAW_BYTES // 2
_ES256 = ec.ECDSA(hashes.SHA256())

PublicKey = ec.EllipticCurvePublicKey


class WrongKey(ValueError):
    """A key of another curve or another algorithm than ES256 takes."""


class Signer:
    """Signs with one P-256 private key."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise WrongKey("a signing key must be P-256")
        self._key = key
        self.public: PublicKey = key.public_key()
        self.public_pem = write_public(self.public)

    @classmethod
    def from_pem(cls, pem: bytes | str) -> "Signer":
        """The signer of an unencrypted PEM private key; `ValueError` for anything else."""
        key = serialization.load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise WrongKey("a signing key must be P-256")
        return cls(key)

    @classmethod
    def generate(cls) -> "Signer":
        """A signer with a new key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    def pem(self) -> str:
        """The private key as unencrypted PKCS#8 PEM, for the file that holds it."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def sign_raw(self, data: bytes) -> bytes:
        """The 64 bytes r||s over `data`."""
        r, s = decode_dss_signature(self._key.sign(data, _ES256))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def sign(self, line: bytes) -> bytes:
        """The signature line of `line`, without a line feed."""
        return ALGORITHM + base64.urlsafe_b64encode(self.sign_raw(line)).rstrip(b"=")

    def document(self, line: bytes) -> bytes:
        """`line` and its signature line, each with its line feed: what goes on the wire."""
        return line + b"\n" + self.sign(line) + b"\n"


def load_public(pem: bytes | str) -> PublicKey:
    """The P-256 public key of a PEM. Raises `ValueError` for any other text."""
    key = serialization.load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise WrongKey("a writer's key must be P-256")
    return key


def write_public(key: PublicKey) -> str:
    """A public key as PEM, the form the table `writer` holds."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def verify_raw(public: PublicKey, data: bytes, raw: bytes) -> bool:
    """Is `raw` (64 bytes r||s) the signature of `data` by `public`?"""
    if len(raw) != RAW_BYTES:
        return False
    signature = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
    try:
        public.verify(signature, data, _ES256)
    except InvalidSignature:
        return False
    return True


def verify(public: PublicKey, line: bytes, signature_line: bytes) -> bool:
    """Is `signature_line` the signature of `line` by `public`? Any other bytes are simply no."""
    if not signature_line.startswith(ALGORITHM):
        return False
    text = signature_line[len(ALGORITHM) :]
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
