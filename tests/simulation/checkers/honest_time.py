"""I7: nobody leaves observation before 1,800 s of true time, except early with a reason; no clock adopts a wild one.

And a record's best time at the centre holds the true time within its bound, wherever the clocks that said "synced" in that
boot told the truth; a record is not left undated where such a clock spoke.
"""

from protocol.besttime import REPAIRED, SYNCED
from protocol.clocktext import MAX_AHEAD_MS
from tests.simulation.places import MORNING

OBSERVE_MS = 1_800_000


def check(history):
    found = []
    dosed = {}
    for at, one in history.of("wrote"):
        kind, body = one["kind"], one["body"]
        if kind == "dose.given":
            dosed[one["dev"], body["visit"]] = at
        elif kind == "visit.left" and body["outcome"] != "early":
            since = dosed.get((one["dev"], body["visit"]))
            if since is not None and at - since < OBSERVE_MS - 1_000:
                found.append(f"{one['dev']}: observation of {body['visit']} ended after {(at - since) // 1000} s")
        if kind == "dose.corrected" and one["t"]["hlc"][0] > one["t"]["wall"] + MAX_AHEAD_MS:
            found.append("the centre's hybrid clock has adopted a wild one")
    return found + _best_times(history)


def _best_times(history):
    found = []
    told = [(MORNING + at, one) for at, one in history.of("wrote") if one["digest"] in history.best]
    spoke = {_boot(one) for _, one in told if one["t"]["sure"] == SYNCED}
    lied = {
        _boot(one)
        for true, one in told
        if one["t"]["sure"] == SYNCED and abs(one["t"]["wall"] - true) > one["t"]["err"]
    }
    for true, one in told:
        if _boot(one) in lied or one["t"]["sure"] == SYNCED:
            continue
        wall, sure, err = history.best[one["digest"]]
        if sure == REPAIRED and abs(wall - true) > err:
            found.append(
                f"{one['dev']}: the best time of number {one['seq']} is {abs(wall - true)} ms off, bound {err} ms"
            )
        if (sure == REPAIRED) != (_boot(one) in spoke):
            found.append(
                f"{one['dev']}: number {one['seq']} is {sure}, and its boot's clock had spoken: {_boot(one) in spoke}"
            )
    return found


def _boot(one):
    return (one["k"], one["t"]["boot"])
