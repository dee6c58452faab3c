"""Every kind of target as one mechanism: a reading becomes an event on a sample path (:mod:`plananalysis.assessments.events`)."""

from __future__ import annotations

import math
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
    made = _made(reading, history, base, thresholds, None if until is None else until - base_year)
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


def _made(
    reading: Reading, history: History, known: float | None, thresholds: Thresholds, years: int | None
) -> Event | Undecidable:
    """The event of each kind of target.

    Parameters
    ----------
    known
        The baseline; None where there is none, and the kind may do without.
    years
        Since the base year, for a target of so much a year.
    """
    kind, digits, unit = reading.kind, history.decimals, 10.0**history.decimals
    base = math.nan if known is None else known
    sign = -1 if "fall" in kind else 1
    match kind:
        case "threshold":
            return _edged(reading, history)
        case "each_year":
            return replace(_edged(reading, history), statistic="every")
        case "about":
            spread = thresholds.about_tolerance
            return Event("end", reading.amount - spread, reading.amount + spread, digits)
        case "within_band":
            low, high = (
                (-np.inf if reading.low is None else reading.low),
                (np.inf if reading.high is None else reading.high),
            )
            return Event("end", low, high, digits)
        case "toward_band":
            distance = max(reading.least - base, base - reading.most, 0.0)
            room = distance - 10.0**-digits if distance else 0.0  # strictly nearer than at base, at published precision
            return Event(
                "pooled_end", reading.least - room, reading.most + room, digits, pool_years=thresholds.pool_years
            )
        case "relative":
            near = thresholds.relative_tolerance
            ends = {">=": (0.0, np.inf), "<=": (-np.inf, 0.0)}.get(reading.operator, (-near, near))
            return Event("gap_end", *ends, digits)
        case "rise" | "fall":
            return _changed(base, sign, history)
        case "rise_each_year":
            return Event("end", -np.inf, np.inf, digits, steps="no_fall")
        case "rise_gradually":
            above = _changed(base, sign, history)
            low = base if above.at_bound else base + 10.0**-digits
            pooled = replace(above, low=low, statistic="pooled_end", pool_years=thresholds.pool_years)
            return replace(pooled, steps="no_two_falls")
        case "fall_clearly":  # at published precision "at most" must not be widened by rounding the bound up
            limit = np.floor(base * (1 - thresholds.marked_decrease) * unit + 1e-7) / unit
            return Event("end", -np.inf, float(limit), digits)
        case "hold_or_rise":
            return Event("end", base, np.inf, digits)
        case "rise_by" | "fall_by":  # so much over (or below) the base: [1] 岁
            return _from(base, sign * reading.amount, history)
        case (
            "rise_yearly" | "fall_yearly"
        ):  # 每年降低0.5—1个百分点 asks for half a point a year; going faster is no failure
            return _from(base, sign * reading.least * _needed(reading, years), history)
        case "cumulative_rise" | "cumulative_fall":  # over the whole period: [13.5] %
            if history.unit == "%":  # a series in % holds the yearly rates, any other the level itself
                return Event("chained", reading.amount, np.inf, digits, falling=sign < 0)
            return (
                Undecidable("no_baseline")
                if known is None
                else _from(base, sign * base * reading.amount / 100, history)
            )
        case "growth":  # 年均>7
            if history.unit == "%":
                return replace(_edged(reading, history), statistic="mean_growth")
            if known is None:
                return Undecidable("no_baseline")
            level = base * (1 + reading.amount / 100) ** _needed(reading, years)
            return Event("end", *_edges(reading.operator, level, digits), digits)
    raise AssertionError(kind)


def _needed(reading: Reading, years: int | None) -> int:
    if years is None:
        raise ValueError(f"{reading.kind} must be told the year it is asked of")
    return years


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


def _changed(base: float, sign: int, history: History) -> Event:
    """Higher (or lower) than the base, by more than rounding makes."""
    bound = history.upper if sign > 0 else history.lower
    at_bound = bool(published(base, history.decimals) == published(bound, history.decimals))
    # a last digit may move by rounding alone; a count of things cannot
    margin = 0.0 if at_bound else 10.0**-history.decimals * (1 if history.decimals == 0 else 2)
    edge = base + sign * margin
    low, high = (edge, np.inf) if sign > 0 else (-np.inf, edge)
    return Event("end", low, high, history.decimals, at_bound=at_bound)


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


def _from(base: float, change: float, history: History) -> Event:
    """At least so far from the base, up or down, in published values."""
    digits, unit = history.decimals, 10.0**history.decimals
    if change > 0:
        return Event("end", float(np.ceil(base * unit + change * unit - 1e-6) / unit), np.inf, digits)
    return Event("end", -np.inf, float(np.floor(base * unit + change * unit + 1e-6) / unit), digits)


_NEEDS_BASELINE = frozenset(
    {"rise", "fall", "fall_clearly", "hold_or_rise", "under_control", "toward_band", "rise_gradually"}
    | {"rise_by", "fall_by", "rise_yearly", "fall_yearly"}
)
