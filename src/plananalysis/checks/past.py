"""Rules about a value among the other years of its series: tenfold slips, jumps, leaving its course, copies, gaps, age.

How much they find and how often they cry wolf, on simulated districts and on real histories: METHODS, Intake. A
z-score above 3 cannot occur in ten values or fewer, which is why the usual rule is not used. The ±30 % rule is the offices'
own; alone it would question 7 % of true newest values of real histories, so a series that often moves so far is not asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from plananalysis.base.text import say
from plananalysis.checks.cells import by_chance, events_of, is_count, slip_factor, unit_of_last_digit
from plananalysis.checks.findings import Finding, about_cell, amount, year_list
from plananalysis.checks.ranges import LIMIT, NOTABLE, Range, expected
from plananalysis.plan.proposing import is_rate_of_change

JUMP = 0.30  # share of the value before; what statistics offices ask to be explained
SLIP_TOLERANCE = 0.2  # powers of ten either side of an exact factor: the true value may itself have moved
_SLIPPED = 10 ** (1 - SLIP_TOLERANCE) * (1 - 1e-9)  # no two values of a series nearer than this are a factor apart
SMALL_COUNT = 50  # counts below this do multiply by ten, and repeat
_MANY = 100  # a denominator this large is not the same two years running
LARGE = 300  # and one this large not by chance
# a repetition is asked about when so many earlier steps were usually so many times the last digit
_CHANCE, STEPS = 3, 3
_BOTH_SEXES = (1.6, 3.2)  # a count of everybody beside a count of women
_FRESH = {"annual": 1, "election": 5, "census": 10}  # years a newest value may lie behind


def slip_issues(cells: list[Any], about: Mapping[str, Any], small_events: float) -> Iterator[Finding]:
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
    least, most = min(values, default=0.0), max(values, default=0.0)
    if len(values) < 4 or not least > 0 or not may_have_slipped(least, most) or _is_change(about):
        return
    for i, cell in enumerate(cells):
        others = np.delete(values, i)
        if _few(cell, about, usual := _median(others), small_events):
            continue
        factor = slip_factor(cell.value / usual, SLIP_TOLERANCE)
        beside = [n for n in cells[max(i - 1, 0) : i + 2] if n is not cell]
        near = [n for n in beside if slip_factor(cell.value / n.value, SLIP_TOLERANCE) == factor]
        if factor and near:
            words = {"other_year": near[0].year, "other": amount.told(near[0].value_text, unit), "factor": factor}
            yield about_cell(cell, "unit_slip", "error", unit, "neighbour", **words)


def may_have_slipped(least: Any, most: Any) -> Any:
    """Whether positive values of this range (or of each of many) can be a factor of ten apart: of nearly every series they cannot."""
    return most / least >= _SLIPPED


def change_issues(cells: list[Any], about: Mapping[str, Any], since: int) -> Iterator[Finding]:
    """Jumps beyond ±30 % and values off their course, from the year ``since`` on, each as it stood against the years before it.

    The way back from a doubtful value is no jump, and a value is not off its course where the year after does not go back, too.
    """
    first = next((i for i, cell in enumerate(cells) if cell.year >= since), len(cells))
    known = next((i for i in range(first - 1, -1, -1) if _on_course(cells, i, about)), -1)
    sound: Any = cells[known] if known >= 0 else None  # the newest value nothing was asked about
    for i, cell in enumerate(cells[known + 1 :], start=known + 1):
        earlier, following = cells[:i], cells[i + 1] if i + 1 < len(cells) else None
        usual = _usual(cells, i, about)
        strange = usual is not None and usual.distance > LIMIT
        jumped = bool(earlier) and _jumps(earlier[-1], cell, about) and _jumps(sound, cell, about)
        doubtful = strange or (jumped and usual is None)
        alone = following is None or (doubtful and _goes_on(earlier, sound, following, about))
        if cell.year >= since and jumped:
            yield _jump(earlier[-1], cell, about, usual)
        elif cell.year >= since and usual is not None and strange and alone:
            yield _off_trend(cell, about, usual)
        if not doubtful or not alone:
            sound = cell


def _usual(cells: Sequence[Any], at: int, about: Mapping[str, Any]) -> Range | None:
    """Where a value was expected; None without enough years before it, and for elections and censuses, which move in steps by nature."""
    if about["rhythm"] != "annual":
        return None
    return expected(cells[:at], cells[at], about["unit"], about["upper"], int(about["decimals"]))


def _on_course(cells: Sequence[Any], at: int, about: Mapping[str, Any]) -> bool:
    """Whether nothing can be asked about a value: those before it then no longer count."""
    usual = _usual(cells, at, about)
    return usual is not None and usual.distance <= LIMIT


def copy_issues(cells: list[Any], about: Mapping[str, Any], since: int) -> Iterator[Finding]:
    """Values identical to the years just before, where neither a bound nor small numbers explain it.

    With two decimals one repetition is unlikely, with fewer it takes two. Where counts are given, they must be repeated as
    well and be large: numbers of posts and offices do stay the same for years. It is to be explained where the counts are very
    large, or where the series has never stood still and usually moves by some of its last digits: on real histories that asks
    about 85 % of copies and 1.0 % of true values (METHODS, Intake).
    """
    run: list[Any] = []
    for i, cell in enumerate(cells):
        run = [*run, cell] if run and cell.value == run[-1].value else [cell]
        if len(run) < 2 or (i + 1 < len(cells) and cells[i + 1].value == cell.value):
            continue
        decimals = len(cell.value_text.partition(".")[2])
        natural = cell.value in (about["lower"], about["upper"]) or (not decimals and cell.value < SMALL_COUNT)
        counted = not math.isnan(cell.denominator)
        copied = cell.denominator >= _MANY and len({(c.numerator, c.denominator) for c in run}) == 1
        steps = [abs(b.value - a.value) for a, b in pairwise(cells[: i + 2 - len(run)])]
        digit = unit_of_last_digit(cell.value_text)
        moves = len(steps) >= STEPS and min(steps) > digit / 2 and _median(np.array(steps)) >= _CHANCE * digit
        unlikely = len(run) >= (2 if decimals > 1 or moves else 3) and not natural and (copied or not counted)
        if not unlikely or about["rhythm"] != "annual" or cell.year < since:
            continue
        severity = "explain" if (cell.denominator >= LARGE if counted else moves) else "hint"
        yield about_cell(cell, "repeated", severity, about["unit"], others=year_list.told(c.year for c in run[:-1]))


def gap_issues(rows: list[Any], about: Mapping[str, Any], since: int, as_of: int) -> Iterator[Finding]:
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
        yield _about_series(held[-1], "gap", "hint", about["unit"], years=year_list.told(missing), year=missing[-1])
    age = as_of - held[-1].year
    if age > _FRESH[about["rhythm"]]:
        yield _about_series(held[-1], "stale", "explain", about["unit"], as_of=as_of, age=age)


def _is_change(about: Mapping[str, Any]) -> bool:
    """Whether a series is a change itself (a rate of growth, whatever may lie below 0): how many times it is the year before's says nothing."""
    return about["lower"] < 0 or is_rate_of_change(about["name"])


