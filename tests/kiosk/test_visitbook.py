"""The live table equals a rebuild from the records, whatever people do in whatever order (I9)."""

import json
import random

import pytest

from kiosk import visitbook
from kiosk.desk import acts
from tests.kiosk.hostile import NAMES, PAYLOADS
from tests.kiosk.made import CARD, PIN, Made
from tests.kiosk.whole import EASY

STEPS = 300
CODES = ("1002", "1003", "1009", "1009", "1004")


def live(made: Made) -> dict:
    rows = made.store.db.conn.execute("SELECT visit, body FROM visit").fetchall()
    return {row[0]: json.loads(row[1]) for row in rows}


def form_for(dice: random.Random, visits: list[str]) -> dict:
    """Fields as any hand might fill them: mostly sensible, sometimes not."""
    fields = {
        **EASY,
        "code": dice.choice(CODES),
        "pin": PIN,
        "station": dice.choice(("screening", "injection", "injection", "observation", "nonsense")),
        "conclusion": dice.choice(("eligible", "eligible", "eligible", "defer", "nonsense")),
        "lot": dice.choice(("ABV001", "PFZ002", "OLD003", "NOPE")),
        "reason": dice.choice(("lý do", "vì", "", dice.choice(NAMES))),
        "severity": dice.choice(("common", "severe", "")),
        "symptoms": dice.sample(["rash", "breathing", "nonsense"], 2),
        "note": dice.choice(NAMES),
        "visit": dice.choice([*visits, "v-nobody", ""]),
        "override_code": dice.choice(("1009", "1009", "1009", "")),
        "override_pin": PIN,
        "name": dice.choice(("Trần Thị Bình", *NAMES)),
        "dob_year": "1980",
        "doc_no": dice.choice(("", "271234567", "075180001111")),
        "sex": dice.choice(("M", "F", "")),
        "phone": dice.choice(("", "0901234567", "x")),
    }
    if dice.random() < 0.1:
        for name in dice.sample(sorted(fields), 3):
            fields.pop(name)
    return fields


@pytest.mark.parametrize("seed", range(6))
def test_random_hands_leave_a_table_that_can_be_rebuilt(made: Made, seed: int) -> None:
    """I3, I9, I11: every touch ends on a screen that can be shown; the table is a function of the records."""
    dice = random.Random(seed)
    # Acts that only lead away are taken less often, so that the walk gets somewhere.
    away = {"sign_out", "citizen", "back", "no", "absent", "refuse", "done", "no_code", "keeper", "take_keeper"}
    # Somebody is there for the staff's hands, however the dice fall.
    made.check_in()
    for _ in range(STEPS):
        view = made.touch.view()
        screen = view["screen"]
        if dice.random() < (0.5 if screen == "welcome" else 0.05):
            number = f"0750790{dice.randrange(99_999):05d}"
            codes = ("TRAM-BADGE:badge-1009", "TRAM-LOT:ABV001", CARD, CARD.replace("075079001234", number))
            made.scan(dice.choice((*codes, codes[-1], dice.choice(PAYLOADS))))
            continue
        offered = sorted(acts.ACTS[screen])
        name = dice.choice([act for act in offered if act not in away] or offered)
        if dice.random() < 0.05:
            name = dice.choice(offered)
        made.touch.act(name, form_for(dice, list(live(made))), view["token"])
        made.clock.pass_s(dice.choice((1, 10, 30)))
        if dice.random() < 0.01:
            made.clock.pass_s(1800)
    made.touch.view()
    assert len(set(made.kinds())) >= 3, made.kinds()
    assert visitbook.rebuilt(made.store.lines()) == live(made)


def test_record_of_no_visit_changes_nothing() -> None:
    before = {"state": "waiting"}
    after = visitbook.fold(before, kind="log.opened", body={"app": "x"}, t={}, who={}, session="2021-10-03")
    assert after is before


def test_record_of_a_visit_never_checked_in_here_is_none() -> None:
    t = {"wall": 1, "mono": 1, "boot": "b"}
    body = {"visit": "v-1", "reason": "x"}
    assert visitbook.fold(None, kind="dose.undone", body=body, t=t, who={"id": "x"}, session="2021-10-03") is None


def test_record_of_a_newer_release_is_passed_over(made: Made) -> None:
    """F42, I16: after a roll-back the older program finds kinds that it does not know."""
    made.check_in()
    newer = list(made.store.lines())[-1].replace(b'"kind":"visit.checked_in"', b'"kind":"visit.teleported"')
    assert visitbook.rebuilt([*made.store.lines(), newer]) == live(made)
