"""Planted bugs of the shared queue: one class each, overriding one thing. Never used outside `make mutants` and its test."""

from kiosk.desk.claims import Claims
from protocol.claimant import Claimant
from protocol.claims import LEASE_MS, Keeper
from tests.simulation.site import Site, SiteDesk


class SettingKeeper(Keeper):
    def claim(self, visit, *, k, desk, epoch, now):
        self._claims[visit] = (k, desk, now + LEASE_MS)
        return (True, (k, desk))


class SettingClaims(Claims):
    keeper_class = SettingKeeper


class SetsWithoutCompare(Site):
    """The keeper sets a claim without comparing: the last desk that asks has the visit."""

    claims_class = SettingClaims


class AnyEpochKeeper(Keeper):
    def take(self, word, now):
        return super().take({**word, "epoch": self.epoch, "keeper": self.k}, now)

    def met(self, word):
        pass


class AnyEpochDesk(Claimant):
    def heard(self, word, now):
        self.epoch, self.keeper = word["epoch"], word["k"]
        return super().heard(word, now)


class AnyEpochClaims(Claims):
    keeper_class, desk_class = AnyEpochKeeper, AnyEpochDesk

    def _take_role(self, now):
        if self._keeper is None:
            super()._take_role(now)


class EpochNotChecked(Site):
    """Nobody looks at the epoch: the old keeper goes on beside the new one, and desks believe both."""

    claims_class = AnyEpochClaims


class WallClaims(Claims):
    """The keeper's machine is driven by the wall clock."""

    def _keeper_speaks(self, now):
        keeper = self._keeper
        if keeper is not None:
            wall = self.kiosk.clock.now().wall
            shift = wall - now - getattr(self, "shift", wall - now)
            self.shift = wall - now
            for visit, (k, desk, until) in list(keeper._claims.items()):
                keeper._claims[visit] = (k, desk, until - shift)
        return super()._keeper_speaks(now)


class LeaseByWallClock(Site):
    """A lease is counted on the wall clock: a jump ends all of them."""

    claims_class = WallClaims


class ForgetfulClaims(Claims):
    def _save_held(self, keeper):
        self._unsaved = False
        return True

    def _take_role(self, now):
        fresh = self._keeper is None
        super()._take_role(now)
        if fresh and self._keeper is not None:
            self._keeper._learn_until = now


class ForgetsClaims(Site):
    """The keeper's claims live in memory: after a restart everybody is free."""

    claims_class = ForgetfulClaims


class EveryLaneDesk(Claimant):
    def may_call_alone(self, visit, lane, now):
        return self.holder(visit, now) is None


class EveryLaneClaims(Claims):
    desk_class = EveryLaneDesk


class ServesAllLanes(Site):
    """Without contact a desk serves every lane it knows."""

    claims_class = EveryLaneClaims


class HastyKeeper(Keeper):
    def learning(self, now):
        return False

    def _take_holds(self, word, now):
        pass


class HastyClaims(Claims):
    keeper_class = HastyKeeper


class NeverLearns(Site):
    """A new keeper grants at once and never asks who is in whose hands."""

    claims_class = HastyClaims


class AskingDesk(SiteDesk):
    def take(self, outcome, *, who=None):
        side, now = self.claims.desk, self.clock.ticks()
        if any(fact.kind == "dose.given" for fact in outcome.facts) and not side.in_contact(now):
            return False
        return super().take(outcome, who=who)


class DoseNeedsClaim(Site):
    """A dose is recorded only while the keeper is in contact."""

    desk_class = AskingDesk
