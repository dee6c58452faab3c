"""An area's history across a change of areas: what its predecessors reported is added up, or a new segment begins.

What was reported stays as it was. Sums are reports of their own, dated the end of the year in which the areas changed, so that editions
before know nothing of them; where a segment begins, a break without a value stands at the year of the change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from plananalysis.base.area_changes import FILE, AreaChange
from plananalysis.base.errors import Problem
from plananalysis.base.text import listed, say
from plananalysis.observations.histories import as_rows, counting, in_order, vintages
from plananalysis.plan.units import AMOUNTS, PER
from plananalysis.returns.counted import SINCE
from plananalysis.returns.rows import NUMBERS

_CELL = ("series", "group", "year", "definition")
_BREAKS = {"A": "B", "P": "BP", "E": "BE"}  # of a value, so that no note about its definition takes the break back

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Measure:
    """How a series is measured: unit and decimals when published."""

    unit: str
    decimals: int


def continued(
    own: pd.DataFrame,
    area: str,
    changes: Sequence[AreaChange],
    of: Callable[[str], pd.DataFrame],
    measures: Mapping[str, Measure],
    named: Callable[[str], str] = str,
) -> tuple[pd.DataFrame, list[Problem]]:
    """What an area reported, carried on from what it came out of.

    Parameters
    ----------
    own
        Every report of the area, as `observations.load_observations` has them.
    changes
        Those the area came out of, oldest first.
    of
        Gives the reports of another area, carried on in the same way; empty where there are none.
    measures
        Of the series to be joined.
    named
        What an area is called.

    Returns
    -------
    DataFrame, list of Problem
        The reports, and a problem for each change that is declared as joined and for which nothing can be added up.
    """
    problems: list[Problem] = []
    for change in changes:
        if not change.joined:
            own = _broken(own, area, change, set(own["series"]))
        elif change.before != (area,) and change.kind != "boundary":
            parts = {a: own if a == area else of(a) for a in change.before}
            joined = _joined(own, parts, area, change, measures, named)
            if joined is None:
                names = listed(map(named, change.before))
                problems.append(change.problem("treatment", "nothing", "joined", names=names))
            else:
                own = joined
    return own, problems


def _joined(
    own: pd.DataFrame,
    parts: Mapping[str, pd.DataFrame],
    area: str,
    change: AreaChange,
    measures: Mapping[str, Measure],
    named: Callable[[str], str],
) -> pd.DataFrame | None:
    """The history with the sums of all parts before the change; None where there is nothing to add up."""
    before = own["year"] < change.year
    goes_on = area in parts
    said = {a: _said(frame, change, measures) for a, frame in parts.items()}
    known = set() if goes_on else {tuple(k) for k in own.loc[before, list(_CELL)].itertuples(index=False)}
    shared = [k for k in dict.fromkeys(k for held in said.values() for k in held) if all(k in s for s in said.values())]
    key = "summed" if len(parts) > 1 else "carried"
    note = say(f"area_changes.row.{key}", "zh", names="、".join(map(named, parts)))
    rows: dict[Key, list[dict[str, Any]]] = {}
    for cell in shared:
        if cell not in known and (made := _over_time([s[cell] for s in said.values()], measures[cell[0]])):
            rows[cell] = [_row(area, change, cell, note, **one) for one in made]
    if not rows and (goes_on or not before.any()):
        return None
    added = [row for made in rows.values() for row in made]
    if not goes_on:
        return _with(own, added)
    series = {cell[0] for cell in rows}
    alone = {cell: held for cell, held in said[area].items() if cell[0] in series and cell not in rows}
    only = say("area_changes.row.withdrawn", "zh", name=named(area))
    added += [_row(area, change, cell, only, status="M", reported_at=change_day(change)) for cell in alone]
    # what was reported later of the time before is in the sums already
    late = before & own["series"].isin(series) & (own["reported_at"] > change_day(change))
    return _broken(_with(own[~late], added), area, change, set(own.loc[before, "series"]) - series)


def change_day(change: AreaChange) -> str:
    """The day from which the new territory's past is known: the end of its first data year."""
    return f"{change.year}-12-31"


