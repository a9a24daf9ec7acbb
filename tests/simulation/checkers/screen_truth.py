"""I13: after a restart a kiosk shows what it confirmed; the header never calls safe what the centre never had."""

from protocol import visit as states


def check(history):
    found = []
    told, stored, folded = {}, {}, {}
    for kind, _, one in history.events:
        if kind == "stored":
            stored.setdefault(one["name"][1], set()).add(one["name"][2])
        elif kind == "told":
            for _, inc, seq, _ in one["names"]:
                told[one["dev"], inc] = max(seq, told.get((one["dev"], inc), 0))
        elif kind in ("wrote", "sealed"):
            _fold(folded.setdefault(one["dev"], {}), one)
        elif kind == "restarted" and one["dev"] not in history.restored:
            confirmed = told.get((one["dev"], one["inc"]), 0)
            if one["seq"] < confirmed:
                found.append(f"{one['dev']} confirmed {confirmed} records and woke with {one['seq']}")
            # Those that neighbours spoke of are read with their records; `reading` below compares them with a rebuild.
            mine = {visit: state for visit, state in one["visits"].items() if visit not in one.get("shared", ())}
            alone = {v: state for v, state in folded.get(one["dev"], {}).items() if v not in one.get("shared", ())}
            if mine != alone:
                found.append(f"{one['dev']} woke with visits that its records do not tell")
        elif kind == "reading" and one["live"] != one["read"]:
            found.append(f"{one['dev']} shows visits otherwise than its records and its neighbours' tell")
        elif kind == "shown":
            safe = range(1, one["last"] - one["waiting"] + 1)
            bare = [seq for seq in safe if seq not in stored.get(one["inc"], ())]
            if bare:
                found.append(f"{one['dev']} shows {one['waiting']} waiting, but {bare[:3]} never reached the centre")
    return found


def _fold(visits, wrote):
    """What a kiosk's visits look like after it wrote a record, or sealed whole visits away."""
    if "visits" in wrote:
        for visit in wrote["visits"]:
            visits.pop(visit, None)
        return
    kind, body = wrote["kind"], wrote["body"]
    name = body.get("visit")
    if kind == "visit.checked_in":
        visits[name] = states.WAITING
    elif name in visits:
        visits[name] = states.fold(visits[name], states.event_of(kind, body))[0]
