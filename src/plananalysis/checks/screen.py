"""Which series of many areas a rule may ask about, from all their values at once: only of these a rule has to be tried value by value.

Of a nation's series one in twenty is asked about in a year. Each rule has its limit here as arrays, wide enough that no value it would
find slips through; what is found, and in which words, is the rules' own affair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from plananalysis.base.area_changes import FILE
from plananalysis.checks import beside, cells, first, past, ranges
from plananalysis.checks.arrays import About, Rows, ends
from plananalysis.checks.values import reading_of
from plananalysis.plan import Plan
from plananalysis.plan.units import COUNTS

_NEARLY = 1 - 1e-9  # limits are a hair wider than the rules': sums may be taken in another order


@dataclass(frozen=True)
class Suspects:
    """By area the series that may hold a value in error in some year's view, and those that may hold one to be explained in the newest.

    Those in error are among those to be explained.
    """

    errors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def screen(plan: Plan, reports: pd.DataFrame, logic: pd.DataFrame) -> Suspects:
    """The series of some areas about which a rule may have something to ask.

    Parameters
    ----------
    reports
        All reports of the areas; without ``value_text`` every value is given with the plan's decimals.
    logic
        From :func:`plananalysis.checks.beside.load_logic`.
    """
    about = About.of(plan)
    rows = Rows.of(about, reports)
    known = rows.where((rows.day <= plan.known_on) & (rows.year <= plan.as_of))
    found = Suspects()
    for line in np.unique(np.concatenate([*_errors(about, rows, logic, plan.thresholds.small_events)])):
        rows.put(found.errors, line)
        rows.put(found.asked, line)
    for line in np.unique(np.concatenate([*_questions(about, known, logic, plan)])):
        rows.put(found.asked, line)
    for area in reports.loc[reports["submission"] == FILE, "area"].unique():  # of joined areas every value counts
        found.asked[str(area)] |= set(about.codes)
    return found


def _errors(about: About, rows: Rows, logic: pd.DataFrame, small_events: float) -> Iterator[np.ndarray]:
    held = rows.where(np.isfinite(rows.value))
    s, value = held.series, held.value
    yield held.place[held.group != held.total]
    yield held.place[(value < about.lower[s]) | (value > about.upper[s])]
    yield held.place[_unlike_counts(about, held)]
    yield from _slips(about, held, small_events)
    yield from _against_others(about, held, logic, ("error",))


def _unlike_counts(about: About, held: Rows) -> np.ndarray:
    """`cells._against_counts`."""
    s, value, above, below = held.series, held.value, held.above, held.below
    counted = about.is_count[s] & np.isnan(below) & np.isfinite(above) & (above != value)
    with np.errstate(all="ignore"):
        gap = np.abs(above / below * about.scale[s] - value)
    both = np.isfinite(about.scale[s] + above + below)
    odd = (below == 0) | ((about.upper[s] == 100) & (above > below)) | ~(gap <= 0.5 * 10.0**-held.places)
    return counted | (both & odd)


def _slips(about: About, held: Rows, small_events: float) -> Iterator[np.ndarray]:
    """`past.slip_issues`: a factor of ten between two values of a series, where they are not of a few events."""
    some = held.where((held.value > 0) & ~about.is_change[held.series])
    if not len(some.value):
        return
    place, first_of = np.unique(some.place, return_index=True)
    least, most = (end.reduceat(some.value, first_of) for end in (np.minimum, np.maximum))
    events = np.maximum.reduceat(np.where(np.isnan(some.above), np.inf, some.above), first_of)
    few = np.where(about.is_count[some.series[first_of]], most < past.SMALL_COUNT, events < small_events)
    yield place[past.may_have_slipped(least, most) & ~few]


def _questions(about: About, known: Rows, logic: pd.DataFrame, plan: Plan) -> Iterator[np.ndarray]:
    """Beside :func:`_errors`; ``known`` is what the newest edition may use."""
    held = known.where(np.isfinite(known.value))
    yield known.place[~np.isfinite(known.value) | (np.char.find(known.status, "B") >= 0)]
    named = known.definition != ""
    odd = [d not in about.definitions[s] for s, d in zip(known.series[named], known.definition[named], strict=True)]
    yield known.place[named][np.array(odd, bool)]
    asked_for = np.array([bool(one["denominator"]) for one in about.leaves]) & np.isfinite(about.scale)
    lone = np.isnan(held.above) != np.isnan(held.below)
    yield held.place[lone & asked_for[held.series] & (held.year > about.since[held.series])]
    first_told = np.ones(len(known.line), bool)
    same = (known.line[1:] == known.line[:-1]) & (known.year[1:] == known.year[:-1])
    first_told[1:] = ~same
    yield known.place[1:][same & ~_alike(known)]
    mixed = (known.place[1:] == known.place[:-1]) & (known.definition[1:] != known.definition[:-1])
    yield known.place[1:][mixed]
    yield from _against_past(about, known.where(np.isfinite(known.value) & first_told), plan)
    yield from _against_others(about, held, logic, ("error", "explain"))
    yield from _same_denominators(about, held)
    yield from _women_as_all(about, held)


def _alike(rows: Rows) -> np.ndarray:
    """Whether a report says what the one before it says."""
    alike = (rows.status[1:] == rows.status[:-1]) & (rows.definition[1:] == rows.definition[:-1])
    for column in (rows.value, rows.above, rows.below):
        alike &= (column[1:] == column[:-1]) | (np.isnan(column[1:]) & np.isnan(column[:-1]))
    return alike


def _against_past(about: About, held: Rows, plan: Plan) -> Iterator[np.ndarray]:
    """Rules about a series' own years, where it has one definition, no break and one report of each year; others are suspect anyway."""
    if not len(held.value):
        return
    _, begins, counts = np.unique(held.line, return_index=True, return_counts=True)
    at = np.arange(len(held.value)) - np.repeat(begins, counts)
    row = np.repeat(np.arange(len(begins)), counts)
    years, values, above, below = (np.full((len(begins), counts.max()), np.nan) for _ in range(4))
    years[row, at], values[row, at], above[row, at], below[row, at] = held.year, held.value, held.above, held.below
    s, place = held.series[begins], held.place[begins]
    recent = years >= about.since[s][:, None]
    yield place[_begun_oddly(about, s, years, values, plan).any(axis=1)]
    kinds = [(one["unit"], one["upper"], int(one["decimals"])) for one in about.leaves]
    away = ranges.distances(years, values, below, [kinds[i] for i in s.tolist()])
    away[~about.annual[s]] = np.nan  # of elections and censuses nothing is expected
    yield place[((away > ranges.LIMIT * _NEARLY) & recent).any(axis=1)]
    yield place[_jumped(about, s, years, values, above, away, recent).any(axis=1)]
    whole = np.full(values.shape, False)
    whole[row, at] = held.places == 0
    yield place[_repeated(about, s, values, above, below, recent, whole).any(axis=1)]


