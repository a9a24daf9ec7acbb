"""What a dose written on paper says beside a dose recorded at the needle, and the photo of the paper, in pieces.

Only the checks of these members; the tables themselves stand in `records`.
"""

from protocol import fields
from protocol.errors import ProtocolError

# A photo of a paper: so many pieces of so many bytes at most, 117 kB. Each piece fits a record of 16 KB.
MOST_PARTS = 13
PART_BYTES = 9000
# What a dose may have been written on by hand (domain.md 2.1): confirmation, screening form, the site's list, vaccination book.
PAPERS = ("confirmation", "screening_form", "list", "book", "other")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def piece(value, name):
    """Base64 of 1 to PART_BYTES bytes; whether they are a picture is not asked here."""
    if not isinstance(value, str) or not value or len(value) > PART_BYTES // 3 * 4 or len(value) % 4:
        raise ProtocolError("bad_length", name)
    if value.rstrip("=").strip(_BASE64) or len(value) - len(value.rstrip("=")) > 2:
        raise ProtocolError("bad_character", name)


# JPEG bytes whose SHA-256 is `photo`.
PHOTO = (
    ("photo", fields.hexadecimal(64), True),
    ("part", fields.integer(1, MOST_PARTS), True),
    ("parts", fields.integer(1, MOST_PARTS), True),
    ("data", piece, True),
)
# As the paper says: minute of that day at the site, who injected (of the site's list, or a name), which paper; and the
# rules that spoke against doses already known: then `reason` says why it is one of its own.
SAID = (
    ("given_min", fields.integer(0, 1439), False),
    ("injector", fields.word, False),
    ("injector_name", fields.text(fields.MAX_NAME), False),
    ("paper", fields.table((("form", fields.one_of(*PAPERS), True), ("number", fields.text(40), True))), False),
    ("warnings", fields.list_of(fields.word, 20), False),
)
