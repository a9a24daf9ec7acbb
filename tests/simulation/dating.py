"""The centre's anchors of boots and best times of records, as `server.ledger.times` keeps them. Stores nothing itself."""

from protocol import besttime
from tests.simulation import deriving


class Dating:
    """Part of `Centre`: it works on `state.anchors` and `state.undated`. Planted bugs override its first three."""

    boot_of = staticmethod(deriving.boot_of)
    anchor_of = staticmethod(besttime.anchor_of)
    better = staticmethod(besttime.better)

    def learn(self, record, name, entities):
        """Hold the anchor that a record offers; what the undated records of its boot speak of is derived again."""
        boot, anchor = self.boot_of(record), self.anchor_of(record.t)
        if record.t["sure"] != besttime.SYNCED:
            self.state.undated[boot] = (*self.state.undated.get(boot, ()), name)
        held = self.state.anchors.get(boot)
        best = self.better(held, anchor)
        if best != held:
            self.state.anchors[boot] = best
            for other in self.state.undated.get(boot, ()):
                entities.update(self.touched(self.record_of(other)))

    def dated(self, records):
        """The records with their best times."""
        return [deriving.dated(record, self.state.anchors.get(self.boot_of(record))) for record in records]
