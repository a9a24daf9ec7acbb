"""A small generator of chance with a seed, the same numbers on CPython and MicroPython. Never for secrets."""


class Dice:
    """Numbers of a linear congruential generator (Knuth's MMIX constants), from the top bits."""

    __slots__ = ("_state",)

    def __init__(self, seed: int):
        """Equal seeds give equal numbers."""
        self._state = (seed * 2862933555777941757 + 3037000493) % 2**64

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) * limit >> 31

    def chance(self) -> float:
        """A number in [0, 1)."""
        return self.below(1000000) / 1000000

    def shuffled(self, items) -> list:
        """The items in another order (Fisher and Yates)."""
        out = list(items)
        for at in range(len(out) - 1, 0, -1):
            other = self.below(at + 1)
            out[at], out[other] = out[other], out[at]
        return out
