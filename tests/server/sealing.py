"""Seals pairs as a kiosk does, for tests of the centre."""

from cryptography.hazmat.primitives.asymmetric import ec

from protocol import envelope, sealed
from server import sealing

KEY = ec.generate_private_key(ec.SECP256R1())


def seal(pair, *, key=KEY, name=None):
    """The sealed pair of `(line, signature line)`; `name`: another name's line than its own."""
    k, inc, seq = envelope.peek_name(pair[0])
    line = name or sealed.name_line(k=k, inc=inc, seq=seq, key=sealing.key_id(key.public_key()))
    box = sealing.SUITE.encrypt(sealed.inside(*pair), key.public_key(), info=line)
    return line, sealed.box_line(box)
