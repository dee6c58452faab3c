"""A history as it would stand after other years: values assumed one by one, or by a pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from plananalysis.assessments import verdicts
from plananalysis.observations import History
from plananalysis.workbench.history import history_of


def paced(history: History, pace: float, until: int) -> dict[int, float]:
    """The coming years up to ``until``, moving ``pace`` times as fast as the last five did, within the natural bounds."""
    newest, last = float(history.values[-1]), int(history.years[-1])
    step = verdicts.pace(history, newest, until).observed * pace
    low, high = (np.nan_to_num(b, nan=inf) for b, inf in ((history.lower, -np.inf), (history.upper, np.inf)))
    return {y: float(np.clip(newest + step * (y - last), low, high)) for y in range(last + 1, until + 1)}


def after(history: History, values: Mapping[int, float], name: str) -> tuple[History, tuple[int, ...]]:
    """The history with assumed values in place of observed ones and after them, and the years that were assumed.

    Raises
    ------
    DataError
        Lists every assumed value that is no number or out of bounds.
    """
    h = history
    assumed = history_of(dict(values), name, h.unit, (h.lower, h.upper), "higher", {}, h.decimals)
    old = ~np.isin(h.years, assumed.years)
    order = np.argsort(np.concatenate([h.years[old], assumed.years]), kind="stable")
    parts: dict[str, Any] = {
        name: np.concatenate([getattr(h, name)[old], getattr(assumed, name)])[order]
        for name in ("years", "values", "numerators", "denominators")
    }
    return replace(h, **parts), tuple(assumed.years.tolist())
