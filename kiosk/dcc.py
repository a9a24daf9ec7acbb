"""An EU Digital COVID Certificate (`HC1:`): read and verified offline against a trust list. Decides nothing.

Base45 → zlib → COSE_Sign1 → CWT → certificate (specification 1.0.8, schema 1.3). CBOR by cbor2, signatures by
`cryptography`: ES256 and PS256, as every verifier must know. Whatever is scanned ends in a certificate or `ProtocolError`.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from protocol import base45, cccd, fields
from protocol.errors import NotOurs, ProtocolError

# A real one inflates to about 400 bytes; a code of 2,048 characters could inflate to a megabyte.
MAX_INFLATED = 16_384
# Certificate, claims, list, entry: five deep. More is an attack on the stack.
MAX_DEPTH = 12
ES256, PS256 = -7, -37
_ALG, _KID, _EXP, _IAT, _HCERT = 1, 4, 4, 6, -260
_HALF = 32
# Standing of a certificate: only a good one's doses count.
GOOD, UNKNOWN_KEY, BAD_SIGNATURE, EXPIRED = "good", "unknown_key", "bad_signature", "expired"


@dataclass(frozen=True)
class Certificate:
    """What one says: `name`, `dob` (`YYYY-MM-DD`, `YYYY` or empty), `doses` (product, given_on, dose_no, country, id)."""

    name: str
    dob: str
    doses: tuple[dict[str, Any], ...]
    standing: str


def read(text: str, *, trust: Iterable[Mapping[str, str]], now_s: int) -> Certificate:
    """The certificate in a code. `trust`: `kid` and `key` (SubjectPublicKeyInfo), both base64; `now_s`: UTC seconds.

    `NotOurs` for other codes, `ProtocolError` with code `certificate_unreadable` for broken ones.
    """
    if not text.startswith(cccd.CERTIFICATE_PREFIX):
        problem = "not_a_certificate"
        raise NotOurs(problem)
    try:
        protected, unprotected, payload, signature = _cose(_inflated(text[len(cccd.CERTIFICATE_PREFIX) :]))
        head = _map(_loaded(protected)) if protected else {}
        claims = _map(_loaded(payload))
        body = _map(_map(claims.get(_HCERT)).get(1))
        said = _certificate(body)
    except (ProtocolError, ValueError, TypeError, zlib.error, cbor2.CBORError, RecursionError) as error:
        # cbor2 wraps what it meets; the others are our own conversions of values that are not what they claim.
        problem = "certificate_unreadable"
        raise ProtocolError(problem) from error
    # Both headers may carry the key's name; the signed one prevails.
    kid = head.get(_KID, unprotected.get(_KID))
    algorithm = head.get(_ALG, unprotected.get(_ALG))
    standing = _verified(kid, algorithm, protected=protected, payload=payload, signature=signature, trust=trust)
    expires = claims.get(_EXP)
    if standing == GOOD and not (isinstance(expires, int) and now_s < expires):
        standing = EXPIRED
    return Certificate(said.name, said.dob, said.doses, standing)


def _inflated(coded: str) -> bytes:
    data = base45.decode(coded.strip("\r\n\t"))
    # Some issuers left the zlib step out; a zlib stream begins with 0x78.
    if data[:1] != b"\x78":
        return bytes(data)
    inflater = zlib.decompressobj()
    plain = inflater.decompress(data, MAX_INFLATED)
    if not inflater.eof:
        problem = "too_long"
        raise ProtocolError(problem)
    return plain


def _loaded(data: bytes) -> Any:
    return cbor2.loads(data, max_depth=MAX_DEPTH)


def _cose(data: bytes) -> tuple[bytes, Mapping[Any, Any], bytes, bytes]:
    value = _loaded(data)
    if isinstance(value, cbor2.CBORTag):
        value = value.value
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise TypeError
    protected, unprotected, payload, signature = value
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise TypeError
    return protected, _map(unprotected), payload, signature


def _map(value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _certificate(body: Mapping[Any, Any]) -> Certificate:
    names = _map(body.get("nam"))
    name = " ".join(_text(names.get(key)) for key in ("fn", "gn")).split()
    if not name:
        name = " ".join(_text(names.get(key)) for key in ("fnt", "gnt")).replace("<", " ").split()
    born = _text(body.get("dob"))
    dob = born if fields.is_day(born) else cccd.read_day(born[:4])
    given = body.get("v") or ()
    if not isinstance(given, list | tuple):
        raise TypeError
    return Certificate(" ".join(name), dob, tuple(_dose(_map(one)) for one in given[:9]), "")


def _dose(one: Mapping[Any, Any]) -> dict[str, Any]:
    day, number = _text(one.get("dt"))[:10], one.get("dn")
    if not fields.is_day(day) or isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 9:
        raise TypeError
    return {
        "product": _text(one.get("mp"))[:64],
        "given_on": day,
        "dose_no": number,
        "country": _text(one.get("co"))[:2],
        "certificate": _text(one.get("ci"))[:80],
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value


def _verified(
    kid: Any, algorithm: Any, *, protected: bytes, payload: bytes, signature: bytes, trust: Iterable[Mapping[str, str]]
) -> str:
    """Every key of that name is tried: names are eight bytes of a hash and may meet."""
    if not isinstance(kid, bytes):
        return UNKNOWN_KEY
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    wanted = base64.b64encode(kid).decode()
    tried = [one["key"] for one in trust if one["kid"] == wanted]
    if any(_good(key, algorithm, signed, signature) for key in tried):
        return GOOD
    return BAD_SIGNATURE if tried else UNKNOWN_KEY


def _good(key: str, algorithm: Any, signed: bytes, signature: bytes) -> bool:
    try:
        public = serialization.load_der_public_key(base64.b64decode(key, validate=True))
        if algorithm == ES256 and isinstance(public, ec.EllipticCurvePublicKey) and len(signature) == 2 * _HALF:
            halves = (int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big"))
            public.verify(encode_dss_signature(*halves), signed, ec.ECDSA(hashes.SHA256()))
        elif algorithm == PS256 and isinstance(public, rsa.RSAPublicKey):
            masked = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_HALF)
            public.verify(signature, signed, masked, hashes.SHA256())
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, ValueError):
        return False
    return True
