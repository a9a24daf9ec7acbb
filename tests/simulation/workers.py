"""A process that judges schedules and does nothing else: quiet, and swept after each of them. Judges nothing."""

import gc
import logging

# Objects made before rubbish is looked for all the same: some four schedules that nobody swept after.
LOOK_EVERY = 200_000


def ready():
    """Prepare this process; for workers and commands, never for a test's own process."""
    logging.getLogger("server").setLevel(logging.CRITICAL)
    # Where a line was logged, by which thread of which process, is read by nobody here.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = logging.logAsyncioTasks = False
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOK_EVERY, 10, 10)


def sweep():
    """After a schedule: its world is one knot of objects that hold each other; while it ran there was nothing to find."""
    gc.collect()
