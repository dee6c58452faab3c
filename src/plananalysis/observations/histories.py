"""What was known on a date, and the comparable history of each series."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.errors import UsageError
from plananalysis.text import say

KEY = ["series", "area", "group", "year", "definition"]  # what one vintage is a vintage of
_PLACE = ["submission", "file_row"]
_SAID = ["status", "value", "numerator", "denominator"]


@dataclass(frozen=True, eq=False)
class History:
    """One series' comparable annual values, ascending by year: the segment since the last break in definition.

    Parameters
    ----------
    values
        In ``unit``; missing years are absent, never filled.
    lower, upper
        Natural bounds in ``unit``; NaN where there is none.
    decimals, direction, rhythm
        Publishing precision; 1 when higher is better, -1 when lower is, 0 neutral; annual, election or census.
    numerators, denominators
        Counts behind ``values``; NaN where unknown.
    earlier
        (year, value, definition) of points that are not comparable with ``values``.
    break_year
        First year of the segment when there are earlier points.
    """

    series: str
    unit: str
    years: np.ndarray
    values: np.ndarray
    lower: float
    upper: float
    decimals: int
    direction: int
    rhythm: str
    numerators: np.ndarray
    denominators: np.ndarray
    earlier: tuple[tuple[int, float, str], ...] = ()
    break_year: int | None = None
    group: str = "total"


def vintages(observations: pd.DataFrame) -> pd.DataFrame:
    """The reports that said something new, oldest first within each key; repetitions of the value known already are left out.

    A report is new when its value or status differs from the report before it, or when it brings other counts. Reports of
    one day are ordered by source, official or named sources (tier A) before mirrors (B) before unmarked ones, then by file name.
    """
    rank = observations["tier"].map({"A": 2, "B": 1}).fillna(0)
    rows = _in_order(
        observations, *(observations[k] for k in [*KEY, "reported_at"]), rank, *(observations[k] for k in _PLACE)
    )
    told = zip(*(rows[c].tolist() for c in [*KEY, *_SAID, "reported_at"]), strict=True)
    chosen: list[int] = []  # positions; the last one is the vintage that held until the row being looked at
    key_before, told_before = None, None
    for position, cells in enumerate(told):
        key, now, day = cells[: len(KEY)], cells[len(KEY) : -1], cells[-1]
        if key != key_before or _is_news(now, told_before):
            chosen.append(position)
            first_day = day
        elif day == first_day:  # the same value from a better source on the same day
            chosen[-1] = position
        key_before, told_before = key, now
    return rows.iloc[chosen].reset_index(drop=True)


def as_known(observations: pd.DataFrame, known_on: str, as_of: int) -> pd.DataFrame:
    """What was known on a date: the newest vintage of every series, area, group, year and definition.

    Parameters
    ----------
    known_on
        ISO date; reports of that day count.
    as_of
        Last data year used.

    Returns
    -------
    DataFrame
        One row per key. A year stays in the view until another report replaces it; a value withdrawn (status M) is shown so.
        Where a year was reported under several definitions all are kept.
    """
    known = observations[(observations["reported_at"] <= known_on) & (observations["year"] <= as_of)]
    return in_order(vintages(known).drop_duplicates(KEY, keep="last"))


def current_definition(rows: Iterable[Any]) -> str:
    """The definition in use: that of the newest year with a value; "" when there is none.

    When that year was reported under several, the one reported last, then the one that came into use last.

    Parameters
    ----------
    rows
        Rows of one series and group, as named tuples.
    """
    began: dict[str, int] = {}
    newest: tuple[int, str, int, str] = (0, "", 0, "")
    for row in sorted((r for r in rows if not math.isnan(r.value)), key=lambda r: r.year):
        first = began.setdefault(row.definition, row.year)
        newest = max(newest, (row.year, row.reported_at, first, row.definition))
    return newest[3]


def histories(view: pd.DataFrame, series: pd.DataFrame, group: str = "total") -> dict[str, History]:
    """The comparable history of every series that carries observations, empty where nothing is known.

    Parameters
    ----------
    view
        From :func:`as_known`; of one area.
    series
        The plan's series, indexed by code.

    Raises
    ------
    UsageError
        The view mixes several areas.
    """
    places = sorted(view["area"].unique())
    if len(places) > 1:
        raise UsageError(say("observations.several_areas", areas="、".join(places)))
    held = view[(view["group"] == group) & view["value"].notna()]
    by_series = dict(list(held.groupby("series")))
    leaves = series[series["role"] != "compound"]
    return {code: _history(by_series.get(code, held.iloc[:0]), code, row, group) for code, row in leaves.iterrows()}


def _is_news(now: tuple, before: tuple) -> bool:
    """Whether (status, value, numerator, denominator) says more than the report before; a blank count takes nothing back."""
    if now[0] != before[0] or not (now[1] == before[1] or (now[1] != now[1] and before[1] != before[1])):
        return True
    return any(count == count and count != known for count, known in zip(now[2:], before[2:], strict=True))


def _history(rows: pd.DataFrame, code: str, about: pd.Series, group: str) -> History:
    segment = rows
    if len(rows):
        segment = rows[rows["definition"] == current_definition(as_rows(rows))]
        breaks = segment.loc[segment["status"] == "B", "year"]
        segment = segment[segment["year"] >= (breaks.max() if len(breaks) else segment["year"].min())].sort_values(
            "year"
        )
    earlier = rows.drop(segment.index).sort_values(["year", "definition"])
    return History(
        series=code,
        unit=about["unit"],
        years=segment["year"].to_numpy(dtype="int64"),
        values=segment["value"].to_numpy(dtype="float64"),
        lower=float(about["lower"]),
        upper=float(about["upper"]),
        decimals=int(about["decimals"]),
        direction=int(about["direction"]),
        rhythm=about["rhythm"],
        numerators=segment["numerator"].to_numpy(dtype="float64"),
        denominators=segment["denominator"].to_numpy(dtype="float64"),
        earlier=tuple(
            zip(earlier["year"].tolist(), earlier["value"].tolist(), earlier["definition"].tolist(), strict=True)
        ),
        break_year=int(segment["year"].min()) if len(earlier) else None,
        group=group,
    )


def as_rows(table: pd.DataFrame) -> list[Any]:
    """Rows of a table as named tuples; many times faster than ``itertuples`` on text columns."""
    make = _row_type(tuple(table.columns))
    return [make(*cells) for cells in zip(*(table[c].tolist() for c in table.columns), strict=True)]


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the one order every table of observations has."""
    return _in_order(rows, *(rows[k] for k in [*KEY, "reported_at", *_PLACE])).reset_index(drop=True)


def _in_order(rows: pd.DataFrame, *keys: pd.Series) -> pd.DataFrame:
    cells = list(zip(*(key.tolist() for key in keys), strict=True))
    return rows.iloc[
        sorted(range(len(rows)), key=cells.__getitem__)
    ]  # several times faster than sort_values on eight keys
