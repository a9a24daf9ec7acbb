"""Rules of a dose and of a screening: the vectors of the rule texts, each threshold on both sides."""

from protocol import rules
from tests.protocol.examples import changed

LOT = {"vaccine": "AZ", "lot": "ABW1234", "expiry": "2021-12-31", "stopped": False}
RULES = {
    "vaccines": {
        "AZ": {"age_min": 18, "min_days": 28, "doses": 2, "source": "5873"},
        "MODERNA": {"age_min": 12, "min_days": 28, "doses": 2, "source": "m"},
        "PFIZER": {"age_min": 12, "min_days": 21, "doses": 2, "source": "w"},
        "ABDALA": {"age_min": 19, "min_days": 14, "doses": 3, "source": "v"},
        "JANSSEN": {},
    },
    "mix": [
        {"from": "2021-07-22", "to": "2021-09-07", "first": "AZ", "second": ["AZ", "PFIZER"]},
        {"from": "2021-09-08", "first": "AZ", "second": ["AZ", "PFIZER", "MODERNA"]},
        {"from": "2021-09-08", "first": "MODERNA", "second": ["MODERNA", "PFIZER"]},
    ],
}
# 4355/QĐ-BYT, in force on 3 October 2021. Temperature in tenths of a degree.
FORM = {
    "items": [
        {"code": "ANAPHYLAXIS_SAME_VACCINE", "yes": "contraindicated"},
        {"code": "COVID_WITHIN_6M", "yes": "defer"},
        {"code": "PREGNANT_GE_13W", "yes": "refer_hospital"},
        {"code": "ALLERGY_ANY", "yes": "caution"},
        {"code": "COAGULOPATHY", "yes": "caution"},
        {"code": "VITALS_ABNORMAL", "yes": "caution", "derived": "vitals"},
        {"code": "OTHER", "yes": "clinician"},
    ],
    "vitals": [
        {"code": "temperature", "below": 355, "above": 375},
        {"code": "pulse", "below": 60, "above": 100},
        {"code": "systolic", "below": 90, "above": 140},
        {"code": "diastolic", "below": 60, "above": 90},
        {"code": "breaths", "above": 25},
        {"code": "spo2", "below": 94},
    ],
}


def judged(vaccine="AZ", *, lot=LOT, dob="1979-04-14", history=(), today="2021-10-03", data=RULES):
    """`[(rule, weight)]` of the findings."""
    lot = lot if lot is None or vaccine == "AZ" else changed(lot, vaccine=vaccine)
    found = rules.judge_dose(vaccine=vaccine, lot=lot, dob=dob, history=list(history), today=today, rules=data)
    return [(finding.rule, finding.weight) for finding in found]


def numbers_of(rule, **members):
    values = {"vaccine": "AZ", "lot": LOT, "dob": "1979-04-14", "history": [], "today": "2021-10-03", "rules": RULES}
    values.update(members)
    return next(finding for finding in rules.judge_dose(**values) if finding.rule == rule).numbers


def dose(vaccine, given_on, dose_no=1):
    return {"vaccine": vaccine, "given_on": given_on, "dose_no": dose_no}


def test_a_first_dose_without_trouble():
    assert judged() == []
    assert rules.next_dose_no([]) == 1


def test_the_next_dose_follows_the_highest_number():
    assert rules.next_dose_no([dose("AZ", "2021-01-01", 2), dose("AZ", "2021-02-01", 1)]) == 3


def test_full_years_change_on_the_birthday():
    for dob, today, years in (
        ("2003-10-03", "2021-10-03", 18),
        ("2003-10-04", "2021-10-03", 17),
        ("2003-11-01", "2021-10-31", 17),
        ("2003-09-30", "2021-10-03", 18),
        ("2004-02-29", "2022-02-28", 17),
        ("2004-02-29", "2022-03-01", 18),
        ("2003", "2021-01-01", 18),
        ("1950", "2021-10-03", 71),
        ("", "2021-10-03", -1),
        ("19", "2021-10-03", -1),
    ):
        assert rules.age_on(dob, today) == years, dob


def test_too_young_warns():
    assert judged(dob="2003-10-03") == []
    assert judged(dob="2003-10-04") == [("age", "warn")]
    assert judged("PFIZER", dob="2009-10-03") == []
    assert judged("PFIZER", dob="2009-10-04") == [("age", "warn")]
    assert numbers_of("age", dob="2004") == {"min": 18, "age": 17}


def test_an_unknown_age_does_not_warn():
    assert judged(dob="") == []


def test_the_interval_counts_days_and_its_last_day_is_good():
    first = [dose("AZ", "2021-09-05")]
    assert judged(history=first, today="2021-10-02") == [("interval", "warn")]
    assert judged(history=first, today="2021-10-03") == []
    assert numbers_of("interval", history=first, today="2021-10-02") == {"need": 28, "left": 1, "dose_no": 1}


