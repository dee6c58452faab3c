"""The outlook of a whole plan: how many of its targets will be met, and how sure that is.

Targets of one place tend to succeed and fail together. Each stated probability is the chance that a normal score lies below its
quantile; the scores of one place share one factor with a measured correlation. Given the factor the targets are independent and
their number is a sum of unlike coins, added up exactly; the factor is integrated over, so that nothing is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

# Correlation of surprises five years ahead between unlike indicators of one place: .02 among Swedish districts, .03 to .08 among
# countries, .065 over all (benchmarks/together.py). On official targets ranges made with it hold a little oftener than they say.
TOGETHER = 0.065
# ... and of one indicator and year in different places of one country: .34 among Swedish districts, .38 once their peers have been heard (same script).
ALIKE = 0.38
_NODES = 61
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Outlook:
    """How many of so many targets will be met.

    ``chances`` holds the probability of 0, 1, … targets met.
    """

    chances: np.ndarray

    @property
    def expected(self) -> float:
        """Mean number met: the sum of the probabilities."""
        return float(self.chances @ np.arange(len(self.chances)))

    def range(self, level: float = 0.80) -> tuple[int, int]:
        """Smallest and largest number of the central range; each end leaves at most half of the rest outside."""
        below = self.chances.cumsum()
        low, high = (1 - level) / 2 + 1e-12, (1 + level) / 2 - 1e-12
        return int(np.searchsorted(below, low)), int(np.searchsorted(below, high))

    def spread(self, n: int) -> np.ndarray:
        """The distribution as ``n`` numbers of targets met, ascending, spread evenly: no chance is in them."""
        return np.searchsorted(self.chances.cumsum(), (np.arange(n) + 0.5) / n)

    def at_least(self, number: int) -> float:
        """Probability that at least ``number`` targets are met."""
        return float(self.chances[max(number, 0) :].sum())


def outlook(probabilities: Sequence[float], together: float = TOGETHER) -> Outlook:
    """The outlook of targets with these probabilities, one per row of the plan; rows without one are the caller's to leave out.

    Raises
    ------
    ValueError
        A probability is no number between 0 and 1.

    Examples
    --------
    >>> outlook([0.5, 0.5], together=0).chances.round(3).tolist()
    [0.25, 0.5, 0.25]
    """
    p = np.asarray(probabilities, float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("probabilities lie between 0 and 1")
    certain, open_ = int((p == 1).sum()), p[(p > 0) & (p < 1)]
    scores = np.array([_NORMAL.inv_cdf(float(x)) for x in open_])
    nodes, weights = _factor()
    given = _below((scores[None] + math.sqrt(together) * nodes[:, None]) / math.sqrt(1 - together))
    chances = np.zeros((len(nodes), len(open_) + 1))
    chances[:, 0] = 1.0
    for k, q in enumerate(given.T[..., None]):
        met = chances[:, : k + 1] * q
        chances[:, : k + 1] *= 1 - q
        chances[:, 1 : k + 2] += met
    out = np.zeros(len(p) + 1)
    out[certain : certain + len(open_) + 1] = (weights[:, None] * chances).sum(axis=0)
    return Outlook(out)


def met_together(happened: Sequence[np.ndarray]) -> np.ndarray:
    """Paths on which a row of several parts is met: those on which every part is.

    ``happened`` holds one boolean array per part, path by path; parts of one family share half of their draws, which is what related
    indicators of one place were measured to have in common.
    """
    return np.logical_and.reduce([np.asarray(h, bool) for h in happened])


@cache
def _factor() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a standard normal factor (Gauss and Hermite)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()


def _below(scores: np.ndarray) -> np.ndarray:
    """Standard normal distribution function."""
    return np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in scores.ravel()]).reshape(scores.shape)
