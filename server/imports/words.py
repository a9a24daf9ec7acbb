"""What is said of a row: faults, which keep it out; proposals, which wait for a yes; notes. Words only; pages have sentences."""

FAULTS = (
    "name_missing", "name_bad", "dob_missing", "dob_bad", "dob_future", "number_bad", "number_rounded", "health_bad",
    "group_bad", "commune_missing", "commune_unknown", "twice", "other_person", "code_bad", "code_missing", "role_unknown",
    "site_unknown", "days_bad", "days_missing", "signs_bad", "too_long", "code_elsewhere",
)  # fmt: skip
ASKS = (
    "zero_added", "day_turned", "sex_from_number", "number_disagrees", "phone_left_out", "commune_near", "no_number", "alike",
    "recorded_otherwise", "site_near", "code_made",
)  # fmt: skip
NOTES = ("name_case",)
# Found when a reviewed row was to be written.
LEFT = ("changed_since", "not_accepted")


def asks(words: str) -> list[str]:
    """The proposals among them."""
    return [word for word in words.split() if word in ASKS]
