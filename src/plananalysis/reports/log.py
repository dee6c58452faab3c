"""How a run goes: its log, one JSON line per event with the oldest logs dropped, and a line per finished page for the console."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from plananalysis.base.text import say

FOLDER = Path("build", "runs")
KEPT = 30  # logs per name; editions are never dropped


class RunLog:
    """Events of one run, written as they happen, so that also a run that was killed tells how far it came.

    A log that cannot be written never stops a run.

    Parameters
    ----------
    root
        Project folder.
    name
        What is run, part of the file's name.
    keep
        How many logs of this name stay, this one included.
    """

    def __init__(self, root: Path, name: str, keep: int = KEPT) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.path = root / FOLDER / f"{name}-{stamp}-{os.getpid()}.jsonl"
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            logs = sorted(self.path.parent.glob(f"{name}-*-*.jsonl"), key=lambda p: p.stat().st_mtime)
            for old in logs[: max(0, len(logs) + 1 - max(1, keep))]:
                old.unlink()

    def write(self, event: str, **facts: Any) -> None:
        """Add one event with the time of day."""
        line = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "event": event, **facts}
        with suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def console_progress(stream: TextIO | None = None) -> Callable[[int, int, str], None]:
    """A function for ``report(progress=…)`` that tells share, page, time used and time left on standard error.

    The time left is an estimate from the second step on: workers start only once, and what is left is rarely slower.
    """
    out = stream or sys.stderr
    begun = time.perf_counter()
    first: list[float] = []

    def tell(done: int, total: int, name: str) -> None:
        now = time.perf_counter()
        first.append(now)
        values = {"percent": round(100 * done / total), "done": done, "total": total, "name": name}
        line = say("reports.run.progress", "zh", seconds=round(now - begun), **values)
        if len(first) > 1 and done < total:
            left = (now - first[0]) / (len(first) - 1) * (total - done)
            line += say("reports.run.left", "zh", seconds=max(1, round(left)))
        if out.isatty():
            out.write(f"\r\x1b[K{line}" + ("\n" if done == total else ""))
        else:
            out.write(f"{line}\n")
        out.flush()

    return tell
