"""How many targets of one place are met: its targets succeed and fail together, more than chance alone would make them."""

from __future__ import annotations

import numpy as np

# Correlation of surprises five years ahead between two indicators of one place, after removing what all places share in a year:
# 0.02 among Swedish municipalities, 0.10 among countries of UNESCO's statistics (benchmarks/scale.py --case together).
# The larger one widens the ranges.
TOGETHER = 0.10


def met_together(probabilities: np.ndarray, draws: int, together: float = TOGETHER, seed: int = 20300101) -> np.ndarray:
    """Which targets are met, draw by draw (draws x targets, bool); each target as often as its probability says.

    A one-factor Gaussian copula: one normal variable is common to all targets of the place.

    Parameters
    ----------
    probabilities
        One for each target.
    together
        Correlation of two targets' surprises, 0 (each for itself) to 1.
    """
    from scipy.special import ndtri

    rng = np.random.default_rng(seed)
    p = np.asarray(probabilities, float)
    cut = ndtri(np.clip(p, 1e-9, 1 - 1e-9))
    own = rng.standard_normal((draws, len(p)))
    common = rng.standard_normal((draws, 1))
    return np.sqrt(together) * common + np.sqrt(1 - together) * own < cut
