"""The centre as a state machine: `server.ledger` without a database, fast enough for a million messages.

It shares `protocol.inbox`, `server.ledger.intake.split`, `shelf.entities_of` and every feature's derivation with the
server; `tests/simulation/real_centre.py` runs the very ledger in a sample. Planted bugs override single methods.
"""

import copy
import random
from collections import Counter
from functools import lru_cache

from protocol import canon, envelope, inbox
from protocol.delivery import FINAL
from protocol.errors import ProtocolError, UnknownKind
from server.ledger import carried, intake
from tests.simulation import chains, deriving, papers, places
from tests.simulation.dating import Dating
from tests.simulation.history import may_rest
from tests.simulation.operators import Operators
from tests.simulation.signing import signer, unsealer

# The same damaged lines come again and again.
_peek_name = lru_cache(maxsize=4096)(envelope.peek_name)


class State:
    """What the centre's disk holds."""

    def __init__(self):
        self.ledger = {}
        self.forks = {}
        self.quarantine = {}
        self.spans = {}
        self.said = {}
        self.archived = {}
        self.own_inc = f"{0xCE:016x}"
        self.touch = {}
        self.tables = {}
        self.counters = Counter()
        # Per (writer, boot): the anchor, and the names of the records whose clock did not know.
        self.anchors = {}
        self.undated = {}
        # What the program could not read that derived last.
        self.stamp = frozenset()

    def copy(self):
        """A copy that later writes leave alone: rows are never changed in place, only replaced."""
        other = State()
        for name, value in vars(self).items():
            setattr(other, name, copy.copy(value))
        return other


