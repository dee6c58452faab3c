"""How far a new value may lie from the years before it. Plain arithmetic: it runs for every cell of every year.

Measured on simulated districts and on real short series (METHODS, Intake): with 6 to 10 earlier years the usual z-score above 3
can flag nothing at all, for (n-1)/sqrt(n) is its largest possible value; the range of a damped trend joined with the range of
the usual yearly step finds misplaced points and swapped digits at a rate of false alarms that an office bears.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from plananalysis.plan.units import COUNTS
from plananalysis.returns.values import scale_of

WINDOW = 8  # years looked at
MIN_YEARS = 3
LIMIT = 4.0  # standard errors beyond which a value is asked about
NOTABLE = 3.0  # and beyond which a change of 30 % is
_DAMPING = 0.8  # share of a short trend that lasts
# By so much a trend of so few years is trusted less: on real histories 5.6 % of true values are asked about then, 8.1 % without.
_WIDER = {3: 1.25}
# yearly deviation of an ordinary series (logit or log), and how many years it is worth
_USUAL_SD, _USUAL_YEARS = 0.05, 2.0
_PULL = 0.25  # percentage points that keep the logit from running away at 0 and 100


@dataclass(frozen=True)
class Point:
    """A year's value with its counts, NaN where unknown."""

    year: int
    value: float
    numerator: float = math.nan
    denominator: float = math.nan


@dataclass(frozen=True)
class Range:
    """Where a value was expected, in its own unit, and by how many standard errors it lies outside its usual place."""

    low: float
    high: float
    middle: float
    distance: float


def expected(earlier: Sequence[Point], new: Point, unit: str, upper: float, decimals: int) -> Range | None:
    """How unusual a new point is; None with fewer than three earlier years."""
    earlier = earlier[-WINDOW:]
    if len(earlier) < MIN_YEARS:
        return None
    share = upper == 100
    counted = all(p.denominator > 0 for p in (*earlier, new))  # one scale for all points of a comparison; false for NaN
    on_scale = [_transform(p.value, p.denominator, unit, share, decimals, counted) for p in earlier]
    level, noise, _ = _transform(new.value, new.denominator, unit, share, decimals, counted)
    noise = (sum(n for _, n, _ in on_scale) + noise) / (len(earlier) + 1)
    years = [float(p.year) for p in earlier]
    levels = [x for x, _, _ in on_scale]
    n = len(earlier)
    mean_year, mean = sum(years) / n, sum(levels) / n
    spread = sum((y - mean_year) ** 2 for y in years)
    slope = _DAMPING * sum((y - mean_year) * (x - mean) for y, x in zip(years, levels, strict=True)) / spread
    ahead = new.year - mean_year
    residual = sum((x - mean - slope * (y - mean_year)) ** 2 for y, x in zip(years, levels, strict=True))
    usual = _USUAL_YEARS * (_USUAL_SD * sum(f for _, _, f in on_scale) / n) ** 2
    trend_sd = math.sqrt(max((usual + residual) / (_USUAL_YEARS + n - 2), noise) * (1 + 1 / n + ahead**2 / spread))
    steps = sum((b - a) ** 2 / max(y - x, 1) for a, b, x, y in zip(levels, levels[1:], years, years[1:], strict=False))
    step_sd = math.sqrt(max((usual + steps) / (_USUAL_YEARS + n - 1), 2 * noise) * max(new.year - years[-1], 1))
    trend_sd, step_sd = (sd * _WIDER.get(n, 1.0) for sd in (trend_sd, step_sd))
    trend = mean + slope * ahead
    distance = max(abs(level - trend) / trend_sd, abs(level - levels[-1]) / step_sd)
    low = max(trend - LIMIT * trend_sd, levels[-1] - LIMIT * step_sd)
    high = min(trend + LIMIT * trend_sd, levels[-1] + LIMIT * step_sd)
    low, high = min(low, high), max(low, high)
    ends = (low, high, min(max(trend, low), high))
    low, high, middle = (_back(x, new, unit, upper, decimals, counted) for x in ends)
    return Range(low, high, middle, distance)


