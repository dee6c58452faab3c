"""Every kind of target as one mechanism: an event on a sample path.

A path is what one series does from its observed years to the target year. A reading of a target becomes an
:class:`Event`: a statistic of the path must fall inside an interval of published values and, for a few kinds,
the yearly steps must behave. The probability of meeting the target is the share of paths on which that happens;
the position now is the same event asked of the observed values alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from plananalysis.observations import History
from plananalysis.plan import Reading, Thresholds
from plananalysis.plan.units import COUNTS, PER

YEARLY = frozenset({"rise_yearly", "fall_yearly", "growth"})  # what they ask for grows with the years since the base
_OF_ALL_YEARS = frozenset({"mean_growth", "chained", "every"})
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
class Undecidable:
    """No event can be stated. ``reason`` is a code of the closed set in the catalogue (``no_probability.*``)."""

    reason: Literal["no_band", "no_baseline", "no_reference", "no_counts", "judged_by_parts"]


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


def trajectories(history: History, years: np.ndarray, paths: np.ndarray) -> Trajectories:
    """Put observed values before projected ones.

    ``years`` and ``paths`` (n, len(years)) continue ``history``; with no years left the observed values are the one path.
    """
    last = int(years[-1]) if len(years) else int(history.years[-1])
    axis = np.arange(int(history.years[0]), last + 1)
    values = np.full((max(len(paths), 1), len(axis)), np.nan)
    values[:, history.years - axis[0]] = history.values
    if len(years):
        values[:, years - axis[0]] = paths
    return Trajectories(axis, values, int(history.years[-1]))


def baseline(history: History, base_year: int) -> float | None:
    """The value observed in the base year under today's definition, or None."""
    found = history.values[history.years == base_year]
    return float(found[0]) if len(found) else None


def event(
    reading: Reading,
    history: History,
    base_year: int,
    thresholds: Thresholds,
    has_reference: bool = False,
    until: int | None = None,
) -> Event | Undecidable:
    """The event a reading stands for, for a series with this history.

    Parameters
    ----------
    reading
        The target's reading in force.
    history
        Observed values of the series; gives publishing precision, natural bounds and the baseline.
    base_year
        Year of the baseline for targets that are relative to it.
    thresholds
        Tolerances that the plan leaves open.
    has_reference
        Whether the reference series has values, for ``relative`` readings.
    until
        The year the event is asked of, for targets of so much a year (:data:`YEARLY`): the target year, or the year of a value
        that is held against the way.
    """
    if reading.kind == "keep_reasonable":
        return Undecidable("no_band")
    if reading.kind == "worst_part":
        return Undecidable("judged_by_parts")
    if reading.kind == "relative" and not has_reference:
        return Undecidable("no_reference")
    base = _base_value(reading, history, base_year, thresholds)
    if base is None and reading.kind in _NEEDS_BASELINE:
        return Undecidable("no_baseline")
    if reading.kind == "under_control":
        return _under_control(history, base_year, thresholds)
    years = {"years": None if until is None else until - base_year} if reading.kind in YEARLY else {}
    made = _KINDS[reading.kind](reading, history, base, thresholds, **years)
    return replace(made, since=base_year) if isinstance(made, Event) and made.statistic in _OF_ALL_YEARS else made


def milestone(reading: Reading, year: int, value: str, history: History) -> Event:
    """What the plan asks for in a year on the way, by the sign of its final target."""
    there = replace(reading, value=float(value), value_text=value, milestones=())
    return _edged(there, history)


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
    elif what.statistic in _OF_ALL_YEARS:
        return _of_all_years(what, own)
    else:
        end = own.values[:, -1]
    inside = _inside(what, end)
    if what.steps == "any":
        return inside
    return inside & _steps_hold(what, own)


def share(what: Event, statistic: np.ndarray) -> float:
    """Share of paths whose ``statistic`` is acceptable; all of the event where no step is asked for."""
    return float(inside(what, statistic).mean())


