"""Base45 (RFC 9285): bytes as the characters of a QR code's alphanumeric mode. No library of it runs on MicroPython."""

from protocol.errors import ProtocolError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def encode(data: bytes) -> str:
    """`data` as Base45 text: three characters for two bytes."""
    parts = []
    for at in range(0, len(data) - 1, 2):
        high, low = divmod(data[at] * 256 + data[at + 1], 45)
        parts.append(ALPHABET[low] + ALPHABET[high % 45] + ALPHABET[high // 45])
    if len(data) % 2:
        high, low = divmod(data[-1], 45)
        parts.append(ALPHABET[low] + ALPHABET[high])
    return "".join(parts)


def decode(text: str) -> bytes:
    """The bytes that Base45 `text` stands for, or `ProtocolError`."""
    if len(text) % 3 == 1:
        raise ProtocolError("bad_length", "base45")
    out = bytearray()
    for at in range(0, len(text), 3):
        chunk = text[at : at + 3]
        value = 0
        for place in range(len(chunk) - 1, -1, -1):
            digit = ALPHABET.find(chunk[place])
            if digit < 0:
                raise ProtocolError("bad_character", "base45")
            value = value * 45 + digit
        size = len(chunk) - 1
        if value >= 256**size:
            raise ProtocolError("out_of_range", "base45")
        out += value.to_bytes(size, "big")
    return bytes(out)
