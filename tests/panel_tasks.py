"""Pieces of work that worker processes can import without the test module around them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from plananalysis.base.errors import DataError, Problem


def write(items: tuple, target: Path) -> None:
    """Leave the items, and one more line in the log of who was asked."""
    with (target.parent / "asked.log").open("a", encoding="utf-8") as log:
        log.write(f"{target.name}\n")
    target.write_text(" ".join(map(str, items)), encoding="utf-8")


def die_once(items: tuple, target: Path) -> None:
    """Kill the own process the first time the item ``x`` comes up; do the work afterwards."""
    marker = target.parent / "died"
    if "x" in items and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    write(items, target)


def die_always(items: tuple, target: Path) -> None:
    if "x" in items:
        os.kill(os.getpid(), signal.SIGKILL)
    write(items, target)


def fail(items: tuple, target: Path) -> None:
    """Bad data in ``bad``, a fault of the program in ``fault``, nothing left by ``lazy``."""
    if "bad" in items:
        raise DataError([Problem("data/raw/x/observations/a.csv", 7, "value", "abc", "不是数字", "请改正。")])
    if "fault" in items:
        raise ZeroDivisionError("one by nothing")
    if "lazy" not in items:
        write(items, target)
