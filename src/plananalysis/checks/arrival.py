"""Rules about how values came in: revisions, late reports, definitions."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count, pairwise
from typing import Any

import numpy as np

from plananalysis.base.area_changes import FILE
from plananalysis.base.text import say, translated
from plananalysis.checks.findings import Finding, Leaves, about_cell, amount, year_list
from plananalysis.observations import KEY, starts_segment
from plananalysis.plan import Plan, known_on

_BIG_REVISION = 0.05  # share of the old value, where the history is too short to know a usual step
_BACK_SERIES = 3  # late years of one series reported on one day, from which on they are a back series


def revision_issues(news: Sequence[Any], steps: Mapping[tuple[str, str], float], leaves: Leaves) -> Iterator[Finding]:
    """Every value that a later report changed or took back.

    Parameters
    ----------
    news
        The vintages known by the edition's closing, oldest first within each key.
    steps
        Usual yearly step of a series and group; a revision larger than that is to be explained.
    """
    for old, new in _successive(news):
        if getattr(new, "correction", "") or new.submission == FILE:  # these say themselves why
            continue
        unit = leaves[new.series]["unit"]
        words = {"old": amount.told(old.value_text, unit), "old_date": old.reported_at, "date": new.reported_at}
        text = "message" if new.reported_at else "undated"  # a return that is only looked at has no day
        if math.isnan(new.value) and not math.isnan(old.value):
            yield about_cell(new, "revision_withdrawn", "explain", unit, text, **words)
        elif new.value != old.value and not math.isnan(old.value):
            usual = steps.get((new.series, new.group), math.nan)
            limit = _BIG_REVISION * abs(old.value) if math.isnan(usual) else usual
            asked = ("hint", "advice") if abs(new.value - old.value) <= limit else ("explain", "big_advice")
            yield about_cell(new, "revision", asked[0], unit, text, asked[1], **words)


def usual_steps(histories: Mapping[tuple[str, str], Sequence[float]]) -> dict[tuple[str, str], float]:
    """Median yearly change of each history of four values or more."""
    return {key: float(np.median(np.abs(np.diff(v)))) for key, v in histories.items() if len(v) >= 4}


def timing_issues(news: Sequence[Any], plan: Plan, leaves: Leaves) -> Iterator[Finding]:
    """Reports after their own year's closing, and reports too late for this edition, one finding per series and day.

    Many years handed in together are a back series, which an office asks for when it begins or evaluates; nobody was late.

    Parameters
    ----------
    news
        All vintages up to the as-of year, whenever they came in.
    """
    closes = _months_after(plan)
    first: dict[tuple[Any, ...], Any] = {}
    for row in news:
        first.setdefault(tuple(getattr(row, k) for k in KEY), row)
    known = [r for r in first.values() if r.reported_at <= plan.known_on]
    told = [r for r in known if r.submission != FILE and not r.status.endswith("M")]
    expected = [r for r in told if r.year > plan.of(r.series).outline.base_year]
    for cells in _by_series_and_day(r for r in expected if r.reported_at > known_on(r.year, closes)):
        if len({c.year for c in cells}) >= _BACK_SERIES:
            continue
        yield _timing(cells, "late", leaves[cells[-1].series]["unit"], known_on(cells[-1].year, closes))
    for cells in _by_series_and_day(r for r in news if r.reported_at > plan.known_on):
        edition = next(y for y in count(plan.as_of + 1) if known_on(y, closes) >= cells[-1].reported_at)
        yield _timing(cells, "not_in_edition", leaves[cells[-1].series]["unit"], plan.known_on, edition=edition)


def definition_issues(
    rows: list[Any], about: Mapping[str, Any], known: Mapping[str, str], unnamed: Collection[tuple[str, str, int]] = ()
) -> Iterator[Finding]:
    """Changes of definition that no year bridges, and definitions nobody has written down.

    Parameters
    ----------
    rows
        Rows of one series and group with a value, ascending by year.
    known
        Definitions registered for the series, each with what it says.
    unnamed
        Series, group and year of values that no report ever named a definition for.
    """
    unit, none = about["unit"], say.told("quality.definition_break.none")
    used: dict[str, list[Any]] = {}
    for row in rows:
        used.setdefault(row.definition, []).append(row)
    for definition, cells in used.items():
        if definition and definition not in known:
            yield about_cell(cells[0], "unknown_definition", "explain", unit, definition=definition)
    ordered = sorted(used.items(), key=lambda item: (item[1][0].year, item[1][-1].year))
    for (old, before), (new, after) in pairwise(ordered):
        if {c.year for c in before} & {c.year for c in after}:
            continue
        words = {
            c: translated.told(text) if (text := known.get(d, d)) else none
            for c, d in (("before", old), ("after", new))
        }
        yield about_cell(after[0], "definition_break", "hint" if new else "explain", unit, "definition", **words)
    for definition, cells in used.items():
        blank = [c for c in cells if definition and not c.definition_typed and (c.series, c.group, c.year) in unnamed]
        if blank and blank[0] is not cells[0]:
            words = {"before": translated.told(known.get(definition, definition))}
            yield about_cell(blank[0], "definition_break", "explain", unit, "blank", "blank_advice", **words)
        for cell in cells[1:]:
            if starts_segment(cell.status):
                kept = not starts_segment(cell.status_typed)
                texts = ("kept", "kept_advice") if kept else ("status", "advice")
                yield about_cell(cell, "definition_break", "hint", unit, *texts)


def _successive(news: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    for old, new in pairwise(news):
        if all(getattr(new, k) == getattr(old, k) for k in KEY):
            yield old, new


def _by_series_and_day(rows: Iterable[Any]) -> Iterator[list[Any]]:
    runs: dict[tuple[str, str, str], list[Any]] = {}
    for row in sorted(rows, key=lambda r: r.year):
        runs.setdefault((row.series, row.submission, row.reported_at), []).append(row)
    yield from runs.values()


def _timing(cells: list[Any], rule: str, unit: str, closing: str, **more: Any) -> Finding:
    newest = max(cells, key=lambda c: (c.year, c.group == "total"))
    words = {"years": year_list.told(c.year for c in cells), "date": newest.reported_at, "closing": closing, **more}
    return about_cell(newest, rule, "hint", unit, **words)


def _months_after(plan: Plan) -> int:
    """Months between the end of a data year and the closing of its edition."""
    return (int(plan.known_on[:4]) - plan.as_of - 1) * 12 + int(plan.known_on[5:7])
