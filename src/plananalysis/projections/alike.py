"""Real histories that look like one: which windows of the library the engine cannot tell from it, and what they did next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from plananalysis.projections import engine
from plananalysis.projections.features import Described


@dataclass(frozen=True)
class Analogue:
    """One real history that looked like this one, and what it did next.

    ``path`` is its real future translated to this series' level and typical change: what the same development would mean here.
    """

    source: str
    indicator: str
    entity: str
    unit_type: str
    origin_year: int
    similarity: float  # share of the engine's trees that cannot tell the two apart
    years: np.ndarray
    values: np.ndarray
    future_years: np.ndarray
    future_values: np.ndarray
    path: np.ndarray


def comparables(described: Described, learned: engine.Learned) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each described history the rows of the library by falling similarity, and their similarity.

    Two histories are similar when the trees that predict where and how widely a series moves send them to the same leaves.
    """
    leaves = (
        _library_leaves(learned.engine)
        if learned is engine.shipped()
        else _leaves(learned.arrays["library.features"].T, learned)
    )
    found = []
    for mine in _leaves(described.features.T, learned).T:
        agree = np.zeros(leaves.shape[1], np.int16)
        for first in range(0, len(leaves), 240):  # few enough to be counted in one byte, which is fastest
            same = leaves[first : first + 240] == mine[first : first + 240, None]
            agree += same.view(np.uint8).sum(axis=0, dtype=np.uint8)
        order = np.argsort(-agree, kind="stable")
        found.append((order, agree[order] / len(leaves)))
    return found


@cache
def _library_leaves(engine_id: str) -> np.ndarray:
    return _leaves(engine.shipped().arrays["library.features"].T, engine.shipped())


def _leaves(columns: np.ndarray, learned: engine.Learned) -> np.ndarray:
    """Leaf of every tree (trees x rows)."""
    read = np.ascontiguousarray(columns, np.float32)
    sets = [trees for name in ("location_trees", "size_trees") for trees in learned.trees(name)]
    return np.concatenate([trees.places(read) for trees in sets])


def distinct(order: np.ndarray, similarity: np.ndarray, named: int, learned: engine.Learned) -> list[tuple[int, float]]:
    """The most similar windows, each reference series once."""
    series = learned.arrays["library.series"]
    chosen: dict[int, tuple[int, float]] = {}
    for row, s in zip(order, similarity, strict=True):
        chosen.setdefault(int(series[row]), (int(row), float(s)))
        if len(chosen) == named:
            break
    return list(chosen.values())


def analogue(row: int, similarity: float, described: Described, ahead: int, learned: engine.Learned) -> Analogue:
    """A window of the library as an analogue: what it did in at most so many years, translated to the one history described."""
    a = learned.arrays
    number, origin, length = (int(a[f"library.{name}"][row]) for name in ("series", "origin", "length"))
    values, first = a["corpus.values"][number].astype(float), int(a["corpus.first_year"])
    at = origin - first
    past, future = slice(at - length + 1, at + 1), slice(at + 1, at + 1 + min(ahead, engine.HORIZONS))
    moves = a["library.moves"][row, :ahead].astype(float) * np.sqrt(np.arange(1, min(ahead, engine.HORIZONS) + 1))
    turned = (described.last[0] + described.spread[0] * moves) * described.sign[0]
    years = np.arange(first, first + len(values))
    source, indicator, entity, unit_type = (
        str(a[f"corpus.{name}"][number]) for name in ("source", "indicator", "entity", "unit_type")
    )
    return Analogue(
        source, indicator, entity, unit_type, origin, similarity, years[past], values[past], years[future], values[future], described.scale.take(np.array([0])).back(turned[None])[0]
    )  # fmt: skip
