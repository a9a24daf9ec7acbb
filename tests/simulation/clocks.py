"""A kiosk's clock with levers: wall time that jumps and drifts, monotonic time per boot. True time is handed in."""

from kiosk.clock import Moment
from tests.simulation.places import MORNING

DAY_MS = 86_400_000


class SimClock:
    """`true()` gives the world's milliseconds; the levers bend only what this kiosk reads."""

    def __init__(self, true, *, device):
        self._true = true
        self._device = device
        self._boots = 0
        self._booted_at = 0
        self.offset = 0
        self.drift_ppm = 0
        self.sure = "synced"
        self._read = self._moment = None
        self.boot_up(0)

    def boot_up(self, offset, sure="synced"):
        """A new boot: monotonic time begins again; the wall clock wakes `offset` ms wrong."""
        self._boots += 1
        self._booted_at = self._true() - 3_000
        self.boot = f"{self._device}-boot-{self._boots}"
        self.offset = offset
        self.sure = sure

    def now(self):
        """This instant as the kiosk's programs read it."""
        passed = self._true()
        wall = MORNING + passed + self.offset + passed * self.drift_ppm // 1_000_000
        read = (max(wall, 0), passed - self._booted_at, self.boot, self.sure)
        if read != self._read:
            self._read, self._moment = read, Moment(*read, 50 if self.sure == "synced" else 0)
        return self._moment

    def ticks(self):
        """Milliseconds for people's patience and for the outbox."""
        return self._true() - self._booted_at
