"""A lamp's reflection on a card: read beside it in one frame, and from several once the card has moved under it."""

from random import Random

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from kiosk.hardware import glare
from kiosk.hardware.card_picture import card_picture
from kiosk.hardware.decoder import Decoded, DecoderChain
from kiosk.hardware.glare import Layers
from kiosk.hardware.zxing_decoder import ZxingDecoder
from tests.kiosk.hardware.vietnamese import card_payload

# Where the code of a card held straight lies in its frame.
LEFT, TOP, SIDE = 897, 107, 214


@pytest.fixture(scope="module")
def payload() -> bytes:
    return card_payload(Random(96))


@pytest.fixture(scope="module")
def card(payload: bytes) -> Image.Image:
    return card_picture(payload, mask=2)


@pytest.fixture
def decoder() -> ZxingDecoder:
    return ZxingDecoder()


def hidden(card: Image.Image, x: float, y: float, *, wide: float = 0.24, high: float = 0.28) -> Image.Image:
    """A white patch over a part of the code, in shares of its side; the corners stay in sight."""
    frame = card.copy()
    middle, down = LEFT + x * SIDE, TOP + y * SIDE
    box = (middle - wide * SIDE, down - high * SIDE, middle + wide * SIDE, down + high * SIDE)
    ImageDraw.Draw(frame).ellipse(box, fill=255)
    return frame


def hazed(card: Image.Image) -> Image.Image:
    """Light over the right half of the code that leaves a tenth of the contrast."""
    lit = Image.new("L", card.size, 0)
    ImageDraw.Draw(lit).rectangle((LEFT + SIDE * 0.45, 0, card.width, TOP + SIDE * 0.65), fill=228)
    return Image.composite(Image.new("L", card.size, 255), card, lit)


def test_beside_a_reflection_dark_and_light_still_differ(card, payload, decoder):
    frame = hazed(card)
    as_it_comes = [code for code in zxingcpp.read_barcodes(frame) if code.valid]
    assert (as_it_comes, decoder.decode(frame)) == ([], [Decoded(payload, "qr")])


def test_a_card_that_moves_under_a_reflection_is_read_from_two_frames(card, payload, decoder):
    left, right = hidden(card, 0.24, 0.5), hidden(card, 0.76, 0.5)
    for one in (left, right):
        decoder.forget()
        assert decoder.decode(one) == []
    decoder.forget()
    assert decoder.decode(left) == []
    assert decoder.decode(right) == [Decoded(payload, "qr")]
    assert decoder.decode(right) == [], "what was read is not kept for whoever comes next"


def test_the_chain_passes_on_that_another_card_comes(card, payload, decoder):
    chain = DecoderChain(decoder, ZxingDecoder())
    chain.decode(hidden(card, 0.24, 0.5))
    chain.forget()
    assert chain.decode(hidden(card, 0.76, 0.5)) == []


def test_frames_without_a_code_end_it(card, decoder):
    decoder.decode(hidden(card, 0.24, 0.5))
    for _ in range(glare.FORGET_AFTER):
        decoder.decode(Image.new("L", card.size, 120))
    assert decoder.decode(hidden(card, 0.76, 0.5)) == []


def test_two_cards_are_never_made_into_a_third(card, payload, decoder):
    other = card_payload(Random(97))
    theirs = card_picture(other, mask=5)
    seen = []
    for at in range(4):
        seen += decoder.decode(hidden(card if at % 2 else theirs, 0.5, 0.35 + at / 10))
    assert {one.data for one in seen} <= {payload, other}


def test_corners_and_askew_squares_are_no_codes():
    layers, frame = Layers(), Image.new("L", (200, 200), 255)
    corner = ((0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 50.0))
    askew = ((0.0, 0.0), (150.0, 0.0), (150.0, 90.0), (0.0, 90.0))
    assert [layers.add(frame, [corner, askew]) for _ in range(3)] == [None] * 3


def test_another_size_is_another_card():
    layers, frame = Layers(), Image.new("L", (400, 400), 255)
    near = ((0.0, 0.0), (300.0, 0.0), (300.0, 300.0), (0.0, 300.0))
    far = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0))
    assert layers.add(frame, [near]) is None
    assert layers.add(frame, [far]) is None
    together = layers.add(frame, [far])
    assert together is not None
    assert together.size == (glare.SIDE_PX + 2 * glare.MARGIN_PX,) * 2
