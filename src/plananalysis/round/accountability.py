"""Who was asked, who answered in time, what is open, what nobody ever reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis import schema
from plananalysis.plan import load_plan
from plananalysis.returns import ERROR, SEVERITIES, TOTAL, Issue, register
from plananalysis.returns.decided import EVER
from plananalysis.returns.reading import is_due
from plananalysis.returns.register import ACCEPT, PROVISIONAL
from plananalysis.round.checking import Checker
from plananalysis.round.due import due_date
from plananalysis.round.standing import Standing, Version, standing, versions


def accountability(
    root: Path,
    area: str,
    year: int,
    checker: Checker | None = None,
    day: str = EVER,
    without: Collection[str] = (),
) -> list[dict[str, Any]]:
    """One row per responsible unit about one year's round, in the plan's order: the table ``accountability``.

    ``expected`` counts the series a unit leads and must report every year; ``reported`` those with a value of the year in its
    newest return or back series, ``explained`` those reported missing with a reason; ``never_series`` those without a value in any year (``;``-joined),
    the list for a special survey. Dates are "" where nothing came; ``on_time`` is then "", too. ``accepted``, ``provisional`` and
    ``waiting`` count the series it leads whose newest report of the year is in use, in use with open questions, or neither; ``versions`` how often the
    unit sent, ``used_from`` the days of receipt of what is in use (``;``-joined).

    Parameters
    ----------
    day
        ISO date: what had come in and was decided by then.
    without
        Series that are not counted, nor the questions about them.

    Raises
    ------
    UsageError
        No such area, or no plan period covers the year.
    """
    load_plan(root, area, year)
    checker = checker or Checker.load(root, area)
    state: dict[str, list[Standing]] = {}
    for s in standing(root, area, year, checker, day):
        state.setdefault(s.submission.unit, []).append(s)
    sent: dict[str, list[Version]] = {}
    for version in versions(root, area, year, checker, day):
        sent.setdefault(version.submission.unit, []).append(version)
    due = due_date(root, area, year)
    columns = schema.table("edition", "accountability").stored
    rows = []
    for unit, held in checker.book.by_unit.items():
        lines = [a for a in held if a.series not in without]
        asked = {a.series for a in lines if a.group == TOTAL and is_due(a, year)}
        own = [a.series for a in lines if a.group == TOTAL and a.lead]
        now, came = state.get(unit, []), sent.get(unit, [])
        told = {r.series for s in now for r in s.found.rows if r.group == TOTAL and r.usable}
        never = [s for s in own if s not in checker.reported and s not in told]
        first = min((v.submission.received_on for v in came), default="")
        issues = [i for s in now for i in s.open if i.series not in without]
        accepted = [s.accepted_on for s in now]
        reported, explained = _counts(now, asked)
        row: dict[str, Any] = {"unit": unit, "name": checker.book.unit_name(unit), "year": year, "expected": len(asked)}
        row |= {"received_on": first, "due": due, "on_time": first <= due if first else ""}
        row |= {"reported": reported, "explained": explained, **_uses(now, year, own)}
        row |= {
            "versions": len(came),
            "used_from": ";".join(dict.fromkeys(v.submission.received_on for v in came if v.used)),
        }
        row |= {"accepted_on": max(accepted, default="") if all(accepted) else ""}
        row |= {"open_errors": _number(issues, True), "open_questions": _number(issues, False)}
        row |= {
            "waived": sum(i.series not in without for s in now for i, _ in s.waived),
            "never_reported": len(never),
            "never_series": ";".join(never),
        }
        rows.append({c: row[c] for c in columns})
    return rows


def timeliness(row: Mapping[str, Any], today: str) -> str:
    """How a unit's return stands to its last day: ``in_time``, ``late``, ``overdue`` (nothing came), ``not_due`` or ``nothing`` (to report).

    Parameters
    ----------
    row
        Of :func:`accountability`.
    today
        ISO date.
    """
    if row["received_on"]:
        return "in_time" if row["received_on"] <= row["due"] else "late"
    return "nothing" if not row["expected"] else "overdue" if today > row["due"] else "not_due"


def _uses(now: Sequence[Standing], year: int, own: Collection[str]) -> dict[str, int]:
    """How many of a unit's own series are accepted, used provisionally, or wait; of several returns that tell one, the best counts."""
    of: dict[str, set[str]] = {}
    for item in (i for s in now for i in s.items if i.year == year and i.filled and i.series in own):
        of.setdefault(item.series, set()).add(item.use)
    best = [next(u for u in (ACCEPT, PROVISIONAL, "") if u in uses) for uses in of.values()]
    return {"accepted": best.count(ACCEPT), "provisional": best.count(PROVISIONAL), "waiting": best.count("")}


def questions_of(
    root: Path,
    area: str,
    year: int,
    checker: Checker | None = None,
    day: str = EVER,
    without: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Every issue of a round that is open or was waived, the table ``return_questions``; a waived one keeps its reason.

    ``without`` as in :func:`accountability`.
    """
    checker = checker or Checker.load(root, area)
    severities = dict(zip(SEVERITIES, ("error", "explain", "hint"), strict=True))
    columns = schema.table("edition", "return_questions").stored
    rows = []
    for one in standing(root, area, year, checker, day):
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
            if i.series not in without
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
