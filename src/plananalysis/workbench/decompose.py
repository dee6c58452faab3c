"""How a history has moved: level and trend taken apart, what of it is chance, where it may have broken, and what of late surprised."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd

from plananalysis.observations import History
from plananalysis.plan import Thresholds
from plananalysis.plan.units import CASES, PER
from plananalysis.projections import one_step
from plananalysis.projections.methods import FEWEST

SIDE = 3  # values a stretch needs before and after a break
DRAWS = 999


def surprises(history: History, thresholds: Thresholds, last: int) -> pd.DataFrame:
    """How surprising the newest values were, each in the range projected from the years before it; see ``Indicator.surprises``."""
    step = one_step([history], thresholds.min_points, last)[history.series]
    (low80, high80), (low99, high99) = step.interval(0.8).T, step.interval(0.99).T
    columns = {"value": step.values, "low80": low80, "high80": high80, "low99": low99, "high99": high99}
    columns |= {"rank": step.ranks, "unusual": step.outside(thresholds.volatile_level)}
    return pd.DataFrame(columns, index=pd.Index(step.years, name="year"))


def parts(history: History) -> pd.DataFrame:
    """Level, trend and irregular part, from statsmodels' local linear trend model, smoothed over all years.

    Returns
    -------
    DataFrame
        Index ``year``, every year from first to last; ``value`` is NaN in missing ones. In the history's unit; ``trend`` is the
        level's change to the year after. Empty for fewer than five values.
    """
    if len(history.years) < FEWEST:
        return _nothing("value", "level", "trend", "irregular")
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    axis = np.arange(history.years[0], history.years[-1] + 1)
    values = np.full(len(axis), np.nan)
    values[history.years - axis[0]] = history.values
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fit = UnobservedComponents(values, "local linear trend").fit(disp=False)
    level, trend = np.asarray(fit.states.smoothed).T
    columns = {"value": values, "level": level, "trend": trend, "irregular": values - level}
    return pd.DataFrame(columns, index=pd.Index(axis, name="year"))


def _nothing(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns), index=pd.Index([], name="year"), dtype=float)


def volatility(history: History) -> pd.Series:
    """Size of the yearly changes, and the share of their variance that chance alone makes.

    ``usual_step`` is the mean size of a yearly change, ``drift`` the mean change, ``spread`` the standard deviation of the changes
    about it, all in the history's unit; ``chance_share`` is the variance of a change that a Poisson count behind a rate or a count
    of cases (binomial, for a share) would have anyway, over the variance seen; above 1 means that chance explains all of it. NaN
    where no counts are known.
    """
    gaps = np.diff(history.years)
    steps = np.diff(history.values) / gaps if len(gaps) else np.array([])
    spread = float(steps.std(ddof=1)) if len(steps) > 1 else math.nan
    noise = _noise(history)
    by_chance = float((noise[1:] + noise[:-1]).mean()) if len(noise) > 1 else math.nan
    found = {
        "usual_step": usual_step(history),
        "drift": float(steps.mean()) if len(steps) else math.nan,
        "spread": spread,
        "chance_share": by_chance / spread**2 if spread else math.nan,
    }
    return pd.Series(found, name="volatility")


def usual_step(history: History) -> float:
    """Mean size of a yearly change, in the history's unit: the step in which paces of different indicators are compared."""
    gaps = np.diff(history.years)
    return float(np.mean(np.abs(np.diff(history.values)) / gaps)) if len(gaps) else math.nan


def _noise(history: History) -> np.ndarray:
    """Variance each value would have by chance alone."""
    if history.unit in CASES:
        return np.maximum(history.values, 1.0)
    if history.unit not in PER or np.isnan(history.denominators).any():
        return np.full(len(history.years), np.nan)
    per, exposed = PER[history.unit], history.denominators
    share = np.clip(history.values / per, 0.0, 1.0)
    return per**2 * share * (1 - share) / exposed


def breaks(history: History) -> pd.DataFrame:
    """Every year in which level or trend may have changed, the most telling first.

    For each year with three values before and three from it on, a straight line is held against two (statsmodels OLS). ``p`` is
    how often the largest of these F statistics is at least as large when values scatter normally about one line, by simulation
    (Andrews 1993 gives it for long series; with a dozen values it has to be drawn). It speaks of the most telling year; one of many
    histories looked at falls below .05 in twenty by chance.

    Returns
    -------
    DataFrame
        Index ``year`` (first of the new stretch): ``level_shift`` in the unit, ``trend_shift`` a year, ``f``, ``p``.
    """
    import statsmodels.api as sm

    years, values, n = history.years, history.values, len(history.years)
    shifts = ["level_shift", "trend_shift"]
    if n < 2 * SIDE:
        return _nothing(*shifts, "f", "p")
    rows, tests = {}, []
    time = (years - years[0]).astype(float)
    line = np.column_stack([np.ones(n), time])
    for at in range(SIDE, n - SIDE + 1):
        after = (np.arange(n) >= at).astype(float)
        both = np.column_stack([line, after, after * (time - time[at])])
        fit = sm.OLS(values, both).fit()
        rows[int(years[at])] = [fit.params[2], fit.params[3]]
        tests.append(both)
    observed = _f(values[None], line, tests)[0]
    drawn = _f(np.random.default_rng(0).standard_normal((DRAWS, n)), line, tests).max(axis=1)
    found = pd.DataFrame.from_dict(rows, "index", columns=shifts).rename_axis("year")
    found["f"] = observed
    found["p"] = [(1 + (drawn >= f).sum()) / (1 + DRAWS) for f in observed]
    return found.sort_values("f", ascending=False)


def _f(values: np.ndarray, line: np.ndarray, tests: list[np.ndarray]) -> np.ndarray:
    """F statistics of two lines against one, rows of values x breaks; 0 where one line fits exactly."""

    def left(design: np.ndarray) -> np.ndarray:
        basis, _ = np.linalg.qr(design)
        rest = values - values @ basis @ basis.T
        return (rest**2).sum(axis=1)

    one, n = left(line), values.shape[1]
    scale = 1e-12 * (values**2).sum(axis=1)
    two = np.stack([left(design) for design in tests], axis=1)
    gained = np.maximum(one[:, None] - two, 0.0)
    return np.where(one[:, None] > scale[:, None], gained / 2 / np.maximum(two, scale[:, None]) * max(n - 4, 1), 0.0)
