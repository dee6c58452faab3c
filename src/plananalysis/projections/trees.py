"""Boosted symmetric trees as plain arrays: one question per depth, so that a batch is answered by a few comparisons per tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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

    def places(self, columns: np.ndarray, tree: int) -> np.ndarray:
        """Leaf of ``tree`` each row falls into."""
        place = np.zeros(columns.shape[1], np.uint8)
        for depth, (f, t) in enumerate(zip(self.feature[tree], self.threshold[tree], strict=True)):
            place |= (columns[f] > t).view(np.uint8) << np.uint8(depth)
        return place

    def predict(self, columns: np.ndarray, horizons: int | None = None) -> np.ndarray:
        """Predictions (rows x horizons) for ``columns`` (features x rows, float32, C order)."""
        leaf = self.leaf[:, :, :horizons].astype(np.float32)
        total = np.repeat(self.start[None, :horizons].astype(np.float32), columns.shape[1], axis=0)
        for tree in range(len(leaf)):
            total += leaf[tree].take(self.places(columns, tree), axis=0)
        return total.astype(float)
