"""What is said of a value beside itself: that it cannot be true and carries no verdict, that it is to be explained, or that it waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from plananalysis.checks import values
from plananalysis.checks.findings import Finding
from plananalysis.observations import History, as_rows
from plananalysis.plan import Plan
from plananalysis.returns.counted import USE
from plananalysis.returns.issues import waiver
from plananalysis.returns.register import PROVISIONAL, Review

Waived = Mapping[tuple[str, str, str, int | None], Mapping[str, Review]]  # as counted.waived gives it


def in_error(
    plan: Plan, view: pd.DataFrame, logic: pd.DataFrame | None, waived: Waived | None = None
) -> dict[str, frozenset[int]]:
    """Years of each series whose total is marked 错误, as far as the edition's own data tell, unless the office waived it.

    Parameters
    ----------
    view
        What the edition uses, from :func:`plananalysis.observations.as_known`.
    logic
        Relations between series, from :func:`plananalysis.checks.beside.load_logic`.
    waived
        From :func:`plananalysis.returns.counted.waived`.
    """
    if view.empty:
        return {}
    leaves = plan.leaves().to_dict("index")
    found = values.errors(plan, as_rows(view[view["series"].isin(leaves)]), logic, leaves)
    return years_of((f for f in found if settled(f, waived or {}) is None), "error")


def settled(finding: Finding, waived: Waived) -> Review | None:
    """The decision that a question needs no answer; one taken before the value was corrected was about the value before."""
    found = waiver(finding.rule, waived.get(place(finding.cell), {}))
    corrected = getattr(finding.cell, "correction", "")
    return None if found is not None and corrected and found.on < finding.cell.reported_at else found


def place(cell: Any) -> tuple[str, str, str, int]:
    """Where a value was reported, as decisions about it are found."""
    return cell.submission, cell.series, cell.group, int(cell.year)


def provisional(view: pd.DataFrame) -> dict[str, frozenset[int]]:
    """Years of each series whose total is used although questions about it are open."""
    used = view[(view[USE] == PROVISIONAL) & (view["group"] == "total")]
    return {series: frozenset(years) for series, years in used.groupby("series")["year"]}


def years_of(findings: Iterable[Finding], severity: str) -> dict[str, frozenset[int]]:
    """Years of each series whose total has a finding of one severity."""
    found: dict[str, set[int]] = {}
    for finding in findings:
        series, group, year = finding.key
        if finding.severity == severity and group == "total" and finding.cell.submission:
            found.setdefault(series, set()).add(year)
    return {series: frozenset(years) for series, years in found.items()}


def marked(
    histories: Mapping[str, History],
    wrong: Mapping[str, frozenset[int]],
    asked: Mapping[str, frozenset[int]] | None = None,
    waiting: Mapping[str, frozenset[int]] | None = None,
    used: Mapping[str, frozenset[int]] | None = None,
) -> dict[str, History]:
    """Histories that know which of their values are in error, to be explained or used provisionally, and what waits to be accepted."""
    made = {}
    for series, history in histories.items():
        open_ = (used or {}).get(series, frozenset())
        told = {
            "questioned": (asked or {}).get(series, frozenset()) | open_,
            "waiting": (waiting or {}).get(series),
            "provisional": open_,
        }
        given: dict[str, Any] = {name: tuple(sorted(years)) for name, years in told.items() if years}
        held = history.without(wrong.get(series, ()))
        made[series] = replace(held, **given) if given else held
    return made
