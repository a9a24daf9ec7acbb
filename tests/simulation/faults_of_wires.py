"""Faults of networks, brokers and strangers on the wire. Each plants itself at `(world, kiosk, pick)` and heals by time."""

from protocol import canon, envelope, inbox
from tests.simulation import places
from tests.simulation.signing import signer
from tests.simulation.wires import Link

INC = b"5tranger".hex()
TORTURE = (
    b'{"v":1' + b"[" * 9000,
    b'{"v":1e999}',
    b'{"v":' + b"9" * 5000 + b"}", b'{"v":1,"v":1}', b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}",
    b'{"v":NaN}', b"{}\n{}\n{}", b"\n" * 300, b"null", b'{"hello":1}', b'{"hello":1,"v":1,"k":"kiosk-1"}\nx',
    b"x" * 20000 + b"\n" + b"y" * 500,
)  # fmt: skip


def _line(attribute, *, low, high):
    def plant(world, kiosk, pick):
        link = world.broker.link(kiosk.device)
        setattr(link, attribute, low + (high - low) * (pick % 100) / 100)
        world.until(4_000 + pick % 90_000, lambda: setattr(link, attribute, 0.0))

    return plant


def _late(attribute, most):
    def plant(world, kiosk, pick):
        link = world.broker.link(kiosk.device)
        setattr(link, attribute, 1 + pick % most)
        world.until(20_000 + pick % 200_000, lambda: setattr(link, attribute, 0))

    return plant


def partition(world, kiosk, pick):
    link = world.broker.link(kiosk.device)
    link.cut = True
    kiosk.wire_down()
    world.until(5_000 + pick % 4_000_000, lambda: setattr(link, "cut", False))


def half_open(world, kiosk, pick):
    world.broker.link(kiosk.device).half_open_since = world.now


def broker_restart(world, kiosk, pick):
    world.broker.restart()


def broker_down(world, kiosk, pick):
    world.broker.restart()
    world.broker.alive = False
    world.until(3_000 + pick % 600_000, lambda: setattr(world.broker, "alive", True))


def queue_limit(world, kiosk, pick):
    world.broker.queue_limit = 1
    world.centre_up = False
    world.until(3_000 + pick % 200_000, lambda: setattr(world, "centre_up", True))


def acl_wrong(world, kiosk, pick):
    link = world.broker.link(kiosk.device)
    link.denied = True
    world.until(3_000 + pick % 300_000, lambda: setattr(link, "denied", False))


def flapping(world, kiosk, pick):
    for wait in range(1, 2 + pick % 6):
        world.until(wait * 700, kiosk.wire_down)
    kiosk.wire_down()


def replayed(world, kiosk, pick):
    for k, payload in world.broker.captured[pick % 7 :: 7]:
        world.broker.fly("up", k, payload, Link())


def other_topic(world, kiosk, pick):
    if world.broker.captured:
        _, payload = world.broker.captured[pick % len(world.broker.captured)]
        world.broker.fly("up", kiosk.k, payload, Link())


def _strange(kiosk, *, seq, site, inc, signed_by, world):
    t = {"wall": places.MORNING, "mono": 1, "boot": "b", "sure": "synced", "err": 0, "hlc": [places.MORNING, 0]}
    body = {
        "dose": f"d-forged-{seq}", "visit": "v-forged", "person": "cccd:000000000000", "vaccine": "AZ", "lot": "ABV001",
        "expiry": "2031-01-01", "dose_no": 1, "read_back": True, "warnings": [], "slip": "F0RGED",
    }  # fmt: skip
    line = envelope.seal(
        k=kiosk.k, inc=inc, seq=seq, prev=envelope.GENESIS, t=t, site=site, session="", who={"id": "x", "by": "pin"}, ref={},
        kind="dose.given", body=body,
    )  # fmt: skip
    return envelope.pack([(line, signer(signed_by, real=world.real).line(line))])


def _inc(kiosk):
    return kiosk.desk.log.inc if kiosk.running else INC


def forged(world, kiosk, pick):
    """A name that the kiosk has used or will use, under a stranger's signature."""
    seq = 1 + pick % 60
    payload = _strange(kiosk, seq=seq, site=places.SITE, inc=_inc(kiosk), signed_by="stranger", world=world)
    world.broker.fly("up", kiosk.k, payload, Link())


def forged_site(world, kiosk, pick):
    payload = _strange(kiosk, seq=1 + pick % 5, site="other-site", inc=INC, signed_by=kiosk.k, world=world)
    world.broker.fly("up", kiosk.k, payload, Link())


def forged_hello(world, kiosk, pick):
    value = {
        "hello": 1, "v": 1, "k": kiosk.k, "inc": _inc(kiosk), "first": 1, "last": 9_000_000, "head": envelope.GENESIS,
        "boot": "b", "wall": 0, "sure": "unknown", "app": "x",
    }  # fmt: skip
    line = canon.write(value, inbox.HELLO_ORDER)
    stranger = signer("stranger", real=world.real)
    world.broker.fly("up", kiosk.k, envelope.pack([(line, stranger.line(line))]), Link())


