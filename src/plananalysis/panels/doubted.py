"""Which values of some areas carry no verdict or are to be explained, in each year's edition, as every area's own folder would tell."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.checks import values
from plananalysis.checks.doubts import years_of
from plananalysis.checks.quality import of_values
from plananalysis.checks.screen import screen
from plananalysis.observations import as_rows, in_use, vintages
from plananalysis.panels import columnar
from plananalysis.plan import Plan

Years = Mapping[str, frozenset[int]]  # by series


def doubted(plans: Sequence[Plan], reports: pd.DataFrame, logic: pd.DataFrame) -> dict[str, list[tuple[Years, Years]]]:
    """By area, for each edition: years of each series in error, and, for the newest edition, years to be explained.

    An area without either is not there.
    """
    newest, leaves = plans[-1], [plan.leaves().to_dict("index") for plan in plans]
    suspects = screen(newest, reports, logic)
    some = [s in suspects.asked[a] for a, s in zip(reports["area"].tolist(), reports["series"].tolist(), strict=True)]
    by_area: dict[str, list[Any]] = defaultdict(list)
    for row in as_rows(vintages(_as_typed(reports[np.array(some, bool)], newest))):
        by_area[row.area].append(row)
    found = {}
    for area, rows in by_area.items():
        errors = [row for row in rows if row.series in suspects.errors[area]]
        years: list[tuple[Years, Years]] = []
        for plan, about in zip(plans[:-1], leaves, strict=False):
            used = in_use(errors, plan.known_on, plan.as_of)
            years.append((years_of(values.errors(plan, used, logic, about), "error") if used else {}, {}))
        known = [row for row in rows if row.reported_at <= newest.known_on and row.year <= newest.as_of]
        told = of_values(newest, known, in_use(known, newest.known_on, newest.as_of), logic, leaves[-1])
        found[area] = [*years, (years_of(told, "error"), years_of(told, "explain"))]
    return found


def _as_typed(reports: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Values of a panel's file as a form would hold them, for rules that ask how exactly a number was given."""
    places = reports["series"].map(plan.series["decimals"]).fillna(0).astype(int)
    texts = {"value_text": [_text(v, f".{n}f") for v, n in zip(reports["value"], places, strict=True)]}
    texts |= {f"{name}_text": [_text(v, ".15g") for v in reports[name]] for name in columnar.COUNTS}
    return reports.assign(
        **texts, note="", submission=reports["submission"].where(reports["submission"] != "", columnar.OBSERVATIONS)
    )


def _text(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else ""