def inside(what: Event, statistic: np.ndarray) -> np.ndarray:
    """On which paths the ``statistic`` is acceptable; all of the event where no step is asked for."""
    return _inside(what, statistic)


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
        return bool(_inside(what, np.array([gap]))[0])
    observed = _axis_of(history)
    if what.statistic in _OF_ALL_YEARS:
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
    if what.statistic not in _OF_ALL_YEARS:
        return []
    return [y for y in range(what.since + 1, int(history.years[-1])) if y not in history.years]


def _axis_of(history: History) -> Trajectories:
    return trajectories(history, np.array([], int), np.empty((0, 0)))


def _value_of(history: History, year: int) -> float:
    return float(history.values[history.years == year][0])


def _pool_known(what: Event, own: Trajectories) -> bool:
    """Whether each of the years that are pooled was observed."""
    window = own.values[0, -what.pool_years :]
    return len(window) == what.pool_years and not np.isnan(window).any()


def _steps_now(what: Event, history: History, base_year: int) -> bool | None:
    """Whether the observed steps since the base year behaved."""
    since = history.years >= base_year
    observed = replace(history, years=history.years[since], values=history.values[since])
    if len(observed.years) < 2:
        return None
    own = _axis_of(observed)
    if what.steps == "no_fall" and not _steps_hold(what, own, int(own.years[0]))[0]:
        return False  # a fall between two known years took place in one of the years between them
    whole = own.years[0] == base_year and not np.isnan(own.values).any()
    if not whole or (what.statistic == "pooled_end" and not _pool_known(what, _axis_of(history))):
        return None
    inside = happens(replace(what, steps="any"), _axis_of(history))
    return bool((inside & _steps_hold(what, own, int(own.years[0])))[0])


def _all_years_now(what: Event, observed: Trajectories) -> bool | None:
    years = observed.values[0, observed.years > what.since]
    if not len(years):
        return None
    missing = np.isnan(years).any() or observed.years[0] > what.since + 1
    if what.statistic == "every":
        broken = not _inside(what, years[~np.isnan(years)]).all()
        return False if broken else None if missing else True
    return None if missing else bool(_of_all_years(what, observed)[0])


def _of_all_years(what: Event, own: Trajectories) -> np.ndarray:
    """On which paths a statistic of all years after ``since`` is acceptable."""
    columns = own.values[:, own.years > what.since]
    if what.statistic == "every":
        return np.asarray(np.apply_along_axis(lambda year: _inside(what, year), 0, columns).all(axis=1))
    rates = published(columns, what.digits) / 10.0**what.digits / 100
    factor = np.prod(1 - rates if what.falling else 1 + rates, axis=1)
    if what.statistic == "mean_growth":
        return _inside(what, (np.maximum(factor, 0) ** (1 / columns.shape[1]) - 1) * 100)
    return _inside(what, np.abs(1 - factor) * 100 * np.sign((1 - factor) if what.falling else (factor - 1)))


def _inside(what: Event, statistic: np.ndarray) -> np.ndarray:
    whole, unit = published(statistic, what.digits), 10.0**what.digits
    return (whole >= what.low * unit - 1e-7) & (whole <= what.high * unit + 1e-7)


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


def _base_value(reading: Reading, history: History, base_year: int, thresholds: Thresholds) -> float | None:
    years = thresholds.pool_years if reading.kind == "toward_band" else 1
    window = (history.years > base_year - years) & (history.years <= base_year)
    if not (history.years == base_year).any():
        return None
    return float(history.values[window].mean())


def _unit_step(history: History) -> float:
    return 10.0**-history.decimals


