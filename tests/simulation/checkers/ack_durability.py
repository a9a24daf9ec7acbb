"""I2: what an acknowledgement covers was durable at the centre when it was signed; a kiosk believes no other word."""


def check(history):
    found = []
    durable, answered, written, links = {}, {}, {}, {}
    # What stood before the centre was put back: an answer signed then may be on its way still.
    before = {}
    for kind, _, one in history.events:
        if kind == "stored":
            k, inc, seq, digest = one["name"]
            durable.setdefault((k, inc), {}).setdefault(seq, set()).add(digest)
        elif kind == "forgot":
            before, durable = durable, {}
            for k, inc, seq, digest in one["held"]:
                durable.setdefault((k, inc), {}).setdefault(seq, set()).add(digest)
        elif kind == "answered":
            held = durable.get((one["k"], one["inc"]), {})
            bare = [seq for seq in range(1, one["mark"] + 1) if seq not in held]
            if bare:
                found.append(f"acknowledged {one['k']}/{one['inc']} up to {one['mark']}, but {bare[:3]} is not durable")
            answered.setdefault(one["inc"], set()).add(one["mark"])
        elif kind == "wrote":
            written.setdefault((one["dev"], one["inc"]), {})[one["seq"]] = (one["k"], one["digest"])
            links[one["inc"], one["seq"], one["digest"]] = (one["k"], one["prev"])
        elif kind == "taken":
            # A mark of 0 promises nothing: the simulation itself plays an old one back.
            if one["mark"] and one["mark"] not in answered.get(one["inc"], ()):
                found.append(f"{one['dev']} holds {one['inc']} for safe up to {one['mark']}, which nobody said")
            found.extend(_foreign(one, written, durable))
        elif kind == "held":
            gone = list(_missing(one, links, before))
            found.extend(gone and _missing(one, links, durable))
    return found


def _missing(held, links, durable):
    """Records of this machine's branch of an old log, from its head back, that are not durable though it believes they are."""
    seq, digest = held["last"], held["head"]
    while seq:
        k, prev = links.get((held["inc"], seq, digest), ("", ""))
        there = durable.get((k, held["inc"]), {}).get(seq, ())
        if not k or (digest not in there and "" not in there):
            yield f"{held['dev']} holds its old log {held['inc']} for safe, but {seq} is not durable"
            return
        seq, digest = seq - 1, prev


def _foreign(taken, written, durable):
    """Records of this device under the mark of which the centre has other bytes only. After a restore it may have none."""
    for seq, (k, digest) in written.get((taken["dev"], taken["inc"]), {}).items():
        held = durable.get((k, taken["inc"]), {}).get(seq)
        if seq <= taken["mark"] and held and digest not in held and "" not in held:
            yield f"{taken['dev']} holds {taken['inc']}/{seq} for safe, but the centre has another record of that name"
