"""The log of each run: one JSON line per event, kept beside the project's other logs, the oldest ones dropped."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

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
