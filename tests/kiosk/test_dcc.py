"""EU certificates: a public test vector, our own of both algorithms, every way to be wrong, and anything at all."""

import base64
import hashlib
import zlib

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from kiosk import dcc
from protocol import base45
from protocol.errors import NotOurs, ProtocolError
from tests.kiosk.made import LISTS, MORNING, Made

NOW_S = MORNING // 1000
# AT/2DCode/raw/1.json of the EU's public test data (dgc-testdata, Apache-2.0): an invented person, a test key.
AUSTRIAN = (
    "HC1:NCFOXN%TS3DH3ZSUZK+.V0ETD%65NL-AH-R6IOOK.IR9B+9G4G50PHZF0AT4V22F/8X*G3M9JUPY0BX/KR96R/S09T./0LWTKD33236J3TA3M*4VV2 "
    "73-E3GG396B-43O058YIB73A*G3W19UEBY5:PI0EGSP4*2DN43U*0CEBQ/GXQFY73CIBC:G 7376BXBJBAJ UNFMJCRN0H3PQN*E33H3OA70M3FMJIJN523"
    ".K5QZ4A+2XEN QT QTHC31M3+E32R44$28A9H0D3ZCL4JMYAZ+S-A5$XKX6T2YC 35H/ITX8GL2-LH/CJTK96L6SR9MU9RFGJA6Q3QR$P2OIC0JVLA8J3ET3"
    ":H3A+2+33U SAAUOT3TPTO4UBZIC0JKQTL*QDKBO.AI9BVYTOCFOPS4IJCOT0$89NT2V457U8+9W2KQ-7LF9-DF07U$B97JJ1D7WKP/HLIJL8JF8JFHJP7NV"
    "DEBU1J*Z222E.GJ457661CFFTWM-8P2IUE7K*SSW613:9/:TT5IYQBTBU16R4I1A/9VRPJ-TS.7ZEM7MSVOCD4RG2L-TQJROXL2J:52J7F0Q10SMAP3CG3KHF"
    "0DWIH"
)
AUSTRIAN_SIGNER = (
    "MIIBvTCCAWOgAwIBAgIKAXk8i88OleLsuTAKBggqhkjOPQQDAjA2MRYwFAYDVQQDDA1BVCBER0MgQ1NDQSAxMQswCQYDVQQGEwJBVDEPMA0GA1UECgwGQk1T"
    "R1BLMB4XDTIxMDUwNTEyNDEwNloXDTIzMDUwNTEyNDEwNlowPTERMA8GA1UEAwwIQVQgRFNDIDExCzAJBgNVBAYTAkFUMQ8wDQYDVQQKDAZCTVNHUEsxCjAI"
    "BgNVBAUTATEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASt1Vz1rRuW1HqObUE9MDe7RzIk1gq4XW5GTyHuHTj5cFEn2Rge37+hINfCZZcozpwQKdyaporP"
    "UP1TE7UWl0F3o1IwUDAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYEFO49y1ISb6cvXshLcp8UUp9VoGLQMB8GA1UdIwQYMBaAFP7JKEOflGEvef2iMdtopset"
    "wGGeMAoGCCqGSM49BAMCA0gAMEUCIQDG2opotWG8tJXN84ZZqT6wUBz9KF8D+z9NukYvnUEQ3QIgdBLFSTSiDt0UJaDF6St2bkUQuVHW6fQbONd731/M4nc="
)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KID = b"\x01\x02\x03\x04\x05\x06\x07\x08"
BODY = {
    "ver": "1.3.0",
    "nam": {"fn": "Nguyễn", "gn": "Văn An", "fnt": "NGUYEN", "gnt": "VAN<AN"},
    "dob": "1979-04-14",
    "v": [{"mp": "EU/1/21/1529", "dn": 1, "sd": 2, "dt": "2021-07-20", "co": "AT", "ci": "URN:UVCI:01:AT:X#S"}],
}


def spki(key):
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def trusted(key, kid=KID):
    return {"kid": base64.b64encode(kid).decode(), "key": spki(key), "country": "AT"}


