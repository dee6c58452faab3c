"""Learning how long a share stays at 0 or 100 %, and how far it goes when it leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base import tables
from plananalysis.projections.bounds import LONG, stays

AHEAD = 12
BOUNDS = (0.0, 100.0)
SIDES = {
    "best": ("best",),
    "worst": ("worst",),
    "either": ("best", "worst"),
}  # a series without a good side may stand on either
_STARTS = ((-4.5, -1.5, 0.2, -2.0), (-5.0, -2.0, 0.0, -3.0))
_RIDGE = 1e-4


def load_standings(root: Path) -> pd.DataFrame:
    """Every year in which a reference share stood at a bound, with what came after.

    Returns
    -------
    DataFrame
        ``series``, ``entity``, ``side`` (best, worst), ``origin``, ``run`` (values at the bound, one after the other), ``f1`` … ``f12``
        (distance from that bound in the years after, NaN where unknown).
    """
    folder = root / "data" / "raw" / "reference"
    values = tables.read_table(folder / "at_bounds.csv", dtype={"series": str})
    about = tables.read_table(folder / "at_bounds_series.csv", dtype={"series": str, "entity": str}).set_index("series")
    places, directions = about["entity"], about["direction"]
    rows = []
    for series, some in values.groupby("series"):
        years, seen = some["year"].to_numpy(int), some["value"].to_numpy(float)
        later = dict(zip(years.tolist(), seen.tolist(), strict=True))
        for bound in BOUNDS:
            run, side = 0, "best" if (bound > 0) == (directions[series] > 0) else "worst"
            for year, value in zip(years.tolist(), seen, strict=True):
                run = run + 1 if value == bound else 0
                future = [abs(later.get(year + k, np.nan) - bound) for k in range(1, AHEAD + 1)]
                if run >= LONG and np.isfinite(future).any():
                    rows.append([series, places[series], side, year, run, *future])
    return pd.DataFrame(
        rows, columns=["series", "entity", "side", "origin", "run", *(f"f{k}" for k in range(1, AHEAD + 1))]
    )


def fit_standings(standings: pd.DataFrame, levels: np.ndarray) -> dict[str, np.ndarray]:
    """For each side the four numbers of :func:`bounds.stays` by maximum likelihood, and quantiles of how far those that left went.

    A series' windows share one weight: they tell much the same.
    """
    arrays = {}
    for side, told in SIDES.items():
        some = standings[standings["side"].isin(told)]
        future = some[[f"f{k}" for k in range(1, AHEAD + 1)]].to_numpy(float)
        weight = 1 / some.groupby("series")["series"].transform("size").to_numpy(float)
        arrays[f"bound.{side}"] = _likeliest(some["run"].to_numpy(float), future, weight)
        arrays[f"bound.{side}_exits"] = np.quantile(future[future > 0], levels)
    return arrays


def _likeliest(run: np.ndarray, future: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    runs, of = np.unique(
        run, return_inverse=True
    )  # windows with runs of one length are told the same: their weights add up
    stayed, left = (
        np.array([np.bincount(of, weight * column, len(runs)) for column in seen.T]).T
        for seen in (future == 0, future > 0)
    )

    def loss(x: np.ndarray) -> float:
        chance = np.clip(stays(runs, AHEAD, _natural(x)), 1e-4, 1 - 1e-4)
        told = stayed * np.log(chance) + left * np.log(1 - chance)
        return float(-told.sum() / (stayed + left).sum() + _RIDGE * (x**2).sum())

    found = [minimize(loss, x0, method="Nelder-Mead", options={"maxiter": 1500}) for x0 in _STARTS]
    return np.round(_natural(min(found, key=lambda f: f.fun).x), 6)


def _natural(x: np.ndarray) -> np.ndarray:
    c, b, g = np.exp(x[:3])
    return np.array([c, b, g, 1 / (1 + np.exp(-x[3]))])


def left_out_standings(
    standings: pd.DataFrame, levels: np.ndarray, ahead: int = 6
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stated and observed share that still stood there 1 … ``ahead`` years on (rows best, worst), places left out by fifths.

    Every series counts once.
    """
    places = np.unique(standings["entity"])
    fifth = dict(zip(np.random.default_rng(1).permutation(places), np.arange(len(places)) % 5, strict=True))
    fold = standings["entity"].map(fifth)
    columns = [f"f{k}" for k in range(1, ahead + 1)]
    parts: list[tuple[str, tuple[np.ndarray, ...]]] = []
    for number in range(5):
        learned = fit_standings(standings[fold != number], levels)
        for side in ("best", "worst"):
            some = standings[(fold == number) & (standings["side"] == side)]
            told = stays(some["run"].to_numpy(float), ahead, learned[f"bound.{side}"])
            seen = some[columns].to_numpy(float)
            known = np.isfinite(seen)
            weight = (1 / some.groupby("series")["series"].transform("size").to_numpy(float))[:, None] * known
            parts.append((side, ((told * weight).sum(0), ((seen == 0) * weight).sum(0), weight.sum(0))))
    sums = {side: [sum(found[i] for of, found in parts if of == side) for i in range(3)] for side in ("best", "worst")}
    frame = lambda i: pd.DataFrame({s: v[i] / v[2] for s, v in sums.items()}, index=range(1, ahead + 1)).T  # noqa: E731
    return frame(0), frame(1)
