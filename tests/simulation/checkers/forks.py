"""I4: two contents under one name are both kept and the fork is found; nobody is called a fork who is none."""


def check(history):
    written = {}
    for _, one in history.of("wrote"):
        written.setdefault((one["k"], one["inc"], one["seq"]), set()).add(one["digest"])
    quarantined = {row["digest"] for row in history.quarantine}
    forked = {}
    for k, inc, seq, digest in history.forks:
        forked.setdefault((k, inc, seq), set()).add(digest)
    found = [f"{name} is called a fork and is none" for name in forked if len(written.get(name, ())) < 2]
    for name, digests in written.items():
        held = history.ledger.get(name)
        known = {held.digest if held else ""} | forked.get(name, set()) | quarantined | history.excused
        if len(digests) > 1 and digests - known:
            found.append(f"{name} was written twice and one of the two is gone")
    return found
