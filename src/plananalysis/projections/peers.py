"""What a series' peers tell: the same indicator in the other places of one country, up to the year the series is known.

Districts of one country share their drift, and one that stands apart from the others comes nearer to them. Both move the
statement by a learned number of normal scores; coefficients were learned on Swedish municipalities by an engine that had seen none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEAST = 5  # peers needed
SPAN = 3  # years of drift
MOST = 2.0  # of the series' own yearly changes


class Beside(NamedTuple):
    """How a series' peers move and where they stand, on the good side.

    ``drift`` and the series' ``own`` drift count in its typical yearly changes; ``gap`` (-1 … 1) is positive where peers stand better.
    """

    drift: float
    gap: float
    own: float  # which only learning needs


def beside(own: np.ndarray, others: np.ndarray, direction: int, lower: float, upper: float) -> Beside | None:
    """Where a series stands among its peers in the last year.

    Parameters
    ----------
    own, others
        Values by year (years), (peers x years), NaN where unknown; the last year is the series' newest, nothing later is told.

    Returns
    -------
    Beside or None
        None for series without a good side and with fewer than five peers known in the last year and three years before.
    """
    if not direction or len(own) <= SPAN or not np.isfinite(own[-1]):
        return None
    values = _scaled(np.vstack([own, others]), lower, upper)
    mine, rest = values[0], values[1:]
    drift = (values[:, -1] - values[:, -1 - SPAN]) / SPAN
    theirs, levels = drift[1:][np.isfinite(drift[1:])], rest[:, -1][np.isfinite(rest[:, -1])]
    seen = mine[np.isfinite(mine)]
    if len(theirs) < LEAST or len(levels) < LEAST or len(seen) < SPAN:
        return None
    usual = max(float(np.abs(np.diff(seen)).mean()), 1e-6)
    gap = np.tanh((np.median(levels) - mine[-1]) / (levels.std() + 1e-9))
    turned = np.array([np.median(theirs) / usual, gap, np.nan_to_num(drift[0]) / usual]) * direction
    return Beside(*np.clip(turned, -MOST, MOST).tolist())


def _scaled(values: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Values on one scale for all peers: log odds of a share, logarithm of what cannot be negative, otherwise as they are."""
    with np.errstate(invalid="ignore"):
        if np.isfinite(lower) and np.isfinite(upper):
            share = np.clip((values - lower) / (upper - lower), 0, 1)
            return np.log(share + 0.005) - np.log(1 - share + 0.005)
        if np.isfinite(lower):
            distance = np.where(values < lower, np.nan, values - lower)
            mean = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in distance])
            return np.log(distance + 0.05 * mean[:, None] + 1e-12)
    return values


def shift(found: Sequence[Beside | None], horizons: int, learned: np.ndarray) -> np.ndarray:
    """Normal scores by which peers move each statement (n x horizons).

    ``learned`` holds, for drift and gap, a constant and a slope in root years; the series' own drift is the engine's affair.
    """
    told = np.array([(0.0, 0.0) if b is None else b[:2] for b in found]).reshape(-1, 2)
    root = np.sqrt(np.arange(1, horizons + 1))
    return told[:, :1] * (learned[0] + learned[1] * root) + told[:, 1:] * (learned[2] + learned[3] * root)


def design(found: Sequence[Beside], ahead: np.ndarray) -> np.ndarray:
    """Columns of the regression the coefficients come from: a constant and the fields of :class:`Beside`, each also times root years."""
    told, root = np.array(found, float), np.sqrt(ahead.astype(float))
    columns = [np.ones(len(root)), *told.T]
    return np.column_stack([c for column in columns for c in (column, column * root)])
