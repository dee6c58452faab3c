"""Files an office hands over, as sheets of cells, with what is wrong with a file said as everywhere."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.text import say
from plananalysis.returns.reading import refusal_words
from plananalysis.sheets.apart import read_apart
from plananalysis.sheets.formats import shown
from plananalysis.sheets.grids import Cell, Refused, Sheets


def sheets_of(path: Path) -> Sheets:
    """The sheets of a file.

    Raises
    ------
    UsageError
        There is no such file.
    DataError
        It is refused, and why.
    """
    if not path.is_file():
        raise UsageError(say("workbook.error.no_file", file=path))
    try:
        return read_apart(path.read_bytes(), path.suffix.lower())
    except Refused as refused:
        facts = {"file": path.name, **refusal_words(refused.facts)}
        told = [say(f"returns.rule.{refused.rule}.{part}", **{**refused.facts, **facts}) for part in ("rule", "advice")]
        raise DataError([Problem(path.name, 0, "", "", *told)]) from None


def cell_text(cell: Cell) -> str:
    """A cell as a person reads it: whole numbers without a point, dates in order, a percentage with its sign."""
    raw = cell.raw
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, int | float):
        percent = shown(cell.number_format).percent
        return f"{100 * raw if percent else raw:.12g}" + ("%" if percent else "")
    if isinstance(raw, datetime | date):
        return raw.isoformat()[:10]
    if isinstance(raw, time):  # what a spreadsheet makes of 2:3
        return f"{raw.hour}:{raw.minute}"
    return " ".join(part.strip() for part in cell.text.splitlines())
