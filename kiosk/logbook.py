"""How the kiosk's log is written: a record a line, and nothing from a code, a card or a library that could pass for one.

Holds no path: lines go to the stream that is handed in, and systemd keeps them in memory.
"""

import logging
from typing import TextIO

from protocol.one_line import encoded

_INDENT = "\n    | "


class OneLine(logging.Formatter):
    """Time, level, logger and message on one line; lines of a traceback stand below it, each behind a bar."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s ")

    def format(self, record: logging.LogRecord) -> str:
        """The record; only our own records begin at the left."""
        record.asctime = self.formatTime(record)
        below = self.formatException(record.exc_info).split("\n") if record.exc_info else []
        line = self.formatMessage(record) + encoded(record.getMessage())
        return _INDENT.join([line, *(encoded(each) for each in below)])


def begin(*, level: str, stream: TextIO) -> None:
    """Let every log line of this process go to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=level, handlers=[handler])
