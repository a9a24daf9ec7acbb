"""The words of records as people read them: states, categories, conclusions, roles. Keys are the wire's words."""

from server.pages.words import mark

VISIT_STATES = {
    "waiting": mark("waiting for screening"),
    "called": mark("in screening"),
    "cleared": mark("waiting for the injection"),
    "ready": mark("at the injection table"),
    "observing": mark("under observation"),
    "left": mark("finished"),
    "deferred": mark("postponed"),
    "contraindicated": mark("contraindicated"),
    "referred": mark("sent to hospital"),
    "refused": mark("did not agree"),
    "gone": mark("went away"),
}
CONCLUSIONS = {
    "eligible": mark("fit for vaccination"),
    "caution": mark("fit, with caution"),
    "defer": mark("postponed"),
    "contraindicated": mark("contraindicated"),
    "refer_hospital": mark("sent to hospital"),
    "refused": mark("did not agree"),
}
CATEGORIES = {
    "missing_dose": mark("A dose I was given is missing"),
    "wrong_dose": mark("A dose is recorded wrongly (day, vaccine, lot, place)"),
    "wrong_person": mark("My personal details are wrong"),
    "duplicate": mark("A dose or my record appears twice"),
    "not_mine": mark("A dose is recorded that I was never given"),
    "other": mark("Something else"),
}
SHORT_CATEGORIES = {
    "missing_dose": mark("Missing dose"),
    "wrong_dose": mark("Wrong dose details"),
    "wrong_person": mark("Wrong personal details"),
    "duplicate": mark("Duplicate"),
    "not_mine": mark("Dose never given"),
    "other": mark("Other"),
}
COMPLAINT_STATES = {
    "new": mark("open"),
    "corrected": mark("corrected"),
    "rejected": mark("rejected"),
}
# The books of a site's day as its lead closed them: what differed.
BOOKS = {
    "inside": mark("People still inside"),
    "open_vials": mark("Vials not put away"),
    "drawn": mark("Doses from opened vials, less waste"),
    "released": mark("People released after their dose"),
    "slips": mark("Result slips printed"),
}
DRILL_STEPS = {
    "printer": mark("printer"),
    "camera": mark("camera"),
    "reader": mark("scanner"),
    "offline": mark("saving without a network"),
    "sync": mark("sending to the centre"),
}
# Why a message of a kiosk could not be taken; a reason that is not here is a fault in one field of the record.
QUARANTINE_REASONS = {
    "future": mark("from a newer release: it is read by itself after the next upgrade"),
    "underivable": mark("the server made a mistake with it: please report this to the developers"),
    "bad_signature": mark("the signature does not fit: damaged on the way, the kiosk sends it again"),
    "not_canonical": mark("damaged on the way: the kiosk sends it again"),
    "wrong_writer": mark("it came under another kiosk's name"),
    "unknown_writer": mark("the kiosk is not enrolled here"),
    "revoked": mark("the kiosk was revoked"),
    "wrong_site": mark("the kiosk speaks for another site than the one it is enrolled at"),
    "unsealable": mark("it is sealed and the key to open it is not here"),
    "unknown_sealing_key": mark("it is sealed and the key to open it is not here"),
    "slip_forged": mark("the scanned slip is not genuine"),
    "slip_revoked": mark("the scanned slip is of a kiosk that was revoked"),
    "slip_unknown_writer": mark("the scanned slip is of a kiosk that is not enrolled here"),
}
SEVERITIES = {"common": mark("common"), "severe": mark("severe")}
REACTION_OUTCOMES = {
    "treating": mark("under treatment"),
    "recovered": mark("recovered"),
    "hospital": mark("taken to hospital"),
    "sequelae": mark("lasting harm"),
    "died": mark("died"),
}
SEXES = {"M": mark("male"), "F": mark("female"), "U": mark("not known")}
DOCUMENTS = {
    "cccd": mark("Citizen ID card"),
    "cmnd": mark("Old ID card"),
    "passport": mark("Passport"),
    "none": mark("No papers"),
}
ROLES = {
    "officer": mark("Complaints officer"),
    "manager": mark("Stock and progress manager"),
    "auditor": mark("Auditor"),
    "admin": mark("Administrator"),
}
POSTS = {
    "leader": mark("Leader"),
    "deputy": mark("Deputy"),
    "member": mark("Member"),
    "support": mark("Technical support"),
}
FIELDS = {
    "vaccine": mark("Vaccine"),
    "lot": mark("Lot number"),
    "dose_no": mark("Dose number"),
    "given_on": mark("Day of injection"),
    "place": mark("Injection site"),
    "doc_type": mark("Kind of papers"),
    "doc_no": mark("ID number"),
    "old_no": mark("Old ID number"),
    "name": mark("Full name"),
    "dob": mark("Date of birth"),
    "sex": mark("Sex"),
    "address": mark("Address"),
    "phone": mark("Phone"),
}
PAPERS = {
    "confirmation": mark("Vaccination confirmation slip"),
    "screening_form": mark("Screening form"),
    "list": mark("List of the session"),
    "book": mark("Vaccination book"),
    "other": mark("Another paper"),
}
SESSION_STATES = {"planned": mark("planned"), "invited": mark("invited"), "cancelled": mark("cancelled")}
# Why somebody is not in a session: words of `sessions.judging` and of `protocol.rules`.
LEFT_OUT = {
    "off_list": mark("taken off the list of recipients"),
    "commune": mark("of another commune"),
    "group": mark("of another group"),
    "busy": mark("have an appointment elsewhere"),
    "contraindicated": mark("must not be vaccinated (found at a screening)"),
    "dose": mark("their next dose is another one"),
    "due_later": mark("their next dose is due later"),
    "vaccine_unknown": mark("the rules do not know this vaccine"),
    "age": mark("too young for this vaccine"),
    "age_over": mark("too old for this vaccine"),
    "same_day": mark("have a dose on this very day"),
    "interval": mark("too early after their last dose"),
    "mix": mark("had another vaccine that this one does not follow"),
    "series_complete": mark("have had all their doses"),
    "unreadable": mark("their data cannot be read by the kiosks: please correct it"),
}
STAFF_ROLES = {
    "reception": mark("reception"),
    "screener": mark("screening"),
    "injector": mark("injection"),
    "observer": mark("observation"),
    "lead": mark("site lead"),
}
TURNOUT = {"expected": mark("expected"), "came": mark("came"), "injected": mark("injected")}
MESSAGE_STATES = {"queued": mark("waiting to be sent"), "sent": mark("sent"), "failed": mark("could not be sent")}
ACTS = {
    "sign_in": mark("signed in"),
    "sign_in_missed": mark("tried a wrong password"),
    "code_missed": mark("tried a wrong code"),
    "turned_away": mark("asked for a page that is not theirs"),
    "password_changed": mark("changed the password"),
    "search_people": mark("searched for people"),
    "view_person": mark("opened a person's record"),
    "read_slip": mark("read a citizen's slip"),
    "recover_dose": mark("entered a dose from a citizen's slip"),
    "list_complaints": mark("opened the queue of complaints"),
    "view_complaint": mark("opened a complaint"),
    "view_photo": mark("opened a photo"),
    "decide_complaint": mark("decided a complaint"),
    "recheck_complaint": mark("looked at a decision again"),
    "view_quarantine": mark("opened a message in quarantine"),
    "receive_stock": mark("entered a receipt"),
    "account_made": mark("made an account"),
    "account_changed": mark("changed an account's details"),
    "account_moved": mark("gave an account another unit or role"),
    "account_disabled": mark("took an account out of use"),
    "account_enabled": mark("put an account back into use"),
    "account_reset": mark("gave an account a new first password"),
    "sessions_ended": mark("signed an account out"),
    "list_duplicates": mark("opened the list of possible duplicates"),
    "view_pair": mark("compared two records"),
    "link_people": mark("joined two records of one person"),
    "unlink_people": mark("parted two records again"),
    "tell_apart": mark("noted that two records are two people"),
    "import_file": mark("brought in a list"),
    "import_accept": mark("accepted proposals for a list"),
    "import_commit": mark("had a list written"),
    "import_done": mark("a list was written"),
    "import_drop": mark("dropped a list"),
    "import_expired": mark("deleted rows of a list whose time was over"),
    "view_import": mark("looked at the rows of a list"),
    "export_import": mark("saved rows of a list that were not taken"),
    "export_list": mark("saved a list as a file"),
    "first_pins": mark("gave first PINs to staff of sites"),
    "new_pins": mark("gave staff new PINs"),
    "plan_session": mark("planned or changed a session"),
    "invite_session": mark("invited the people of a session"),
    "cancel_session": mark("cancelled a session"),
    "team_of_session": mark("brought a session's team up to date"),
    "api_session": mark("a program planned, invited or cancelled a session"),
    "view_session": mark("opened the list of a session's people"),
    "second_factor_set": mark("set up the second factor"),
    "look_up": mark("looked up a certificate"),
    "enrol_code": mark("made a code to enrol a kiosk"),
    "kiosk_enrolled": mark("enrolled a kiosk"),
    "revoke_kiosk": mark("revoked a kiosk"),
    "kiosk_group": mark("put a kiosk into a group"),
    "wave_set": mark("asked kiosks for a version"),
    "wave_halt": mark("halted a version"),
    "wave_go_on": mark("let a version go on"),
    "wanted_version": mark("asked a group for a version"),
    "command_message": mark("sent a message to a kiosk"),
    "command_reprint": mark("had a kiosk print again"),
    "command_restart": mark("had a kiosk start again"),
    "set_text": mark("changed a text of screens and slips"),
    "command_stop_lot": mark("told a kiosk to stop a lot"),
}
KINDS = {
    "visit.checked_in": mark("checked in"),
    "visit.called": mark("called"),
    "visit.screened": mark("screened"),
    "visit.ended": mark("visit ended"),
    "visit.left": mark("left after observation"),
    "dose.given": mark("dose confirmed"),
    "dose.undone": mark("dose undone"),
    "dose.corrected": mark("dose corrected"),
    "dose.recovered": mark("dose recovered from its slip"),
    "dose.entered_late": mark("dose entered later from paper"),
    "photo.taken": mark("photo of a paper taken"),
    "person.corrected": mark("personal details corrected"),
    "person.linked": mark("found to be one person with another record"),
    "person.unlinked": mark("parted again from another record"),
    "person.told_apart": mark("found to be another person than one alike"),
    "aefi.reported": mark("reaction reported"),
    "aefi.followed_up": mark("reaction followed up"),
    "alarm.seen": mark("alarm seen"),
    "slip.printed": mark("slip printed"),
    "complaint.filed": mark("complaint sent"),
    "complaint.decided": mark("complaint decided"),
    "complaint.reopened": mark("complaint reopened"),
    "complaint.rechecked": mark("decision looked at again"),
    "clock.synced": mark("clock set"),
    "message.queued": mark("message written"),
    "message.sent": mark("message handed over"),
}
# Why two records may be of one person; the weights are server/data/duplicates.json.
LIKENESS = {
    "same_number": mark("the same ID number"),
    "near_number": mark("ID numbers differ in one digit"),
    "same_health_no": mark("the same health-insurance card"),
    "same_name": mark("the same name"),
    "alike_name": mark("the same name but for the accents"),
    "near_name": mark("names nearly the same"),
    "same_dob": mark("the same date of birth"),
    "near_dob": mark("dates of birth nearly the same"),
    "same_year": mark("the same year of birth"),
    "same_phone": mark("the same phone"),
    "same_commune": mark("the same commune"),
    "other_number": mark("two different ID numbers of one kind"),
    "other_year": mark("other years of birth"),
    "other_sex": mark("man and woman"),
}
PAIR_STATES = {
    "linked": mark("one person"),
    "unlinked": mark("parted again"),
    "apart": mark("two people"),
}
DAY_FIGURES = (
    ("checked_in", mark("Checked in")),
    ("screened", mark("Screened")),
    ("doses", mark("Doses given")),
    ("left", mark("Finished observation")),
    ("aefi", mark("Reactions reported")),
    ("people", mark("People with a first dose")),
)

