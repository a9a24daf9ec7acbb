"""The day's books: some numbers differ, or all agree. Data only."""


def books(**found: int) -> list[dict[str, object]]:
    due = {"inside": 0, "open_vials": 0, "drawn": 118, "released": 118, "slips": 118}
    rows = [{"name": name, "found": found.get(name, due[name]), "due": due[name]} for name in due]
    rows = [{**row, "agrees": row["found"] == row["due"]} for row in rows]
    return sorted(rows, key=lambda row: bool(row["agrees"]))


CLOSING = {
    "lines": books(inside=2, open_vials=1, drawn=120, released=117, slips=116),
    "balanced": False,
    "waiting": 214,
    "closed": False,
    "day": "02/10/2021",
    "opened": False,
}
CLOSED = {"lines": books(), "balanced": True, "waiting": 0, "closed": True, "day": "", "opened": True}
