"""Owns ``quality`` and ``completeness``: what looks wrong, what is missing and what was revised, and who must answer.

Nothing here changes a value. A finding is an error (must be mended), to be explained, or a hint; a value in error stays in the
table as it was reported until its unit reports another or a written correction changes it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base.text import say, sentences, translated
from plananalysis.checks import cells, relations, reporting, shape
from plananalysis.checks.issues import COLUMNS, SEVERITIES, Issue, Leaves, to_table
from plananalysis.checks.relations import LOGIC_COLUMNS, load_logic
from plananalysis.observations import as_rows, current_definition, vintages
from plananalysis.plan import Plan
from plananalysis.returns import register

__all__ = ["COLUMNS", "LOGIC_COLUMNS", "SEVERITIES", "Issue", "check", "check_area", "completeness", "load_logic"]

# such a value is questioned once and not compared with others
_SUSPECT = ("out_of_bounds", "unit_slip", "rate_mismatch")
# findings that words answer, without another value
_ANSWERABLE = ("jump", "off_trend", "logic", "groups", "revision", "zero_denominator")


def check(
    plan: Plan,
    observations: pd.DataFrame,
    view: pd.DataFrame,
    logic: pd.DataFrame | None = None,
    waived: Mapping[tuple[str, str, str, int], str] | None = None,
) -> pd.DataFrame:
    """Everything questionable about what was reported, worst first.

    What is to be explained becomes a hint, with the answer beside it, where the unit explained the value in its return or the
    office waived a question about it: nobody is asked twice.

    Parameters
    ----------
    observations
        Every vintage, from :func:`plananalysis.observations.load_observations`.
    view
        What the edition uses, from :func:`plananalysis.observations.as_known`.
    logic
        Relations between series, from :func:`load_logic`; none are checked without.
    waived
        Why a question about a cell needs no answer, from :func:`plananalysis.returns.register.waived`.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; empty when there is nothing to ask.
    """
    leaves = plan.leaves().to_dict("index")
    observations = observations[observations["series"].isin(leaves)]
    news = as_rows(vintages(observations[observations["year"] <= plan.as_of]))
    known = [r for r in news if r.reported_at <= plan.known_on]  # what is news on a day does not depend on later days
    used = sorted(as_rows(view[view["series"].isin(leaves)]), key=lambda c: (c.series, c.group, c.year))
    found = [issue for cell in used for issue in cells.cell_issues(cell, leaves[cell.series])]
    segments = [segment for _, rows in _grouped(used, "series", "group") for segment in _segments(rows)]
    slips = [
        issue
        for segment in segments
        for issue in shape.slip_issues(segment, leaves[segment[0].series], plan.thresholds.small_events)
    ]
    found = _one_per_cell(found, slips)
    suspect = {_place(i) for i in found if i.rule in _SUSPECT}
    sound = [s for segment in segments if (s := [c for c in segment if _place(c) not in suspect])]
    for segment in sound:
        found += shape.change_issues(segment, leaves[segment[0].series], plan.outline.base_year)
        found += shape.copy_issues(segment, leaves[segment[0].series], plan.outline.base_year)
    by_year = {k: c for k, c in _by_year(used).items() if _place(c) not in suspect}
    if logic is not None:
        found += relations.logic_issues(by_year, logic, leaves)
    found += relations.group_issues(by_year, leaves)
    found += _series_issues(plan, leaves, used)
    steps = reporting.usual_steps({(s[0].series, s[0].group): [c.value for c in s] for s in sound})
    found += reporting.revision_issues(known, steps, leaves)
    found += reporting.timing_issues(news, plan, leaves)
    answers = {_cell(c): say("quality.answered.unit", note=translated(c.note)) for c in used if c.note and _returned(c)}
    answers |= {cell: say("quality.answered.waived", reason=reason) for cell, reason in (waived or {}).items()}
    return to_table([_answered(issue, answers.get(_cell(issue), "")) for issue in found], leaves)


def check_area(root: Path, plan: Plan, observations: pd.DataFrame, view: pd.DataFrame) -> pd.DataFrame:
    """:func:`check` with the relations and the waivers that the area's folder holds."""
    logic = load_logic(root, plan.area, set(plan.series.index))
    return check(plan, observations, view, logic, register.waived(root, plan.area))


