"""A kiosk's workflows in which other kiosks have a part: their records come, are sealed and go; a log begins anew; a row is given back."""

from dataclasses import replace
from pathlib import Path

from kiosk.crypto import Sealer, Signer
from kiosk.desk import anew, copies, rot
from kiosk.neighbours import Copy, Shut, copy_of
from kiosk.rows import Rows
from kiosk.store import Batch
from protocol import envelope
from tests.kiosk.made import CARD, LISTS, OTHER_CARD, Made
from tests.powercut.kiosk_scenes import Scene

NEW_LOG = "00000000000000aa"


def neighbours_key(key: Path) -> Path:
    """Where the other kiosk of the site has its key. `key`: ours."""
    folder = key.parent / "neighbour"
    folder.mkdir(exist_ok=True)
    return folder / key.name


def _their_day(scene: Scene) -> tuple[Copy, ...]:
    """What the other kiosk recorded: its log's beginning, one person checked in and found fit."""
    other = Made(neighbours_key(scene.key).parent, LISTS, k="kiosk-02", lane="B")
    try:
        other.check_in(OTHER_CARD)
        other.screen()
        rows = other.store.db.conn.execute("SELECT line, signature FROM record ORDER BY seq").fetchall()
        return tuple(copy_of(envelope.parse(bytes(row[0])), bytes(row[1]), boot="b", mono=1) for row in rows)
    finally:
        other.close()


def neighbours(scene: Scene) -> None:
    """A neighbour's records come in two parts; a day later some are sealed visit by visit, then all of them go."""
    theirs = _their_day(scene)
    scene.check_in(CARD)
    scene.commits_are_told()
    desk, sealer = scene.desk, Sealer(scene.key.with_name("server-sealing.pub"))
    half = len(theirs) // 2
    for part in (theirs[:half], theirs[half:]):
        assert desk.call(lambda part=part: copies.arrived(desk, part))
    names = [one.name for one in theirs]
    shut = {one.name: Shut(one.name, *sealer.seal(*one.name[:3], one.line, one.signature)) for one in theirs}
    alone = [one.name for one in theirs if one.visit is None]
    assert desk.call(lambda: copies.spend(desk, alone[1:], {alone[0]: shut[alone[0]]})) != []
    whole = [name for name in names if name not in alone]
    assert len(desk.call(lambda: copies.spend(desk, [], {name: shut[name] for name in whole}))) == len(whole)
    assert len(desk.call(lambda: copies.spend(desk, names, {}))) == len(names)


def begun_anew(scene: Scene) -> None:
    """The card was cloned: the log goes on under a new name; the old one is owed, then held, then owed again."""
    scene.check_in(CARD)
    scene.commits_are_told()
    desk, old = scene.desk, scene.desk.log.inc
    desk.call(lambda: anew.begin(desk, forked=old, inc=NEW_LOG, why="cloned", app="tram-test"))
    assert desk.log.inc == NEW_LOG
    for whole in (True, False):
        desk.call(lambda whole=whole: anew.held(desk, inc=old, whole=whole))
    scene.check_in(OTHER_CARD)


def given_back(scene: Scene) -> None:
    """A byte of the check-in has turned on the card beyond mending; a neighbour gives the record back."""
    scene.check_in(CARD)
    run = scene.store.db.conn.execute
    seq, line, signature = run("SELECT seq, line, signature FROM record WHERE kind = 'visit.checked_in'").fetchone()
    desk, name = scene.desk, (scene.desk.log.inc, seq)
    rows = Rows(scene.store.db.conn)
    [row] = rows.after((name[0], seq - 1), 1)
    with scene.store.writing():
        rows.put(replace(row, line=row.line.replace(b"A-", b"Z+")))
        scene.store.commit(Batch(meta=((rot.ROTTEN, f"{name[0]}:{seq}"),)))
    scene.confirm("the card has spoilt it")
    desk.call(lambda: setattr(desk.condition, "rotten", frozenset({name})))
    good = Signer(scene.key).verifier().good
    desk.call(lambda: rot.given_back(desk, name, bytes(line), bytes(signature), good=good))
    assert desk.condition.mended == 1
    scene.confirm("given back")
    scene.check_in(OTHER_CARD)
