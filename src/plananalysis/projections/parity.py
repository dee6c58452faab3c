"""Ratios of two groups that are nearly even: they stay so more often than a series of changes tells.

What pulls two groups together (a norm, and that there are no more girls than are born) ends where they are even, so that ratios near it
scatter less, the further ahead the more. How much less is learned from the errors of ratios of other places.
"""

from __future__ import annotations

import numpy as np

from plananalysis.projections.features import Described, parity

FLOOR = 0.5  # share of the spread that is left whatever was learned
_STARTS = ((0.07, -2.5), (0.1, -3.5))
_FAR = 3.0  # normal scores beyond which an error counts no more: a break tells nothing of the usual scatter


def narrow(described: Described, horizons: int, learned: np.ndarray) -> np.ndarray:
    """Share of the spread that is left (n x horizons): 1 - c · exp(-distance from even / d) · root years; 1 for anything but a ratio.

    ``learned`` holds c and d, the distance as a share of what is even.
    """
    c, d = learned
    return _narrow(distance(described), np.sqrt(np.arange(1, horizons + 1)), c, d)


def distance(described: Described) -> np.ndarray:
    """How far the last value of each ratio is from where two groups are even, as a share of that; infinite for anything but a ratio."""
    last, even = parity(described.grid, described.scale)
    return np.where(np.isfinite(even), np.abs(last / even - 1), np.inf)


def _narrow(away: np.ndarray, root_years: np.ndarray, c: float, d: float) -> np.ndarray:
    return np.maximum(1 - c * np.exp(-away / d)[:, None] * root_years, FLOOR)


def fit(described: Described, scores: np.ndarray, series: np.ndarray) -> np.ndarray:
    """c and d of :func:`narrow` by maximum likelihood; every series counts once. Zero and one where there are no ratios.

    Parameters
    ----------
    scores
        Normal scores of what came in what was expected (n x horizons, NaN where unknown), told by what was learned from other places.
    series
        Number of the series each row is of.
    """
    from scipy.optimize import minimize

    away = distance(described)
    rows = np.flatnonzero(np.isfinite(away) & np.isfinite(scores).any(axis=1))
    if not len(rows):
        return np.array([0.0, 1.0])
    away, seen = away[rows], np.clip(scores[rows], -_FAR, _FAR)
    weight = 1 / np.bincount(series[rows])[series[rows]][:, None] * np.isfinite(seen)
    seen, root_years = np.nan_to_num(seen), np.sqrt(np.arange(1, seen.shape[1] + 1))

    def loss(x: np.ndarray) -> float:
        spread = _narrow(away, root_years, x[0], np.exp(x[1]))
        return float((weight * (np.log(spread) + seen**2 / (2 * spread**2))).sum() / weight.sum())

    best = min((minimize(loss, x0, method="Nelder-Mead") for x0 in _STARTS), key=lambda found: found.fun).x
    return np.round([best[0], np.exp(best[1])], 4)
