"""Signature lines: what is signed verifies, and nothing else does."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from protocol import envelope
from server.crypto import CROCKFORD, ES384, Signer, WrongKey, load_public, mint, verify, verify_raw
from tests.server.made import Office

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
        Signer(ec.generate_private_key(ec.SECP521R1()))
    with pytest.raises(ValueError):
        load_public("no key")


def test_a_second_algorithm_is_one_more_row():
    """ASVS 11.2.2: the key says which algorithm, the line names it, and none passes for the other."""
    next_one = Signer.generate(ES384)
    line = next_one.sign(b"x")
    assert line.startswith(b"es384 ")
    again = load_public(next_one.public_pem)
    assert verify(again, b"x", line)
    assert not verify(again, b"y", line)
    assert not verify(again, b"x", line.replace(b"es384", b"es256"))
    assert not verify(SIGNER.public, b"x", line)
    assert not verify(SIGNER.public, b"x", SIGNER.sign(b"x").replace(b"es256", b"es384"))
    assert len(line) <= envelope.MAX_SIGNATURE
    with pytest.raises(WrongKey):  # the centre's own key is read by kiosks
        Signer.from_pem(next_one.pem())


def test_records_signed_with_the_next_algorithm_are_taken_beside_those_of_today(db):
    office = Office(db)
    today, next_one = office.kiosk("kiosk-1"), office.kiosk("kiosk-2", signer=Signer.generate(ES384))
    for person, kiosk in enumerate((today, next_one), 1):
        pairs = kiosk.visit(person)
        assert office.accept(kiosk, *pairs).taken == len(pairs)
    line, signature = next_one.write("clock.synced", {"was": "unknown"}, who="machine")
    spoilt = signature[:-4] + (b"AAAA" if not signature.endswith(b"AAAA") else b"BBBB")
    assert not office.accept(next_one, (line, spoilt)).taken


def test_a_document_is_two_lines():
    line, signature, rest = SIGNER.document(b"{}").split(b"\n")
    assert (line, rest) == (b"{}", b"")
    assert verify(SIGNER.public, line, signature)


def test_minted_names_are_short_and_unlike():
    names = {mint("PA-") for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 11 and set(name[3:]) <= set(CROCKFORD) for name in names)
