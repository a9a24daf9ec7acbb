"""The server's settings: one table with name, type, default and help; read from a TOML file.

An unknown key is an error that names the nearest one. Reads nothing else: no environment, no clock, no database.
"""

# ruff: noqa: RUF009 (the defaults below are immutable values, wrapped together with their help)

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from server.errors import ServerError


class ConfigError(ServerError, ValueError):
    """A file of settings or a seed is not what it should be; the sentence names the file and the place in it."""

    code = "config"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence=sentence)


class Secret:
    """A text that never shows: it prints as stars, in logs, tracebacks and reports alike. `reveal()` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it only where the text is used."""
        return self._text

    def __repr__(self) -> str:
        return "********" if self._text else "(empty)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One row of the table of settings, as the README shows it."""

    name: str
    type: str
    default: str
    help: str


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings in force. Paths that are not absolute lie in `folder`; read them through the properties below."""

    folder: Path = _setting(Path("tram-server"), "where the server keeps its own things: database, keys, outbox")
    database: Secret = _setting(Secret(""), "SQLAlchemy URL; empty is the SQLite file tram.db in the folder")
    web_host: str = _setting("127.0.0.1", "address the pages and the API listen on")
    web_port: int = _setting(8080, "their port; 0 takes a free one, which `run` prints")
    share_ports: bool = _setting(
        False, "several `web` of this machine listen on the same ports (the door's too) and the kernel shares them out"
    )
    web_threads: int = _setting(8, "requests served at the same time")
    public_url: str = _setting("http://127.0.0.1:8080/", "the portal's address as citizens type it")
    console_host: str = _setting(
        "", "host name under which the console opens, and nothing else; empty: it opens under the portal's"
    )
    proxy: str = _setting(
        "", "address from which our own proxy calls; only its word about the caller is believed; empty: there is none"
    )
    proxies: int = _setting(1, "how many proxies of ours stand one behind the other; only with `proxy`")
    cookie_secure: bool = _setting(False, "cookies over https only: true wherever a certificate stands in front")
    session_key: Secret = _setting(Secret(""), "signs session cookies; empty makes session.key in the folder once")
    second_factor_roles: str = _setting(
        "officer manager auditor", "who needs a second factor, beside administrators; empty: nobody else must"
    )
    session_hours: int = _setting(8, "hours after which staff sign in again")
    broker_host: str = _setting("127.0.0.1", "the MQTT broker's host name or address")
    broker_port: int = _setting(8883, "its TLS port")
    door_host: str = _setting("127.0.0.1", "address the kiosks' door listens on (enrolment by QR, renewal), TLS")
    door_port: int = _setting(0, "its port, under which kiosks reach it at `broker_host`; 0: there is no door")
    keys: Path = _setting(Path("keys"), "folder made by `enrol`: authority, the server's identity, kiosks' kits")
    broker_log: str = _setting(
        "", "the log of the broker on this machine, followed for whom it turned away; empty: nobody follows"
    )
    process: str = _setting("server", "which identity in the keys folder this process connects with")
    shards: str = _setting(
        "+", "shards this ingest takes, with blanks between; + is all, * its share among all processes that say so"
    )
    desk: str = _setting("server", "the server's own desk: its writer name and site in records")
    desk_shard: str = _setting("centre", "shard of the server's own desk")
    reference_every_s: int = _setting(60, "seconds between two looks for changed reference lists")
    reference_valid_h: int = _setting(168, "hours a kiosk may trust a manifest before its screen says it is old")
    provider: str = _setting("file", "who sends the text messages; file appends them to the outbox")
    outbox: Path = _setting(Path("outbox.jsonl"), "the file that provider `file` appends to, one JSON line each")
    worker_every_ms: int = _setting(1000, "milliseconds between two looks for queued messages")
    import_rows_days: int = _setting(
        30, "days after which rows of lists that were not taken, and lists that nobody decided about, are deleted"
    )
    quiet_hours: bool = _setting(
        True, "at night only urgent messages are sent (data/quiet_hours.json); the rest waits for the morning"
    )
    day_offset_min: int = _setting(420, "the campaign's day: minutes ahead of UTC (Viet Nam: 420)")
    demo_clock: str = _setting("", "a demonstration's shared clock file; empty is the real clock")
    in_the_clear: str = _setting(
        "",
        "settings by which something may go over a network unencrypted, with blanks between: for trials without people's data",
    )
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    log_form: str = _setting("text", "text: lines for people; json: an object a line for programs that gather logs")

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL, which may hold a password: never log it."""
        return self.database.reveal() or f"sqlite:///{self.folder.absolute() / 'tram.db'}"

    @property
    def keys_folder(self) -> Path:
        """Where `server.pki` keeps keys and certificates."""
        return self.folder / self.keys

    @property
    def identity_folder(self) -> Path:
        """Holds ca.pem, client.pem and client.key of this process."""
        return self.keys_folder / self.process

    @property
    def signing_key_file(self) -> Path:
        """The ES256 key under acknowledgements, manifests and the server's own records."""
        return self.keys_folder / "server-signing.key"

    @property
    def session_key_file(self) -> Path:
        """Where the key of session cookies lies when `session_key` is empty."""
        return self.folder / "session.key"

    @property
    def outbox_file(self) -> Path:
        """Where provider `file` appends."""
        return self.folder / self.outbox


def load(path: Path | None) -> Config:
    """The settings of TOML file `path`, or the defaults. Raises `ConfigError` with a sentence for the administrator."""
    if path is None:
        return Config()
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        raise ConfigError(f"{path}: {wrong}") from wrong
    return read(values, where=str(path))


def read(values: Mapping[str, object], *, where: str = "settings") -> Config:
    """The settings that a mapping gives; `where` names it in errors. Raises `ConfigError`."""
    known = {row.name: row.default for row in fields(Config)}
    taken: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise ConfigError(f"{where}: unknown setting {name!r}; the nearest is {near[0]!r}")
        taken[name] = _read_value(name, value, known[name], where)
    return Config(**taken)


def _read_value(name: str, value: object, default: object, where: str) -> object:
    # bool is an int in Python: the order of these tests matters.
    if isinstance(default, bool) or isinstance(value, bool):
        if isinstance(default, bool) and isinstance(value, bool):
            return value
    elif isinstance(default, int):
        if isinstance(value, int):
            return value
    elif isinstance(value, str):
        if isinstance(default, Path):
            return Path(value)
        return Secret(value) if isinstance(default, Secret) else value
    raise ConfigError(f"{where}: setting {name!r} must be {_type_name(default)}")


def _type_name(default: object) -> str:
    words = {bool: "true or false", int: "number", str: "text", Secret: "secret"}
    return words.get(type(default), "path")


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "true" if default else "false"
    return str(default) if not isinstance(default, Secret) else repr(default)


# The table of settings as the README shows it, in the order of the class.
SETTINGS = tuple(
    Setting(name=row.name, type=_type_name(row.default), default=_shown(row.default), help=row.metadata["help"])
    for row in fields(Config)
)
