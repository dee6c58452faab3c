"""A return held against the same rules as the year's data: as if what it says were in use already."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from plananalysis.base.text import aside, say, translated, unstopped
from plananalysis.checks import arrival
from plananalysis.checks.beside import without_sex
from plananalysis.checks.findings import RULES, Finding
from plananalysis.checks.first import Elsewhere
from plananalysis.checks.values import about_values
from plananalysis.observations import as_rows, row_of
from plananalysis.plan import Plan
from plananalysis.returns import ERROR, EXPLAIN, HINT, TOTAL, Codebook, Issue, Return, Row, issue
from plananalysis.returns.counted import rows_for_observations
from plananalysis.returns.reading import is_due
from plananalysis.returns.rows import NUMBERS

_SEVERITY = {"error": ERROR, "explain": EXPLAIN, "hint": HINT}


@dataclass(frozen=True, eq=False)
class Known:
    """What an area knows when a return comes in.

    Parameters
    ----------
    view
        Every value known, from :func:`plananalysis.observations.as_known`.
    logic
        Relations between series, from :func:`plananalysis.checks.beside.load_logic`.
    elsewhere
        Published values of other places, from :func:`plananalysis.checks.first.elsewhere`.
    """

    plan: Plan
    book: Codebook
    view: pd.DataFrame
    logic: pd.DataFrame
    elsewhere: Elsewhere = field(default_factory=dict)

    @cached_property
    def leaves(self) -> dict[str, dict[str, Any]]:
        """What the plan says of every series that carries observations."""
        return self.plan.leaves().to_dict("index")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of the observations."""
        return tuple(self.view.columns)

    @cached_property
    def cells(self) -> dict[str, list[Any]]:
        """Rows of the observations known, by series."""
        found: dict[str, list[Any]] = {}
        for row in as_rows(self.view):
            if row.series in self.leaves:
                found.setdefault(row.series, []).append(row)
        return found

    @cached_property
    def beside(self) -> dict[str, frozenset[str]]:
        """The series whose values of a year one series is held against, itself included."""
        alike: dict[tuple[str, ...], set[str]] = {}
        for series, about in self.leaves.items():
            if about["denominator"]:
                alike.setdefault(("", about["denominator"]), set()).add(series)
            if about["unit"] == "%":
                alike.setdefault(("%", without_sex(about["name"])), set()).add(series)
        pairs = [{left, right} for left, right in self.logic[["left", "right"]].to_numpy()]
        found = {series: {series} for series in self.leaves}
        for together in [*alike.values(), *pairs]:
            for series in together & set(found):
                found[series] |= together
        return {series: frozenset(together) for series, together in found.items()}


def value_issues(
    known: Known, found: Return, others: Iterable[Return] = (), received_on: str = "", sheet: str = ""
) -> list[Issue]:
    """What is questionable about the values of a return, alone, against what was known before and beside others.

    Parameters
    ----------
    others
        Returns of other units for the year that came in beside it.
    received_on
        ISO date, of which a revision is told.
    """
    rows = {(r.series, r.group, r.year): r for r in found.rows}
    related = {other for r in found.rows for other in known.beside.get(r.series, ())}
    before = {_place(c): c for series in related for c in known.cells.get(series, ())}
    beside = {
        _place(c): c
        for other in others
        if other.unit != found.unit and other.year == found.year
        for c in _cells(known, other, received_on, related)
        if not math.isnan(c.value)
    }
    own = {_place(c): c for c in _cells(known, found, received_on, known.leaves)}
    in_use = {**before, **beside, **own}
    named = {(c.series, c.group, c.year) for c in before.values()}
    findings, steps = about_values(
        known.plan, list(in_use.values()), known.logic, known.leaves, found.year, named, known.elsewhere
    )
    vintages = [c for place in own if place in before for c in (before[place], own[place])]
    findings += arrival.revision_issues(vintages, steps, known.leaves)
    mine = {id(c) for c in own.values()}
    spoilt = {i.cell for i in found.issues if i.severity == ERROR}  # not read, and asked for already
    told = [_issue(f, rows[f.key], found.file, sheet) for f in findings if id(f.cell) in mine]
    return [i for i in told if i.cell not in spoilt] + _blanks(known.book, found, sheet)


def _cells(known: Known, found: Return, received_on: str, series: Collection[str]) -> list[Any]:
    """The usable lines of a return about some series as rows of the observations."""
    cells = []
    for texts in rows_for_observations(found):
        if texts["series"] not in series:
            continue
        numbers = {name: float(texts[name]) if texts[name] else math.nan for name in NUMBERS}
        typed = {f"{name}_text": texts[name] for name in numbers}
        place: dict[str, Any] = {"area": known.plan.area, "year": int(texts["year"]), "file_row": 0}
        place["reported_at"] = received_on
        told = {f"{name}_typed": texts[name] for name in ("definition", "status")}
        place["definition"] = texts["definition"] or _in_use(known, texts["series"], texts["group"], place["year"])
        cells.append(row_of(known.columns, {**texts, **numbers, **typed, **told, **place}))
    return cells


def _in_use(known: Known, series: str, group: str, year: int) -> str:
    """The definition a line without a code speaks of: that of its year, else of the year before it."""
    of_series = [c for c in known.cells.get(series, ()) if c.group == group and c.year <= year]
    return max(of_series, key=lambda c: (c.year, c.reported_at)).definition if of_series else ""


def _place(cell: Any) -> tuple[str, str, int, str]:
    return cell.series, cell.group, cell.year, cell.definition


def _issue(finding: Finding, row: Row, file: str, sheet: str) -> Issue:
    """A finding as the unit that filled in the form needs it."""
    answer = row.answer if RULES[finding.rule].answered and finding.severity == "explain" else ""
    return Issue(
        HINT if answer else _SEVERITY[finding.severity],
        finding.rule,
        file,
        sheet,
        row.cells.get(finding.column, row.cells["value"]),
        row.series,
        row.group,
        row.year,
        row.read[finding.column].raw,
        unstopped.told(finding.message),
        finding.advice,
        answer,
    )


def _blanks(book: Codebook, found: Return, sheet: str) -> list[Issue]:
    """Lines the unit must fill in and left empty."""
    lines = {(a.series, a.group): a for a in book.lines(found.unit)}
    issues = []
    for row in found.rows:
        line = lines.get((row.series, row.group))
        since = book.plan.of(row.series).outline.base_year
        if not row.blank or line is None or not is_due(line, row.year) or row.year < since:
            continue
        severity = EXPLAIN if row.group == TOTAL else HINT
        name = translated.told(line.name)
        if row.group != TOTAL:
            name = say.told("returns.group_of", name=name, group=aside.told(translated.told(line.group_name)))
        about = {"series": row.series, "group": row.group, "year": row.year, "name": name}
        issues.append(issue("blank", found.file, severity, sheet=sheet, cell=row.cells["value"], **about))
    return issues
