"""How this person wants to read: language, text size, contrast. Kept in cookies of this one browser, nowhere else."""

from dataclasses import dataclass

from flask import Flask, current_app, redirect, request
from werkzeug.wrappers import Response

from kiosk.screens.access import CITIZEN, register
from kiosk.screens.words import DEFAULT_LANGUAGE

CHOICES = {"size": ("normal", "large"), "contrast": ("normal", "high")}
LANGUAGES = "languages"  # app.extensions key: {code: the language's own name}


@dataclass(frozen=True)
class Preferences:
    """One reader's choices: a language of the application, the rest from CHOICES."""

    lang: str = DEFAULT_LANGUAGE
    size: str = "normal"
    contrast: str = "normal"


def preferences() -> Preferences:
    """The choices of the present request; an unknown cookie value counts as none."""
    choices = {"lang": tuple(current_app.extensions[LANGUAGES]), **CHOICES}
    chosen = {name: request.cookies.get(name, "") for name in choices}
    return Preferences(**{name: value for name, value in chosen.items() if value in choices[name]})


def add_preferences(app: Flask) -> None:
    """Add `POST /lang/…`, `/size/…`, `/contrast/…`: set the cookie and go back to the page."""
    for name, values in {"lang": tuple(app.extensions[LANGUAGES]), **CHOICES}.items():
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
