"""Signature lines: what is signed verifies, and nothing else does."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from server.crypto import CROCKFORD, Signer, WrongKey, load_public, mint, verify, verify_raw

SIGNER = Signer.generate()
OTHER = Signer.generate()


def test_a_signature_line_verifies_its_line_only():
    line = SIGNER.sign(b'{"v":1}')
    assert line.startswith(b"es256 ")
    assert len(line) == len(b"es256 ") + 86
    assert verify(SIGNER.public, b'{"v":1}', line)
    assert not verify(SIGNER.public, b'{"v":2}', line)
    assert not verify(OTHER.public, b'{"v":1}', line)


def test_a_raw_signature_is_64_bytes():
    raw = SIGNER.sign_raw(b"x")
    assert len(raw) == 64
    assert verify_raw(SIGNER.public, b"x", raw)
    assert not verify_raw(SIGNER.public, b"x", raw[:63])
    assert not verify_raw(SIGNER.public, b"x", bytes(64))


@given(st.binary(max_size=200))
def test_any_bytes_as_signature_line_are_simply_no(data):
    assert not verify(SIGNER.public, b"x", data)
    assert not verify(SIGNER.public, b"x", b"es256 " + data)


@pytest.mark.parametrize(
    "spoil", [lambda s: s + b"=", lambda s: s + b"\n", lambda s: b" " + s, lambda s: s.replace(b"es256", b"ES256")]
)
def test_one_signature_has_one_spelling(spoil):
    assert not verify(SIGNER.public, b"x", spoil(SIGNER.sign(b"x")))


def test_keys_travel_as_pem():
    again = Signer.from_pem(SIGNER.pem())
    assert again.public_pem == SIGNER.public_pem
    assert verify(load_public(SIGNER.public_pem), b"x", again.sign(b"x"))


def test_another_kind_of_key_is_refused():
    with pytest.raises(WrongKey):
        Signer(ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(ValueError):
        load_public("no key")


def test_a_document_is_two_lines():
    line, signature, rest = SIGNER.document(b"{}").split(b"\n")
    assert (line, rest) == (b"{}", b"")
    assert verify(SIGNER.public, line, signature)


def test_minted_names_are_short_and_unlike():
    names = {mint("PA-") for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 11 and set(name[3:]) <= set(CROCKFORD) for name in names)
