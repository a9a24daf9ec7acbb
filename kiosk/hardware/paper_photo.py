"""A camera's frame as the photo of a paper: a fresh JPEG of the pixels alone, small enough for the records that carry it.

Must not look at what stands on the paper.
"""

import io

from PIL import Image

from protocol.papers import MOST_PARTS, PART_BYTES

MOST_BYTES = MOST_PARTS * PART_BYTES
# The longest side kept: a sheet of A5 then has some 150 dots an inch, and handwriting can be read.
SIDE = 1280
# Tried in turn; a full page of handwriting at 1280 by 720 takes about 90 kB at 60.
QUALITIES = (75, 60, 45, 30)


def paper_photo(frame: Image.Image) -> bytes:
    """The frame as a grey JPEG without metadata, of at most MOST_BYTES."""
    # Made from the pixels alone: whatever a driver hung on the picture (EXIF, profile) stays behind.
    grey = frame.convert("L")
    picture = Image.frombytes("L", grey.size, grey.tobytes())
    picture.thumbnail((SIDE, SIDE))
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= MOST_BYTES:
                return out.getvalue()
        # Noise alone does not shrink otherwise; each round leaves half of the pixels, so this ends.
        picture = picture.resize((max(picture.width * 7 // 10, 1), max(picture.height * 7 // 10, 1)))
