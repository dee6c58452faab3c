"""How much the peers of a series move its projection (:mod:`plananalysis.observations.peers` says what they tell).

The coefficients were learned on Swedish municipalities by an engine that had seen none. Places are heard as far as they are alike: what one of
them tells of another goes with the square of the share of their yearly changes that they have in common, held against that of Swedish municipalities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plananalysis.observations.peers import Beside
from plananalysis.projections.observed import Observed


def shift(histories: Sequence[Observed], horizons: int, learned: np.ndarray) -> np.ndarray:
    """Normal scores by which peers move each statement (n x horizons); a history that is cut off has other peers, and none are known.

    ``learned`` holds, for the statement itself, drift and gap, a constant and a slope in root years, and last the spread left and what the places
    they were learned from share; the series' own drift is the engine's affair. The first of them says from which drift on peers are good news.
    """
    told = np.zeros((len(histories), 3))
    for row, history in zip(told, histories, strict=True):
        if (beside := _known(history)) is not None:
            row[:] = alike(beside.shared, learned[-1]) * np.array([1.0, beside.drift, beside.gap])
    root = np.sqrt(np.arange(1, horizons + 1))
    parts = [told[:, k : k + 1] * (learned[2 * k] + learned[2 * k + 1] * root) for k in range(3)]
    return parts[0] + parts[1] + parts[2]


def narrow(histories: Sequence[Observed], learned: np.ndarray) -> np.ndarray:
    """Share of each statement's spread that peers leave (n): what they explain is doubted no longer."""
    heard = [0.0 if (beside := _known(h)) is None else alike(beside.shared, learned[-1]) for h in histories]
    return 1.0 - (1.0 - learned[-2]) * np.array(heard)


def alike(shared: float, home: float) -> float:
    """How far places are heard (0 … 1) that share so much of their yearly changes; ``home`` is what those share that were learned from.

    Of two places with the same variance ``shared`` is the correlation, and its square what one explains of the other.
    """
    return min((shared / home) ** 2, 1.0)


def _known(history: Observed) -> Beside | None:
    return history.beside if history.beside is not None and history.beside.year == history.years[-1] else None


def design(found: np.ndarray, ahead: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Columns of the regression the coefficients come from: a constant, peers' drift and gap as far as they are heard, and own drift, each also times root years."""
    root = np.sqrt(ahead.astype(float))
    columns = [heard, *(found[:, :-1] * heard[:, None]).T, found[:, -1]]
    return np.column_stack([c for column in columns for c in (column, column * root)])
