"""Faults of kiosks: power, disks, cards, clocks, printers, and what people do wrong at the screen."""

from tests.simulation.clocks import DAY_MS
from tests.simulation.people import Person

YEAR_MS = 365 * DAY_MS
SCANS = (
    b"", b"\x00\x1b@", b"A" * 3_000, b"\xff\xfe\xfd", b"|||||||", b"079" * 30, "Ngô\u202eVăn|1|".encode(), b"1|2|3|4|5|6|7|8|9",
    b"https://example.org/", b"TRAM-STAFF:nobody", "075079000001||Nguyễn\x07An|14041979|Nam|x|25062021".encode(),
)  # fmt: skip


def power_cut(world, kiosk, pick):
    kiosk.power_cut()
    world.until(500 + pick % 20_000, kiosk.start)


def off_for_long(world, kiosk, pick):
    kiosk.power_cut()
    world.until(60_000 + pick % 5_000_000, kiosk.start)


def cut_before_commit(world, kiosk, pick):
    kiosk.disk.cut = "before"


def cut_after_commit(world, kiosk, pick):
    kiosk.disk.cut = "after"


def kill(world, kiosk, pick):
    kiosk.kill()
    world.until(100 + pick % 9_000, kiosk.start)


def disk_full(world, kiosk, pick):
    kiosk.disk.full = True
    world.until(1_000 + pick % 100_000, lambda: setattr(kiosk.disk, "full", False))


def disk_error(world, kiosk, pick):
    kiosk.disk.errors = 1 + pick % 4


def card_restored(world, kiosk, pick):
    """An image of the card, taken earlier, is put in; what was written since and never sent is gone with the old card."""
    world.put_back(kiosk)


def card_cloned(world, kiosk, pick):
    world.clone(kiosk)


def card_replaced(world, kiosk, pick):
    """The card is dead; a new one is enrolled under the same name and mints a new incarnation."""
    world.replace(kiosk)


def burnt(world, kiosk, pick):
    """The centre is away, somebody checks in, and seconds later the kiosk burns and the broker forgets: a neighbour may have it."""
    world.centre_up = False
    world.people(kiosk, lambda who: who.check_in(pick % 9))

    def burn():
        world.centre_up = True
        world.broker.restart()
        world.destroy(kiosk)

    world.until(1_000 + pick % 9_000, burn)


def clock_back(world, kiosk, pick):
    kiosk.clock.offset -= 60_000 + pick % 7_200_000


def clock_forward(world, kiosk, pick):
    kiosk.clock.offset += (3_600_000, DAY_MS, YEAR_MS)[pick % 3]


def clock_1970(world, kiosk, pick):
    """The Pi wakes without a clock; minutes later it has one."""
    kiosk.power_cut(offset=-(2**41), sure="unknown")
    world.until(500, kiosk.start)
    world.until(5_000 + pick % 4_000_000, lambda: _set_right(kiosk))


def clock_drift(world, kiosk, pick):
    kiosk.clock.drift_ppm = pick % 400 - 200


def clock_unknown(world, kiosk, pick):
    kiosk.clock.sure = ("unknown", "holdover")[pick % 2]
    world.until(5_000 + pick % 900_000, lambda: setattr(kiosk.clock, "sure", "synced"))


def clock_step_in_observation(world, kiosk, pick):
    """Half an hour or more is jumped over while somebody is under observation, and somebody asks to leave."""
    kiosk.clock.offset += 1_900_000
    world.people(kiosk, lambda who: who.release(pick, early=False, reprint=False))


def _set_right(kiosk):
    kiosk.clock.offset, kiosk.clock.sure = 0, "synced"


def hang(world, kiosk, pick):
    kiosk.paused_until = world.now + 1_000 + pick % 120_000


def _printer(status):
    def plant(world, kiosk, pick):
        kiosk.printer = status
        world.until(1_000 + pick % 300_000, lambda: setattr(kiosk, "printer", "ready"))

    return plant


def _print(result):
    def plant(world, kiosk, pick):
        kiosk.print_results = [result] * (1 + pick % 3)

    return plant


