"""A desk with its retention, an hour hand, a centre that acknowledges, and a thief who copies the card's files."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.crypto import Sealer
from kiosk.desk.retention import Retention
from protocol import sealed
from server.sealing import Unsealer
from tests.kiosk.made import CARD, Made

KEY = ec.generate_private_key(ec.SECP256R1())
THIRD_CARD = "075301004322||Phạm Đức Huy|02092001|Nam|Ấp 4, Phú Lộc, Tân Phú, Đồng Nai|25062021"
# All that names the two people of this file in any table, in any spelling.
SECRETS = [
    text.encode()
    for text in ("Nguyễn Văn An", "Lê Thị Mỹ Duyên", "075079001234", "075301004321", "271234567", "Phú Lộc")
]


def sealer(folder: Path) -> Sealer:
    path = folder / "server-sealing.pub"
    path.write_bytes(
        KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return Sealer(path)


class Kiosk:
    """A desk with its retention, an hour hand, and a centre that acknowledges."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.retention = Retention(made.desk, sealer(made.folder))

    def again(self) -> None:
        self.made.restart()
        self.retention = Retention(self.made.desk, sealer(self.made.folder))

    def acked(self, *, archived: int | None = None, upto: int | None = None, now: int | None = None) -> None:
        desk = self.made.desk
        mark = desk.log.seq if upto is None else upto
        desk.call(lambda: desk.safe(mark, []))
        said = self.made.clock.wall if now is None else now
        desk.call(lambda: self.retention.heard(desk.log.inc, archived or 0, said))

    def night(self, days: int = 1) -> None:
        self.made.clock.pass_s(days * 86_400)

    def work(self, rounds: int = 60) -> None:
        """What the ticks of some minutes do, nobody before the screen."""
        for _ in range(rounds):
            self.made.clock.patience += 70_000
            self.made.desk.call(lambda: self.retention.step(self.made.clock.now()))

    def day(self, card: str = CARD) -> None:
        """One person from the door to release."""
        made = self.made
        made.check_in(card)
        made.screen()
        made.dose()
        made.act("next")
        made.clock.pass_s(1801)
        made.sign_in("1004")
        tile = made.touch.view()["data"]["tiles"][0]
        made.act("release", visit=tile["visit"])
        made.act("sign_out")

    def count(self, table: str) -> int:
        return int(self.made.store.db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def found_in_files(folder: Path) -> set[bytes]:
    """The secrets that stand anywhere in the card's files, as a thief with a copy of them would look."""
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {secret for secret in SECRETS if secret in everything}


def opened(kiosk: Kiosk) -> list[tuple[bytes, bytes]]:
    """The sealed records as the centre reads them."""
    unsealer = Unsealer([KEY])
    pairs = kiosk.made.store.kept.pairs(kiosk.made.desk.log.inc, 1, 10_000)
    return [
        sealed.outside(unsealer.open(name, sealed.read_name(name)["key"], sealed.read_box(box))) for name, box in pairs
    ]
