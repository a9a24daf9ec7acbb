"""I17: per place and lot the centre's balance is receipts less standing doses, recomputed from the records."""

from collections import Counter

from tests.simulation.checkers.effects_once import copies_alone


def check(history):
    into, used, undone = Counter(), {}, set()
    for record in sorted([*history.ledger.values(), *history.forks.values()], key=lambda one: one.sort_key()):
        body = record.body
        if record.kind == "stock.received":
            into[body["place"], body["lot"]] += body["vials"] * body["doses_per_vial"]
        elif record.kind == "dose.given":
            used.setdefault(body["dose"], (record.site, body["lot"]))
        elif record.kind == "dose.undone":
            undone.add(body["dose"])
    balance = Counter(into)
    balance.subtract(Counter(place for dose, place in used.items() if dose not in undone))
    held = [*history.ledger.values(), *history.forks.values()]
    balance.subtract(Counter((one["x"], one["l"]) for one in copies_alone(held)))
    told = Counter()
    for (name, place, _, lot), n in history.counters.items():
        told[place, lot] += n if name == "stock_in" else -n if name == "stock_used" else 0
    places = sorted(set(balance) | set(told))
    return [
        f"lot {place[1]}: {told[place]} on hand, should be {balance[place]}"
        for place in places
        if told[place] != balance[place]
    ]