def bad_scan(world, kiosk, pick):
    world.people(kiosk, lambda who: who.scan(SCANS[pick % len(SCANS)]))


def noise_scan(world, kiosk, pick):
    world.people(kiosk, lambda who: who.scan(world.dice.randbytes(pick % 200)))


def stale_page(world, kiosk, pick):
    """A page left open long ago is touched now."""

    def touch(who: Person):
        desk = kiosk.desk
        old = desk.front.token
        who.check_in(pick % 6)
        screen = ("yes", "done", "confirm_dose", "report", "call_next")[pick % 5]
        before = desk.log.seq
        world.act_stale(kiosk, screen, old)
        world.history.add("stale", world.now, dev=kiosk.device, wrote=desk.log.seq - before)

    world.people(kiosk, touch)


def again_at_once(world, kiosk, pick):
    """The same card is held up twice."""

    def twice(who: Person):
        who.check_in(pick % 6)
        who.check_in(pick % 6)

    world.people(kiosk, twice)


def at_two_kiosks(world, kiosk, pick):
    """One person takes a number, and then a dose, at two kiosks that cannot know of each other."""
    for one in world.kiosks:
        world.people(one, lambda who: who.check_in(pick % 6))
        world.people(one, lambda who: who.screen())
        world.people(one, lambda who: who.inject(lot=pick % 2, undo=False))


def walked_away(world, kiosk, pick):
    """Staff leave the screen open in the middle of an act."""

    def leave(who: Person):
        who.as_staff("injector", "injection")
        who.tap("call_next")

    world.people(kiosk, leave)


FAULTS = {
    "power_cut": ("F26", "the plug is pulled", power_cut),
    "cut_before_commit": ("F26", "the power goes before a commit is on the disk", cut_before_commit),
    "cut_after_commit": ("F27", "the power goes between commit and screen", cut_after_commit),
    "kill": ("F38 F39", "SIGKILL", kill),
    "off_for_long": ("F36", "the kiosk is off for minutes to hours", off_for_long),
    "disk_full": ("F29", "the disk is full", disk_full),
    "disk_error": ("F30", "the disk refuses one to four writes", disk_error),
    "card_restored": ("F44", "an older image of the card is put in", card_restored),
    "card_cloned": ("F77", "a second kiosk runs with a copy of the card", card_cloned),
    "card_replaced": ("F33", "a new card under the same name", card_replaced),
    "burnt": ("F31 F33", "a kiosk is destroyed for good; its neighbours go on", burnt),
    "clock_back": ("F35", "the wall clock jumps back", clock_back),
    "clock_forward": ("F35", "the wall clock jumps an hour, a day, a year ahead", clock_forward),
    "clock_1970": ("F35", "the kiosk wakes in 1970 and learns the time later", clock_1970),
    "clock_drift": ("F35", "the clock runs up to 200 ppm wrong", clock_drift),
    "clock_unknown": ("F35", "nobody vouches for the clock", clock_unknown),
    "clock_step_in_observation": ("F36", "the clock jumps half an hour ahead while somebody waits", clock_step_in_observation),
    "hang": ("F40", "the programs stand still for up to two minutes", hang),
    "no_paper": ("F1", "no paper", _printer("no_paper")),
    "cover_open": ("F4", "the printer's cover is open or it is unplugged", _printer("cover_open")),
    "print_fails": ("F2", "paper ends in the middle of a slip", _print("no_paper")),
    "print_unknown": ("F3", "nobody knows what came out", _print("unknown")),
    "cut_while_printing": ("F28", "the power goes while paper moves", _print("power_cut")),
    "bad_scan": ("F12 F13 F16", "codes that are not ours, too long, with control signs", bad_scan),
    "noise_scan": ("F10", "random bytes from the reader", noise_scan),
    "stale_page": ("F22", "a page of long ago is touched", stale_page),
    "again_at_once": ("F11 F83", "the same card twice", again_at_once),
    "at_two_kiosks": ("F83 F88", "one person at two kiosks", at_two_kiosks),
    "walked_away": ("F96", "the screen is left open", walked_away),
}  # fmt: skip
