"""How this person wants to read: language, text size, contrast. Kept in cookies of this one browser, nowhere else."""

from dataclasses import dataclass

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from kiosk.screens.access import CITIZEN, register
from kiosk.screens.words import DEFAULT_LANGUAGE, LANGUAGES

CHOICES = {"lang": LANGUAGES, "size": ("normal", "large"), "contrast": ("normal", "high")}


@dataclass(frozen=True)
class Preferences:
    """One reader's choices, each from CHOICES."""

    lang: str = DEFAULT_LANGUAGE
    size: str = "normal"
    contrast: str = "normal"


def preferences() -> Preferences:
    """The choices of the present request; an unknown cookie value counts as none."""
    chosen = {name: request.cookies.get(name, "") for name in CHOICES}
    return Preferences(**{name: value for name, value in chosen.items() if value in CHOICES[name]})


def add_preferences(app: Flask) -> None:
    """Add `POST /lang/…`, `/size/…`, `/contrast/…`: set the cookie and go back to the page."""
    for name, values in CHOICES.items():
        rule = f"/{name}/<any({', '.join(values)}):value>"
        register(app, "POST", rule, CITIZEN, Setter(name), endpoint=f"choose_{name}")


class Setter:
    """The handler of one preference; a class so that each endpoint knows its cookie's name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, value: str) -> Response:
        """Set the cookie and answer 303 to the touchscreen."""
        answer = redirect("/", code=303)
        answer.set_cookie(self.name, value, samesite="Strict", httponly=True)
        return answer
