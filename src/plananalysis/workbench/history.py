"""A history from values of one's own, checked before anything is made of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.text import LANGUAGES, catalogue, say
from plananalysis.observations import History
from plananalysis.plan.units import PER, RATES

SIDES = {"higher": 1, "lower": -1, "neither": 0}
MOST_DECIMALS = 4
YEAR = re.compile(r"\s*((?:18|19|20|21)\d\d)(?:\.0)?\s*年?\s*")


def history_of(
    data: Any,
    name: str,
    unit: str,
    bounds: tuple[float | None, float | None] | None,
    better: str,
    columns: Mapping[str, str | None],
    decimals: int | None,
) -> History:
    """A checked history; see ``Indicator.from_frame`` for the arguments.

    Raises
    ------
    DataError
        Every value that breaks a rule.
    UsageError
        A column or a word that does not exist.
    """
    if better not in SIDES:
        raise UsageError(say("workbench.errors.better", better=better, known=", ".join(SIDES)))
    code = unit_code(unit)
    natural = (0.0, float(PER[code])) if code in RATES else (math.nan, math.nan)
    low, high = natural if bounds is None else (math.nan if b is None else float(b) for b in bounds)
    rows = _columns(data, columns)
    found = _checked(rows, name, low, high)
    if decimals is None:
        decimals = max((_decimals(v) for v in found["value"]), default=0)
    return History(
        series=name,
        unit=code,
        years=found["year"].to_numpy("int64"),
        values=found["value"].to_numpy(float),
        lower=low,
        upper=high,
        decimals=int(decimals),
        direction=SIDES[better],
        rhythm="annual",
        numerators=found["events"].to_numpy(float),
        denominators=found["exposed"].to_numpy(float),
    )


def unit_code(unit: str) -> str:
    """The unit as plans write it, from its name in any language.

    >>> unit_code("per 100,000"), unit_code("%"), unit_code("beds"), unit_code("km")
    ('1/10万', '%', '张', 'km')
    """
    for language in LANGUAGES:
        named = {text.casefold(): code for code, text in catalogue(language).below("unit_name").items()}
        if unit.strip().casefold() in named:
            return named[unit.strip().casefold()]
    return unit.strip()


def _columns(data: Any, columns: Mapping[str, str | None]) -> pd.DataFrame:
    """``year``, ``value``, ``events``, ``exposed`` and where each value stands, from whatever was given."""
    if isinstance(data, pd.Series):
        data = pd.DataFrame({columns.get("year") or "year": data.index, columns.get("value") or "value": data.array})
    elif not isinstance(data, pd.DataFrame):
        data = pd.DataFrame({"year": list(data), "value": list(data.values())})
        columns = {**columns, "year": "year", "value": "value"}
    elif (columns.get("year") or "year") not in data and data.index.name == (columns.get("year") or "year"):
        data = data.reset_index()
    wanted = {ours: columns.get(ours) or (ours if ours in ("year", "value") else None) for ours in _PLACES}
    if lacking := [theirs for theirs in wanted.values() if theirs and theirs not in data]:
        known = ", ".join(map(str, data.columns))
        raise UsageError(say("workbench.errors.column", column=", ".join(lacking), known=known))
    rows = pd.DataFrame({ours: data[theirs].array if theirs else math.nan for ours, theirs in wanted.items()})
    for place, usual in (("row", 0), ("column", "")):
        rows[place] = data[place].array if place in data else usual
    rows.attrs["file"] = data.attrs.get("file", "")
    return rows


_PLACES = ("year", "value", "events", "exposed")


def _checked(rows: pd.DataFrame, name: str, low: float, high: float) -> pd.DataFrame:
    """Numbers, ascending by year; or every problem at once."""
    file, problems = rows.attrs["file"] or name, []

    def bad(row: Any, column: str, found: Any, rule: str, **words: Any) -> None:
        place = row.column or column
        where = name if place in ("", "value", "year") or row.column == "" else place
        told = say(f"workbench.rules.{rule}.rule", name=where, **words)
        problems.append(Problem(file, int(row.row), place, str(found), told, say(f"workbench.rules.{rule}.advice")))

    made: list[tuple[float, ...]] = []
    years: set[int] = set()
    for row in rows.itertuples(index=False):
        year = YEAR.fullmatch(str(row.year)) if not isinstance(row.year, float) or row.year == row.year else None
        read = {c: _number(getattr(row, c)) for c in ("value", "events", "exposed")}
        numbers = {c: n for c, n in read.items() if n is not None}
        if year is None:
            bad(row, "year", row.year, "year")
            continue
        if len(numbers) < len(read):
            column = next(c for c in read if c not in numbers)
            bad(row, column, getattr(row, column), "number")
            continue
        if math.isnan(numbers["value"]):
            continue  # a missing year needs no row
        if int(year[1]) in years:
            bad(row, "year", year[1], "twice")
        if numbers["value"] < low or numbers["value"] > high:
            bad(row, "value", row.value, "bounds", low=f"{low:g}", high=f"{high:g}")
        years.add(int(year[1]))
        made.append((int(year[1]), *numbers.values()))
    if problems:
        raise DataError(problems, say("workbench.errors.lead", file=file, count=len(problems)))
    return pd.DataFrame(sorted(made), columns=list(_PLACES)).astype({"year": "int64"})


def _number(cell: Any) -> float | None:
    """A number, NaN for an empty cell, None for anything else; infinity is no number."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NA:
        return math.nan
    text = str(cell).strip().replace(",", "").removesuffix("%")
    if not text:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _decimals(value: float) -> int:
    """Decimals a value was written with, at most :data:`MOST_DECIMALS`.

    >>> _decimals(4.0), _decimals(95.25), _decimals(0.1 + 0.2)
    (0, 2, 1)
    """
    return next((d for d in range(MOST_DECIMALS) if abs(round(value, d) - value) < 1e-9), MOST_DECIMALS)
