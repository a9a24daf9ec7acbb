"""This kiosk's part in the site's queue: its desk's side of the claims, and the keeper's when the role is here.

Owns both machines and what of them outlives a restart; decides nothing about who is called (`calling`). Runs on the
desk's thread; messages leave through `outgoing`, which the wire's thread empties.
"""

from __future__ import annotations

import json
import logging
import threading
from queue import SimpleQueue
from typing import Any

from kiosk.crypto import KeyRing
from kiosk.desk.log import Log
from kiosk.errors import NotWritten
from kiosk.store import Batch, Store
from protocol import claims, envelope
from protocol.claimant import Claimant
from protocol.claims import Keeper

log = logging.getLogger(__name__)
# One at a time in practice; a wire that does not empty it loses the oldest words, which say nothing any more.
OUTGOING = 8
# The store's names for the highest `(epoch, keeper)` known, the keeper's claims, and how often this kiosk has begun.
KEEPER, HELD, LIFE = "keeper", "claims", "claims_life"
Answer = tuple[str, str, str]


class Claims:
    """See the module. Times are the clock's ticks. A site without a keeper: `shared` is false and nothing is sent."""

    # What it is made of; the simulation plants bugs here.
    keeper_class: type[Any] = Keeper
    desk_class: type[Any] = Claimant

    def __init__(self, *, store: Store, record_log: Log, lane: str, name: str) -> None:
        """`lane`, `name`: of this kiosk and its desk."""
        self._store = store
        self._log = record_log
        self._lane = lane[:8]
        self._name = name[:16]
        self._keeper: Keeper | None = None
        self._unsaved = False
        self.outgoing: SimpleQueue[bytes] = SimpleQueue()
        self._keys = KeyRing([])
        self._keys_version = 0
        # For `calling`: what is asked for, and whom the desk had in hand when that was read last: `(seq, ticks, visits)`.
        self.question: Any = None
        self.looked: tuple[int, int, list[str]] | None = None
        # Set while no touch waits for the keeper's answer: a page may wait for it a moment.
        self.settled = threading.Event()
        self.settled.set()
        self.desk = self._claimant(self._known(), life=0)

    @property
    def shared(self) -> bool:
        """Has the site a queue keeper?"""
        return bool(self.desk.keeper)

    @property
    def keeper_here(self) -> bool:
        """Is this kiosk the queue keeper?"""
        return self._keeper is not None and not self._keeper.stood_down

    def believe(self, items: list[dict[str, Any]], version: int) -> None:
        """Take the site's list of keys, when it is another than the one held."""
        if version != self._keys_version:
            self._keys_version = version
            self._keys = KeyRing(items)

    def configured(self, keeper: str) -> None:
        """Who is the keeper as long as nobody has moved the role: epoch 1."""
        if keeper and (1, keeper) > (self.desk.epoch, self.desk.keeper):
            self.desk.moved(1, keeper, 0)

    def follow(self, record_log: Log) -> None:
        """The kiosk writes in another log now, as after a cloned card: it speaks as somebody new."""
        if record_log.inc != self._log.inc:
            self._log = record_log
            self._keeper = None
            self.desk = self._claimant((self.desk.epoch, self.desk.keeper), life=0)

    def moved(self, epoch: int, keeper: str, now: int) -> None:
        """The role is elsewhere now, or here; already durable."""
        self.desk.moved(epoch, keeper, now)

    def tick(self, holds: list[str], now: int) -> Answer | None:
        """A round: what is due is said. An answer `late` when one did not come in time."""
        if not self.shared or not self._begun():
            return None
        self._take_role(now)
        self.desk.holding(holds, now)
        late = self.desk.tick(now)
        answer = self.speak(now)
        if late:
            self.settled.set()
            return ("late", late, "")
        return answer

    def ask(self, visit: str, *, lane: str, hand: bool, now: int) -> Answer | None:
        """Ask the keeper for a visit. The answer at once when the keeper is here, else None: it comes with `receive`."""
        self.desk.want(visit, lane=lane, hand=hand, now=now)
        self.settled.clear()
        return self.speak(now)

    def drop(self, now: int) -> None:
        """Nobody waits for the answer any more."""
        self.desk.drop(now)
        self.settled.set()

    def speak(self, now: int) -> Answer | None:
        """Say what is due, to others and to the keeper in this very kiosk."""
        answer: Answer | None = None
        for _ in range(2):
            # The keeper's word may be what the desk has waited for to say its own.
            line = self.desk.poll(now)
            if line is not None:
                self._send(line)
                if self._keeper is not None:
                    self._unsaved |= self._keeper.take(claims.read(line), now)
            answer = self._keeper_speaks(now) or answer
        return answer

    def receive(self, payload: bytes, now: int) -> Answer | None:
        """A message from the topic of claims. `ProtocolError` for foreign bytes; a stranger's word says nothing."""
        answer: Answer | None = None
        for line, signature in envelope.unpack(payload):
            word = claims.read(line)
            if word["k"] == self._log.k or not self._keys.good(word["k"], line, signature):
                continue
            if not self.shared and word["claims"] == "desk":
                continue
            answer = self._met(word, now) or answer
        return (self.speak(now) if self._life else None) or answer

    def _met(self, word: dict[str, Any], now: int) -> Answer | None:
        if word["claims"] == "desk":
            if self._keeper is not None:
                self._unsaved |= self._keeper.take(word, now)
                self._stand_down(word["epoch"], word["keeper"], now)
            return None
        if self._keeper is not None:
            self._keeper.met(word)
            self._stand_down(word["epoch"], word["k"], now)
        before = (self.desk.epoch, self.desk.keeper)
        answer = self._heard(word, now)
        if (self.desk.epoch, self.desk.keeper) != before:
            log.info("keeper_moved epoch=%d keeper=%s", self.desk.epoch, self.desk.keeper)
            self._save_known()
        return answer

    def _heard(self, word: dict[str, Any], now: int) -> Answer | None:
        answer: Answer | None = self.desk.heard(word, now)
        if not self.desk.asking():
            self.settled.set()
        return answer

    def _stand_down(self, epoch: int, keeper: str, now: int) -> None:
        if self._keeper is not None and self._keeper.stood_down:
            log.warning("keeper_stood_down epoch=%d", epoch)
            self._keeper = None
            self.desk.moved(epoch, keeper, now)
            self._save_known()

    def _take_role(self, now: int) -> None:
        """The keeper's machine runs here exactly while the role is here."""
        here = self.desk.keeper == self._log.k
        if not here:
            self._keeper = None
        elif self._keeper is None or self._keeper.epoch != self.desk.epoch:
            saved = json.loads(self._store.meta(HELD, "{}"))
            ours = (saved.get("inc"), saved.get("epoch")) == (self._log.inc, self.desk.epoch)
            held = [(row[0], row[1], row[2]) for row in saved["held"]] if ours else None
            self._keeper = self.keeper_class(
                k=self._log.k, inc=self._log.inc, life=self._life, epoch=self.desk.epoch, now=now, held=held
            )
            self._unsaved = True
            log.info("keeper_begun epoch=%d learning=%s", self.desk.epoch, held is None)

    def _keeper_speaks(self, now: int) -> Answer | None:
        keeper = self._keeper
        if keeper is None:
            return None
        self._unsaved |= keeper.tick(now)
        # A claim is durable before it is told; a keeper whose disk refuses is silent, and lanes are served alone.
        if self._unsaved and not self._save_held(keeper):
            return None
        line = keeper.poll(now)
        if line is None:
            return None
        self._send(line)
        return self._heard(claims.read(line), now)

    def _save_held(self, keeper: Keeper) -> bool:
        value = {"inc": self._log.inc, "epoch": keeper.epoch, "held": keeper.held()}
        try:
            self._store.commit(Batch(meta=((HELD, json.dumps(value)),)))
        except NotWritten:
            log.exception("claims_not_written")
            return False
        self._unsaved = False
        return True

    def _save_known(self) -> None:
        try:
            self._store.commit(Batch(meta=(known_as(self.desk.epoch, self.desk.keeper),)))
        except NotWritten:
            # Whoever keeps the queue says so again within seconds, also after a restart.
            log.exception("keeper_not_written")

    def _known(self) -> tuple[int, str]:
        value = json.loads(self._store.meta(KEEPER, '[0, ""]'))
        return (int(value[0]), str(value[1]))

    def _begun(self) -> bool:
        """Count this start, once: a word of an earlier one must not be taken for ours. False while the disk refuses."""
        if self._life:
            return True
        life = int(self._store.meta(LIFE, "0")) + 1
        try:
            self._store.commit(Batch(meta=((LIFE, str(life)),)))
        except NotWritten:
            log.exception("claims_not_begun")
            return False
        self.desk = self._claimant((self.desk.epoch, self.desk.keeper), life=life)
        return True

    @property
    def _life(self) -> int:
        return int(self.desk.life)

    def _claimant(self, known: tuple[int, str], *, life: int) -> Claimant:
        made: Claimant = self.desk_class(
            k=self._log.k,
            inc=self._log.inc,
            life=life,
            lane=self._lane,
            desk=self._name,
            epoch=known[0],
            keeper=known[1],
        )
        return made

    def _send(self, line: bytes) -> None:
        while self.outgoing.qsize() >= OUTGOING:
            self.outgoing.get_nowait()
        self.outgoing.put(envelope.pack([(line, self._log.sign(line))]))


def known_as(epoch: int, keeper: str) -> tuple[str, str]:
    """What the store remembers of who keeps the queue: for a `Batch`'s `meta`."""
    return (KEEPER, json.dumps([epoch, keeper]))
