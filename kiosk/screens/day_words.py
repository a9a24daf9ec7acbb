"""The words of a site's day: its books, its drill, the paper list. English; words/vi.po holds the Vietnamese."""

# The day's books: a number, and what to do when it differs.
BOOKS = {
    "inside": "People still inside",
    "open_vials": "Vials not put away",
    "drawn": "Doses from opened vials, less waste",
    "released": "People released after their dose",
    "slips": "Result slips printed",
}
BOOKS_TO_DO = {
    "inside": "See the queue: serve them, or end the visit of who went away.",
    "open_vials": "Put each opened vial away and count what is left.",
    "drawn": "Must be as many as doses: count vials and waste again.",
    "released": "See the observation board: somebody is not released yet.",
    "slips": "See the printer: a slip waits, or must be printed again.",
}
DRILL_STEPS = {
    "printer": "Prints the test slip",
    "camera": "The camera reads it",
    "reader": "The hand scanner reads it",
    "offline": "Saves without a network",
    "sync": "Sends to the centre",
}
DRILL_STATES = {
    "ok": "proven",
    "beside": "saved at another kiosk; the centre was not reached",
    "failed": "not proven",
    "skipped": "gone on without",
    "now": "now",
    "waiting": "comes next",
}
LIST_FILES = {
    "off": "No USB stick is set up for the list.",
    "no_stick": "No USB stick is plugged in.",
    "written": "The list is on the USB stick.",
    "failed": "The list could not be written to the USB stick.",
}
DAY_NOTICES = {
    "day_closed": "The day is closed; its books agree.",
    "day_closed_differing": "The day is closed with books that differ; the centre sees the reason.",
    "reason_needed": "Please say why the books differ.",
    "day_opened": "The day is open.",
    "day_opened_differing": "The day is open; the centre sees what was not ready and why.",
    "opening_reason_needed": "Please say why you open although not all is ready.",
    "team_changed": "The change of the team is recorded.",
    "count_needed": "Please type how many vials you counted.",
    "list_ordered": "The list of %(count)s people is being printed.",
}
TABLES = {
    "books": BOOKS,
    "books_to_do": BOOKS_TO_DO,
    "drill_steps": DRILL_STEPS,
    "drill_states": DRILL_STATES,
    "list_files": LIST_FILES,
}
