"""`make mutants`: every planted bug must be caught within its number of schedules. A checker that catches nothing is broken.

Printed for each: which checkers caught it and after how many schedules. With all mutants hunted, a checker that caught
nothing fails the run too.
"""

import argparse
import json
import sys
import time
from multiprocessing import Pool

from tests.simulation import mutants_of_centre as centre
from tests.simulation import mutants_of_forks as forks
from tests.simulation import mutants_of_kiosks as kiosks
from tests.simulation import mutants_of_neighbours as neighbours
from tests.simulation import mutants_of_retention as retention
from tests.simulation import mutants_of_sites as sites
from tests.simulation import schedule, workers
from tests.simulation.centre import Centre
from tests.simulation.judging import CHECKERS, judge
from tests.simulation.kiosk import SimKiosk
from tests.simulation.site import Site

# name: (class, most schedules until it must be caught)
MUTANTS = {
    "ack_before_commit": (centre.AckBeforeCommit, 600),
    "no_unique_key": (centre.NoUniqueKey, 100),
    "ack_highest": (centre.AcksHighest, 100),
    "ranges_join_across_gaps": (centre.JoinsAcrossGaps, 1500),
    "effect_outside_transaction": (centre.EffectOutsideTransaction, 600),
    "drop_on_refusal": (centre.DropsRefused, 600),
    "poison_blocks_the_rest": (centre.PoisonBlocks, 600),
    "dedupe_without_inc": (centre.IgnoresInc, 600),
    "last_write_wins": (centre.LastWriteWins, 600),
    "fork_taken_for_duplicate": (centre.DropsForks, 600),
    "second_dose_dropped": (centre.LastDoseWins, 600),
    "irregular_dose_refused": (centre.RefusesIrregular, 1500),
    "signature_not_checked": (centre.TrustsEverybody, 600),
    "no_replay_after_upgrade": (centre.ForgetsReplay, 600),
    "derive_by_arrival": (centre.DerivesByArrival, 600),
    "counters_never_taken_back": (centre.CountsWithoutDifference, 100),
    "unbounded_hybrid_clock": (centre.UnboundedClock, 1500),
    "marks_outlive_a_restore": (centre.AnswersFromBackup, 600),
    "strangers_acknowledge_ahead": (centre.StrangersCover, 4000),
    "recovered_beside_original": (centre.CountsCopiesToo, 600),
    "forged_slip_believed": (centre.BelievesAnySlip, 600),
    "recovered_dropped": (centre.DropsRecovered, 600),
    "site_not_checked": (centre.IgnoresSite, 600),
    "best_time_of_another_boot": (centre.DatesByAnyBoot, 600),
    "unsynced_anchor": (centre.AnchorsUnsynced, 600),
    "anchor_by_arrival": (centre.DatesByArrival, 600),
    "best_time_without_its_bound": (centre.DatesTooSurely, 600),
    "late_anchor_dates_nothing": (centre.NeverDatesAgain, 600),
    "upgrade_without_deriving": (centre.UpgradesWithoutDeriving, 4000),
    "synchronous_off": (kiosks.SynchronousOff, 100),
    "torn_transaction": (kiosks.TornTransaction, 600),
    "told_before_commit": (kiosks.ToldBeforeCommit, 600),
    "print_before_commit": (kiosks.PrintBeforeCommit, 600),
    "trust_puback": (kiosks.TrustsPuback, 100),
    "delete_when_acknowledged": (kiosks.ForgetsWhenAcknowledged, 600),
    "delete_before_archived": (retention.DeletesBeforeArchived, 600),
    "delete_by_wall_clock": (retention.DeletesByWallClock, 6000),
    "sealed_with_wrong_key": (retention.WrongKeySealed, 600),
    "reading_left_open": (retention.LeavesReadings, 600),
    "never_scrubbed": (retention.NeverScrubs, 600),
    "archived_ahead_of_backup": (retention.ArchivedAhead, 600),
    "late_called_archived": (retention.LateCalledArchived, 9000),
    "own_desk_reuses_numbers": (retention.ReusesDeskNumbers, 6000),
    "ack_signature_not_checked": (kiosks.TrustsAnySignature, 600),
    "foreign_ack_taken": (kiosks.TakesForeignAck, 600),
    "lower_mark_not_believed": (kiosks.NeverLower, 600),
    "mark_across_gaps": (kiosks.MarkAcrossGaps, 600),
    "foreign_branch_believed": (kiosks.BelievesForeignBranch, 600),
    "damaged_copy_left_at_that": (kiosks.NeverSendsDamagedAgain, 1500),
    "never_sent_again": (kiosks.SendsOnce, 100),
    "window_off_by_one": (kiosks.WindowOffByOne, 1500),
    "resend_changes_bytes": (kiosks.ChangesBytes, 100),
    "head_moves_before_commit": (kiosks.HeadBeforeCommit, 600),
    "no_chain": (kiosks.Unchained, 100),
    "numbers_used_again": (kiosks.ReusesNumbers, 600),
    "observation_by_wall_clock": (kiosks.ObservesByWallClock, 600),
    "observation_ends_at_reboot": (kiosks.SleepsThrough, 600),
    "stale_token_accepted": (kiosks.TakesStaleTokens, 600),
    "sent_shown_as_safe": (kiosks.CountsSentAsSafe, 600),
    "copy_printed_twice": (kiosks.PrintsTwice, 1500),
    "name_in_a_log": (kiosks.LogsNames, 100),
    "number_in_a_topic": (kiosks.NameTopic, 100),
    "disk_error_swallowed": (kiosks.SwallowsDiskErrors, 600),
    "forked_log_goes_on": (forks.StaysInForkedLog, 600),
    "old_log_left_behind": (forks.LeavesOldLogBehind, 600),
    "old_log_by_its_mark": (forks.BelievesMarkOfOldLog, 600),
    "anew_for_nothing": (forks.BeginsAnewForNothing, 600),
    "claim_set_without_compare": (sites.SetsWithoutCompare, 2000),
    "claim_epoch_not_checked": (sites.EpochNotChecked, 6000),
    "claim_lease_by_wall_clock": (sites.LeaseByWallClock, 6000),
    "claims_forgotten_at_restart": (sites.ForgetsClaims, 6000),
    "fallback_serves_all_lanes": (sites.ServesAllLanes, 2000),
    "claim_granted_while_learning": (sites.NeverLearns, 6000),
    "dose_needs_a_claim": (sites.DoseNeedsClaim, 2000),
    **neighbours.MUTANTS,
}

