"""QR codes as a kiosk's camera sees them at its worst, one kind of trouble at a time, read by each decoder on the same frames.

Beside ours stand the two libraries as anybody would call them first: whole frame, defaults, text mode.
"""

import time
from collections.abc import Callable, Iterator
from random import Random

import zxingcpp
from PIL import Image, ImageChops, ImageDraw
from pyzbar import pyzbar

from kiosk.hardware.card_picture import card_picture
from kiosk.hardware.decoder import Decoder, DecoderChain
from kiosk.hardware.zbar_decoder import ZbarDecoder
from kiosk.hardware.zxing_decoder import ZxingDecoder
from tests.bench.lines import spread, timed
from tests.kiosk.hardware.vietnamese import card_payload
from tests.slips.paper import FRAME

SEED = 7
FRAMES_OF_A_KIND = 25
MOVED_CARDS, MOVED_FRAMES = 60, 30
Frame = tuple[bytes, Image.Image]
Way = Callable[[Image.Image], list[bytes]]


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


def moved() -> Iterator[tuple[bytes, list[Image.Image]]]:
    """MOVED_CARDS cards under a lamp's reflection that stays, each held by a hand that moves for MOVED_FRAMES frames, 2 s."""
    chance = Random(SEED + 1)
    for _ in range(MOVED_CARDS):
        payload, tilt = card_payload(chance), chance.uniform(-8, 8)
        lamp, mask = chance.randrange(1 << 30), chance.randrange(8)
        at, speed = [0.0, 0.0, 0.0], [chance.uniform(-most, most) for most in (12, 8, 0.6)]
        frames = []
        for _ in range(MOVED_FRAMES):
            card = ImageChops.offset(
                card_picture(payload, tilt_deg=tilt + at[2], mask=mask), round(at[0]), round(at[1])
            )
            frames.append(glare(card, Random(lamp)))
            speed = [one + chance.uniform(-most, most) for one, most in zip(speed, (3, 3, 0.2), strict=True)]
            # A hand swings back: 6 mm either way at 12 cm before the camera.
            speed = [
                -one / 2 if abs(place) > most else one for one, place, most in zip(speed, at, (60, 40, 5), strict=True)
            ]
            at = [place + one for place, one in zip(at, speed, strict=True)]
        yield payload, frames


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


def _ways(ours: list[Decoder]) -> dict[str, Way]:
    """Each way of reading one frame, ours and the two libraries as they come. Ours forget: each frame stands alone."""
    ways: dict[str, Way] = {one.name: lambda image, one=one: _fresh(one, image) for one in ours}
    return {**ways, "peer: zxing-cpp as it comes": _zxing_plain, "peer: pyzbar as it comes": _pyzbar_plain}


def _fresh(decoder: Decoder, image: Image.Image) -> list[bytes]:
    decoder.forget()
    return [found.data for found in decoder.decode(image)]


def bench_frames(ours: list[Decoder]) -> None:
    """One line per way of reading: share read of each kind, exact bytes only, and milliseconds a frame."""
    frames = list(hard_frames())
    for name, read in _ways(ours).items():
        samples: list[float] = []
        hits = dict.fromkeys(kinds(), 0)
        for kind, (payload, picture) in frames:
            begun = time.perf_counter()
            found = read(picture)
            samples.append((time.perf_counter() - begun) * 1000)
            hits[kind] += payload in found
        shares = {kind: round(count / FRAMES_OF_A_KIND, 2) for kind, count in hits.items()}
        spread(f"qr frame, {name}", samples, hit_rate=round(sum(hits.values()) / len(frames), 3), **shares)
    # What an idle kiosk computes: nobody is there.
    empty = Image.new("L", FRAME, 120)
    for name, read in _ways(ours).items():
        spread(f"empty frame, {name}", [timed(lambda read=read: read(empty)) for _ in range(20)])


def bench_moved(ours: list[Decoder]) -> None:
    """A card moved under a lamp for two seconds: share read by each frame, with and without what the frames before showed."""
    shown = list(moved())
    zxing = ours[0]
    ways: dict[str, Way] = {
        "zxing, frames together": lambda image: [found.data for found in zxing.decode(image)],
        "zxing, each frame alone": lambda image: _fresh(zxing, image),
        "peer: zxing-cpp as it comes": _zxing_plain,
    }
    for name, read in ways.items():
        samples, wrong = [], 0
        first = [0] * MOVED_FRAMES
        for payload, frames in shown:
            zxing.forget()
            for at, frame in enumerate(frames):
                begun = time.perf_counter()
                found = read(frame)
                samples.append((time.perf_counter() - begun) * 1000)
                wrong += any(one != payload for one in found)
                if payload in found:
                    first[at] += 1
                    break
        shares = {f"by_frame_{at}": round(sum(first[:at]) / len(shown), 2) for at in (1, 5, 15, MOVED_FRAMES)}
        spread(f"glare, card moved, {name}", samples, wrong=wrong, **shares)


def main() -> None:
    """Single frames, then a card that moves."""
    # `every=1`: a person holds the card for many frames; here each frame stands alone.
    ours: list[Decoder] = [ZxingDecoder(), ZbarDecoder(), DecoderChain(ZxingDecoder(), ZbarDecoder(), every=1)]
    bench_frames(ours)
    bench_moved(ours)
    for decoder in ours:
        decoder.close()


if __name__ == "__main__":
    main()
