"""I6, I9: the live tables equal a rebuild, and a rebuild in another order, byte for byte."""


def check(history):
    found = []
    for name, other in (("a rebuild", history.rebuilt), ("a rebuild in another order", history.shuffled)):
        tables = sorted(set(history.tables) | set(other))
        differing = [table for table in tables if history.tables.get(table, []) != other.get(table, [])]
        found.extend(f"{table}: live rows differ from {name}" for table in differing)
    if history.counters != history.rebuilt_counters:
        found.append("counters differ from a rebuild")
    return found + list(history.sentences)
