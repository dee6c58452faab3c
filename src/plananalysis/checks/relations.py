"""Rules between values of one year: logic between series, groups against their total."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base.errors import DataError, Problem
from plananalysis.base.tables import read_rows
from plananalysis.base.text import listed, say, translated
from plananalysis.checks.cells import is_count, unit_of_last_digit
from plananalysis.checks.issues import Issue, Leaves, about_cell, amount
from plananalysis.observations import parse_number
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
    problems: list[Problem] = []
    rows = read_rows(path, root, LOGIC_COLUMNS)
    for row in rows:
        tolerance = parse_number(row["tolerance"])[0]
        wrong = {column: "unknown_series" for column in ("left", "right") if row[column] not in known_series}
        wrong |= {} if row["relation"] in RELATIONS else {"relation": "relation"}
        wrong |= {} if tolerance is not None and tolerance >= 0 else {"tolerance": "tolerance"}
        wrong |= {} if row["reason"] else {"reason": "reason"}
        for column, key in wrong.items():
            rule = say(f"quality.logic_table.{key}_rule", relations=listed(RELATIONS))
            advice = say(f"quality.logic_table.{key}_advice")
            problems.append(
                Problem(path.relative_to(root).as_posix(), int(row["#"]), column, row[column], rule, advice)
            )
    if problems:
        raise DataError(problems)
    return pd.DataFrame(rows, columns=LOGIC_COLUMNS).astype({"tolerance": float})


def logic_issues(cells: Cells, logic: pd.DataFrame, leaves: Leaves) -> Iterator[Issue]:
    """Pairs of values of one year and group that cannot, or usually do not, stand together."""
    for rule in logic.itertuples():
        severity, words = RELATIONS[rule.relation]
        for (series, group, year), left in cells.items():
            right = cells.get((rule.right, group, year))
            if series != rule.left or right is None or not _broken(words, left.value, right.value, rule.tolerance):
                continue
            about, other = leaves[rule.left], leaves[rule.right]
            names = {"name": about["name"], "other_name": other["name"]}
            yield about_cell(
                left,
                "logic",
                severity,
                about["unit"],
                **names,
                other_series=rule.right,
                other=amount(right.value_text, other["unit"]),
                relation=say(f"quality.logic.{words}", **names, tolerance=f"{rule.tolerance:g}"),
                reason=translated(rule.reason),
            )


def group_issues(cells: Cells, leaves: Leaves) -> Iterator[Issue]:
    """Totals outside the range of their groups (rates), or other than their sum (counts)."""
    parts: dict[tuple[str, str, int], list[Any]] = {}
    for (series, group, year), cell in cells.items():
        if group != "total":
            parts.setdefault((series, group.partition(":")[0], year), []).append(cell)
    for (series, dimension, year), groups in parts.items():
        total = cells.get((series, "total", year))
        if total is None or len(groups) < 2:
            continue
        about, exhaustive = leaves[series], dimension in _EXHAUSTIVE
        shown = listed(f"{g.group} {amount(g.value_text, about['unit'])}" for g in groups)
        rounding = max(unit_of_last_digit(c.value_text) for c in [total, *groups])
        severity = "error" if exhaustive else "explain"
        if is_count(about) or about["unit"] == "万人":
            expected = math.fsum(g.value for g in groups)
            above = expected - total.value > rounding * len(groups) / 2 + _EPSILON
            if above or (exhaustive and total.value - expected > rounding * len(groups) / 2 + _EPSILON):
                text = amount(f"{expected:.{int(about['decimals'])}f}", about["unit"])
                yield about_cell(total, "groups", severity, about["unit"], "sum", groups=shown, expected=text)
        elif about["unit"] in RATES:
            low, high = min(g.value for g in groups), max(g.value for g in groups)
            if not low - rounding - _EPSILON <= total.value <= high + rounding + _EPSILON:
                yield about_cell(total, "groups", severity, about["unit"], "rate", groups=shown)


def _broken(words: str, left: float, right: float, tolerance: float) -> bool:
    distance = {
        "ge": right - left,
        "usually_ge": right - left,
        "le": left - right,
        "usually_le": left - right,
        "eq": abs(left - right),
        "near": abs(left - right),
    }[words]
    return distance > tolerance + _EPSILON
