"""For machines that watch over the server: is it ready, and its figures in the text format of Prometheus. Only reads.

No figure names a person; a program's token sees the figures of its own unit, as everywhere.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from server import fleet, messages, scope
from server.accounts import CLIENT, PUBLIC
from server.api.access import NotReady, care, endpoint, parts
from server.api.shapes import Ready
from server.complaints import queries

# The exposition format that `generate_latest` writes.
TEXT = "text/plain; version=0.0.4; charset=utf-8"
blueprint = Blueprint("watch", __name__, url_prefix="/api/v1")


@endpoint(blueprint, "/ready", roles=(PUBLIC,), answer=Ready)
def ready() -> Ready:
    """May a load balancer send people here? 503 with the part's name when one is away."""
    try:
        with parts().db.read() as conn:
            conn.execute(select(1)).scalar_one()
    except DBAPIError as error:
        raise NotReady("database") from error
    for name, works in parts().watched.items():
        if not works():
            raise NotReady(name)
    return Ready(status="ready", parts=["database", *parts().watched])


@endpoint(blueprint, "/metrics", roles=(CLIENT,), answer=str, media=TEXT)
def metrics() -> str:
    """What of the fleet, the complaints and the messages somebody should be woken for."""
    registry = CollectorRegistry(auto_describe=False)
    with parts().db.read() as conn:
        registry.register(_Figures(_gauges(conn)))
    return generate_latest(registry).decode("utf-8")


class _Figures(Collector):
    """Figures that were read a moment ago."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = list(found)

    def collect(self) -> Iterable[Metric]:
        """For the registry."""
        return self._found


def _gauges(conn: Connection) -> Iterator[Metric]:
    held, now = care(conn), parts().clock.wall_ms()
    kiosks = [row for row in fleet.writers(conn) if row["site"] in held.sites]
    silent = {one["k"] for one in fleet.concerns(kiosks, now=now) if one["what"] == "silent"}
    states: Counter[tuple[str, str]] = Counter()
    for row in kiosks:
        states[row["site"], _state(row, silent)] += 1
    yield _gauge("tram_kiosks", "Enrolled kiosks by state.", ("site", "state"), states)
    for name, text, column in (
        ("tram_records_held", "Records held without a gap.", "held"),
        ("tram_records_owed", "Records that kiosks said they have and that are not here.", "owes"),
        ("tram_records_quarantined", "Records put aside and not yet readable.", "quarantined"),
        ("tram_logs_forked", "Numbers under which two different records came.", "forks"),
    ):
        sums: Counter[tuple[str, ...]] = Counter()
        for row in kiosks:
            sums[row["site"],] += row[column] if column in row else sum(log["committed"] for log in row["logs"])
        yield _gauge(name, text, ("site",), sums)
    within = scope.complaints(held)
    waiting: Counter[tuple[str, ...]] = Counter()
    waiting["open",] = queries.count(conn, within=within)
    waiting["overdue",] = queries.count(conn, overdue_at=now, within=within)
    yield _gauge(
        "tram_complaints", "Complaints without an answer; those past their day among them.", ("state",), waiting
    )
    if held.whole:
        sent: Counter[tuple[str, ...]] = Counter({(state,): n for state, n in messages.states(conn).items()})
        yield _gauge("tram_messages", "Text messages by state.", ("state",), sent)


def _state(row: dict[str, Any], silent: set[str]) -> str:
    if row["revoked_at"]:
        return "revoked"
    if not row["heard_at"]:
        return "never_heard"
    return "silent" if row["k"] in silent else "heard"


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Counter[Any]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=labels)
    for key, n in sorted(values.items()):
        gauge.add_metric(key, n)
    return gauge
