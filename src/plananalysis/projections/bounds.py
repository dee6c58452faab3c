"""Standing at a bound: a share that has been 100 % (or 0) stays there, the surer the longer it has stood; values of small groups are k of n.

How often such a share stays, comes back, and how far it goes when it leaves is learned from real histories that stood at a
bound (``data/raw/reference/at_bounds.csv``), which no projection of changes can tell.
"""

from __future__ import annotations

import math

import numpy as np

from plananalysis.plan.units import PER
from plananalysis.projections import counts
from plananalysis.projections.observed import Observed

LONG = 5  # values at the bound that make a flat window, as was learned from; a shorter standing is told the same
SHORTEST = 2  # published values at the bound, one after the other, that make a standing
FEW = 200  # cases up to which a share takes its values among k of n


def standing(history: Observed) -> tuple[int, int]:
    """On which bound a share stands (1 the upper, -1 the lower, 0 none) and for how many published values."""
    if (
        math.isnan(history.lower)
        or math.isnan(history.upper)
        or not len(history.values)
        or (PER.get(history.unit) or 0) > 100
    ):
        return 0, 0
    nearest = 0.5 * 10.0**-history.decimals
    for side, bound in ((1, history.upper), (-1, history.lower)):
        if abs(history.values[-1] - bound) >= nearest:
            continue
        away = np.flatnonzero(np.abs(history.values - bound) >= nearest)
        run = len(history.values) - 1 - (away[-1] if len(away) else -1)
        if run >= SHORTEST:
            return side, int(run)
    return 0, 0


def stays(run: np.ndarray, horizons: int, learned: np.ndarray) -> np.ndarray:
    """Probability of standing at the bound 1 … ``horizons`` years on, for runs of so many values (runs x horizons).

    A year's chance to leave is c + b · n^-g after n values, that to come back r; ``learned`` holds c, b, g, r.
    """
    c, b, g, r = learned
    at, out = np.ones(len(run)), []
    for k in range(horizons):
        leaves = np.minimum(c + b * (run + k) ** -g, 0.9)
        at = at * (1 - leaves) + (1 - at) * r
        out.append(at)
    return np.stack(out, axis=1)


def held(history: Observed, ahead: np.ndarray, ranks: np.ndarray, learned: dict[str, np.ndarray]) -> np.ndarray | None:
    """Values at ``ranks`` (rising) of a share that stands at a bound, ``ahead`` x ranks; None for any other.

    Parameters
    ----------
    ahead
        Years ahead, one row each.
    """
    side, run = standing(history)
    if not side or "bound.best" not in learned or (side < 0 and counts.events(history)):
        return None  # never a case among those counted is told better by counting
    name = {1.0: "best", -1.0: "worst"}.get(side * history.direction, "either")
    chance = stays(np.array([max(run, LONG)], float), int(ahead.max()), learned[f"bound.{name}"])[0][ahead - 1]
    leaving = (1 - ranks if side > 0 else ranks)[None, :] - chance[:, None]  # above 0 on the ranks that have left
    far = np.clip(leaving / (1 - chance)[:, None], 0, 1)
    least = 10.0**-history.decimals
    away = np.maximum(np.interp(far, learned["levels"], learned[f"bound.{name}_exits"]) / 100, 0)
    away = np.clip(away * (history.upper - history.lower), least, history.upper - history.lower)
    values = np.where(
        leaving > 0,
        history.upper - away if side > 0 else history.lower + away,
        history.upper if side > 0 else history.lower,
    )
    return values


def on_lattice(history: Observed, values: np.ndarray) -> np.ndarray:
    """Values of a share of few cases among k of n, n being the newest number of cases; others as they are."""
    if history.unit != "%" or history.numerators is None or history.denominators is None:
        return values
    n, cases = history.denominators[-1], history.denominators
    if not (np.isfinite(n) and 1 <= n <= FEW and n == round(n)):
        return values
    known = np.isfinite(cases) & np.isfinite(history.numerators) & (cases > 0)
    told = 100 * history.numerators[known] / cases[known]
    if not len(told) or np.abs(told - history.values[known]).max() > 0.6 * 10.0**-history.decimals:
        return values
    # in double precision whatever NumPy makes of a single value beside many: 85.71 in single precision is not what was reported
    k = np.floor((values / 100).astype(float) * n + 0.5)
    _, run = standing(history)
    if run:  # leaving a bound is one case at least
        k = np.where((values > 0) & (k == 0), 1, np.where((values < 100) & (k == n), n - 1, k))
    return np.round(100 * k / n, int(history.decimals))  # as published, so that what is reported can lie on it
