"""When all is quiet: who stands in whose line? Kiosks of a site that have exchanged everything show the same people."""

from protocol.visit import OPEN

# Rounds that copies may take to the last neighbour after the centre has all: a dead kiosk's are asked for after ten minutes.
ROUNDS = 168

# Where lines differ by what no kiosk can know (`kiosk/DECISIONS.md` 71): a sure clock that was a day wrong; a night after a time
# that nobody vouched for; a hello that lay two nights in a machine that stood still; people whom a lost copy of one's own card served.
LIMITS = (("clock_forward",), ("clock_1970", "night"), ("hang", "night"), ("card_cloned", "burnt"))
BELIEVED_MS = 3 * 3_600_000


def compare(world):
    """Let the neighbours finish, then note each comparable kiosk's line."""
    kiosks = _comparable(world)
    if len(kiosks) < 2:
        return
    for count in range(ROUNDS):
        if count % 12 == 0 and not differ({one.device: line(one) for one in kiosks}):
            break
        world.round(61_000 if count % 12 == 11 else 400)
    for kiosk in kiosks:
        world.history.add("line", world.now, dev=kiosk.device, people=line(kiosk))


def line(kiosk):
    """Of the people not yet gone on a kiosk's line: visit to the kiosk at which they checked in, and their state."""
    return {
        one["visit"]: (one.get("home", kiosk.k), one["state"])
        for one in kiosk.desk.visits_today()
        if one["state"] in OPEN
    }


def differ(lines):
    """`(who, lacks or shows otherwise, visit)` of those who stand in one line and not, or otherwise, in another."""
    return [
        (device, visit)
        for device, people in lines.items()
        for other in lines.values()
        for visit, told in other.items()
        if people.get(visit) != told
    ]


def _comparable(world):
    """Kiosks there from the beginning, with cards of their own, whose neighbours believe them and whose clocks were believable."""
    if not world.keys or any(all(world.faults[name] for name in limit) for limit in LIMITS):
        return []
    if world.faults["clock_1970"] > 1 or any(abs(one.clock.offset) > BELIEVED_MS for one in world.kiosks):
        return []
    first = list(world.history.devices)[: world.schedule.kiosks]
    found = [one for one in world.kiosks if one.device in first and one.device not in world.history.restored]
    alone = [one for one in found if sum(other.k == one.k for other in world.kiosks) == 1]
    return alone if not world.history.revoked and len(alone) == len(world.kiosks) else []
