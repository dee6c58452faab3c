"""How much the peers of a series move its projection (:mod:`plananalysis.observations.peers` says what they tell).

The coefficients were learned on Swedish municipalities by an engine that had seen none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plananalysis.projections.observed import Observed


def shift(histories: Sequence[Observed], horizons: int, learned: np.ndarray) -> np.ndarray:
    """Normal scores by which peers move each statement (n x horizons); a history that is cut off has other peers, and none are known.

    ``learned`` holds, for drift and gap, a constant and a slope in root years; the series' own drift is the engine's affair.
    """
    told = np.zeros((len(histories), 2))
    for row, history in zip(told, histories, strict=True):
        if history.beside is not None and history.beside.year == history.years[-1]:
            row[:] = history.beside.drift, history.beside.gap
    root = np.sqrt(np.arange(1, horizons + 1))
    return told[:, :1] * (learned[0] + learned[1] * root) + told[:, 1:] * (learned[2] + learned[3] * root)


def design(found: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Columns of the regression the coefficients come from: a constant, peers' drift, gap and own drift, each also times root years."""
    root = np.sqrt(ahead.astype(float))
    columns = [np.ones(len(root)), *found.T]
    return np.column_stack([c for column in columns for c in (column, column * root)])
