"""Tables found wrong, corrected by a dated line of ``corrections.csv``, value by value or as a whole: what was reported stays, the line counts from its day."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from plananalysis.base import tables
from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.observations import counting, load_observations
from plananalysis.observations.corrections import CORRECTION
from plananalysis.round.signing import named

Cell = tuple[str, str, int]  # series, group, year


def correct_value(root: Path, area: str, table: str, cell: Cell, right: str, by: str, on: str, reason: str) -> str:
    """Add a correction of one value of a table; the value as it was reported.

    Parameters
    ----------
    table
        Name of a file of ``observations``.
    right
        The right value as it is to be typed; "" takes the value back without another one.
    by, on, reason
        Who decided so on which day (ISO), and why.

    Raises
    ------
    UsageError
        No reason, name or date; the table has no such value, or was withdrawn.
    BusyError
        Another run is writing.
    DataError
        The correction breaks rules, or the value was corrected before; nothing was written then.
    """
    named(on, by, reason, "no_correction_reason")
    series, group, year = cell
    with lock(root, area):
        mine = _reported(counting(load_observations(root, area)), table)
        mine = mine[(mine["series"] == series) & (mine["group"] == group) & (mine["year"] == year)]
        if mine.empty:
            raise UsageError(say("intake.no_value", table=table, cell="/".join(map(str, cell))))
        wrong = str(mine["value_text"].iloc[-1])
        _add(root, area, (table, series, group, str(year), wrong, right.strip(), reason.strip(), by.strip(), on))
    return wrong


def withdraw_table(root: Path, area: str, table: str, by: str, on: str, reason: str) -> int:
    """Add a line that withdraws a whole table from its day on; the number of values in it.

    What stood before the table counts again, as if it had not come; editions that had closed by then stay as they were.

    Parameters
    ----------
    table, by, on, reason
        As for :func:`correct_value`.

    Raises
    ------
    UsageError
        No reason, name or date.
    BusyError
        Another run is writing.
    DataError
        There is no such table, it was withdrawn already, or the submissions break rules without it, too; nothing was written then.
    """
    named(on, by, reason, "no_correction_reason")
    with lock(root, area):
        held = _add(root, area, (table, "", "", "", "", "", reason.strip(), by.strip(), on))
    return len(_reported(held, table))


def _reported(held: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows of a table as they were reported."""
    return held[(held["submission"] == table) & (held["correction"] == "")]


def _add(root: Path, area: str, line: tuple[str, ...]) -> pd.DataFrame:
    """Add a line to ``corrections.csv``, unless the submissions cannot be read with it; the observations with it."""
    path = root / "data" / "raw" / area / "corrections.csv"
    before = path.read_bytes() if path.is_file() else None
    rows = [] if before is None else tables.read_rows(path, root, CORRECTION)
    rows.append(dict(zip(CORRECTION, line, strict=True)))
    tables.write_rows(({c: row[c] for c in CORRECTION} for row in rows), CORRECTION, path)
    try:
        return load_observations(root, area)
    except DataError:
        if before is None:
            path.unlink()
        else:
            tables.write_atomic(path, before)
        raise
