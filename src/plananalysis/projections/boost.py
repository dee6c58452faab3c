"""Growing boosted symmetric trees with numpy alone: small, seeded and the same wherever they are grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plananalysis.projections.trees import Boosted

BINS = 64


@dataclass(frozen=True)
class Growth:
    """How trees grow.

    Parameters
    ----------
    trees, depth, rate
        Number of trees, questions per tree, step size.
    row_share, feature_share
        Share of rows and of features each tree sees.
    prior
        Rows' worth of "no change" added to every leaf.
    robust
        Residuals count at most this multiple of their median size, which pulls predictions from the mean towards the median.
    """

    trees: int = 250
    depth: int = 6
    rate: float = 0.06
    row_share: float = 0.6
    feature_share: float = 0.5
    prior: float = 40.0
    robust: float = 0.5


def bins(columns: np.ndarray) -> list[np.ndarray]:
    """Cut points per feature (features x rows): quantiles, so that every bin holds about as many rows."""
    cuts = []
    for column in columns:
        points = np.unique(np.quantile(column, np.arange(1, BINS) / BINS, method="higher").astype(np.float32))
        cuts.append(points[points < column.max()])
    return cuts


def boost(columns: np.ndarray, y: np.ndarray, growth: Growth, rng: np.random.Generator) -> Boosted:
    """Boosted symmetric trees for ``y`` (rows x horizons, NaN where unknown) on ``columns`` (features x rows, float32)."""
    cuts = bins(columns)
    codes = np.stack([np.searchsorted(c, column, side="left") for c, column in zip(cuts, columns, strict=True)]).astype(
        np.int64
    )
    usable = np.flatnonzero([len(c) > 0 for c in cuts])
    known = np.isfinite(y)
    start = np.nanmedian(y, axis=0)
    left = np.where(known, y - start, 0.0)
    n, horizons = y.shape
    n_features = max(1, round(growth.feature_share * len(usable)))
    features, thresholds, leaves = [], [], []
    for _ in range(growth.trees):
        rows = np.flatnonzero(rng.random(n) < growth.row_share)
        asked = np.sort(rng.choice(usable, n_features, replace=False))
        heard = rng.random((horizons,)) < 0.5  # each tree listens to some horizons, so that trees differ
        heard[rng.integers(horizons)] = True
        most = growth.robust * np.median(np.abs(left[known]))
        pull = np.clip(left[rows], -most, most)
        inside = (np.abs(left[rows]) <= most) & known[rows]
        feature, threshold, place = _ask(
            codes[np.ix_(asked, rows)], pull[:, heard].sum(1), known[rows][:, heard].sum(1), asked, cuts, growth
        )
        size = 1 << growth.depth
        leaf = np.stack(
            [
                np.bincount(place, pull[:, h], size) / (np.bincount(place, inside[:, h], size) + growth.prior)
                for h in range(horizons)
            ],
            axis=1,
        )
        leaf *= growth.rate
        everywhere = np.zeros(n, np.int64)
        for level, (f, t) in enumerate(zip(feature, threshold, strict=True)):
            everywhere |= (columns[f] > t).astype(np.int64) << level
        left = np.where(known, left - leaf[everywhere], 0.0)
        features.append(feature)
        thresholds.append(threshold)
        leaves.append(leaf)
    return Boosted(
        np.array(features, np.int16),
        np.array(thresholds, np.float32),
        np.array(leaves, np.float16),
        start.astype(np.float32),
    )


def _ask(
    codes: np.ndarray,
    pull: np.ndarray,
    weight: np.ndarray,
    asked: np.ndarray,
    cuts: Sequence[np.ndarray],
    growth: Growth,
) -> tuple[list[int], list[float], np.ndarray]:
    """Questions of one tree, best first, and the leaf each row ends in."""
    place = np.zeros(codes.shape[1], np.int64)
    features, thresholds = [], []
    weight = weight.astype(float)
    for level in range(growth.depth):
        which, cut = _best_question(codes, place, pull, weight, 1 << level, growth.prior)
        features.append(int(asked[which]))
        thresholds.append(float(cuts[asked[which]][min(cut, len(cuts[asked[which]]) - 1)]))
        place |= (codes[which] > cut).astype(np.int64) << level
    return features, thresholds, place


def _best_question(
    codes: np.ndarray, place: np.ndarray, pull: np.ndarray, weight: np.ndarray, leaves: int, prior: float
) -> tuple[int, int]:
    """Feature (row of ``codes``) and bin that part the residuals best, the same question in every leaf."""
    base = place * BINS
    best, answer = -np.inf, (0, 0)
    size = leaves * BINS
    for which, code in enumerate(codes):
        key = base + code
        total = np.bincount(key, pull, size).reshape(leaves, BINS).cumsum(1)
        count = np.bincount(key, weight, size).reshape(leaves, BINS).cumsum(1)
        above, more = total[:, -1:] - total, count[:, -1:] - count
        gain = (total**2 / (count + prior) + above**2 / (more + prior)).sum(0)[:-1]
        cut = int(gain.argmax())
        if gain[cut] > best:
            best, answer = gain[cut], (which, cut)
    return answer