def made_code(
    body=BODY, *, key=EC_KEY, kid=KID, exp=NOW_S + 1000, unprotected=None, squeeze=zlib.compress, claims=None
):
    algorithm = dcc.ES256 if key is EC_KEY else dcc.PS256
    head = {1: algorithm, 4: kid} if unprotected is None else {1: algorithm}
    protected = cbor2.dumps(head)
    payload = cbor2.dumps({1: "AT", 4: exp, 6: NOW_S - 1000, -260: {1: body}} if claims is None else claims)
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    if key is EC_KEY:
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    else:
        signature = key.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    cose = cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected or {}, payload, signature]))
    return "HC1:" + base45.encode(squeeze(cose))


def read(code, trust=(), now_s=NOW_S):
    return dcc.read(code, trust=trust, now_s=now_s)


def austrian_trust():
    der = base64.b64decode(AUSTRIAN_SIGNER)
    return trusted_certificate(x509.load_der_x509_certificate(der), hashlib.sha256(der).digest()[:8])


def trusted_certificate(certificate, kid):
    return {**trusted(EC_KEY, kid), "key": spki(certificate)}


def test_a_public_test_certificate_verifies():
    said = read(AUSTRIAN, [austrian_trust()], now_s=1_620_324_000)
    assert (said.name, said.dob, said.standing) == ("Musterfrau-Gößinger Gabriele", "1998-02-26", dcc.GOOD)
    assert said.doses == (
        {
            "product": "EU/1/20/1528",
            "given_on": "2021-02-18",
            "dose_no": 1,
            "country": "AT",
            "certificate": "URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813#B",
        },
    )
    assert read(AUSTRIAN, [austrian_trust()], now_s=1_800_000_000).standing == dcc.EXPIRED
    assert (
        read(AUSTRIAN, [{**austrian_trust(), "key": spki(EC_KEY)}], now_s=1_620_324_000).standing == dcc.BAD_SIGNATURE
    )
    assert read(AUSTRIAN).standing == dcc.UNKNOWN_KEY


@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY], ids=["es256", "ps256"])
def test_both_algorithms_verify_and_every_key_of_that_name_is_tried(key):
    code = made_code(key=key)
    assert read(code + "\r\n", [trusted(key)]).standing == dcc.GOOD
    other = ec.generate_private_key(ec.SECP256R1())
    assert read(code, [trusted(other), {**trusted(key), "key": "?"}, trusted(key)]).standing == dcc.GOOD
    assert read(code, [trusted(other)]).standing == dcc.BAD_SIGNATURE
    assert read(code, [trusted(RSA_KEY if key is EC_KEY else EC_KEY)]).standing == dcc.BAD_SIGNATURE


def test_a_certificate_past_its_time_or_without_one_counts_no_more():
    assert read(made_code(exp=NOW_S), [trusted(EC_KEY)]).standing == dcc.EXPIRED
    assert read(made_code(exp=None), [trusted(EC_KEY)]).standing == dcc.EXPIRED


def test_the_name_of_the_key_may_stand_beside_the_signature():
    code = made_code(unprotected={4: KID})
    assert read(code, [trusted(EC_KEY)]).standing == dcc.GOOD
    assert read(made_code(unprotected={4: "x"}), [trusted(EC_KEY)]).standing == dcc.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("changes", "name", "dob"),
    [
        ({"nam": {"fnt": "NGUYEN", "gnt": "VAN<AN"}}, "NGUYEN VAN AN", "1979-04-14"),
        ({"nam": {"fn": "Mononym"}}, "Mononym", "1979-04-14"),
        ({"dob": "1979"}, "Nguyễn Văn An", "1979"),
        ({"dob": "1979-04"}, "Nguyễn Văn An", "1979"),
        ({"dob": ""}, "Nguyễn Văn An", ""),
        ({"dob": "1979-02-31"}, "Nguyễn Văn An", "1979"),
    ],
)
def test_names_and_births_as_issuers_write_them(changes, name, dob):
    said = read(made_code({**BODY, **changes}))
    assert (said.name, said.dob) == (name, dob)


def test_a_test_or_a_recovery_tells_of_no_dose():
    body = {name: value for name, value in BODY.items() if name != "v"} | {"t": [{"tg": "840539006"}]}
    assert read(made_code(body), [trusted(EC_KEY)]).doses == ()


def test_an_uncompressed_code_is_read_too():
    assert read(made_code(squeeze=bytes), [trusted(EC_KEY)]).standing == dcc.GOOD


