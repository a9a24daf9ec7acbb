"""Hubs: the identity, keys and certificates of a site's own broker, which is a wire between its kiosks and the centre.

Owns `hubs/` in the keys folder. A hub signs no record and is believed in nothing: it may lose, double and delay.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID

from server.pki import (
    RESERVED_WRITERS,
    VALIDITY,
    AlreadyEnrolled,
    Authority,
    BadName,
    PkiError,
    check_name,
    host_names,
    kiosk_home,
    sync_folder,
    write_private,
)


class UnknownHub(PkiError):
    """No hub of that name was ever enrolled here."""


@dataclass(frozen=True)
class Hub:
    """A site's broker. Times are UTC milliseconds."""

    name: str
    shard: str
    site: str
    enrolled_at: int
    revoked_at: int | None = None

    @property
    def identity(self) -> str:
        """The common name of its client certificate: who it is at the centre's broker."""
        return f"{self.shard}/{self.site}/{self.name}"


def enrol_hub(folder: Path, *, name: str, shard: str, site: str, hosts: Sequence[str], now: datetime) -> Hub:
    """Make a hub's keys. Its kit is `hub_home(folder, name)/kit`; `hosts`: names or addresses kiosks reach it by.

    Kit: ca.pem, broker.pem, broker.key (towards kiosks), client.pem, client.key (towards the centre). Two keys, for the
    one must not do the other's work. Raises `BadName`, `AlreadyEnrolled`, `NoAuthority`.
    """
    for level in (shard, site, name):
        check_name(level)
    if name in RESERVED_WRITERS:
        raise BadName(f"{name!r} is a topic level of the site itself, choose another name for the hub")
    home = hub_home(folder, name)
    if home.exists() or kiosk_home(folder, name).exists():
        raise AlreadyEnrolled(f"{name!r} is already enrolled; a replaced hub takes a new name")
    authority = Authority(folder)
    enrolled = Hub(name=name, shard=shard, site=site, enrolled_at=int(now.timestamp() * 1000))
    draft = home.with_name(f".{name}.{os.getpid()}")
    authority.issue(
        draft / "kit",
        stem="broker",
        name="broker",
        validity=VALIDITY["broker"],
        now=now,
        purpose=ExtendedKeyUsageOID.SERVER_AUTH,
        alternatives=host_names(hosts),
    )
    authority.issue(draft / "kit", stem="client", name=enrolled.identity, validity=VALIDITY["broker"], now=now)
    _write(draft, enrolled)
    draft.rename(home)
    sync_folder(home.parent)
    return enrolled


def revoke_hub(folder: Path, *, name: str, now: datetime) -> Hub:
    """Let a hub do nothing any more, once the ACL is written anew. Raises `UnknownHub`."""
    known = {hub.name: hub for hub in read_hubs(folder)}
    if name not in known:
        raise UnknownHub(f"there is no hub {name!r}")
    revoked = replace(known[name], revoked_at=known[name].revoked_at or int(now.timestamp() * 1000))
    _write(hub_home(folder, name), revoked)
    return revoked


def hub_home(folder: Path, name: str) -> Path:
    """Where a hub's `kit/` and `hub.json` lie."""
    return folder / "hubs" / name


def read_hubs(folder: Path) -> tuple[Hub, ...]:
    """All hubs enrolled in this folder, by name."""
    found = sorted((folder / "hubs").glob("*/hub.json"))
    return tuple(Hub(**json.loads(path.read_text("ascii"))) for path in found if not path.parent.name.startswith("."))


def _write(home: Path, hub: Hub) -> None:
    write_private(home / "hub.json", json.dumps(asdict(hub), indent=1).encode("ascii"))
