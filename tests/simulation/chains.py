"""What stands of a writer's chain at the simulated centre? As `server.ledger.chain` and `carried`, over its dictionaries."""

from protocol import canon, envelope
from protocol.delivery import FINAL


def whole(state, hello):
    """For a hello that knows of nothing here: its head if all of its chain stands, else empty. None for any other."""
    if not hello or hello["first"] != 1 or not hello["last"]:
        return None
    log = (hello["k"], hello["inc"])
    records = [record for name, record in (*state.ledger.items(), *state.forks.items()) if name[:2] == log]
    links = {(record.seq, record.digest): record.prev for record in records}
    for row in state.quarantine.values():
        if row["name"] and row["name"][:2] == log and row["reason"] in FINAL:
            links[row["name"][2], row["digest"]] = canon.read(row["line"], envelope.ORDER).get("prev", "")
    seq, head, gone = hello["last"], hello["head"], hello.get("gone", 0)
    while seq > gone and head:
        seq, head = seq - 1, links.get((seq, head), "")
    return hello["head"] if head == envelope.GENESIS or (gone and head) else ""


def parted(state, record):
    """Does it belong to another branch than its neighbours here?"""
    k, inc, seq = record.name()
    before, after = state.ledger.get((k, inc, seq - 1)), state.ledger.get((k, inc, seq + 1))
    return (before is not None and before.digest != record.prev) or (after is not None and after.prev != record.digest)


def aside(state, name):
    """The digest of what is put aside for good under a name, the first to come; empty when nothing is."""
    return next(
        (row["digest"] for row in state.quarantine.values() if row["name"] == name and row["reason"] in FINAL), ""
    )


def stands(state, name, digest):
    """Is this very record taken?"""
    held = state.ledger.get(name)
    return (held is not None and held.digest == digest) or (*name, digest) in state.forks


def here(state, name, digest):
    """Does this very record stand here for good?"""
    if stands(state, name, digest):
        return True
    return any(
        row["digest"] == digest and row["name"] == name and row["reason"] in FINAL for row in state.quarantine.values()
    )
