"""A site of one keeper and some desks that speak directly; tests move its time and cut its lines."""

from protocol import claims
from protocol.claimant import Claimant
from protocol.claims import Keeper

INCS = {"kiosk-01": "a" * 16, "kiosk-02": "b" * 16, "kiosk-03": "c" * 16}
LANES = {"kiosk-01": "A", "kiosk-02": "B", "kiosk-03": "C"}


def keeper(k="kiosk-01", epoch=1, now=0, held=(), life=1):
    return Keeper(k=k, inc=INCS[k], life=life, epoch=epoch, now=now, held=held)


def desk(k, epoch=1, of="kiosk-01", life=1):
    return Claimant(k=k, inc=INCS[k], life=life, lane=LANES[k], desk=LANES[k], epoch=epoch, keeper=of)


class Site:
    """`cut`: desks without a line to the keeper."""

    def __init__(self, *, keeper, desks):
        self.keeper = keeper
        self.desks = desks
        self.now = 0
        self.cut = set()

    def run(self, milliseconds):
        """Let time pass in steps of 100 ms; the answers that came, as `(k, answer, visit, desk)`."""
        answers = []
        for _ in range(milliseconds // 100):
            self.now += 100
            answers += self.step()
        return answers

    def step(self):
        answers = []
        now = self.now
        self.keeper.tick(now)
        for one in self.desks:
            late = one.tick(now)
            if late:
                answers.append((one.k, "late", late, ""))
            line = one.poll(now)
            if line and one.k not in self.cut:
                self.keeper.take(claims.read(line), now)
        line = self.keeper.poll(now)
        for one in self.desks:
            if line and one.k not in self.cut:
                answer = one.heard(claims.read(line), now)
                if answer:
                    answers.append((one.k,) + answer)
        return answers