def completeness(plan: Plan, view: pd.DataFrame, issues: pd.DataFrame | None = None) -> pd.DataFrame:
    """What each responsible unit was asked for and what it reported, in the plan's order of units.

    The unit named first answers for a series; a unit that is only named after others has ``shared`` series and none ``due``.

    Parameters
    ----------
    issues
        From :func:`check`; without it the counts of open questions are left empty.

    Returns
    -------
    DataFrame
        ``unit, name, series`` (asked for), ``shared, due`` (asked for each year), ``reported`` (of those, with a value of the
        as-of year), ``explained`` (of those, reported missing with a reason), ``newest_year, never_reported`` (how many),
        ``never_series`` (which, ``;``-joined), ``errors, questions``.
    """
    leaves = plan.leaves()
    total = view[view["group"] == "total"]
    held = total[total["value"].notna()]
    current = set(held.loc[held["year"] == plan.as_of, "series"])
    unanswered = total[(total["year"] == plan.as_of) & total["value"].isna() & (total["note"] != "")]
    severity = {s: say(f"quality.severity.{s}") for s in SEVERITIES}
    newest = held.groupby("series")["year"].max().to_dict()
    questions = Counter() if issues is None else Counter(zip(issues["series"], issues["severity"], strict=True))
    asked = list(zip(leaves.index, leaves["responsible_units"], leaves["rhythm"], strict=True))
    explained = set(unanswered["series"]) - current
    rows = []
    for unit, name in plan.units["name"].items():
        own = [series for series, units, _ in asked if units[0] == unit]
        due = [series for series, units, rhythm in asked if units[0] == unit and rhythm == "annual"]
        shared = sum(unit in units for _, units, _ in asked) - len(own)
        reported = [newest[s] for s in own if s in newest]
        never = [s for s in own if s not in newest]
        row = {"unit": unit, "name": name, "series": len(own), "shared": shared, "due": len(due)}
        row["reported"] = sum(s in current for s in due)
        row["explained"] = len(explained & set(due))
        row["newest_year"] = max(reported) if reported else pd.NA
        row |= {"never_reported": len(never), "never_series": ";".join(never)}
        for column, graded in (("errors", "error"), ("questions", "explain")):
            row[column] = pd.NA if issues is None else sum(questions[s, severity[graded]] for s in own)
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.astype({c: "Int64" for c in ("newest_year", "errors", "questions")}) if len(table) else table


def _returned(cell: Any) -> bool:
    """Whether a value came in by a form, where what stands beside it is an explanation; elsewhere a note may be anything."""
    return cell.submission.startswith(f"{register.RETURNS}/")


def _cell(found: Any) -> tuple[str, str, str, int]:
    return found.submission, found.series, found.group, int(found.year)


def _answered(issue: Issue, answer: str) -> Issue:
    if not answer or issue.rule not in _ANSWERABLE or issue.severity != say("quality.severity.explain"):
        return issue
    hint = say("quality.severity.hint")
    return replace(
        issue, severity=hint, message=sentences(issue.message, answer), advice=say("quality.answered.advice")
    )


def _place(found: Any) -> tuple[str, str, int, str]:
    """Series, group, year and typed value of a finding or of a row of the observations."""
    return found.series, found.group, found.year, found.value if isinstance(found, Issue) else found.value_text


def _one_per_cell(found: list[Issue], slips: list[Issue]) -> list[Issue]:
    """Findings of one cell joined: a unit slip explains why it is out of bounds, and is said once."""
    shown = {_place(i) for i in found if i.rule in ("unit_slip", "rate_mismatch")}
    found = found + [i for i in slips if _place(i) not in shown]
    explained = {_place(i) for i in found if i.rule == "unit_slip"}
    return [i for i in found if i.rule != "out_of_bounds" or _place(i) not in explained]


def _grouped(rows: Sequence[Any], *columns: str) -> Iterator[tuple[Any, list[Any]]]:
    """Runs of rows that agree on ``columns``, by which they are sorted already."""
    for key, run in groupby(rows, key=attrgetter(*columns)):
        yield key, list(run)


def _segments(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """Runs of comparable values of one series and group: one definition, from one break to the next, ascending by year."""
    runs: dict[str, list[list[Any]]] = {}
    for row in _held(rows):
        of_definition = runs.setdefault(row.definition, [])
        if row.status == "B" or not of_definition:
            of_definition.append([])
        of_definition[-1].append(row)
    for of_definition in runs.values():
        yield from of_definition


def _by_year(rows: Sequence[Any]) -> dict[tuple[str, str, int], Any]:
    """One value per series, group and year: in the current definition where there is one."""
    chosen: dict[tuple[str, str, int], Any] = {}
    for (series, group), cells_of_series in _grouped(rows, "series", "group"):
        held = _held(cells_of_series)
        current = current_definition(held)
        for cell in sorted(held, key=lambda c: c.definition == current):
            chosen[series, group, cell.year] = cell
    return chosen


def _series_issues(plan: Plan, leaves: Leaves, rows: Sequence[Any]) -> Iterator[Issue]:
    registered: dict[str, dict[str, str]] = {}
    for row in plan.definitions.itertuples():
        registered.setdefault(row.series, {})[row.definition] = row.text
    for (series, group), reported in _grouped(rows, "series", "group"):
        about = leaves[series]
        if group == "total":
            yield from shape.gap_issues(reported, about, plan.outline.base_year, plan.as_of)
            yield from _no_counts(reported[-1], about, plan.as_of)
        yield from reporting.definition_issues(_held(reported), about, registered.get(series, {}))


def _no_counts(cell: Any, about: Mapping[str, Any], as_of: int) -> Iterator[Issue]:
    """A newest rate without the counts the plan asks for: nobody can tell chance from change."""
    asked = about["numerator"] and about["denominator"]
    if asked and cell.year == as_of and cell.value == cell.value and cell.numerator != cell.numerator:
        words = {"numerator": about["numerator"], "denominator": about["denominator"]}
        yield cells.about_cell(cell, "no_counts", "hint", about["unit"], **words)


def _held(rows: Sequence[Any]) -> list[Any]:
    return [row for row in rows if not math.isnan(row.value)]