def garbage(world, kiosk, pick):
    world.broker.fly("up", kiosk.k, world.dice.randbytes(pick % 900), Link())


def torture(world, kiosk, pick):
    world.broker.fly("up", kiosk.k, TORTURE[pick % len(TORTURE)], Link())


def oversize(world, kiosk, pick):
    world.broker.fly("up", kiosk.k, (b'{"a":"' + b"x" * 17_000 + b'"}\ns\n') * (1 + pick % 3), Link())


def too_many(world, kiosk, pick):
    world.broker.fly("up", kiosk.k, b"{}\ns\n" * (65 + pick % 200), Link())


def _ack(world, *, k, inc, mark, by):
    covered = inbox.Ranges([[1, mark]]) if mark else inbox.Ranges()
    line = inbox.make_ack(k=k, inc=inc, covered=covered, last=mark, status=[], archived=0, now=0, head="")
    return envelope.pack([(line, signer(by, real=world.real).line(line))])


def forged_ack(world, kiosk, pick):
    """Says that all is safe; signed by a stranger."""
    if kiosk.running:
        payload = _ack(world, k=kiosk.k, inc=kiosk.desk.log.inc, mark=kiosk.desk.log.seq, by="stranger")
        world.broker.fly("down", kiosk.device, payload, Link())


def foreign_ack(world, kiosk, pick):
    """The centre's true word about another log, on the wrong topic or after a card was changed."""
    if kiosk.running:
        mark = kiosk.desk.log.seq
        world.broker.fly("down", kiosk.device, _ack(world, k=kiosk.k, inc=INC, mark=mark, by="server"), Link())
        world.broker.fly(
            "down", kiosk.device, _ack(world, k="kiosk-9", inc=kiosk.desk.log.inc, mark=mark, by="server"), Link()
        )


def stale_ack(world, kiosk, pick):
    """An acknowledgement overtaken by newer ones: true when it was signed."""
    if kiosk.running:
        world.broker.fly(
            "down", kiosk.device, _ack(world, k=kiosk.k, inc=kiosk.desk.log.inc, mark=0, by="server"), Link()
        )


# name: (numbers of the catalogue, what it is, how it is planted)
FAULTS = {
    "up_loss": ("F53", "messages up get lost", _line("up_loss", low=0.1, high=0.9)),
    "ack_loss": ("F47", "acknowledgements get lost", _line("down_loss", low=0.2, high=0.95)),
    "up_dead": ("F47", "nothing goes up, all comes down", _line("up_loss", low=1.0, high=1.0)),
    "down_dead": ("F47", "all goes up, nothing comes down", _line("down_loss", low=1.0, high=1.0)),
    "doubled": ("F50", "messages come two to six times", _line("double", low=0.2, high=0.9)),
    "bit_flip": ("F52", "a bit of a message is turned", _line("flip", low=0.05, high=0.6)),
    "cut_short": ("F52", "a message ends too early", _line("shorten", low=0.05, high=0.5)),
    "glued": ("F52", "foreign bytes after a message", _line("glue", low=0.05, high=0.5)),
    "shuffled": ("F51", "messages overtake each other", _late("shuffle", 60_000)),
    "slow": ("F49", "a line with seconds to minutes of delay", _late("delay", 90_000)),
    "partition": ("F45 F46", "no line, for seconds to an hour", partition),
    "half_open": ("F48", "the line is dead and looks alive", half_open),
    "broker_restart": ("F53", "the broker restarts and forgets", broker_restart),
    "broker_down": ("F53 F55", "the broker is away", broker_down),
    "queue_limit": ("F54 F62", "the broker queues one message while the centre is away", queue_limit),
    "acl_wrong": ("F63", "publishes are refused", acl_wrong),
    "flapping": ("F64", "the connection comes and goes", flapping),
    "replayed": ("F74", "captured messages come again", replayed),
    "other_topic": ("F75", "a message on another writer's topic", other_topic),
    "forged": ("F75", "a record under a stranger's signature", forged),
    "forged_site": ("F76", "a signed record of another site", forged_site),
    "forged_hello": ("F75", "a stranger's hello claims millions of records", forged_hello),
    "garbage": ("F70", "random bytes", garbage),
    "torture": ("F70", "JSON torture cases", torture),
    "oversize": ("F56 F70", "lines beyond 16 KB", oversize),
    "too_many": ("F70", "more pairs than a message may hold", too_many),
    "forged_ack": ("F75", "a stranger acknowledges everything", forged_ack),
    "foreign_ack": ("F77", "an acknowledgement of another log", foreign_ack),
    "stale_ack": ("F51", "an old acknowledgement comes last", stale_ack),
}
