"""Owns ``quality`` and ``completeness``: what looks wrong, what is missing and what was revised, and who must answer.

Nothing here changes a value. A finding is an error (must be mended), to be explained, or a hint; a value in error stays in the
table as it was reported until its unit reports another or a written correction changes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base.area_changes import FILE
from plananalysis.base.text import say, sentences, translated
from plananalysis.checks import arrival, past
from plananalysis.checks.beside import LOGIC_COLUMNS, load_logic
from plananalysis.checks.doubts import Waived, place, settled
from plananalysis.checks.findings import RULES, SEVERITIES, Finding, Leaves, to_table
from plananalysis.checks.first import Elsewhere, elsewhere
from plananalysis.checks.values import about_values, grouped
from plananalysis.observations import as_rows, counting, vintages
from plananalysis.plan import Plan
from plananalysis.returns import counted, register
from plananalysis.returns.register import Review

__all__ = [
    "LOGIC_COLUMNS",
    "SEVERITIES",
    "check",
    "check_area",
    "completeness",
    "findings_of_area",
    "load_logic",
]


def check(
    plan: Plan,
    observations: pd.DataFrame,
    view: pd.DataFrame,
    logic: pd.DataFrame | None = None,
    waived: Waived | None = None,
    beside: Elsewhere | None = None,
) -> pd.DataFrame:
    """Everything questionable about what was reported, worst first.

    What is to be explained becomes a hint, with the answer beside it, where the unit explained the value in its return; whatever the
    office waived does: nobody is asked twice.

    Parameters
    ----------
    observations
        Every vintage, from :func:`plananalysis.observations.load_observations`.
    view
        What the edition uses, from :func:`plananalysis.observations.as_known`.
    logic
        Relations between series, from :func:`load_logic`; none are checked without.
    waived
        Decisions that a question needs no answer, from :func:`plananalysis.returns.counted.waived`.
    beside
        Published values of other places, from :func:`plananalysis.checks.first.elsewhere`.

    Returns
    -------
    DataFrame
        The table ``quality`` of the schema; empty when there is nothing to ask.
    """
    return to_table(findings(plan, observations, view, logic, waived, beside), plan.leaves().index)


def findings(
    plan: Plan,
    observations: pd.DataFrame,
    view: pd.DataFrame,
    logic: pd.DataFrame | None = None,
    waived: Waived | None = None,
    beside: Elsewhere | None = None,
) -> list[Finding]:
    """What :func:`check` tells, before it is a table."""
    leaves = plan.leaves().to_dict("index")
    observations = observations[observations["series"].isin(leaves)]
    news, known = (
        [r for r in as_rows(vintages(counting(observations, day))) if r.year <= plan.as_of]
        for day in ("", plan.known_on)
    )
    used = as_rows(view[view["series"].isin(leaves)])
    found = of_values(plan, known, used, logic, leaves, beside)
    found += _ages(plan, leaves, used)
    found += arrival.timing_issues(news, plan, leaves)
    told = {_said(r): r.note for r in as_rows(counting(observations, plan.known_on)) if r.note and _returned(r)}
    answers = {
        place(c): say.told("quality.answered.unit", note=translated.told(told[_said(c)].rstrip("。．.；; ")))
        for c in used
        if _said(c) in told
    }
    return [_answered(f, answers.get(place(f.cell), ""), settled(f, waived or {})) for f in found]


def of_values(
    plan: Plan,
    known: Sequence[Any],
    used: Sequence[Any],
    logic: pd.DataFrame | None,
    leaves: Leaves,
    beside: Elsewhere | None = None,
) -> list[Finding]:
    """Of :func:`findings` those that can make a value doubtful: about what was reported, not about what is missing, old or late.

    Parameters
    ----------
    known, used
        Rows of :func:`plananalysis.observations.vintages` by the edition's closing, and the newest of each key among them.
    """
    named = {(r.series, r.group, r.year) for r in known if r.definition_typed}
    found, steps = about_values(plan, _of_one_place(used), logic, leaves, plan.as_of, named, beside or {})
    return [*found, *arrival.revision_issues(known, steps, leaves)]


def _of_one_place(rows: Sequence[Any]) -> list[Any]:
    """Rows without those of the territory before areas were joined: beside sums of several areas they would be wrong."""
    last = max((r.year for r in rows if r.submission == FILE and r.value == r.value), default=0)
    return [r for r in rows if r.submission == FILE or r.year > last]


def check_area(root: Path, plan: Plan, observations: pd.DataFrame, view: pd.DataFrame) -> pd.DataFrame:
    """:func:`check` with the relations and the waivers that the area's folder holds."""
    return to_table(findings_of_area(root, plan, observations, view), plan.leaves().index)