class Centre(Operators, Dating):
    """Takes messages, commits, answers. `crash` is set by a fault for the next message: before, between or after."""

    touched = staticmethod(deriving.touched)

    def __init__(self, world):
        self.world = world
        self.state = State()
        self.writers = {}
        self.unknown = frozenset()
        self.crash = ""
        self.backup_state = State()
        self.signer = signer("server", real=world.real)
        self.unsealer = unsealer()
        self.enrol("server", site="server")
        self._stored = []
        self._parsed = {}
        self._heard = {}
        self._brought = {}

    def enrol(self, k, *, site=places.SITE):
        self.writers[k] = {"site": site, "signer": signer(k, real=self.world.real), "revoked": False}

    def revoke(self, k):
        self.writers[k]["revoked"] = self.world.now

    # ---- messages ----

    def receive(self, k, payload):
        """One message on writer `k`'s topic; the answers to publish, after COMMIT."""
        crash, self.crash = self.crash, ""
        before = self.state.copy() if crash in ("before", "between") else None
        logs = self.take(k, payload, crash)
        if before is not None:
            self.state = before
            self._stored.clear()
            return []
        self.note_stored()
        if crash == "after":
            return []
        answers = []
        for writer, inc in logs:
            answer = self.answer(writer, inc)
            # Of a carried log the carrier is told too.
            answers += [(name, answer) for name in dict.fromkeys((writer, k))]
        return answers

    def take(self, k, payload, crash):
        """The transaction. Gives the logs to acknowledge."""
        self._heard, self._brought, pairs, logs = {}, {}, intake.split(payload), set()
        if inbox.is_hello(payload):
            logs.update(self.hear(k, *pairs[0]))
            pairs = pairs[1:]
        if pairs:
            judged = [self.judge(pair, k) for pair in pairs]
            entities = self.put(k, judged)
            self.cover(judged)
            self.derive(entities)
            logs.update(name[:2] for _, _, _, _, name in judged if name)
            self._brought = carried.brought([(k, [line for line, *_ in judged], logs)])
        return sorted(logs)

    def hear(self, k, line, signature):
        try:
            hello = inbox.read_hello(line)
        except ProtocolError:
            return []
        if hello["k"] != k or not self.verified(k, line, signature):
            return []
        log = (k, hello["inc"])
        self.state.said[log] = hello["last"]
        covered = inbox.Ranges(self.state.spans.get(log, ()))
        if hello.get("gone", 0) > covered.committed():
            covered.fill(min(hello["gone"], hello["last"]))
        self.state.spans[log] = tuple(tuple(span) for span in covered.spans)
        self._heard[k, hello["inc"]] = hello
        return [(k, hello["inc"])]

    def parse(self, line):
        found = self._parsed.get(line)
        if found is None:
            found = self._parsed[line] = deriving.parsed(line)
        if isinstance(found, ProtocolError):
            raise found.with_traceback(None)
        if found.kind in self.unknown:
            raise UnknownKind("unknown_kind")
        return found

    def judge(self, pair, k):
        """`(line, signature, record or None, reason, name or None)`, as `intake.judge`."""
        (line, signature), sealed_away = intake.opened(pair, self.unsealer)
        record = None
        try:
            record = self.parse(line)
            name, reason = record.name(), ""
        except UnknownKind:
            name, reason = _peek_name(line), "future"
        except ProtocolError as error:
            name, reason = _peek_name(line), sealed_away or error.code
        writer = name[0] if name is not None else k
        ours = name if name is not None and (writer == k or self.neighbours(k, writer)) else None
        if reason in ("", "future"):
            reason = self.distrust(writer, line, signature, ours) or reason
        if not reason and record.site != self.writers[k]["site"]:
            reason = "wrong_site"
        if not reason and record.kind == "dose.recovered":
            reason = self.distrust_slip(record)
        if writer != k and reason not in ("", *FINAL):
            ours = None
        return (line, signature, None if reason else record, reason, ours)

    def neighbours(self, carrier, writer):
        """May the one carry the other's records?"""
        known = self.writers.get(carrier), self.writers.get(writer)
        return all(known) and known[0]["site"] == known[1]["site"] and known[0]["revoked"] is False

    def distrust(self, k, line, signature, ours):
        if ours is None:
            return "wrong_writer"
        if k not in self.writers:
            return "unknown_writer"
        if not self.verified(k, line, signature):
            return "bad_signature"
        return "" if self.writers[k]["revoked"] is False else "revoked"

    distrust_slip = papers.distrust

    def verified(self, k, line, signature):
        return k in self.writers and self.writers[k]["signer"].good(line, signature)

    def put(self, k, judged):
        """Store each record once, other bytes as forks, the rest in quarantine. The entities to derive again."""
        entities = set()
        for line, signature, record, reason, name in judged:
            if record is None:
                self.quarantine(k, line, signature, reason, name)
            elif name not in self.state.ledger and not chains.parted(self.state, record):
                self.insert(record, signature, entities)
            elif name not in self.state.ledger or self.state.ledger[name].digest != record.digest:
                key = (*name, record.digest)
                known = key in self.state.forks
                self.fork(record)
                if key in self.state.forks and not known:
                    self.touch(record, key, entities)
            else:
                self.resolve(name, same=record.digest)
        return entities

    def insert(self, record, signature, entities):
        name = record.name()
        self.late(name)
        self.state.ledger[name] = record
        self.touch(record, name, entities)
        self.resolve(name, same=record.digest)
        self._stored.append(("ledger", (*name, record.digest)))

    def resolve(self, name, but=("future",), same=""):
        """A good record stands under a name, or came once more: no bad copy of it is open any longer, nor it itself."""
        for digest, row in self.state.quarantine.items():
            if row["name"] == name and not row["resolved"] and (row["reason"] not in but or row["digest"] == same):
                self.state.quarantine[digest] = {**row, "resolved": True}

    def touch(self, record, name, entities):
        """Index a record under its name; a fork has its digest as the fourth part of it."""
        for entity in self.touched(record):
            self.state.touch[entity] = (*self.state.touch.get(entity, ()), name)
            entities.add(entity)
        self.learn(record, name, entities)

    def record_of(self, name):
        return self.state.forks[name] if len(name) == 4 else self.state.ledger[name]

    def fork(self, record):
        self.late(record.name())
        self.state.forks[(*record.name(), record.digest)] = record
        self._stored.append(("fork", (*record.name(), record.digest)))

    def quarantine(self, k, line, signature, reason, name):
        key = canon.digest(line + b"\n" + signature)
        if key not in self.state.quarantine or (name and not self.state.quarantine[key]["name"]):
            row = {"k": k, "name": name, "reason": reason, "digest": canon.digest(line), "line": line}
            self.state.quarantine[key] = {**row, "signature": signature, "resolved": False}
        if name and reason in FINAL:
            self.late(name)
            self.resolve(name, but=FINAL)
        if name:
            self._stored.append(("quarantine", (*name, "")))

    def cover(self, judged):
        """Count what is durable here: good, forked and quarantined alike; an unsigned name only if its writer has said it."""
        for log in {name[:2] for _, _, _, _, name in judged if name}:
            covered = inbox.Ranges(self.state.spans.get(log, ()))
            for _, _, record, reason, name in judged:
                if name and name[:2] == log and self.counts(record, reason, name):
                    covered.add(name[2])
            self.state.spans[log] = tuple(tuple(span) for span in covered.spans)

    def counts(self, record, reason, name):
        return record is not None or reason in FINAL or name[2] <= self.state.said.get(name[:2], 0)

    def derive(self, entities):
        """Derive the touched entities again and move the counters by the difference."""
        for entity in sorted(entities):
            records = self.dated(self.record_of(name) for name in self.state.touch[entity])
            # What this release cannot read it derives without, as the server does after a roll-back.
            records = [record for record in records if record.kind not in self.unknown]
            rows = self.rows_of(entity, records) if records else {}
            self.count(self.state.tables.get(entity, {}), rows)
            self.state.tables[entity] = rows

    def rows_of(self, entity, records):
        return deriving.rows_of(entity, records)

    def count(self, old, new):
        self.state.counters.update(deriving.counts_of(new))
        self.state.counters.subtract(deriving.counts_of(old))

    def answer(self, k, inc):
        """The signed acknowledgement of what is committed now."""
        covered = self.covered(k, inc)
        end = (k, inc, covered.committed())
        held = self.state.ledger.get(end)
        head = held.digest if held else chains.aside(self.state, end)
        line = inbox.make_ack(
            k=k, inc=inc, covered=covered, last=self.state.said.get((k, inc), 0), status=self.statuses(k, inc),
            archived=self.state.archived.get((k, inc), 0), now=self.world.now + places.MORNING,
            head=head, whole=chains.whole(self.state, self._heard.get((k, inc))),
            here=self.here(k, inc, self._brought.get((k, inc), ())),
        )  # fmt: skip
        self.note_answered(k, inc, covered.committed())
        return envelope.pack([(line, self.signer.line(line))])

    def here(self, k, inc, brought):
        return [
            digest
            for seq, digest in sorted(brought)[: inbox.MAX_HERE]
            if chains.here(self.state, (k, inc, seq), digest)
        ]

    def covered(self, k, inc):
        return inbox.Ranges(self.state.spans.get((k, inc), ()))

    def statuses(self, k, inc):
        rows = self.state.quarantine.values()
        found = {(row["name"][2], "quarantined", row["reason"]) for row in rows if _stands(row, k, inc)}
        found |= {(name[2], "fork", "other_bytes") for name in self.state.forks if name[:2] == (k, inc)}
        return [[str(seq), word, reason] for seq, word, reason in sorted(found)[-inbox.MAX_STATUS :]]

    def note_stored(self):
        for how, name in self._stored:
            self.world.history.add("stored", self.world.now, how=how, name=name)
        self._stored.clear()

    def note_answered(self, k, inc, mark):
        self.world.history.add("answered", self.world.now, k=k, inc=inc, mark=mark)

    # ---- the end ----

    def close(self):
        """Nothing is open here."""

    def holds(self, name, digest):
        """Is this very record durable here, in the ledger, as a fork or rightly in quarantine?"""
        held = self.state.ledger.get(name)
        if (held is not None and held.digest == digest) or (*name, digest) in self.state.forks:
            return True
        rows = [row for row in self.state.quarantine.values() if row["digest"] == digest]
        return any(may_rest(row, self.world.history.revoked) for row in rows)

    def damaged(self, k, inc):
        """Numbers of a log of which a damaged copy stands open: its writer is to send them again, which closes the case."""
        found = self.statuses(k, inc)
        return {int(seq) for seq, word, reason in found if word == "quarantined" and reason not in FINAL}

    def forked(self, k, inc):
        """Are two logs known under this name?"""
        return any(name[:2] == (k, inc) for name in self.state.forks)

    def finish(self, history):
        """Write what stands at the end into the history, with a rebuild and a rebuild in another order."""
        state = self.state
        history.ledger = dict(state.ledger)
        history.forks = dict(state.forks)
        history.quarantine = list(state.quarantine.values())
        history.tables = deriving.spelled(state.tables)
        history.counters = {cell: n for cell, n in state.counters.items() if n}
        held = [*state.ledger.values(), *state.forks.values()]
        history.best = {record.digest: (record.at, record.sure, record.err) for record in self.dated(held)}
        records = [state.ledger[name] for name in sorted(state.ledger)] + [
            state.forks[name] for name in sorted(state.forks)
        ]
        history.rebuilt, history.rebuilt_counters = deriving.from_scratch(records, self.touched)
        random.Random(self.world.schedule.number).shuffle(records)
        history.shuffled, _ = deriving.from_scratch(records, self.touched)


def _stands(row, k, inc):
    return row["name"] is not None and row["name"][:2] == (k, inc) and not row["resolved"]
