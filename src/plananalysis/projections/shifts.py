"""Predictive quantiles moved up, drawn together, and held where something has been reached."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

TAIL_MOVES = 1.5  # how much further than the median a level may be moved by what peers do


def moved(quantiles: np.ndarray, shift: np.ndarray, levels: np.ndarray, narrow: np.ndarray | None = None) -> np.ndarray:
    """Quantiles (… x levels) whose normal scores are moved up by ``shift`` (…) and, where told, drawn together to ``narrow`` (…) of their spread.

    What stood at level F of the old distribution stands at level Phi((Phi^-1(F) - shift) / narrow) of the new one; beyond the outer levels the
    last piece goes on. No level moves further than ``TAIL_MOVES`` times as far as the median: a long tail is no reason to go further.
    """
    score = normal_scores(levels)
    middle = int(np.abs(score).argmin())
    own, scale = quantiles, np.ones(1) if narrow is None else narrow[..., None]
    if (scale != 1).any():
        own = np.where(scale == 1, quantiles, _read(quantiles, score, np.broadcast_to(score * scale, quantiles.shape)))
    found = _read(quantiles, score, score * scale + shift[..., None])
    farthest = own + TAIL_MOVES * (found - own)[..., middle, None]
    return np.where(shift[..., None] > 0, np.minimum(found, farthest), np.maximum(found, farthest))


def _read(quantiles: np.ndarray, score: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Quantiles (… x levels, known at ``score``) read at the scores ``asked`` (… x anything)."""
    right = np.clip(np.searchsorted(score, asked), 1, len(score) - 1)
    share = (asked - score[right - 1]) / (score[right] - score[right - 1])
    low, high = (np.take_along_axis(quantiles, at, axis=-1) for at in (right - 1, right))
    return low + (high - low) * share


def held(
    told: np.ndarray, plain: np.ndarray, better: np.ndarray, learned: np.ndarray, levels: np.ndarray
) -> np.ndarray:
    """Quantiles (n x horizons x levels, changes from the newest value, turned) with what is worse than that value put right.

    What a country has reached it keeps more often than a series of changes tells, and loses more of where it was thought safe; districts of
    one country show nothing of the kind. See ``learn_kept``.

    Parameters
    ----------
    told
        As they would be stated; they hold for what is better than the newest value.
    plain
        The same before anything moved them.
    better
        1 where turned values get better as they rise, -1 where worse, 0 where there is no good side and nothing to keep (n).
    learned
        c and s: the normal score of still being at a level that is reached is c + s times that of ``plain``.
    """
    c, s = learned
    found = told.copy()
    for side in (1, -1):
        rows = np.flatnonzero(better == side)
        good, now = (q[rows] if side > 0 else -q[rows][..., ::-1] for q in (told, plain))
        shape = now.shape[:-1]
        worse = moved(now, np.full(shape, c / s), levels, np.full(shape, 1 / s))
        kept = np.where(worse < 0, worse, np.maximum(good, 0.0))
        found[rows] = kept if side > 0 else -kept[..., ::-1]
    return found


def normal_scores(levels: np.ndarray) -> np.ndarray:
    """Normal scores of levels."""
    return _scores(tuple(levels.tolist()))


@cache
def _scores(levels: tuple[float, ...]) -> np.ndarray:
    return np.array([NormalDist().inv_cdf(level) for level in levels])
