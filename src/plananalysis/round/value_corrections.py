"""A value of a table that was found wrong, corrected by a dated line of ``corrections.csv``: what was reported stays, the correction counts from its day."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base import tables
from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.observations import load_observations
from plananalysis.observations.submissions import CORRECTION
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
        No reason, name or date; the table has no such value.
    BusyError
        Another run is writing.
    DataError
        The correction breaks rules, or the value was corrected before; nothing was written then.
    """
    named(on, by)
    if not reason.strip():
        raise UsageError(say("intake.no_correction_reason"))
    series, group, year = cell
    path = root / "data" / "raw" / area / "corrections.csv"
    with lock(root, area):
        held = load_observations(root, area)
        mine = held[(held["submission"] == table) & (held["correction"] == "")]
        mine = mine[(mine["series"] == series) & (mine["group"] == group) & (mine["year"] == year)]
        if mine.empty:
            raise UsageError(say("intake.no_value", table=table, cell="/".join(map(str, cell))))
        wrong = str(mine["value_text"].iloc[-1])
        before = path.read_bytes() if path.is_file() else None
        rows = [] if before is None else tables.read_rows(path, root, CORRECTION)
        line = (table, series, group, str(year), wrong, right.strip(), reason.strip(), by.strip(), on)
        rows.append(dict(zip(CORRECTION, line, strict=True)))
        tables.write_rows(({c: row[c] for c in CORRECTION} for row in rows), CORRECTION, path)
        try:
            load_observations(root, area)
        except DataError:
            if before is None:
                path.unlink()
            else:
                tables.write_atomic(path, before)
            raise
    return wrong
