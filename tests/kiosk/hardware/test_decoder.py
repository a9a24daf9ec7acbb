"""The decoder's contract over both drivers: exact bytes, an empty list for what cannot be read, never an exception."""

from random import Random

import pytest
import segno
import zxingcpp
from PIL import Image

from kiosk.hardware.card_picture import card_picture, code_image
from kiosk.hardware.decoder import Decoded
from kiosk.hardware.scan import MAX_SCAN_BYTES
from kiosk.hardware.zbar_decoder import ZbarDecoder
from kiosk.hardware.zxing_decoder import ZxingDecoder
from tests.kiosk.hardware.vietnamese import LETTERS, card_payload


@pytest.fixture(scope="module", params=[ZxingDecoder, ZbarDecoder])
def decoder(request):
    made = request.param()
    yield made
    made.close()


def picture_of(code: segno.QRCode, module_px: int = 4) -> Image.Image:
    rows = [list(row) for row in code.matrix_iter(border=4)]
    image = Image.new("L", (len(rows), len(rows)))
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    return image.resize((image.width * module_px, image.height * module_px), Image.Resampling.NEAREST)


@pytest.mark.parametrize("count", [40, pytest.param(300, marks=pytest.mark.integration)])
def test_vietnamese_cards_byte_for_byte(decoder, count):
    """Default zbar garbles up to 68 % of such payloads; its binary mode, and zxing's bytes, none."""
    random = Random(20211003 + count)
    for _ in range(count):
        payload = card_payload(random)
        assert decoder.decode(code_image(payload, module_px=4, mask=random.randrange(8))) == [Decoded(payload, "qr")]


def test_each_vietnamese_letter_alone(decoder):
    """The shortest payloads are garbled most often: one to six letters with diacritics, 61 % wrong in text mode."""
    for at in range(0, len(LETTERS), 5):
        payload = LETTERS[at : at + 5].encode()
        assert decoder.decode(code_image(payload, module_px=6)) == [Decoded(payload, "qr")]


@pytest.mark.parametrize(
    "payload",
    [
        b"\xef\xbb\xbfstarts with a byte order mark",
        b"nul\x00esc\x1bgs\x1dend",
        bytes(range(256)),
        b"\xff\xfe\x80 not text",
        "ｶﾅ 漢字 Lê".encode(),
    ],
)
def test_bytes_that_text_modes_change(decoder, payload):
    """F12: the desk refuses them; here they come through unchanged."""
    assert decoder.decode(code_image(payload, module_px=4)) == [Decoded(payload, "qr")]


def test_structured_append_is_survived(decoder):
    """Pyzbar's own decode() raises ValueError on every such code; here it is just a code that is not ours."""
    for part in segno.make_sequence("Nguyễn Văn An " * 30, symbol_count=3, encoding="utf-8"):
        assert len(decoder.decode(picture_of(part))) <= 1


def test_a_3_kb_code_is_cut(decoder):
    """F13: 2,953 bytes is the most a QR can hold; one byte past the limit comes out, for "not ours"."""
    payload = (b"0123456789abcdef" * 185)[:2_900]
    code = segno.make(payload, mode="byte", error="l", boost_error=False)
    [found] = decoder.decode(picture_of(code, 5))
    assert found.data == payload[: MAX_SCAN_BYTES + 1]


def test_pictures_without_a_code(decoder):
    random = Random(1)
    noise = Image.frombytes("L", (640, 480), random.randbytes(640 * 480))
    for image in (noise, Image.new("L", (1280, 720), 255), Image.new("L", (1, 1)), Image.new("L", (1280, 720), 0)):
        assert decoder.decode(image) == []


def test_broken_codes_do_not_crash(decoder):
    """F19: codes with a torn-out part: read or not read, never an error."""
    random = Random(2)
    payload = card_payload(random)
    for _ in range(25):
        image = code_image(payload, module_px=4)
        x, y = random.randrange(image.width), random.randrange(image.height)
        image.paste(random.choice((0, 255)), (x, y, x + random.randrange(1, 90), y + random.randrange(1, 90)))
        assert all(found.data == payload for found in decoder.decode(image))


def test_colour_pictures_are_taken_too(decoder):
    payload = card_payload(Random(3))
    assert decoder.decode(code_image(payload, module_px=4).convert("RGB")) == [Decoded(payload, "qr")]


def test_vial_codes_are_read_by_zxing():
    """GS1 DataMatrix on vials: the bytes with their group separators."""
    code = zxingcpp.create_barcode(b"0108938500000011172112311021A", zxingcpp.BarcodeFormat.DataMatrix)
    [found] = ZxingDecoder().decode(_drawn(code))
    assert (found.data, found.symbology) == (b"0108938500000011172112311021A", "datamatrix")


def _drawn(code: zxingcpp.Barcode) -> Image.Image:
    drawn = zxingcpp.write_barcode_to_image(code, scale=6)
    view = memoryview(drawn)
    image = Image.frombytes("L", (view.shape[1], view.shape[0]), view.tobytes())
    framed = Image.new("L", (image.width + 80, image.height + 80), 255)
    framed.paste(image, (40, 40))
    return framed


@pytest.mark.parametrize("light", [1.0, 0.4])
@pytest.mark.parametrize("blur_px", [0.0, 1.0])
def test_cards_before_the_camera(decoder, light, blur_px):
    payload = card_payload(Random(4))
    for tilt_deg in (-6, 0, 4):
        frame = card_picture(payload, tilt_deg=tilt_deg, blur_px=blur_px, light=light)
        assert frame.size == (1280, 720)
        assert decoder.decode(frame) == [Decoded(payload, "qr")]
