"""Append-only tables: every line carries a digest of itself and of the line before, so that no line changes unnoticed.

A line's ``chain`` is ``2:`` (the format's version) and the SHA-256 of the chain before it and the line's own cells. Lines without one
are of the first format; the first line with one covers them. What is cut off at the end leaves its files behind, which
``check`` names; who can change the whole table and every copy of it can make it anew: against that only a copy elsewhere helps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from plananalysis.base import tables
from plananalysis.base.spreadsheets import Undo
from plananalysis.plan.findings import Findings

FORMAT = 2
CHAIN = "chain"
Line = Mapping[str, str]


def read(
    path: Path, root: Path, columns: Sequence[str], later: Sequence[str] = (), undo: Undo | None = None
) -> list[dict[str, str]]:
    """Lines of a table, each with its row number under ``#``; none when there is no such file.

    Parameters
    ----------
    later
        Columns that the first format did not have.

    Raises
    ------
    DataError
        A line was changed, taken out or moved after it was written, or was written by a newer program.
    """
    if not path.is_file():
        return []
    rows = tables.read_rows(path, root, columns, (*later, CHAIN), undo)
    findings = Findings(path.relative_to(root).as_posix(), "returns.ledger")
    previous, chained = "", False
    for row in rows:
        version = row[CHAIN].partition(":")[0]
        expected = _link(previous, row, (*columns, *later))
        if version.isascii() and version.isdigit() and int(version) > FORMAT:
            findings.add(row, "", "newer")
        elif (row[CHAIN] or chained) and row[CHAIN] != expected:
            findings.add(row, "", "broken")
        chained |= bool(row[CHAIN])
        previous = row[CHAIN] or expected
    findings.refuse()
    return rows


def append(
    path: Path, root: Path, columns: Sequence[str], later: Sequence[str], new: Iterable[Line], undo: Undo | None = None
) -> None:
    """Add lines to a table in one step; those that are there stay as they are.

    Raises
    ------
    DataError
        As :func:`read`.
    """
    every = (*columns, *later)
    rows = read(path, root, columns, later, undo)
    previous = ""
    for row in rows:
        previous = row[CHAIN] or _link(previous, row, every)
    for line in new:
        row = {c: " ".join(str(line[c]).split()) for c in every}  # as it will be read again
        row[CHAIN] = previous = _link(previous, row, every)
        rows.append(row)
    tables.write_rows(({c: row[c] for c in (*every, CHAIN)} for row in rows), (*every, CHAIN), path)


def _link(previous: str, row: Line, columns: Sequence[str]) -> str:
    cells = json.dumps([previous, *(row[c] for c in columns)], ensure_ascii=False)
    return f"{FORMAT}:{hashlib.sha256(cells.encode('utf-8', 'surrogatepass')).hexdigest()}"
