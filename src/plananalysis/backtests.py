"""Owns the table ``backtests``: how good projections made from earlier years of an area's own histories were.

From every year with enough values before it, each series is projected as if the later values were unknown, and the stated
probabilities and ranges are held against what came. An area's own histories are few and share their years, so this table
is a check that nothing is badly off here; the calibration itself rests on the reference corpus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from plananalysis.observations import History
from plananalysis.projections import project

HORIZONS = 5
STEPS = (
    0.0,
    0.5,
    1.0,
)  # targets: an improvement of so many times the usual yearly change, times the root of the years ahead
METHODS = ("engine", "last_value", "drift", "straight_line")
COLUMNS = ["method", "horizon", "series", "cases", "met_share", "brier", "coverage80", "coverage95"]


def score(histories: Mapping[str, History], min_points: int) -> pd.DataFrame:
    """Brier scores and interval coverage by method and horizon.

    Parameters
    ----------
    histories
        Current segments by series; neutral series (direction 0) have no better side and are left out.
    min_points
        Values an origin needs before it.

    Returns
    -------
    DataFrame
        One row per method and horizon in years, and one with horizon 0 for all horizons together. Brier scores are those of
        the statement "the value will be at least this much better"; lower is better, 0.25 is what a coin knows.
        Coverage is the share of later values inside the 80 % and 95 % ranges, of the engine only.
    """
    cases = [case for origin in _origins(histories, min_points) for case in _cases(histories, origin, min_points)]
    if not cases:
        return pd.DataFrame(columns=COLUMNS)
    frame = pd.DataFrame(cases)
    rows = []
    for method in METHODS:
        for horizon in (0, *sorted(frame["horizon"].unique())):
            some = frame if horizon == 0 else frame[frame["horizon"] == horizon]
            error = (some[method] - some["met"]) ** 2
            inside = [some["inside80"].mean(), some["inside95"].mean()] if method == "engine" else [np.nan, np.nan]
            rows.append(
                [method, int(horizon), some["series"].nunique(), len(some), some["met"].mean(), error.mean(), *inside]
            )
    return pd.DataFrame(rows, columns=COLUMNS).round(4)


def known_until(history: History, year: int) -> History:
    """The history as it stood when ``year`` was its last value."""
    known = history.years <= year
    return replace(
        history, **{f: getattr(history, f)[known] for f in ("years", "values", "numerators", "denominators")}
    )


def _origins(histories: Mapping[str, History], min_points: int) -> list[int]:
    return sorted({int(y) for h in histories.values() for y in h.years[min_points - 1 : -1]})


def _cases(histories: Mapping[str, History], origin: int, min_points: int) -> list[dict[str, object]]:
    """Every later value within reach of one origin, as scored statements."""
    begun = [
        known_until(h, origin)
        for h in histories.values()
        if h.direction != 0 and origin in h.years[min_points - 1 : -1]
    ]
    cases = []
    for series, projection in project(
        begun, origin + HORIZONS, edition=f"backtest-{origin}", min_points=min_points
    ).items():
        if projection.reason is not None:
            continue
        history, past = histories[series], known_until(histories[series], origin)
        for year in history.years[(history.years > origin) & (history.years <= origin + HORIZONS)]:
            actual = float(history.values[history.years == year][0])
            paths = projection.paths[:, int(year) - origin - 1]
            low95, low80, high80, high95 = np.quantile(paths, [0.025, 0.1, 0.9, 0.975])
            inside = {"inside80": low80 <= actual <= high80, "inside95": low95 <= actual <= high95}
            for target in _targets(past, int(year) - origin):
                stated = {
                    m: float(reaches(values, target, past.direction)) for m, values in _rivals(past, int(year)).items()
                }
                stated["engine"] = float(reaches(paths, target, past.direction).mean())
                met = float(reaches(actual, target, past.direction))
                cases.append({"series": series, "horizon": int(year) - origin, "met": met, **stated, **inside})
    return cases


def reaches(values: np.ndarray | float, target: float, direction: int) -> np.ndarray:
    """Whether values are at the target or on its better side."""
    return direction * (np.asarray(values) - target) >= -1e-9


def _targets(past: History, horizon: int) -> list[float]:
    usual = float(np.mean(np.abs(np.diff(past.values)) / np.diff(past.years)))
    return [float(past.values[-1]) + past.direction * step * usual * horizon**0.5 for step in STEPS]


def _rivals(past: History, year: int) -> dict[str, float]:
    """What an office would extrapolate: the last value, the mean yearly change, a least-squares line."""
    years, values = past.years.astype(float), past.values
    ahead = year - years[-1]
    slope, level = np.polyfit(years - years[-1], values, 1)
    drift = (values[-1] - values[0]) / (years[-1] - years[0])
    return {
        "last_value": float(values[-1]),
        "drift": float(values[-1] + drift * ahead),
        "straight_line": float(level + slope * ahead),
    }
