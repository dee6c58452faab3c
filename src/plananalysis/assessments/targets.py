"""Every kind of target as one mechanism: a reading becomes an event on a sample path (:mod:`plananalysis.assessments.events`)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from plananalysis.assessments.events import OF_ALL_YEARS, Event, published
from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say
from plananalysis.observations import History
from plananalysis.plan import Reading, Thresholds
from plananalysis.plan.targets import KINDS, OPERATORS
from plananalysis.plan.units import COUNTS, PER

YEARLY = frozenset({"rise_yearly", "fall_yearly", "growth"})  # what they ask for grows with the years since the base


@dataclass(frozen=True)
class Undecidable:
    """No event can be stated. ``reason`` is a code of the closed set in the catalogue (``no_probability.*``)."""

    reason: Literal["no_band", "no_baseline", "no_reference", "no_counts", "judged_by_parts"]


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

    Raises
    ------
    UsageError
        There is no such kind of target, or the kind knows no such operator.
    """
    _refuse_unknown(reading)
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
    return replace(made, since=base_year) if isinstance(made, Event) and made.statistic in OF_ALL_YEARS else made


def _refuse_unknown(reading: Reading) -> None:
    for name, given, known in (
        ("kind", reading.kind, tuple(KINDS)),
        ("operator", reading.operator, OPERATORS.get(reading.kind, (reading.operator,))),
    ):
        if given not in known:
            raise UsageError(say(f"reading.unknown_{name}", series=reading.series, given=given, known=listed(known)))


def milestone(reading: Reading, year: int, value: str, history: History) -> Event:
    """What the plan asks for in a year on the way, by the sign of its final target."""
    there = replace(reading, value=float(value), value_text=value, milestones=())
    return _edged(there, history)


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
