"""`make day`: a scripted day over real processes, through devices and screens only. Its last line is its account.

People hold cards before cameras and readers; staff touch the screens; for a third of the day the network is cut; one
kiosk is killed and started again. With FAULTS=1 paper ends twice, a kiosk burns at noon and a spare takes its place, and
another believes until noon that it is 1970. `confirmed` is what the screens said, not what a program believes; it is
compared with the server's ledger and with the paper, fact by fact.
"""

import json
import shutil
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from provisioning.account import account, arrived, paper, stock, waiting
from provisioning.crew import Crew, History
from provisioning.crowd import crowd
from provisioning.hands import Hands
from provisioning.misfortunes import Misfortunes
from provisioning.small_province import SEED, SmallProvince
from provisioning.stage import wait_until

FOLDER = Path(".day")
# Real seconds of observation become 15: the day runs 120 times as fast as the people's patience.
SPEED = 120
DRAIN_S = 120.0
LISTS_S = 30.0
# With faults: one prints, one burns, one has no clock (and, with three, is killed as well).
LEAST_KIOSKS = 3


def run_day(
    folder: Path, *, people: int, kiosks: int, outage: bool, faults: bool = False, seed: int = 7
) -> dict[str, Any]:
    """Run the day in a fresh `folder`; gives the account. `ValueError`: too few kiosks for the faults."""
    if faults and kiosks < LEAST_KIOSKS:
        message = f"faults need {LEAST_KIOSKS} kiosks"
        raise ValueError(message)
    if folder.exists():
        shutil.rmtree(folder)
    citizens = crowd(people, seed=seed)
    history = History()
    unset = frozenset({"kiosk-03"}) if faults else frozenset[str]()
    with SmallProvince(
        folder, kiosks=kiosks, speed=SPEED, hub=faults, spares=1 if faults else 0, unset=unset, early=True
    ) as province:
        before = stock(province)
        crews = [Crew(station, citizens[number::kiosks], history) for number, station in enumerate(province.stations)]
        for crew in crews:
            await_lists(crew.hands)
        fate = Misfortunes(province, crews, history, people=people, outage=outage, faults=faults)
        with ThreadPoolExecutor(len(crews), thread_name_prefix="crew") as pool:
            shifts = [pool.submit(crew.work) for crew in crews]
            played = False
            try:
                fate.play(shifts)
                played = True
            finally:
                # A crew that rests would rest for ever.
                for crew in () if played else crews:
                    crew.stop()
            for shift in shifts:
                shift.result()
        alive = [crew.station for crew in crews]
        drained = wait_until(
            lambda: all(waiting(province, station) == 0 for station in alive) and arrived(province, history),
            timeout_s=DRAIN_S,
        )
        checked = province.command("rebuild", "--check")
        told: dict[str, Any] = {
            **account(province, history),
            **paper(province, [*province.stations, *province.spares]),
            "people": people,
            "stock_before": before,
            "stock_after": stock(province),
            "drained": drained,
            "kills": history.killed,
            "outage": outage,
            "rebuild_identical": "identical" in checked and "DIFFERS" not in checked,
        }
        if faults:
            told["faults"], told["paper_outs"], told["replaced_s"] = True, fate.paper_outs, fate.replaced_s
        return told


def await_lists(hands: Hands) -> None:
    """Until the kiosk has its lists: the reception's sign-in works then."""
    name = tomllib.loads(SEED.read_text("utf-8"))["site"]["name"]
    if not wait_until(lambda: name in hands.whole(), timeout_s=LISTS_S):
        message = "the kiosk got no reference lists"
        raise AssertionError(message)


def good(told: dict[str, Any]) -> bool:
    """Was nothing lost or doubled, do the books balance, is every slip accounted for?"""
    return bool(
        told["lost"] == told["doubled"] == 0
        and told["confirmed"] == told["on_server"]
        and told["stock_before"] - told["stock_after"] == told["doses"] == told["released"]
        and told["people_without"] == told["unaccounted"] == 0
        and told["rebuild_identical"]
    )


@click.command()
@click.option("--people", default=30, help="How many people come.")
@click.option("--kiosks", default=2, help="How many kiosks serve them.")
@click.option("--outage", default=1, help="1: the network is cut for a third of the day and one kiosk killed.")
@click.option("--faults", default=0, help="1: paper ends twice, a kiosk burns and is replaced, one clock is in 1970.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="Made anew each time.")
def main(people: int, kiosks: int, outage: int, faults: int, folder: Path) -> None:
    """A scripted day; ends with status 1 when anything was lost, doubled, or does not balance."""
    begun = time.monotonic()
    try:
        told = run_day(folder, people=people, kiosks=kiosks, outage=bool(outage), faults=bool(faults))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    told["seconds"] = round(time.monotonic() - begun)
    click.echo(json.dumps(told))
    raise SystemExit(0 if good(told) else 1)


if __name__ == "__main__":
    main()
