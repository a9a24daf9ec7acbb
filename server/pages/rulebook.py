"""The campaign's lists that pages offer and cite: vaccines, reasons to reject, deadlines, message texts. Data, not code."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from protocol import rules
from server import messages
from server.complaints import deadlines

_DATA = Path(__file__).parent.parent / "data"


@cache
def vaccines() -> dict[str, str]:
    """Vaccine code to name."""
    return {code: str(row["name"]) for code, row in _read("vaccines.json")["vaccines"].items()}


@cache
def symptoms() -> dict[str, dict[str, str]]:
    """Code of a symptom to its words by language."""
    return {row["code"]: row for row in _read("aefi_symptoms.json")["symptoms"]}


@cache
def treatments() -> dict[str, dict[str, str]]:
    """Code of what may be done against a reaction to its words by language."""
    return {row["code"]: row for row in _read("aefi_symptoms.json")["treatments"]}


def groups(day: str) -> list[dict[str, Any]]:
    """The priority groups in force on `day`: `code` (1 to 16), `vi` and `en` (short), `whole` (as decided), `source`."""
    return list(rules.in_force(_read("priority_groups.json")["groups"], day))


@cache
def _reasons() -> list[dict[str, str]]:
    return list(_read("reject_reasons.json")["reasons"])


def reasons(today: str) -> list[dict[str, str]]:
    """The listed reasons to reject that hold today, `code`, `vi`, `en`, `sms`; all while no list is in force yet."""
    found: list[dict[str, str]] = rules.in_force(_reasons(), today)
    return found or _reasons()


def reason(code: str) -> dict[str, str]:
    """One listed reason, in force or not; its code alone where the list does not know it."""
    return next((row for row in _reasons() if row["code"] == code), {"code": code, "vi": code, "en": code})


def due_at(filed_at: int) -> int:
    """When a complaint filed now is due, UTC ms."""
    return deadlines.due_at(filed_at, _read("sla.json")["complaints"])


def say(template: str, values: Mapping[str, str]) -> str:
    """The text of a message to a citizen."""
    return messages.compose(_read("sms_templates.json")["templates"], template, values)


@cache
def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((_DATA / name).read_text("utf-8"))
    return read
