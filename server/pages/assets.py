"""The fonts, styles, icons and scripts of the pages, from our own folder only: sites have no Internet to fetch more."""

import hashlib
from pathlib import Path

from flask import Blueprint, Response, abort
from werkzeug.security import safe_join

from server.accounts import PUBLIC
from server.pages.access import page

FOLDER = Path(__file__).with_name("static")
KEEP_S = 7 * 86400
# Named here because a small system's own table of media types need not know fonts.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
blueprint = Blueprint("assets", __name__)


@page(blueprint, "/assets/<_version>/<path:name>", roles=(PUBLIC,))
def asset(_version: str, name: str) -> Response:
    """One file; `_version` only makes the address new when the files change."""
    found = safe_join(str(FOLDER), name)
    path = Path(found) if found is not None else None
    if path is None or path.suffix not in TYPES or not path.is_file():
        abort(404)
    # Read whole, they are small: a browser that goes away half-way leaves no open file behind.
    answer = Response(path.read_bytes(), content_type=TYPES[path.suffix])
    answer.headers["Cache-Control"] = f"public, max-age={KEEP_S}, immutable"
    return answer


def version_of(folder: Path = FOLDER) -> str:
    """A short digest of all files, for their addresses."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
