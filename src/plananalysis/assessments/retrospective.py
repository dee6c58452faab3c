"""Owns ``retrospective`` and ``earlier``: what was said, or would have been said, before it was known what comes.

``retrospective`` is what this method would have said half-way through a finished plan period, beside what came; ``earlier`` what the
editions of the period so far say of every row, each from what was known at its own closing date.

It is the one test of the whole product on the targets it is for: the reading, the data known then and the outcome are real.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis import schema
from plananalysis.assessments import AssessedYear, assess
from plananalysis.assessments.events import Event, met_now
from plananalysis.assessments.targets import event
from plananalysis.base.tables import read_settings
from plananalysis.observations import History, as_known, histories
from plananalysis.plan import Plan, load_plan
from plananalysis.plan.settings import codes


def look_back(root: Path, plan: Plan, reported: pd.DataFrame) -> pd.DataFrame:
    """One row per target of every plan period that had ended by the edition's as-of year; empty when none had.

    Parameters
    ----------
    plan
        The plan of the edition; outcomes are those known on its closing date.
    reported
        All observations of the area, every vintage.
    """
    ended = [
        o
        for o in read_settings(root / "data" / "raw" / plan.area / "area.toml", root)["outlines"]
        if o["target_year"] <= plan.as_of and o["id"] != plan.outline.id and _of_same_plans(plan, o.get("plans", ""))
    ]
    rows = []
    for outline in ended:
        middle = (outline["base_year"] + outline["target_year"]) // 2
        then = load_plan(root, plan.area, middle, outline=outline["id"]).narrowed()
        known_then = histories(as_known(reported, then.known_on, then.as_of), then.leaves())
        known_now = histories(as_known(reported, plan.known_on, outline["target_year"]), then.leaves())
        table = assess(then, known_then).assessments
        for series, row in table[table["role"] == "target"].iterrows():
            rows.append({"series": series, **_said(then, row), **_came(then, series, known_now[series])})
    told = pd.Series([row["value_text"] for row in rows], dtype=object)
    columns = [*schema.table("edition", "retrospective").stored]
    return pd.DataFrame(rows, columns=columns).round(4).assign(value_text=told)


def _of_same_plans(plan: Plan, named: str) -> bool:
    """Whether a period is one of the plans of the edition's, by the codes it names; none means all."""
    return not named or any(map(plan.outline.is_of, codes(named)))


def said_before(editions: Sequence[AssessedYear]) -> pd.DataFrame:
    """One row per earlier edition of the period and row of the plan, as the table ``earlier`` of the schema; parts are left out."""
    names, blocks = [*schema.table("edition", "earlier").stored], []
    for edition in editions:
        rows = edition.assessments[edition.assessments["role"] != "part"].reset_index()
        blocks.append(rows.assign(year=edition.plan.as_of)[names])
    return pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=names)


def _said(then: Plan, row: pd.Series) -> dict[str, object]:
    """What the row of an edition would have said, in the columns of the table."""
    ahead = {"median": "median_target_year", "low80": "low80_target_year", "high80": "high80_target_year"}
    return {**row, **{ours: row.get(theirs, np.nan) for ours, theirs in ahead.items()}, "origin_year": then.as_of}


def _came(then: Plan, series: str, history: History) -> dict[str, object]:
    """The value of the target year, or unknown: a later or earlier year does not decide a target."""
    year = then.outline.target_year
    if year not in history.years:
        return {"outcome": np.nan, "outcome_year": np.nan, "met": "unknown"}
    what = event(then.reading(series), history, then.outline.base_year, then.thresholds, until=year)
    met = met_now(what, history, then.outline.base_year) if isinstance(what, Event) else None
    word = "unknown" if not isinstance(what, Event) else "met" if met else "not_met"
    return {"outcome": float(history.values[history.years == year][0]), "outcome_year": year, "met": word}
