"""The rules of a dose and of a screening, evaluated alike on kiosk and server from rule data.

A rule that speaks is a `Finding`: it names itself and its source. Only an expired, a stopped and an unknown lot and a
vial open for too long block a dose, each with a lead's override and a reason; every other finding warns (protocol.md,
Reference lists; domain.md 3: "warn with reason and supervisor confirm, never hard block").
"""

from protocol.clocktext import civil, day_number

BLOCK = "block"
WARN = "warn"
# Conclusions from the gravest on; the first that an answer gives is the derived one (domain.md 2.3, precedence).
PRECEDENCE = ("contraindicated", "defer", "refer_hospital", "caution", "eligible")

# Vaccines of the campaign are kept at +2 to +8 °C (domain.md 7, FRIDGE_2_8); tenths of a degree, both ends in range.
COLD_BOX_TENTHS_C = (20, 80)


class Finding:
    """What a rule says: `rule` (its id), `weight` (BLOCK or WARN), `source`, `numbers` for the sentence."""

    __slots__ = ("numbers", "rule", "source", "weight")

    def __init__(self, rule: str, weight: str, source: str, numbers: dict):
        """`numbers`: values the sentence shows, such as `{"need": 28, "left": 5}`."""
        self.rule = rule
        self.weight = weight
        self.source = source
        self.numbers = numbers


def age_on(dob: str, today: str) -> int:
    """Full years on `today`; a bare birth year counts as 1 January; -1 when unknown."""
    if len(dob) not in (4, 10):
        return -1
    years = int(today[:4]) - int(dob[:4])
    if len(dob) == 10 and (today[5:7], today[8:]) < (dob[5:7], dob[8:]):
        years -= 1
    return years


def in_force(entries: list, today: str) -> list:
    """The entries of rule data that hold on `today`: `from` and `to` (inclusive, optional) are days."""
    return [entry for entry in entries if entry.get("from", "") <= today <= entry.get("to", "9999-12-31")]


def next_dose_no(history: list) -> int:
    """The number of the next dose. `history`: dicts with `dose_no`."""
    highest = 0
    for dose in history:
        if dose["dose_no"] > highest:
            highest = dose["dose_no"]
    return highest + 1


def judge_dose(*, vaccine, lot, dob, history, today, rules) -> list:
    """Findings on giving `vaccine` (an id) from `lot` today.

    `lot`: `{"vaccine", "lot", "expiry", "stopped"}` or None when the site's list does not know it;
    `history`: earlier doses `{"vaccine", "given_on", "dose_no"}`; `rules`: `{"vaccines": {id: …}, "mix": […]}`.
    """
    findings = judge_lot(lot, vaccine, today)
    if vaccine not in rules["vaccines"]:
        findings.append(Finding("vaccine_unknown", WARN, "tram", {}))
        return findings
    facts = facts_on(rules["vaccines"][vaccine], today)
    age = age_on(dob, today)
    if age >= 0 and age < facts.get("age_min", 0):
        findings.append(Finding("age", WARN, facts.get("source", ""), {"min": facts["age_min"], "age": age}))
    if age > facts.get("age_max", age):
        findings.append(Finding("age_over", WARN, facts.get("source", ""), {"max": facts["age_max"], "age": age}))
    if not history:
        return findings
    last = _last(history)
    days = day_number(today) - day_number(last["given_on"])
    if days == 0:
        findings.append(Finding("same_day", WARN, "tram", {"dose_no": last["dose_no"]}))
    else:
        ruling = _ruling(last, vaccine, today, rules)
        need = ruling.get("min_days", 0)
        if days < need:
            numbers = {"need": need, "left": need - days, "dose_no": last["dose_no"]}
            findings.append(Finding("interval", WARN, ruling.get("source", ""), numbers))
    if last["vaccine"] != vaccine and _mix_of(last["vaccine"], vaccine, today, rules.get("mix", [])) is None:
        findings.append(Finding("mix", WARN, "mix", {"first": last["vaccine"]}))
    if "doses" in facts and len(history) >= facts["doses"]:
        findings.append(Finding("series_complete", WARN, facts.get("source", ""), {"doses": facts["doses"]}))
    return findings


def due_on(*, vaccine: str, history: list, today: str, rules: dict) -> str:
    """The first day on which a next dose may be `vaccine` by the rules in force on `today`; empty before any dose.

    `history` and `rules` as for `judge_dose`, which says whether it may be given at all.
    """
    if not history:
        return ""
    last = _last(history)
    need = _ruling(last, vaccine, today, rules).get("min_days", 0)
    return "%04d-%02d-%02d" % civil(day_number(last["given_on"]) + max(need, 1))


def judge_lot(lot, vaccine: str, today: str) -> list:
    """Findings on a lot alone: unknown, of another vaccine, stopped, expired (the expiry day itself is still good)."""
    if lot is None:
        return [Finding("lot_unknown", BLOCK, "tram", {})]
    findings = []
    if lot["vaccine"] != vaccine:
        findings.append(Finding("lot_other_vaccine", BLOCK, "tram", {"vaccine": lot["vaccine"]}))
    if lot.get("stopped"):
        findings.append(Finding("lot_stopped", BLOCK, "tram", {}))
    if lot["expiry"] and lot["expiry"] < today:
        findings.append(Finding("lot_expired", BLOCK, "tram", {"expiry": lot["expiry"]}))
    return findings


