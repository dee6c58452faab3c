"""Rules about a value among the other years of its series: tenfold slips, jumps, leaving the trend, copies, gaps, age.

The limits were set on 3,485 real annual histories (Swedish municipalities, UNESCO, UN, UK, US, Canada) of 6 to 10 values. A
true newest value is called a unit slip in 0.04 % of them and off the trend in 1.8 %; a planted tenfold or hundredfold slip is
caught in 96-99 %, swapped digits in 72 %, a value from another row in 79 %. A z-score above 3 cannot occur in ten values or
fewer, which is why the usual rule is not used. The ±30 % rule is the offices' own; it alone would question 9 % of true values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from plananalysis.base.text import say
from plananalysis.checks.cells import by_chance, events_of, is_count, slip_factor, unit_of_last_digit
from plananalysis.checks.issues import Issue, about_cell, amount, year_list

JUMP = 0.30  # share of the value before; what statistics offices ask to be explained
SLIP_TOLERANCE = 0.2  # powers of ten either side of an exact factor: the true value may itself have moved
TREND_POINTS = 5  # other values needed before a trend can be trusted at all
TREND_WIDTH = 4.0  # robust standard deviations
TREND_FLOOR = 0.01  # of the usual level: smoother series than this are not expected
_SMALL_COUNT = 50  # counts below this do multiply by ten, and repeat
_MANY = 100  # a denominator this large is not the same two years running
_FRESH = {"annual": 1, "election": 5, "census": 10}  # years a newest value may lie behind


def slip_issues(cells: list[Any], about: Mapping[str, Any], small_events: float) -> Iterator[Issue]:
    """Values a factor of 10, 100 or 1000 away from a neighbouring year and from the usual level.

    Parameters
    ----------
    cells
        Rows of one comparable segment, ascending by year.
    small_events
        Series with fewer events than this are left alone: they do multiply.
    """
    unit = about["unit"]
    values = np.array([c.value for c in cells])
    positive = (values > 0).all()
    for i, cell in enumerate(cells):
        others = np.delete(values, i)
        if len(others) < 3 or not positive or _few(cell, about, usual := _median(others), small_events):
            continue
        factor = slip_factor(cell.value / usual, SLIP_TOLERANCE)
        near = [
            n
            for n in cells[max(i - 1, 0) : i + 2]
            if n is not cell and slip_factor(cell.value / n.value, SLIP_TOLERANCE) == factor
        ]
        if factor and near:
            words = {"other_year": near[0].year, "other": amount(near[0].value_text, unit), "factor": factor}
            yield about_cell(cell, "unit_slip", "error", unit, "neighbour", **words)


def change_issues(cells: list[Any], about: Mapping[str, Any], since: int) -> Iterator[Issue]:
    """Jumps beyond ±30 % and values off the trend, from the year ``since`` on; the way back from a questioned value is not one."""
    trusted: Any = None  # the newest value not questioned
    before: Any = None
    segment = _Segment.of(cells, about)
    for i, cell in enumerate(cells):
        issue = None
        if before is not None and _jumps(before, cell, about) and (before is trusted or _jumps(trusted, cell, about)):
            issue = _jump(before, cell, about)
        elif about["rhythm"] == "annual":  # elections and censuses move in steps by nature
            issue = _off_trend(cells, i, about, segment)
        if issue is None or trusted is None:
            trusted = cell
        if issue is not None and cell.year >= since:
            yield issue
        before = cell


def copy_issues(cells: list[Any], about: Mapping[str, Any], since: int) -> Iterator[Issue]:
    """Values identical to the years just before, where neither a bound nor small numbers explain it.

    With two decimals one repetition is unlikely, with fewer it takes two. Where counts are given, they must be repeated as
    well and be large: numbers of posts and offices do stay the same for years.
    """
    run: list[Any] = []
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        run = [*run, cell] if run and cell.value == run[-1].value else [cell]
        if following is not None and following.value == cell.value:
            continue
        decimals = len(cell.value_text.partition(".")[2])
        natural = cell.value in (about["lower"], about["upper"]) or (not decimals and cell.value < _SMALL_COUNT)
        counted = not math.isnan(cell.denominator)
        copied = cell.denominator >= _MANY and len({(c.numerator, c.denominator) for c in run}) == 1
        unlikely = len(run) >= (2 if decimals > 1 else 3) and not natural and (copied or not counted)
        if unlikely and about["rhythm"] == "annual" and cell.year >= since:
            yield about_cell(cell, "repeated", "hint", about["unit"], others=year_list(c.year for c in run[:-1]))


def gap_issues(rows: list[Any], about: Mapping[str, Any], since: int, as_of: int) -> Iterator[Issue]:
    """Years missing between the first value and the newest, from ``since`` on, and a newest value that is too old.

    Parameters
    ----------
    rows
        All rows of one series, every definition, those reported missing included, ascending by year.
    """
    held = [r for r in rows if not math.isnan(r.value)]
    if not held:
        return
    answered = {r.year for r in rows}
    missing = [y for y in range(max(held[0].year, since), held[-1].year) if y not in answered]
    if missing and about["rhythm"] == "annual":
        yield _about_series(held[-1], "gap", "hint", about["unit"], years=year_list(missing), year=missing[-1])
    age = as_of - held[-1].year
    if age > _FRESH[about["rhythm"]]:
        yield _about_series(held[-1], "stale", "explain", about["unit"], as_of=as_of, age=age)


def _jumps(before: Any, cell: Any, about: Mapping[str, Any]) -> bool:
    """Whether a value moved by more than 30 % a year, and by more than chance moves a few events."""
    if before.value == 0 or by_chance(events_of(before, about), events_of(cell, about)):
        return False
    years, ratio = cell.year - before.year, cell.value / before.value
    return not (1 - JUMP) ** years - 1e-9 <= ratio <= (1 + JUMP) ** years + 1e-9


def _jump(before: Any, cell: Any, about: Mapping[str, Any]) -> Issue:
    change = cell.value / before.value - 1
    text = "message" if cell.year - before.year == 1 else "slower"
    words = {
        "other_year": before.year,
        "other": amount(before.value_text, about["unit"]),
        "direction": say("quality.jump.up" if change > 0 else "quality.jump.down"),
        "percent": f"{abs(change) * 100:.1f}",
    }
    return about_cell(cell, "jump", "explain", about["unit"], text, **words)


@dataclass(frozen=True)
class _Segment:
    """A segment's numbers side by side, made once for all its cells."""

    years: np.ndarray
    values: np.ndarray
    digits: np.ndarray  # unit of the last digit typed
    chance: float

    @classmethod
    def of(cls, cells: list[Any], about: Mapping[str, Any]) -> _Segment:
        columns = ([c.year for c in cells], [c.value for c in cells], [unit_of_last_digit(c.value_text) for c in cells])
        return cls(*(np.array(c, float) for c in columns), _chance(cells, about))


