"""Until when a year's round is open."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.plan.findings import Findings, iso_date
from plananalysis.returns import register
from plananalysis.round.signing import named

_DUE = "05-31"  # of the following year: units' deadlines in published notices lie between April and late May
_COLUMNS = ("year", "due", "note")


def due_date(root: Path, area: str, year: int) -> str:
    """Last day of a year's round: the newest line about it in ``returns/rounds.csv``, otherwise 31 May of the year after.

    Raises
    ------
    DataError
        The file holds a year or a day that is none.
    """
    rows = _rows(root, area)
    return next((r["due"] for r in reversed(rows) if r["year"] == str(year)), f"{year + 1}-{_DUE}")


def set_due(root: Path, area: str, year: int, due: str, by: str, on: str, reason: str = "") -> str:
    """Set the last day of a year's round by a further line of ``returns/rounds.csv``; the day on which the year's edition closes.

    Parameters
    ----------
    due
        ISO date, after the end of the year.
    by, on, reason
        Who set it on which day, and why.

    Raises
    ------
    UsageError
        A year outside the plan, a day that is none or lies before the end of the year, nobody named, or the day set already.
    BusyError
        Another run is writing.
    DataError
        As :func:`due_date`.
    """
    named(on, by)
    plan = load_plan(root, area, year)
    if not iso_date(due):
        raise UsageError(say("intake.bad_date", date=due))
    if due <= f"{year}-12-31":
        raise UsageError(say("intake.due_early", due=due, year=year))
    with lock(root, area):
        rows = _rows(root, area)
        if due_date(root, area, year) == due:
            raise UsageError(say("intake.due_same", due=due, year=year))
        note = " ".join(filter(None, (on, by.strip(), reason.strip())))
        rows.append({"year": str(year), "due": due, "note": note})
        path = register.folder(root, area) / "rounds.csv"
        tables.write_rows(({c: row[c] for c in _COLUMNS} for row in rows), _COLUMNS, path)
    return plan.known_on


def _rows(root: Path, area: str) -> list[dict[str, str]]:
    path = register.folder(root, area) / "rounds.csv"
    rows = tables.read_rows(path, root, _COLUMNS[:2], _COLUMNS[2:], {"due": as_date}) if path.is_file() else []
    findings = Findings(path.relative_to(root).as_posix())
    for row in rows:
        findings.whole(row, "year", 1949, 2100)
        if not iso_date(row["due"]):
            findings.add(row, "due", "date")
    findings.refuse()
    return rows
