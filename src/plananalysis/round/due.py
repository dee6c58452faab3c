"""Until when a year's round is open."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base import tables
from plananalysis.base.errors import DataError
from plananalysis.base.spreadsheets import as_date
from plananalysis.plan.findings import Findings, iso_date
from plananalysis.returns import register

_DUE = "05-31"  # of the following year: units' deadlines in published notices lie between April and late May


def due_date(root: Path, area: str, year: int) -> str:
    """Last day of a year's round: from ``returns/rounds.csv`` (columns ``year,due``), otherwise 31 May of the year after.

    Raises
    ------
    DataError
        The file holds a year or a day that is none.
    """
    path = register.folder(root, area) / "rounds.csv"
    rows = tables.read_rows(path, root, ("year", "due"), ("note",), {"due": as_date}) if path.is_file() else []
    findings = Findings(path.relative_to(root).as_posix())
    for row in rows:
        findings.whole(row, "year", 1949, 2100)
        if not iso_date(row["due"]):
            findings.add(row, "due", "date")
    if findings.problems:
        raise DataError(findings.problems)
    return next((r["due"] for r in rows if r["year"] == str(year)), f"{year + 1}-{_DUE}")
