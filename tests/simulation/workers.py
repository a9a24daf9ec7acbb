"""A process that judges schedules and does nothing else: quiet, and its rubbish is looked for seldom. Judges nothing."""

import gc
import logging

# Each schedule leaves some ten thousand objects that hold each other; what was imported holds none of them.
LOOK_EVERY = 50_000


def ready():
    """Prepare this process; for workers and commands, never for a test's own process."""
    logging.getLogger("server").setLevel(logging.CRITICAL)
    # Where a line was logged, by which thread of which process, is read by nobody here.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = logging.logAsyncioTasks = False
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOK_EVERY, 10, 10)
