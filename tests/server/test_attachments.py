"""Photos: taken only as pictures, encoded anew without metadata, bounded in bytes and pixels."""

import io
import struct
import zlib

import pytest
from PIL import Image

from server import attachments
from server.attachments import NotAPicture, PictureTooLarge
from tests.server.web_office import photo


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_as_a_fresh_jpeg(db, kind):
    taken = attachments.take(photo(kind=kind).getvalue())
    with db.write() as conn:
        attachments.store(conn, taken, now=1)
        attachments.store(conn, taken, now=2)
        found = attachments.read(conn, taken.sha256)
        assert attachments.read(conn, "0" * 64) is None
    assert Image.open(io.BytesIO(found.content)).format == "JPEG"
    assert found.mime == "image/jpeg"


def test_where_and_when_a_photo_was_taken_is_dropped():
    exif = Image.Exif()
    exif[0x010F] = "a phone of somebody"
    taken = attachments.take(photo(kind="JPEG", exif=exif.tobytes()).getvalue())
    assert b"somebody" not in taken.content
    assert not Image.open(io.BytesIO(taken.content)).getexif()


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"\xff\xd8\xff\xe0 cut short", b"GIF89a" + b"\0" * 50, b"<svg onload='alert(1)'/>"],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(NotAPicture):
        attachments.take(data)


def test_a_picture_cut_short_is_refused():
    whole = photo(size=(300, 300)).getvalue()
    with pytest.raises(NotAPicture):
        attachments.take(whole[: len(whole) // 2])


def test_too_many_bytes_or_pixels_are_refused_before_decoding():
    with pytest.raises(PictureTooLarge):
        attachments.take(b"\xff" * (attachments.MAX_BYTES + 1))
    for side in (6_400, 15_000, 100_000):
        with pytest.raises(PictureTooLarge):
            attachments.take(claiming(side, side))


def claiming(width: int, height: int) -> bytes:
    """A small PNG whose header claims to be of this size."""
    data = bytearray(photo().getvalue())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)
