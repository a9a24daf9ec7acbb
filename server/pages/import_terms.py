"""What imports say of rows and of files, as people read it. Keys are the words of `server.imports.words` and `reading`."""

from typing import Any

from server.pages import terms
from server.pages.words import mark

# Faults, proposals, notes, and what came up at the writing.
ROW_WORDS = {
    "name_missing": mark("The name is missing"),
    "name_bad": mark("The name has signs that no name has, or is too long"),
    "dob_missing": mark("Day or year of birth is missing"),
    "dob_bad": mark("The day of birth is no day (write day/month/year, or the year alone)"),
    "dob_future": mark("The day of birth has not come yet"),
    "number_bad": mark("The ID number has neither 12 nor 9 digits and is no passport’s"),
    "number_rounded": mark("The spreadsheet has rounded the number: make the column text and enter it again"),
    "health_bad": mark("The health-insurance number has neither 10, 12 nor 15 signs"),
    "group_bad": mark("The priority group is none of 1 to 16"),
    "commune_missing": mark("The commune is missing"),
    "commune_unknown": mark("There is no such commune in the unit this list is for"),
    "twice": mark("The same entry stands in the file already"),
    "other_person": mark("This number is known under another name and another birth"),
    "code_bad": mark("The code has signs other than letters, digits and hyphens, or is too long"),
    "code_missing": mark("The code is missing"),
    "code_elsewhere": mark("This code belongs to something in another unit’s care"),
    "role_unknown": mark("This is none of the roles at a site"),
    "site_unknown": mark("There is no such injection site in the unit this list is for"),
    "days_bad": mark("The first or the last day is no day, or it ends before it begins"),
    "days_missing": mark("A mobile site needs its first and its last day"),
    "signs_bad": mark("There are signs in it that nobody can read"),
    "too_long": mark("A cell is too long"),
    "zero_added": mark("A zero was put back before the number that a spreadsheet had dropped"),
    "day_turned": mark("Day and month stood the other way round"),
    "sex_from_number": mark("The sex was missing and is taken from the ID number"),
    "number_disagrees": mark("The ID number tells another sex or year of birth"),
    "phone_left_out": mark("The telephone number is none and is left out"),
    "commune_near": mark("The commune is spelled differently; the nearest name is taken"),
    "no_number": mark("There is no number: the person is known by name, birth and commune alone"),
    "alike": mark("Somebody of this name and day of birth is on the list under another number"),
    "recorded_otherwise": mark("The records of visits and doses have another name or birth for this number"),
    "site_near": mark("The site is spelled differently; the nearest name is taken"),
    "code_made": mark("There was no code; one is made of the name and the commune"),
    "name_case": mark("Capitals of the name were put right"),
    "changed_since": mark("Somebody else changed the entry after the review"),
    "not_accepted": mark("The proposal for this row was not accepted"),
}
# Why nothing can be made of a file.
FILE_WORDS = {
    "too_large": mark("The file is larger than 64 MB. Please part it."),
    "old_excel": mark("This is the old Excel format (.xls). Please save it as .xlsx or as CSV."),
    "empty": mark("The file is empty."),
    "bomb": mark("The file unpacks to far more than a list can be. It was not opened."),
    "not_a_list": mark("This is neither an Excel workbook (.xlsx) nor a CSV file."),
    "broken": mark("The file is damaged or breaks off in the middle."),
    "not_utf8": mark("The letters of this CSV file cannot be read. Please save it as “CSV UTF-8”."),
    "too_many_rows": mark("The file has more than a million rows. Please part it."),
    "no_columns": mark("No row of headings was found with the columns that are needed."),
    "no_unit": mark("The unit that this list is for no longer stands."),
}
STATES = {
    "reading": mark("being read"),
    "review": mark("waiting for review"),
    "leaving": mark("being written"),
    "writing": mark("being written"),
    "done": mark("done"),
    "failed": mark("could not be read"),
    "dropped": mark("dropped"),
}
KINDS = {
    "recipients": mark("Recipients"),
    "facilities": mark("Injection sites"),
    "staff": mark("Staff of injection sites"),
}
ROW_STATES = {
    "new": mark("new"),
    "changed": mark("changed"),
    "wrong": mark("wrong, stay out"),
    "left": mark("not taken"),
    "stale": mark("not taken"),
}
FIELDS = {
    "name": mark("Name"),
    "dob": mark("Born"),
    "sex": mark("Sex"),
    "doc_no": mark("ID number"),
    "old_no": mark("Old ID number"),
    "health_no": mark("Health-insurance number"),
    "phone": mark("Telephone"),
    "commune": mark("Commune"),
    "address": mark("Address"),
    "work": mark("Work"),
    "priority_group": mark("Priority group"),
    "off_at": mark("List"),
    "code": mark("Code"),
    "site": mark("Injection site"),
    "role": mark("Role"),
    "mobile": mark("Mobile"),
    "hotline": mark("Telephone"),
    "valid_from": mark("From"),
    "valid_to": mark("Until before"),
    "revoked": mark("Left"),
}
# Values that are words, by field.
VALUES: dict[str, dict[Any, str]] = {
    "sex": terms.SEXES,
    "role": terms.STAFF_ROLES,
    "revoked": {True: mark("yes"), False: mark("not so")},
}