def deep(levels):
    value = {}
    for _level in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "code",
    [
        "HC1:",
        "HC1:6BFOXN",
        "HC1:" + "a" * 30,
        AUSTRIAN[:-9],
        "HC1:" + base45.encode(zlib.compress(b"\x00" * 1_000_000)),
        "HC1:" + base45.encode(zlib.compress(b"\x81" * 9000)),
        "HC1:" + base45.encode(zlib.compress(cbor2.dumps(cbor2.CBORTag(18, [1, 2, 3, 4])))),
        "HC1:" + base45.encode(zlib.compress(cbor2.dumps("text"))),
        made_code({"nam": deep(20)}),
        made_code(claims=[1]),
        made_code(claims={-260: {2: BODY}}),
        made_code({**BODY, "nam": "x"}),
        made_code({**BODY, "dob": 7}),
        made_code({**BODY, "v": "x"}),
        made_code({**BODY, "v": [{**BODY["v"][0], "dt": "soon"}]}),
        made_code({**BODY, "v": [{**BODY["v"][0], "dn": 10}]}),
        made_code({**BODY, "v": [{**BODY["v"][0], "dn": True}]}),
        made_code({**BODY, "v": [{**BODY["v"][0], "mp": 1}]}),
    ],
)
def test_a_broken_one_is_said_to_be_unreadable(code):
    """A zip bomb and a stack of boxes among them."""
    with pytest.raises(ProtocolError) as refused:
        read(code, [trusted(EC_KEY)])
    assert refused.value.code == "certificate_unreadable"


def test_other_codes_are_not_ours():
    with pytest.raises(NotOurs):
        read("https://example.org")


@given(st.binary(max_size=400), st.booleans())
def test_anything_is_a_certificate_or_a_protocol_error(data, squeezed):
    try:
        read("HC1:" + base45.encode(zlib.compress(data) if squeezed else data), [trusted(EC_KEY)])
    except ProtocolError as error:
        code = error.code
    else:
        code = "certificate_unreadable"
    assert code == "certificate_unreadable"


@given(st.integers(4, len(AUSTRIAN) - 1), st.sampled_from(base45.ALPHABET))
def test_no_changed_letter_verifies(at, letter):
    code = AUSTRIAN[:at] + letter + AUSTRIAN[at + 1 :]
    try:
        said = read(code, [austrian_trust()], now_s=1_620_324_000)
    except ProtocolError:
        return
    assert said.standing != dcc.GOOD or code == AUSTRIAN


@pytest.fixture
def made(tmp_path):
    rules = {**LISTS["rules"], "trust": [trusted(EC_KEY)]}
    rules["vaccines"] = {**rules["vaccines"], "AZ": {**rules["vaccines"]["AZ"], "products": ["EU/1/21/1529"]}}
    one = Made(tmp_path, {**LISTS, "rules": rules})
    yield one
    one.close()


def test_a_good_certificate_brings_name_birth_and_the_earlier_dose(made):
    """Who is here, and what they had: the read-back knows dose 1 was AstraZeneca."""
    view = made.scan(made_code())
    assert (view["screen"], view["data"]["ask"], view["data"]["name"]) == (
        "type_id",
        ["sex", "doc_no"],
        "Nguyễn Văn An",
    )
    made.act("typed", sex="M", doc_no="001079004321")
    made.act("yes")
    body = made.records()[-1].body
    assert (body["how"], body["person"], body["earlier"][0]["vaccine"]) == ("certificate", "cccd:001079004321", "AZ")
    made.act("done")
    made.screen()
    made.sign_in("1003", "injection")
    view = made.act("call_next")
    assert view["data"]["dose_no"] == 2
    assert [(dose["vaccine"], dose["dose_no"]) for dose in view["data"]["history"]] == [("AZ", 1)]


@pytest.mark.parametrize("changes", [{"exp": NOW_S - 1}, {"kid": b"other---"}, {"key": RSA_KEY}])
def test_one_that_cannot_be_verified_names_a_person_and_counts_no_dose(made, changes):
    view = made.scan(made_code(**changes))
    assert (view["screen"], view["notice"]["code"]) == ("type_id", "certificate_unverified")
    made.act("typed", sex="M", doc_no="001079004321")
    made.act("yes")
    assert "earlier" not in made.records()[-1].body


def test_an_unreadable_one_is_a_sentence(made):
    assert made.scan(AUSTRIAN[:-9])["notice"]["code"] == "certificate_unreadable"
