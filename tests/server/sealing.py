"""Seals pairs as a kiosk does, for tests of the centre."""

from cryptography.hazmat.primitives.asymmetric import ec

from protocol import envelope, sealed
from server import sealing
from server.crypto import load_public

KEY = ec.generate_private_key(ec.SECP256R1())


def seal(pair, *, key=KEY, public=None, name=None):
    """The sealed pair of `(line, signature line)`; `public`: a PEM to seal to; `name`: another name's line than its own."""
    k, inc, seq = envelope.peek_name(pair[0])
    to = load_public(public) if public else key.public_key()
    line = name or sealed.name_line(k=k, inc=inc, seq=seq, key=sealing.key_id(to))
    box = sealing.SUITE.encrypt(sealed.inside(*pair), to, info=line)
    return line, sealed.box_line(box)
