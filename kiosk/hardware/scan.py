"""What a camera and a QR reader have in common: one scanned code, byte for byte.

It must not interpret the bytes: whose code it is, is the desk's decision.
"""

from dataclasses import dataclass

# The longest code of ours is far below this; a longer one is cut one byte past the limit, so that the
# desk sees "too long" and answers "not ours" in a sentence instead of this edge staying silent (F13).
MAX_SCAN_BYTES = 2048

TORN = "torn"


@dataclass(frozen=True, slots=True)
class Scan:
    """One code as read.

    `data`: the payload's exact bytes, at most MAX_SCAN_BYTES + 1 of them.
    `symbology`: "qr", "datamatrix", "unknown" (a serial reader that sends no AIM id) or "torn" (a frame
    broke off on the wire; `data` is then empty).
    `source`: "camera" or "reader".
    """

    data: bytes
    symbology: str
    source: str

    @property
    def is_too_long(self) -> bool:
        """Whether the payload passed the limit and was cut."""
        return len(self.data) > MAX_SCAN_BYTES


def clip(data: bytes) -> bytes:
    """Cut `data` one byte past the limit; shorter data come back unchanged."""
    return data[: MAX_SCAN_BYTES + 1]
