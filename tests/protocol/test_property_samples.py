"""The golden samples' signatures, and that their maker never overwrites (CPython only: it uses `cryptography`)."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from protocol import envelope, records, slip_code
from tests.protocol import make_samples, test_samples

FOLDER = make_samples.FOLDER


def verify(signed, raw):
    key = serialization.load_pem_public_key((FOLDER / "public_key.txt").read_bytes())
    assert len(raw) == 64
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))


def raw_of(signature_line):
    algorithm, _, coded = signature_line.partition(b" ")
    assert algorithm == b"es256"
    return base64.urlsafe_b64decode(coded + b"==")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("[!cps]*.txt")), ids=lambda path: path.stem)
def test_every_pair_is_signed(path):
    pairs = envelope.unpack(path.read_bytes())
    assert pairs
    for line, signature in pairs:
        verify(line, raw_of(signature))
        with pytest.raises(InvalidSignature):
            verify(line[:-2] + b" }", raw_of(signature))


def test_the_slip_is_signed():
    _value, signed, signature = slip_code.decode((FOLDER / "slip_code.txt").read_text(encoding="utf-8"))
    verify(signed, signature)


def test_every_file_is_read_by_a_test_and_every_kind_has_a_file():
    names = {f"record.{kind}" for kind in test_samples.KINDS} | {f"card.{card[0]}" for card in test_samples.CARDS}
    assert {path.stem for path in FOLDER.iterdir()} == names | {
        "hello", "ack", "ack.carried", "message", "slip_code", "public_key", "desk", "keeper", "serial_frames",
        "record.visit.screened.child", "record.visit.checked_in.certificate", "record.dose.entered_late.kiosk",
        "record.site.closed.night",
        *(f"code.{name}" for name in make_samples.CODES),
    }  # fmt: skip
    assert set(records.KINDS) <= set(test_samples.KINDS)


def test_nothing_is_missing_and_nothing_is_written_again(tmp_path):
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "hello.txt").write_bytes(b"old")
    (tmp_path / "ack.txt").unlink()
    assert make_samples.write_missing(tmp_path) == ["ack.txt"]
    assert (tmp_path / "hello.txt").read_bytes() == b"old"
    with pytest.raises(FileExistsError):
        make_samples.write_once(tmp_path / "hello.txt", b"new")


def test_the_key_is_always_the_same():
    assert make_samples.samples()["public_key.txt"] == (FOLDER / "public_key.txt").read_bytes()
