"""What is said of a value beside itself: that it cannot be true and carries no verdict, that it is to be explained, or that it waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from plananalysis.checks.findings import Finding
from plananalysis.checks.values import errors
from plananalysis.observations import History, as_rows
from plananalysis.plan import Plan


def in_error(plan: Plan, view: pd.DataFrame, logic: pd.DataFrame | None) -> dict[str, frozenset[int]]:
    """Years of each series whose total is marked 错误, as far as the edition's own data tell.

    Parameters
    ----------
    view
        What the edition uses, from :func:`plananalysis.observations.as_known`.
    logic
        Relations between series, from :func:`plananalysis.checks.beside.load_logic`.
    """
    leaves = plan.leaves().to_dict("index")
    return years_of(errors(plan, as_rows(view[view["series"].isin(leaves)]), logic, leaves), "error")


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
) -> dict[str, History]:
    """Histories that know which of their values are in error, which are to be explained, and what waits to be accepted."""
    made = {}
    for series, history in histories.items():
        told = {"questioned": (asked or {}).get(series), "waiting": (waiting or {}).get(series)}
        given: dict[str, Any] = {name: tuple(sorted(years)) for name, years in told.items() if years}
        held = history.without(wrong.get(series, ()))
        made[series] = replace(held, **given) if given else held
    return made
