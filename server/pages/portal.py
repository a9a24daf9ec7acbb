"""The portal's front: three doors for citizens. Only doors that open are shown."""

from flask import Blueprint, render_template

from server.accounts import PUBLIC
from server.pages.access import page

blueprint = Blueprint("portal", __name__)


@page(blueprint, "/", roles=(PUBLIC,))
def doors() -> str:
    """Look up a certificate, make a complaint, follow a complaint."""
    return render_template("portal/doors.html")