def _threshold(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event:
    return _edged(reading, history)


def _edged(reading: Reading, history: History) -> Event:
    value = float(reading.amount)
    if "/" in reading.value_text:  # 2:3 has no exact decimal; places built in that ratio publish its rounded value
        value = float(published(value, history.decimals)) / 10.0**history.decimals
    return Event("end", *_edges(reading.operator, value, history.decimals), history.decimals)


def _edges(operator: str, value: float, digits: int) -> tuple[float, float]:
    """Lowest and highest acceptable published value."""
    unit = 10.0**digits
    return {
        ">=": (value, np.inf),
        ">": (float(np.floor(value * unit + 1e-7) + 1) / unit, np.inf),
        "<=": (-np.inf, value),
        "<": (-np.inf, float(np.ceil(value * unit - 1e-7) - 1) / unit),
    }[operator]


def _about(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event:
    value, spread = float(reading.amount), thresholds.about_tolerance
    return Event("end", value - spread, value + spread, history.decimals)


def _within_band(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event:
    low = -np.inf if reading.low is None else reading.low
    high = np.inf if reading.high is None else reading.high
    return Event("end", low, high, history.decimals)


def _change(sign: int) -> Callable[..., Event]:
    def build(reading: Reading, history: History, base: float, thresholds: Thresholds) -> Event:
        bound = history.upper if sign > 0 else history.lower
        at_bound = bool(published(base, history.decimals) == published(bound, history.decimals))
        # a last digit may move by rounding alone; a count of things cannot
        margin = 0.0 if at_bound else _unit_step(history) * (1 if history.decimals == 0 else 2)
        edge = base + sign * margin
        low, high = (edge, np.inf) if sign > 0 else (-np.inf, edge)
        return Event("end", low, high, history.decimals, at_bound=at_bound)

    return build


def _fall_clearly(reading: Reading, history: History, base: float, thresholds: Thresholds) -> Event:
    # at published precision "at most" must not be widened by rounding the bound up
    limit = np.floor(base * (1 - thresholds.marked_decrease) * 10.0**history.decimals + 1e-7) / 10.0**history.decimals
    return Event("end", -np.inf, float(limit), history.decimals)


def _hold_or_rise(reading: Reading, history: History, base: float, thresholds: Thresholds) -> Event:
    return Event("end", base, np.inf, history.decimals)


def _under_control(history: History, base_year: int, thresholds: Thresholds) -> Event | Undecidable:
    """At most the upper control limit of the base years' cases; a rate's limit is that of the cases behind it, as a rate again."""
    base = (history.years > base_year - thresholds.control_years) & (history.years <= base_year)
    if history.unit in COUNTS:
        limit = float(control_limit(float(history.values[base].mean()), thresholds.control_level))
        return Event("end", -np.inf, limit, history.decimals)
    cases, people = history.numerators[base].mean(), history.denominators[base].mean()
    if history.unit not in PER or not cases >= 0 or not people > 0:
        return Undecidable("no_counts")
    rate = control_limit(float(cases), thresholds.control_level) / people * PER[history.unit]
    edge = (
        np.floor(rate * 10.0**history.decimals + 1e-7) / 10.0**history.decimals
    )  # "at most" is not widened by rounding
    return Event("end", -np.inf, float(edge), history.decimals)


def control_limit(mean: float, level: float) -> int:
    """The smallest count that a Poisson count of this mean does not exceed with a probability of ``level``.

    Summed here, term by term: importing a library for it costs more than the rest of an edition's targets.
    """
    if mean <= 0:
        return 0
    count = max(0, math.floor(mean - 12 * math.sqrt(mean)))  # what lies below has no weight
    total = term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    while total < level:
        count += 1
        term *= mean / count
        total += term
    return count


def _toward_band(reading: Reading, history: History, base: float, thresholds: Thresholds) -> Event:
    low, high = reading.least, reading.most
    distance = max(low - base, base - high, 0.0)
    if distance == 0:
        return Event("pooled_end", low, high, history.decimals, pool_years=thresholds.pool_years)
    nearer = distance - _unit_step(history)  # strictly nearer than at base, at published precision
    return Event("pooled_end", low - nearer, high + nearer, history.decimals, pool_years=thresholds.pool_years)


def _relative(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event:
    if reading.operator == ">=":
        return Event("gap_end", 0.0, np.inf, history.decimals)
    if reading.operator == "<=":
        return Event("gap_end", -np.inf, 0.0, history.decimals)
    return Event("gap_end", -thresholds.relative_tolerance, thresholds.relative_tolerance, history.decimals)


def _rise_each_year(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event:
    return Event("end", -np.inf, np.inf, history.decimals, steps="no_fall")


def _rise_gradually(reading: Reading, history: History, base: float, thresholds: Thresholds) -> Event:
    above = _change(1)(reading, history, base, thresholds)
    return replace(
        above,
        low=base if above.at_bound else base + _unit_step(history),
        statistic="pooled_end",
        steps="no_two_falls",
        pool_years=thresholds.pool_years,
    )


def _by(sign: int) -> Callable[..., Event]:
    """So much over (or below) the base: [1] 岁."""

    def build(reading: Reading, history: History, base: float, thresholds: Thresholds) -> Event:
        return _from(base, sign * float(reading.amount), history)

    return build


def _yearly(sign: int) -> Callable[..., Event]:
    """So much a year on the mean: 每年降低0.5—1个百分点 asks for half a point a year; going faster is no failure."""

    def build(reading: Reading, history: History, base: float, thresholds: Thresholds, years: int | None) -> Event:
        return _from(base, sign * float(reading.least) * _needed(reading, years), history)

    return build


def _needed(reading: Reading, years: int | None) -> int:
    if years is None:
        raise ValueError(f"{reading.kind} must be told the year it is asked of")
    return years


def _from(base: float, change: float, history: History) -> Event:
    """At least so far from the base, up or down, in published values."""
    digits, unit = history.decimals, 10.0**history.decimals
    if change > 0:
        return Event("end", float(np.ceil(base * unit + change * unit - 1e-6) / unit), np.inf, digits)
    return Event("end", -np.inf, float(np.floor(base * unit + change * unit + 1e-6) / unit), digits)


def _cumulative(sign: int) -> Callable[..., Event | Undecidable]:
    """A relative change over the whole period: [13.5] %. A series in % holds the yearly rates, any other the level itself."""

    def build(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event | Undecidable:
        if history.unit == "%":
            return Event("chained", float(reading.amount), np.inf, history.decimals, falling=sign < 0)
        return Undecidable("no_baseline") if base is None else _from(base, sign * base * reading.amount / 100, history)

    return build


def _growth(
    reading: Reading, history: History, base: float | None, thresholds: Thresholds, years: int | None
) -> Event | Undecidable:
    """Mean annual growth over the period: 年均>7. A series in % holds the yearly rates, any other the level itself."""
    if history.unit == "%":
        return replace(_threshold(reading, history, base, thresholds), statistic="mean_growth")
    if base is None:
        return Undecidable("no_baseline")
    level = base * (1 + float(reading.amount) / 100) ** _needed(reading, years)
    return Event("end", *_edges(reading.operator, level, history.decimals), history.decimals)


def _each_year(reading: Reading, history: History, base: float | None, thresholds: Thresholds) -> Event:
    return replace(_threshold(reading, history, base, thresholds), statistic="every")


_KINDS: dict[str, Callable[..., Event | Undecidable]] = {
    "threshold": _threshold,
    "about": _about,
    "within_band": _within_band,
    "rise": _change(1),
    "fall": _change(-1),
    "fall_clearly": _fall_clearly,
    "hold_or_rise": _hold_or_rise,
    "toward_band": _toward_band,
    "relative": _relative,
    "rise_each_year": _rise_each_year,
    "rise_gradually": _rise_gradually,
    "rise_by": _by(1),
    "fall_by": _by(-1),
    "rise_yearly": _yearly(1),
    "fall_yearly": _yearly(-1),
    "cumulative_rise": _cumulative(1),
    "cumulative_fall": _cumulative(-1),
    "growth": _growth,
    "each_year": _each_year,
}
_NEEDS_BASELINE = frozenset(
    {"rise", "fall", "fall_clearly", "hold_or_rise", "under_control", "toward_band", "rise_gradually"}
    | {"rise_by", "fall_by", "rise_yearly", "fall_yearly"}
)
