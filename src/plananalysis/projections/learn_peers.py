"""Learning what the other places of a country tell of one: from districts, by an engine that has seen none of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from plananalysis.observations.peers import among, in_common, shared
from plananalysis.projections import engine, shifts
from plananalysis.projections.features import INDEX, UNIT_TYPES, Grid, describe
from plananalysis.projections.peers import alike, design
from plananalysis.projections.reference import Corpus, Windows, bounds, cut, decimals

AHEAD = 9
LONGEST = 15  # years of history, as the benchmark has them
_SEED = 20400101
_RIDGE = 1e-3
_FARTHEST = 3.0  # a normal score beyond this counts as this


def fit_peers(
    corpus: Corpus, learned: engine.Learned, source: str = "kolada", per_series: int = 2
) -> dict[str, np.ndarray]:
    """Coefficients of :func:`peers.shift`, by least squares of the normal scores of what came on own drift, peers' drift and gap; last the spread left and what places share.

    ``learned`` must not have seen ``source``; ``per_series`` seeded origins of every series are asked.
    """
    some = corpus.keep((corpus.series.source == source).to_numpy())
    windows = cut(some)
    rng = np.random.default_rng(_SEED)
    order = rng.permutation(len(windows.series))
    rank = np.zeros(len(order), int)
    seen: dict[int, int] = {}
    for at in order:
        rank[at] = seen[windows.series[at]] = seen.get(windows.series[at], 0) + 1
    picked = np.flatnonzero((rank <= per_series) & (windows.length <= LONGEST))
    found = np.array([beside(some, windows.series[at], windows.origin[at])[:3] for at in picked])
    picked, found = picked[np.isfinite(found[:, 0])], found[np.isfinite(found[:, 0])]
    origins = windows.origin[picked]
    share = shares(some, np.unique(origins))
    common = np.array([share[origin] for origin in origins.tolist()])
    home = round(float(common.mean()), 3)
    heard = np.array([alike(one, home) for one in common])
    scores = _scores(some, windows, picked, learned)
    row, step = np.nonzero(np.isfinite(scores))
    weight = 1 / np.sqrt(np.isfinite(scores).sum(1))[row]
    x = design(found[row], step + 1, heard[row]) * weight[:, None]
    y = scores[row, step] * weight
    told = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ y)
    told, x = told[:-2], x[:, :-2]  # the last two columns are the series' own drift, which the engine has told already
    left = y - x @ told
    return {"peers": np.round([*told, np.sqrt((left**2).sum() / (y**2).sum()), home], 6)}


def shares(corpus: Corpus, years: Iterable[int]) -> dict[int, float]:
    """What the places of one source have in common in all its indicators (:func:`shared`), as it was known in each of ``years``."""
    register, found = corpus.series, {}
    groups = list(register.reset_index().groupby("indicator").indices.values())
    for year in years:
        parts = []
        for rows in groups:
            values = corpus.values[rows, : year - corpus.first_year + 1]
            if np.isfinite(values).any():
                parts.append(in_common(values, *bounds(register.unit_type.iloc[rows[0]], np.nanmin(values))))
        found[int(year)] = shared(parts)
    return found


def beside(corpus: Corpus, row: int, origin: int) -> np.ndarray:
    """Where one series stood among the same indicator elsewhere in the year ``origin``, as :func:`among` tells it."""
    register = corpus.series
    same = (register.indicator.to_numpy() == register.indicator.iloc[row]) & (
        register.entity.to_numpy() != register.entity.iloc[row]
    )
    known = corpus.values[:, : origin - corpus.first_year + 1]
    limits = bounds(register.unit_type.iloc[row], np.nanmin(known[row]))
    return among(np.vstack([known[row], known[same]]), int(register.direction.iloc[row]), *limits)[0]


def _scores(corpus: Corpus, windows: Windows, picked: np.ndarray, learned: engine.Learned) -> np.ndarray:
    """Normal scores of what came, on the good side, windows x years ahead."""
    register, values = corpus.series.iloc[windows.series[picked]], windows.values[picked]
    limits = np.array([bounds(u, v) for u, v in zip(register.unit_type, np.nanmin(values, axis=1), strict=True)])
    kinds = register.unit_type.map(UNIT_TYPES).to_numpy(float)
    grid = Grid(values, limits[:, 0], limits[:, 1], decimals(values), register.direction.to_numpy(float), kinds)
    described = describe(grid, learned.shrink)
    levels = engine.quantiles(described, AHEAD, learned)
    came = described.scale.to(windows.future[picked][:, :AHEAD]) * described.sign[:, None] - described.last[:, None]
    came /= described.spread[:, None]
    z = shifts.normal_scores(learned.levels)
    out = np.full(came.shape, np.nan)
    for i, k in zip(*np.nonzero(np.isfinite(came)), strict=True):
        out[i, k] = np.interp(came[i, k], levels[i, k], z)
    return np.clip(out, -_FARTHEST, _FARTHEST) * described.features[:, INDEX["better"]][:, None]
