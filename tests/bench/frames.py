"""QR codes as a kiosk's camera sees them at its worst, one kind of trouble at a time, read by each decoder on the same frames.

Beside ours stand the two libraries as anybody would call them first: whole frame, defaults, text mode.
"""

import time
from collections.abc import Callable, Iterator
from random import Random

import zxingcpp
from PIL import Image, ImageDraw
from pyzbar import pyzbar

from kiosk.hardware.card_picture import card_picture
from kiosk.hardware.decoder import DecoderChain
from kiosk.hardware.zbar_decoder import ZbarDecoder
from kiosk.hardware.zxing_decoder import ZxingDecoder
from tests.bench.lines import spread
from tests.kiosk.hardware.vietnamese import card_payload
from tests.slips.paper import FRAME

SEED = 7
FRAMES_OF_A_KIND = 25
Frame = tuple[bytes, Image.Image]


def glare(frame: Image.Image, chance: Random) -> Image.Image:
    """A lamp's reflection on the card's plastic: a soft white patch near or over the code."""
    lit = Image.new("L", frame.size, 0)
    x, y = frame.width * chance.uniform(0.66, 0.9), frame.height * chance.uniform(0.1, 0.45)
    draw, size = ImageDraw.Draw(lit), chance.uniform(0.5, 1.3)
    for step in range(24):
        away = (150 - step * 6) * size
        draw.ellipse((x - away * 1.2, y - away * 0.8, x + away * 1.2, y + away * 0.8), fill=min(255, step * 16))
    return Image.composite(Image.new("L", frame.size, 255), frame, lit)


def leaning(frame: Image.Image, chance: Random) -> Image.Image:
    """The card turned away from the camera: its far edge is shorter."""
    inset = round(frame.height * chance.uniform(0.05, 0.3))
    corners = (0, -inset, 0, frame.height + inset, frame.width, frame.height, frame.width, 0)
    return frame.transform(frame.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR, fillcolor=120)


def noisy(frame: Image.Image, chance: Random) -> Image.Image:
    """What is left of a frame in low light once the sensor has brightened it."""
    return Image.blend(frame, Image.effect_noise(FRAME, chance.uniform(20, 60)), chance.uniform(0.2, 0.45))


def kinds() -> dict[str, Callable[[bytes, Random], Image.Image]]:
    """Name of the trouble: how its frame is drawn."""
    return {
        "plain": lambda data, chance: card_picture(data, tilt_deg=chance.uniform(-5, 5)),
        "blur": lambda data, chance: card_picture(data, blur_px=chance.uniform(1.0, 2.4)),
        "tilt": lambda data, chance: leaning(
            card_picture(data, tilt_deg=chance.uniform(-40, 40), card_width_px=760), chance
        ),
        "glare": lambda data, chance: glare(card_picture(data, tilt_deg=chance.uniform(-8, 8)), chance),
        "low light": lambda data, chance: noisy(card_picture(data, light=chance.uniform(0.12, 0.4)), chance),
        "far": lambda data, chance: card_picture(data, card_width_px=chance.choice((560, 640, 700))),
    }


def hard_frames() -> Iterator[tuple[str, Frame]]:
    """FRAMES_OF_A_KIND frames of every kind, the same in each run but for the grain of the noise."""
    chance = Random(SEED)
    for kind, drawn in kinds().items():
        for _ in range(FRAMES_OF_A_KIND):
            payload = card_payload(chance)
            yield kind, (payload, drawn(payload, chance))


def _zxing_plain(image: Image.Image) -> list[bytes]:
    return [code.text.encode() for code in zxingcpp.read_barcodes(image)]


def _pyzbar_plain(image: Image.Image) -> list[bytes]:
    return [bytes(code.data) for code in pyzbar.decode(image)]


def main() -> None:
    """One line per way of reading: share read of each kind, exact bytes only, and milliseconds a frame."""
    frames = list(hard_frames())
    zxing, zbar = ZxingDecoder(), ZbarDecoder()
    # `every=1`: a person holds the card for many frames; here each frame stands alone.
    chain = DecoderChain(ZxingDecoder(), ZbarDecoder(), every=1)
    ours = {"zxing-cpp": zxing, "zbar binary": zbar, "chain": chain}
    ways: dict[str, Callable[[Image.Image], list[bytes]]] = {
        **{name: lambda image, one=one: [found.data for found in one.decode(image)] for name, one in ours.items()},
        "peer: zxing-cpp as it comes": _zxing_plain,
        "peer: pyzbar as it comes": _pyzbar_plain,
    }
    for name, read in ways.items():
        samples: list[float] = []
        hits = dict.fromkeys(kinds(), 0)
        for kind, (payload, picture) in frames:
            begun = time.perf_counter()
            found = read(picture)
            samples.append((time.perf_counter() - begun) * 1000)
            hits[kind] += payload in found
        shares = {kind: round(count / FRAMES_OF_A_KIND, 2) for kind, count in hits.items()}
        spread(f"qr frame, {name}", samples, hit_rate=round(sum(hits.values()) / len(frames), 3), **shares)
    for decoder in ours.values():
        decoder.close()


if __name__ == "__main__":
    main()
