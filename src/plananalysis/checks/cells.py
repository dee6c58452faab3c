"""Rules about one reported value and the counts behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from plananalysis.base.text import listed, say
from plananalysis.checks.findings import Finding, about_cell, amount
from plananalysis.plan.units import COUNTS, PER

_FACTORS = (10, 100, 1000)
_DUST = 1e-9  # of binary fractions


def alone(cell: Any, about: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything wrong with one value seen alone: outside its bounds, or not what its counts give."""
    unit = about["unit"]
    if math.isnan(cell.value):
        if not cell.note and not getattr(cell, "correction", ""):  # who took a value back has said why
            yield about_cell(cell, "missing_unexplained", "explain", unit)
        return
    if cell.value < about["lower"] or cell.value > about["upper"]:
        ends = [e for e in ("lower", "upper") if not math.isnan(about[e])]
        shown = listed.told(
            say.told(f"quality.out_of_bounds.{e}", bound=amount.told(f"{about[e]:g}", unit)) for e in ends
        )
        yield about_cell(cell, "out_of_bounds", "error", unit, range=shown)
    yield from _against_counts(cell, about)


def counts_missing(cell: Any, about: Mapping[str, Any], since: int, newest: int) -> Iterator[Finding]:
    """A rate without the counts the plan asks for: nobody can tell chance from change. Of old rates nobody is asked to find them.

    Parameters
    ----------
    since, newest
        The base year, after which one count must not stand alone, and the year whose rate should come with both.
    """
    lone = math.isnan(cell.numerator) != math.isnan(cell.denominator)
    if math.isnan(cell.value) or not about["denominator"] or scale_of(about) is None:
        return
    if lone and cell.year > since:
        missing = "numerator" if math.isnan(cell.numerator) else "denominator"
        yield about_cell(cell, "count_alone", "explain", about["unit"], column=missing, name=about[missing])
    elif cell.year == newest and cell.group == "total" and math.isnan(cell.numerator) and not lone:
        words = {"numerator": about["numerator"], "denominator": about["denominator"]}
        yield about_cell(cell, "no_counts", "hint", about["unit"], **words)


def scale_of(about: Mapping[str, Any]) -> float | None:
    """What numerator / denominator is multiplied by to give the series' unit; None when its counts are not of that kind."""
    if about["unit"] in PER:
        return PER[about["unit"]]
    for word, scale in (("每千", 1_000), ("每万", 10_000), ("每所", 1)):
        if word in about["indicator"]:
            return scale
    return None


def is_count(about: Mapping[str, Any]) -> bool:
    """Whether the series itself counts events, people or things."""
    return about["unit"] in COUNTS and scale_of(about) is None


def events_of(cell: Any, about: Mapping[str, Any]) -> float:
    """Number of events behind a value, NaN when unknown."""
    return cell.value if is_count(about) else cell.numerator


def unit_of_last_digit(text: str) -> float:
    """Size of one step in the last digit typed: 0.1 for ``92.6``, 1 for ``93``."""
    return 10.0 ** -len(text.partition(".")[2])


def by_chance(first: float, second: float) -> bool:
    """Whether two counts of events may differ by chance alone (two Poisson counts, 5 %); False when one is unknown.

    Given their sum, one of two equal Poisson counts is binomial with one half: exact for small counts, where 4 against 0
    is not yet a change.
    """
    if math.isnan(first + second):
        return False
    total, larger = round(first + second), round(max(first, second))
    if total > 400:
        return 2 * larger - total <= 1.96 * math.sqrt(total)
    return sum(math.comb(total, k) for k in range(larger, total + 1)) * 2 > 0.05 * 2**total


def slip_factor(ratio: float, tolerance: float) -> str:
    """In words, the factor 10, 100 or 1000 by which ``ratio`` is too large or too small; "" when it is none.

    Parameters
    ----------
    tolerance
        Allowed distance from the exact factor, in powers of ten.
    """
    if not ratio > 0:
        return ""
    power = math.log10(ratio)
    for factor in _FACTORS:
        if abs(abs(power) - math.log10(factor)) <= tolerance:
            return _times(factor, power > 0)
    return ""


def _times(factor: int, larger: bool) -> str:
    return say.told("quality.unit_slip.times" if larger else "quality.unit_slip.part", factor=factor)


def _against_counts(cell: Any, about: Mapping[str, Any]) -> Iterator[Finding]:
    unit, scale = about["unit"], scale_of(about)
    counts = {"numerator": cell.numerator_text, "denominator": cell.denominator_text}
    above, below = cell.numerator, cell.denominator
    if is_count(about) and math.isnan(below):
        if not math.isnan(above) and above != cell.value:
            yield about_cell(cell, "rate_mismatch", "error", unit, "count", column="numerator", **counts)
        return
    if scale is None:
        return
    if math.isnan(above) or math.isnan(below):
        return
    if below == 0:
        nothing = above == 0 and cell.value == 0
        yield about_cell(cell, "zero_denominator", "explain" if nothing else "error", unit, column="denominator")
        return
    if about["upper"] == 100 and above > below:
        yield about_cell(cell, "rate_mismatch", "error", unit, "part", column="numerator", **counts)
        return
    yield from _against_ratio(cell, about, above / below * scale, counts)


def _against_ratio(
    cell: Any, about: Mapping[str, Any], expected: float, counts: Mapping[str, str]
) -> Iterator[Finding]:
    """The value against what its counts give; a factor or an exchange that explains the difference is named."""
    unit, value = about["unit"], cell.value
    digit, rounding = unit_of_last_digit(cell.value_text), expected * _rounding(cell)
    gap = abs(expected - value)
    if gap <= digit / 2 + rounding + _DUST:
        return
    words = {**counts, "expected": amount.told(f"{expected:.{max(int(about['decimals']), 1)}f}", unit)}
    for factor in _FACTORS:
        for slip in (factor, 1 / factor):
            close = max(digit * slip, 10.0 ** -int(about["decimals"])) / 2 * 1.001 + rounding
            if value and abs(expected - value * slip) <= close:
                words["factor"] = _times(factor, slip < 1)
                yield about_cell(cell, "unit_slip", "error", unit, "rate", **words)
                return
    if abs(round(expected / digit) * digit - value) <= digit * (1 + _DUST) + rounding:
        yield about_cell(cell, "truncated", "hint", unit, **words)
    elif expected and abs((scale_of(about) or 1) ** 2 / expected - value) <= digit / 2:
        yield about_cell(cell, "rate_mismatch", "error", unit, "inverted", **words)
    else:
        yield about_cell(cell, "rate_mismatch", "error", unit, **words)


def _rounding(cell: Any) -> float:
    """Relative rounding of counts given in thousands or 万 (with decimals); whole counts are exact."""
    parts = [(cell.numerator, cell.numerator_text), (cell.denominator, cell.denominator_text)]
    return sum(unit_of_last_digit(text) / 2 / number for number, text in parts if number and "." in text)
