"""The virtual bench: a page with the levers of the fake devices beside the kiosk's own screen. Demo mode only.

It pulls levers and shows what came out; it knows nothing of the desk.
"""

import io
from typing import Protocol

import segno
from flask import Flask, Response, abort, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk.screens.access import DEMO, register

# Lever to its positions, in the order of the page. `card` and `scan` take a payload instead.
POSITIONS = {
    "paper": ("loaded", "out"),
    "cover": ("closed", "open"),
    "printer": ("plugged", "unplugged"),
    "reader": ("plugged", "unplugged"),
    "camera": ("plugged", "unplugged", "covered", "uncovered"),
    "button": ("pressed",),
    "slip": ("hanging", "taken"),
    "cold_box": ("4.5", "12.0", "-1.0", "broken"),
    "board": ("plugged", "unplugged"),
    "power": ("good", "poor"),
    "heat": ("cool", "hot"),
    "disk": ("roomy", "full"),
    "network": ("plugged", "pulled", "silent", "silent_up", "silent_down"),
    "time": ("10", "30"),
}
PAYLOADS = ("card", "scan")
SHOWN_SLIPS = 6


class Bench(Protocol):
    """The levers of one virtual kiosk."""

    def levers(self) -> dict[str, str]:
        """Lever name to its present position or payload."""

    def pull(self, name: str, value: str) -> None:
        """Put one lever into a position, or hold a payload before a device."""

    def slips(self) -> list[str]:
        """Names of the printed slips' pictures, newest first."""

    def slip_png(self, name: str) -> bytes:
        """One slip as PNG. `KeyError` when there is none of that name."""

    def samples(self) -> list[dict[str, str]]:
        """Things to hold up: `label`, `payload`, `kind`."""


def add_bench(app: Flask, *, bench: Bench) -> None:
    """Add the bench's pages to a demo kiosk."""
    app.extensions["bench"] = bench
    register(app, "GET", "/bench", DEMO, show_bench, endpoint="bench")
    register(app, "POST", "/bench/pull", DEMO, pull, endpoint="bench_pull")
    register(app, "GET", "/bench/slips/<name>", DEMO, slip, endpoint="bench_slip")
    register(app, "GET", "/bench/card.svg", DEMO, card, endpoint="bench_card")


def show_bench() -> str:
    """The levers, the card before the camera, the last slips."""
    bench = _bench()
    return render_template(
        "bench.html",
        levers=bench.levers(),
        positions=POSITIONS,
        samples=bench.samples(),
        slips=bench.slips()[:SHOWN_SLIPS],
        lang=g.preferences.lang,
    )


def pull() -> AnyResponse:
    """Pull one lever and show the bench again. A sample is named by its place in the list: payloads carry names."""
    bench = _bench()
    name, value = request.form["name"], request.form.get("value", "")
    chosen = request.form.get("sample", "")
    if chosen:
        samples = bench.samples()
        if not chosen.isdecimal() or int(chosen) >= len(samples):
            abort(400)
        value = samples[int(chosen)]["payload"]
    if name not in PAYLOADS and value not in POSITIONS.get(name, ()):
        abort(400)
    bench.pull(name, value)
    return redirect("/bench", code=303)


def slip(name: str) -> Response:
    """A printed slip's picture."""
    bench = _bench()
    if name not in bench.slips():
        abort(404)
    return Response(bench.slip_png(name), mimetype="image/png")


def card() -> Response:
    """The QR code that is before the camera now, as a person would see it."""
    payload = _bench().levers().get("card", "")
    if not payload:
        abort(404)
    try:
        code = segno.make_qr(payload, error="l")
    except segno.DataOverflowError:
        abort(404)
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", scale=4, border=3, light="#ffffff", nl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def _bench() -> Bench:
    bench: Bench = current_app.extensions["bench"]
    return bench
