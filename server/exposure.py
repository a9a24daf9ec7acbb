"""What the settings would send over a network without encryption: nothing starts so unless the operator names it.

Pure: reads settings, opens nothing. The broker and the kiosks' door speak TLS always and need no word here.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from server.config import Config, ConfigError

# What libpq needs to encrypt and to know whom it speaks with; `require` encrypts towards anybody.
PROVEN = ("verify-ca", "verify-full")


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """A setting by name, and the sentence for the operator: what goes in the clear and what mends it."""

    setting: str
    sentence: str


def exposed(config: Config) -> list[Exposed]:
    """Everything that would go in the clear over a network."""
    found = []
    public = urlsplit(config.public_url)
    if public.scheme != "https" and not _here(public.hostname or ""):
        found.append(
            Exposed(
                setting="public_url", sentence="citizens would come by http: put a certificate in front, write https"
            )
        )
    if public.scheme == "https" and not config.cookie_secure:
        found.append(Exposed(setting="cookie_secure", sentence="cookies would travel by http too: set it to true"))
    if not _here(config.web_host):
        found.append(
            Exposed(
                setting="web_host",
                sentence="the pages would be served in the clear: let the proxy stand on this machine",
            )
        )
    if not _database_is_safe(config.database_url):
        found.append(
            Exposed(setting="database", sentence="PostgreSQL on another host: add ?sslmode=verify-full to its address")
        )
    return found


def check(config: Config) -> list[Exposed]:
    """What goes in the clear and was named in `in_the_clear`. Raises `ConfigError` for anything that was not."""
    allowed = config.in_the_clear.split()
    found = exposed(config)
    for each in found:
        if each.setting not in allowed:
            raise ConfigError(
                f"setting {each.setting!r}: {each.sentence}; or write in_the_clear = {' '.join([*allowed, each.setting])!r}"
            )
    return found


def callers_look_alike(config: Config) -> bool:
    """Is there a proxy in front whose word is not believed? Then limits by address count for all callers together."""
    return urlsplit(config.public_url).scheme == "https" and not config.proxy


def _here(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _database_is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgres"):
        return True
    said = parse_qs(parts.query)
    # A host may stand in the query instead, several with commas between; a path is a socket of this machine.
    hosts = [host for each in (said.get("host") or [parts.hostname or ""]) for host in each.split(",")]
    if all(not host or host.startswith("/") or _here(host) for host in hosts):
        return True
    return said.get("sslmode", [""])[-1] in PROVEN
