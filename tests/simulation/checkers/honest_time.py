"""I7: nobody leaves observation before 1,800 s of true time, except early with a reason; no clock adopts a wild one."""

from protocol.clocktext import MAX_AHEAD_MS

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
    return found
