"""What is sent draws the picture dot for dot, in few bytes: a slip is in the hand within three seconds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from kiosk.hardware.escpos_paper import EscposPaper
from kiosk.hardware.escpos_raster import CENTRE, LEFT, Step, defused, steps, trimmed, weight
from tests.kiosk import golden_slips

ALIGN = {LEFT: b"\x1ba\0", CENTRE: b"\x1ba\1"}


def on_the_wire(job: list[Step]) -> bytes:
    """The job as a printer gets it; written apart from the driver."""
    data, align = b"", LEFT
    for step in job:
        if step.image is None:
            data += b"\x1bJ" + bytes((step.feed,))
            continue
        if step.align != align:
            align = step.align
            data += ALIGN[align]
        ink = ImageChops.invert(step.image.convert("L")).convert("1").tobytes()
        mode = 0 if step.scale == 1 else 3
        sides = (step.image.width // 8).to_bytes(2, "little") + step.image.height.to_bytes(2, "little")
        data += b"\x1dv0" + bytes((mode,)) + sides + ink
    return data


def drawn(data: bytes, width: int) -> Image.Image:
    """What stands on the paper."""
    paper = EscposPaper(width_dots=width)
    paper.take(data + b"\x1dV\0")
    assert paper.rejected == b""
    return paper.slips[0]


def ink(picture: Image.Image) -> int:
    return ImageChops.invert(picture.convert("L")).histogram()[255]


@st.composite
def pictures(draw) -> Image.Image:
    """Blots of fine and of double dots here and there on white paper; never quite blank."""
    width = draw(st.sampled_from([384, 512, 576, 640]))
    picture = Image.new("1", (width, draw(st.integers(8, 400))), 1)
    for _ in range(draw(st.integers(1, 4))):
        size = (draw(st.integers(1, 60)), draw(st.integers(1, 60)))
        bits = draw(st.binary(min_size=8, max_size=8)) * 60
        blot = Image.frombytes("1", size, (bits * 10)[: -(-size[0] // 8) * size[1]])
        if draw(st.booleans()):
            blot = blot.resize((size[0] * 2, size[1] * 2), Image.Resampling.NEAREST)
        picture.paste(blot, (draw(st.integers(0, width - 8)), draw(st.integers(0, picture.height - 1))))
    picture.putpixel((0, draw(st.integers(0, 7))), 0)
    return picture


@settings(max_examples=60)
@given(pictures(), st.booleans(), st.booleans())
def test_the_steps_draw_the_picture(picture, centres, doubles):
    job = steps(picture, centres=centres, doubles=doubles)
    assert all(0 <= step.feed <= 255 for step in job)
    assert centres or all(step.align == LEFT for step in job)
    assert doubles or all(step.scale == 1 for step in job)
    out = drawn(on_the_wire(job), picture.width)
    assert out.size == picture.size
    # No dot is lost; a dot is added only where a command would hide.
    extra = ImageChops.difference(out.convert("L"), picture.convert("L"))
    assert ImageChops.darker(out.convert("L"), picture.convert("L")).tobytes() == out.convert("L").tobytes()
    dangers = sum(step.image.tobytes().count(b"\xe7") for step in job if step.image)
    assert extra.histogram()[255] <= 4 * dangers
    assert weight(job) == len(on_the_wire(job))
    for danger in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert danger not in on_the_wire(job)


def test_blank_paper_is_fed():
    job = steps(Image.new("1", (576, 600), 1), centres=True, doubles=True)
    assert [step.feed for step in job] == [255, 255, 90]


def test_golden_slips_dot_for_dot():
    for name, picture in golden_slips.draw().items():
        short = trimmed(picture)
        for able in (True, False):
            out = drawn(on_the_wire(steps(short, centres=able, doubles=able)), short.width)
            difference = ImageChops.difference(out.convert("L"), short.convert("L"))
            assert sum(difference.histogram()[128:]) <= 4, name


@pytest.mark.parametrize(("name", "most_bytes"), [("dose_80", 32_000), ("dose_58", 25_000), ("ticket_80", 22_000)])
def test_in_the_hand_within_three_seconds(name, most_bytes):
    """115,200 baud carries 11,520 bytes a second: 34,560 in three. What is left over is for the last line and the knife."""
    picture = trimmed(golden_slips.draw()[f"{name}.png"])
    assert weight(steps(picture, centres=True, doubles=True)) <= most_bytes


def test_a_code_is_sent_at_half_its_size():
    """Its dots are even, so that a quarter of the bytes draw it."""
    job = steps(trimmed(golden_slips.draw()["dose_80.png"]), centres=True, doubles=True)
    doubled = [step for step in job if step.scale == 2 and step.image]
    assert sum(step.image.height for step in doubled if step.image) * 2 > 45 * 8
    assert weight(doubled) < 6_000


def test_defused_keeps_every_dot():
    ink_bytes = b"\x10\x14\x01\x00\x05".ljust(72, b"\0")
    picture = ImageChops.invert(Image.frombytes("1", (576, 1), ink_bytes).convert("L")).convert("1")
    assert ink(defused(picture)) == ink(picture) + 1
