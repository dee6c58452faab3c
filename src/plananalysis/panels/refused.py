"""What can be wrong with the rows of a panel's file: the rules for submissions, and values that cannot be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base.errors import Problem
from plananalysis.base.tables import read_rows
from plananalysis.base.text import listed, say
from plananalysis.observations import KEY, STATUSES
from plananalysis.observations.submissions import GROUP
from plananalysis.observations.told_once import matching
from plananalysis.panels.columnar import COUNTS, NUMBERS, UNREAD
from plananalysis.returns.asked import GROUP_COLUMNS, groups_file

_DAY = r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_LISTED = 20  # broken cells of one rule and area that are named; the rest is counted


def problems(rows: pd.DataFrame, series: pd.DataFrame, groups: Collection[str] = ()) -> dict[str, list[Problem]]:
    """What is wrong with the reports, by area; areas without problems are not there.

    Parameters
    ----------
    rows
        As `columnar.Reader.rows` gives them.
    series
        The plan's, indexed by code, with ``role``, ``lower`` and ``upper``.
    groups
        Groups that are named anywhere; any well-formed one passes where none are.
    """
    value, status, year = rows["value"], rows["status"], rows["year"]
    known_series = series.index[series["role"] != "compound"]
    unread = {name: rows[f"{name}{UNREAD}"] != "" for name in NUMBERS}
    lower, upper = (rows["series"].map(series[end]).astype(float) for end in ("lower", "upper"))
    last = _last(rows)
    day = pd.Series(matching(rows["reported_at"], _DAY), rows.index)
    known = status.isin(STATUSES)
    well_formed = pd.Series(matching(rows["group"], GROUP), rows.index)
    broken: list[tuple[str, str, pd.Series]] = [
        ("series", "unknown_series", ~rows["series"].isin(set(known_series))),
        ("group", "bad_group", ~well_formed),
        ("group", "unknown_group", well_formed & ~rows["group"].isin({"total", *groups}) & bool(groups)),
        ("year", "bad_year", (year < 1900) | (year > 2100)),
        ("reported_at", "bad_date", ~day),
        ("year", "future_year", day & (_year_of(rows["reported_at"]) < year)),
        ("status", "bad_status", ~known),
        ("value", "value_with_missing", (status == "M") & value.notna()),
        ("value", "empty_value", known & (status != "M") & value.isna() & ~unread["value"]),
        *((name, "bad_number", np.isinf(rows[name]) | unread[name]) for name in ("value", *COUNTS)),
        *((name, "negative_count", rows[name] < 0) for name in COUNTS),
        ("value", "out_of_bounds", last & np.isfinite(value) & ((value < lower) | (value > upper))),
        ("numerator", "part_above_whole", last & (upper == 100) & (rows["numerator"] > rows["denominator"])),
    ]
    found: dict[str, list[Problem]] = {}
    for column, key, bad in broken:
        for area, lines in rows[bad.to_numpy(bool)].groupby("area", sort=True):
            words = {"near": "", "advice": say("observations.number.plain"), "known": listed(sorted(groups))}
            rule, advice = (say(f"observations.{key}.{part}", **words) for part in ("rule", "advice"))
            held = found.setdefault(str(area), [])
            held += [
                Problem(line["file"], int(line["file_row"]), column, _shown(line, column), rule, advice)
                for line in lines.head(_LISTED).to_dict("records")
            ]
            if len(lines) > _LISTED:
                more = say("panels.file.more", count=len(lines) - _LISTED)
                next_ = lines.iloc[_LISTED]
                held.append(Problem(next_["file"], int(next_["file_row"]), column, "", rule, more))
    for area, held in (*_conflicts(rows).items(), *_scattered(rows).items()):
        found.setdefault(area, []).extend(held)
    return found


def known_groups(root: Path, panel: str) -> set[str]:
    """Groups that the panel's plan or the project names; none where neither has such a list."""
    path = groups_file(root, panel)
    if not path.is_file():
        return set()
    return {row["group"] for row in read_rows(path, root, GROUP_COLUMNS)}


def _shown(line: Mapping[str, Any], column: str) -> str:
    """What stands in a cell of the file."""
    if column in NUMBERS and line[f"{column}{UNREAD}"]:
        return str(line[f"{column}{UNREAD}"])
    return "" if column == "year" and not line["year"] else str(line[column])


def _year_of(day: pd.Series) -> pd.Series:
    """The year of each day; of what is no day, whatever."""
    places, texts = pd.factorize(day)
    return pd.Series(np.array([int(t[:4]) if t[:4].isdecimal() else 0 for t in texts], "int64")[places], day.index)


def _last(rows: pd.DataFrame) -> pd.Series:
    """Whether a report is the last of its cell: an impossible value that was corrected later harms nobody."""
    twice = rows.duplicated(list(KEY), keep=False)
    some = rows.loc[twice, list(KEY)].assign(day=pd.factorize(rows.loc[twice, "reported_at"], sort=True)[0])
    last = ~twice
    last[twice] = (some["day"] == some.groupby(list(KEY), sort=False)["day"].transform("max")).to_numpy(bool)
    return last


def strangers(found: Mapping[str, tuple[str, int, int]]) -> dict[str, list[Problem]]:
    """Rows whose code stands in no list of areas, as `columnar.Reader.strangers` finds them."""
    advice = say("panels.file.stranger_advice")
    return {
        code: [Problem(file, row, "area", code, say("panels.file.stranger_rule", count=f"{count:,}"), advice)]
        for code, (file, row, count) in found.items()
    }


def _conflicts(rows: pd.DataFrame) -> dict[str, list[Problem]]:
    """Two different values for one key on one day: nobody can say which is newer."""
    key = [*KEY, "reported_at"]
    twice = rows[rows.duplicated(key, keep=False)]
    found: dict[str, list[Problem]] = {}
    for cell, lines in twice.groupby(key, sort=True):
        if len(lines[["value", "numerator", "denominator"]].drop_duplicates()) > 1 or lines["status"].nunique() > 1:
            first, other = lines.iloc[0], lines.iloc[-1]
            shown = {"other": say("panels.file.row", row=first["file_row"]), "value": first["value"]}
            rule, advice = (say(f"observations.conflict.{part}", **shown) for part in ("rule", "advice"))
            found.setdefault(str(cell[KEY.index("area")]), []).append(
                Problem(other["file"], int(other["file_row"]), "value", str(other["value"]), rule, advice)
            )
    return found


def _scattered(rows: pd.DataFrame) -> dict[str, list[Problem]]:
    """An area whose rows stand in several files: nobody can say which of them is its own."""
    if len(rows["file"].unique()) < 2:
        return {}
    first = rows.drop_duplicates(["area", "file"]).sort_values(["area", "file"])
    found: dict[str, list[Problem]] = {}
    for line in first[first["area"].duplicated()].to_dict("records"):
        rule, advice = (say(f"panels.file.scattered_{part}") for part in ("rule", "advice"))
        problem = Problem(line["file"], int(line["file_row"]), "area", line["area"], rule, advice)
        found.setdefault(line["area"], []).append(problem)
    return found
