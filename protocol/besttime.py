"""The best time of a record: when its clock did not know, another record of the same boot tells. Pure; changes no record.

Theory of operation: within one boot of one writer `mono` runs on whatever the wall clock does. One record whose clock
was synced (the anchor) turns every `mono` of that boot into a wall time, at an error that grows with the distance.
1. A synced record keeps its own time.
2. Any other record takes the anchor's, in certainty `repaired`; without an anchor it keeps what its clock said.
3. Of several anchors the one with the smallest `(err, mono, wall)` holds: a minimum, so no order of arrival matters.
"""

SYNCED = "synced"
REPAIRED = "repaired"
# Parts per million: crystals of small computers keep within 50, cold and heat and age included within 200.
DRIFT_PPM = 200
_MILLION = 1000000


def anchor_of(t: dict):
    """What a record's `t` offers as an anchor, `(err, mono, wall)`; None when its clock was not synced."""
    if t["sure"] != SYNCED:
        return None
    return (t["err"], t["mono"], t["wall"])


def better(held, offered):
    """The anchor to hold of two; either may be None."""
    if held is None or (offered is not None and offered < held):
        return offered
    return held


def best(t: dict, anchor) -> tuple:
    """`(wall, sure, err)`: UTC ms, its certainty and its bound in ms. `anchor`: that of the record's own boot, or None.

    The bound of a time that nobody vouches for (`unknown`, `holdover`) is what its clock said of itself, often nothing.
    """
    if t["sure"] == SYNCED or anchor is None:
        return (t["wall"], t["sure"], t["err"])
    err, mono, wall = anchor
    apart = t["mono"] - mono
    drift = (abs(apart) * DRIFT_PPM + _MILLION - 1) // _MILLION
    return (max(wall + apart, 0), REPAIRED, err + drift)


def best_times(times) -> list:
    """`best` of each `t` of one `(k, boot)`, in the order given."""
    held = None
    for t in times:
        held = better(held, anchor_of(t))
    return [best(t, held) for t in times]
