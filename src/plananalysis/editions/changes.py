"""Owns the table ``changes``: rows whose outlook differs from the edition before, each with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from plananalysis import schema
from plananalysis.assessments import AssessedYear
from plananalysis.base.text import say
from plananalysis.observations import History
from plananalysis.render.quantities import chance
from plananalysis.schema.rows import Record


def changed(before: AssessedYear | None, now: AssessedYear, other_place: bool = False) -> pd.DataFrame:
    """Rows whose outlook differs from the edition before, each with its cause; none where there is none before.

    Causes are tried in this order: the reading of the target changed; a value known then was revised; new values came in. All differ because
    the area is another where it is on another territory (``other_place``) than then.
    """
    rows = []
    columns = [*schema.table("edition", "changes").stored]
    if before is None:
        return pd.DataFrame(columns=columns)
    said_before = _said(before)
    for series, new in _said(now).items():
        old = said_before.get(series, new)
        if old["outlook"] == new["outlook"] or new["role"] == "part":
            continue
        cause = "area_changed" if other_place else _cause(before, now, series)
        outlooks, chances = (old["outlook"], new["outlook"]), (old["probability"], new["probability"])
        rows.append([series, new["name"], *outlooks, *chances, cause])
    return pd.DataFrame(rows, columns=columns)


def sentence(row: Record, cuts: Sequence[float]) -> str:
    """A row of the table ``changes`` in words."""
    return say(
        "change.sentence",
        row=row.text("series"),
        name=row.text("name"),
        before=say(f"outlook.{row.text('from_outlook')}"),
        after=say(f"outlook.{row.text('to_outlook')}"),
        chance=_chances(row.number("from_probability"), row.number("to_probability"), cuts),
        cause=say(f"cause.{row.text('cause')}"),
    )


def _chances(before: float | None, after: float | None, cuts: Sequence[float]) -> str:
    """Probabilities before and now, in parentheses, as far as there are any."""
    known = [p is not None for p in (before, after)]
    if not any(known):
        return ""
    key = "both" if all(known) else "after" if known[1] else "before"
    return say(f"change.{key}", before=chance(before, cuts), after=chance(after, cuts))


def _said(edition: AssessedYear) -> dict[str, dict[str, Any]]:
    return edition.assessments[["role", "name", "outlook", "probability"]].to_dict("index")


def _cause(before: AssessedYear, now: AssessedYear, series: str) -> str:
    leaves = [series, *now.plan.series.index[(now.plan.series["row"] == series) & (now.plan.series["role"] == "part")]]
    if any(s in before.plan.targets.index and before.plan.reading(s) != now.plan.reading(s) for s in leaves):
        return "reading_changed"
    pairs = [(before.histories.get(s), now.histories.get(s)) for s in leaves]
    few = before.plan.thresholds.min_points
    # it could not be said before, whatever else changed
    if any(_length(old) < few <= _length(new) for old, new in pairs):
        return "new_data"
    if any(_revised(old, new) for old, new in pairs):
        return "revised_data"
    if any(_length(new) != _length(old) for old, new in pairs):
        return "new_data"
    return "method"


def _length(history: History | None) -> int:
    return 0 if history is None else len(history.years)


def _revised(old: History | None, new: History | None) -> bool:
    if old is None or new is None:
        return False
    shared, at_old, at_new = np.intersect1d(old.years, new.years, return_indices=True)
    return len(shared) < len(old.years) or not np.array_equal(old.values[at_old], new.values[at_new])
