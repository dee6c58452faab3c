"""Who was asked, who answered in time, what is open, what nobody ever reported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plananalysis import schema
from plananalysis.plan import load_plan
from plananalysis.returns import ERROR, SEVERITIES, TOTAL, Issue, register
from plananalysis.returns.reading import is_due
from plananalysis.round.checking import Checker
from plananalysis.round.due import due_date
from plananalysis.round.standing import Standing, standing


def accountability(root: Path, area: str, year: int, checker: Checker | None = None) -> list[dict[str, Any]]:
    """One row per responsible unit about one year's round, in the plan's order: the table ``accountability``.

    ``expected`` counts the series a unit leads and must report every year; ``reported`` those with a value of the year in its
    newest return or back series, ``explained`` those reported missing with a reason; ``never_series`` those without a value in any year (``;``-joined),
    the list for a special survey. Dates are "" where nothing came; ``on_time`` is then "", too.

    Raises
    ------
    UsageError
        No such area, or no plan period covers the year.
    """
    load_plan(root, area, year)
    checker = checker or Checker.load(root, area)
    state: dict[str, list[Standing]] = {}
    for s in standing(root, area, year, checker):
        state.setdefault(s.submission.unit, []).append(s)
    received: dict[str, str] = {}
    for one in register.submissions(root, area):
        if one.year == year:
            received.setdefault(one.unit, one.received_on)
    due = due_date(root, area, year)
    rows = []
    for unit, lines in checker.book.by_unit.items():
        asked = {a.series for a in lines if a.group == TOTAL and is_due(a)}
        own = [a.series for a in lines if a.group == TOTAL and a.lead]
        now = state.get(unit, [])
        told = {r.series for s in now for r in s.found.rows if r.group == TOTAL and r.usable}
        never = [s for s in own if s not in checker.reported and s not in told]
        first = received.get(unit, "")
        issues = [i for s in now for i in s.open]
        accepted = [s.accepted_on for s in now]
        row = (
            *(
                unit,
                checker.book.unit_name(unit),
                year,
                len(asked),
                first,
                due,
                first <= due if first else "",
            ),
            *(*_counts(now, asked), max(accepted, default="") if all(accepted) else ""),
            *(
                _number(issues, True),
                _number(issues, False),
                sum(len(s.waived) for s in now),
                len(never),
                ";".join(never),
            ),
        )
        rows.append(dict(zip(schema.table("edition", "accountability").stored, row, strict=True)))
    return rows


def questions_of(root: Path, area: str, year: int, checker: Checker | None = None) -> list[dict[str, Any]]:
    """Every issue of a round that is open or was waived, the table ``return_questions``; a waived one keeps its reason."""
    checker = checker or Checker.load(root, area)
    severities = dict(zip(SEVERITIES, ("error", "explain", "hint"), strict=True))
    columns = schema.table("edition", "return_questions").stored
    rows = []
    for one in standing(root, area, year, checker):
        states = [(i, "open", "") for i in one.open] + [(i, "waived", r.reason) for i, r in one.waived]
        rows += [
            {
                **vars(i),
                "severity": severities[i.severity],
                "unit": one.submission.unit,
                "state": state,
                "reason": reason,
            }
            for i, state, reason in states
        ]
    return [{c: row[c] for c in columns} for row in rows]


def received_any(root: Path, area: str) -> bool:
    """Whether the area has ever used the forms: without a return a table of who answered says nothing."""
    return bool(register.submissions(root, area))


def _counts(now: Sequence[Standing], asked: set[str]) -> tuple[int, int]:
    """How many series have a value of the year in any of a unit's returns, and of the others how many are explained."""
    rows = [r for s in now for r in s.found.rows if r.group == TOTAL and r.year == s.found.year and r.series in asked]
    reported = {r.series for r in rows if r.usable}
    explained = {r.series for r in rows if r.status == "M" and (r.explanation or r.note)}
    return len(reported), len(explained - reported)


def _number(issues: Sequence[Issue], errors: bool) -> int:
    return sum((i.severity == ERROR) == errors for i in issues)
