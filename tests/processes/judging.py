"""Puts the evidence of a province against what its screens said; the simulation's checkers where they fit."""

from provisioning.stage import StageError
from tests.processes import evidence
from tests.simulation.checkers import (
    chain,
    conservation,
    doubles,
    effects_once,
    forks,
    ghosts,
    honest_time,
    loss,
    order_independence,
    slips,
)

# Not among them: `window`, `screen_truth`, `ack_durability` and `personal_data` read events that only the simulation
# has; what they ask is asked here by `at_kiosk_killed`, `at_server_killed` and `_personal_data`.
CHECKERS = (loss, doubles, ghosts, effects_once, order_independence, conservation, slips, forks, chain, honest_time)


def at_kiosk_killed(station, confirmed):
    """I1, I13: what the screen had confirmed before the kill is on the kiosk's own disk after it."""
    held = evidence.facts(evidence.kiosk_records(station))
    gone = [one for one in confirmed if one[1] == station.name and one not in held]
    return [("screen_truth", f"{station.name} confirmed {len(gone)} acts that are not on its disk")] if gone else []


def at_server_killed(province):
    """I2: what kiosks hold for safe is in the ledger; marks are read first, for the ledger only grows."""
    marks = {
        (station.name, inc): mark
        for station in province.stations
        for inc, mark in evidence.kiosk_marks(station).items()
    }
    held = {one.name() for one in evidence.centre_records(province)}
    found = []
    for (k, inc), mark in marks.items():
        bare = [seq for seq in range(1, mark + 1) if (k, inc, seq) not in held]
        if bare:
            found.append(("ack_durability", f"{k} was acknowledged up to {mark}, but {bare[:3]} is not in the ledger"))
    return found


def at_the_end(province, history, *, drained, people):
    """Everything mended and drained: `(violations, figures)`; the figures count what was confirmed, lost and doubled."""
    try:
        checked = province.command("rebuild", "--check")
        sentences = [] if "identical to the live tables" in checked else [checked[-300:]]
    except StageError as error:
        sentences = [str(error)[-300:]]
    found = [("stuck", sentence) for sentence in history.stuck]
    seen = evidence.history(province, drained=drained, sentences=sentences)
    for checker in CHECKERS:
        name = checker.__name__.rsplit(".", 1)[-1]
        found.extend((name, sentence) for sentence in checker.check(seen))
    held = evidence.facts(seen.ledger.values())
    lost = sorted(one for one in history.confirmed if one not in held)
    found.extend(("loss", f"{k} confirmed {what} and the centre has no such record") for what, k, _ in lost)
    doubled = [key for key, visits in held.items() if len(visits) > len(set(visits))]
    found.extend(("doubles", f"{k}: {what} stands twice for one visit") for what, k, _ in doubled)
    found.extend(_personal_data(province, people))
    figures = {
        "records": len(seen.ledger), "confirmed": len(history.confirmed), "lost": len(lost), "doubled": len(doubled),
    }  # fmt: skip
    return found, figures


def _personal_data(province, people):
    """I20, F106: no name or number of a person in any log."""
    secrets = sorted({word for one in people for word in (one.number, one.payload.split("|")[2])})
    for log in province.logs():
        text = log.read_text("utf-8", errors="replace")
        if any(secret in text for secret in secrets):
            yield "personal_data", f"{log.name} names a person"
