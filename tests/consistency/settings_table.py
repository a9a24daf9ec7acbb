"""Writes each program's SETTINGS into its README as a table: `python -m tests.consistency.settings_table --write`."""

import importlib
import importlib.util
import re
import sys

from tests.consistency.sources import REPOSITORY

PROGRAMS = ("kiosk", "server")
BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def programs_with_settings():
    """The programs whose config module stands already."""
    return [program for program in PROGRAMS if importlib.util.find_spec(f"{program}.config")]


def _cell(value):
    return str(value).replace("|", "\\|").replace("\n", " ").strip()


def _default(setting):
    if setting.default is None or setting.default == "":
        return "—"
    if isinstance(setting.default, bool):
        return f"`{str(setting.default).lower()}`"
    return f"`{_cell(setting.default)}`"


def table(program):
    """The SETTINGS of kiosk.config or server.config as a Markdown table: name, type, default, help."""
    settings = importlib.import_module(f"{program}.config").SETTINGS
    settings = settings.values() if isinstance(settings, dict) else settings
    rows = ["| setting | type | default | what it does |", "|---|---|---|---|"]
    for setting in settings:
        kind = getattr(setting.type, "__name__", setting.type)
        rows.append(f"| `{setting.name}` | {_cell(kind)} | {_default(setting)} | {_cell(setting.help)} |")
    return "\n".join(rows)


def readme(program):
    """The README that holds the program's table."""
    return REPOSITORY / program / "README.md"


def written(text, program):
    """The README's text with the table put between its markers. Raises ValueError when a marker is missing."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{program}/README.md needs one {BEGIN} and one {END}")
    between = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    return between.sub(lambda _: f"{BEGIN}\n{table(program)}\n{END}", text)


def main():
    """Print the tables, or with --write put them into the READMEs."""
    for program in programs_with_settings():
        if "--write" in sys.argv[1:]:
            place = readme(program)
            place.write_text(written(place.read_text("utf-8"), program), "utf-8")
            print(f"{program}/README.md written")
        else:
            print(f"{program}\n\n{table(program)}\n")


if __name__ == "__main__":
    main()