# Without one fault of each of these sets the bug cannot act, or nothing can come of it: such a schedule is counted, not run.
NEEDS = {
    "own_desk_reuses_numbers": [{"restored"}],
    "late_called_archived": [{"backed_up"}, {"night"}],
    "held_before_commit": [{"disk_full", "disk_error"}],
    "carried_names_unheard": [{"card_cloned", "card_restored"}, {"night"}],
    "day_begins_at_noon": [{"night"}],
    "put_away_by_number": [{"card_cloned", "card_restored"}, {"night"}],
    "dead_asked_for_by_none": [{"burnt"}],
}
PARTS = {"centre_class": Centre, "kiosk_class": SimKiosk, "site_class": Site}


def hunt(name, seed):
    """`(schedules, checkers, first sentence)` of the first schedule that catches mutant `name`; no checkers: none did."""
    mutant, most = MUTANTS[name]
    part = next(name for name, base in PARTS.items() if issubclass(mutant, base))
    for number in range(most):
        plan = schedule.make(seed, number)
        kinds = {step.what for step in plan.steps}
        if (
            plan.real
            or plan.site != (part == "site_class")
            or not all(kinds & any_of for any_of in NEEDS.get(name, ()))
        ):
            continue
        # A planted bug that only falls over does not do what its name says, and no checker has seen anything.
        violations = [found for found in judge(plan, **{part: mutant}).violations if found[0] != "crash"]
        workers.sweep()
        # A schedule that fails without the bug says nothing of it.
        if violations and not judge(plan).violations:
            return number + 1, tuple(dict.fromkeys(checker for checker, _ in violations)), violations[0][1]
    return most, (), ""


def _hunt(given):
    return (given[0], *hunt(*given))


def main(arguments=None):
    """Hunt all mutants; exit code 1 unless every one is caught."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("names", nargs="*", default=sorted(MUTANTS))
    chosen = options.parse_args(arguments)
    begun = time.monotonic()
    caught, total, spoke = 0, 0, set()
    with Pool(chosen.jobs, initializer=workers.ready) as pool:
        hunted = pool.imap_unordered(_hunt, [(name, chosen.seed) for name in chosen.names])
        for name, count, checkers, sentence in hunted:
            total += count
            caught += bool(checkers)
            spoke.update(checkers)
            told = f"after {count:5} by {', '.join(checkers)}: {sentence}" if checkers else f"NOT CAUGHT in {count}"
            print(f"{name:28} {told}", flush=True)
    silent = sorted({checker.__name__.rsplit(".", 1)[-1] for checker in CHECKERS} - spoke)
    good = caught == len(chosen.names) and (not silent or len(chosen.names) < len(MUTANTS))
    seconds = round(time.monotonic() - begun)
    summary = {"mutants": len(chosen.names), "caught": caught, "silent_checkers": silent, "schedules": total}
    print(json.dumps({**summary, "seconds": seconds}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
