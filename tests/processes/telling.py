"""What `make faults` prints of runs and of planted bugs, from the process in which they happen. Judges nothing."""

from tests.processes.runs import in_a_process, live, processes

# A planted bug has to be seen within so many runs.
WITHIN = 10


def missed_bugs(names, seed, sides):
    """The bugs that nobody caught; each in a province of its own, several at a time."""
    with processes(min(sides, len(names))) as pool:
        looked = {name: pool.submit(in_a_process, caught, name, seed) for name in names}
        return [name for name, done in looked.items() if not done.result()]


def caught(name, seed):
    """Live until a checker speaks. That something is slow, or does not start in time, proves nothing."""
    runs, told = 0, []
    while runs < WITHIN and not told:
        account = live(range(seed + runs, seed + WITHIN), planted=name, say=silent, first_only=True)
        runs += account.runs
        told = [(checker, sentence) for _, checker, sentence in account.violations if checker not in ("stage", "stuck")]
        told = [(checker, sentence) for checker, sentence in told if "records still wait" not in sentence]
    checkers = sorted({checker for checker, _ in told})
    by = f"caught by {', '.join(checkers)} after {runs} runs" if checkers else "NOT CAUGHT"
    print(f"  bug {name}: {by}", flush=True)
    for checker, sentence in told[:3]:
        print(f"      {checker}: {sentence[:160]}", flush=True)
    return bool(checkers)


def silent(*_what):
    pass


def said(seed, found, seconds):
    print(f"  seed {seed}: {seconds:.0f} s, {len(found)} violations", flush=True)
    for checker, sentence in found[:10]:
        print(f"    {checker}: {sentence}", flush=True)
    if found:
        print(f"    again: make faults RUNS=1 SEED={seed}", flush=True)
