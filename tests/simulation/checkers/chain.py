"""Every record a kiosk wrote names the digest of the one before; a number is never left out or used twice by one disk."""

from protocol.envelope import GENESIS


def check(history):
    found = []
    heads = {}
    for _, one in history.of("wrote"):
        log = (one["dev"], one["inc"])
        if one["dev"] in history.restored or one["dev"] == "centre":
            continue
        seq, head = heads.get(log, (0, GENESIS))
        if one["seq"] != seq + 1 or one["prev"] != head:
            found.append(f"{one['dev']}: record {one['seq']} does not follow record {seq}")
        heads[log] = (one["seq"], one["digest"])
    return found