def distances(
    years: np.ndarray, values: np.ndarray, denominators: np.ndarray, kinds: Sequence[tuple[str, float, int]]
) -> np.ndarray:
    """:attr:`Range.distance` of every value of many histories at once, as :func:`expected` has it; NaN with fewer than three earlier years.

    Parameters
    ----------
    years, values, denominators
        Histories x points, ascending by year from the left; NaN after the end of a history, and where a denominator is unknown.
    kinds
        Unit, upper bound and decimals of each history.
    """
    there = np.isfinite(values)
    some = (denominators > 0) & np.array(
        [[scale_of(unit) is not None] for unit, _, _ in kinds]
    )  # elsewhere they tell nothing
    mixed = (there & ~some).any(axis=1)[:, None]
    with_counts = _transformed(values, denominators, kinds, some & there, True)
    plain = _transformed(values, denominators, kinds, there & mixed, False)
    out = np.full(values.shape, np.nan)
    for at in range(MIN_YEARS, values.shape[1]):
        window = slice(max(at - WINDOW, 0), at + 1)
        counted = np.all(some[:, window], axis=1, keepdims=True)[:, :, None]
        on_scale = np.where(counted, with_counts[:, window], plain[:, window])
        (levels, noises, factors), y = np.moveaxis(on_scale, 2, 0), years[:, window]
        before, x, n = levels[:, :-1], y[:, :-1], levels.shape[1] - 1
        noise, ahead = noises.mean(axis=1), y[:, -1] - x.mean(axis=1)
        off, moved = x - x.mean(axis=1)[:, None], before - before.mean(axis=1)[:, None]
        spread = (off**2).sum(axis=1)
        slope = _DAMPING * (off * moved).sum(axis=1) / spread
        residual = ((moved - slope[:, None] * off) ** 2).sum(axis=1)
        usual = _USUAL_YEARS * (_USUAL_SD * factors[:, :-1].mean(axis=1)) ** 2
        steps = (np.diff(before) ** 2 / np.maximum(np.diff(x), 1)).sum(axis=1)
        trend_var = np.maximum((usual + residual) / (_USUAL_YEARS + n - 2), noise) * (1 + 1 / n + ahead**2 / spread)
        step_var = np.maximum((usual + steps) / (_USUAL_YEARS + n - 1), 2 * noise) * np.maximum(y[:, -1] - x[:, -1], 1)
        from_trend = np.abs(levels[:, -1] - before.mean(axis=1) - slope * ahead) / np.sqrt(trend_var)
        from_last = np.abs(levels[:, -1] - before[:, -1]) / np.sqrt(step_var)
        out[:, at] = np.maximum(from_trend, from_last) / _WIDER.get(n, 1.0)
    return out


def _transformed(
    values: np.ndarray,
    denominators: np.ndarray,
    kinds: Sequence[tuple[str, float, int]],
    wanted: np.ndarray,
    with_counts: bool,
) -> np.ndarray:
    """:func:`_on_scale` of the values wanted, histories x points x 3; NaN elsewhere."""
    made = np.full((*values.shape, 3), np.nan)
    rows, _ = np.nonzero(wanted)
    cells = zip(rows.tolist(), values[wanted].tolist(), denominators[wanted].tolist(), strict=True)
    told = [
        _on_scale(value, denominator, unit, upper == 100, decimals, with_counts)
        for row, value, denominator in cells
        for unit, upper, decimals in (kinds[row],)
    ]
    made[wanted] = np.array(told).reshape(-1, 3)
    return made


def _on_scale(
    value: float, denominator: float, unit: str, is_share: bool, decimals: int, with_counts: bool
) -> tuple[float, float, float]:
    """Value on a scale where errors are alike, the variance counting alone gives it there, and that scale's units per log.

    Shares are put on the logit, counts and rates of rare events on the square root, where the noise of counting is the same
    for 2 and for 200; everything else on the logarithm. ``with_counts`` is whether every point compared has its counts: where one
    lacks them, none is put on the scale of counts.
    """
    counted = with_counts and scale_of(unit) is not None
    if is_share:
        noise = 0.0
        if counted:
            share = min(max(value / 100, 0.5 / denominator), 1 - 0.5 / denominator)
            share = 0.5 if denominator <= 1 else share
            pull = _PULL / 100
            slope = 1 / ((share + pull) * (1 - share + pull))
            noise = share * (1 - share) / denominator * slope**2
        return math.log(max(value + _PULL, 1e-9) / max(100 - value + _PULL, 1e-9)), noise, 1.0
    if unit in ("‰", "1/10万") and counted:
        events = max(value * denominator / (scale_of(unit) or 1), 0.0)
        root = math.sqrt((events + 0.375) / denominator)
        return 2 * root, 1 / denominator, root
    if unit in COUNTS and decimals == 0:
        root = math.sqrt(max(value, 0.0) + 0.375)
        return 2 * root, 1.0, root
    if unit == "女=100" and counted:
        return math.log(max(value, 1.0)), 2 / denominator, 1.0
    return math.log(max(value, 0.5 * 10.0**-decimals)), 0.0, 1.0


_transform = lru_cache(maxsize=8192)(_on_scale)  # a year's value is looked at anew for each of the years after it


def _back(level: float, new: Point, unit: str, upper: float, decimals: int, with_counts: bool) -> float:
    if upper == 100:
        share = 1 / (1 + math.exp(-level))
        return min(max(share * (100 + 2 * _PULL) - _PULL, 0.0), 100.0)
    if unit in ("‰", "1/10万") and with_counts:
        events = max(level, 0.0) ** 2 / 4 * new.denominator - 0.375
        return max(events, 0.0) / new.denominator * (scale_of(unit) or 1)
    if unit in COUNTS and decimals == 0:
        return max(max(level, 0.0) ** 2 / 4 - 0.375, 0.0)
    return math.exp(level)
