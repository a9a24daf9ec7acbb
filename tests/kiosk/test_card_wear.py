"""F43: what a person's whole way costs the memory card, so that a card outlives its campaign."""

import pytest

from tests.kiosk.made import Made
from tests.kiosk.written import COUNTED, bytes_a_dose

PEOPLE = 6
# 600 people a day at this rate are 0.3 GB; a card of 32 GB bears some 30 TB.
MOST_BYTES = 512_000


@pytest.mark.skipif(not COUNTED.exists(), reason="the kernel counts no bytes here")
def test_a_day_of_doses_writes_few_bytes(made: Made):
    a_dose = bytes_a_dose(made, PEOPLE)
    assert made.kinds().count("dose.given") == PEOPLE
    assert 5_000 < a_dose < MOST_BYTES
