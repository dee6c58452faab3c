"""How much the peers of a series move its projection (:mod:`plananalysis.observations.peers` says what they tell).

The coefficients were learned on Swedish municipalities by an engine that had seen none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plananalysis.observations.peers import Beside
from plananalysis.projections.observed import Observed


def shift(histories: Sequence[Observed], horizons: int, learned: np.ndarray) -> np.ndarray:
    """Normal scores by which peers move each statement (n x horizons); a history that is cut off has other peers, and none are known.

    ``learned`` holds, for the statement itself, drift and gap, a constant and a slope in root years, and last the spread left; the
    series' own drift is the engine's affair. The first of them says from which drift on peers are good news.
    """
    told = np.zeros((len(histories), 3))
    for row, history in zip(told, histories, strict=True):
        if (beside := _known(history)) is not None:
            row[:] = 1.0, beside.drift, beside.gap
    root = np.sqrt(np.arange(1, horizons + 1))
    parts = [told[:, k : k + 1] * (learned[2 * k] + learned[2 * k + 1] * root) for k in range(3)]
    return parts[0] + parts[1] + parts[2]


def narrow(histories: Sequence[Observed], learned: np.ndarray) -> np.ndarray:
    """Share of each statement's spread that peers leave (n): what they explain is doubted no longer."""
    return np.where([_known(h) is not None for h in histories], learned[-1], 1.0)


def _known(history: Observed) -> Beside | None:
    return history.beside if history.beside is not None and history.beside.year == history.years[-1] else None


def design(found: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Columns of the regression the coefficients come from: a constant, peers' drift, gap and own drift, each also times root years."""
    root = np.sqrt(ahead.astype(float))
    columns = [np.ones(len(root)), *found.T]
    return np.column_stack([c for column in columns for c in (column, column * root)])
