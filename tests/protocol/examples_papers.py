"""Invented examples of what a dose from paper says beside others, and of a piece of its photo. Nobody named here exists."""

SAID = {
    "given_min": 555,
    "injector": "st-0007",
    "injector_name": "Trần Thị Lan",
    "paper": {"form": "confirmation", "number": "00123/XN"},
    "warnings": ["late_too_near"],
}
PHOTO = {"photo": "5f" * 32, "part": 1, "parts": 2, "data": "/9j/4AAQSkZJRgABAQ=="}
