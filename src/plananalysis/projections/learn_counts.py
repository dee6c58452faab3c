"""Learning how rates of rare events move: how large their drifts are and how far they wander, from real counts."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base import tables
from plananalysis.projections.counts import follow

WANDERS = (0.0, 0.03, 0.06, 0.1, 0.2)  # yearly standard deviation of the log of a rate
DRIFTS = (0.0, 0.015, 0.03, 0.05, 0.1)  # standard deviation of the yearly drift of the log of a rate
YEARS = 15  # length of the windows learned from
EVEN = 0.1  # share of the weight that all pairs have alike: rates elsewhere may move as none did here
ROUNDS = 200


def load_events(root: Path) -> pd.DataFrame:
    """Real counts of rare events: ``source``, ``series``, ``year``, ``events``, ``people``."""
    return tables.read_table(
        root / "data" / "raw" / "reference" / "rare_events.csv", dtype={"source": str, "series": str}
    )


def fit_counts(known: pd.DataFrame) -> dict[str, np.ndarray]:
    """How often each pair of wandering and drift is found (``counts.pairs``: wandering, drift, weight), every source counting once.

    The weights under which the counts are most probable (Laird 1978), by expectation and maximisation.
    """
    pairs = np.array([(*pair, 1.0) for pair in product(WANDERS, DRIFTS)])
    found = np.zeros(len(pairs))
    for _, source in known.groupby("source"):
        told = np.array(
            [follow(pairs, *window).evidence for _, some in source.groupby("series") for window in _windows(some)]
        )
        likely, weight = np.exp(told - told.max(axis=1, keepdims=True)), np.full(len(pairs), 1 / len(pairs))
        for _ in range(ROUNDS):
            share = likely * weight
            weight = (share / share.sum(axis=1, keepdims=True)).mean(axis=0)
        found += weight / known["source"].nunique()
    pairs[:, 2] = np.round((1 - EVEN) * found + EVEN / len(pairs), 4)
    return {"counts.pairs": pairs}


def _windows(some: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Age, events and people of every stretch of so many years."""
    columns = [some[name].to_numpy(float) for name in ("year", "events", "people")]
    cut = [[column[at : at + YEARS] for column in columns] for at in range(len(some) - YEARS + 1)]
    return [(year - year[-1], cases, people) for year, cases, people in cut]
