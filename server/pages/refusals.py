"""Who was turned away is noted: somebody signed in stands in the audit, a stranger in the program log. Neither fills a disk.

An address is never noted as it was typed: the page by its own name, and nothing of what was asked for. What is out of somebody's
scope does not exist, in their unit's audit neither.
"""

import logging

from flask import g, request

from server import audit, limits
from server.pages import access
from server.pages.services import services

logger = logging.getLogger(__name__)
NOTED = (403, 404)
ACT = "turned_away"
# Somebody who tries pages one after the other is seen after ten as well as after a thousand.
NOTES = limits.Limit(name=ACT, most=10, window_ms=3_600_000)


def note(status: int) -> None:
    """Note that this request was answered with an error; what nobody asked a page for (no such address) is not."""
    if request.endpoint is None or g.get("stale_form"):
        return
    who = access.me()
    if who is None:
        if status != 404:
            logger.info("page_refused page=%s status=%d", request.endpoint, status)
        return
    if status not in NOTED:
        return
    parts = services()
    now = parts.clock.wall_ms()
    with parts.db.read() as conn:
        if limits.spent(conn, NOTES, who=who.login, now=now):
            return
    with parts.db.write() as conn:
        if limits.take(conn, NOTES, who=who.login, now=now):
            audit.note(conn, at=now, account=who.login, act=ACT, object=f"{status} {request.endpoint}")
