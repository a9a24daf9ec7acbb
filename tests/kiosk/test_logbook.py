"""The kiosk's log: a line is a record, whatever a library or a code brought (ASVS 5.0 16.4.1)."""

import io
import logging

from kiosk.logbook import begin

FORGED = "away\n2021-10-05 08:00:00,000 INFO kiosk.signin signed_in lead"


def fail() -> None:
    raise ValueError(FORGED)


def test_nothing_that_was_read_begins_a_line() -> None:
    held, level = logging.getLogger().handlers[:], logging.getLogger().level
    logging.getLogger().handlers[:] = []
    stream = io.StringIO()
    try:
        begin(level="INFO", stream=stream)
        logging.getLogger("kiosk.x").warning("QR reader lost: %s", FORGED)
        try:
            fail()
        except ValueError:
            logging.getLogger("kiosk.x").exception("reader: step failed")
    finally:
        logging.getLogger().handlers[:] = held
        logging.getLogger().setLevel(level)
    lost, failed, *trace = stream.getvalue().splitlines()
    assert "WARNING kiosk.x QR reader lost: away\\n2021-10-05" in lost
    assert failed.endswith("ERROR kiosk.x reader: step failed")
    assert len(trace) > 2
    assert all(line.startswith("    | ") for line in trace)
