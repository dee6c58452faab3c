"""What a piece of work costs on this machine, as busy as it is, for tests that promise it is quick or kill it on its way.

A limit is given in seconds of the machine where it was set. It grows with what a fixed piece of work costs here and now, so that a
slower or busier machine passes, and what has become many times slower fails everywhere.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
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


def slowness() -> float:
    """How many times slower this machine is at the moment than the one where the limits were set; at least 1."""
    return max(1.0, least(_fixed, rounds=5) / _YARDSTICK)


def costs_under(seconds: float, work: Callable[[], Any]) -> bool:
    """Whether some work costs less than so many seconds, on a slower machine correspondingly more."""
    return (cost := least(work, seconds)) < seconds or cost < seconds * slowness()


class Kills:
    """Kills runs at random moments from their beginning to a little after their end, however long they take here and now.

    Parameters
    ----------
    whole
        Does one run to its end, for a first notion of its length.
    """

    def __init__(self, draw: random.Random, whole: Callable[[], Any]) -> None:
        self._draw = draw
        begun = time.perf_counter()
        whole()
        self._length = time.perf_counter() - begun

    def kill(self, run: int) -> None:
        time.sleep(self._draw.uniform(0.0, self._length))
        with suppress(ProcessLookupError):
            os.kill(run, signal.SIGKILL)

    def ended(self, by_itself: bool) -> None:
        """What became of the run: the next is given less time when it was over before, and more when it was not."""
        self._length *= 0.85 if by_itself else 1.05


def _fixed() -> None:
    held = {str(number): [number] * 3 for number in range(40_000)}
    sum(len(text) * numbers[0] for text, numbers in held.items())
