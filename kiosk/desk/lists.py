"""The reference lists this kiosk holds, indexed for the desk. Reads the store; a swap of lists loads them anew."""

from __future__ import annotations

import json
from typing import Any

from kiosk.store import Store
from protocol import texts
from protocol.clocktext import VIETNAM_OFFSET_MIN
from protocol.errors import ProtocolError

# Lots that a command stopped, each with when it was issued (UTC ms): JSON in the store's `meta`.
STOPS = "stopped_lots"
# Until the first lists have come, the kiosk knows its own name only and says so on the status line.
EMPTY_SITE: dict[str, Any] = {"name": "Điểm tiêm", "hotline": "", "portal": ""}


class Lists:
    """staff, lots, rules, forms, appointments, site: as the centre last sent them."""

    def __init__(self, store: Store) -> None:
        """`store`: read at once."""
        self._store = store
        self._held: dict[str, dict[str, Any]] = {}
        self._appointments: dict[str, dict[str, Any]] = {}
        # What the centre says in the place of this kiosk's words: language to name to text, each looked over.
        self.texts: dict[str, dict[str, str]] = {}
        # Minutes the site's day is ahead of UTC.
        self.offset_min = VIETNAM_OFFSET_MIN
        self.reload()

    def reload(self) -> None:
        """Read the lists again after a swap."""
        self._held = self._store.lists()
        self._stops: dict[str, int] = json.loads(self._store.meta(STOPS, "{}"))
        self._appointments = {item["person"]: item for item in self._items("appointments")}
        self.texts = {}
        for item in self._items("texts"):
            if _is_good(item):
                self.texts.setdefault(item["lang"], {})[item["name"]] = item["text"]
        # Asked for at every touch and every tick.
        self.offset_min = int(self.site.get("day_offset_min", VIETNAM_OFFSET_MIN))

    @property
    def site(self) -> dict[str, Any]:
        """The site's own facts; where it has no hotline, the one that the centre's texts name."""
        held = self._body("site") or EMPTY_SITE
        hotline = self.texts.get(texts.FIRST, {}).get("hotline", "")
        return {**held, "hotline": hotline} if hotline and not held.get("hotline") else held

    @property
    def staff(self) -> list[dict[str, Any]]:
        """Everybody who may sign in here, the revoked among them."""
        return self._items("staff")

    @property
    def lots(self) -> list[dict[str, Any]]:
        """The lots allotted to this site; one that the centre stopped after the list was issued is stopped."""
        issued = int(self._held["lots"]["issued"]) if "lots" in self._held else 0
        stopped = {lot for lot, at in self._stops.items() if at > issued}
        return [{**one, "stopped": True} if one["lot"] in stopped else one for one in self._items("lots")]

    @property
    def rules(self) -> dict[str, Any]:
        """Rule data: `vaccines`, `mix`."""
        return self._body("rules") or {"vaccines": {}, "mix": []}

    @property
    def keys(self) -> list[dict[str, Any]]:
        """The site's writers and their public keys; none from an older server: then this kiosk has no neighbours."""
        return self._items("keys")

    @property
    def forms(self) -> list[dict[str, Any]]:
        """Screening forms, each with its validity period."""
        return list(self._body("forms").get("forms", []))

    @property
    def symptoms(self) -> list[dict[str, Any]]:
        """What may follow an injection: `code`, `vi`, `en`."""
        return list(self._body("forms").get("symptoms", []))

    @property
    def grades(self) -> list[dict[str, Any]]:
        """Grades of anaphylaxis: `code`, `vi`, `en`, `severity`, `signs_vi`, `signs_en`; none from an older server."""
        return list(self._body("forms").get("anaphylaxis", []))

    @property
    def treatments(self) -> list[dict[str, Any]]:
        """What may be done against a reaction: `code`, `vi`, `en`; none from an older server."""
        return list(self._body("forms").get("treatments", []))

    def appointment(self, person: str) -> dict[str, Any] | None:
        """The person's appointment and dose history, if the centre sent one."""
        return self._appointments.get(person)

    @property
    def turns(self) -> dict[str, Any]:
        """How the site mixes priority, appointments and walk-ins (`kiosk.turns`); empty: by arrival alone."""
        return dict(self.site.get("queue", {}))

    @property
    def priority(self) -> list[dict[str, Any]]:
        """Who is served earlier, each group with its validity period."""
        return list(self.site.get("priority", []))

    @property
    def trust(self) -> list[dict[str, Any]]:
        """Whose certificates are believed: `kid` and `key`, base64."""
        return list(self.rules.get("trust", []))

    def vaccine_of(self, product: str) -> str:
        """The vaccine that a product's code on a certificate means; the code itself when the rules know none."""
        for vaccine, facts in self.rules["vaccines"].items():
            if product in facts.get("products", ()):
                return str(vaccine)
        return "".join(char for char in product if char.isascii() and (char.isalnum() or char in "-_./:")) or "unknown"

    @property
    def appointments(self) -> list[dict[str, Any]]:
        """Everybody whom the centre expects here."""
        return list(self._appointments.values())

    def versions(self) -> dict[str, int]:
        """The version held of each list: what a record says it was decided by."""
        return {name: int(row["version"]) for name, row in self._held.items()}

    def age_min(self, now_wall: int) -> int | None:
        """Minutes since the oldest list was last confirmed by the centre; None when there is none."""
        if not self._held:
            return None
        return max((now_wall - min(int(row["received_at"]) for row in self._held.values())) // 60_000, 0)

    def ages_min(self, now_wall: int) -> dict[str, int]:
        """Minutes since the centre last confirmed each list that is held."""
        return {name: max((now_wall - int(row["received_at"])) // 60_000, 0) for name, row in self._held.items()}

    @property
    def issued(self) -> int:
        """When the newest manifest held was issued, UTC ms; 0 for none."""
        return max((int(row["issued"]) for row in self._held.values()), default=0)

    def vaccine_name(self, vaccine: str) -> str:
        """A vaccine's name as people know it."""
        return str(self.rules["vaccines"].get(vaccine, {}).get("name", vaccine))

    def initials(self, staff_id: str) -> str:
        """Initials of a member of staff, for the slip."""
        return next((str(one.get("initials", "")) for one in self.staff if one["id"] == staff_id), "")

    def staff_name(self, staff_id: str) -> str:
        """A member of staff's name; the id of somebody who is not on the list any more."""
        return next((str(one["name"]) for one in self.staff if one["id"] == staff_id), staff_id)

    def _body(self, name: str) -> dict[str, Any]:
        row = self._held.get(name)
        body: dict[str, Any] = row["body"] if row else {}
        return body

    def _items(self, name: str) -> list[dict[str, Any]]:
        return list(self._body(name).get("items", []))


def _is_good(item: dict[str, Any]) -> bool:
    try:
        texts.check(item["text"], item["name"], item["lang"])
    except ProtocolError:
        return False
    return True
