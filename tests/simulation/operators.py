"""What operators and officers do at the simulated centre: backups, restores, upgrades, corrections at its own desk.

A part of `centre.Centre`; planted bugs override single methods.
"""

from protocol import envelope, inbox
from protocol.clocktext import hlc_meet, hlc_next
from tests.simulation import chains, places


class Operators:
    """See `Centre`, whose state this works on."""

    # Logs of the own desk that were begun after a restore; not in the state, for that is what a restore puts back.
    own_logs = 0

    def backup(self):
        """Last night's backup, off the host: what it holds is archived."""
        for log, spans in self.state.spans.items():
            self.state.archived[log] = inbox.Ranges(spans).committed()
        self.backup_state = self.state.copy()
        self.world.history.add("backed", self.world.now, held=frozenset(self._held_digests()))

    def late(self, name):
        """Other bytes stand under this name than at the last backup: `archived` ends before it."""
        log = name[:2]
        if self.state.archived.get(log, 0) >= name[2]:
            self.state.archived = {**self.state.archived, log: name[2] - 1}

    def restore(self):
        """The disk burnt; the backup stands. What officers decided since is on no kiosk: it is gone, and named so."""
        before = self._names() | self._aside()
        self.state = self.backup_state.copy()
        self.open_anew()
        self.settle()
        held = self._names()
        self.world.on_no_card(before - held - self._aside())
        self.world.history.add("forgot", self.world.now, held=frozenset(held))

    def open_anew(self):
        """The own desk writes in a new log: what it wrote since the backup is nowhere, its numbers are not given again."""
        self.own_logs += 1
        self.state.own_inc = f"{0xCE + self.own_logs:016x}"

    def _held_digests(self):
        names = {digest for digest in (name[3] for name in self._names()) if digest}
        return names | {row["digest"] for row in self.state.quarantine.values()}

    def _aside(self):
        """What stands in quarantine, by the digest of its line: it too may be the only copy."""
        return {(*row["name"], row["digest"]) for row in self.state.quarantine.values() if row["name"]}

    def _names(self):
        held = {(*name, record.digest) for name, record in self.state.ledger.items()}
        held |= set(self.state.forks)
        return held | {(*row["name"], "") for row in self.state.quarantine.values() if row["name"]}

    def run(self, unknown=frozenset()):
        """The programs start: a release that knows every kind but these."""
        self.unknown = frozenset(unknown)
        self.settle()

    def settle(self):
        """As `server.ledger.release`: what waited is judged again and everything derived, if another program derived last."""
        if self.state.stamp != self.unknown:
            self.replay()
            self.derive_all()
            self.state.stamp = self.unknown

    def derive_all(self):
        """Everything again."""
        self.derive(set(self.state.touch))

    def replay(self):
        entities = set()
        for key, row in list(self.state.quarantine.items()):
            if row["reason"] != "future" or row["resolved"]:
                continue
            line, signature, record, _, name = self.judge((row["line"], row["signature"]), row["k"])
            if record is not None:
                entities |= self.put(row["k"], [(line, signature, record, "", name)])
            if record is not None or chains.stands(self.state, row["name"], row["digest"]):
                self.state.quarantine[key] = {**self.state.quarantine[key], "resolved": True}
        self.derive(entities)
        self.note_stored()

    meet = staticmethod(hlc_meet)

    def correct(self, pick):
        """An officer corrects the lot of some dose at the centre's own desk."""
        doses = sorted(entity for entity in self.state.touch if entity[0] == "dose")
        if not doses:
            return
        dose = doses[pick % len(doses)]
        seen = [self.record_of(name) for name in self.state.touch[dose]]
        body = {
            "dose": dose[1], "person": seen[0].body["person"], "changes": {"dose_no": 1 + pick % 3}, "reason": "Theo giấy",
        }  # fmt: skip
        inc = self.state.own_inc
        mine = sorted(
            (record for name, record in self.state.ledger.items() if name[:2] == ("server", inc)), key=lambda r: r.seq
        )
        seq, prev, hlc = (mine[-1].seq, mine[-1].digest, mine[-1].t["hlc"]) if mine else (0, envelope.GENESIS, (0, 0))
        now = places.MORNING + self.world.now
        for record in seen:
            hlc = self.meet(hlc, tuple(record.t["hlc"]), now, record.t["sure"])
        t = {"wall": now, "mono": 0, "boot": "centre", "sure": "synced", "err": 0, "hlc": list(hlc_next(hlc, now))}
        line = envelope.seal(
            k="server", inc=inc, seq=seq + 1, prev=prev, t=t, site="server", session="",
            who={"id": "officer-1", "by": "password"}, ref={}, kind="dose.corrected", body=body,
        )  # fmt: skip
        record = envelope.parse(line)
        self.world.history.add(
            "wrote", self.world.now, dev="centre", k="server", inc=inc, seq=seq + 1, digest=record.digest, prev=prev,
            kind="dose.corrected", act=f"centre:{self.world.now}:{pick}", body=body, t=t,
        )  # fmt: skip
        judged = [(line, b"", record, "", record.name())]
        entities = self.put("server", judged)
        self.cover(judged)
        self.derive(entities)
        self.note_stored()
