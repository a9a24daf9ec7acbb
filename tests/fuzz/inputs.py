"""The kinds of input: each draws one message from dice and a corpus. `KINDS` names them with their weights.

A kind gives `(writer, site, payload)`, the two levels of the topic it comes on and the bytes. It judges nothing.
"""

import copy
import json

from protocol import canon, envelope
from tests.fuzz.torture import LINES, VALUES
from tests.server.made import SITE, person

SCRAPS = (b"", b"\n", b"\n\n", b"\x00", b"\r\n", b"{}", b"\xff\xfe", b'{"', b"es256 ", b"\xef\xbb\xbf")


def sealed(kiosk, line):
    """The line under its writer's good signature."""
    return envelope.pack([(line, kiosk.signer.sign(line))])


def spelt(value):
    """Canonical bytes where there are any, otherwise what a careless writer would send."""
    try:
        return canon.write(value, envelope.ORDER)
    except (ValueError, TypeError):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def real(dice, corpus):
    kiosk, pairs = corpus.next_pairs()
    return kiosk.k, SITE, envelope.pack(pairs)


def again(dice, corpus):
    kiosk, message = corpus.message()
    return kiosk.k, SITE, message


def flipped(dice, corpus):
    kiosk, message = corpus.message()
    spoilt = bytearray(message)
    for _ in range(dice.choice((1, 1, 1, 2, 8))):
        spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
    return kiosk.k, SITE, bytes(spoilt)


def cut(dice, corpus):
    kiosk, message = corpus.message()
    at = dice.randrange(len(message))
    return kiosk.k, SITE, message[at:] if dice.random() < 0.3 else message[:at]


def stuttered(dice, corpus):
    """A stretch of bytes comes twice, or a line does."""
    kiosk, message = corpus.message()
    if dice.random() < 0.5:
        lines = message.split(b"\n")
        at = dice.randrange(len(lines))
        lines.insert(at, lines[at])
        return kiosk.k, SITE, b"\n".join(lines)
    first = dice.randrange(len(message))
    last = min(len(message), first + dice.choice((1, 2, 30, 600)))
    return kiosk.k, SITE, message[:last] + message[first:]


def spliced(dice, corpus):
    """The beginning of one message and the end of another."""
    kiosk, one = corpus.message()
    _, other = corpus.message()
    return kiosk.k, SITE, one[: dice.randrange(len(one))] + other[dice.randrange(len(other)) :]


def glued(dice, corpus):
    kiosk, message = corpus.message()
    scrap = dice.choice((*SCRAPS, dice.randbytes(dice.randrange(80))))
    return kiosk.k, SITE, message + scrap if dice.random() < 0.7 else scrap + message


def swapped(dice, corpus):
    """Signatures change places."""
    kiosk, pairs = corpus.some_pairs(6)
    _, other = corpus.some_pairs(6)
    signatures = [signature for _, signature in pairs + other]
    dice.shuffle(signatures)
    return kiosk.k, SITE, envelope.pack([(line, signatures[at]) for at, (line, _) in enumerate(pairs)])


def signature_spoilt(dice, corpus):
    kiosk, line, signature = corpus.one_pair()
    scrap = dice.randbytes(dice.randrange(1, 300)).replace(b"\n", b"")
    bad = dice.choice((b"", b"es256 ", signature[:-1], signature + b"A", signature + b"==", signature.upper(), scrap, b"hmac " + signature,
                       b"es256 " + b"A" * 86, b"es256 " + b"_" * 86, b"\xff" * 92, signature * 3))  # fmt: skip
    return kiosk.k, SITE, line + b"\n" + bad + b"\n"


def stolen(dice, corpus):
    """A message on another writer's topic, of a site that is not its own, or of nobody who was ever enrolled."""
    _, message = corpus.message()
    k = dice.choice(("kiosk-1", "kiosk-2", "centre-1", "server", "nobody", "a" * 32))
    return k, dice.choice((SITE, SITE, "elsewhere")), message


