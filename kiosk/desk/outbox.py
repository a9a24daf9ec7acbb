"""What a kiosk's disk holds and still owes, as one account: for the `outbox` command, the scripted day and the rigs."""

from __future__ import annotations

from typing import Any

from kiosk.store import Store


def store_account(store: Store, *, k: str) -> dict[str, Any]:
    """The account of kiosk `k`'s present log.

    `waiting`: records, carried ones among them, that the centre has not acknowledged. `printing`: slips that wait for
    the printer. `sealed`: records of past days that only the centre can read; `archived`: up to which it holds them.
    """
    inc = store.meta("inc")
    seq, head = store.head(inc)
    safe = int(store.meta("committed:" + inc, "0"))
    sealed, sealed_bytes = store.kept.counts()
    return {
        "k": k,
        "inc": inc,
        "records": seq,
        "safe": safe,
        "waiting": seq - safe + store.owed()[0],
        "head": head,
        "quarantined": store.quarantined(inc),
        "printing": len(store.prints("waiting", "sending")),
        "sealed": sealed,
        "sealed_bytes": sealed_bytes,
        "archived": max((mark.upto for mark in store.kept.marks(inc)), default=0),
        "gone": store.kept.gone(inc),
    }
