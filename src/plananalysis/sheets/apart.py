"""Starts the process that reads a file, and answers for it when it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from plananalysis.sheets.child import unpacked
from plananalysis.sheets.grids import Refused, Sheets
from plananalysis.sheets.reading import MAX_FILE

SECONDS = 2  # of processor time; the slowest file that is read takes under one
PATIENCE = 60  # seconds on the clock: on a machine with other work the file is not to blame
MEMORY = 320_000_000  # bytes of address space
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from plananalysis.sheets.child import main; "
    "main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))"
)


def read_apart(data: bytes, suffix: str) -> Sheets:
    """The sheets of a file, read in a process that cannot harm this one: limited in time and memory, it writes nothing.

    Raises
    ------
    Refused
        The file is not read, and why: a process that ended otherwise than with an answer counts as an answer.
    """
    if len(data) > MAX_FILE:
        raise Refused("file_large", size=f"{len(data) / 1e6:.1f}", limit=f"{MAX_FILE / 1e6:.0f}")
    home = str(Path(__file__).parents[2])
    command = [sys.executable, "-I", "-c", _PROGRAM, home, suffix[:20], str(SECONDS), str(MEMORY)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise Refused("file_slow") from None
    if done.returncode != 0:
        raise Refused("file_slow" if done.returncode == -24 else "file_heavy")
    try:
        return unpacked(done.stdout)
    except (ValueError, KeyError, TypeError):  # half an answer
        raise Refused("file_heavy") from None