def test_the_interval_counts_across_new_year_and_a_leap_day():
    assert judged(history=[dose("AZ", "2021-12-10")], today="2022-01-07", lot=changed(LOT, expiry="")) == []
    assert judged(history=[dose("AZ", "2024-02-10")], today="2024-03-08", lot=changed(LOT, expiry="")) == [
        ("interval", "warn")
    ]


def test_a_late_dose_is_valid():
    assert judged(history=[dose("AZ", "2021-01-03")]) == []


def test_two_doses_on_one_day_warn():
    assert judged(history=[dose("AZ", "2021-10-03")]) == [("same_day", "warn")]
    assert numbers_of("same_day", history=[dose("AZ", "2021-10-03")]) == {"dose_no": 1}


def test_a_dose_recorded_for_tomorrow_warns():
    found = judged(history=[dose("AZ", "2021-10-04")])
    assert found == [("interval", "warn")]


def test_the_last_dose_is_the_one_given_last():
    history = [dose("ABDALA", "2021-09-25", 2), dose("ABDALA", "2021-09-01", 1)]
    assert judged("ABDALA", history=history) == [("interval", "warn")]
    assert numbers_of("interval", vaccine="ABDALA", lot=changed(LOT, vaccine="ABDALA"), history=history)["dose_no"] == 2


def test_az_then_moderna_from_8_september_on():
    for first, today, found in (
        ("2021-06-15", "2021-08-15", [("mix", "warn")]),
        ("2021-06-15", "2021-09-07", [("mix", "warn")]),
        ("2021-06-15", "2021-09-08", []),
        ("2021-06-15", "2021-09-20", []),
    ):
        assert judged("MODERNA", history=[dose("AZ", first)], today=today) == found, today


def test_az_then_pfizer_from_22_july_on():
    history = [dose("AZ", "2021-05-01")]
    assert judged("PFIZER", history=history, today="2021-07-21") == [("mix", "warn")]
    assert judged("PFIZER", history=history, today="2021-07-22") == []
    assert judged("PFIZER", history=history, today="2021-10-03") == []


def test_other_mixes_are_named():
    assert judged(history=[dose("MODERNA", "2021-08-01")]) == [("mix", "warn")]
    assert numbers_of("mix", history=[dose("MODERNA", "2021-08-01")]) == {"first": "MODERNA"}
    assert judged(history=[dose("PFIZER", "2021-08-01")], data={"vaccines": RULES["vaccines"]}) == [("mix", "warn")]


def test_a_complete_series_warns():
    two = [dose("AZ", "2021-06-01", 1), dose("AZ", "2021-08-01", 2)]
    assert judged(history=two) == [("series_complete", "warn")]
    assert numbers_of("series_complete", history=two) == {"doses": 2}
    assert judged("ABDALA", history=[dose("ABDALA", "2021-06-01", 1), dose("ABDALA", "2021-08-01", 2)]) == []


def test_a_vaccine_with_few_rules_has_few_findings():
    many = [dose("JANSSEN", "2021-0%d-01" % month, month) for month in range(1, 10)]
    assert judged("JANSSEN", dob="2020", history=many) == []


def test_an_unknown_vaccine_warns():
    assert judged("NOVA", history=[dose("AZ", "2021-10-03")]) == [("vaccine_unknown", "warn")]


def test_only_lots_block():
    assert judged(lot=None) == [("lot_unknown", "block")]
    assert judged(lot=changed(LOT, vaccine="PFIZER")) == [("lot_other_vaccine", "block")]
    assert judged(lot=changed(LOT, stopped=True)) == [("lot_stopped", "block")]
    assert judged(lot=changed(LOT, stopped=None)) == []


def test_the_expiry_day_itself_is_good():
    assert judged(today="2021-12-31") == []
    assert judged(today="2022-01-01") == [("lot_expired", "block")]
    assert judged(today="2022-01-01", lot=changed(LOT, expiry="")) == []
    assert judged(today="2022-01-01", lot=changed(LOT, expiry="2022-03-31")) == []


def test_all_troubles_are_told_at_once():
    found = judged(
        lot=changed(LOT, vaccine="X", stopped=True, expiry="2021-01-01"),
        dob="2020",
        history=[dose("PFIZER", "2021-10-01", 1), dose("MODERNA", "2021-10-02", 2)],
    )
    assert [rule for rule, _weight in found] == [
        "lot_other_vaccine",
        "lot_stopped",
        "lot_expired",
        "age",
        "interval",
        "mix",
        "series_complete",
    ]


def test_a_finding_names_its_source():
    found = rules.judge_dose(vaccine="AZ", lot=LOT, dob="2010", history=[], today="2021-10-03", rules=RULES)
    assert [(one.rule, one.weight, one.source) for one in found] == [("age", rules.WARN, "5873")]


