"""Figures by sex and age that add up to the totals they come from."""

from __future__ import annotations

import numpy as np

from plananalysis.simulate.dynamics import published
from plananalysis.simulate.levels import Levels, asked_counts

Figures = tuple[np.ndarray, ...]  # values, numerators, denominators, each (series, years)
Split = dict[tuple[int, int], dict[str, tuple[float, float, float]]]


def split(levels: Levels, figures: Figures, rng: np.random.Generator) -> Split:
    """Group figures by (series, year) position, for the series and years that are reported by group.

    Counts of the groups add up to the total's; rates without counts lie on both sides of the total's. Deaths of newborns are
    split among deaths of infants, and those among deaths of under-fives, so that the order holds in every group too.
    """
    first = levels.settings["reporting"]["groups_from"] - int(levels.years[0])
    parts: Split = {}
    counts: dict[tuple[int, int, str], np.ndarray] = {}
    for i in levels.outer_first:
        about = levels.rows[i]
        for dimension in filter(None, about["groups"].split(";")):
            members = [g for g in levels.groups if (g["dimension"], g["plan"]) == (dimension, about["plan"])]
            names = [g["group"] for g in members]
            share, lean = (np.array([float(g[c]) for g in members]) for c in ("share", "lean"))
            for t in range(first, len(levels.years)):
                value, numerator, below = (float(f[i, t]) for f in figures)
                jitter = rng.normal(1.0, 0.1)
                if asked_counts(about):
                    belows = _apportioned(below, share)
                    outer = counts.get((int(levels.within[i]), t, dimension))
                    weights = belows * np.exp(levels.groups_gap[i] * lean * jitter)
                    if outer is None:
                        events = rng.multinomial(int(numerator), weights / weights.sum())
                    else:
                        events = rng.multivariate_hypergeometric(outer, int(numerator))
                    counts[i, t, dimension] = events
                    found = published(levels.per[i] * events / belows, levels.decimals[i])
                else:
                    events = belows = np.full(len(names), np.nan)
                    if levels.sampling[i] in ("count", "integer"):
                        found = rng.multinomial(int(value), share / share.sum())
                    else:
                        found = published(_leaning(levels, i, value, lean * jitter), levels.decimals[i])
                told = np.column_stack([found, events, belows]).astype(float).tolist()
                parts.setdefault((i, t), {}).update(zip(names, map(tuple, told), strict=True))
    return parts


def _apportioned(total: float, share: np.ndarray) -> np.ndarray:
    """Whole numbers in the given shares that add up to ``total``."""
    parts = np.floor(total * share)
    parts[0] += total - parts.sum()
    return parts


def _leaning(levels: Levels, i: int, value: float, lean: np.ndarray) -> np.ndarray:
    """The total's level moved up and down on the series' own scale."""
    lower, upper = levels.lower[i], levels.upper[i]
    if levels.scale[i] == "logit":  # a total at its bound has groups at the bound
        value = min(max(value, lower + 1e-6), upper - 1e-6)
    latent = levels.to_latent(np.full(len(lean), value), i) + levels.groups_gap[i] * lean
    return levels.from_latent_at(latent, i)