def judge_late(*, vaccine: str, lot: str, dose_no: int, given_on: str, history: list, rules: dict) -> list:
    """Where a dose of an earlier day, entered from paper, meets doses already known: is it one of them told twice?

    `history`: `{"vaccine", "given_on", "dose_no"}`, `lot` where known. All findings warn: whoever holds the paper decides.
    """
    need = facts_on(rules["vaccines"].get(vaccine, {}), given_on).get("min_days", 0)
    findings = []
    for dose in history:
        apart = abs(day_number(given_on) - day_number(dose["given_on"]))
        numbers = {"dose_no": dose["dose_no"], "vaccine": dose["vaccine"], "given_on": dose["given_on"], "days": apart}
        same_lot = bool(lot) and dose.get("lot", "") == lot
        if apart == 0:
            findings.append(Finding("late_same_day", WARN, "tram", numbers))
        # One day beside it may still be the same needle: a paper bears the day somebody remembers.
        elif apart < max(need, 2):
            findings.append(Finding("late_too_near", WARN, "tram", numbers))
        elif dose["dose_no"] == dose_no:
            findings.append(Finding("late_same_number", WARN, "tram", numbers))
        if same_lot and apart:
            findings.append(Finding("late_same_lot", WARN, "tram", numbers))
    return findings


def cold_box_state(tenths_c: int | None) -> str:
    """A word of `records.COLD_BOX_STATES` for a temperature in tenths of a degree; None is no data, never in range."""
    if tenths_c is None:
        return "no_data"
    low, high = COLD_BOX_TENTHS_C
    return "too_cold" if tenths_c < low else "too_warm" if tenths_c > high else "in_range"


def judge_vial(*, used: int, doses: int, open_ms: int, facts: dict) -> list:
    """Findings on drawing one more dose from an opened vial that has given `used` of its nominal `doses`.

    `open_ms`: time since it was opened; `facts`: of its vaccine. One more than nominal happens (low-dead-volume
    syringes) and is said, with a reason (domain.md 7); a vial open for longer than `open_vial_hours` blocks.
    """
    findings = []
    hours = facts.get("open_vial_hours")
    if hours is not None and open_ms >= hours * 3600000:
        findings.append(Finding("vial_open_too_long", BLOCK, facts.get("source", ""), {"hours": hours}))
    if used >= doses:
        findings.append(Finding("vial_empty", WARN, "tram", {"doses": doses, "next": used + 1}))
    return findings


def facts_on(facts: dict, today: str) -> dict:
    """A vaccine's facts as they hold on `today`: the rows of `periods` in force (`from`, `to`) lie over the rest."""
    whole = dict(facts)
    for row in in_force(facts.get("periods", []), today):
        whole.update(row)
    return whole


def _last(history: list) -> dict:
    return sorted(history, key=lambda dose: (dose["given_on"], dose["dose_no"]))[-1]


def _ruling(last: dict, vaccine: str, today: str, rules: dict) -> dict:
    """Where `min_days` stands. After another product its own interval holds where the mix says one (AZ then Pfizer: 8 weeks)."""
    mixed = _mix_of(last["vaccine"], vaccine, today, rules.get("mix", []))
    if mixed is not None and "min_days" in mixed:
        return mixed
    return facts_on(rules["vaccines"].get(vaccine, {}), today)


def _mix_of(first: str, second: str, today: str, mix: list) -> dict | None:
    """The row that allows `second` after `first`; of several in force the last one."""
    found = None
    for entry in in_force(mix, today):
        if entry["first"] == first and second in entry["second"]:
            found = entry
    return found


def for_age(form: dict, age: int) -> dict:
    """The form as it stands for somebody of `age` full years (-1 unknown): limits, what is measured, the age's own item.

    A vital sign's `by_age` rows (`to`: the last age they hold for) replace its limits; over `asked_over` years it is
    measured in everybody. An item `derived` from `age` speaks for those over `over`; with the age unknown it is asked.
    """
    vitals = []
    for row in form.get("vitals", []):
        fitted = dict(row)
        for limits in reversed(row.get("by_age", [])):
            if 0 <= age <= limits["to"]:
                fitted.update({"below": limits["below"], "above": limits["above"]})
        if age > row.get("asked_over", age):
            fitted["asked"] = "all"
        vitals.append(fitted)
    items = []
    for item in form["items"]:
        fitted = dict(item)
        if item.get("derived") == "age":
            if age < 0:
                del fitted["derived"]
            else:
                fitted["said"] = age > item["over"]
        items.append(fitted)
    whole = dict(form)
    whole.update({"items": items, "vitals": vitals})
    return whole


def judge_vitals(vitals: dict, form: dict) -> list:
    """The vital signs outside the form's limits, as their words. Limits are strict: a value on one is normal."""
    outside = []
    for row in form.get("vitals", []):
        value = vitals.get(row["code"])
        if value is None:
            continue
        if value < row.get("below", value) or value > row.get("above", value):
            outside.append(row["code"])
    return outside


def conclude(answers: dict, vitals: dict, form: dict) -> tuple:
    """`(conclusion, because)` of a screening: the gravest conclusion any answer gives and the items that gave one.

    `answers`: item code to True for yes; `form`: `{"items": [{"code", "yes"}], "vitals": [...]}` (domain.md 2.3), as
    `for_age` gives it where an item or a limit depends on the age.
    An item whose `yes` is no conclusion (form item 11, left to the clinician) is named and concludes nothing.
    """
    because = []
    gravest = "eligible"
    for item in form["items"]:
        if item.get("derived") == "age":
            said = item.get("said") is True
        elif item.get("derived"):
            said = bool(judge_vitals(vitals, form))
        else:
            said = answers.get(item["code"]) is True
        if not said:
            continue
        because.append(item["code"])
        if item["yes"] in PRECEDENCE and PRECEDENCE.index(item["yes"]) < PRECEDENCE.index(gravest):
            gravest = item["yes"]
    return (gravest, because)
