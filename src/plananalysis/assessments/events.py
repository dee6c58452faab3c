"""What must be true of a path, and whether it is: of sample paths to the target year, and of the observed values alone.

A path is what one series does from its observed years to the target year. An :class:`Event` asks that a statistic of it falls inside
an interval of published values and, for a few kinds of target, that the yearly steps behave. The probability of a target is the share
of paths on which its event happens; the position now is the same event asked of the observed values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from plananalysis.observations import History

OF_ALL_YEARS = frozenset({"mean_growth", "chained", "every"})  # statistics of every year after the base year
Statistic = Literal["end", "pooled_end", "gap_end", "mean_growth", "chained", "every"]
Steps = Literal["any", "no_fall", "no_two_falls"]


@dataclass(frozen=True)
class Event:
    """What must be true of a path.

    Parameters
    ----------
    statistic
        ``end``: the value in the target year; ``pooled_end``: the mean of the last ``pool_years`` years;
        ``gap_end``: the value in the target year minus the reference series' value. Of a series of yearly rates of change, from
        the year after ``since`` on: ``mean_growth``, the rate that each year would have had; ``chained``, all of them
        multiplied up. ``every``: the value of each year after ``since`` must be acceptable.
    low, high
        Acceptable published values of the statistic, both inclusive, ±inf where open, in the series' unit.
    digits
        Decimals at which values are published and compared.
    steps
        Condition on the yearly steps still to come.
    at_bound
        The baseline stood at its natural limit already, so that holding it counts as 提高 or 降低.
    since
        The base year, for a statistic of all years after it.
    falling
        Whether ``chained`` multiplies up falls: a yearly rate of 3 takes three hundredths away.
    """

    statistic: Statistic
    low: float
    high: float
    digits: int
    steps: Steps = "any"
    pool_years: int = 1
    at_bound: bool = False
    since: int = 0
    falling: bool = False

    def goal(self, value: float) -> float:
        """The acceptable value of the statistic that is nearest to ``value``."""
        return float(min(max(value, self.low), self.high))


@dataclass(frozen=True)
class Trajectories:
    """Observed years and sample paths of one series on one axis.

    Parameters
    ----------
    years
        Consecutive calendar years, shape (T,).
    values
        Shape (n, T) in the series' unit; an observed year holds the same value on every path, an unknown one NaN.
    origin_year
        The last observed year; later columns are projected.
    """

    years: np.ndarray
    values: np.ndarray
    origin_year: int


def published(values: np.ndarray | float, digits: int) -> np.ndarray:
    """Values as they would be published: halves away from zero (四舍五入), as whole numbers of the last digit's unit.

    Whole numbers, because 0.1 steps cannot be compared exactly as floats.
    """
    scaled = np.asarray(values, float) * 10.0**digits
    return np.sign(scaled) * np.floor(np.abs(scaled) + 0.5 + 1e-7)


def trajectories(history: History, years: Sequence[int] | np.ndarray = (), paths: Any = ()) -> Trajectories:
    """Put observed values before projected ones.

    ``years`` and ``paths`` (n, len(years)) continue ``history``; with no years the observed values are the one path.
    """
    last = int(years[-1]) if len(years) else int(history.years[-1])
    axis = np.arange(int(history.years[0]), last + 1)
    values = np.full((max(len(paths), 1), len(axis)), np.nan)
    values[:, history.years - axis[0]] = history.values
    if len(years):
        values[:, np.asarray(years) - axis[0]] = paths
    return Trajectories(axis, values, int(history.years[-1]))


def happens(what: Event, own: Trajectories, reference: Trajectories | None = None) -> np.ndarray:
    """On which paths the event happens, shape (n,), dtype bool.

    Paths of the series and of its reference are paired by position, so that a shared shock cancels in the gap.
    """
    if what.statistic == "gap_end":
        if reference is None:
            raise ValueError("gap_end needs the reference's trajectories")
        end = _at(own, own.years[-1]) - _at(reference, own.years[-1])
    elif what.statistic == "pooled_end":
        end = np.nanmean(own.values[:, -what.pool_years :], axis=1)
    elif what.statistic in OF_ALL_YEARS:
        return _of_all_years(what, own)
    else:
        end = own.values[:, -1]
    acceptable = inside(what, end)
    return acceptable if what.steps == "any" else acceptable & _steps_hold(what, own)


def share(what: Event, statistic: np.ndarray) -> float:
    """Share of paths whose ``statistic`` is acceptable; all of the event where no step is asked for."""
    return float(inside(what, statistic).mean())


def inside(what: Event, statistic: np.ndarray) -> np.ndarray:
    """On which paths the ``statistic`` is acceptable; all of the event where no step is asked for."""
    whole, unit = published(statistic, what.digits), 10.0**what.digits
    return (whole >= what.low * unit - 1e-7) & (whole <= what.high * unit + 1e-7)


def met_now(what: Event, history: History, base_year: int, reference: History | None = None) -> bool | None:
    """Whether the observed values alone satisfy the event, asked of the newest year that can be judged; None when none can.

    What years that are missing would have shown is not assumed: a condition on every year is known to hold only when every year
    is known, and known to be broken by any one of them.
    """
    if what.statistic == "gap_end":
        year = common_year(history, reference)
        if year is None or reference is None:
            return None
        gap = _value_of(history, year) - _value_of(reference, year)
        return bool(inside(what, np.array([gap]))[0])
    observed = trajectories(history)
    if what.statistic in OF_ALL_YEARS:
        return _all_years_now(what, observed)
    if what.steps != "any":
        return _steps_now(what, history, base_year)
    if what.statistic == "pooled_end" and not _pool_known(what, observed):
        return None
    return bool(happens(what, observed)[0])


def common_year(history: History, reference: History | None) -> int | None:
    """The newest year in which both series were observed."""
    shared = np.intersect1d(history.years, () if reference is None else reference.years)
    return int(shared[-1]) if len(shared) else None


def falls_since(history: History, base_year: int) -> list[tuple[int, int]]:
    """Years after the base year whose published value is below that of the observed year before, each after that year."""
    whole = published(history.values, history.decimals)
    steps = zip(history.years, history.years[1:], np.diff(whole), strict=False)
    return [(int(before), int(y)) for before, y, step in steps if y > base_year and step < 0]


def years_missing(what: Event, history: History) -> list[int]:
    """Observed years without a value that a statistic of all years needs."""
    if what.statistic not in OF_ALL_YEARS:
        return []
    return [y for y in range(what.since + 1, int(history.years[-1])) if y not in history.years]


def _value_of(history: History, year: int) -> float:
    return float(history.values[history.years == year][0])


def _pool_known(what: Event, own: Trajectories) -> bool:
    """Whether each of the years that are pooled was observed."""
    window = own.values[0, -what.pool_years :]
    return len(window) == what.pool_years and not np.isnan(window).any()


def _steps_now(what: Event, history: History, base_year: int) -> bool | None:
    """Whether the observed steps since the base year behaved."""
    observed = history.during(history.years >= base_year)
    if len(observed.years) < 2:
        return None
    own = trajectories(observed)
    if what.steps == "no_fall" and not _steps_hold(what, own, int(own.years[0]))[0]:
        return False  # a fall between two known years took place in one of the years between them
    whole = own.years[0] == base_year and not np.isnan(own.values).any()
    if not whole or (what.statistic == "pooled_end" and not _pool_known(what, trajectories(history))):
        return None
    acceptable = happens(replace(what, steps="any"), trajectories(history))
    return bool((acceptable & _steps_hold(what, own, int(own.years[0])))[0])


def _all_years_now(what: Event, observed: Trajectories) -> bool | None:
    years = observed.values[0, observed.years > what.since]
    if not len(years):
        return None
    missing = np.isnan(years).any() or observed.years[0] > what.since + 1
    if what.statistic == "every":
        broken = not inside(what, years[~np.isnan(years)]).all()
        return False if broken else None if missing else True
    return None if missing else bool(_of_all_years(what, observed)[0])


def _of_all_years(what: Event, own: Trajectories) -> np.ndarray:
    """On which paths a statistic of all years after ``since`` is acceptable."""
    columns = own.values[:, own.years > what.since]
    if what.statistic == "every":
        return np.asarray(np.apply_along_axis(lambda year: inside(what, year), 0, columns).all(axis=1))
    rates = published(columns, what.digits) / 10.0**what.digits / 100
    factor = np.prod(1 - rates if what.falling else 1 + rates, axis=1)
    if what.statistic == "mean_growth":
        return inside(what, (np.maximum(factor, 0) ** (1 / columns.shape[1]) - 1) * 100)
    return inside(what, np.abs(1 - factor) * 100 * np.sign((1 - factor) if what.falling else (factor - 1)))


def _steps_hold(what: Event, own: Trajectories, start_year: int | None = None) -> np.ndarray:
    """Condition on steps from ``start_year`` on; by default the ones still to come.

    For ``no_two_falls`` the step into the last observed year counts too: a fall there and a fall next year are two in a row.
    """
    start = own.origin_year - (what.steps == "no_two_falls") if start_year is None else start_year
    columns = own.years >= start
    whole = published(own.values[:, columns], what.digits)
    known = ~np.isnan(whole).any(axis=0)
    falls = np.diff(whole[:, known], axis=1) < 0
    if what.steps == "no_fall":
        return np.logical_not(falls.any(axis=1))
    return np.logical_not((falls[:, 1:] & falls[:, :-1]).any(axis=1))


def _at(own: Trajectories, year: int) -> np.ndarray:
    """Values in ``year``, NaN outside the years of the axis: a year nobody reported is not another year."""
    column = int(year) - int(own.years[0])
    return own.values[:, column] if 0 <= column < len(own.years) else np.full(len(own.values), np.nan)
