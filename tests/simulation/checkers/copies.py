"""Neighbours' copies: none that nobody wrote, none stated and no "also on another box" but when it is, none forgotten too soon."""


def check(history):
    found = []
    written, stored = set(), set()
    # Digest to the devices that have held a copy durably.
    holders = {}
    for kind, _, one in history.events:
        if kind == "wrote":
            written.add(one["digest"])
        elif kind == "stored":
            stored.add(one["name"][:3])
        elif kind == "kept":
            for name in one["names"]:
                holders.setdefault(name[3], set()).add(one["dev"])
                if name[3] not in written:
                    found.append(f"{one['dev']} keeps {name[:3]}, which nobody wrote")
        elif kind == "spent":
            lacking = [name[:3] for name in one["names"] if tuple(name[:3]) not in stored]
            if lacking:
                found.append(f"{one['dev']} forgot {lacking[:2]} before the centre had them")
        else:
            found += _said(kind, one, holders)
    return found


def _said(kind, one, holders):
    """What a kiosk says on the wire and what it shows of copies: are they there?"""
    if kind == "stated":
        early = [name[:3] for name in one["names"] if one["dev"] not in holders.get(name[3], ())]
        return [f"{one['dev']} states that it holds {early[0]}, which its disk never held"] if early else []
    if kind == "beside":
        mark, names = one["committed"], one["names"]
        bare = [seq for seq, digest in names if seq > mark and not holders.get(digest, set()) - {one["dev"]}]
        return [f"{one['dev']} shows {bare[:3]} on another box, and no other box has held them"] if bare else []
    return []
