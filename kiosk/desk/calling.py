"""Calling people where a site shares its queue: ask the keeper, never wait for it, fall back to the own lane.

The acts of the queue's screen that need the keeper, and its answers, on the desk's thread. Without a keeper each kiosk
serves its own lane, as ever. Recording a dose asks nobody.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from kiosk import claims, queue, signin
from kiosk.desk.claims import Answer, known_as
from kiosk.desk.front import RESUME_MS
from kiosk.desk.loop import Desk
from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import visit as states
from protocol.claims import lane_of
from protocol.errors import ProtocolError

log = logging.getLogger(__name__)
Form = dict[str, Any]
HOLDS = (states.CALLED, states.READY)
# The pages on which a station works with one person.
WORKS_ON = {"screening": ("screening", "conclusion"), "injection": ("dosing", "read_back", "needle")}
# Whom this desk has in hand is read again when it recorded something, and this often: neighbours' records come too.
LOOK_EVERY_MS = 1_000
# After so many refusals in a row people would notice the wait: the next touch goes on.
MOST_TRIES = 4


@dataclass
class Question:
    """What the keeper is being asked for; `tried` are visits refused on the way."""

    station: str
    staff: str
    hand: bool
    present: bool = False
    tried: set[str] = field(default_factory=set)


def call_next(desk: Desk, _form: Form) -> Outcome:
    """Call whoever is next at this station: of the whole site while the keeper is in contact, else of the own lane."""
    station = desk.front.station or ""
    visits = desk.visits_today()
    if not desk.claims.shared or station not in queue.SERVES:
        return queue.call(queue.next_one(station, visits, desk.lists.turns, desk.led), station=station, desk=desk.name)
    standing = [one for one in claims.in_hand(visits, (queue.IN_HAND[station],)) if _still_ours(desk, one)]
    if standing:
        # Already this desk's, after a restart, say: nobody need be asked.
        return queue.call(standing[0], station=station, desk=desk.name)
    return _next(desk, Question(station, _staff(desk), hand=False))


def call(desk: Desk, form: Form) -> Outcome:
    """Call a person chosen from the line, or one who stands here with their card."""
    return by_hand(desk, desk.store.visit(str(form.get("visit", ""))))


def by_hand(desk: Desk, one: dict[str, Any] | None, *, present: bool = False) -> Outcome:
    """Call this very person; `present`: they stand here, so without contact too: nobody is at two desks at once."""
    station = desk.front.station or ""
    if one is None or station not in queue.SERVES:
        return queue.call(one, station=station, desk=desk.name)
    own = queue.ours(one, desk.led)
    if not desk.claims.shared:
        return queue.call(one, station=station, desk=desk.name) if own or present else _other_lane(one)
    if own and one["state"] in HOLDS and _still_ours(desk, one):
        return queue.call(one, station=station, desk=desk.name)
    side, now = desk.claims.desk, desk.clock.ticks()
    holder = side.holder(one["visit"], now)
    if holder is not None:
        return say("held_elsewhere", "warn", ticket=one["ticket"], desk=holder[1])
    if side.in_contact(now):
        return _ask(desk, one, Question(station, _staff(desk), hand=True, present=present))
    if present or side.may_call_alone(one["visit"], lane_of(one["ticket"]), now):
        return queue.call(one, station=station, desk=desk.name)
    return say("own_lane_only", "warn", ticket=one["ticket"])


def take_keeper(desk: Desk, form: Form) -> Outcome | None:
    """The lead makes this kiosk the queue keeper, with their PIN: the epoch rises, older claims are refused."""
    front, shared = desk.front, desk.claims
    who, now = front.staff, desk.clock.ticks()
    if who is None or who["role"] != "lead":
        return say("not_allowed", "warn")
    if front.wait_until > now:
        return say("locked", "warn", wait_s=-(-(front.wait_until - now) // 1000))
    if not signin.proved(who, str(form.get("pin", ""))):
        front.wrong += 1
        front.wait_until = now + signin.wait_s(front.wrong) * 1000
        return say("wrong_pin", "warn", left=max(3 - front.wrong, 0))
    front.wrong = 0
    epoch = max(int(shared.desk.epoch), 1) + 1
    body = {"keeper": desk.log.k, "epoch": epoch, "was": shared.desk.keeper}
    outcome = Outcome(
        facts=(Fact("keeper.moved", body),),
        screen="queue" if front.station != "observation" else "observation",
        notice=Notice("keeper_here"),
        meta=(known_as(epoch, desk.log.k),),
    )
    if desk.take(outcome):
        shared.moved(epoch, desk.log.k, now)
    return None


def tick(desk: Desk) -> None:
    """A round: who keeps the queue, whom this desk has, what is due to be said, an answer that did not come."""
    shared, now = desk.claims, desk.clock.ticks()
    if desk.led_day != desk.today():
        desk.lead()
    shared.follow(desk.log)
    shared.believe(desk.lists.keys, desk.lists.versions().get("keys", 0))
    shared.configured(desk.keeper or str(desk.lists.site.get("keeper", "")))
    if shared.shared:
        _answered(desk, shared.tick(_holds(desk, now), now))


def receive(desk: Desk, payload: bytes) -> None:
    """A message from the site's topic of claims, any bytes."""
    before = _shown(desk)
    try:
        answer = desk.claims.receive(payload, desk.clock.ticks())
    except ProtocolError as error:
        log.warning("claims_refused what=%s", error.code)
        return
    _answered(desk, answer)
    if _shown(desk) != before:
        desk.front.changed()


