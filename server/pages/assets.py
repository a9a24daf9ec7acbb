"""The fonts, styles, icons and scripts of the pages, from our own folder only: sites have no Internet to fetch more."""

import hashlib
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from server.accounts import PUBLIC
from server.pages.access import page

FOLDER = Path(__file__).with_name("static")
KEEP_S = 7 * 86400
blueprint = Blueprint("assets", __name__)


@page(blueprint, "/assets/<_version>/<path:name>", roles=(PUBLIC,))
def asset(_version: str, name: str) -> Response:
    """One file; `_version` only makes the address new when the files change."""
    answer = send_from_directory(FOLDER, name, max_age=KEEP_S)
    answer.headers["Cache-Control"] = f"public, max-age={KEEP_S}, immutable"
    return answer


def version_of(folder: Path = FOLDER) -> str:
    """A short digest of all files, for their addresses."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
