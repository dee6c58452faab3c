"""What a history looks like to the engine: numbers that do not depend on unit, calendar year or which side is called good."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plananalysis.projections.scale import LINE, RATE, SHARE, Scale

WIDTH = 30  # years of history the engine looks at
FEATURES = (
    "drift_fast", "drift_slow", "step1", "slope2", "slope3", "slope5", "slope8", "slope_all", "slope_ols",
    "from_fast", "from_slow", "from_mean", "from_line", "turning", "agreement", "smooth", "peak", "recent_rough", "line_rough",
    "still", "log_scale", "log_length", "log_points", "room_up", "room_down", "kind", "level", "raw_up", "better", "unit_type",
    "room_parity",
)  # fmt: skip
INDEX = {name: i for i, name in enumerate(FEATURES)}
UNIT_TYPES = {"percent": 0, "rate": 1, "count": 2, "ratio": 3, "years": 4}
PARITY = (1.0, 100.0)  # a ratio of two groups is even at 1, or at 100 where it is printed per hundred
_FAR = 200.0


@dataclass(frozen=True)
class Grid:
    """Histories side by side, right-aligned on their last observed year (n x WIDTH, NaN where nothing was observed)."""

    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    decimals: np.ndarray
    direction: np.ndarray
    unit_type: np.ndarray

    @classmethod
    def of(cls, histories: Sequence) -> Grid:
        sizes = np.array([len(h.years) for h in histories])
        years, seen = (np.concatenate([getattr(h, name) for h in histories]) for name in ("years", "values"))
        row = np.repeat(np.arange(len(sizes)), sizes)
        place = WIDTH - 1 - (years[sizes.cumsum() - 1][row] - years)
        values = np.full((len(sizes), WIDTH), np.nan)
        values[row[place >= 0], place[place >= 0]] = seen[place >= 0]
        lower, upper, decimals, direction = (
            np.array([getattr(h, name) for h in histories], float)
            for name in ("lower", "upper", "decimals", "direction")
        )
        return cls(values, lower, upper, decimals, direction, np.array([unit_type(h.unit) for h in histories], float))

    def take(self, rows: np.ndarray) -> Grid:
        return Grid(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def unit_type(unit: str) -> int:
    """Code of the kind of unit, from the plan's unit or the corpus' word for it."""
    if unit in UNIT_TYPES:
        return UNIT_TYPES[unit]
    if unit == "%":
        return 0
    if unit in ("岁", "年", "小时"):
        return 4
    if unit in ("比", "女=100"):
        return 3
    return 1 if "/" in unit or unit == "‰" else 2


@dataclass(frozen=True)
class Described:
    """Histories on the scale projections are made on, turned so that the recent drift points up (``sign``)."""

    grid: Grid
    scale: Scale
    sign: np.ndarray  # +1 or -1: scaled value = sign x (path's scaled value)
    last: np.ndarray  # turned, scaled value at the origin
    spread: np.ndarray  # typical yearly change on that scale, shrunk towards the pool
    features: np.ndarray  # n x len(FEATURES)
    length: np.ndarray  # years from first to last observed, inclusive
    points: np.ndarray  # observed values

    def take(self, rows: np.ndarray) -> Described:
        """The histories that ``rows`` selects."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        taken: dict[str, Any] = {n: v.take(rows) if isinstance(v, Grid | Scale) else v[rows] for n, v in fields.items()}
        return replace(self, **taken)


