"""What the pages work with, handed in by the composition; a request finds it on its application."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from server.accounts import Passwords
from server.clock import Clock
from server.config import Config
from server.db import Database
from server.enrolment import Enrolment
from server.ledger.ledger import Ledger
from server.pages.words import Words

EXTENSION = "tram"


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts a page may use. `key`: 32 bytes that sign cookies and one-time codes."""

    config: Config
    db: Database
    clock: Clock
    ledger: Ledger
    passwords: Passwords
    words: Words
    key: bytes
    # None where this process holds no authority: then it enrols and revokes nobody.
    enrolment: Enrolment | None = None


def services() -> Services:
    """The parts of the application that handles the current request."""
    return cast("Services", current_app.extensions[EXTENSION])
