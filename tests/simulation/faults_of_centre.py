"""Faults of the centre: crashes around COMMIT, a database that is away, backups, revoked writers, an older release."""


def _crash(when):
    def plant(world, kiosk, pick):
        world.centre.crash = when

    return plant


def away(world, kiosk, pick):
    world.centre_up = False
    world.until(2_000 + pick % 900_000, lambda: setattr(world, "centre_up", True))


def backed_up(world, kiosk, pick):
    world.centre.backup()


def restored(world, kiosk, pick):
    world.centre.restore()


def revoked(world, kiosk, pick):
    world.history.revoked.add(kiosk.k)
    world.centre.revoke(kiosk.k)
    # A burnt neighbour's copies that lay with nobody else are put aside at best: the carrier may be a thief.
    copies = kiosk.store_class(kiosk.disk).all_copies()
    world.on_no_card([name for name in copies if not world.centre.holds(tuple(name[:3]), name[3])])


def older_release(world, kiosk, pick):
    """Kiosks of a newer release send kinds that the centre does not know; later it is upgraded."""
    world.centre.run(("aefi.reported", "slip.printed", "staff.signed_in", "dose.given")[: 1 + pick % 4])
    world.until(5_000 + pick % 3_000_000, world.centre.run)


FAULTS = {
    "crash_before_commit": ("F67", "the centre dies before COMMIT", _crash("before")),
    "crash_between": ("F67", "the centre dies between record and effect", _crash("between")),
    "crash_after_commit": ("F66", "the centre dies between COMMIT and acknowledgement", _crash("after")),
    "centre_away": ("F62 F68", "the centre or its database is away", away),
    "backed_up": ("F78", "a backup is taken", backed_up),
    "restored": ("F78", "the centre is put back to its backup", restored),
    "revoked": ("F105", "the writer is revoked", revoked),
    "older_release": ("F72", "the centre is of an older release, then upgraded", older_release),
}
