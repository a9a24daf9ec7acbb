"""Signatures of the simulation: a fast stand-in with the shape of ES256, and real ES256 for a sample of schedules."""

import base64
import hmac
from functools import cache, lru_cache
from hashlib import blake2b

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.crypto import Sealer
from server import crypto
from server.sealing import Unsealer

PREFIX = b"es256 "


class FastSigner:
    """Keyed BLAKE2b: 64 bytes like r||s, a line of the same length, but a hundred times quicker than ES256."""

    public_pem = ""

    def __init__(self, name):
        self._key = name.encode()

    def raw(self, data):
        return blake2b(data, key=self._key).digest()

    def line(self, data):
        return _fast_line(self._key, data)

    def good(self, data, signature):
        return _fast_line(self._key, data) == signature

    def good_raw(self, data, signature):
        return hmac.compare_digest(self.raw(data), signature)

    def verifier(self):
        """Checks what this signs, as `kiosk.crypto.Signer` gives it."""
        return self


class RealSigner:
    """ES256 by the server's own module, which also checks what the kiosk's writes."""

    def __init__(self, signer):
        self.inner = signer
        self.public_pem = signer.public_pem

    def raw(self, data):
        return self.inner.sign_raw(data)

    def line(self, data):
        return self.inner.sign(data)

    def good(self, data, signature):
        return crypto.verify(self.inner.public, data, signature)

    def good_raw(self, data, signature):
        return crypto.verify_raw(self.inner.public, data, signature)

    def verifier(self):
        """Checks what this signs, as `kiosk.crypto.Signer` gives it."""
        return self


# A broker hands the same line to four kiosks, some of them several times.
@lru_cache(maxsize=1024)
def _fast_line(key, data):
    return PREFIX + base64.urlsafe_b64encode(blake2b(data, key=key).digest()).rstrip(b"=")


@cache
def _real(name):
    return RealSigner(crypto.Signer.generate())


def signer(name, *, real):
    """The signer of writer `name`; real keys are made once per process."""
    return _real(name) if real else FastSigner(name)


@cache
def _sealing(name):
    key = ec.generate_private_key(ec.SECP256R1())
    return Sealer(crypto.write_public(key.public_key()).encode()), key


def sealer(name="centre"):
    """What kiosks seal with; another name is another key."""
    return _sealing(name)[0]


def unsealer():
    """What the centre opens boxes with."""
    return Unsealer([_sealing("centre")[1]])
