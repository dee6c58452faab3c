"""The reports of every value in the order they came, and what each of them changed.

A later report replaces an earlier one of the same year whether or not it repeats what was said of the definition: what is left
blank says nothing and takes nothing back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

import pandas as pd

KEY = ["series", "area", "group", "year", "definition"]  # what one vintage is a vintage of
# normal, provisional, estimated, break (and provisional, estimated), missing
STATUSES = ("A", "P", "E", "B", "BP", "BE", "M")
HELD = (*STATUSES, "BM")  # as a status may hold: with a break that stays declared after its year's value was withdrawn
PERIOD_WORD = "年合并"  # ends the definition of values that are each for several years
_PLACE = ["submission", "file_row"]
_SAID = ["status", "value", "numerator", "denominator"]
_RANKS = {"A": 2, "B": 1}
_TAKEN_BACK = re.compile(r"口径(没有|并未|并无|未|无)(发生)?(改变|变化|变动|调整|变)|(取消|撤销|撤回)口径变化")

_Cell = tuple[str, str, str]  # series, area, group


class Vintage(NamedTuple):
    """A report that said something new.

    Parameters
    ----------
    row
        Its row number in the table of observations.
    key
        Cells of :data:`KEY`, the definition being the one the report speaks of.
    status
        As it holds: with the break that an earlier report of the year declared and none has taken back.
    """

    row: int
    key: tuple
    day: str
    status: str


def years_of(definition: str) -> int:
    """For how many years together each value of a definition is; 1 for values of single years.

    >>> years_of("nbs 3年合并"), years_of("nbs")
    (3, 1)
    """
    found = re.search(rf"(\d+){PERIOD_WORD}$", definition)
    return int(found[1]) if found else 1


def starts_segment(status: str) -> bool:
    """Whether a break in definition is declared for the value, alone or beside another mark."""
    return "B" in status


def walk(observations: pd.DataFrame) -> list[Vintage]:
    """Every report that said something new, by key and, within a key, oldest first.

    Reports of one day are ordered by source, official or named sources (tier A) before mirrors (B) before unmarked ones, then
    by file name. A correction counts from the day it was decided, as long as the report it corrects still holds.
    """
    columns = {c: observations[c].tolist() for c in [*KEY, "reported_at"]}
    columns["definition"] = _told(columns)
    days, keys = columns["reported_at"], list(zip(*(columns[k] for k in KEY), strict=True))
    rank = [_RANKS.get(tier, 0) for tier in observations["tier"].tolist()]
    notes, fixes = _cells(observations, "note"), [bool(text) for text in _cells(observations, "correction")]
    places = list(zip(*(observations[c].tolist() for c in _PLACE), strict=True))
    readable = {place for place, fix in zip(places, fixes, strict=True) if not fix}
    said = list(zip(*(observations[c].tolist() for c in _SAID), strict=True))
    order = sorted(range(len(keys)), key=lambda i: (keys[i], days[i], fixes[i], rank[i], places[i]))
    found: list[Vintage] = []  # the last one is the vintage that held until the row being looked at
    held: tuple = ()  # what it said
    last: tuple = ()  # where the last report of the key stands
    for row in order:
        key, day, place, now = keys[row], days[row], places[row], said[row]
        first = not found or key != found[-1].key
        if not first and fixes[row] and place in readable and place != last:
            continue  # what it corrects has been replaced already
        if not first and starts_segment(held[0]) and not (starts_segment(now[0]) or _TAKEN_BACK.search(notes[row])):
            now = (_with_break(now[0]), *now[1:])
        if first or _is_news(now, held):
            found.append(Vintage(row, key, day, now[0]))
            held = now
        elif day == found[-1].day:  # the same value from a better source on the same day
            found[-1] = Vintage(row, key, day, now[0])
        last = place
    return found


def definitions(observations: pd.DataFrame) -> list[str]:
    """The definition that each report speaks of, whether or not it repeats its code."""
    return _told({c: observations[c].tolist() for c in [*KEY, "reported_at"]})


def _with_break(status: str) -> str:
    return "B" if status == "A" else f"B{status}"


def _cells(observations: pd.DataFrame, column: str) -> list[str]:
    return observations[column].tolist() if column in observations else [""] * len(observations)


def _is_news(now: tuple, before: tuple) -> bool:
    """Whether (status, value, numerator, denominator) says more than the report before; a blank count takes nothing back."""
    if now[0] != before[0] or not (now[1] == before[1] or (now[1] != now[1] and before[1] != before[1])):
        return True
    return any(count == count and count != known for count, known in zip(now[2:], before[2:], strict=True))


def _told(columns: Mapping[str, list]) -> list[str]:
    """The definition each report speaks of, where its own cell is blank or names for the first time what went without a name.

    Only what had been reported by the day counts, so that a later report never changes what an edition knew.
    """
    typed = columns["definition"]
    rows: dict[_Cell, list[int]] = defaultdict(list)
    names: dict[_Cell, set[str]] = defaultdict(set)
    for i, cell in enumerate(zip(columns["series"], columns["area"], columns["group"], strict=True)):
        rows[cell].append(i)
        names[cell].add(typed[i])
    found = list(typed)
    for cell, some in rows.items():
        if len(names[cell]) > 1 and "" in names[cell]:
            _resolve(some, columns["year"], typed, columns["reported_at"], found)
    return found


def _resolve(rows: list[int], years: list[int], typed: list[str], days: list[str], found: list[str]) -> None:
    """Fill in ``found`` for one series and group."""
    known: dict[int, dict[str, str]] = defaultdict(dict)  # year -> definition -> day of its newest report
    for day, batch in groupby(sorted(rows, key=lambda i: (days[i], years[i])), key=lambda i: days[i]):
        today = list(batch)
        coded, blank = [i for i in today if typed[i]], [i for i in today if not typed[i]]
        used = {d for entries in known.values() for d in entries}
        for i in coded:
            same = [j for j in coded if typed[j] == typed[i]]
            if typed[i] not in used and all("" in known.get(years[j], ()) for j in same):
                found[i] = ""  # years reported before, now with a name: a revision, and no other definition
        named: dict[int, dict[str, str]] = defaultdict(dict)
        for i in coded:
            named[years[i]][found[i]] = day
        told = {year: dict(entries) for year, entries in named.items()}  # with what is blank, as it is understood
        # a blank year before every name of the same day is a definition of its own: old and new side by side
        apart = any(not known.get(years[i]) and not _before(years[i], known, named) for i in blank)
        for i in blank:
            entries = known.get(years[i]) or ({} if apart else named.get(years[i], {}))
            if not entries and years[i] not in named:
                entries = _before(years[i], known, told) or _after(years[i], known)
            found[i] = "" if "" in entries else max(entries, key=lambda d: (entries[d], d), default="")
            told.setdefault(years[i], {})[found[i]] = day
        for year, entries in told.items():
            known[year] |= entries


def _before(year: int, *reported: Mapping[int, dict[str, str]]) -> dict[str, str]:
    """Definitions of the nearest earlier year reported."""
    last = max((y for some in reported for y in some if y < year), default=None)
    return {} if last is None else {d: day for some in reported for d, day in some.get(last, {}).items()}


def _after(year: int, known: Mapping[int, dict[str, str]]) -> dict[str, str]:
    return known[min(known)] if known and min(known) > year else {}
