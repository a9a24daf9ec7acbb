"""Secrets of the settings from a second place: the folder that systemd decrypts for this service alone (`LoadCredential=`).

Reads one file for each setting that is a secret; knows nothing of what they open.
"""

from dataclasses import fields
from pathlib import Path

from server.config import Config, ConfigError, Secret

PREFIX = "tram."
# Names of the files: `tram.database`, `tram.session_key`.
NAMES = {PREFIX + row.name: row.name for row in fields(Config) if isinstance(row.default, Secret)}


def added(config: Config, *, folder: Path | None) -> Config:
    """The settings with what `folder` holds; None where systemd gave none. Raises `ConfigError` where one stands in both places."""
    found: dict[str, Secret] = {}
    if folder is None:
        return config
    for name, setting in NAMES.items():
        place = folder / name
        if not place.is_file():
            continue
        if getattr(config, setting):
            raise ConfigError(f"setting {setting!r} stands in the settings and in the credential {name}: take one away")
        try:
            text = place.read_text("utf-8").strip()
        except (OSError, ValueError) as wrong:
            raise ConfigError(f"credential {name}: {type(wrong).__name__}") from wrong
        if not text:
            raise ConfigError(f"credential {name} is empty")
        found[setting] = Secret(text)
    return Config(**{**vars(config), **found})
