"""I12: paper moves only for a record that is on the disk; a copy's number comes out of a printer once."""


def check(history):
    found = []
    recorded, copies = set(), set()
    for kind, _, one in history.events:
        if kind == "wrote" and one["kind"] in ("visit.checked_in", "dose.given"):
            recorded.add(one["body"]["slip"])
        elif kind == "printed":
            if one["slip"] not in recorded:
                found.append(f"{one['dev']}: slip {one['slip']} was printed before its record was on the disk")
            copy = (one["dev"], one["slip"], one["copy"])
            if copy in copies and one["dev"] not in history.restored:
                found.append(f"{one['dev']}: copy {one['copy']} of slip {one['slip']} came out twice")
            copies.add(copy)
    return found
