"""One line per finished page: rewritten in place on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from plananalysis.base.text import say


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
