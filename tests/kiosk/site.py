"""Several desks of one site without a wire: what one recorded is carried to another by hand, as the broker would."""

from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from kiosk.desk import copies
from kiosk.neighbourhood import Neighbourhood
from kiosk.neighbours import Copies
from protocol import envelope
from tests.kiosk.made import LISTS, Made

Pair = tuple[bytes, bytes]


class Site:
    """Kiosks `kiosk-01` (lane A), `kiosk-02` (lane B), … with each other's keys. `revoked`: names nobody believes."""

    def __init__(self, folder: Path, count: int = 2, *, revoked: Iterable[str] = ()) -> None:
        self.kiosks: list[Made] = []
        for number in range(count):
            place = folder / f"kiosk-{number + 1:02d}"
            place.mkdir()
            self.kiosks.append(Made(place, k=place.name, lane="ABCDEF"[number]))
        self.keys = [
            {"k": one.k, "public_key": public_pem(one.key), "revoked": one.k in revoked} for one in self.kiosks
        ]
        for one in self.kiosks:
            one.lists = {**LISTS, "keys": {"items": self.keys}}
            one.restart()

    def close(self) -> None:
        for one in self.kiosks:
            one.close()

    def pass_s(self, seconds: float) -> None:
        for one in self.kiosks:
            one.clock.pass_s(seconds)

    def pairs(self, kiosk: Made) -> list[Pair]:
        """Everything a kiosk has recorded, as it goes up."""
        rows = kiosk.store.db.conn.execute("SELECT line, signature FROM record ORDER BY rowid")
        return [(bytes(row[0]), bytes(row[1])) for row in rows]

    def tell(self, listener: Made, pairs: list[Pair], *, by: str = "kiosk-02") -> Neighbourhood:
        """Bring pairs to a kiosk as a message on the `up` topic of `by`, and let it settle."""
        hood = Neighbourhood(k=listener.k, copies=Copies(listener.store.db.conn))
        hood.believe(listener.desk.lists.keys, 1)

        def take() -> None:
            for at in range(0, len(pairs), envelope.MAX_PAIRS):
                hood.up(by, envelope.pack(pairs[at : at + envelope.MAX_PAIRS]), listener.desk.moment())
            found = hood.fresh()
            hood.settled(found, copies.arrived(listener.desk, found))

        listener.desk.call(take)
        return hood

    def share(self) -> None:
        """Everybody has everybody's records."""
        for teller in self.kiosks:
            for listener in self.kiosks:
                if teller is not listener:
                    self.tell(listener, self.pairs(teller), by=teller.k)


def public_pem(key: Path) -> str:
    """The public half of a kiosk's key file."""
    private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    shape = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.public_key().public_bytes(*shape).decode()
