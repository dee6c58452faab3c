"""Every rule about a value tried on the values in use: a return and the year's data are held against the same ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import pandas as pd

from plananalysis.checks import arrival, past
from plananalysis.checks.beside import beside_issues
from plananalysis.checks.cells import alone, counts_missing
from plananalysis.checks.findings import RULES, Finding, Leaves
from plananalysis.checks.first import Elsewhere, first_issues
from plananalysis.observations import current_definition, starts_segment
from plananalysis.plan import Plan, Reading

Steps = Mapping[tuple[str, str], float]  # usual yearly step of a series and group


def about_values(
    plan: Plan,
    cells: Sequence[Any],
    logic: pd.DataFrame | None,
    leaves: Leaves,
    newest: int,
    named: Collection[tuple[str, str, int]] = (),
    others: Elsewhere = MappingProxyType({}),
) -> tuple[list[Finding], Steps]:
    """What is questionable about values seen alone, against their past and beside others; and how far series usually move.

    Parameters
    ----------
    cells
        Rows of the observations in use, in any order: one of each series, group, year and definition.
    logic
        Relations between series, from :func:`plananalysis.checks.beside.load_logic`; none are tried without.
    newest
        The year whose rates must come with their counts.
    named
        Series, group and year of values for which some report named a definition.
    others
        Published values of other places by series, for values without a past.
    """
    used = sorted(cells, key=lambda c: (c.series, c.group, c.year))
    found, segments, suspect = _by_themselves(plan, used, leaves, others)
    sound = [s for segment in segments if (s := [c for c in segment if _place(c) not in suspect])]
    for segment in sound:
        since = plan.of(segment[0].series).outline.base_year
        found += past.change_issues(segment, leaves[segment[0].series], since)
        found += past.copy_issues(segment, leaves[segment[0].series], since)
    in_use = _by_year(used)
    found += beside_issues({k: c for k, c in in_use.items() if _place(c) not in suspect}, logic, leaves)
    found += _definitions(plan, leaves, used, named)
    for cell in in_use.values():
        found += counts_missing(cell, leaves[cell.series], plan.of(cell.series).outline.base_year, newest)
    return found, arrival.usual_steps({(s[0].series, s[0].group): [c.value for c in s] for s in sound})


def errors(plan: Plan, cells: Sequence[Any], logic: pd.DataFrame | None, leaves: Leaves) -> list[Finding]:
    """Of :func:`about_values` those rules alone that can find a value in error."""
    used = sorted(cells, key=lambda c: (c.series, c.group, c.year))
    found, _, suspect = _by_themselves(plan, used, leaves, {})
    sound = {k: c for k, c in _by_year(used).items() if _place(c) not in suspect}
    return [f for f in (*found, *beside_issues(sound, logic, leaves)) if f.severity == "error"]


def _by_themselves(
    plan: Plan, used: Sequence[Any], leaves: Leaves, others: Elsewhere
) -> tuple[list[Finding], list[list[Any]], set[tuple[str, str, int, str]]]:
    """Findings of values alone and of slips of the unit; comparable runs of values; and which values to compare with no other."""
    found = [issue for cell in used for issue in alone(cell, leaves[cell.series])]
    segments = [segment for _, rows in grouped(used, "series", "group") for segment in _segments(rows)]
    wrong = {id(i.cell) for i in found if RULES[i.rule].spares}
    firsts = [i for segment in segments for i in _firsts(plan, segment, leaves, others) if id(i.cell) not in wrong]
    begun = {id(i.cell) for i in firsts}  # a series begun wrongly does not make the first right value a slip
    found += firsts
    slips = [
        issue
        for segment in ([c for c in s if id(c) not in begun] for s in segments)
        if segment
        for issue in past.slip_issues(segment, leaves[segment[0].series], plan.thresholds.small_events)
    ]
    found = _one_per_cell(found, slips)
    return found, segments, {_place(i.cell) for i in found if RULES[i.rule].spares}


def _firsts(plan: Plan, segment: Sequence[Any], leaves: Leaves, others: Elsewhere) -> Iterator[Finding]:
    series = segment[0].series
    about, beside, since = leaves[series], others.get(series, ()), plan.of(series).outline.base_year
    return first_issues(segment, about, reading_of(plan, series), beside, since)


def reading_of(plan: Plan, series: str) -> Reading | None:
    """How a series' target is read, if it has one."""
    asking = plan.of(series)
    return asking.reading(series) if series in asking.targets.index else None


def grouped(rows: Sequence[Any], *columns: str) -> Iterator[tuple[Any, list[Any]]]:
    """Runs of rows that agree on ``columns``, by which they are sorted already."""
    for key, run in groupby(rows, key=attrgetter(*columns)):
        yield key, list(run)


def _segments(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """Runs of comparable values of one series and group: one definition, from one break to the next, ascending by year."""
    runs: dict[str, list[list[Any]]] = {}
    for row in _held(rows):
        of_definition = runs.setdefault(row.definition, [])
        if starts_segment(row.status) or not of_definition:
            of_definition.append([])
        of_definition[-1].append(row)
    for of_definition in runs.values():
        yield from of_definition


def _by_year(rows: Sequence[Any]) -> dict[tuple[str, str, int], Any]:
    """One value per series, group and year: in the current definition where there is one."""
    chosen: dict[tuple[str, str, int], Any] = {}
    for (series, group), cells_of_series in grouped(rows, "series", "group"):
        held = _held(cells_of_series)
        current = current_definition(held)
        for cell in sorted(held, key=lambda c: c.definition == current):
            chosen[series, group, cell.year] = cell
    return chosen


def _definitions(
    plan: Plan, leaves: Leaves, rows: Sequence[Any], named: Collection[tuple[str, str, int]]
) -> Iterator[Finding]:
    unnamed = {key for r in rows if (key := (r.series, r.group, r.year)) not in named}
    registered: dict[str, dict[str, str]] = {}
    known = (plan.definitions[c].tolist() for c in ("series", "definition", "text"))
    for series, definition, text in zip(*known, strict=True):
        registered.setdefault(series, {})[definition] = text
    for (series, _), reported in grouped(rows, "series", "group"):
        yield from arrival.definition_issues(_held(reported), leaves[series], registered.get(series, {}), unnamed)


def _place(cell: Any) -> tuple[str, str, int, str]:
    """Series, group, year and typed value of a row."""
    return cell.series, cell.group, cell.year, cell.value_text


def _one_per_cell(found: list[Finding], slips: list[Finding]) -> list[Finding]:
    """Findings of one cell joined: a unit slip explains why it is out of bounds, and is said once."""
    shown = {_place(i.cell) for i in found if i.rule in ("unit_slip", "rate_mismatch")}
    found = found + [i for i in slips if _place(i.cell) not in shown]
    explained = {_place(i.cell) for i in found if i.rule == "unit_slip"}
    return [i for i in found if i.rule != "out_of_bounds" or _place(i.cell) not in explained]


def _held(rows: Sequence[Any]) -> list[Any]:
    return [row for row in rows if not math.isnan(row.value)]
