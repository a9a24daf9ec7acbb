"""I1: every record a screen confirmed is at last in the ledger, among the forks or in quarantine, byte for byte.

What only a lost card held is excused, but not a dose whose slip came out of a printer: its paper was scanned. In quarantine
counts only what may rest there.
"""

from tests.simulation.history import may_rest


def check(history):
    found = []
    quarantined = {row["digest"] for row in history.quarantine if may_rest(row, history.revoked)}
    for _, one in history.of("told"):
        for k, inc, seq, digest in one["names"]:
            held = history.ledger.get((k, inc, seq))
            if held is not None and held.digest == digest:
                continue
            if (k, inc, seq, digest) in history.forks or digest in quarantined or digest in history.excused:
                continue
            found.append(f"{one['dev']} confirmed {k}/{inc}/{seq} and it is nowhere")
    told = {name[3] for _, one in history.of("told") for name in one["names"]}
    left = [
        row for row in history.quarantine if row["reason"] == "future" and not row["resolved"] and row["digest"] in told
    ]
    found.extend(
        f"{row['name']} still waits for a release that is here" for row in left if row["k"] not in history.revoked
    )
    found.extend(_paper_lost(history, quarantined))
    if not history.drained:
        found.append("after everything healed, records still wait on kiosks or are damaged at the centre")
    return found


def _paper_lost(history, quarantined):
    """Slips whose dose is nowhere at the centre, neither itself nor as the slip tells it."""
    held = {record.digest for record in history.ledger.values()} | {name[3] for name in history.forks} | quarantined
    scanned = {
        one["body"]["code"]
        for _, one in history.of("wrote")
        if one["kind"] == "dose.recovered" and one["digest"] in held
    }
    return [
        f"the slip of {k}/{inc}/{seq} is on paper and its dose is nowhere"
        for code, (k, inc, seq, digest) in history.papers.items()
        if digest not in held and code not in scanned
    ]
