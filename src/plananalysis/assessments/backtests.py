"""Owns the table ``backtests``: how good projections made from earlier years of an area's own histories were.

From every year with enough values before it, each series is projected as if the later values were unknown, and the stated
probabilities and ranges are held against what came. An area's own histories are few and share their years, so this table
is a check that nothing is badly off here; the calibration itself rests on the reference corpus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from plananalysis import schema
from plananalysis.observations import History
from plananalysis.projections import Projection, Request, World, project_many

HORIZONS = 5
# targets: an improvement of so many times the usual yearly change, times the root of the years ahead
STEPS = (0.0, 0.5, 1.0)
METHODS = ("engine", "last_value", "drift", "straight_line")
CASE = ["horizon", "met", *METHODS, "inside80", "inside95"]  # one statement, what came, and what each method said


def score(
    histories: Mapping[str, History],
    min_points: int,
    kept: Callable[..., list[np.ndarray]] | None = None,
    world: World = "plan",
) -> pd.DataFrame:
    """Brier scores and interval coverage by method and horizon.

    Parameters
    ----------
    histories
        Current segments by series; neutral series (direction 0) have no better side and are left out.
    min_points
        Values an origin needs before it.
    kept
        Asked for the statements of histories scored before, as ``editions.memo`` answers.
    world
        See :class:`plananalysis.projections.Request`.

    Returns
    -------
    DataFrame
        One row per method and horizon in years, and one with horizon 0 for all horizons together. Brier scores are those of
        the statement "the value will be at least this much better"; lower is better, 0.25 is what a coin knows.
        Coverage is the share of later values inside the 80 % and 95 % ranges, of the engine only.
    """
    some, columns = list(histories.values()), [*schema.table("edition", "backtests").stored]
    if kept is None:
        found = cases(some, min_points, world)
    else:
        keys = [f"{h.digest} {min_points} {world}" for h in some]
        found = kept("cases", some, keys, lambda new: cases(new, min_points, world))
    series = np.repeat(np.arange(len(found)), [len(some) for some in found])
    if not len(series):
        return pd.DataFrame(columns=columns)
    frame = pd.DataFrame(np.concatenate(found), columns=CASE).assign(series=series)
    rows = []
    for method in METHODS:
        for horizon in (0, *sorted(frame["horizon"].unique())):
            some = frame if horizon == 0 else frame[frame["horizon"] == horizon]
            error = (some[method] - some["met"]) ** 2
            inside = [some["inside80"].mean(), some["inside95"].mean()] if method == "engine" else [np.nan, np.nan]
            rows.append(
                [method, int(horizon), some["series"].nunique(), len(some), some["met"].mean(), error.mean(), *inside]
            )
    return pd.DataFrame(rows, columns=columns).round(4)


def cases(histories: Sequence[History], min_points: int, world: World = "plan") -> list[np.ndarray]:
    """For each history its scored statements (rows of :data:`CASE`), whatever histories stand beside it."""
    origins: dict[int, list[int]] = {}
    for number, history in enumerate(histories):
        if history.direction != 0:
            for year in history.years[min_points - 1 : -1].tolist():
                origins.setdefault(year, []).append(number)
    requests = [
        Request(
            [known_until(histories[n], origin) for n in numbers],
            origin + HORIZONS,
            f"backtest-{origin}",
            min_points,
            world,
        )
        for origin, numbers in sorted(origins.items())
    ]
    found: list[list[np.ndarray]] = [[np.empty((0, len(CASE)))] for _ in histories]
    for start in range(0, len(requests), 4):  # a few origins at a time: paths are large
        some = requests[start : start + 4]
        for request, projections in zip(some, project_many(some), strict=True):
            numbers = [
                n
                for n, past in zip(origins[request.target_year - HORIZONS], request.histories, strict=True)
                if past.series in projections and projections[past.series].reason is None
            ]
            drawn = [projections[histories[n].series] for n in numbers]
            for number, rows in zip(numbers, _scored([histories[n] for n in numbers], drawn), strict=True):
                found[number].append(rows)
    return [np.concatenate(blocks) for blocks in found]


def known_until(history: History, year: int) -> History:
    """The history as it stood when ``year`` was its last value."""
    return history.during(history.years <= year)


def _scored(histories: Sequence[History], projections: Sequence[Projection]) -> list[np.ndarray]:
    """Later values within reach of one origin, each held against three targets: for each history rows of :data:`CASE`."""
    if not histories:
        return []
    origin, ahead = projections[0].origin_year, np.arange(1, HORIZONS + 1)
    actual = np.full((len(histories), HORIZONS), np.nan)
    for row, history in zip(actual, histories, strict=True):
        later = (history.years > origin) & (history.years <= origin + HORIZONS)
        row[history.years[later] - origin - 1] = history.values[later]
    pasts = [_past(known_until(history, origin)) for history in histories]
    columns_of = (np.array(c, float)[:, None] for c in zip(*pasts, strict=True))
    last, usual, drift, level, slope, direction, still, moving, *line = columns_of
    paths = np.stack([p.paths[:, :HORIZONS].T for p in projections]).astype(float)  # series x ahead x paths
    low95, low80, high80, high95 = np.quantile(paths, [0.025, 0.1, 0.9, 0.975], axis=2)
    targets = last[..., None] + (direction * usual * np.sqrt(ahead))[..., None] * np.array(STEPS)
    side = direction[..., None]
    engine = [reaches(paths, targets[..., i, None], side).mean(axis=2) for i in range(len(STEPS))]
    root = np.sqrt(ahead)
    said = [
        (last + 0 * ahead, still * root),
        (last + drift * ahead, moving * root),
        (level + slope * ahead, line[0] * np.sqrt(1 + 1 / line[1] + (line[2] + ahead) ** 2 / line[3])),
    ]
    columns = [
        ahead[None, :, None],
        reaches(actual[..., None], targets, side),
        np.stack(engine, axis=2),
        *(likely(values[..., None], spread[..., None], targets, side) for values, spread in said),
        ((low80 <= actual) & (actual <= high80))[..., None],
        ((low95 <= actual) & (actual <= high95))[..., None],
    ]
    cases = np.stack([np.broadcast_to(np.asarray(c, float), targets.shape) for c in columns], axis=3)
    return [some[seen].reshape(-1, len(CASE)) for some, seen in zip(cases, np.isfinite(actual), strict=True)]


def _past(past: History) -> tuple[float, ...]:
    """What was known at an origin, and what an office would extrapolate from it: the mean yearly change, a least-squares line.

    The last value, the mean size of a yearly change and their mean; the line in the last year and its slope; the good side; the
    spread of yearly changes about none and about their mean; of the values about the line, their number, the last year's distance
    from the middle, and the squares of the years about it.
    """
    years, values = past.years - past.years[-1], past.values
    centred = years - years.mean()
    slope = float((centred * values).sum() / (centred**2).sum())
    level = float(values.mean() - slope * years.mean())
    usual = float(np.mean(np.abs(np.diff(values)) / np.diff(years)))
    drift = float((values[-1] - values[0]) / (years[-1] - years[0]))
    root = np.sqrt(np.diff(years))
    still, moving = (float(np.sqrt(((np.diff(values) / root - mean * root) ** 2).mean())) for mean in (0.0, drift))
    about = float(np.sqrt(((values - level - slope * years) ** 2).sum() / max(len(years) - 2, 1)))
    line = (about, len(years), float(-years.mean()), float((centred**2).sum()))
    return (float(values[-1]), usual, drift, level, slope, past.direction, still, moving, *line)


def likely(mean: np.ndarray, spread: np.ndarray, target: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Probability that a normal value with this mean and spread is at the target or on its better side; without spread it is yes or no."""
    gap = direction * (mean - target)
    score = np.divide(gap, spread, out=np.zeros_like(gap + spread), where=spread > 1e-9 * (1 + np.abs(mean)))
    chance = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in score.ravel()]).reshape(score.shape)
    return np.where(spread > 1e-9 * (1 + np.abs(mean)), chance, gap >= -1e-9)


def reaches(values: np.ndarray | float, target: np.ndarray | float, direction: np.ndarray | int) -> np.ndarray:
    """Whether values are at the target or on its better side."""
    return direction * (np.asarray(values) - target) >= -1e-9
