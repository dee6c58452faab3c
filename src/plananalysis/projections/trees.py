"""Boosted symmetric trees as plain arrays: one question per depth, so that a batch is answered by a few comparisons per tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CELLS = 1 << 16  # trees x rows asked at once: few calls for few rows, and still in cache for many


@dataclass(frozen=True)
class Boosted:
    """Sum of trees; tree t asks feature[t, d] > threshold[t, d] at depth d and adds the row leaf[t, answers as bits].

    ``start`` and every leaf hold one number per horizon.
    """

    feature: np.ndarray
    threshold: np.ndarray
    leaf: np.ndarray
    start: np.ndarray

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray], name: str) -> Boosted:
        return cls(*(arrays[f"{name}.{part}"] for part in cls.__dataclass_fields__))

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The parts by name, as they are stored."""
        return {f"{name}.{part}": getattr(self, part) for part in self.__dataclass_fields__}

    def places(self, columns: np.ndarray, trees: slice = slice(None)) -> np.ndarray:
        """Leaf each row falls into, trees x rows."""
        feature, threshold = self.feature[trees], self.threshold[trees]
        place = np.zeros((len(feature), columns.shape[1]), np.uint8)
        for depth in range(feature.shape[1]):
            place |= (columns[feature[:, depth]] > threshold[:, depth, None]).view(np.uint8) << np.uint8(depth)
        return place

    def predict(self, columns: np.ndarray, horizons: int | None = None) -> np.ndarray:
        """Predictions (rows x horizons) for ``columns`` (features x rows, float32, C order).

        Trees are added one after the other, so that a row's answer is the same to the bit whatever rows stand beside it.
        """
        leaf = self.leaf[:, :, :horizons].astype(np.float32)
        total = np.repeat(self.start[None, :horizons].astype(np.float32), columns.shape[1], axis=0)
        at_once = max(1, _CELLS // columns.shape[1])
        for first in range(0, len(leaf), at_once):
            trees = slice(first, first + at_once)
            for answers, place in zip(leaf[trees], self.places(columns, trees), strict=True):
                total += answers.take(place, axis=0)
        return total.astype(float)
