"""I3: the counters are what the records at the centre count once each, recomputed here without the server's code."""

from collections import Counter

from protocol.clocktext import day_of


def check(history):
    doses, undone, dose_no = {}, set(), {}
    for record in sorted([*history.ledger.values(), *history.forks.values()], key=lambda one: one.sort_key()):
        if record.kind == "dose.given":
            doses.setdefault(record.body["dose"], record)
        elif record.kind == "dose.undone":
            undone.add(record.body["dose"])
        elif record.kind == "dose.corrected" and "dose_no" in record.body["changes"]:
            dose_no[record.body["dose"]] = record.body["changes"]["dose_no"]
    wanted = Counter()
    for dose, record in doses.items():
        if dose not in undone:
            number = dose_no.get(dose, record.body["dose_no"])
            wanted["doses", record.site, day_of(record.t["wall"]), f"{record.body['vaccine']}/{number}"] += 1
    counted = {cell: n for cell, n in history.counters.items() if cell[0] == "doses"}
    if counted != dict(wanted):
        return [f"doses are counted {sum(counted.values())} times for {sum(wanted.values())} that stand"]
    return []
