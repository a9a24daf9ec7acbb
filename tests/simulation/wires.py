"""The network and the broker: a wire that loses, doubles, delays, reorders, damages and forgets. Never a queue to trust.

Every message goes up or down through `flying`; what is due is delivered in order of its (bent) time.
"""

import heapq
from dataclasses import dataclass

from protocol import topics
from tests.simulation import places

CAPTURED = 40
HALF_OPEN_MS = 45_000


@dataclass
class Link:
    """One kiosk's line and its troubles; probabilities from 0 to 1, delays in ms."""

    cut: bool = False
    up_loss: float = 0.0
    down_loss: float = 0.0
    half_open_since: int = -1
    double: float = 0.0
    flip: float = 0.0
    shorten: float = 0.0
    glue: float = 0.0
    delay: int = 0
    shuffle: int = 0
    denied: bool = False


class Broker:
    """`queue_limit` 0: none. While the centre is away its messages wait here, unless the broker forgets them."""

    def __init__(self, world, dice):
        self.world = world
        self.dice = dice
        self.links = {}
        self.alive = True
        self.queue_limit = 0
        self.waiting = []
        self.flying = []
        self.captured = []
        self._count = 0

    def link(self, device):
        return self.links.setdefault(device, Link())

    def heal(self):
        """Everything works from now on."""
        self.links = {}
        self.alive = True
        self.queue_limit = 0

    def restart(self):
        """No persistence: what was under way or queued is gone, all are disconnected."""
        self.flying.clear()
        self.waiting.clear()
        for kiosk in self.world.kiosks:
            kiosk.wire_down()

    def connects(self, kiosk):
        """Does a connection stand, or can it be made now? A half-open one breaks when keepalive runs out."""
        link = self.link(kiosk.device)
        if link.half_open_since >= 0 and self.world.now - link.half_open_since > HALF_OPEN_MS:
            link.half_open_since = -1
            return False
        return self.alive and not link.cut

    def up(self, kiosk, payload):
        """A kiosk publishes."""
        link = self.link(kiosk.device)
        self.world.history.add("topic", self.world.now, text=f"tram/1/{places.SHARD}/{places.SITE}/{kiosk.k}/up")
        self.captured.append((kiosk.k, payload))
        del self.captured[:-CAPTURED]
        if not self.alive or link.cut or link.denied or link.half_open_since >= 0 or self.dice.random() < link.up_loss:
            return
        self.fly("up", kiosk.k, self._bent(link, payload), link)

    def down(self, k, payload):
        """The centre answers on writer `k`'s topic; the site's other kiosks read it too."""
        for kiosk in self.world.kiosks:
            if kiosk.k == k:
                self._towards(kiosk, "down", kiosk.device, payload)
            elif self.world.keys:
                self._towards(kiosk, "beside", (kiosk.device, k, topics.DOWN), payload)

    def beside(self, kiosk, leaf, payload):
        """A kiosk speaks to its neighbours, or they hear what it says to the centre."""
        link = self.link(kiosk.device)
        if not self.alive or link.cut or link.denied or link.half_open_since >= 0 or self.dice.random() < link.up_loss:
            return
        self._to_site(kiosk.k, leaf, self._bent(link, payload))

    def _to_site(self, k, leaf, payload):
        for kiosk in self.world.kiosks if self.world.keys else ():
            if kiosk.k != k:
                self._towards(kiosk, "beside", (kiosk.device, k, leaf), payload)

    def _towards(self, kiosk, direction, to, payload):
        if kiosk.connected:
            link = self.link(kiosk.device)
            lost = link.cut or link.half_open_since >= 0 or self.dice.random() < link.down_loss
            if not lost and self.alive:
                self.fly(direction, to, self._bent(link, payload), link)

    def fly(self, direction, to, payload, link):
        """Put a message on its way, once or several times."""
        copies = 1
        while copies < 6 and link.double and self.dice.random() < link.double:
            copies += 1
        for _ in range(copies):
            late = self.dice.randint(10, 90) + link.delay
            if link.shuffle:
                late += self.dice.randrange(link.shuffle)
            self._count += 1
            heapq.heappush(self.flying, (self.world.now + late, self._count, direction, to, payload))

    def deliver(self):
        """Hand over what is due."""
        while self.flying and self.flying[0][0] <= self.world.now:
            _, _, direction, to, payload = heapq.heappop(self.flying)
            if direction == "up":
                self._to_site(to, topics.UP, payload)
                self._hand_up(to, payload)
            elif direction == "beside":
                device, k, leaf = to
                for kiosk in self.world.kiosks:
                    if kiosk.device == device:
                        kiosk.hear(k, leaf, payload)
            else:
                for kiosk in self.world.kiosks:
                    if kiosk.device == to:
                        kiosk.receive(payload)
        if self.world.centre_up and self.waiting:
            queued, self.waiting = self.waiting, []
            for k, payload in queued:
                self._hand_up(k, payload)

    def _hand_up(self, k, payload):
        if not self.world.centre_up:
            # Past its limit mosquitto drops silently and still answers Success.
            if not self.queue_limit or len(self.waiting) < self.queue_limit:
                self.waiting.append((k, payload))
            return
        for to, answer in self.world.centre.receive(k, payload):
            self.down(to, answer)

    def _bent(self, link, payload):
        dice = self.dice
        if link.flip and dice.random() < link.flip:
            at = dice.randrange(len(payload))
            payload = payload[:at] + bytes([payload[at] ^ 1 << dice.randrange(8)]) + payload[at + 1 :]
        if link.shorten and dice.random() < link.shorten:
            payload = payload[: dice.randrange(len(payload))]
        if link.glue and dice.random() < link.glue:
            payload += dice.randbytes(dice.randint(1, 60))
        return payload
