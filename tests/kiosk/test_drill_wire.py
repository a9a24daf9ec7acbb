"""The drill's "cut network" on a real broker: the wire goes down, a record is written meanwhile, and the centre gets it (F45, I1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.drill import OVER, READING, SENDING
from kiosk.hardware.zxing_decoder import ZxingDecoder
from provisioning.stage import wait_until
from tests.kiosk.test_sync import WAIT_S, Line
from tests.kiosk.whole import NAME, SHARD, SITE

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(150),
    # When a handshake fails, paho's own reconnecting (the centre's, here) leaves the socket to the collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def line(quick_folder: Path) -> Iterator[Line]:
    made = Line(quick_folder)
    made.whole.settings["printer"] = "fake"
    with made.broker, made.centre:
        made.whole.start()
        assert made.safe()
        yield made
        made.whole.stop()


def states(line: Line) -> dict[str, str]:
    """What the screen says of each step."""
    steps = line.desk.call(lambda: dict(line.desk.draft.drill.done))
    page = line.whole.hands.whole()
    assert all(f'data-step="{name}" data-state="{state}"' in page for name, state in steps.items()), page
    return steps


def stage(line: Line) -> str:
    return line.desk.draft.drill.stage


def printed(line: Line) -> str:
    """Start the drill; what the slip says that comes out, read off its paper."""
    before = len(line.whole.printer.slips())
    line.whole.hands.touch("drill_start")
    assert wait_until(lambda: len(line.whole.printer.slips()) > before, timeout_s=WAIT_S)
    assert wait_until(lambda: stage(line) == READING, timeout_s=WAIT_S)
    [slip] = ZxingDecoder().decode(line.whole.printer.slips()[-1].convert("L"))
    return slip.data.decode()


def over(line: Line) -> int:
    """Wait for the end; the number of the record that was written while the wire was down."""
    assert wait_until(lambda: stage(line) == OVER, timeout_s=WAIT_S + 15)
    return line.desk.draft.drill.seq


def connections(line: Line) -> int:
    """How often the kiosk has connected, as the broker counts."""
    said = line.broker.log.read_text("utf-8", errors="replace").splitlines()
    return sum("New client connected" in one and f"{SHARD}/{SITE}/{NAME}" in one for one in said)


def test_the_wire_goes_down_and_the_record_written_meanwhile_reaches_the_centre(line: Line) -> None:
    whole, centre = line.whole, line.centre
    whole.sign_in("1009", "screening")
    for act in ("day", "opening", "drill"):
        whole.hands.touch(act)
    # A machine that stands still for half a minute fails its drill, as it should; a person begins again.
    for _ in range(3):
        before = connections(line)
        whole.bench.pull("scan", printed(line))
        seq = over(line)
        if states(line)["sync"] == "ok":
            break
    assert states(line) == {"printer": "ok", "reader": "ok", "offline": "ok", "sync": "ok"}
    assert "sẵn sàng" in whole.hands.look().text
    assert connections(line) > before, "it was cut and came back"
    assert centre.ledger[line.inc][seq] == whole.records()[seq - 1].line
    assert line.safe()


def test_a_broker_that_is_gone_in_earnest_is_not_called_sent(line: Line) -> None:
    """Nothing is proved until it is back and the centre has signed."""
    whole, centre = line.whole, line.centre
    whole.sign_in("1009", "screening")
    for act in ("day", "opening", "drill"):
        whole.hands.touch(act)
    code = printed(line)
    line.broker.kill()
    assert wait_until(lambda: not line.desk.online, timeout_s=WAIT_S)
    whole.bench.pull("scan", code)
    assert wait_until(lambda: stage(line) in (SENDING, OVER), timeout_s=WAIT_S)
    seq = line.desk.draft.drill.seq
    assert (line.desk.committed < seq, seq in centre.ledger[line.inc]) == (True, False)
    line.broker.start()
    over(line)
    assert states(line)["offline"] == "ok"
    assert line.safe()
    assert centre.ledger[line.inc][seq] == whole.records()[seq - 1].line
    assert whole.kinds().count("site.drilled") == 1
