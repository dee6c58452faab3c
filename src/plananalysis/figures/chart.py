"""What a figure of one series needs to know, the span of its axes, and how its numbers are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plananalysis.figures import svg

BEFORE = 5  # years before the base year for which other places are shown when the series itself has none
MIN_PLOT_YEARS = 8  # fewer would stretch two observations over the whole figure


@dataclass(frozen=True)
class Point:
    """An observed value. ``status``: A normal, P provisional, E estimated or derived, B first value of a new definition, Q asked about."""

    year: int
    value: float
    status: str = "A"


@dataclass(frozen=True)
class Fan:
    """Quantiles of the projection by year, in the series' unit; 80 % lie between ``low80`` and ``high80``."""

    years: tuple[int, ...]
    low80: tuple[float, ...]
    low50: tuple[float, ...]
    median: tuple[float, ...]
    high50: tuple[float, ...]
    high80: tuple[float, ...]


@dataclass(frozen=True)
class Goal:
    """Values that satisfy the target in the target year, both ends inclusive, None where open; ``label`` is what is printed."""

    low: float | None
    high: float | None
    label: str

    @property
    def edges(self) -> list[float]:
        return [edge for edge in (self.low, self.high) if edge is not None]


@dataclass(frozen=True)
class Line:
    """Another series beside the one shown, under the same definition: a place, a group. ``label`` stands at the line."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Measure:
    """Something done about the series from ``year`` on, by its number in the list below the figure.

    ``status``: planned, under_way, done, stopped.
    """

    number: int
    year: int
    status: str
    title: str = ""


@dataclass(frozen=True)
class Chart:
    """One series as a figure needs it.

    Parameters
    ----------
    unit
        Printed above the axis.
    decimals
        Publishing precision of observed values.
    fan_decimals
        Precision of projected values, usually coarser; that of observed values when None.
    observed
        Current definition, ascending.
    base_year, target_year
        The plan period; the goal is drawn over it.
    alt
        A sentence with the numbers, for readers who cannot see the figure.
    earlier
        Values under earlier definitions, drawn apart.
    required
        Straight path from the newest value to the goal, by year.
    reference
        The series a relative target refers to.
    lower, upper
        Natural bounds; the axis never promises values beyond them.
    mark
        Printed inside the figure (fictional data).
    comparators
        Published values of other places.
    measures
        Marked by their numbers above the years in which they begin.
    zero
        The axis holds zero, and a line marks it: for differences.
    """

    unit: str
    decimals: int
    observed: tuple[Point, ...]
    base_year: int
    target_year: int
    alt: str
    fan: Fan | None = None
    goal: Goal | None = None
    earlier: tuple[Point, ...] = ()
    required: tuple[tuple[int, float], ...] = ()
    reference: tuple[Point, ...] = ()
    reference_label: str = ""
    lower: float | None = None
    upper: float | None = None
    mark: str = ""
    fan_decimals: int | None = None
    comparators: tuple[Line, ...] = ()
    measures: tuple[Measure, ...] = ()
    zero: bool = False


def years_shown(chart: Chart) -> tuple[int, int]:
    """First and last year on the axis; other places lengthen it by a few years before the plan, not more."""
    years = [p.year for p in (*chart.observed, *chart.earlier)] + [chart.base_year]
    years += [max(p.year, chart.base_year - BEFORE) for line in chart.comparators for p in line.points]
    first = max(min(years), chart.target_year - 25)
    return min(first, chart.target_year - MIN_PLOT_YEARS), chart.target_year


def ticks(chart: Chart) -> list[float]:
    """Round numbers that enclose everything drawn; the first and last are the ends of the axis."""
    first, _ = years_shown(chart)
    others = [p for line in chart.comparators for p in line.points]
    shown = [p.value for p in (*chart.observed, *chart.earlier, *chart.reference, *others) if p.year >= first]
    shown += [0.0] if chart.zero else []
    shown += [value for _, value in chart.required]
    if chart.fan:
        shown += [*chart.fan.low80, *chart.fan.high80]
    if chart.goal:
        shown += chart.goal.edges
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    room = 4 * 10.0**-chart.decimals  # a flat series keeps some paper above and below
    if high - low < room:
        low, high = low - room / 2, high + room / 2
    pad = 0.05 * (high - low)
    floor = -math.inf if chart.lower is None else min(chart.lower, low)
    ceiling = math.inf if chart.upper is None else max(chart.upper, high)
    return svg.nice_ticks(max(low - pad, floor), min(high + pad, ceiling))


def after(unit: str) -> str:
    """A unit as it stands after a number: 28.5 times 1/10万 is 28.5/10万.

    >>> after("1/10万"), after("%")
    ('/10万', '%')
    """
    return unit.removeprefix("1") if unit.startswith("1/") else unit