def elsewhere(dice, corpus):
    """Properly signed, but of another site than its writer is enrolled at; perhaps on that site's topic."""
    kiosk, line, _ = corpus.one_pair()
    value = json.loads(line)
    value["site"] = "elsewhere"
    return kiosk.k, dice.choice((SITE, "elsewhere")), sealed(kiosk, spelt(value))


def forged(dice, corpus):
    """A stranger's signature under a true line."""
    kiosk, line, _ = corpus.one_pair()
    return kiosk.k, SITE, envelope.pack([(line, corpus.stranger.sign(line))])


def signed_again(dice, corpus):
    """The same bytes under a second good signature."""
    kiosk, line, _ = corpus.one_pair()
    return kiosk.k, SITE, sealed(kiosk, line)


def broken_body(dice, corpus):
    """Signed by its writer; something in it is another value, is gone or is new."""
    kiosk, line, _ = corpus.one_pair()
    value = json.loads(line)
    for _ in range(dice.choice((1, 1, 1, 3))):
        place = value
        while True:
            inner = [one for one in place.values() if isinstance(one, dict) and one]
            if not inner or dice.random() < 0.25:
                break
            place = dice.choice(inner)
        how = dice.random()
        if how < 0.7:
            place[dice.choice(sorted(place))] = copy.deepcopy(dice.choice(VALUES))
        elif how < 0.85:
            place.pop(dice.choice(sorted(place)))
        else:
            place[dice.choice(("new", "", "\u202e", "dose", "v", "x" * 70))] = copy.deepcopy(dice.choice(VALUES))
        if not value:
            break
    return kiosk.k, SITE, sealed(kiosk, spelt(value))


def other_bytes(dice, corpus):
    """A good record under a name that is taken: a fork."""
    kiosk, line, _ = corpus.one_pair()
    value = json.loads(line)
    value["t"]["wall"] += dice.randrange(-(10**9), 10**9)
    value["t"]["hlc"] = [dice.randrange(2**53), dice.randrange(5)]
    value["body"]["reason"] = f"Sửa {dice.randrange(1000)}"
    return kiosk.k, SITE, sealed(kiosk, spelt(value))


def odd_name(dice, corpus):
    """Huge, missing or strange numbers and logs under a good signature."""
    kiosk, line, _ = corpus.one_pair()
    value = json.loads(line)
    value["seq"] = dice.choice((1, 2**53 - 1, 2**53, 2**31, 2**63, 0, -1, 10**9 + dice.randrange(1000)))
    value["inc"] = dice.choice((value["inc"], f"{dice.getrandbits(64):016x}", "0" * 16, "G" * 16, "0" * 15))
    value["prev"] = dice.choice((value["prev"], "0" * 64, "f" * 64, ""))
    return kiosk.k, SITE, sealed(kiosk, spelt(value))


def future(dice, corpus):
    """Of a release that is not here yet."""
    kiosk, line, _ = corpus.one_pair()
    value = json.loads(line)
    if dice.random() < 0.5:
        value["v"] = dice.choice((2, 7, 1000, 1001))
    else:
        value["kind"] = dice.choice(("dose.frozen", "zz", "visit.", "dose.given2", "a" * 64))
    value["seq"] = dice.randrange(1, 400)
    return kiosk.k, SITE, sealed(kiosk, spelt(value))


def crossed(dice, corpus):
    """A body under another kind, or about other things than it began with: dose of nobody, visit of another."""
    kiosk, line, _ = corpus.one_pair()
    _, other, _ = corpus.one_pair()
    value, second = json.loads(line), json.loads(other)
    if dice.random() < 0.5:
        value["kind"] = second["kind"]
    value["body"] = {
        **value["body"],
        **{name: second["body"][name] for name in dice.sample(sorted(second["body"]), min(2, len(second["body"])))},
    }
    if "person" in value["body"]:
        value["body"]["person"] = person(dice.randrange(12))
    value["inc"], value["seq"] = f"{dice.getrandbits(64):016x}", dice.randrange(1, 9)
    return kiosk.k, SITE, sealed(kiosk, spelt(value))