def _off_trend(cells: list[Any], i: int, about: Mapping[str, Any], segment: _Segment) -> Issue | None:
    """Far from the robust trend of the other years *and* from the nearest years: a trend alone misleads where series wander."""
    if len(cells) - 1 < TREND_POINTS:
        return None
    cell, unit = cells[i], about["unit"]
    others = np.arange(len(cells)) != i
    years, values = segment.years[others], segment.values[others]
    steps = 1.4826 * _median(np.abs(np.diff(values) / np.sqrt(np.diff(years))))
    scale = max(steps, TREND_FLOOR * _median(np.abs(values)), segment.digits[others].max(), segment.chance)
    nearest = min(abs(cell.value - c.value) for c in cells[max(i - 1, 0) : i + 2] if c is not cell)
    if nearest <= TREND_WIDTH * scale:  # whatever the trend, it only widens what is allowed
        return None
    first, second = _pairs(len(years))
    slope = _median((values[second] - values[first]) / (years[second] - years[first]))  # Theil-Sen
    level = _median(values - slope * years)
    residuals = values - level - slope * years
    n, middle = len(years), years.mean()
    reach = math.sqrt(1 + 1 / n + (cell.year - middle) ** 2 / ((years - middle) ** 2).sum())
    scatter = 1.4826 * _median(np.abs(residuals - _median(residuals))) * math.sqrt(n / (n - 2)) * reach
    expected = level + slope * cell.year
    if min(abs(cell.value - expected), nearest) <= TREND_WIDTH * max(scatter, scale):
        return None
    bounded = min(max(expected, _or(about["lower"], -math.inf)), _or(about["upper"], math.inf))
    shown = amount(f"{bounded:.{int(about['decimals'])}f}", unit)
    return about_cell(cell, "off_trend", "explain", unit, expected=shown)


@cache
def _pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(n, 1)


def _median(values: np.ndarray) -> float:
    """The median of a few finite numbers; ``np.median`` takes longer to begin than this to end."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _chance(cells: list[Any], about: Mapping[str, Any]) -> float:
    """Standard deviation by chance alone of a value that rests on few events, in the value's unit; 0 when counts are unknown."""
    spread = []
    for c in cells:
        events = events_of(c, about)
        if events > 0:
            share = events / c.denominator if c.denominator > events else 0.0
            spread.append(c.value * math.sqrt((1 - share) / events))
    return _median(np.array(spread)) if spread else 0.0


def _few(cell: Any, about: Mapping[str, Any], usual: float, small_events: float) -> bool:
    return max(cell.value, usual) < _SMALL_COUNT if is_count(about) else cell.numerator < small_events


def _about_series(cell: Any, rule: str, severity: str, unit: str, **words: Any) -> Issue:
    """A finding about a series rather than one cell: it points at no file."""
    year = words.get("year", cell.year)
    return about_cell(cell._replace(year=year, value_text="", submission="", file_row=0), rule, severity, unit, **words)


def _or(number: float, default: float) -> float:
    return default if math.isnan(number) else number
