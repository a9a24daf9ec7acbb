"""I10: what a kiosk deletes has stood in an off-host backup for 30 days, and stands in the newest one."""

from protocol.delivery import KEEP_DAYS
from tests.simulation.clocks import DAY_MS

# An acknowledgement says it a minute later than the backup; a month is counted by whole milliseconds of drifting clocks.
SLACK_MS = 300_000


def check(history):
    found = []
    since = {}
    for kind, at, one in history.events:
        if kind == "backed":
            since = {digest: since.get(digest, at) for digest in one["held"]}
        elif kind == "deleted":
            for k, inc, seq, digest in one["names"]:
                if digest not in since:
                    found.append(f"{one['dev']} deleted {k}/{inc}/{seq}, which is in no backup")
                elif at - since[digest] < KEEP_DAYS * DAY_MS - SLACK_MS:
                    found.append(f"{one['dev']} deleted {k}/{inc}/{seq} before its month in the backup was over")
    return found