def test_data_in_force_includes_both_ends():
    rows = [{"to": "2021-09-07"}, {"from": "2021-09-08"}, {"from": "2021-09-07", "to": "2021-09-08"}, {}]
    assert rules.in_force(rows, "2021-09-07") == [rows[0], rows[2], rows[3]]
    assert rules.in_force(rows, "2021-09-08") == [rows[1], rows[2], rows[3]]
    assert rules.in_force(rows, "2021-09-09") == [rows[1], rows[3]]


def test_vital_signs_on_a_limit_are_normal():
    for code, good, bad in (
        ("temperature", (355, 375), (354, 376)),
        ("pulse", (60, 100), (59, 101)),
        ("systolic", (90, 140), (89, 141)),
        ("diastolic", (60, 90), (59, 91)),
        ("breaths", (0, 25), (26,)),
        ("spo2", (94, 100), (93,)),
    ):
        for value in good:
            assert rules.judge_vitals({code: value}, FORM) == [], code
        for value in bad:
            assert rules.judge_vitals({code: value}, FORM) == [code]


def test_what_was_not_measured_is_not_judged():
    assert rules.judge_vitals({}, FORM) == []
    assert rules.judge_vitals({"temperature": 400}, {"items": []}) == []
    assert rules.judge_vitals({"temperature": 390, "spo2": 80, "height": 1}, FORM) == ["temperature", "spo2"]


def test_the_gravest_answer_concludes():
    for answers, conclusion in (
        ({}, "eligible"),
        ({"ALLERGY_ANY": False}, "eligible"),
        ({"ALLERGY_ANY": True}, "caution"),
        ({"ALLERGY_ANY": True, "PREGNANT_GE_13W": True}, "refer_hospital"),
        ({"PREGNANT_GE_13W": True, "COVID_WITHIN_6M": True}, "defer"),
        ({"COVID_WITHIN_6M": True, "ANAPHYLAXIS_SAME_VACCINE": True}, "contraindicated"),
        ({"ALLERGY_ANY": 1}, "eligible"),
        ({"NOT_ON_THE_FORM": True}, "eligible"),
    ):
        assert rules.conclude(answers, {}, FORM)[0] == conclusion, answers


def test_a_conclusion_names_each_item_that_spoke():
    assert rules.conclude({"COAGULOPATHY": True, "COVID_WITHIN_6M": True}, {"temperature": 376}, FORM) == (
        "defer",
        ["COVID_WITHIN_6M", "COAGULOPATHY", "VITALS_ABNORMAL"],
    )


def test_a_fever_is_caution_and_37_5_is_none():
    assert rules.conclude({}, {"temperature": 375}, FORM) == ("eligible", [])
    assert rules.conclude({}, {"temperature": 376}, FORM) == ("caution", ["VITALS_ABNORMAL"])


def test_an_item_for_the_clinician_is_named_and_concludes_nothing():
    assert rules.conclude({"OTHER": True}, {}, FORM) == ("eligible", ["OTHER"])


def test_covid_within_six_months_depends_on_the_form_in_force():
    newer = changed(FORM, items=[item for item in FORM["items"] if item["code"] != "COVID_WITHIN_6M"])
    answers = {"COVID_WITHIN_6M": True}
    assert rules.conclude(answers, {}, FORM)[0] == "defer"
    assert rules.conclude(answers, {}, newer) == ("eligible", [])


def test_the_cold_box_is_in_range_from_2_to_8_degrees_and_never_without_data():
    for tenths_c, state in ((19, "too_cold"), (20, "in_range"), (80, "in_range"), (81, "too_warm"), (-5, "too_cold")):
        assert rules.cold_box_state(tenths_c) == state
    assert rules.cold_box_state(None) == "no_data"


def test_a_form_is_fitted_to_the_age():
    form = {
        "items": [{"code": "OVER_65", "yes": "caution", "derived": "age", "over": 65}],
        "vitals": [
            {
                "code": "pulse",
                "below": 60,
                "above": 100,
                "by_age": [{"to": 4, "below": 90, "above": 140}, {"to": 11, "below": 75, "above": 118}],
            },
            {"code": "systolic", "above": 140, "asked": "history", "asked_over": 65},
        ],
    }
    for age, below, above in ((0, 90, 140), (4, 90, 140), (5, 75, 118), (11, 75, 118), (12, 60, 100), (-1, 60, 100)):
        row = rules.for_age(form, age)["vitals"][0]
        assert (row["below"], row["above"]) == (below, above), age
    for age, asked in ((-1, "history"), (65, "history"), (66, "all")):
        assert rules.for_age(form, age)["vitals"][1]["asked"] == asked
    assert rules.conclude({}, {}, rules.for_age(form, 65)) == ("eligible", [])
    assert rules.conclude({}, {}, rules.for_age(form, 66)) == ("caution", ["OVER_65"])
    # With the age unknown the item is a question like the others.
    assert rules.conclude({}, {}, rules.for_age(form, -1)) == ("eligible", [])
    assert rules.conclude({"OVER_65": True}, {}, rules.for_age(form, -1)) == ("caution", ["OVER_65"])
    assert form["items"][0]["derived"] == "age"
    assert rules.conclude({}, {}, {"items": form["items"]}) == ("eligible", [])


