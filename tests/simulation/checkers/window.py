"""No more than a window of records is under way, however long the kiosk was alone."""

from protocol.delivery import WINDOW


def check(history):
    found = []
    for _, one in history.of("published"):
        if one["last"] - one["first"] >= WINDOW or (one["last"] > one["committed"] + WINDOW and not one["forked"]):
            found.append(f"{one['dev']} sent {one['first']}–{one['last']} with a mark of {one['committed']}")
    return found
