"""Rules about first values: nothing in their own past tells a fraction from a percentage, so target, baseline and other places must.

Every district begins without a history, and its first round decides what is believed for years. A value is asked about when it
lies a factor away from everything there is to hold it against; the factors are wide, for a first value may well be far from its target.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis.base.text import Told, listed, say
from plananalysis.checks.findings import Finding, about_cell, amount
from plananalysis.observations import as_known, as_rows, load_observations
from plananalysis.plan import Plan, Reading
from plananalysis.plan.units import COUNTS

YEARS = 4  # values a series needs before its own past is enough
# factors beyond which a value on the bad or on the good side of all references is asked about
WORSE, BETTER = 5.0, 30.0
FRACTION = 1.0  # a percentage up to here may be a fraction
FEW = 30  # of so few things a few more or less are nothing
LARGE = 10.0  # where the references are percentages of this size
Reference = tuple[str, float]  # what it is, in words, and its value
Elsewhere = Mapping[str, Sequence[Reference]]


def first_issues(
    segment: Sequence[Any],
    about: Mapping[str, Any],
    reading: Reading | None,
    beside: Sequence[Reference],
    base_year: int,
) -> Iterator[Finding]:
    """First values of a comparable run that cannot be told from a slip.

    Parameters
    ----------
    reading
        How the series' target is read, if it has one.
    beside
        Published values of other places.
    """
    for i, cell in enumerate(segment):
        if i >= YEARS and segment[i - 1].value > FRACTION:
            return  # its own past is enough from here on
        if cell.year < base_year or cell.value < about["lower"] or cell.value > about["upper"]:
            continue
        base = [c for c in segment[:i] if c.year == base_year]
        own = [(say.told("quality.first_value.base", year=c.year), c.value) for c in base]
        references = [r for r in (*_target(reading), *own, *beside) if r[1] > 0]
        if not references:
            continue
        begun = i < YEARS or all(c.value <= FRACTION for c in segment[:i])
        if begun and about["unit"] == "%" and 0 < cell.value <= FRACTION and all(v >= LARGE for _, v in references):
            words = {"references": _shown(references, about), "meant": amount.told(f"{100 * cell.value:g}", "%")}
            yield about_cell(cell, "first_value", "explain", about["unit"], "fraction", "fraction_advice", **words)
        elif i < YEARS and _far(cell.value, about, [v for _, v in references]):
            yield about_cell(cell, "first_value", "explain", about["unit"], references=_shown(references, about))


def _shown(references: Sequence[Reference], about: Mapping[str, Any]) -> Told:
    return listed.told(
        say.told("quality.first_value.one", what=what, value=amount.told(f"{v:g}", about["unit"]))
        for what, v in references
    )


def elsewhere(root: Path, plan: Plan) -> dict[str, list[Reference]]:
    """The newest published value of each series in the places the plan is compared with."""
    found: dict[str, list[Reference]] = {}
    for place in plan.comparators:
        view = as_known(load_observations(root, place), plan.known_on, plan.as_of)
        view = view[(view["area"] == place) & (view["group"] == "total") & view["value"].notna()]
        newest = {row.series: row for row in as_rows(view.sort_values("year"))}
        for series, row in newest.items():
            what = say.told("quality.first_value.place", place=place, year=row.year)
            found.setdefault(series, []).append((what, float(row.value)))
    return found


def target_value(reading: Reading | None) -> float:
    """The number that a series' target names, the middle of a band; NaN where it names none."""
    if reading is None or reading.kind not in ("threshold", "about", "within_band", "each_year"):
        return math.nan
    ends = [e for e in (reading.low, reading.high) if e is not None]
    return reading.value if reading.value is not None else sum(ends) / len(ends) if ends else math.nan


def _target(reading: Reading | None) -> list[Reference]:
    value = target_value(reading)
    return [(say.told("quality.first_value.target"), value)] if value == value else []


def _far(value: float, about: Mapping[str, Any], references: Sequence[float]) -> bool:
    """Whether a value lies a factor away from every reference, on the same side of all; a good zero is no slip."""
    direction = int(about["direction"])
    if about["unit"] in COUNTS and max(value, *references) < FEW:
        return False
    if value <= 0:
        return direction > 0
    ratios = [value / r for r in references]
    below, above = (WORSE, BETTER) if direction > 0 else (BETTER, WORSE) if direction < 0 else (WORSE, WORSE)
    return all(r < 1 / below for r in ratios) or all(r > above for r in ratios)
