"""Boosted symmetric trees as plain arrays: one question per depth, so that a batch is answered by a few comparisons per tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Boosted:
    """Sum of trees; tree t asks feature[t, d] > threshold[t, d] at depth d and adds leaf[t, answers as bits]."""

    feature: np.ndarray
    threshold: np.ndarray
    leaf: np.ndarray
    start: float

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray], name: str) -> Boosted:
        return cls(
            arrays[f"{name}.feature"],
            arrays[f"{name}.threshold"],
            arrays[f"{name}.leaf"],
            float(arrays[f"{name}.start"]),
        )

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        return {
            f"{name}.feature": self.feature,
            f"{name}.threshold": self.threshold,
            f"{name}.leaf": self.leaf,
            f"{name}.start": np.array(self.start),
        }

    def predict(self, columns: np.ndarray) -> np.ndarray:
        """Predictions for ``columns`` (features x rows, float32, C order)."""
        total = np.full(columns.shape[1], self.start)
        for features, thresholds, leaves in zip(self.feature, self.threshold, self.leaf, strict=True):
            place = np.zeros(columns.shape[1], np.uint8)
            for depth, (f, t) in enumerate(zip(features, thresholds, strict=True)):
                place |= (columns[f] > t).view(np.uint8) << np.uint8(depth)
            total += leaves[place]
        return total
