"""Every record a kiosk wrote names the digest of the one before; no number is left out or used twice, by disk or restored centre."""

from protocol.envelope import GENESIS


def check(history):
    found = []
    heads = {}
    given = {}
    for _, one in history.of("wrote"):
        log = (one["dev"], one["inc"])
        if one["dev"] == "centre" and given.setdefault((one["inc"], one["seq"]), one["digest"]) != one["digest"]:
            found.append(f"the centre's own desk gave number {one['seq']} to other bytes")
        if one["dev"] in history.restored or one["dev"] == "centre":
            continue
        seq, head = heads.get(log, (0, GENESIS))
        if one["seq"] != seq + 1 or one["prev"] != head:
            found.append(f"{one['dev']}: record {one['seq']} does not follow record {seq}")
        heads[log] = (one["seq"], one["digest"])
    return found
