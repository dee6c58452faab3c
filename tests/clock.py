"""What a piece of work costs on this machine, as busy as it is, for tests that promise it is quick.

A limit is given in seconds of the machine where it was set. It grows with what a fixed piece of work costs here and now, so that a
slower or busier machine passes, and what has become ten times slower fails everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_YARDSTICK = 0.015  # seconds of processor time that the fixed work takes where the limits were set


def least(work: Callable[[], Any], enough: float = 0.0, rounds: int = 3) -> float:
    """Seconds of processor time of this process, the least of some rounds: the rest is what the neighbours cost.

    Parameters
    ----------
    enough
        Seconds below which no further round is asked for.
    """
    found = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found = min(found, time.process_time() - begun)
        if found < enough:
            break
    return found


def allowed(seconds: float) -> float:
    """A limit for this machine; never less than the seconds given."""
    return seconds * max(1.0, least(_fixed, rounds=5) / _YARDSTICK)


def _fixed() -> None:
    held = {str(number): [number] * 3 for number in range(40_000)}
    sum(len(text) * numbers[0] for text, numbers in held.items())
