"""Faults of a site that shares its queue: its keeper, its broker, its kiosks. Each plants itself at `(site, kiosk, pick)`."""

from tests.simulation import places


def cut(site, kiosk, pick):
    kiosk.cut = True
    site.until(2_000 + pick % 200_000, lambda: setattr(kiosk, "cut", False))


def broker_restart(site, kiosk, pick):
    site.flying.clear()
    site.down = True
    site.until(500 + pick % 30_000, lambda: setattr(site, "down", False))


def keeper_killed(site, kiosk, pick):
    one = next((one for one in site.kiosks if one.running and one.desk.claims.keeper_here), kiosk)
    one.kill()
    site.until(300 + pick % 30_000, one.start)


def keeper_unplugged(site, kiosk, pick):
    one = next((one for one in site.kiosks if one.running and one.desk.claims.keeper_here), kiosk)
    one.power_cut()
    site.until(1_000 + pick % 60_000, one.start)


def role_moved(site, kiosk, pick):
    site.staff(kiosk, "lead", "screening")
    site.tap(kiosk, "keeper")
    site.tap(kiosk, "take_keeper", pin=places.PIN)


def role_moved_apart(site, kiosk, pick):
    cut(site, next((one for one in site.kiosks if one is not kiosk), kiosk), pick)
    role_moved(site, kiosk, pick)


def bad_line(site, kiosk, pick):
    kiosk.loss, kiosk.late, kiosk.twice = (pick % 60) / 100, pick % 4_000, 0.3
    site.until(
        5_000 + pick % 90_000,
        lambda: (setattr(kiosk, "loss", 0.0), setattr(kiosk, "late", 0), setattr(kiosk, "twice", 0)),
    )


def claims_replayed(site, kiosk, pick):
    for payload in site.captured[pick % 7 :: 3]:
        site.fly(kiosk, "claims", payload)


def wall_jumps(site, kiosk, pick):
    # Each by its own, hours apart: more than a lease, and more than any hybrid clock follows.
    for number, one in enumerate(site.kiosks):
        one.clock.offset = ((pick // 7**number) % 7 - 3) * 2_400_000


def disk_refuses(site, kiosk, pick):
    kiosk.disk.full = True
    site.until(1_000 + pick % 60_000, lambda: setattr(kiosk.disk, "full", False))


def stands_still(site, kiosk, pick):
    kiosk.paused_until = site.now + 1_000 + pick % 300_000


FAULTS = {
    "site_cut": ("F45", "a kiosk loses the site's broker", cut),
    "site_broker_restart": ("F53", "the site's broker restarts", broker_restart),
    "keeper_killed": ("F38 F84", "SIGKILL of the queue keeper", keeper_killed),
    "keeper_unplugged": ("F26 F84", "the queue keeper loses power", keeper_unplugged),
    "keeper_moved": ("F84", "the lead moves the keeper's role", role_moved),
    "keeper_moved_apart": ("F45 F84", "the role moves while another kiosk is cut off", role_moved_apart),
    "site_bad_line": ("F49 F50 F51", "words about claims come late, twice or never", bad_line),
    "claims_replayed": ("F74", "captured words about claims come again", claims_replayed),
    "site_wall_jumps": ("F35", "the wall clocks of the site jump", wall_jumps),
    "site_disk_refuses": ("F29 F84", "a kiosk's disk refuses while desks call", disk_refuses),
    "site_stands_still": ("F40", "a kiosk's programs stand still for up to five minutes", stands_still),
}  # fmt: skip
