"""One card held up gives one scan; the camera's trouble is reported once (F20)."""

import pytest
from PIL import Image

from kiosk.hardware.camera_fake import FakeCamera
from kiosk.hardware.camera_reader import OUT_OF_VIEW_MS, CameraReader
from kiosk.hardware.card_picture import card_picture
from kiosk.hardware.decoder import Decoded, Decoder, DecoderChain
from kiosk.hardware.zxing_decoder import ZxingDecoder

CARD = card_picture("075079001234||Lê Thị Mỹ Duyên|02092001|Nữ|Phú Lộc, Tân Phú, Đồng Nai|25062021".encode())
OTHER = card_picture("075079009999||Đỗ Ỷ|02091950|Nam|Long An|25062021".encode())


class Bench:
    """A fake camera, its reader, and what came out."""

    def __init__(self, clock, decoder=None):
        self.clock = clock
        self.camera = FakeCamera()
        self.scans, self.statuses = [], []
        self.reader = CameraReader(
            self.camera, decoder or ZxingDecoder(), self.scans.append, self.statuses.append, now_ms=clock
        )

    def look(self, times: int = 1, every_ms: int = 100):
        for _ in range(times):
            self.reader.step()
            self.clock.pass_ms(every_ms)


def test_a_card_held_still_gives_one_scan(clock):
    bench = Bench(clock)
    bench.camera.hold(CARD)
    bench.look(80)
    [scan] = bench.scans
    assert (scan.symbology, scan.source) == ("qr", "camera")
    assert scan.data.decode().split("|")[2] == "Lê Thị Mỹ Duyên"
    assert bench.statuses == ["ready"]


def test_the_same_card_again_after_it_was_away(clock):
    bench = Bench(clock)
    bench.camera.hold(CARD)
    bench.look(3)
    bench.camera.take_away()
    bench.look(5)
    bench.camera.hold(CARD)
    bench.look(3)
    assert len(bench.scans) == 1
    bench.camera.take_away()
    bench.look(OUT_OF_VIEW_MS // 100 + 1)
    bench.camera.hold(CARD)
    bench.look(3)
    assert len(bench.scans) == 2


def test_the_next_card_at_once(clock):
    bench = Bench(clock)
    for card in (CARD, OTHER):
        bench.camera.hold(card)
        bench.look(2)
    assert len(bench.scans) == 2
    assert bench.scans[0] != bench.scans[1]


def test_trouble_is_reported_on_change_only(clock):
    """F20: dark, absent and back, each once."""
    bench = Bench(clock)
    bench.look(3)
    bench.camera.cover()
    bench.look(3)
    bench.camera.uncover()
    bench.look(3)
    bench.camera.unplug()
    bench.look(30)
    bench.camera.plug()
    bench.look(30)
    bench.camera.freeze()
    bench.look(60)
    bench.camera.thaw()
    bench.look(3)
    assert bench.statuses == ["ready", "dark", "ready", "absent", "ready", "frozen", "ready"]
    bench.reader.close()
    assert bench.camera.status() == "absent"


def test_absent_from_the_start(clock):
    bench = Bench(clock)
    bench.camera.unplug()
    bench.look(5)
    assert bench.statuses == ["absent"]


class Counting(Decoder):
    """Finds what it is told to find."""

    def __init__(self, found: list[Decoded]):
        self.found, self.asked, self.is_closed = found, 0, False

    def decode(self, image):
        self.asked += 1
        return self.found

    def close(self):
        self.is_closed = True


def test_chain_asks_the_second_now_and_then(clock):
    first, second = Counting([]), Counting([Decoded(b"x", "qr")])
    chain = DecoderChain(first, second, every=5)
    answers = [chain.decode(Image.new("L", (8, 8))) for _ in range(20)]
    assert second.asked == 4
    assert [bool(answer) for answer in answers] == ([False] * 4 + [True]) * 4
    first.found = [Decoded(b"y", "qr")]
    assert chain.decode(Image.new("L", (8, 8))) == first.found
    assert second.asked == 4
    chain.close()
    assert first.is_closed
    assert second.is_closed


class CountingDecoder(ZxingDecoder):
    """Counts the frames it is given."""

    def __init__(self):
        super().__init__()
        self.frames = 0

    def decode(self, frame):
        self.frames += 1
        return super().decode(frame)


def test_a_bare_wall_is_not_decoded_and_a_card_before_it_at_once(clock):
    decoder = CountingDecoder()
    bench = Bench(clock, decoder)
    bench.look(20)
    assert decoder.frames == 0
    bench.camera.hold(CARD)
    bench.look(1)
    assert len(bench.scans) == 1


@pytest.mark.parametrize("levels", [8, 12, 20, 40])
def test_a_pale_card_is_seen_if_the_decoder_can_read_it(clock, levels):
    """What is passed over as blank is far paler than what any decoder reads."""
    pale = CARD.convert("L").point(lambda tone: 120 + tone * levels // 255)
    readable = bool(ZxingDecoder().decode(pale))
    bench = Bench(clock)
    bench.camera.hold(pale)
    bench.look(2)
    assert bool(bench.scans) == readable
