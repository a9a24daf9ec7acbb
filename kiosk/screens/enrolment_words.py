"""What the page of a kiosk that is not enrolled says of the code held up: English; words/vi.po holds the Vietnamese."""

# What became of the code held up: tone and sentence.
SAYS = {
    "asking": ("info", "The code has been read. Asking the centre…"),
    "enrolled": ("info", "Enrolled. This kiosk starts now."),
    "not_enrolment": ("warn", "This is another kind of code. Please hold up the enrolment code of the centre."),
    "bad_code": ("warn", "This code cannot be read. Please make a new one in the console."),
    "unreachable": ("warn", "The centre is not reached. Is the network cable in? Then hold the code up again."),
    "stranger": ("error", "Somebody else answers in the centre’s place. Please call technical support."),
    "unknown_code": ("warn", "The centre does not know this code. Please make a new one in the console."),
    "used_code": ("warn", "This code has been used by another kiosk. Please make a new one in the console."),
    "expired_code": ("warn", "This code has expired. Please make a new one in the console."),
    "not_written": ("error", "The memory card cannot be written. Please change it, then hold the code up again."),
}
FAILED = ("error", "That did not work. Please call technical support.")
SENTENCES = {word: said for word, (_, said) in SAYS.items()} | {"failed": FAILED[1]}
