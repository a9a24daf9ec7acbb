"""I17: per place and lot the centre's balance, recomputed from the records.

Receipts less standing doses; a vial put away has taken its nominal doses out, whatever was drawn from it.
"""

from collections import Counter

from tests.simulation.checkers.effects_once import copies_alone

SIGNS = {"stock_in": 1, "stock_extra": 1, "stock_used": -1, "stock_wasted": -1}


def check(history):
    into, used, undone = Counter(), {}, set()
    vials, closed, drawn = {}, set(), {}
    for record in sorted([*history.ledger.values(), *history.forks.values()], key=lambda one: one.sort_key()):
        body = record.body
        if record.kind == "stock.received":
            into[body["place"], body["lot"]] += body["vials"] * body["doses_per_vial"]
        elif record.kind == "dose.given":
            used.setdefault(body["dose"], (record.site, body["lot"]))
            if "vial" in body:
                drawn.setdefault(body["dose"], body["vial"])
        elif record.kind == "dose.entered_late":
            used.setdefault(body["dose"], (body["place"], body["lot"]))
        elif record.kind == "vial.opened":
            vials.setdefault(body["vial"], (record.site, body["lot"], body["doses_per_vial"]))
        elif record.kind == "vial.closed":
            closed.add(body["vial"])
        elif record.kind == "dose.undone":
            undone.add(body["dose"])
    balance = Counter(into)
    balance.subtract(Counter(place for dose, place in used.items() if dose not in undone))
    gave = Counter(vial for dose, vial in drawn.items() if dose not in undone)
    for vial in sorted(closed & set(vials)):
        place, lot, doses = vials[vial]
        balance[place, lot] -= doses - gave[vial]
    held = [*history.ledger.values(), *history.forks.values()]
    balance.subtract(Counter((one["x"], one["l"]) for one in copies_alone(held)))
    told = Counter()
    for (name, place, _, lot), n in history.counters.items():
        told[place, lot] += n * SIGNS.get(name, 0)
    places = sorted(set(balance) | set(told))
    return [
        f"lot {place[1]}: {told[place]} on hand, should be {balance[place]}"
        for place in places
        if told[place] != balance[place]
    ]
