"""The first decoder: zxing-cpp at half size, evened against glare, full size, 3x3-blurred, at last several frames in one.

Each step only when the ones before found nothing; `.bytes` is exact for UTF-8 without ECI. Figures: tests/bench/README.md.
"""

import zxingcpp
from PIL import Image, ImageFilter

from kiosk.hardware.decoder import Decoded, Decoder
from kiosk.hardware.glare import AROUND_CUT_OUT_PX, Corners, Layers, evened
from kiosk.hardware.scan import clip

# By AIM identifier ("]Q1", "]d2"): the enum's names changed between zxing-cpp 2 and 3, the standard did not.
_SYMBOLOGIES = {"]Q": "qr", "]d": "datamatrix"}


class ZxingDecoder(Decoder):
    """zxing-cpp for QR codes (cards, slips) and GS1 DataMatrix (vials)."""

    name = "zxing"

    def __init__(self) -> None:
        # Only the two kinds in use: a wider list costs time on empty frames and reads bar codes off clothes. Of QR model 2
        # alone: "QRCode" has Micro QR too, and takes one corner of a card's half hidden code for one.
        kinds = [zxingcpp.BarcodeFormat.QRCodeModel2, zxingcpp.BarcodeFormat.DataMatrix]
        self._formats = zxingcpp.BarcodeFormats(kinds)
        self._layers = Layers()

    def decode(self, image: Image.Image) -> list[Decoded]:
        """Return the codes in a grey picture; stops at the first step that shows any."""
        grey = image if image.mode == "L" else image.convert("L")
        found = self._look(grey)
        if found:
            self._layers.forget()
        return found

    def forget(self) -> None:
        """The next picture shows something else."""
        self._layers.forget()

    def _look(self, grey: Image.Image) -> list[Decoded]:
        unread: list[Corners] = []
        # Half size reads a held card in 1 to 2 ms; a box average also removes sensor noise.
        if min(grey.size) >= 400:
            half = grey.reduce(2)
            found = self._read(half) or self._read(evened(half), unread, scale=2)
            if found:
                return found
        return (
            self._read(grey, unread) or self._read(grey.filter(ImageFilter.BoxBlur(1))) or self._together(grey, unread)
        )

    def _together(self, grey: Image.Image, unread: list[Corners]) -> list[Decoded]:
        darkest = self._layers.add(grey, unread)
        if darkest is None:
            return []
        return self._read(darkest) or self._read(evened(darkest, AROUND_CUT_OUT_PX))

    def _read(self, grey: Image.Image, unread: list[Corners] | None = None, *, scale: int = 1) -> list[Decoded]:
        """The codes read; where one lies that could not be read goes to `unread`, in dots of the whole picture."""
        read = zxingcpp.read_barcodes(grey, formats=self._formats, return_errors=unread is not None)
        if unread is not None:
            unread += [_corners(code, scale) for code in read if not code.valid and _kind(code) == "qr"]
        return [Decoded(clip(bytes(code.bytes)), _kind(code)) for code in read if code.valid]


def _kind(code: zxingcpp.Barcode) -> str:
    return _SYMBOLOGIES.get(code.symbology_identifier[:2], "unknown")


def _corners(code: zxingcpp.Barcode, scale: int) -> Corners:
    place = code.position
    left_up, right_up, right_down, left_down = (
        (float(point.x * scale), float(point.y * scale))
        for point in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    )
    return left_up, right_up, right_down, left_down