def torture(dice, corpus):
    """A nasty line, signed or not; sometimes among good pairs."""
    kiosk, pairs = corpus.some_pairs()
    line = dice.choice(LINES)
    bad = line + b"\n" + (kiosk.signer.sign(line) if dice.random() < 0.5 else dice.choice(SCRAPS)) + b"\n"
    good = envelope.pack(pairs)
    return kiosk.k, SITE, dice.choice((bad, bad, good + bad, bad + good, line))


def torture_inside(dice, corpus):
    """A good line with a nasty piece in place of one of its members, signed."""
    kiosk, line, _ = corpus.one_pair()
    colons = [at for at, byte in enumerate(line) if byte == ord(":")]
    at = dice.choice(colons) + 1
    end = line.find(b",", at)
    spoilt = line[:at] + dice.choice(LINES) + line[end:]
    return kiosk.k, SITE, sealed(kiosk, spoilt)


def about_16_kb(dice, corpus):
    """A record just below, at and above the limit."""
    kiosk, line, _ = corpus.one_pair()
    value = json.loads(line)
    value["inc"] = f"{dice.getrandbits(64):016x}"
    value["body"]["more"] = ""
    room = canon.MAX_RECORD - len(spelt(value))
    value["body"]["more"] = "x" * (room + dice.choice((-200, -1, 0, 1, 2, 600)))
    return kiosk.k, SITE, sealed(kiosk, spelt(value))


def many(dice, corpus):
    """More pairs than a message may hold."""
    kiosk, line, signature = corpus.one_pair()
    lines = [
        dice.choice((b"{}\ns\n", b"\n\n", b"x\n", line + b"\n" + signature + b"\n"))
        for _ in range(dice.randint(60, 140))
    ]
    return kiosk.k, SITE, b"".join(lines)


def noise(dice, corpus):
    data = dice.randbytes(dice.choice((0, 1, 2, 17, 200, 900, dice.randrange(17_500))))
    if dice.random() < 0.3:
        data = data.replace(b"\n", b" ")
    elif dice.random() < 0.3:
        data = bytes(33 + byte % 90 for byte in data)
    return corpus.writer().k, SITE, data


def letters(dice, corpus):
    """Noise of the signs that JSON is made of."""
    kiosk = corpus.writer()
    line = "".join(dice.choices('{}[]",:\\0123456789eE+-.truefalsn \n', k=dice.randrange(300))).encode()
    return kiosk.k, SITE, line if dice.random() < 0.5 else sealed(kiosk, line.replace(b"\n", b""))


def hello(dice, corpus):
    """A hello, whole or spoilt, alone or with something behind it."""
    kiosk, pairs = corpus.some_pairs()
    line, signature = kiosk.hello(last=dice.choice((None, 0, 5, 2**53 - 1)))
    if dice.random() < 0.4:
        line = line.replace(
            dice.choice((b"1", b'"', b"0", b":")), dice.choice((b"", b"9", b"null", b"[[")), dice.randint(1, 4)
        )
        signature = kiosk.signer.sign(line) if dice.random() < 0.5 else signature
    behind = dice.choice((b"", b"", envelope.pack(pairs), dice.choice(SCRAPS), envelope.pack([(line, signature)])))
    return dice.choice((kiosk.k, kiosk.k, "kiosk-1", "nobody")), SITE, envelope.pack([(line, signature)]) + behind


KINDS = {
    real: 10, again: 4, flipped: 10, cut: 6, stuttered: 4, spliced: 5, glued: 5, swapped: 4, signature_spoilt: 4, stolen: 4,
    elsewhere: 2, forged: 2, signed_again: 1, broken_body: 14, other_bytes: 4, odd_name: 3, future: 3, crossed: 4, torture: 8,
    torture_inside: 4, about_16_kb: 2, many: 0.3, noise: 6, letters: 5, hello: 4,
}  # fmt: skip


def draw(dice, corpus):
    """`(kind, writer, site, payload)`."""
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    return kind.__name__, *kind(dice, corpus)
