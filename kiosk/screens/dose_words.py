"""The injection table's own words: scanned codes, opened vials, where earlier doses are known from. `sentences` joins them."""

DOSE_NOTICES = {
    "scan_mismatch": "The code says %(vaccine)s, but lot %(lot)s on the list is %(listed)s. Put the vial aside and call the lead.",
    "scan_no_lot": "This is %(vaccine)s. Its code names no lot: touch the lot printed on the vial.",
    "scan_unknown_product": "The product %(gtin)s is not known here. Touch the lot printed on the vial, or ask the lead.",
    "lot_not_usable": "This lot may not be opened here. Choose another, or ask the lead.",
    "vial_opened": "A vial of lot %(lot)s is open; its hours run from now.",
    "vial_ended": "Vial of lot %(lot)s put away: %(given)s doses given, %(waste)s wasted.",
    "slip_forged": "This slip was changed: its signature is wrong. Please show it to staff.",
    "slip_unverified": "A slip of another site: it could not be verified here. Its dose does not count; show it to staff.",
    "late_saved": "Dose %(number)s from the paper is saved on this machine.",
    "no_photo": "The camera gives no picture now. Look at its cable and lens, or go on without a photo.",
    "reason_by_hand": "A rule speaks here: give the reason on the screen, the badge alone is not enough.",
}

DOSE_RULES = {
    "age_over": "Over %(max)s years old (is %(age)s)",
    "vial_open_too_long": "The vial has been open for %(hours)s hours or more",
    "history_differs": "Dose %(dose_no)s is told differently by the list and by what was shown",
    "late_same_day": "Dose %(dose_no)s (%(vaccine)s) is known for the very same day",
    "late_too_near": "Only %(days)s days from dose %(dose_no)s (%(vaccine)s) on %(given_on)s",
    "late_same_number": "Dose %(dose_no)s is known already: %(vaccine)s on %(given_on)s",
    "late_same_lot": "The same lot as dose %(dose_no)s on %(given_on)s",
    "vial_empty": "Extra dose: number %(next)s from a vial of %(doses)s",
}

VIAL_ENDS = {
    "empty": "Empty, nothing left",
    "end_of_session": "End of the session",
    "open_too_long": "Open for too long",
    "contaminated": "Contaminated or in doubt",
    "poor_withdrawal": "Could not draw all doses",
    "broken": "Broken or spilt",
    "heat": "Was too warm",
    "frozen": "Was frozen",
}

HISTORY_BY = {
    "centre": "centre",
    "site": "this site",
    "slip": "by the slip",
    "certificate": "by a certificate",
    "paper": "from paper",
}

# What a dose may have been written on by hand.
PAPERS = {
    "confirmation": "Vaccination confirmation slip",
    "screening_form": "Screening form",
    "list": "List of the session",
    "book": "Vaccination book",
    "other": "Another paper",
}
PAPER_FIELDS = {
    "day": "day of the injection",
    "hour": "time of the injection",
    "dose_no": "dose number",
    "injector": "who injected",
    "paper": "which paper",
}
