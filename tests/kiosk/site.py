"""Several desks of one site on one hand-moved wire: each has its neighbourhood and outbox; what is published, others hear."""

from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.crypto import Sealer, Verifier
from kiosk.neighbourhood import Neighbourhood
from kiosk.record_reader import RecordReader
from protocol import envelope, inbox, topics
from protocol.outbox import Outbox
from server.crypto import Signer as CentreSigner
from tests.kiosk.made import LISTS, Made

Pair = tuple[bytes, bytes]
SILENT_MS = 600_000
# What past days are sealed to; the centre alone has it.
SEALING = ec.generate_private_key(ec.SECP256R1())
SEALER = Sealer(
    SEALING.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)


class At:
    """One kiosk of the site with its end of the wire."""

    def __init__(self, made: Made, centre: Verifier) -> None:
        self.made = made
        self.reader = RecordReader(made.store.path)
        log = made.desk.log
        self.outbox = Outbox(log.k, log.inc, last=log.seq, committed=made.desk.committed)
        self.hood = Neighbourhood(
            desk=made.desk, reader=self.reader, signer=log._signer, centre=centre, sealer=SEALER,
            post=made.desk.call, silent_ms=SILENT_MS,
        )  # fmt: skip

    def close(self) -> None:
        self.reader.close()


class Site:
    """Kiosks `kiosk-01` (lane A), `kiosk-02` (lane B), … with each other's keys. `revoked`: names nobody believes.

    `now` is the wire's monotonic time. `sent`: everything published, as `(k, leaf, payload)`.
    """

    def __init__(self, folder: Path, count: int = 2, *, revoked: Iterable[str] = ()) -> None:
        self.now = 0
        self.sent: list[tuple[str, str, bytes]] = []
        self.centre_key = CentreSigner.generate()
        self.centre = Verifier(self.centre_key.public_pem.encode())
        self.kiosks: list[Made] = []
        for number in range(count):
            place = folder / f"kiosk-{number + 1:02d}"
            place.mkdir()
            self.kiosks.append(Made(place, k=place.name, lane="ABCDEF"[number]))
        self.keys = [
            {"k": one.k, "public_key": public_pem(one.key), "revoked": one.k in revoked} for one in self.kiosks
        ]
        self.ends: dict[str, At] = {}
        for one in self.kiosks:
            one.lists = {**LISTS, "keys": {"items": self.keys}}
            one.restart()
            self.plug_in(one)

    def plug_in(self, one: Made) -> At:
        """A kiosk's wire comes up, with programs that begin anew."""
        self.unplug(one.k)
        end = self.ends[one.k] = At(one, self.centre)
        end.hood.connected(self.now)
        end.outbox.connected(self.now)
        end.hood.believe(one.desk.lists.keys, 1)
        return end

    def unplug(self, k: str) -> None:
        end = self.ends.pop(k, None)
        if end is not None:
            end.close()

    def close(self) -> None:
        for one in self.kiosks:
            self.unplug(one.k)
            one.close()

    def pass_s(self, seconds: float) -> None:
        for one in self.kiosks:
            one.clock.pass_s(seconds)

    def pairs(self, kiosk: Made) -> list[Pair]:
        """Everything a kiosk has recorded, as it goes up."""
        rows = kiosk.store.db.conn.execute("SELECT line, signature FROM record ORDER BY rowid")
        return [(bytes(row[0]), bytes(row[1])) for row in rows]

    def tell(self, listener: Made, pairs: list[Pair], *, by: str = "kiosk-02") -> Neighbourhood:
        """Bring pairs to a kiosk as messages on the `up` topic of `by`, and let it settle."""
        end = self.ends[listener.k]
        for at in range(0, len(pairs), envelope.MAX_PAIRS):
            self.hear(end, by, topics.UP, envelope.pack(pairs[at : at + envelope.MAX_PAIRS]))
        self.step(listener.k)
        self.step(listener.k)
        return end.hood

    def share(self) -> None:
        """Everybody has everybody's records."""
        for teller in self.kiosks:
            for listener in self.kiosks:
                if teller is not listener:
                    self.tell(listener, self.pairs(teller), by=teller.k)

    def hear(self, end: At, k: str, leaf: str, payload: bytes) -> None:
        end.hood.message(k, leaf, payload, end.made.clock.now(), self.now)

    def step(self, k: str) -> list[tuple[str, bytes]]:
        """One round of a kiosk's wire, as `kiosk.sync` does it; what it published. Hellos are not part of this site."""
        end = self.ends[k]
        end.outbox.appended(end.made.desk.log.seq)
        sends = [step for step in end.outbox.poll(self.now, 0.5) if step[0] == "send"]
        pairs = [end.reader.pairs(end.outbox.inc, first, last) for _, first, last in sends]
        out = [(topics.UP, envelope.pack(each)) for each in pairs]
        out += end.hood.step(self.now, end.outbox)
        self.sent += [(k, leaf, payload) for leaf, payload in out]
        return out

    def run(self, seconds: float, *, deaf: Iterable[str] = ()) -> None:
        """Let the wire work: what one publishes, all others on the wire hear. `deaf`: kiosks that hear nothing."""
        for _ in range(int(seconds * 2)):
            self.now += 500
            for k in list(self.ends):
                for leaf, payload in self.step(k):
                    for name, end in self.ends.items():
                        if name != k and name not in deaf:
                            self.hear(end, k, leaf, payload)

    def ack(self, inc: str, k: str, **changes: object) -> bytes:
        """The centre's signed word on a log."""
        given = {
            "k": k,
            "inc": inc,
            "covered": inbox.Ranges(),
            "last": 0,
            "status": [],
            "archived": 0,
            "now": 1,
            "head": "",
        }
        return self.centre_key.document(inbox.make_ack(**{**given, **changes}))


def public_pem(key: Path) -> str:
    """The public half of a kiosk's key file."""
    private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    shape = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.public_key().public_bytes(*shape).decode()
