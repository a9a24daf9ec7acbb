"""Nothing stands at the centre that no enrolled writer wrote: no forged, damaged or invented record."""


def check(history):
    wrote = {(one["k"], one["inc"], one["seq"], one["digest"]) for _, one in history.of("wrote")}
    held = {(*name, record.digest) for name, record in history.ledger.items()} | set(history.forks)
    return [f"{k}/{inc}/{seq} stands at the centre and nobody wrote it" for k, inc, seq, _ in sorted(held - wrote)]
