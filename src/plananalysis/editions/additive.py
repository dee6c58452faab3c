"""Which published groups add up to others: told by their names where these are ranges of ages, otherwise tested on the data."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

TOTAL = "total"
EXHAUSTIVE = ("sex", "residence")  # groups that make up the total whatever the data say
_RANGE = re.compile(r"(\d+)-(\d+)$")
_MANY = 10  # groups of one dimension whose combinations are tried; beyond, only all of them together


@dataclass(frozen=True, order=True)
class Cell:
    """A published count. ``years`` is 1 for a year's own, more for a sum of the years up to and including ``year``."""

    series: str
    group: str
    year: int
    years: int = 1


def over_groups(counts: Mapping[Cell, float]) -> list[tuple[Cell, ...]]:
    """Sums over groups among published counts: the whole first, then its parts.

    A set of groups that adds up in the data of any year is taken to add up in all of them, as are those that must: both sexes, town
    and country, and ranges of ages without a gap. So are all groups of a year in which one count is unknown (NaN), for a reader who
    has the denominators may know better. Sums are tested within each series and dimension; overlapping sets each count.
    """
    grouped: dict[tuple[str, str], dict[str, dict[tuple[int, int], float]]] = {}
    for cell, count in counts.items():
        dimension = cell.group.partition(":")[0]
        grouped.setdefault((cell.series, dimension), {}).setdefault(cell.group, {})[cell.year, cell.years] = count
    found = []
    for (series, dimension), groups in sorted(grouped.items()):
        whole = grouped.get((series, TOTAL), {}).get(TOTAL, {})
        if dimension == TOTAL:
            continue
        for top, parts in sorted(_structures(dimension, groups, whole)):
            at = whole if top == TOTAL else groups[top]
            for when in sorted(at):
                cells = [Cell(series, top, *when), *(Cell(series, p, *when) for p in parts)]
                present = [c for c in cells if c in counts]
                if len(present) == len(cells) or (dimension in EXHAUSTIVE and len(present) > 2):
                    found.append(tuple(present))
    return found


def _structures(
    dimension: str, groups: Mapping[str, Mapping[tuple[int, int], float]], whole: Mapping[tuple[int, int], float]
) -> set[tuple[str, tuple[str, ...]]]:
    """Wholes with the parts that make them up."""
    names = tuple(sorted(groups))
    found = {(TOTAL, names)} if dimension in EXHAUSTIVE and len(names) > 1 else set()
    found |= {(top, parts) for top, parts in _by_range(names) if top != TOTAL or not _denied(parts, groups, whole)}
    for when, count in sorted(whole.items()):
        found |= {(TOTAL, parts) for parts in _adding_up(names, groups, when, count)}
    return found


def _adding_up(
    names: Sequence[str], groups: Mapping[str, Mapping[tuple[int, int], float]], when: tuple[int, int], count: float
) -> Iterator[tuple[str, ...]]:
    """Sets of groups whose counts add up to the total in one year; of nested ones the largest, for a group of nobody adds nothing."""
    present = [n for n in names if when in groups[n]]
    if math.isnan(count + sum(groups[n][when] for n in present)):
        if len(present) > 1 and not _overlap(present):
            yield tuple(present)
        return
    taken: list[set[str]] = []
    for size in range(len(present), 1, -1) if len(present) <= _MANY else [len(present)]:
        for some in combinations(present, size):
            adds = abs(sum(groups[n][when] for n in some) - count) < 0.5
            if adds and not _overlap(some) and not any(set(some) <= larger for larger in taken):
                taken.append(set(some))
                yield some


def _denied(
    parts: Collection[str],
    groups: Mapping[str, Mapping[tuple[int, int], float]],
    whole: Mapping[tuple[int, int], float],
) -> bool:
    """Whether there are years with all parts and the total, and in each of them they are known not to add up."""
    years = [w for w in whole if all(w in groups[p] for p in parts)]
    apart = [abs(sum(groups[p][w] for p in parts) - whole[w]) for w in years]
    return bool(apart) and all(gap >= 0.5 for gap in apart)


@cache
def _by_range(names: tuple[str, ...]) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Ranges of ages that others make up without a gap, and the widest runs of them, which may be everybody."""
    spans = {n: (int(m[1]), int(m[2])) for n in names if (m := _RANGE.search(n))}
    runs: list[tuple[str, ...]] = []

    def grow(run: tuple[str, ...]) -> None:
        if len(run) > 1:
            runs.append(run)
        for name in sorted(spans):
            if spans[name][0] == spans[run[-1]][1] + 1:
                grow((*run, name))

    for name in sorted(spans):
        grow((name,))
    ends = {run: (spans[run[0]][0], spans[run[-1]][1]) for run in runs}
    wide = {
        r for r in runs if not any(s != e and s[0] <= e[0] and e[1] <= s[1] for s in ends.values() for e in [ends[r]])
    }
    nested = {(top, run) for top in spans for run in runs if ends[run] == spans[top]}
    return frozenset(nested | {(TOTAL, run) for run in wide})


def _overlap(names: Collection[str]) -> bool:
    """Whether two of the groups are ranges that share an age: then their sum counts people twice."""
    spans = sorted((int(m[1]), int(m[2])) for n in names if (m := _RANGE.search(n)))
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))
