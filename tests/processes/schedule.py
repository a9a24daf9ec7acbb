"""What goes wrong in one run, and when: drawn from a seed alone, so that a seed repeats it. Does nothing itself."""

import random
from dataclasses import dataclass

# Seconds from the first misfortune to the last; the run ends later, when everything is mended and drained.
LENGTH_S = 13.0
KILLS = {"kiosk-01": 3, "kiosk-02": 3, "server": 3, "broker": 2}
# Kind of process to what else may befall it, with how many seconds it lasts at most.
BEFALLS = {
    "kiosk": {"freeze": 2.5},
    "server": {"freeze": 2.5, "restart": 1.0},
    "broker": {"freeze": 2.5, "restart": 1.0, "deaf": 2.0},
}
# Of each kiosk's devices and cable: `(lever, position, back, seconds at most)`.
LEVERS = (
    ("network", "pulled", "plugged", 4.0),
    ("network", "silent", "plugged", 4.0),
    ("network", "silent_up", "plugged", 4.0),
    ("network", "silent_down", "plugged", 4.0),
    ("paper", "out", "loaded", 4.0),
    ("cover", "open", "closed", 3.0),
    ("printer", "unplugged", "plugged", 4.0),
    ("camera", "unplugged", "plugged", 3.0),
    ("camera", "covered", "uncovered", 3.0),
)
LEVERS_EACH = 4


@dataclass(frozen=True, order=True)
class Step:
    """At `at` seconds `act` is done to `target`: a process, or `device:lever` of a kiosk with its `value`.

    `fault`: the kind that begins here; empty for its end.
    """

    at: float
    target: str
    act: str
    value: str = ""
    fault: str = ""


def kind_of(target):
    """`kiosk`, `server` or `broker`."""
    return target.split("-", maxsplit=1)[0]


def schedule(seed):
    """The steps of one run in order of time."""
    chance = random.Random(seed)
    steps = []
    for target, kills in KILLS.items():
        steps += _of_process(target, kills, chance)
    for kiosk in ("kiosk-01", "kiosk-02"):
        steps += _of_devices(kiosk, chance)
    return sorted(steps)


def _of_process(target, kills, chance):
    """Kills and one other misfortune, each in a stretch of its own, so that none is lost in the dead time of another."""
    befalls = BEFALLS[kind_of(target)]
    what = ["kill"] * kills + [chance.choice(sorted(befalls))]
    chance.shuffle(what)
    stretch = LENGTH_S / len(what)
    for number, act in enumerate(what):
        begin = number * stretch + chance.uniform(0, stretch * 0.6)
        longest = min(stretch * 0.4, befalls.get(act, 0.8))
        end = begin + chance.uniform(0.05, longest)
        undo = {"kill": "start", "restart": "start", "freeze": "thaw", "deaf": "hear"}[act]
        yield Step(begin, target, "stop" if act == "restart" else act, fault=f"{act}_{kind_of(target)}")
        yield Step(end, target, undo)


def _of_devices(kiosk, chance):
    """Levers in stretches of their own: two hands never pull the same cable."""
    stretch = LENGTH_S / LEVERS_EACH
    for number in range(LEVERS_EACH):
        lever, value, back, longest = chance.choice(LEVERS)
        begin = number * stretch + chance.uniform(0, stretch * 0.4)
        yield Step(begin, kiosk, f"pull:{lever}", value, f"{lever}_{value}")
        yield Step(begin + chance.uniform(0.2, min(longest, stretch * 0.6)), kiosk, f"pull:{lever}", back)