def _said(frame: pd.DataFrame, change: AreaChange, measures: Mapping[str, Measure]) -> dict[Key, list[Any]]:
    """What one area said of the years before, by cell, oldest report first."""
    use = counting(frame[(frame["year"] < change.year) & frame["series"].isin(set(measures))])
    found: dict[Key, list[Any]] = {}
    for row in as_rows(vintages(use)) if len(use) else ():
        day = max(row.reported_at, getattr(row, SINCE, ""), change_day(change))
        found.setdefault(tuple(getattr(row, c) for c in _CELL), []).append((day, row))
    return found


def _over_time(parts: Sequence[Sequence[tuple[str, Any]]], measure: Measure) -> list[dict[str, Any]]:
    """Sums of one cell on each day on which a part of it was reported; empty where it never can be added up."""
    made: list[dict[str, Any]] = []
    for day in sorted({day for held in parts for day, _ in held}):
        newest = [next((row for d, row in reversed(held) if d <= day), None) for held in parts]
        total = None if None in newest else _sum(newest, measure)
        if total is not None:
            made.append(total | {"reported_at": day})
        elif made:
            made.append({"status": "M", "reported_at": day})
    return made


def _sum(rows: Sequence[Any], measure: Measure) -> dict[str, Any] | None:
    """Cases over people of several areas, or numbers of cases added; a single area's value as it is."""
    if any(math.isnan(r.value) for r in rows):
        return None
    marks = {mark for r in rows for mark in r.status}
    status = f"{'B' if 'B' in marks else ''}{'E' if 'E' in marks else 'P' if 'P' in marks else ''}" or "A"
    if len(rows) == 1:
        (row,) = rows
        told = {c: getattr(row, c, "") for c in (*NUMBERS, *(f"{c}_text" for c in NUMBERS))}
        return told | {"status": status}
    above, below = (sum(getattr(r, c) for r in rows) for c in ("numerator", "denominator"))
    counts = {"numerator": above, "denominator": below}
    if measure.unit in PER and below > 0 and not math.isnan(above):
        text = f"{above / below * PER[measure.unit]:.{measure.decimals}f}"
    elif measure.unit in AMOUNTS:
        text = f"{sum(r.value for r in rows):.10g}"
    else:
        return None
    texts = {f"{c}_text": "" if math.isnan(n) else f"{n:.10g}" for c, n in counts.items()}
    return counts | texts | {"status": status, "value": float(text), "value_text": text}


def _broken(own: pd.DataFrame, area: str, change: AreaChange, series: set[str]) -> pd.DataFrame:
    """The history with a new segment from the change on, for series with values before it; of an area that goes on."""
    if area not in change.before:
        return own  # what it reports of the time before is of its own territory
    old = own[(own["year"] < change.year) & own["series"].isin(series)]
    cells = sorted({(s, g) for s, g in zip(old["series"], old["group"], strict=True)})
    first = (own["year"] == change.year) & own["series"].isin(series)
    marked = own.assign(status=own["status"].where(~first, own["status"].map(lambda s: _BREAKS.get(s, s))))
    note = say("area_changes.row.broken", "zh")
    day = f"{change.year}-01-01"  # before any value of the year
    breaks = [_row(area, change, (s, g, change.year, ""), note, status="B", reported_at=day) for s, g in cells]
    return _with(marked, breaks)


def _row(area: str, change: AreaChange, cell: Key, note: str, **more: Any) -> dict[str, Any]:
    about = dict(zip(_CELL, cell, strict=True)) | {"area": area, "submission": FILE, "file_row": change.row}
    return about | {"note": note, "source": change.source} | more


def _with(own: pd.DataFrame, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Reports with some more, in the usual order; what a row does not say is empty."""
    if not rows:
        return own
    empty = {c: math.nan if own[c].dtype.kind == "f" else "" for c in own.columns}
    new = pd.DataFrame([{c: row.get(c, empty[c]) for c in own.columns} for row in rows], columns=own.columns)
    return in_order(pd.concat([own, new.astype(own.dtypes.to_dict())], ignore_index=True) if len(own) else new)
