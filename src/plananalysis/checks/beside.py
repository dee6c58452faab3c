"""Rules between values of one year: logic between series, groups against their total, one fact under two names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base.tables import read_rows
from plananalysis.base.text import Told, listed, say, translated
from plananalysis.checks.cells import is_count, unit_of_last_digit
from plananalysis.checks.findings import Finding, Leaves, about_cell, amount
from plananalysis.observations import parse_number
from plananalysis.plan.findings import Findings
from plananalysis.plan.groups import group_name
from plananalysis.plan.units import RATES

LOGIC_COLUMNS = ["left", "relation", "right", "tolerance", "reason"]
# relation -> (severity, key of its words)
RELATIONS: dict[str, tuple[str, str]] = {
    ">=": ("error", "ge"),
    "<=": ("error", "le"),
    "=": ("error", "eq"),
    "near": ("explain", "near"),
    "usually>=": ("explain", "usually_ge"),
    "usually<=": ("explain", "usually_le"),
}
_EXHAUSTIVE = ("sex", "residence")  # groups that make up everybody; ages in a plan may leave some out
CEILING = 99.5  # percent; above it two rates are equal by themselves
_EPSILON = 1e-9

Cells = Mapping[tuple[str, str, int], Any]  # (series, group, year) -> row of the observations


def load_logic(root: Path, area: str, known_series: Collection[str]) -> pd.DataFrame:
    """Relations that must hold between series of one year, from ``plan/logic.csv``; empty when the area has none.

    ``>=``, ``<=`` and ``=`` follow from the definitions and breaking them is an error; ``near`` and ``usually…`` are to be
    explained. ``tolerance`` is in the series' unit.

    Raises
    ------
    DataError
        An unknown series or relation, a tolerance that is no number, a missing reason; all are listed.
    """
    path = root / "data" / "raw" / area / "plan" / "logic.csv"
    if not path.is_file():
        return pd.DataFrame(columns=LOGIC_COLUMNS)
    findings = Findings(path.relative_to(root).as_posix(), "quality.logic_table")
    rows = read_rows(path, root, LOGIC_COLUMNS)
    for row in rows:
        tolerance = parse_number(row["tolerance"])[0]
        wrong = {column: "unknown_series" for column in ("left", "right") if row[column] not in known_series}
        wrong |= {} if row["relation"] in RELATIONS else {"relation": "relation"}
        wrong |= {} if tolerance is not None and tolerance >= 0 else {"tolerance": "tolerance"}
        wrong |= {} if row["reason"] else {"reason": "reason"}
        for column, key in wrong.items():
            findings.add(row, column, key, relations=listed(RELATIONS))
    findings.refuse()
    return pd.DataFrame(rows, columns=LOGIC_COLUMNS).astype({"tolerance": float})


def beside_issues(cells: Cells, logic: pd.DataFrame | None, leaves: Leaves) -> Iterator[Finding]:
    """Everything that cannot, or usually does not, stand together in one year.

    Parameters
    ----------
    cells
        The one value of each series, group and year that is used, without those found wrong already.
    """
    if logic is not None:
        yield from _against_others(cells, logic, leaves)
    yield from _against_groups(cells, leaves)
    yield from _same_denominators(cells, leaves)
    yield from _women_as_all(cells, leaves)


def relations(logic: pd.DataFrame) -> Iterator[tuple[str, str, str, float, str]]:
    """The rows of :func:`load_logic`."""
    return zip(*(logic[c].tolist() for c in LOGIC_COLUMNS), strict=True)


def _against_others(cells: Cells, logic: pd.DataFrame, leaves: Leaves) -> Iterator[Finding]:
    """Pairs that break a relation, told with the left one; with the right one, too, where another unit answers for it."""
    of_series: dict[str, list[Any]] = {}
    for (series, _, _), cell in cells.items():
        of_series.setdefault(series, []).append(cell)
    for left, relation, right, tolerance, reason in relations(logic):
        severity, words = RELATIONS[relation]
        for cell in of_series.get(left, ()):
            other = cells.get((right, cell.group, cell.year))
            if other is None or not broken(words, cell.value, other.value, tolerance):
                continue
            about, beside = leaves[left], leaves[right]
            names = {"name": translated.told(about["name"]), "other_name": translated.told(beside["name"])}
            rule = say.told(f"quality.logic.{words}", **names, tolerance=f"{tolerance:g}")
            told = {"relation": rule, "reason": translated.told(reason)}
            shared = about["responsible_units"][0] == beside["responsible_units"][0]
            for here, there in ((cell, other),) if shared else ((cell, other), (other, cell)):
                mine, its = leaves[here.series], leaves[there.series]
                told |= {"name": mine["name"], "other_name": its["name"], "other_series": there.series}
                told["other"] = amount.told(there.value_text, its["unit"])
                yield about_cell(here, "logic", severity, mine["unit"], **told)


def _against_groups(cells: Cells, leaves: Leaves) -> Iterator[Finding]:
    """Totals outside the range of their groups (rates), or other than their sum (counts, and the counts behind rates)."""
    parts: dict[tuple[str, str, int], list[Any]] = {}
    for (series, group, year), cell in cells.items():
        if group != "total":
            parts.setdefault((series, group.partition(":")[0], year), []).append(cell)
    for (series, dimension, year), groups in parts.items():
        total = cells.get((series, "total", year))
        if total is None or len(groups) < 2:
            continue
        about, exhaustive = leaves[series], dimension in _EXHAUSTIVE
        severity = "error" if exhaustive else "explain"
        counted = is_count(about) or about["unit"] == "万人"
        for column in ("value",) if counted else ("numerator", "denominator"):
            exact = column != "value" or is_count(about)
            if expected := _other_sum([total, *groups], column, exact, exhaustive):
                yield _sum_issue(total, groups, column, severity, about, expected)
        if about["unit"] in RATES:
            rounding = _last_digit(c.value_text for c in [total, *groups]) + _EPSILON
            low, high = min(g.value for g in groups), max(g.value for g in groups)
            if not low - rounding <= total.value <= high + rounding:
                shown = _shown(groups, "value", about)
                yield about_cell(total, "groups", severity, about["unit"], "rate", groups=shown)


def _last_digit(texts: Iterable[str]) -> float:
    """Size of the last digit of numbers that stand side by side: they are rounded alike, but a spreadsheet drops zeros at the end."""
    return min(map(unit_of_last_digit, texts))


def _other_sum(cells: Sequence[Any], column: str, exact: bool, exhaustive: bool) -> str:
    """What the groups after the total add up to, where it cannot be that; "" where it can.

    Parameters
    ----------
    exact
        Whole numbers are exact, as counts are; otherwise each is rounded.
    exhaustive
        The groups make up everybody: their sum may not fall short either.
    """
    numbers = [getattr(c, column) for c in cells]
    if any(math.isnan(n) for n in numbers):
        return ""
    texts = [getattr(c, f"{column}_text") for c in cells]
    digit = _last_digit(texts)
    rounding = _EPSILON + (0.0 if exact and digit == 1 else len(cells) * digit / 2)
    over = math.fsum(numbers[1:]) - numbers[0]
    if over <= rounding and (over >= -rounding or not exhaustive):
        return ""
    return f"{math.fsum(numbers[1:]):.{max(len(text.partition('.')[2]) for text in texts)}f}"


def _sum_issue(
    total: Any, groups: Sequence[Any], column: str, severity: str, about: Mapping[str, Any], expected: str
) -> Finding:
    unit = about["unit"] if column == "value" else ""
    words = {"groups": _shown(groups, column, about), "expected": amount.told(expected, unit)}
    if column == "value":
        return about_cell(total, "groups", severity, unit, "sum", **words)
    words |= {"name": about[column], "count": getattr(total, f"{column}_text")}
    return about_cell(total, "groups", severity, about["unit"], "count", column=column, **words)


def _shown(groups: Sequence[Any], column: str, about: Mapping[str, Any]) -> Told:
    unit = about["unit"] if column == "value" else ""
    named = ((group_name.told(g.group, about["plan"]), amount.told(getattr(g, f"{column}_text"), unit)) for g in groups)
    return listed.told(say.told("quality.groups.part", group=name, value=value) for name, value in named)


def _same_denominators(cells: Cells, leaves: Leaves) -> Iterator[Finding]:
    """One fact under one name has one value: live births beside every death rate. What most series say is taken as right."""
    told: dict[tuple[str, str, int], list[Any]] = {}
    for (series, group, year), cell in cells.items():
        name = leaves[series]["denominator"]
        if name and cell.denominator > 0:
            told.setdefault((name, group, year), []).append(cell)
    for (name, _, _), alike in told.items():
        usual = Counter(c.denominator for c in alike).most_common(1)[0][0]
        other = next(c for c in alike if c.denominator == usual)
        for cell in (c for c in alike if c.denominator != usual):
            words = {"name": name, "count": cell.denominator_text}
            words |= {"other": other.series, "other_count": other.denominator_text}
            unit = leaves[cell.series]["unit"]
            yield about_cell(cell, "same_denominator", "explain", unit, column="denominator", **words)


def _women_as_all(cells: Cells, leaves: Leaves) -> Iterator[Finding]:
    """A women's rate that equals the rate of everybody to the last digit was probably copied from it."""
    everybody: dict[tuple[str, int], list[Any]] = {}
    women: list[tuple[str, Any]] = []
    for (series, group, year), cell in cells.items():
        if group == "total" and leaves[series]["unit"] == "%":
            name = without_sex(leaves[series]["name"])
            if name == leaves[series]["name"]:
                everybody.setdefault((name, year), []).append(cell)
            elif 0 < cell.value < CEILING:
                women.append((name, cell))
    for name, cell in women:
        for other in everybody.get((name, cell.year), ()):
            if other.value == cell.value:
                yield about_cell(cell, "same_as_all", "explain", "%", other=leaves[other.series]["name"])


def without_sex(name: str) -> str:
    """What a rate is about, women or everybody."""
    for word in ("教育女性", "女童", "女性", "妇女"):
        name = name.replace(word, "")
    return name


def broken(words: str, left: Any, right: Any, tolerance: float) -> Any:
    """Whether a relation is broken between two numbers, or two arrays of them."""
    above = left - right
    distance = {"ge": -above, "le": above}.get(words.removeprefix("usually_"), abs(above))
    return distance > tolerance + _EPSILON