def describe(grid: Grid, shrink: dict[str, float]) -> Described:
    """Features of every history in ``grid``; ``shrink`` holds the pool's typical change (see ``learn``)."""
    values = grid.values
    seen = np.isfinite(values)
    scale = Scale.of(values, grid.lower, grid.upper)
    z = scale.to(values)
    points = seen.sum(1)
    columns = np.arange(WIDTH)
    length = WIDTH - np.argmax(seen, axis=1)
    before = np.maximum.accumulate(np.where(seen, columns, -1), axis=1)
    after = np.minimum.accumulate(np.where(seen, columns, WIDTH)[:, ::-1], axis=1)[:, ::-1]
    inside = before >= 0
    rows = np.arange(len(z))[:, None]
    z_before, z_after = z[rows, np.maximum(before, 0)], z[rows, np.minimum(after, WIDTH - 1)]
    gap = np.maximum(after - before, 1)
    line = np.where(
        inside, z_before + (z_after - z_before) * (columns - before) / gap, np.nan
    )  # missing years on a straight line

    # typical yearly change: observed steps only, a step over k years counts as k yearly steps of a random walk
    earlier = np.concatenate([np.full((len(z), 1), -1), before[:, :-1]], axis=1)
    stepped = seen & (earlier >= 0)
    span = np.where(stepped, columns - earlier, 1)
    change = np.where(stepped, (z - z[rows, np.maximum(earlier, 0)]), 0.0)
    n_steps = np.maximum(stepped.sum(1), 1)
    absolute = np.abs(change) / np.sqrt(span)
    mean_change = absolute.sum(1) / n_steps
    fine = _fineness(grid, scale, values)  # one publishing unit on the scale
    own = np.log(np.maximum(mean_change, 0.3 * fine) + 1e-9)
    pool = (
        shrink["share"] * (scale.kind == SHARE)
        + shrink["rate"] * ((scale.kind != SHARE) & (scale.kind != LINE))
        + shrink["line"] * (scale.kind == LINE)
    )
    weight = n_steps / (n_steps + shrink["points"])
    own = np.where(mean_change <= 1e-12, np.log(np.maximum(0.3 * fine, 0.1 * np.exp(pool))), own)
    spread = np.exp(weight * own + (1 - weight) * pool)

    n = length
    last = z[:, -1]
    ago = lambda k: line[np.arange(len(z)), WIDTH - 1 - np.minimum(k, n - 1)]  # noqa: E731
    mean_slope = lambda k: (last - ago(k)) / np.maximum(np.minimum(k, n - 1), 1)  # noqa: E731
    steps = np.diff(line, axis=1)
    steps_in = np.isfinite(steps)
    steps0 = np.where(steps_in, steps, 0.0)
    age = np.arange(WIDTH - 2, -1, -1.0)
    weighted = lambda x, ok, decay, ages: (x * ok * decay**ages).sum(1) / np.maximum((ok * decay**ages).sum(1), 1e-12)  # noqa: E731
    drift_fast, drift_slow = weighted(steps0, steps_in, 0.5, age), weighted(steps0, steps_in, 0.85, age)
    line0, line_in = np.where(inside, line, 0.0), inside
    ages = np.arange(WIDTH - 1, -1, -1.0)
    from_fast, from_slow = last - weighted(line0, line_in, 0.5, ages), last - weighted(line0, line_in, 0.85, ages)
    mean = line0.sum(1) / n
    t = -ages - (-(n - 1) / 2)[:, None]
    ols = (np.where(line_in, t * (line0 - mean[:, None]), 0.0)).sum(1) / np.maximum(
        np.where(line_in, t * t, 0.0).sum(1), 1e-12
    )
    fitted = mean[:, None] + ols[:, None] * t
    residual = np.where(line_in, line0 - fitted, 0.0)
    second = np.where(steps_in[:, 1:] & steps_in[:, :-1], np.diff(steps0, axis=1), 0.0)
    recent = np.where(steps_in, np.abs(steps0), 0.0)[:, -3:].sum(1) / np.minimum(np.maximum(n - 1, 1), 3)

    good = grid.direction * scale.side
    sign = np.sign(
        np.where(np.abs(drift_slow) > 1e-12, drift_slow, np.where(np.abs(from_slow) > 1e-12, from_slow, good))
    )
    sign = np.where(sign == 0, 1.0, sign)
    s, turned = spread, lambda x: x * sign / spread
    typical = np.maximum(mean_change, 1e-9)
    low, high = scale.limits()
    room_up = np.where(sign > 0, high - last, last - low) / s
    room_down = np.where(sign > 0, last - low, high - last) / s
    level = np.where(scale.kind == SHARE, np.where(sign > 0, 1, -1) * last, 0.0)
    moved = np.abs(change).sum(1)
    bounded = np.isfinite(scale.far) & (scale.kind != LINE)
    kind_of_unit = np.where(bounded & (grid.unit_type <= 1), np.where(scale.kind == SHARE, 0, 1), grid.unit_type)
    out = np.column_stack(
        [
            turned(drift_fast), turned(drift_slow), turned(mean_slope(1)), turned(mean_slope(2)), turned(mean_slope(3)), turned(mean_slope(5)),
            turned(mean_slope(8)), turned(mean_slope(WIDTH)), turned(ols), turned(from_fast), turned(from_slow), turned(last - mean),
            turned(residual[:, -1]), turned(drift_fast - ols), np.abs(change.sum(1)) / np.maximum(moved, 1e-12),
            np.abs(second).sum(1) / np.maximum(n - 2, 1) / typical, absolute.max(1) / typical, recent / typical,
            np.sqrt((residual**2).sum(1) / np.maximum(n - 2, 1)) / typical,
            ((absolute < 1e-12) & stepped).sum(1) / n_steps, np.log(s), np.log(n), np.log(points),
            np.minimum(room_up, _FAR), np.minimum(room_down, _FAR), scale.kind, level,
            np.where(scale.kind == SHARE, 0, sign), good * sign, kind_of_unit, _room_to_parity(grid, scale, last, sign / s),
        ]
    )  # fmt: skip
    return Described(grid, scale, sign, sign * last, spread, out, n, points)


def parity(grid: Grid, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Last value of each ratio of two groups, and what it is where they are even (the nearer of ``PARITY``); NaN for anything else."""
    ratio = (grid.unit_type == UNIT_TYPES["ratio"]) & (scale.kind == RATE) & (grid.values[:, -1] > 0)
    last = np.where(ratio, grid.values[:, -1], np.nan)
    even = np.where(np.abs(np.log(last / PARITY[0])) < np.abs(np.log(last / PARITY[1])), *PARITY)
    return last, np.where(ratio, even, np.nan)


def _room_to_parity(grid: Grid, scale: Scale, last: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """How far the last value of a ratio is from where two groups are even, in the series' own steps, turned; far for anything else."""
    even = parity(grid, scale)[1]
    ratio = np.isfinite(even)
    room = (scale.to(np.where(ratio, even, 1.0)[:, None])[:, 0] - last) * turn
    return np.where(ratio, np.clip(room, -_FAR, _FAR), _FAR)


def _fineness(grid: Grid, scale: Scale, values: np.ndarray) -> np.ndarray:
    """Size of one publishing unit at the last value, on the scale."""
    unit = 10.0 ** -np.nan_to_num(grid.decimals, nan=2.0)
    last = values[:, -1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        low, high = (
            np.where(np.isfinite(grid.lower), grid.lower, -np.inf),
            np.where(np.isfinite(grid.upper), grid.upper, np.inf),
        )
    up, down = np.minimum(last + unit / 2, high), np.maximum(last - unit / 2, low)
    return np.abs(scale.to(up[:, None]) - scale.to(down[:, None]))[:, 0]
