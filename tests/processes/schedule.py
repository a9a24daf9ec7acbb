"""What goes wrong in one run, and when: drawn from a seed alone, so that a seed repeats it. Does nothing itself."""

import random
from dataclasses import dataclass

from tests.processes import wire

# Seconds from the first misfortune to the last; the run ends later, when everything is mended and drained.
LENGTH_S = 13.0
KIOSKS = ("kiosk-01", "kiosk-02")
KILLS = {"kiosk-01": 3, "kiosk-02": 3, "server": 3, "broker": 2}
# Kind of process to what else may befall it, with how many seconds it lasts at most.
BEFALLS = {
    "kiosk": {"freeze": 2.5},
    "server": {"freeze": 2.5, "restart": 1.0},
    "broker": {"freeze": 2.5, "restart": 1.0, "deaf": 2.0, "narrow": 4.0, "poor": 4.0, "expire": 3.0},
}
UNDO = {
    "kill": "start", "restart": "start", "freeze": "thaw", "deaf": "hear", "narrow": "widen", "poor": "widen",
    "expire": "renew",
}  # fmt: skip
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
FRAMES_EACH = 4
# What a machine may lack (`hardship`), with how many seconds it lasts at most. A lock of more than two seconds is longer
# than a kiosk waits for it.
CLOCKS = ("clock_back", "clock_forward", "clock_day", "clock_year", "clock_1970")
HARDSHIPS = {
    "kiosk": {
        "disk_full": 4.0,
        "db_locked": 3.5,
        "no_descriptors": 3.0,
        "certificate": 4.0,
        **dict.fromkeys(CLOCKS, 4.0),
    },
    "server": {"disk_full": 4.0, "db_locked": 3.5, "no_descriptors": 3.0, **dict.fromkeys(CLOCKS, 3.0)},
}
HARDSHIPS_EACH = 2
# What goes on, when it is a target's last, until the people are served: most acts happen after the last kill.
LASTING = ("twice", "swapped", "late", "altered", "clock_back", "clock_forward")
# After the last kill, when everything is mended and the people are served in earnest: what one machine lacks for a moment,
# in `LATE_S` more seconds. A full disk is shorter than staff try again; a lock longer than a kiosk waits.
LATE_S, LATE_TURNS = 6.0, 3
LATE = {"disk_full": 1.5, "db_locked": 2.8, "clock_back": 2.8, "clock_forward": 2.8}


@dataclass(frozen=True, order=True)
class Step:
    """At `at` seconds `act` is done to `target`: a process, a link of the frame proxy or a kiosk's lever, with its `value`.

    `fault`: the kind that begins here; empty for its end. `later`: its end would be now, but it lasts.
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
    for kiosk in KIOSKS:
        steps += _of_devices(kiosk, chance)
    for target in (*KIOSKS, "server"):
        steps += _of_frames(target, chance)
        steps += _of_machine(target, chance)
    return sorted(steps)


def afterwards(seed, turn):
    """The steps of the same run from its mending on; on a slow machine several turns of them."""
    chance = random.Random(f"{seed}:late:{turn}")
    steps = []
    for kiosk in KIOSKS:
        drawn = [(kind, LATE[kind]) for kind in chance.sample(sorted(LATE), HARDSHIPS_EACH)]
        for kind, begin, end in _stretches(drawn, chance, length_s=LATE_S, least=0.8, most=0.95):
            steps += [Step(begin, kiosk, "suffer", kind, f"{kind}_kiosk"), Step(end, kiosk, "relieve", kind)]
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
        yield Step(begin, target, "stop" if act == "restart" else act, fault=f"{act}_{kind_of(target)}")
        yield Step(end, target, UNDO[act])


def _of_devices(kiosk, chance):
    """Levers in stretches of their own: two hands never pull the same cable."""
    for lever, value, back, begin, end in _stretches([chance.choice(LEVERS) for _ in range(LEVERS_EACH)], chance):
        yield Step(begin, kiosk, f"pull:{lever}", value, f"{lever}_{value}")
        yield Step(end, kiosk, f"pull:{lever}", back)


def _of_frames(link, chance):
    """What the frame proxy does to a program's packets: something nearly all the time, for packets are rare."""
    stretch = LENGTH_S / FRAMES_EACH
    for number in range(FRAMES_EACH):
        way, kind = chance.choice((wire.UP, wire.DOWN, wire.BOTH)), chance.choice(sorted(wire.KINDS))
        begin = (number + chance.uniform(0, 0.2)) * stretch
        yield Step(begin, link, f"frames:{way}", kind, f"frames_{kind}")
        lasts = number == FRAMES_EACH - 1 and kind in LASTING
        yield Step((number + chance.uniform(0.6, 0.95)) * stretch, link, "later" if lasts else f"frames:{way}", "")


def _of_machine(target, chance):
    """What one machine lacks for a while."""
    befalls = HARDSHIPS[kind_of(target)]
    drawn = [(kind, befalls[kind]) for kind in chance.sample(sorted(befalls), HARDSHIPS_EACH)]
    for kind, begin, end in _stretches(drawn, chance):
        yield Step(begin, target, "suffer", kind, f"{kind}_{kind_of(target)}")
        yield Step(end, target, "later" if kind == drawn[-1][0] and kind in LASTING else "relieve", kind)


def _stretches(drawn, chance, *, length_s=LENGTH_S, least=0.2, most=0.6):
    """Each of `drawn` without its last member, the longest time, with the seconds of its beginning and end.

    It lasts `least` to 1 of its longest time, and no more than `most` of its stretch.
    """
    stretch = length_s / len(drawn)
    for number, (*what, allowed) in enumerate(drawn):
        longest = min(allowed, stretch * most)
        begin = number * stretch + chance.uniform(0, min(stretch * 0.4, stretch - longest))
        yield (*what, begin, begin + chance.uniform(longest * least, longest))
