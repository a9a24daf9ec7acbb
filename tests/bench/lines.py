"""The lines `make bench` prints: one JSON object each. Contains no measurement of its own."""

import json
import statistics
import time
from collections.abc import Callable


def spread(name: str, samples: list[float], **more: object) -> None:
    """Print one line: median, 99th percentile and worst of samples in milliseconds."""
    ranked = sorted(samples)
    at99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    figures = {"ms_median": statistics.median(ranked), "ms_p99": at99, "ms_max": ranked[-1]}
    rounded = {key: round(value, 2) for key, value in figures.items()}
    print(json.dumps({"bench": name, **rounded, "n": len(ranked), **more}), flush=True)


def line(name: str, **figures: object) -> None:
    """Print one line of single figures."""
    print(json.dumps({"bench": name, **figures}), flush=True)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that `work` took."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
