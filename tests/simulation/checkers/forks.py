"""I4: two contents under one name are both kept and the fork is found; nobody is called a fork who is none.

And each machine with a copied card ends in a log of its own; nobody else leaves its log.
"""


def check(history):
    written = {}
    for _, one in history.of("wrote"):
        written.setdefault((one["k"], one["inc"], one["seq"]), set()).add(one["digest"])
    quarantined = {row["digest"] for row in history.quarantine}
    forked = {}
    for k, inc, seq, digest in history.forks:
        forked.setdefault((k, inc, seq), set()).add(digest)
    # Of a log with two branches a record that only one of them has is a fork too, where its place is in the other's.
    parted = {name[:2] for name, digests in written.items() if len(digests) > 1}
    found = [f"{name} is called a fork and is none" for name in forked if name[:2] not in parted]
    for name, digests in written.items():
        held = history.ledger.get(name)
        known = {held.digest if held else ""} | forked.get(name, set()) | quarantined | history.excused
        if len(digests) > 1 and digests - known:
            found.append(f"{name} was written twice and one of the two is gone")
    return found + list(_logs(history))


def _logs(history):
    forked = {name[:2] for name in history.forks}
    copied = {history.devices[device] for device in history.restored}
    shown = history.of("shown")
    # At the end: a machine whose card was taken out meanwhile can leave no log any more.
    last = {one["dev"]: one["inc"] for at, one in shown if at == shown[-1][0]}
    for device, inc in last.items():
        if device not in history.gone and (history.devices[device], inc) in forked:
            yield f"{device} still writes in a log that is not its own alone"
    for _, one in history.of("wrote"):
        anew = one["kind"] == "log.opened" and one["body"]["why"] in ("cloned", "restored")
        # A centre that was put back begins anew too.
        if anew and one["k"] not in copied and one["dev"] != "centre":
            yield f"{one['dev']} began a new log and its card was never copied"
