"""Brings a database to the newest schema. Forward only; every migration is one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from server.db import Database, lock_names


def upgrade(db: Database) -> None:
    """Apply what is missing, in one transaction; several processes starting at once wait for each other."""
    with db.write() as conn:
        lock_names(conn, ["migrations"])
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = conn
        command.upgrade(config, "heads")
