"""Puts the evidence of a province against what its screens said; the simulation's checkers where they fit."""

from provisioning.stage import StageError
from tests.processes import evidence
from tests.simulation.checkers import (
    ack_durability,
    chain,
    conservation,
    doubles,
    effects_once,
    forks,
    ghosts,
    honest_time,
    loss,
    order_independence,
    personal_data,
    screen_truth,
    slips,
    window,
)
from tests.simulation.history import History

CHECKERS = (
    loss, doubles, ghosts, ack_durability, effects_once, order_independence, conservation, slips, screen_truth, forks,
    chain, honest_time, window,
)  # fmt: skip


def at_kiosk_killed(province, station, confirmed):
    """I1, I13: what the screen had confirmed before the kill is on the kiosk's own disk after it, or sealed there."""
    records = [*evidence.kiosk_records(station), *evidence.neighbours_records(station)]
    sealed = evidence.kiosk_sealed(station)
    if sealed:
        records += [one for one in evidence.centre_records(province) if one.digest in sealed]
    held = evidence.facts(records)
    gone = [(what, number) for what, k, number in confirmed if k == station.name and (what, number) not in held]
    return [("screen_truth", f"{station.name} confirmed {len(gone)} acts that are not on its disk")] if gone else []


def at_server_killed(province):
    """I2: what kiosks hold for safe is durable at the centre; marks are read first, for the ledger only grows."""
    marks = {
        (station.name, inc): mark
        for station in province.stations
        for inc, mark in evidence.kiosk_marks(station).items()
    }
    held = evidence.centre_numbers(province)
    found = []
    for (k, inc), mark in marks.items():
        bare = [seq for seq in range(1, mark + 1) if (k, inc, seq) not in held]
        if bare:
            found.append(("ack_durability", f"{k} was acknowledged up to {mark}, but {bare[:3]} is not at the centre"))
    return found


def at_the_end(province, watcher, history, *, drained, secrets):
    """Everything mended and drained: `(violations, figures)`; the figures count what was confirmed, lost and doubled.

    `secrets`: names and numbers of people.
    """
    try:
        checked = province.command("rebuild", "--check")
        sentences = [] if "identical to the live tables" in checked else [checked[-300:]]
    except StageError as error:
        sentences = [str(error)[-300:]]
    found = [("stuck", sentence) for sentence in history.stuck]
    for woke in (False, True):
        for station in province.stations:
            watcher.look_at_kiosk(station, woke=woke)
    watcher.look_at_ledger()
    seen = evidence.history(province, watcher.events(), drained=drained, sentences=sentences)
    for checker in CHECKERS:
        name = checker.__name__.rsplit(".", 1)[-1]
        found.extend((name, sentence) for sentence in checker.check(seen))
    held = evidence.facts(seen.ledger.values())
    lost = sorted((what, k, number) for what, k, number in history.confirmed if (what, number) not in held)
    found.extend(("loss", f"{k} confirmed {what} and the centre has no such record") for what, k, _ in lost)
    # Two kiosks that cannot hear each other may both let the same person go: two acts of two people, both are kept.
    doubled = [key for key, acts in held.items() if len(acts) > len(set(acts))]
    found.extend(("doubles", f"{what} stands twice for one visit at one kiosk") for what, _ in doubled)
    found.extend(("personal_data", sentence) for sentence in _personal_data(province, watcher, secrets))
    figures = {
        "records": len(seen.ledger), "confirmed": len(history.confirmed), "lost": len(lost), "doubled": len(doubled),
        "let_go": sum(what == "left" for what, _, _ in history.confirmed),
        "acknowledgements": watcher.acknowledged, "missed_looks": watcher.missed,
    }  # fmt: skip
    return found, figures


def _personal_data(province, watcher, secrets):
    """I20, F106: no name or number of a person in what the logs have gained, nor in a topic."""
    seen = History()
    seen.secrets = secrets
    for log in province.logs():
        with log.open("rb") as opened:
            opened.seek(watcher.read_up_to.get(log, 0))
            text = opened.read().decode("utf-8", errors="replace")
            watcher.read_up_to[log] = opened.tell()
        for line in text.splitlines():
            seen.add("logged", 0, text=f"{log.name}: {line}")
    for topic in watcher.topics:
        seen.add("topic", 0, text=topic)
    return personal_data.check(seen)
