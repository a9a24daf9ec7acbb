"""Reads the code of a result slip off a citizen's photo. Judges nothing, stores nothing."""

import io

import zxingcpp
from PIL import Image

from protocol import slip_code
from server.errors import Refused


class NoSlipSeen(Refused):
    """A good photo on which no slip's code can be read."""

    code = "no_slip_seen"
    sentence = "No slip's code can be read on this photo. Photograph the square code from closer, without a shadow."


def code_on(jpeg: bytes) -> str:
    """The slip's code on a picture of `attachments.take`: the decoder sees what Pillow made anew, never a file from outside.

    Raises `NoSlipSeen`.
    """
    with Image.open(io.BytesIO(jpeg)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"))
    code = next((one.text for one in found if one.text.startswith(slip_code.SLIP_PREFIX)), "")
    if not code:
        raise NoSlipSeen
    return str(code)