def findings_of_area(root: Path, plan: Plan, observations: pd.DataFrame, view: pd.DataFrame) -> list[Finding]:
    """:func:`findings` with the relations and the waivers that the area's folder holds."""
    logic = load_logic(root, plan.area, set(plan.series.index))
    waived = counted.waived(root, plan.area, plan.known_on)
    return findings(plan, observations, view, logic, waived, elsewhere(root, plan))


def completeness(
    plan: Plan,
    view: pd.DataFrame,
    issues: pd.DataFrame | None = None,
    waiting: Mapping[str, frozenset[int]] | None = None,
) -> pd.DataFrame:
    """What each responsible unit was asked for and what it reported, in the plan's order of units.

    The unit named first answers for a series; a unit that is only named after others has ``shared`` series and none ``due``.

    Parameters
    ----------
    issues
        From :func:`check`; without it the counts of open questions are left empty.
    waiting
        Years of each series for which a return came in that nobody has accepted yet: it is not "never reported".

    Returns
    -------
    DataFrame
        ``unit, name, series`` (asked for), ``shared, due`` (asked for each year), ``reported`` (of those, with a value of the
        as-of year), ``explained`` (of those, reported missing with a reason), ``waiting`` (with a value of the as-of year that
        is to be reviewed), ``newest_year, never_reported`` (how many),
        ``never_series`` (which, ``;``-joined), ``errors, questions``.
    """
    leaves = plan.leaves()
    total = view[view["group"] == "total"]
    held = total[total["value"].notna()]
    current = set(held.loc[held["year"] == plan.as_of, "series"])
    unanswered = total[(total["year"] == plan.as_of) & total["value"].isna() & (total["note"] != "")]
    newest = held.groupby("series")["year"].max().to_dict()
    questions = Counter() if issues is None else Counter(zip(issues["series"], issues["severity"], strict=True))
    asked = list(zip(leaves.index, leaves["responsible_units"], leaves["rhythm"], strict=True))
    explained = set(unanswered["series"]) - current
    held_back = waiting or {}
    rows = []
    for unit, name in plan.units["name"].items():
        own = [series for series, units, _ in asked if units[0] == unit]
        due = [series for series, units, rhythm in asked if units[0] == unit and rhythm == "annual"]
        shared = sum(unit in units for _, units, _ in asked) - len(own)
        reported = [newest[s] for s in own if s in newest]
        never = [s for s in own if s not in newest and s not in held_back]
        row = {"unit": unit, "name": name, "series": len(own), "shared": shared, "due": len(due)}
        row["reported"] = sum(s in current for s in due)
        row["explained"] = len(explained & set(due))
        row["waiting"] = sum(s not in current and plan.as_of in held_back.get(s, ()) for s in own)
        row["newest_year"] = max(reported) if reported else pd.NA
        row |= {"never_reported": len(never), "never_series": ";".join(never)}
        for column, graded in (("errors", "error"), ("questions", "explain")):
            row[column] = pd.NA if issues is None else sum(questions[s, graded] for s in own)
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.astype({c: "Int64" for c in ("newest_year", "errors", "questions")}) if len(table) else table


def _returned(cell: Any) -> bool:
    """Whether a value came in by a form, where what stands beside it is an explanation; elsewhere a note may be anything."""
    return cell.submission.startswith(f"{register.RETURNS}/")


def _said(cell: Any) -> tuple[str, str, int, str]:
    """A value as it was reported: an explanation is of the value, whichever of its reports it stands in."""
    return cell.series, cell.group, int(cell.year), cell.value_text


def _answered(finding: Finding, explained: str, decided: Review | None) -> Finding:
    """A finding that the office has decided to need no answer, or that the unit's own words settle, as a hint with that answer."""
    settles = explained and RULES[finding.rule].answered and finding.severity == "explain"
    if finding.severity == "hint" or not (decided or settles):
        return finding
    answer = explained
    if decided:
        reason = translated.told(decided.reason.rstrip("。．.；; "))
        answer = say.told("quality.answered.waived", reason=reason, by=decided.by, on=decided.on)
    message = sentences.told(finding.message, answer)
    return replace(finding, severity="hint", message=message, advice=say.told("quality.answered.advice"))


def _ages(plan: Plan, leaves: Leaves, rows: Sequence[Any]) -> Iterator[Finding]:
    ordered = sorted(rows, key=lambda c: (c.series, c.group, c.year))
    for (series, group), reported in grouped(ordered, "series", "group"):
        if group == "total":
            yield from past.gap_issues(reported, leaves[series], plan.of(series).outline.base_year, plan.as_of)
