"""The bench's peer of a kiosk's screens: Flask and waitress with one bare page and one bare act. Run by `tests.bench.whole`."""

import sys

from flask import Flask, redirect
from waitress import serve


def main(port: int) -> None:
    """Serve on this machine until killed."""
    app = Flask("peer")
    app.add_url_rule("/", "show", lambda: "<!doctype html><title>peer</title><p>peer")
    app.add_url_rule("/act", "act", lambda: redirect("/", code=303), methods=["POST"])
    serve(app, host="127.0.0.1", port=port, threads=4)


if __name__ == "__main__":
    main(int(sys.argv[1]))
