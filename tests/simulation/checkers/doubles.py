"""I3, F22: one intention of a person makes at most one record, one visit one standing dose, one person one place in the line."""

PRINTED = ("slip.printed", "staff.signed_in", "log.opened", "clock.synced", "log.sealed")


def check(history):
    found = []
    intentions = set()
    dosed = {}
    for _, wrote in history.of("wrote"):
        kind, body = wrote["kind"], wrote["body"]
        if kind not in PRINTED:
            # A dose may open its vial, and put the emptied one away, in its own act: each of them once.
            intention = (wrote["dev"], wrote["act"], kind if kind.startswith("vial.") else "")
            if intention in intentions:
                found.append(f"{wrote['dev']}: intention {wrote['act']} made a second record, {kind}")
            intentions.add(intention)
        if kind == "dose.given" and wrote["dev"] not in history.restored:
            standing = dosed.setdefault((wrote["dev"], body["visit"]), set())
            standing.add(body["dose"])
            if len(standing) > 1:
                found.append(f"{wrote['dev']}: visit {body['visit']} has two standing doses")
        elif kind == "dose.undone":
            dosed.get((wrote["dev"], body["visit"]), set()).discard(body["dose"])
    return found
