"""When a kiosk asks for a new certificate: at its own third of a life, many never in one hour, at once when little is left."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.config import BadSetting, load, read_enrolment
from kiosk.renewal import ASK_EVERY_MS, SPREAD_MS, URGENT_MS, Renewal, due_at, patience_ms, share_of
from protocol.clocktext import DAY_MS
from server import pki
from tests.kiosk.made import MORNING, HandClock

HOUR_MS = 3_600_000
YEARS_MS = 5 * 365 * DAY_MS
KIOSKS = [f"kiosk-{n:02d}" for n in range(1, 2001)]


def test_it_is_asked_anew_when_a_third_is_left():
    assert due_at(0, YEARS_MS, 0.0) == YEARS_MS - YEARS_MS // 3
    assert due_at(MORNING, MORNING + 90 * DAY_MS, 0.0) == MORNING + 60 * DAY_MS
    # Whoever asks last has more than a quarter left.
    assert YEARS_MS - due_at(0, YEARS_MS, 1.0) > YEARS_MS // 4
    # A certificate that cannot be read is due.
    assert due_at(0, 0, 0.5) == 0


def test_two_thousand_kiosks_of_one_day_do_not_ask_in_one_hour():
    shares = [share_of(k) for k in KIOSKS]
    assert 0 <= min(shares) < max(shares) < 1
    hours = Counter(due_at(0, YEARS_MS, share) // HOUR_MS for share in shares)
    assert max(hours.values()) < 20
    # All of them overdue on the first morning of a campaign: over four hours, some 500 in each.
    overdue = Counter(patience_ms(300 * DAY_MS, share) // HOUR_MS for share in shares)
    assert sorted(overdue) == [0, 1, 2, 3]
    assert max(overdue.values()) < 600
    assert patience_ms(URGENT_MS - 1, 0.9) == 0


@pytest.fixture
def held(tmp_path: Path) -> tuple[pki.Writer, Path]:
    """A kit made by hand on MORNING, and where it lies."""
    now = datetime.fromtimestamp(MORNING / 1000, UTC)
    pki.make_authority(tmp_path, now=now)
    pki.make_server_identity(tmp_path, now=now)
    named = {"shard": "dong-nai", "site": "trang-dai", "writer": "kiosk-01"}
    made = pki.enrol_kiosk(
        tmp_path, **named, broker_host="broker.example", broker_port=8883, now=now, door=("centre.example", 8444)
    )
    return made, pki.kiosk_home(tmp_path, made.k) / "kit"


def test_it_asks_once_an_hour_from_its_own_moment_on(held):
    _, kit = held
    clock = HandClock()
    renewal = Renewal(kit=kit, k="kiosk-01", hardware="", door=None, clock=clock)
    begun = MORNING - 2 * DAY_MS
    due = due_at(MORNING - pki.BACKDATED // timedelta(milliseconds=1), renewal.until, share_of("kiosk-01"))
    for wall in (begun, MORNING, due):
        clock.wall = wall
        assert renewal.ask() is None
    clock.wall = due + 1
    assert renewal.ask() is None, "it waits for its moment within the four hours"
    clock.patience += SPREAD_MS
    assert renewal.ask().startswith(b'{"renew":')
    assert renewal.ask() is None
    clock.patience += ASK_EVERY_MS
    assert renewal.ask() is not None
    # Little left: at once, by a kiosk that was just switched on.
    clock.wall = renewal.until - DAY_MS
    assert Renewal(kit=kit, k="kiosk-01", hardware="", door=None, clock=clock).ask() is not None


def test_a_kit_made_by_hand_knows_the_door_and_an_older_one_is_told(held, tmp_path: Path):
    _, kit = held
    toml = tmp_path / "kiosk.toml"
    toml.write_text(f'kit = "{kit}"\n')
    assert read_enrolment(load(toml)).door == ("centre.example", 8444)
    lines = (kit / "enrolment.toml").read_text("ascii").splitlines()
    (kit / "enrolment.toml").write_text("\n".join(line for line in lines if not line.startswith("door_")))
    assert read_enrolment(load(toml)).door is None
    toml.write_text(f'kit = "{kit}"\ndoor = "10.0.0.5:8444"\n')
    assert read_enrolment(load(toml)).door == ("10.0.0.5", 8444)
    toml.write_text(f'kit = "{kit}"\ndoor = "10.0.0.5"\n')
    with pytest.raises(BadSetting):
        read_enrolment(load(toml))
