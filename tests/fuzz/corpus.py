"""Real messages to be spoilt: a day of three writers with real keys, told anew in logs of its own for every office."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from protocol import envelope
from server.crypto import Signer
from tests.server.a_day import a_day
from tests.server.made import DAY, MINUTE, MORNING, Kiosk

NAMES = ("kiosk-1", "kiosk-2", "centre-1")


@cache
def signer(k):
    """The key of writer `k`, the same in every run; signatures differ, for ES256 draws a number for each."""
    return Signer(ec.derive_private_key(int.from_bytes(k.encode(), "big"), ec.SECP256R1()))


class Corpus:
    """`told`: writer to its pairs so far. `next_one` goes on with new visits when the day is told."""

    def __init__(self, dice):
        self.dice = dice
        self.kiosks = {k: Kiosk(k, inc=f"{dice.getrandbits(64):016x}", signer=signer(k)) for k in NAMES}
        self.stranger = signer("stranger")
        self.told = {k: [] for k in NAMES}
        for kiosk, pair in a_day(list(self.kiosks.values())):
            self.told[kiosk.k].append(pair)
        self._sent = dict.fromkeys(NAMES, 0)
        self._visits = 100

    def writer(self):
        """One of the writers."""
        return self.kiosks[self.dice.choice(NAMES)]

    def next_pairs(self):
        """`(writer, pairs)`: up to eight pairs that have not been sent yet, in order."""
        kiosk = self.writer()
        at, told = self._sent[kiosk.k], self.told[kiosk.k]
        if at >= len(told):
            self._visits += 1
            told.extend(kiosk.visit(self._visits, MORNING + DAY + self._visits * MINUTE))
        self._sent[kiosk.k] = min(len(told), at + self.dice.randint(1, 8))
        return kiosk, told[at : self._sent[kiosk.k]]

    def some_pairs(self, most=4):
        """`(writer, pairs)`: a stretch of what one writer has made, sent before or not."""
        kiosk = self.writer()
        told = self.told[kiosk.k]
        at = self.dice.randrange(len(told))
        return kiosk, told[at : at + self.dice.randint(1, most)]

    def one_pair(self):
        """`(writer, line, signature)`."""
        kiosk, pairs = self.some_pairs(1)
        return kiosk, *pairs[0]

    def message(self):
        """`(writer, bytes)`: a message of some pairs."""
        kiosk, pairs = self.some_pairs()
        return kiosk, envelope.pack(pairs)
