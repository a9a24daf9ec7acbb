"""The bench of outages in small: every record arrives and is acknowledged, while others go on working (F65, F80)."""

import pytest

from tests.bench import backlog

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


def test_a_kiosk_with_a_backlog_drains_while_others_work(tmp_path):
    said = backlog.drained(tmp_path, kiosks=1, records=700, quiet_s=2.0)
    assert said["drained"], said
    assert min(said["n"]) > 0, said


def test_all_come_back_at_once(tmp_path):
    said = backlog.stampede(tmp_path, kiosks=40)
    assert said["all_safe"], said
