"""Enrolment and renewal on the wire: what is made can be read, and foreign text is refused with a word."""

from protocol import enrolling
from protocol.errors import NotOurs, ProtocolError
from tests.protocol.examples import changed
from tests.protocol.raising import raises

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
CODE = {"secret": "K7Q2", "fingerprint": "ab" * 32, "host": "centre.example.vn", "port": 8443}
KIT = {
    "k": "kiosk-03", "shard": "dong-nai", "site": "trang-dai", "lane": "C", "desk": "3", "broker_host": "b.example.vn",
    "broker_port": 8883, "certificate": PEM, "signing": PEM, "sealing": PEM,
}  # fmt: skip


def test_the_code_reads_back():
    assert enrolling.read_code(enrolling.make_code(**CODE)) == CODE


def test_another_code_is_none_of_ours():
    for text in ("", "TRAM-BADGE:x", None, b"TRAM-ENROL:"):
        raises(NotOurs, enrolling.read_code, text)


def test_a_code_that_cannot_be_read_says_why():
    whole = enrolling.make_code(**CODE)
    for text, code in (
        (whole.replace(":1|", ":2|") + "|more", "future"),
        (enrolling.PREFIX, "bad_length"),
        (whole.replace("8443", "0"), "out_of_range"),
        (whole.replace("8443", "http"), "out_of_range"),
        (whole.replace("abab", "ABAB"), "bad_character"),
        (whole.replace("K7Q2", ""), "bad_length"),
        (whole.replace("centre.example.vn", ""), "empty"),
    ):
        assert raises(ProtocolError, enrolling.read_code, text).code == code, text


def test_questions_and_answers_read_back():
    asked = {"secret": "K7Q2", "csr": PEM, "key": PEM, "hardware": "10000000abcdef", "app": "tram-0.1.0"}
    assert enrolling.read_enrol(enrolling.make_enrol(**asked)) == changed(asked, enrol=1, v=1)
    assert enrolling.read_kit(enrolling.make_kit(KIT)) == changed(KIT, kit=1, v=1)
    wanted = {"k": "kiosk-03", "csr": PEM, "hardware": ""}
    line = enrolling.make_renew(**wanted)
    assert enrolling.is_renew(line)
    assert enrolling.read_renew(line) == changed(wanted, renew=1, v=1)
    line = enrolling.make_certificate(k="kiosk-03", pem=PEM)
    assert enrolling.is_certificate(line)
    assert not enrolling.is_renew(line)
    assert enrolling.read_certificate(line)["pem"] == PEM


def test_too_long_a_certificate_is_refused_at_both_ends():
    error = raises(ProtocolError, enrolling.make_certificate, k="kiosk-03", pem="x" * (enrolling.MAX_PEM + 1))
    assert error.code == "too_long"
    assert raises(ProtocolError, enrolling.read_renew, b'{"renew":1,"v":1,"k":"kiosk-03"}').code == "missing"