# What kiosks say of themselves on `state`, and what of it wants a hand.
PRINTER_STATES = {
    "ready": mark("ready"),
    "busy": mark("printing"),
    "no_paper": mark("out of paper"),
    "cover_open": mark("cover open"),
    "disconnected": mark("not connected"),
    "unknown": mark("not known"),
    "unused": mark("none"),
}
CLOCK_STATES = {"synced": mark("right"), "holdover": mark("runs on its own"), "unknown": mark("not set")}
POWER_STATES = {
    "good": mark("enough"),
    "was_poor": mark("was too weak at times"),
    "poor": mark("too weak now"),
}
WEAR_STATES = {"fresh": mark("good"), "worn": mark("nearly used up"), "spent": mark("used up")}
TROUBLES = {
    "printer": mark("printer"),
    "clock": mark("clock not set"),
    "power": mark("weak power"),
    "wear": mark("memory card worn out"),
    "room": mark("memory card full"),
    "other_box": mark("another machine than enrolled"),
    "refused": mark("refused by the broker"),
    "certificate": mark("certificate ends soon"),
    "version": mark("another version than wanted"),
}
# Who was turned away, and why.
TURNED_AWAY = {
    "unknown_code": mark("enrolment code that nobody made"),
    "used_code": mark("enrolment code used before"),
    "expired_code": mark("enrolment code expired"),
    "unknown_writer": mark("not enrolled"),
    "bad_signature": mark("signature does not fit"),
    "revoked": mark("revoked"),
    "other_box": mark("another machine than enrolled"),
    # The broker's own log says these (server/broker_words.py).
    "other_kiosk": mark("wrote in another kiosk’s name"),
    "other_site": mark("wrote to another site"),
    "not_its_topic": mark("wrote what only the centre may write"),
    "not_listed": mark("not admitted by the broker: revoked, or not enrolled here"),
    "listens_wide": mark("wanted to listen beyond its site"),
    "no_certificate": mark("came without a certificate"),
    "bad_certificate": mark("certificate not accepted: expired, taken back, or of a stranger"),
    "other_authority": mark("did not believe this centre’s certificate"),
    "no_tls": mark("came without encryption"),
}

# What kiosks are told, and how far each command is.
COMMANDS = {
    "message": mark("Message"),
    "reprint": mark("Print once more: slip"),
    "restart": mark("Restart the program"),
    "stop_lot": mark("Stop lot"),
}
COMMAND_STATES = {
    "sent": mark("under way"),
    "reached": mark("arrived"),
    "done": mark("done"),
    "refused": mark("not done"),
}
COMMAND_REASONS = {
    "expired": mark("it came too late"),
    "unknown_slip": mark("this kiosk knows no such slip"),
    "slip_waiting": mark("the slip waits for the printer already"),
}
