"""How the program's log is written: one record a line for people or for machines, nothing in it that could pass for a line.

Knows no event by name; LOGS.md lists them. Holds no path: lines go to the stream that is handed in, for systemd to keep.
"""

import json
import logging
import re
import threading
from datetime import UTC, datetime
from typing import TextIO

from protocol.one_line import encoded
from server.errors import Refused

PEOPLE, MACHINES = "text", "json"
FORMS = (PEOPLE, MACHINES)
# A fault that comes back at each step, or a stranger who knocks without end, fills neither a disk nor the journal.
MOST_A_MINUTE = 120
MINUTE_S = 60
_FIELD = re.compile(r"(\w+)=(?:0x)?%[.\d]*[a-z]")
_INDENT = "\n    | "


class UnknownForm(Refused):
    """The setting `log_form` names no form that there is."""

    code = "log_form"
    sentence = "The setting log_form is text or json."


class ForPeople(logging.Formatter):
    """Time, level, logger and message on one line; lines of a traceback stand below it, each behind a bar."""

    def format(self, record: logging.LogRecord) -> str:
        """The record; whatever a message or a traceback holds, only our own records begin at the left."""
        line = f"{_time(record)} {record.levelname} {record.name} {encoded(record.getMessage())}"
        below = _trace(record).split("\n") if record.exc_info else []
        return _INDENT.join([line, *(encoded(each) for each in below)])


class ForMachines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `logger`, `event`, `message`, the fields of the message by name, `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record; JSON writes every sign beyond ASCII as an escape, and no end of a line as it is."""
        said = {
            "at": _time(record), "level": record.levelname, "logger": record.name, "event": event_of(record),
            "message": record.getMessage(), "fields": fields_of(record),
        }  # fmt: skip
        if record.exc_info:
            said["trace"] = _trace(record)
        return json.dumps(said, default=str)


class Sparing:
    """Lets each event through so many times a minute; the first one of the next minute says how many were left out."""

    def __init__(self, most: int = MOST_A_MINUTE) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._minute = -1
        self._counts: dict[tuple[str, str], int] = {}
        self._left_out: dict[tuple[str, str], int] = {}

    def take(self, record: logging.LogRecord) -> logging.LogRecord | None:
        """The record to write instead, or None; the minute is the record's own."""
        key = (record.name, str(record.msg))
        with self._lock:
            minute = int(record.created // MINUTE_S)
            if minute != self._minute:
                self._minute = minute
                self._left_out = {each: n - self._most for each, n in self._counts.items() if n > self._most}
                self._counts = {}
            self._counts[key] = self._counts.get(key, 0) + 1
            if self._counts[key] > self._most:
                return None
            left_out = self._left_out.pop(key, 0)
        if not left_out:
            return record
        told = logging.makeLogRecord(record.__dict__)
        told.msg, told.args = f"{record.msg} left_out=%d", (*_args(record), left_out)
        return told


class Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream what `Sparing` lets through."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._sparing = Sparing()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or not."""
        told = self._sparing.take(record)
        if told is not None:
            super().emit(told)


def begin(*, level: str, form: str, stream: TextIO) -> None:
    """Let every log line of this process go to `stream` in this form (FORMS). Raises `UnknownForm`."""
    if form not in FORMS:
        raise UnknownForm
    handler = Handler(stream)
    handler.setFormatter(ForMachines() if form == MACHINES else ForPeople())
    logging.basicConfig(level=level, handlers=[handler])
    # It tells at every start that it looked and found nothing to do.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def event_of(record: logging.LogRecord) -> str:
    """The word a record begins with, as the code has it: `ingest_started`."""
    return encoded(str(record.msg).partition(" ")[0] % _args(record)[:1] if _named_late(record) else _first(record))


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """The values of a message by name, as `host=%s port=%d` has them; empty where a library names none."""
    names = _FIELD.findall(str(record.msg))
    args = _args(record)[1 if _named_late(record) else 0 :]
    if len(names) != len(args):
        return {}
    return {
        name: value if isinstance(value, int | float) else str(value) for name, value in zip(names, args, strict=True)
    }


def _first(record: logging.LogRecord) -> str:
    return str(record.msg).partition(" ")[0]


def _named_late(record: logging.LogRecord) -> bool:
    # `%s_step_failed`: the event's own name is the first value.
    return "%" in _first(record) and bool(_args(record))


def _args(record: logging.LogRecord) -> tuple[object, ...]:
    return record.args if isinstance(record.args, tuple) else ()


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _trace(record: logging.LogRecord) -> str:
    return logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
