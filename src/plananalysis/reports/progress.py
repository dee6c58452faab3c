"""One line per finished page: rewritten in place on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from plananalysis.text import say


def console_progress(stream: TextIO | None = None) -> Callable[[int, int, str], None]:
    """A function for ``report(progress=…)`` that tells share, page and time used on standard error."""
    out = stream or sys.stderr
    begun = time.perf_counter()

    def tell(done: int, total: int, name: str) -> None:
        seconds = round(time.perf_counter() - begun)
        line = say(
            "reports.run.progress",
            percent=round(100 * done / total),
            done=done,
            total=total,
            name=name,
            seconds=seconds,
        )
        if out.isatty():
            out.write(f"\r\x1b[K{line}" + ("\n" if done == total else ""))
        else:
            out.write(f"{line}\n")
        out.flush()

    return tell
