"""Key pairs made for a scene: its log is signed with one, its past sealed to the other."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def new_key() -> str:
    """A P-256 private key as PEM."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode("ascii")


def public_half(pem: str) -> bytes:
    """The public key of a private one, as PEM."""
    key = serialization.load_pem_private_key(pem.encode("ascii"), None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
