"""What this kiosk holds for its neighbours, by log: states it, sees what of it is safe, carries what a dead one never sent.

Reads copies on the wire thread's own connection: only what is durable is stated (protocol/held.py). No sockets, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from kiosk.neighbours import Copies, Copy, Dawn, Name
from protocol import envelope, held
from protocol.carrying import Carrier, Said
from protocol.delivery import WINDOW

Log = tuple[str, str]
# Between two statements after a commit; between two looks at what is safe.
SAY_GAP_MS = 2_000
LOOK_EVERY_MS = 10_000
# A dead log is asked after so often: the centre may have been put back to its backup.
PROBE_EVERY_MS = 300_000
# What stands here and is not proven to be at the centre may be on its way through our own disk; so long nobody is asked.
DOUBT_MS = 60_000
# Records per message, as for our own.
PER_MESSAGE = 16
# Of more questions than this between two rounds somebody has gone mad; whoever needs an answer asks again.
MOST_QUESTIONS = 8
SOON_MS = 1_000
# On an older word nothing is forgotten: the centre may have been put back since.
WORD_MS = 120_000
# Beyond any record's number.
FAR = 1 << 53
# Names of copies put away that are remembered: some weeks of a busy site. Beyond, what comes once more stays a day longer.
MOST_GONE = 20_000


class Carriage:
    """For one thread. Times are monotonic milliseconds handed in."""

    said_class: Callable[[dict[str, Any], Said | None], Said] = Said

    def __init__(self, *, k: str, copies: Copies, silent_ms: int) -> None:
        """`silent_ms`: a log not heard of for so long is carried, as far as the centre lacks it."""
        self._k = k
        self._copies = copies
        self._silent_ms = silent_ms
        self._runs: dict[Log, list[list[Any]]] = {}
        # What the disk holds of each log, as last read: every acknowledgement on the site asks for it.
        self._held: dict[Log, list[tuple[int, str, str]]] = {}
        self._said: dict[Log, Said] = {}
        # When it was said, and up to which number a backup off the centre's machine holds the log.
        self._word_at: dict[Log, int] = {}
        self._archived: dict[Log, int] = {}
        # When its writer spoke last.
        self._heard: dict[Log, int] = {}
        self._carriers: dict[Log, Carrier] = {}
        self._wanted: dict[Log, list[tuple[int, str]]] = {}
        self._forgetful: frozenset[Log] = frozenset()
        self._probe_at: dict[Log, int] = {}
        # Since when copies wait to be put away whose numbers the centre has, and perhaps other bytes.
        self._doubts: dict[Log, int] = {}
        self._ask_at = 0
        # Milliseconds on the wire so far, and up to when they are counted. A wire that comes and goes must not put off for
        # ever what a dead kiosk needs (found by the simulation: two clones that throw each other off the broker).
        self._listened = 0
        # What the centre held of each log before a dawn of its own (wall ms), by number; it counts once our clock agrees.
        self._had: dict[Log, tuple[int, int]] = {}
        self._past: dict[Log, int] = {}
        # What was put away here, oldest first, and what of it a writer whose clock runs ahead has offered once more. By name:
        # of two branches of one log the one has today's people under numbers that the other had yesterday.
        self._gone: dict[Name, None] = {}
        self._again: set[Name] = set()
        # The centre's time in its last word on each log.
        self._said_on: dict[Log, int] = {}
        self._counted = 0
        self._say_at = 0
        self._said_at = 0
        self._look_at = 0
        self._ordered: frozenset[str] = frozenset()
        self._dead: frozenset[Log] = frozenset()
        # What neighbours asked of us: logs with first and last number.
        self._questions: list[tuple[Log, int, int]] = []
        for log in copies.logs():
            self._reread(log)

    def connected(self, now: int) -> None:
        """The wire is back. Nobody was silent towards us while we were deaf: only time on the wire counts."""
        self._counted = now
        self._say_at = now
        self._look_at = min(self._look_at, now + SAY_GAP_MS)
        self._probe_at.clear()
        self._ask_at = now
        for carrier in self._carriers.values():
            carrier.hurry(now)

    def heard(self, k: str, inc: str, now: int, *, last: int | None = None) -> None:
        """Writer `k` itself spoke of its log `inc`, in a hello that ends in number `last`."""
        log = (k, inc)
        self._listen(now)
        self._heard[log] = self._listened
        if last is not None:
            # Its card has forgotten what it showed (F31): nobody but us can send that any more.
            forgot = any(run[1] > last for run in self._runs.get(log, ()))
            self._forgetful = self._forgetful | {log} if forgot else self._forgetful - {log}

    def kept(self, copies: tuple[Copy, ...], now: int) -> None:
        """These copies are durable here."""
        self._again.update(one.name for one in copies if one.name in self._gone)
        for log in sorted({(one.k, one.inc) for one in copies}):
            self._held.pop(log, None)
            fresh = sorted((one.seq, one.digest, one.prev) for one in copies if (one.k, one.inc) == log)
            runs = self._runs.setdefault(log, [])
            if not runs or fresh[0][0] > runs[-1][1]:
                held.extend(runs, fresh)
            else:
                self._reread(log)
        self._say_at = min(self._say_at, max(now, self._said_at + SAY_GAP_MS))

    def dropped(self, names: Collection[Name]) -> None:
        """These copies lie open here no more. Offered once more (its writer's clock runs ahead) they are still of a past day."""
        self._gone.update(dict.fromkeys(names))
        self._again.difference_update(names)
        for name in list(self._gone)[: max(len(self._gone) - MOST_GONE, 0)]:
            del self._gone[name]
        for log in sorted({name[:2] for name in names}):
            self._reread(log)

    def acknowledged(self, ack: dict[str, Any], now: int, *, dawn: int = 0) -> None:
        """The centre's verified word on a log that is not ours; `dawn`: wall ms at which the day of that word began."""
        log = (ack["k"], ack["inc"])
        before = self._said.get(log)
        if before is not None and self._said_on[log] < dawn <= ack["now"]:
            self._had[log] = (dawn, before.committed)
        self._said_on[log] = max(ack["now"], self._said_on.get(log, 0))
        self._said[log] = self.said_class(ack, before)
        self._word_at[log] = now
        self._archived[log] = ack["archived"]
        self._look_at = min(self._look_at, now)

    def statement(self, now: int) -> bytes | None:
        """The line of what is held here, when it is time to say it again."""
        if now < self._say_at:
            return None
        self._said_at = now
        self._say_at = now + held.SAY_EVERY_MS
        runs = [(*log, *run) for log, found in self._runs.items() for run in found]
        line: bytes = held.make_held(self._k, runs)
        return line

    def look(self, now: int, ordered: Collection[str]) -> list[dict[str, Any]] | None:
        """See what the centre lacks and who is silent; what the screen shows of each neighbour, when it was time to look.

        `ordered`: writers of whom the site's lead has said that they are dead.
        """
        self._listen(now)
        fresh = frozenset(ordered) - self._ordered
        if now < self._look_at and not fresh:
            return None
        self._ordered = frozenset(ordered)
        self._look_at = now + LOOK_EVERY_MS
        if now >= self._ask_at:
            # A centre put back while nobody listened may lack what it named: what no chain proves is asked again.
            self._ask_at = now + PROBE_EVERY_MS
            for word in self._said.values():
                word.here.clear()
        found: dict[str, dict[str, Any]] = {}
        for log in self._runs:
            k = log[0]
            rows = self._rows(log)
            said = self._said.get(log)
            unsafe = said.unsafe(rows) if said else [(seq, digest) for seq, digest, _ in rows]
            silent_ms = self._listened - self._heard.get(log, 0)
            due = k in self._ordered or self.silent(log) or log in self._forgetful
            due = due or (said is not None and said.suspects(rows))
            self._wanted[log] = unsafe if due else []
            self._dead = self._dead | {log} if due else self._dead - {log}
            if k in fresh and log in self._carriers:
                self._carriers[log].hurry(now)
            shown = found.setdefault(k, {"k": k, "unsafe": 0, "carried": 0, "silent_ms": silent_ms})
            shown["unsafe"] += len(unsafe)
            shown["carried"] += len(unsafe) if due else 0
            shown["silent_ms"] = min(shown["silent_ms"], silent_ms)
        return [found[k] for k in sorted(found)]

    def silent(self, log: Log) -> bool:
        """Has its writer not been heard of for so long that its copies are carried?"""
        return self._listened - self._heard.get(log, 0) >= self._silent_ms

    def runs(self) -> dict[Log, list[list[Any]]]:
        """What is held, by log, as `[first, last, digest]`."""
        return self._runs

    def lacking(self) -> dict[Log, list[list[Any]]]:
        """`runs` as whoever asks for the rest has to see them: what an off-host backup holds is forgotten here, not lacking."""
        logs = {*self._runs, *self._archived}
        return {log: [*self._runs.get(log, ()), [1, self._archived.get(log, 0)]] for log in logs}

    def done_with(self, name: Name) -> bool:
        """Was it put away here, and does an off-host backup hold it? Whoever asks the centre with it (`carry`) is heard by all."""
        return name in self._gone and name[2] <= self._archived.get(name[:2], 0)

    def asked(self, log: Log, first: int, last: int) -> None:
        """Another kiosk lacks these copies of a dead one's log, or of its own."""
        if len(self._questions) < MOST_QUESTIONS:
            self._questions.append((log, first, min(last, first + WINDOW - 1)))

    def _answers(self) -> list[bytes]:
        messages = []
        for log, first, last in self._questions:
            digests = {digest for seq, digest, _ in self._rows(log) if first <= seq <= last}
            messages += _messages(self._copies.pairs(*log, digests))
        self._questions.clear()
        return messages

    def carry(self, now: int) -> list[bytes]:
        """Messages of others' records to publish on our own `up`: line and original signature, unchanged."""
        messages = self._answers()
        for log, wanted in self._wanted.items():
            carrier = self._carriers.setdefault(log, Carrier())
            numbers = set(carrier.poll(now, sorted({seq for seq, _ in wanted})))
            digests = {digest for seq, digest in wanted if seq in numbers}
            asks = (not wanted and log in self._dead) or now - self._doubts.get(log, now) >= DOUBT_MS
            if asks and now >= self._probe_at.get(log, 0):
                # Nobody says hello for the dead: its newest record asks the centre whether all is still there (I10). So does
                # what would prove the rest, where it is not proven to be there: it may be a branch of which nobody else knows.
                self._probe_at[log] = now + PROBE_EVERY_MS
                digests |= {run[2] for run in self._runs.get(log, ())[-1:]}
                if log in self._doubts:
                    # The oldest first: they are the next to be put away.
                    digests |= {digest for _, digest in self._said[log].asks(self._rows(log))[: WINDOW - 1]}
            if digests:
                # A message holds sealed pairs only, or none.
                messages += _messages(self._copies.pairs(*log, digests)) + _messages(self._copies.boxes(*log, digests))
        return messages

    def spent(self, dawn: Dawn, now: int, *, short: bool = False) -> tuple[list[Name], list[Name]]:
        """Copies that are safe at the centre and of a day before `dawn`'s: `(to forget, to seal)`.

        Here or at the centre before that day began, whatever session a wrong clock gave them (`Copies.before`). Any word of
        the centre can be overtaken by a restore, so what no backup off its machine holds stays, sealed; `short`: unless the
        card is full.
        """
        for log, (at, upto) in self._had.items():
            if at <= dawn.wall:
                self._past[log] = max(upto, self._past.get(log, 0))
        forget: list[Name] = []
        seal: list[Name] = []
        for log, said in self._said.items():
            fresh = now - self._word_at[log] <= WORD_MS
            archived = FAR if short else self._archived[log]
            upto = 0 if said.suspects(self._rows(log)) else self._past.get(log, 0)
            old = self._copies.before(*log, dawn, upto, archived=archived) if fresh else {}
            old.update({name: True for name in self._again if name[:2] == log and fresh})
            if fresh and not old:
                self._doubts.pop(log, None)
            if old:
                # From the disk itself: what has come in between must not go for not being seen.
                rows = self._copies.rows(*log)
                unsafe, proven = set(said.unsafe(rows)), said.proven(rows)
                # What proves the rest may be the first to go.
                said.here.update(digest for _seq, digest in proven)
                if any(name[2:] not in unsafe and name[2:] not in proven for name in old):
                    self._doubts.setdefault(log, now)
                else:
                    self._doubts.pop(log, None)
                safe = {name: lies for name, lies in old.items() if name[2:] in proven and name[2:] not in unsafe}
                forget += [name for name in safe if name[2] <= archived]
                seal += [name for name, lies_open in safe.items() if lies_open and name[2] > archived]
        return forget, seal

    def hurry_look(self, now: int) -> None:
        """There is more to put away: look again soon."""
        self._look_at = min(self._look_at, now + SOON_MS)

    def _listen(self, now: int) -> None:
        self._listened += max(now - self._counted, 0)
        self._counted = now

    def _rows(self, log: Log) -> list[tuple[int, str, str]]:
        if log not in self._held:
            self._held[log] = self._copies.rows(*log)
        return self._held[log]

    def _reread(self, log: Log) -> None:
        runs: list[list[Any]] = []
        self._held.pop(log, None)
        held.extend(runs, self._rows(log))
        if runs:
            self._runs[log] = runs
        else:
            self._runs.pop(log, None)
            self._held.pop(log, None)
            self._wanted.pop(log, None)


def _messages(pairs: list[tuple[bytes, bytes]]) -> list[bytes]:
    return [envelope.pack(pairs[at : at + PER_MESSAGE]) for at in range(0, len(pairs), PER_MESSAGE)]