def _jumps(before: Any, cell: Any, about: Mapping[str, Any]) -> bool:
    """Whether a value moved by more than 30 % a year, and by more than chance moves a few events."""
    if before.value == 0 or _is_change(about):
        return False
    years, ratio = cell.year - before.year, cell.value / before.value
    if (1 - JUMP) ** years - 1e-9 <= ratio <= (1 + JUMP) ** years + 1e-9:
        return False
    return not by_chance(events_of(before, about), events_of(cell, about))


def _jump(before: Any, cell: Any, about: Mapping[str, Any], usual: Range | None) -> Finding:
    """A change of more than 30 %: to be explained unless the series is known to move so far."""
    change = cell.value / before.value - 1
    text = "message" if cell.year - before.year == 1 else "slower"
    asked = usual is None or usual.distance > NOTABLE
    women = about["unit"] in ("万人", "人") and "女" in about["name"]
    if asked and women and _BOTH_SEXES[0] <= cell.value / before.value <= _BOTH_SEXES[1]:
        text = "both_sexes"
    words = {
        "other_year": before.year,
        "other": amount.told(before.value_text, about["unit"]),
        "direction": say.told("quality.jump.up" if change > 0 else "quality.jump.down"),
        "percent": f"{abs(change) * 100:.1f}",
    }
    return about_cell(cell, "jump", "explain" if asked else "hint", about["unit"], text, **words)


def _off_trend(cell: Any, about: Mapping[str, Any], usual: Range) -> Finding:
    decimals = int(about["decimals"])
    shown = {k: f"{getattr(usual, k):.{decimals}f}" for k in ("low", "high", "middle")}
    words = {k: amount.told(text, about["unit"]) for k, text in shown.items()}
    return about_cell(cell, "off_trend", "explain", about["unit"], **words)


def _goes_on(earlier: Sequence[Any], sound: Any, following: Any, about: Mapping[str, Any]) -> bool:
    """Whether a later value stands where the series was going, as if the year between had not been."""
    usual = expected(earlier, following, about["unit"], about["upper"], int(about["decimals"]))
    return not _jumps(sound, following, about) if usual is None else usual.distance <= LIMIT


def _median(values: np.ndarray) -> float:
    """The median of a few finite numbers; ``np.median`` takes longer to begin than this to end."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _few(cell: Any, about: Mapping[str, Any], usual: float, small_events: float) -> bool:
    return max(cell.value, usual) < SMALL_COUNT if is_count(about) else cell.numerator < small_events


def _about_series(cell: Any, rule: str, severity: str, unit: str, **words: Any) -> Finding:
    """A finding about a series rather than one cell: it points at no file."""
    year = words.get("year", cell.year)
    return about_cell(cell._replace(year=year, value_text="", submission="", file_row=0), rule, severity, unit, **words)
