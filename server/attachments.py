"""Photos of evidence: a file is taken only as what it decodes to, and stored as a fresh picture without metadata.

The size in pixels is checked before anything is decoded; nothing is stored of a file that is no picture.
"""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Column, Connection, LargeBinary, String, Table, insert, select

from server.db import BIG, METADATA
from server.errors import Refused

MAX_BYTES = 8 * 1024 * 1024
# 40 megapixels: every phone's camera fits, and decoded it is 120 MB, which the server bears.
MAX_PIXELS = 40_000_000
# Longest side kept: a paper certificate is readable at 150 dpi, a full screen of it is about 1,750.
KEPT_SIDE = 2400
FORMATS = ("JPEG", "PNG", "WEBP")

ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("mime", String(32), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("received_at", BIG, nullable=False),
)


class NotAPicture(Refused):
    """The file does not decode as JPEG, PNG or WebP."""

    code = "not_a_picture"
    sentence = "This file is not a picture we can read. Please choose a photo (JPG, PNG or WebP) and send again."


class PictureTooLarge(Refused):
    """The file has more bytes or more pixels than the server takes."""

    code = "picture_too_large"
    sentence = (
        "This photo is too large. Please choose one under 8 MB, or photograph the paper again with a smaller size."
    )


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A re-encoded picture: its bytes, their digest and media type."""

    sha256: str
    mime: str
    content: bytes


def take(data: bytes) -> Photo:
    """The picture in an uploaded file, encoded anew as JPEG. Raises `NotAPicture` or `PictureTooLarge`."""
    if len(data) > MAX_BYTES:
        raise PictureTooLarge
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureTooLarge
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PictureTooLarge from bomb
    # SyntaxError: Pillow's PNG reader raises it for a broken chunk.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError) as wrong:
        if isinstance(wrong, PictureTooLarge):
            raise
        raise NotAPicture from wrong
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    out = io.BytesIO()
    # A new picture from the pixels alone: EXIF (place, phone, time) and colour profiles stay behind.
    clean = Image.frombytes("RGB", upright.size, upright.tobytes())
    clean.save(out, "JPEG", quality=85, optimize=True)
    content = out.getvalue()
    return Photo(sha256=hashlib.sha256(content).hexdigest(), mime="image/jpeg", content=content)


def store(conn: Connection, photo: Photo, *, now: int) -> str:
    """Keep a photo, once however often it is sent; returns its digest, the name records use."""
    if conn.execute(select(ATTACHMENT.c.sha256).where(ATTACHMENT.c.sha256 == photo.sha256)).first() is None:
        row = {"sha256": photo.sha256, "mime": photo.mime, "bytes": photo.content, "received_at": now}
        conn.execute(insert(ATTACHMENT).values(**row))
    return photo.sha256


def read(conn: Connection, sha256: str) -> Photo | None:
    """The stored photo of a digest, or None."""
    row = conn.execute(select(ATTACHMENT).where(ATTACHMENT.c.sha256 == sha256)).mappings().first()
    return Photo(sha256=sha256, mime=row["mime"], content=row["bytes"]) if row is not None else None
