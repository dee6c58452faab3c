"""What the process does that reads a file: takes its bytes, answers with its cells, and may be killed at any moment.

Cells travel as JSON: a process that has read a stranger's file must not hand over anything that runs.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Any

from plananalysis.sheets.grids import EMPTY, Cell, Grid, Refused, Sheets
from plananalysis.sheets.reading import read_file

# packages of others, loaded once when first needed
_NEEDED = {".xls": "xlrd", ".et": "xlrd", ".xlsb": "python_calamine"}


def serve() -> None:
    """For each line that comes on standard input, read what it brings in a fork and tell how that ended."""
    from plananalysis.sheets import ods, xls, xlsb, xlsx  # noqa: F401  # once, or every fork pays for them

    os.closerange(3, 1024)  # what this process was started with is not for files to reach
    asked = socket.socket(fileno=0)
    while True:
        given, lines, _, _ = socket.recv_fds(asked, 1000, 1)
        if not given:
            return
        with suppress(ImportError):  # the fork will say so
            import_module(_NEEDED.get(json.loads(given)[0], "json"))
        if (reader := os.fork()) == 0:
            with suppress(BaseException):
                for place in (0, 1):
                    os.dup2(lines[0], place)
                os.close(lines[0])
                main(given.decode())
                os._exit(0)
            os._exit(1)
        os.close(lines[0])
        asked.send(str(os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1])).encode())


def main(given: str) -> None:
    """Read a file from standard input and write its cells to standard output.

    Parameters
    ----------
    given
        As JSON: the file's suffix, seconds of processor time and bytes of memory.
    """
    suffix, seconds, memory = json.loads(given)
    limit(seconds, memory)
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(data, suffix))
    sys.stdout.flush()


def limit(seconds: int, memory: int) -> None:
    """Seconds of processor time and bytes of memory this process may use; no files written, no processes started.

    Windows has none of these limits; there the parent's clock remains.
    """
    with suppress(ImportError):
        import resource

        for kind, most, last in (
            (resource.RLIMIT_CPU, seconds, seconds + 1),  # at the first it is told to end, at the second ended
            (resource.RLIMIT_AS, memory, memory),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_CORE, 0, 0),
        ):
            with suppress(ValueError, OSError):  # macOS knows the name of some and refuses to set them
                resource.setrlimit(kind, (most, last))


def answer(data: bytes, suffix: str) -> bytes:
    """A file's cells, or why it is refused, as JSON; any failure but these two means that the file is broken."""
    try:
        return _packed(read_file(data, suffix))
    except Refused as refused:
        return json.dumps({"refused": refused.rule, "facts": refused.facts}).encode()
    except MemoryError:
        return json.dumps({"refused": "file_heavy", "facts": {}}).encode()
    except Exception:  # the boundary to files that are wrong in any way there is
        return json.dumps({"refused": "file_broken", "facts": {}}).encode()


def _packed(sheets: Sheets) -> bytes:
    grids = [
        {
            "name": grid.name,
            "hidden": grid.hidden,
            "comments": [[*at, text] for at, text in grid.comments.items()],
            "rows": [
                [None if c == EMPTY else [_plain(c.raw), c.number_format, c.formula] for c in r] for r in grid.rows
            ],
        }
        for grid in sheets.grids
    ]
    return json.dumps({"grids": grids, "far": sheets.far}).encode()


def unpacked(answer: bytes) -> Sheets:
    """What :func:`answer` gave, as sheets.

    Raises
    ------
    Refused
        It was a refusal.
    """
    found = json.loads(answer)
    if "refused" in found:
        raise Refused(found["refused"], **found["facts"])
    grids = [
        Grid(
            one["name"],
            [[EMPTY if c is None else Cell(_raw(c[0]), c[1], c[2]) for c in row] for row in one["rows"]],
            one["hidden"],
            {(row, column): text for row, column, text in one["comments"]},
        )
        for one in found["grids"]
    ]
    return Sheets(grids, found["far"])


def _plain(raw: Any) -> Any:
    if isinstance(raw, datetime | date | time):
        return {type(raw).__name__: raw.isoformat()}
    if isinstance(raw, timedelta):
        return {"timedelta": str(raw.total_seconds())}
    return raw


def _raw(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    if kind == "timedelta":
        return timedelta(seconds=float(text))
    read: dict[str, Callable[[str], Any]] = {
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "time": time.fromisoformat,
    }
    return read[kind](text)
