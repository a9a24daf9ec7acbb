"""What befalls a scripted day: an outage, a killed kiosk, paper that ends, a kiosk that burns, a clock in 1970.

Each comes when a part of the people has been checked in. It pulls levers and ends processes; it judges nothing.
"""

import time
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from provisioning.crew import Crew, History
from provisioning.hands import Hands
from provisioning.small_province import SEED, SmallProvince, Station
from provisioning.stage import StageError, wait_until

# When: the part of the day's people who have come.
PAPER_OUT = ((0.10, 0.18), (0.75, 0.83))
OUTAGE = (1 / 3, 2 / 3)
KILLED, NOON = 0.45, 0.5
# With the outage alone the kill stands in its middle.
KILLED_ALONE = 0.5
WAIT_S = 60.0
ON_TWO = "đã lưu ở 2 máy"
ELSEWHERE = "bản ghi ở máy khác"


class Misfortunes:
    """One day's. `faults`: with paper, fire and clock; else the outage pulls each kiosk's cable and one kiosk is killed."""

    def __init__(
        self,
        province: SmallProvince,
        crews: Sequence[Crew],
        history: History,
        *,
        people: int,
        outage: bool,
        faults: bool,
    ) -> None:
        self._province = province
        self._crews = crews
        self._history = history
        self._people = people
        self.paper_outs = 0
        self.replaced_s = 0.0
        self.burnt: Station | None = None
        plan: list[tuple[float, Callable[[], None]]] = []
        if faults:
            plan += [(NOON, self._noon)]
            for out, loaded in PAPER_OUT:
                plan += [(out, self._paper_ends), (loaded, self._paper_comes)]
        if outage:
            plan += [
                (OUTAGE[0], province.cut_off if faults else self._pull),
                (KILLED if faults else KILLED_ALONE, self._kill if faults else self._kill_apart),
                (OUTAGE[1], province.reconnect if faults else self._plug),
            ]
        self._plan = sorted(plan, key=lambda step: step[0])

    def play(self, shifts: Sequence[Future[None]]) -> None:
        """All of them in their time; those whose time did not come (the day ended early) at the end."""

        def alive() -> bool:
            return any(crew.busy() and not shift.done() for crew, shift in zip(self._crews, shifts, strict=True))

        for part, befall in self._plan:
            while alive() and sum(crew.progress for crew in self._crews) < self._people * part:
                time.sleep(0.05)
            befall()

    def _pull(self) -> None:
        for crew in self._crews:
            Hands(crew.station.url).pull("network", "pulled")

    def _plug(self) -> None:
        for crew in self._crews:
            Hands(crew.station.url).pull("network", "plugged")

    def _kill(self) -> None:
        """SIGKILL and a start, as a power cut of seconds."""
        victim = self._crews[-1].station
        self._province.kill_kiosk(victim)
        self._history.killed += 1
        self._province.start_kiosk(victim)

    def _kill_apart(self) -> None:
        self._kill()
        # The cable of a restarted kiosk is plugged in: pull it again, the outage is not over.
        Hands(self._crews[-1].station.url).pull("network", "pulled")

    def _paper_ends(self) -> None:
        Hands(self._crews[0].station.url).pull("paper", "out")
        self.paper_outs += 1

    def _paper_comes(self) -> None:
        Hands(self._crews[0].station.url).pull("paper", "loaded")

    def _noon(self) -> None:
        """A kiosk burns and its spare takes its place; a kiosk whose clock was wrong all morning learns the time."""
        self._burn(self._crews[1])
        self._province.set_clock(self._crews[2].station)

    def _burn(self, crew: Crew) -> None:
        dead, spare = crew.station, self._province.spares[0]
        _must(crew.rest(WAIT_S), "the crew does not let go")
        # Its screen says that another box holds all of it: what stands on one disk only, no fire spares.
        _must(wait_until(lambda: self._doubled(dead), timeout_s=WAIT_S), "a kiosk's records are on no other box")
        begun = time.monotonic()
        self._province.burn(dead)
        self.burnt = dead
        self._province.start_kiosk(spare)
        hands = Hands(spare.url)
        name = tomllib.loads(SEED.read_text("utf-8"))["site"]["name"]
        _must(wait_until(lambda: name in hands.whole(), timeout_s=WAIT_S), "the spare got no lists")
        take_place(hands, dead.name)
        self.replaced_s = round(time.monotonic() - begun, 1)
        crew.go_on(spare)

    def _doubled(self, station: Station) -> bool:
        told = self._province.account(station)
        return not told["printing"] and (not told["waiting"] or ON_TWO in Hands(station.url).whole())


def take_place(hands: Hands, dead: str) -> None:
    """The site's lead puts a new kiosk in a dead one's place; back when the dead one's records are there."""
    lead = next(one for one in tomllib.loads(SEED.read_text("utf-8"))["staff"] if one["role"] == "lead")
    hands.touch("staff")
    hands.touch("sign_in", code=lead["code"], pin=lead["pin"])
    hands.touch("station", station="screening")
    hands.touch("neighbours")
    _must(wait_until(lambda: dead in hands.look().text, timeout_s=WAIT_S), "the dead kiosk is not listed")
    hands.touch("take_lane", k=dead)
    _must(
        wait_until(lambda: ELSEWHERE not in hands.look().text, timeout_s=WAIT_S), "the dead one's records did not come"
    )
    hands.touch("back")
    hands.touch("sign_out")


def _must(done: bool, otherwise: str) -> None:  # noqa: FBT001 - what was waited for
    if not done:
        raise StageError(otherwise)
