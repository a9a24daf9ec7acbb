"""One account at two kiosks at the same time (fault F95): which acts cannot well be one person's. Pure; shown, never refused.

An act is a tuple `(at, site, k)`: UTC ms, and where it was recorded. Kiosk and server apply the same rule.
"""

# Whoever moves to another desk goes there once. Back at the first desk within ten minutes is two people with one PIN.
AGAIN_MS = 10 * 60000
# Nobody is at two sites within half an hour.
ELSEWHERE_MS = 30 * 60000


def clashes(acts: list) -> list:
    """The pairs `(before, after)` of one account's acts that clash, in order. Acts whose time nobody vouches for stay out."""
    found = []
    before = None
    last = {}
    for act in sorted(acts):
        at, site, k = act
        if before is not None and (site, k) != before[1:]:
            if site != before[1]:
                clash = at - before[0] <= ELSEWHERE_MS
            else:
                clash = (site, k) in last and at - last[(site, k)] <= AGAIN_MS
            if clash:
                found.append((before, act))
        last[(site, k)] = at
        before = act
    return found


def elsewhere(acts: list, *, k: str, now: int) -> tuple | None:
    """The latest of one account's acts at another kiosk than `k`, if it was within AGAIN_MS of `now`; else None."""
    found = None
    for act in sorted(acts):
        if act[2] != k and abs(now - act[0]) <= AGAIN_MS:
            found = act
    return found
