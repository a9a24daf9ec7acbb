"""Both ends together over a channel that loses, doubles and reorders, on a seed, until every record is safe."""

from protocol.delivery import WINDOW
from protocol.inbox import Ranges, make_ack, read_ack, read_hello
from protocol.outbox import Outbox, make_hello
from tests.protocol.dice import Dice
from tests.protocol.examples import HASH, INC

STEP_MS = 100


class Channel:
    """Carries messages; each may be lost, doubled, or late and so overtaken."""

    def __init__(self, dice, loss):
        self.dice = dice
        self.loss = loss
        self.carried = []

    def send(self, now, message):
        copies = 2 if self.loss and self.dice.chance() < 0.1 else 1
        for _ in range(copies):
            if self.dice.chance() >= self.loss:
                late = self.dice.below(2000) if self.loss else STEP_MS
                self.carried.append((now + late, message))

    def arrived(self, now):
        due = [message for at, message in self.carried if at <= now]
        self.carried = [one for one in self.carried if one[0] > now]
        return self.dice.shuffled(due) if self.loss else due


class Server:
    """Stores numbers, acknowledges what is stored; can be put back to last night's backup."""

    def __init__(self):
        self.covered = Ranges()
        self.last = 0
        self.backup = []
        self.taken = 0
        self.forgot = 0

    def take(self, message):
        """The acknowledgement line for a hello (bytes) or a record (its number)."""
        if isinstance(message, bytes):
            self.last = read_hello(message)["last"]
        elif self.covered.add(message):
            self.taken += 1
        return make_ack(
            k="kiosk-01", inc=INC, covered=self.covered, last=self.last, status=[], archived=0, now=0, head=HASH
        )

    def keep_backup(self):
        self.backup = [list(span) for span in self.covered.spans]

    def restore(self):
        before = self.covered.committed()
        self.covered = Ranges(self.backup)
        self.forgot = before - self.covered.committed()


def send_due(box, up, now, chance):
    """Put what the outbox wants to send on the channel; how many records that were."""
    sent = 0
    for what, first, last in box.poll(now, chance):
        if what == "hello":
            up.send(now, hello_of(box))
            continue
        assert 1 <= first <= last <= box.last
        assert last <= box.committed + WINDOW
        for number in range(first, last + 1):
            up.send(now, number)
            sent += 1
    return sent


def exchange(seed, *, total=60, loss=0.3, amnesia_at=0):
    """Run both ends until all is safe, the server losing memory at step `amnesia_at`; `(server, records sent)`."""
    dice = Dice(seed)
    up, down = Channel(dice, loss), Channel(dice, loss)
    server = Server()
    box = Outbox("kiosk-01", INC, last=0, committed=0)
    sent = 0
    for step in range(20000):
        now = (step + 1) * STEP_MS
        if box.last < total:
            box.appended(box.last + dice.below(3))
        if step % 70 == 0:
            box.disconnected()
        if step % 70 == 5:
            box.connected(now)
        sent += send_due(box, up, now, dice.chance())
        for message in up.arrived(now):
            down.send(now, server.take(message))
        for line in down.arrived(now):
            box.acked(read_ack(line), now)
            # Never safe here and unknown there, unless the server forgets.
            assert amnesia_at or box.committed <= server.covered.committed()
        if amnesia_at and step == amnesia_at // 2:
            server.keep_backup()
        if amnesia_at and step == amnesia_at:
            server.restore()
        if step > amnesia_at and total <= box.last == box.committed == server.covered.committed():
            return server, sent
    raise AssertionError("not all safe in time: seed %d" % seed)


def hello_of(box):
    return make_hello(
        k=box.k,
        inc=box.inc,
        first=box.committed + 1,
        last=box.last,
        head=HASH,
        boot="b-1",
        wall=0,
        sure="unknown",
        app="1",
    )


def test_a_good_line_carries_each_record_once():
    server, sent = exchange(1, loss=0)
    # Each of the reconnections sends again what was under way.
    assert server.covered.committed() <= sent <= server.covered.committed() + 10


def test_everything_gets_through_a_bad_line():
    for seed in range(3):
        server, _sent = exchange(seed)
        assert len(server.covered.spans) == 1
        assert server.taken == server.covered.committed()


def test_everything_gets_through_a_terrible_line():
    server, _sent = exchange(5, total=20, loss=0.8)
    assert server.covered.committed() >= 20


def test_a_server_put_back_to_its_backup_gets_its_records_again():
    for seed in range(2):
        server, _sent = exchange(seed, amnesia_at=60)
        assert server.forgot > 0
        assert len(server.covered.spans) == 1