def _begun_oddly(about: About, s: np.ndarray, years: np.ndarray, values: np.ndarray, plan: Plan) -> np.ndarray:
    """`first.first_issues` without other places."""
    base = years == about.since[s][:, None]
    own = np.where((np.cumsum(base, axis=1) - base) > 0, np.nansum(np.where(base, values, 0), axis=1)[:, None], np.nan)
    goal = np.array([first.target_value(reading_of(plan, code)) for code in about.codes])[s][:, None]
    begun = np.arange(values.shape[1])[None] < first.YEARS
    most = np.maximum.accumulate(np.where(np.isnan(values), -np.inf, values), axis=1)
    small = np.append(np.ones((len(s), 1), bool), most[:, :-1] <= first.FRACTION, axis=1)
    percent = np.array([one["unit"] == "%" for one in about.leaves])[s][:, None]
    direction = np.array([int(one["direction"]) for one in about.leaves])[s][:, None]
    counts = np.array([one["unit"] in COUNTS for one in about.leaves])[s][:, None]
    own, goal = (np.where(r > 0, r, np.nan) for r in (own, goal))
    some = np.isfinite(own) | np.isfinite(goal)
    fraction = percent & (values > 0) & (values <= first.FRACTION)
    for reference in (own, goal):
        fraction &= ~(reference < first.LARGE)
    below = np.where(direction > 0, first.WORSE, np.where(direction < 0, first.BETTER, first.WORSE))
    above = np.where(direction > 0, first.BETTER, np.where(direction < 0, first.WORSE, first.WORSE))
    low, high = np.ones(values.shape, bool), np.ones(values.shape, bool)
    for reference in (own, goal):
        ratio = values / reference
        low &= ~(ratio >= 1 / below)
        high &= ~(ratio <= above)
    few = counts & (np.fmax(np.fmax(values, own), goal) < first.FEW)
    far = np.where(values <= 0, direction > 0, low | high) & ~few
    return (years >= about.since[s][:, None]) & some & ((fraction & (begun | small)) | (far & begun))


