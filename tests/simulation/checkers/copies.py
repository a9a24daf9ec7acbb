"""Neighbours' copies: none that nobody wrote, none stated and no "also on another box" but when it is, none forgotten too soon.

Too soon is before the centre has it, and without a box before the newest off-host backup has these very bytes. Nor does
anybody leave a neighbour's line on the day they came. (A kiosk that began again since believes the writer's clock.)
"""

from protocol.clocktext import day_of
from tests.simulation import places

# A session that runs past midnight keeps its people.
RESTS_MS = 4 * 3_600_000


def check(history):
    found = []
    written, stored = set(), set()
    # Digest to the devices that have held a copy durably; visit to the true day on which it began.
    holders, came, began = {}, {}, {}
    backed = frozenset()
    for kind, at, one in history.events:
        if kind == "wrote":
            written.add(one["digest"])
            if one["kind"] == "visit.checked_in":
                came.setdefault(one["body"]["visit"], _day(at))
        elif kind == "stored":
            stored.add(one["name"][:3])
        elif kind == "backed":
            backed = one["held"]
        elif kind == "kept":
            for name in one["names"]:
                holders.setdefault(name[3], set()).add(one["dev"])
                if name[3] not in written:
                    found.append(f"{one['dev']} keeps {name[:3]}, which nobody wrote")
        elif kind == "restarted":
            began[one["dev"]] = _day(at)
        elif kind == "spent":
            found += _forgot(one, stored, backed)
        elif kind == "over":
            found += [
                f"{one['dev']} lets {visit} leave the line on the day they came"
                for visit in one["visits"]
                if came.get(visit) == _day(at) != began.get(one["dev"])
            ]
        else:
            found += _said(kind, one, holders)
    return found


def _day(at):
    return day_of(at + places.MORNING - RESTS_MS)


def _forgot(one, stored, backed):
    """What a kiosk put away: had the centre its numbers, and the newest backup the bytes of what is not even sealed?"""
    lacking = [name[:3] for name in one["names"] if tuple(name[:3]) not in stored]
    bare = [name[:3] for name in one["gone"] if name[3] not in backed]
    found = [f"{one['dev']} forgot {lacking[:2]} before the centre had them"] if lacking else []
    return found + ([f"{one['dev']} holds {bare[:2]} no more, which no backup holds"] if bare else [])


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
