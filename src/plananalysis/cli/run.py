"""One invocation: how it talks, and what became of it."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

import click

from plananalysis import __version__
from plananalysis.base import area_changes, tables
from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.text import say

FINE, UNEXPECTED, MISUSE, BAD_DATA, SOME_FAILED, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


@dataclass
class Run:
    """State of one invocation. Results go to standard output, everything else to standard error."""

    as_json: bool = False
    debug: bool = False
    root: Path | None = None
    record: dict[str, Any] = field(default_factory=dict)
    bad_data: bool = False
    some_failed: bool = False

    @property
    def code(self) -> int:
        """Exit code; data errors before failed reports, being the likelier cause of both."""
        return BAD_DATA if self.bad_data else SOME_FAILED if self.some_failed else FINE

    def out(self, key: str, **values: Any) -> None:
        """Say a result, unless a program is listening."""
        if not self.as_json:
            click.echo(say(f"cli.{key}", **values))

    def note(self, key: str, **values: Any) -> None:
        """Say something about the run itself."""
        click.echo(say(f"cli.{key}", **values), err=True)

    def find_root(self, asked: Path | None, begin: bool = False) -> Path:
        """The project folder, remembered for the error log; with ``begin`` one that is to become it."""
        self.root = tables.find_root(asked, begin)
        return self.root

    def areas(self, asked: Sequence[str], root: Path, panels: bool = False) -> list[str]:
        """The areas asked for, else all, once each.

        Parameters
        ----------
        panels
            Also folders that hold many areas in one file. Without it such a folder is refused when asked for, as an edition of
            its own would take the place of its brief, and else left out with a note.

        Raises
        ------
        UsageError
            An area that does not exist; the message lists those that do. Or a panel, or nothing but panels.
        """
        known, joint = tables.areas(root), say("cli.list_joint")
        if not known:
            raise UsageError(say("cli.misuse.no_area", folder=root / "data" / "raw"))
        if unknown := [a for a in asked if a not in known]:
            raise UsageError(say("cli.misuse.unknown_area", unknown=joint.join(unknown), known=joint.join(known)))
        chosen = list(dict.fromkeys(asked)) or known
        many = [] if panels else [a for a in chosen if tables.is_panel(root, a)]
        if many and (asked or len(many) == len(chosen)):
            raise UsageError(say("cli.misuse.panel", panels=joint.join(many), first=many[0]))
        if many:
            self.note("panels.skipped", panels=joint.join(many), first=many[0])
        gone = [] if panels or asked else area_changes.gone(root)
        if gone:
            self.note("report.gone", areas=joint.join(gone))
        return [a for a in chosen if a not in many and a not in gone]

    @contextmanager
    def area(self, area: str) -> Iterator[dict[str, Any]]:
        """One area's part of the record. Its data errors are told at once and do not stop the other areas."""
        record: dict[str, Any] = self.record.setdefault("areas", {}).setdefault(area, {})
        try:
            yield record
        except DataError as error:
            self.bad_data = True
            record["problems"] = error.as_records()
            self.note("failed.data", area=area)
            click.echo(str(error), err=True)

    def as_text(self, code: int, message: str) -> str:
        """The JSON a program reads: exit code, message, and all that the commands recorded."""
        return json.dumps(
            plain({"exit_code": code, "message": message, **self.record}), ensure_ascii=False, indent=2, allow_nan=False
        )

    def log_failure(self, arguments: Sequence[str]) -> Path:
        """Write the traceback of the exception at hand to a file that can be sent to us."""
        text = f"plananalysis {__version__}, Python {sys.version}, {sys.platform}\n{list(arguments)}\n\n{traceback.format_exc()}"
        name = f"error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        for folder in (*([self.root / "build"] if self.root else []), Path(tempfile.gettempdir())):
            with suppress(OSError):
                tables.write_atomic(folder / name, text.encode())
                return folder / name
        click.echo(text, err=True)  # nowhere to write: better on screen than lost
        return Path(name)


def plain(value: Any) -> Any:
    """The value in types JSON has; numbers that are none become null, and NumPy's become Python's."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
