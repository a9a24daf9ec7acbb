"""I3: the counters are what the records at the centre count once each, recomputed here without the server's code."""

from collections import Counter

from protocol import slip_code
from protocol.clocktext import day_of

MAKE_DOSES = ("dose.given", "dose.entered_late")


def check(history):
    doses, undone, dose_no, anchors = {}, set(), {}, {}
    held = sorted([*history.ledger.values(), *history.forks.values()], key=lambda one: one.sort_key())
    for record in held:
        t = record.t
        if t["sure"] == "synced":
            anchor = (t["err"], t["mono"], t["wall"])
            anchors[record.k, t["boot"]] = min(anchors.get((record.k, t["boot"]), anchor), anchor)
        if record.kind in MAKE_DOSES:
            doses.setdefault(record.body["dose"], record)
        elif record.kind == "dose.undone":
            undone.add(record.body["dose"])
        elif record.kind == "dose.corrected" and "dose_no" in record.body["changes"]:
            dose_no[record.body["dose"]] = record.body["changes"]["dose_no"]
    wanted = Counter(("doses", one["x"], day_of(one["t"]), f"{one['v']}/{one['d']}") for one in copies_alone(held))
    for dose, record in doses.items():
        if dose not in undone:
            number = dose_no.get(dose, record.body["dose_no"])
            late = record.kind == "dose.entered_late"
            place, day = (
                (record.body["place"], record.body["given_on"]) if late else (record.site, _day(record, anchors))
            )
            wanted["doses", place, day, f"{record.body['vaccine']}/{number}"] += 1
    counted = {cell: n for cell, n in history.counters.items() if cell[0] == "doses"}
    if counted != dict(wanted):
        return [f"doses by day are counted {sum(counted.values())} times for {sum(wanted.values())} that stand"]
    return []


def copies_alone(held):
    """What the slips say whose originals are not among these records; each slip once."""
    originals = {(*record.name(), record.body["slip"]) for record in held if record.kind in MAKE_DOSES}
    slips = {}
    for record in held:
        if record.kind == "dose.recovered":
            value = slip_code.decode(record.body["code"])[0]
            slips[(value["k"], value["i"], value["q"], value["s"])] = value
    return [value for name, value in slips.items() if name not in originals]


def _day(record, anchors):
    """The day of the best time: what the clock said if it knew, else as far from the boot's anchor as `mono` says."""
    t, anchor = record.t, anchors.get((record.k, record.t["boot"]))
    if t["sure"] == "synced" or anchor is None:
        return day_of(t["wall"])
    return day_of(max(anchor[2] - anchor[1] + t["mono"], 0))