def test_a_vial_is_good_for_its_hours_and_gives_one_more_with_a_word():
    facts = {"open_vial_hours": 6, "source": "BYT"}
    hour = 3600000

    def found(used, open_ms, told=facts):
        return [(one.rule, one.weight) for one in rules.judge_vial(used=used, doses=6, open_ms=open_ms, facts=told)]

    assert found(5, 6 * hour - 1) == []
    assert found(5, 6 * hour) == [("vial_open_too_long", "block")]
    assert found(6, 0) == [("vial_empty", "warn")]
    assert found(7, 7 * hour) == [("vial_open_too_long", "block"), ("vial_empty", "warn")]
    assert found(0, 100 * hour, {}) == []
    assert rules.judge_vial(used=6, doses=6, open_ms=0, facts=facts)[0].numbers == {"doses": 6, "next": 7}


def test_a_vaccines_facts_have_periods():
    facts = {"min_days": 56, "source": "A", "periods": [{"from": "2021-09-01", "min_days": 28, "source": "B"}]}
    assert rules.facts_on(facts, "2021-08-31")["min_days"] == 56
    assert (rules.facts_on(facts, "2021-09-01")["min_days"], rules.facts_on(facts, "2022-01-01")["source"]) == (28, "B")
    data = {"vaccines": {"AZ": facts}, "mix": []}
    history = [dose("AZ", "2021-07-20")]
    assert judged(history=history, data=data, today="2021-08-25") == [("interval", "warn")]
    assert judged(history=history, data=data, today="2021-09-01") == []


def test_after_another_product_the_mixs_own_interval_holds():
    data = {
        "vaccines": {"PFIZER": {"min_days": 21}},
        "mix": [{"from": "2021-07-22", "first": "AZ", "second": ["PFIZER"], "min_days": 56, "source": "CV"}],
    }
    history = [dose("AZ", "2021-08-01")]
    assert judged("PFIZER", history=history, data=data, today="2021-09-25") == [("interval", "warn")]
    assert judged("PFIZER", history=history, data=data, today="2021-09-26") == []
    same = [dose("PFIZER", "2021-08-01")]
    assert judged("PFIZER", history=same, data=data, today="2021-08-22") == [], "the same product needs no row"
    assert judged("PFIZER", history=same, data=data, today="2021-08-21") == [("interval", "warn")]


def test_an_upper_age_warns():
    data = {"vaccines": {"AZ": {"age_max": 65, "source": "BYT"}}, "mix": []}
    assert judged(dob="1956-10-01", data=data, today="2021-10-03") == []
    assert judged(dob="1955-10-01", data=data, today="2021-10-03") == [("age_over", "warn")]
    assert judged(dob="", data=data, today="2021-10-03") == []


def collided(history, vaccine="AZ", lot="ABW1234", dose_no=2, given_on="2021-09-20"):
    found = rules.judge_late(vaccine=vaccine, lot=lot, dose_no=dose_no, given_on=given_on, history=history, rules=RULES)
    assert all(finding.weight == "warn" for finding in found)
    return [finding.rule for finding in found]


def test_a_dose_from_paper_is_held_against_every_dose_known():
    first = {"vaccine": "AZ", "given_on": "2021-08-01", "dose_no": 1, "lot": "ABW0001"}
    assert collided([]) == []
    assert collided([first]) == []
    assert collided([changed(first, given_on="2021-09-20")]) == ["late_same_day"]
    assert collided([changed(first, given_on="2021-08-24")]) == ["late_too_near"]
    assert collided([changed(first, given_on="2021-08-23")]) == []
    assert collided([changed(first, given_on="2021-10-10")]) == ["late_too_near"], "also to a later one"
    assert collided([changed(first, dose_no=2)]) == ["late_same_number"]
    assert collided([changed(first, lot="ABW1234")]) == ["late_same_lot"]
    assert collided([changed(first, lot="")], lot="") == [], "an unknown lot is no same lot"
    assert collided([changed(first, given_on="2021-09-19")], vaccine="JANSSEN") == ["late_too_near"]
    assert collided([changed(first, given_on="2021-09-18")], vaccine="UNKNOWN") == []
