"""Long work: one command of the program at a time, in a process of its own, whose words a page shows as they come."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plananalysis.base.errors import BusyError
from plananalysis.base.text import say

_SHOWN = 400  # lines of what a command said
_SHARE = re.compile(r"(\d{1,3})%")


@dataclass
class Job:
    """A command at work or done.

    Parameters
    ----------
    kind
        What it does, in words of the catalogue (``desk.job.<kind>``).
    back
        The page it was started from.
    said
        File of what it says.
    """

    kind: str
    back: str
    process: subprocess.Popen[bytes]
    said: Path
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    @property
    def code(self) -> int | None:
        """How it ended; None while it is at work."""
        code = self.process.poll()
        if code is not None and self.ended is None:
            self.ended = time.monotonic()
        return code

    @property
    def seconds(self) -> int:
        """How long it has taken so far."""
        return round((self.ended or time.monotonic()) - self.began)

    @property
    def lines(self) -> list[str]:
        """What it has said so far."""
        return self.said.read_bytes().decode("utf-8", "replace").splitlines()[-_SHOWN:]

    @property
    def share(self) -> int | None:
        """Percent done, where it tells."""
        told = [int(found[-1]) for line in self.lines if (found := _SHARE.findall(line))]
        return min(told[-1], 100) if told else None


@dataclass
class Jobs:
    """The jobs of one desk, by number from 1 on."""

    root: Path
    all: list[Job] = field(default_factory=list)
    folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    )

    def start(self, kind: str, arguments: Sequence[str], back: str) -> int:
        """Start a command and return its number.

        Raises
        ------
        BusyError
            Another one is at work.
        """
        if self.all and self.all[-1].code is None:
            raise BusyError(say("desk.job.busy", kind=say(f"desk.job.{self.all[-1].kind}")))
        said = Path(self.folder.name, f"{len(self.all) + 1}.log")
        command = [sys.executable, "-m", "plananalysis", *arguments, "--root", str(self.root)]
        environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
        with said.open(
            "ab"
        ) as log:  # opened apart from whoever reads it: two that share a place in a file move each other's
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.all.append(Job(kind, back, process, said))
        return len(self.all)
