"""Enrolling a kiosk: an administrator makes a one-time code for a site, its page shows the QR once."""

import segno
from flask import Blueprint, render_template, request

from server import enrolment, reference
from server.accounts import ADMIN
from server.errors import Refused
from server.pages import frame
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.words import tr

MOST_DESK = 8
blueprint = Blueprint("enrolment", __name__, url_prefix="/console/kiosks/enrol")


@page(blueprint, "", roles=(ADMIN,), post=True)
def enrol() -> str | tuple[str, int]:
    """The form; then the code, which stands in this answer and nowhere else."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        place = request.args.get("place", "")
        place = place if place in sites else next(iter(sites), "")
        values = {"place": place, "hours": "24", **enrolment.proposal(conn, site=place)}
    ready = parts.enrolment is not None and parts.config.door_port > 0
    if request.method == "GET" or parts.enrolment is None or not ready:
        return _form(sites, values, {}, ready=ready)
    form = Form(request.form)
    asked = {
        "site": form.choice("place", sites),
        "k": form.word("k"),
        "lane": form.choice("lane", enrolment.LANES),
        "desk": form.text("desk", limit=MOST_DESK),
    }
    hours = int(form.choice("hours", [str(one) for one in enrolment.LASTS_H]) or 0)
    secret = ""
    if not form.faults:
        try:
            with parts.db.write() as conn:
                shard = (reference.site_row(conn, asked["site"]) or {})["shard"]
                secret = enrolment.make_code(conn, shard=shard, by=who.login, hours=hours, now=now, **asked)
        except Refused as refused:
            form.faults[refused.field] = tr(refused.sentence)
    if form.faults:
        return _form(sites, request.form.to_dict(), form.faults, ready=ready), 422
    text = parts.enrolment.code_text(secret)
    # Level M of 8 (15 % may be covered): a phone's screen in the sun, held at an angle.
    picture = segno.make(text, error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff")
    return render_template(
        "console/enrolment_code.html", picture=picture, row=asked, site=sites[asked["site"]],
        until=now + hours * enrolment.HOUR_MS,
    )  # fmt: skip


def _form(sites: dict[str, str], values: dict[str, str], faults: dict[str, str], *, ready: bool) -> str:
    return render_template(
        "console/enrolment.html", sites=sites, values=values, faults=faults, ready=ready,
        lanes=[(lane, lane) for lane in enrolment.LANES],
        hours=[(str(one), tr("%(n)s hours", n=one)) for one in enrolment.LASTS_H],
    )  # fmt: skip
