"""Nothing stands at the centre that no enrolled writer wrote: no forged, damaged or invented record, no forged slip."""


def check(history):
    wrote = {(one["k"], one["inc"], one["seq"], one["digest"]) for _, one in history.of("wrote")}
    held = {(*name, record.digest) for name, record in history.ledger.items()} | set(history.forks)
    found = [f"{k}/{inc}/{seq} stands at the centre and nobody wrote it" for k, inc, seq, _ in sorted(held - wrote)]
    told = [*history.ledger.values(), *history.forks.values()]
    found.extend(
        f"{record.name()} tells of a slip that no kiosk printed, and is believed"
        for record in told
        if record.kind == "dose.recovered" and record.body["code"] not in history.papers
    )
    return found