def _jumped(
    about: About,
    s: np.ndarray,
    years: np.ndarray,
    values: np.ndarray,
    above: np.ndarray,
    away: np.ndarray,
    recent: np.ndarray,
) -> np.ndarray:
    """`past._jumps` from one value to the next, of series that do not usually move so far."""
    before, now, gap = values[:, :-1], values[:, 1:], np.diff(years, axis=1)
    with np.errstate(all="ignore"):
        ratio = now / before
    far = (ratio < (1 - past.JUMP) ** gap * _NEARLY) | (ratio > (1 + past.JUMP) ** gap * _NEARLY)
    far &= (before != 0) & ~about.is_change[s][:, None] & recent[:, 1:] & ~(away[:, 1:] <= ranges.NOTABLE * _NEARLY)
    events = np.where(about.is_count[s][:, None], values, above)
    for row, at in np.argwhere(far).tolist():
        far[row, at] = not cells.by_chance(events[row, at], events[row, at + 1])
    return far


def _repeated(
    about: About,
    s: np.ndarray,
    values: np.ndarray,
    above: np.ndarray,
    below: np.ndarray,
    recent: np.ndarray,
    whole: np.ndarray,
) -> np.ndarray:
    """`past.copy_issues`, where it asks: large counts stand still with their rate, or a series does for the first time in its life."""
    again, now, people = values[:, 1:] == values[:, :-1], values[:, 1:], below[:, 1:]
    at_bound = (now == about.lower[s][:, None]) | (now == about.upper[s][:, None])
    natural = at_bound | (whole[:, 1:] & (now < past.SMALL_COUNT))
    begins = again & ~np.append(np.zeros((len(s), 1), bool), again[:, :-1], axis=1)
    moved = (np.cumsum(begins, axis=1) == 1) & (np.argmax(again, axis=1) >= past.STEPS)[:, None]
    same_counts = (people >= past.LARGE) & (people == below[:, :-1]) & (above[:, 1:] == above[:, :-1])
    copied = np.where(np.isnan(people), moved, same_counts)
    return again & copied & ~natural & recent[:, 1:] & about.annual[s][:, None]


def _against_others(about: About, held: Rows, logic: pd.DataFrame, severities: tuple[str, ...]) -> Iterator[np.ndarray]:
    """`beside._against_others` of whatever two reports of a year."""
    least, most = ends(held, held.value)
    place_of = np.arange(least.shape[0])[:, None] * len(about.codes)
    for left, relation, right, tolerance, _ in beside.relations(logic):
        severity, words = beside.RELATIONS[relation]
        if severity not in severities or not {left, right} <= set(about.codes):
            continue
        here, there = about.codes.index(left), about.codes.index(right)
        with np.errstate(invalid="ignore"):
            broken = beside.broken(words, least[:, here], most[:, there], tolerance)
            broken |= beside.broken(words, most[:, here], least[:, there], tolerance)
        areas = place_of[broken.any(axis=(1, 2))]
        yield (areas + np.array([here, there])).ravel()


def _same_denominators(about: About, held: Rows) -> Iterator[np.ndarray]:
    """`beside._same_denominators`."""
    some = held.where(held.below > 0)
    least, most = ends(some, some.below)
    named: dict[str, list[int]] = defaultdict(list)
    for i, one in enumerate(about.leaves):
        if one["denominator"]:
            named[one["denominator"]].append(i)
    for alike in named.values():
        if len(least) and len(alike) > 1:
            low, high = np.fmin.reduce(least[:, alike], axis=1), np.fmax.reduce(most[:, alike], axis=1)
            areas = np.flatnonzero((high > low).any(axis=(1, 2)))
            yield (areas[:, None] * len(about.codes) + np.array(alike)).ravel()


def _women_as_all(about: About, held: Rows) -> Iterator[np.ndarray]:
    """`beside._women_as_all`."""
    some = held.where(held.group == held.total)
    least, most = ends(some, some.value)
    percent = [i for i, one in enumerate(about.leaves) if one["unit"] == "%"]
    names = {i: beside.without_sex(about.leaves[i]["name"]) for i in percent}
    everybody = [i for i in percent if names[i] == about.leaves[i]["name"]]
    pairs = [(w, e) for w in percent if w not in set(everybody) for e in everybody if names[w] == names[e]]
    for pair in pairs if len(least) else ():
        one, other = pair
        near = (least[:, one] <= most[:, other]) & (most[:, one] >= least[:, other]) & (most[:, one] > 0)
        areas = np.flatnonzero((near & (least[:, one] < beside.CEILING)).any(axis=(1, 2)))
        yield (areas[:, None] * len(about.codes) + np.array(pair)).ravel()
