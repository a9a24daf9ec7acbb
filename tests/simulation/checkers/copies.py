"""Neighbours' copies: none that nobody wrote, "also on another box" only when it is, none forgotten that the centre lacks."""


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
        elif kind == "beside":
            bare = [
                seq
                for seq, digest in one["names"]
                if seq > one["committed"] and not holders.get(digest, set()) - {one["dev"]}
            ]
            if bare:
                found.append(f"{one['dev']} shows {bare[:3]} on another box, and no other box has held them")
        elif kind == "spent":
            lacking = [name[:3] for name in one["names"] if tuple(name[:3]) not in stored]
            if lacking:
                found.append(f"{one['dev']} forgot {lacking[:2]} before the centre had them")
    return found
