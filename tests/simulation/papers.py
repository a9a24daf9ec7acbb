"""Citizens' slips: what is on paper, faults about it, and how the centre judges one that was scanned."""

from protocol import slip_code
from tests.simulation.places import MORNING


def keep(kiosk, slip):
    """A dose's slip came out of the printer and went home with somebody."""
    code = kiosk.store.code(slip)
    if code:
        k, inc, seq = slip_code.original(slip_code.decode(code)[0])
        kiosk.world.history.papers[code] = (k, inc, seq, kiosk.store.digest(inc, seq))


def distrust(centre, record):
    """As `intake.distrust_slip`."""
    value, signed, signature = slip_code.decode(record.body["code"])
    writer = centre.writers.get(value["k"])
    if writer is None:
        return "slip_unknown_writer"
    if (record.body["slip"], record.body["person"]) != (value["s"], value["p"]):
        return "slip_forged"
    if not writer["signer"].good_raw(signed, signature):
        return "slip_forged"
    since = writer["revoked"]
    return "slip_revoked" if since is not False and MORNING + since <= value["t"] else ""


def bring_those_of_the_lost(world):
    """After all is mended: whoever holds a slip of a dose that the centre does not know comes and has it scanned."""
    trusted = [kiosk for kiosk in world.kiosks if kiosk.k not in world.history.revoked] or world.kiosks
    for code, (k, inc, seq, digest) in sorted(world.history.papers.items()):
        if not world.centre.holds((k, inc, seq), digest):
            world.people(trusted[0], lambda who, code=code: who.bring_slip(code))


def slip_brought(world, kiosk, pick):
    """Somebody has their slip scanned though nothing is lost."""
    papers = sorted(world.history.papers)
    if papers:
        world.people(kiosk, lambda who: who.bring_slip(papers[pick % len(papers)]))


def slip_forged(world, kiosk, pick):
    """A slip with another lot, or under a signature of nobody."""
    papers = sorted(world.history.papers)
    if papers:
        value, signed, signature = slip_code.decode(papers[pick % len(papers)])
        if pick % 2:
            signed = slip_code.payload({**value, "l": "FORGED"})
        else:
            signature = signature[::-1]
        world.people(kiosk, lambda who: who.bring_slip(slip_code.encode(signed, signature)))


def site_burnt(world, kiosk, pick):
    """All disks of the site are destroyed at once; new cards are enrolled under the old names, and slips come back."""
    if world.burnt:
        return
    world.burnt = True
    for one in list({each.k: each for each in world.kiosks}.values()):
        world.burn(one.k)
    world.until(60_000 + pick % 600_000, lambda: bring_those_of_the_lost(world))


FAULTS = {
    "slip_brought": ("F83", "a citizen's slip is scanned though nothing is lost", slip_brought),
    "slip_forged": ("F75", "a forged slip is scanned", slip_forged),
    "site_burnt": ("F31 F33", "all disks of the site are destroyed", site_burnt),
}  # fmt: skip
