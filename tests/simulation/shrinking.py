"""Makes a failing schedule small: leaves steps out as long as the same checker still finds something (delta debugging)."""


def shrink(plan, judge, *, most=400):
    """`(smaller schedule, its verdict)`. `judge(schedule)` gives a Verdict; at most `most` runs."""
    verdict = judge(plan)
    wanted = {checker for checker, _ in verdict.violations}
    runs = 0
    size = max(len(plan.steps) // 2, 1)
    while runs < most:
        left_out = False
        steps = [step.index for step in plan.steps]
        for at in range(0, len(steps), size):
            smaller = plan.without(set(steps[at : at + size]))
            tried = judge(smaller)
            runs += 1
            if wanted & {checker for checker, _ in tried.violations}:
                plan, verdict, left_out = smaller, tried, True
            if runs >= most:
                break
        if not left_out:
            if size == 1:
                break
            size = max(size // 2, 1)
    return plan, verdict


def dropped(whole, small):
    """The indexes that `small` leaves out of `whole`, as ranges for the command line: `0-4,7,9-12`."""
    kept = {step.index for step in small.steps}
    out = [step.index for step in whole.steps if step.index not in kept]
    ranges = []
    for index in out:
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1][1] = index
        else:
            ranges.append([index, index])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges)


def read(text):
    """The indexes of `0-4,7`."""
    found = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