def _still_ours(desk: Desk, one: dict[str, Any]) -> bool:
    """Whom this desk has called stays with it: in contact unless another has them, without until the lease is over."""
    side, now = desk.claims.desk, desk.clock.ticks()
    if side.in_contact(now):
        return side.holder(one["visit"], now) is None
    return bool(side.may_call_alone(one["visit"], lane_of(one["ticket"]), now))


def _staff(desk: Desk) -> str:
    return str(desk.front.staff["id"]) if desk.front.staff else ""


def _other_lane(one: dict[str, Any]) -> Outcome:
    return say("other_lane", "info", ticket=one["ticket"])


def _holds(desk: Desk, now: int) -> list[str]:
    """Whom this desk has in hand, for the keeper to know: whom it called last, and who stands on its screen."""
    looked = desk.claims.looked
    if looked is None or looked[0] != desk.log.seq or now - looked[1] >= LOOK_EVERY_MS:
        today = desk.visits_today()
        visit, state = _before_us(desk, now)
        found = [one["visit"] for one in claims.in_hand(today, HOLDS)]
        # Two called one person while apart, and the other's call came later: both must see it (I5).
        found += [
            one["visit"] for one in today if (one["visit"], one["state"]) == (visit, state) and visit not in found
        ]
        looked = desk.claims.looked = (desk.log.seq, now, found)
    return looked[2]


def _before_us(desk: Desk, now: int) -> tuple[str, str]:
    """The visit this desk works on, also under its lock, and the state in which it may; empty for none."""
    front = desk.front
    station, screen, pending = front.station or "", front.screen, front.pending
    covered = front.locked
    if covered is not None and now - covered.at < RESUME_MS:
        station, screen, pending = covered.station, covered.screen, covered.pending
    if screen not in WORKS_ON.get(station, ()):
        return "", ""
    return str(pending.get("visit", "")), queue.IN_HAND[station]


def _next(desk: Desk, question: Question) -> Outcome:
    """Ask for the first who may be had, or call somebody of the own lane when nobody can be asked."""
    side, now = desk.claims.desk, desk.clock.ticks()
    waiting = [
        one
        for one in desk.visits_today()
        if one["state"] == queue.SERVES[question.station] and one["visit"] not in question.tried
    ]

    led = _led_lanes(desk, waiting)

    def may_ask(visit: str, lane: str) -> bool:
        return side.holder(visit, now) is None and (lane == side.lane or lane in side.lanes or lane in led)

    def may_call(visit: str, lane: str) -> bool:
        return side.may_call_alone(visit, lane, now) or (lane in led and side.holder(visit, now) is None)

    if side.in_contact(now) and not side.learning:
        one = claims.first(waiting, may=may_ask, rule=desk.lists.turns) if len(question.tried) < MOST_TRIES else None
        return _ask(desk, one, question) if one is not None else say("nobody_waiting", "info")
    one = claims.first(waiting, may=may_call, rule=desk.lists.turns)
    return _call_alone(desk, one, question)


def _led_lanes(desk: Desk, visits: list[dict[str, Any]]) -> set[str]:
    """The lanes of dead kiosks in whose place this one stands."""
    others = desk.led - queue.JUST_OURS
    return {lane_of(str(one["ticket"])) for one in visits if one.get("home") in others}


def _call_alone(desk: Desk, one: dict[str, Any] | None, question: Question) -> Outcome:
    if one is None:
        return say("nobody_in_lane", "info")
    return queue.call(one, station=question.station, desk=desk.name)


def _ask(desk: Desk, one: dict[str, Any], question: Question) -> Outcome:
    """Ask the keeper; with the keeper in this very kiosk the answer is here at once."""
    if desk.claims.desk.asking():
        return say("asking", "info", ticket=one["ticket"])
    desk.claims.question = question
    lane = lane_of(one["ticket"])
    # Of a dead kiosk's lane the keeper knows nobody in contact: whoever leads it says that a person chose.
    hand = question.hand or lane in _led_lanes(desk, [one])
    answer = desk.claims.ask(one["visit"], lane=lane, hand=hand, now=desk.clock.ticks())
    if answer is None:
        return say("asking", "info", ticket=one["ticket"])
    return _after(desk, answer, question)


def _after(desk: Desk, answer: Answer, question: Question) -> Outcome:
    """What to do with the keeper's answer."""
    word, visit, holder = answer
    one = desk.store.visit(visit)
    if word == "granted" or one is None:
        return queue.call(one, station=question.station, desk=desk.name)
    if question.hand:
        if word == "late":
            return by_hand(desk, one, present=question.present)
        return say("held_elsewhere" if holder else "not_granted", "warn", ticket=one["ticket"], desk=holder)
    question.tried.add(visit)
    if word == "late":
        question.tried.clear()
    return _next(desk, question)


def _answered(desk: Desk, answer: Answer | None) -> None:
    """An answer came while the screen went on: it counts only where it was asked for, else it is given back."""
    front, question = desk.front, desk.claims.question
    if answer is None or question is None:
        return
    desk.claims.question = None
    if front.screen != "queue" or front.station != question.station or _staff(desk) != question.staff:
        return
    if front.notice is not None and front.notice.code == "asking":
        front.notice = None
    desk.take(_after(desk, answer, question))
    front.fresh()


def _shown(desk: Desk) -> tuple[object, ...]:
    """What of the claims is to be seen on a screen."""
    side, now = desk.claims.desk, desk.clock.ticks()
    return (side.in_contact(now), side.learning, side.epoch, side.keeper, tuple(side.clashes), side.standing(now))
