"""What an edition's verdicts would be if targets were read otherwise, or a tolerance were another: nothing is stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.assessments import AssessedYear, assess_areas
from plananalysis.checks import doubts, quality
from plananalysis.observations import as_known, known_histories, load_observations
from plananalysis.plan import Plan, load_plan

N_PATHS = 1000  # as an edition's own verdicts


@dataclass(frozen=True)
class Verdict:
    """Outlook and probability of one series; the probability is None where none is stated."""

    outlook: str
    probability: float | None


@dataclass(frozen=True)
class Otherwise:
    """One way to read a plan otherwise: cells of readings by series, and tolerances by name."""

    readings: Mapping[str, Mapping[str, Any]]
    tolerances: Mapping[str, float]


def verdicts_under(
    root: Path, area: str, ways: Sequence[Otherwise], as_of: int | None = None, outline: str = ""
) -> tuple[Plan, AssessedYear, list[dict[str, Verdict]]]:
    """The edition as it is, and the verdicts of every series under each of some other ways to read its plan.

    The memory of earlier editions, by which a verdict near a cut stays as it was, is left out: each way is judged by itself.

    Raises
    ------
    DataError
        The plan or the observations are not sound.
    """
    plan, reported = load_plan(root, area, as_of, "zh", outline), load_observations(root, area)
    view = as_known(reported, plan.known_on, plan.as_of)
    found = quality.findings_of_area(root, plan, reported, view)
    (held,) = known_histories(reported, [plan])
    sound = doubts.marked(held, *(doubts.years_of(found, severity) for severity in ("error", "explain")))
    plans = [plan, *(read_otherwise(plan, way) for way in ways)]
    assessed = assess_areas([[(one, sound)] for one in plans], words=True, n_paths=N_PATHS)
    now = assessed[0][0]
    return plan, now, [_verdicts(year) for (year,) in assessed]


def read_otherwise(plan: Plan, way: Otherwise) -> Plan:
    """The same plan with some targets read otherwise."""
    targets = plan.targets.copy()
    for series, cells in way.readings.items():
        for column, value in {**dict.fromkeys(("value", "low", "high"), math.nan), "operator": "", **cells}.items():
            targets.loc[series, column] = value
        value = targets.loc[series, "value"]
        targets.loc[series, "value_text"] = "" if math.isnan(value) else f"{value:g}"
    tolerances: dict[str, Any] = dict(way.tolerances)
    return replace(plan, targets=targets, thresholds=replace(plan.thresholds, **tolerances))


def _verdicts(year: AssessedYear) -> dict[str, Verdict]:
    table: pd.DataFrame = year.assessments
    rows: Iterable[tuple[Any, str, float]] = zip(table.index, table["outlook"], table["probability"], strict=True)
    return {
        str(series): Verdict(outlook, None if pd.isna(chance) else float(chance)) for series, outlook, chance in rows
    }
