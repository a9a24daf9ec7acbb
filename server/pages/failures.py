"""Pages for what goes wrong: a sentence and the next step, never a person's data nor what was asked for."""

from flask import g, render_template, request
from werkzeug.exceptions import HTTPException

from server.pages.words import mark

# Status: the sentence and the next step.
SENTENCES = {
    400: (mark("We could not read what was sent."), mark("Go back and try again.")),
    403: (mark("This page is not open to you."), mark("Sign in with an account whose work this is, or go back.")),
    404: (mark("There is no such page."), mark("Check the address or the number, or begin again.")),
    405: (mark("This cannot be done here."), mark("Go back and use the button on the page.")),
    413: (
        mark("What you sent is too large."),
        mark("Photos may have 8 MB at most, lists 64 MB. Go back and choose a smaller file."),
    ),
    429: (mark("Too many tries in a short time."), mark("Please wait a few minutes, then try again.")),
    500: (mark("The server made a mistake."), mark("Nothing was lost. Please try again in a minute, or call us.")),
}
STALE = (mark("This form was open for too long."), mark("Go back, load the page again and send it once more."))


def page(error: HTTPException) -> tuple[str, int]:
    """The page for an HTTP error."""
    # Flask wraps what nobody caught in InternalServerError after logging it, so 500 comes here too.
    status = error.code or 500
    sentence, step = SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
    if g.get("stale_form"):
        sentence, step = STALE
    console = request.path.startswith("/console")
    return render_template("failure.html", status=status, sentence=sentence, step=step, console=console), status
