"""Rules between values of one return: logic between series, groups and their total, one fact under two names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from plananalysis.checks.ranges import Point
from plananalysis.plan.units import CASES, PERSONS
from plananalysis.returns.asked import TOTAL, Codebook
from plananalysis.returns.issues import ERROR, EXPLAIN, Issue, issue
from plananalysis.returns.rows import Row

_EXHAUSTIVE = ("sex", "residence")  # groups that make up everybody; age bands in a plan may leave some out
_CEILING = 99.5  # percent; above it two rates are equal by themselves
_LOGIC = ["left", "relation", "right", "tolerance", "reason"]
Key = tuple[str, str, int]  # series, group, year


def against_others(
    at: Mapping[Key, Row], logic: pd.DataFrame, elsewhere: Mapping[Key, Point], file: str, sheet: str
) -> list[Issue]:
    """Pairs of values of one year and group that cannot, or usually do not, stand together."""
    found: list[Issue] = []
    keys = sorted({(group, year) for _, group, year in at})
    present = {series for series, _, _ in at}
    for left, relation, right, tolerance, reason in logic[_LOGIC].to_numpy():
        for group, year in keys if left in present or right in present else ():
            pair = ((left, group, year), (right, group, year))
            values = [at[k].value if k in at else elsewhere[k].value if k in elsewhere else math.nan for k in pair]
            if any(math.isnan(v) for v in values) or not _broken(relation, *values, tolerance):
                continue
            severity = ERROR if relation in (">=", "<=", "=") else EXPLAIN
            words = {"left": left, "right": right, "reason": reason}
            words |= {"left_value": f"{values[0]:g}", "right_value": f"{values[1]:g}"}
            for row in (at[k] for k in pair if k in at):
                place = {"sheet": sheet, "cell": row.cells.get("value", ""), "series": row.series, "group": group}
                shown = {"year": year, "value": row.read["value"].raw}
                found.append(issue("relation", file, severity, **place, **shown, **words))
    return found


def _broken(relation: str, left: float, right: float, tolerance: float) -> bool:
    distance = (
        right - left if relation.endswith(">=") else left - right if relation.endswith("<=") else abs(left - right)
    )
    return distance > tolerance + 1e-9


def against_groups(at: Mapping[Key, Row], book: Codebook, file: str, sheet: str) -> list[Issue]:
    """Groups of one dimension add up to the total; a rate lies between those of its groups."""
    found: list[Issue] = []
    for (series, group, year), total in at.items():
        line = book.line(series)
        if group != TOTAL or line is None or total.blank:
            continue
        for dimension, codes in book.dimensions.get(series, {}).items():
            parts = [at[series, code, year] for code in codes if (series, code, year) in at]
            if len(parts) < len(codes):
                continue
            about = {"sheet": sheet, "series": series, "group": TOTAL, "year": year, "parts": dimension}
            for name in (
                ("numerator", "denominator")
                if line.denominator
                else ("value",)
                if line.unit in (*CASES, *PERSONS, "个", "万人")
                else ()
            ):
                whole = total.count(name) if name != "value" else total.value
                counts = [p.count(name) if name != "value" else p.value for p in parts]
                if math.isnan(whole) or any(math.isnan(c) for c in counts):
                    continue
                over = sum(counts) - whole
                if over <= 1e-6 and (over >= -1e-6 or dimension not in _EXHAUSTIVE):
                    continue
                cell = total.cells.get(name, "")
                found.append(
                    issue(
                        "groups_sum",
                        file,
                        ERROR,
                        **about,
                        cell=cell,
                        value=total.read[name].raw,
                        sum=f"{sum(counts):g}",
                        whole=f"{whole:g}",
                    )
                )
            rates = [p.value for p in parts]
            slack = 10.0**-line.decimals
            known = not math.isnan(total.value + sum(rates))
            in_range = min(rates) - slack <= total.value <= max(rates) + slack
            if line.unit in ("%", "‰", "1/10万") and known and not in_range:
                words = {"low": f"{min(rates):g}", "high": f"{max(rates):g}"}
                found.append(
                    issue(
                        "groups_range",
                        file,
                        ERROR,
                        **about,
                        cell=total.cells.get("value", ""),
                        value=total.read["value"].raw,
                        **words,
                    )
                )
    return found


def women_as_all(at: Mapping[Key, Row], book: Codebook, file: str, sheet: str) -> list[Issue]:
    """A women's rate that equals the rate of everybody to the last digit was probably copied from it."""
    totals = {}
    for (series, group, year), row in at.items():
        line = book.line(series, group)
        if line is not None and group == TOTAL and not math.isnan(row.value) and line.unit == "%":
            totals.setdefault((_without_sex(line.name), year), []).append((row, line))
    found = []
    for rows in totals.values():
        for row, line in rows:
            if _without_sex(line.name) == line.name or not 0 < row.value < _CEILING:
                continue
            for other, about in rows:
                if about.name == _without_sex(about.name) and other.value == row.value:
                    place = {
                        "sheet": sheet,
                        "cell": row.cells["value"],
                        "series": row.series,
                        "group": TOTAL,
                        "year": row.year,
                    }
                    found.append(
                        issue("same_as_all", file, EXPLAIN, **place, value=row.read["value"].raw, other=about.name)
                    )
    return found


def _without_sex(name: str) -> str:
    for word in ("教育女性", "女童", "女性", "妇女"):
        name = name.replace(word, "")
    return name


def same_denominators(rows: Sequence[Row], book: Codebook, file: str, sheet: str) -> list[Issue]:
    """One fact under one name has one value: live births beside every death rate. What most lines say is taken as right."""
    told: dict[Key, list[Row]] = {}
    for row in rows:
        line = book.line(row.series, row.group)
        if line is not None and line.denominator and row.count("denominator") > 0:
            told.setdefault((line.denominator, row.group, row.year), []).append(row)
    found: list[Issue] = []
    for (name, _, _), lines in told.items():
        usual = Counter(row.count("denominator") for row in lines).most_common(1)[0][0]
        other = next(row for row in lines if row.count("denominator") == usual)
        for row in lines:
            if row.count("denominator") != usual:
                about = {
                    "series": row.series,
                    "group": row.group,
                    "year": row.year,
                    "value": row.read["denominator"].raw,
                }
                words = {"name": name, "other": other.series, "other_value": other.text("denominator")}
                cell = row.cells.get("denominator", "")
                found.append(issue("same_denominator", file, EXPLAIN, sheet=sheet, cell=cell, **about, **words))
    return found
