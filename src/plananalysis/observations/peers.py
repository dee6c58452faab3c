"""What a series' peers tell: the same indicator in the other places of one country, up to the year the series is known.

Districts of one country share their drift, and one that stands apart from the others comes nearer to them; countries share little. Here
stands what is seen of that, and of how alike the places are; how much it moves a projection is the affair of :mod:`plananalysis.projections.peers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

import numpy as np
import pandas as pd

from plananalysis.observations.told_once import matching, undecided
from plananalysis.observations.walk import KEY, starts_segment, walk

LEAST = 5  # peers needed
SPAN = 3  # years of drift
MOST = 2.0  # of the series' own yearly changes
SEEN = 12  # years of a place that are looked at, at least
STEP = 0.05  # drift and gap are told to so much, so that a correction far away does not touch every place
SHARED_STEP = 0.01  # ... and what all series of all places share, which touches all
_FEWEST = 4  # yearly changes that say how a place usually moves
_STILL = 1e-6  # what is less is rounding
_WILDEST = 4.0  # usual changes; what is further counts as this
_LATE = 4  # years a series may be behind the edition and still be told of its peers
_DEFINITION = KEY.index("definition")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_REPORT = np.dtype(
    [
        *((n, "i4") for n in ("place", "day")),
        *((n, "i2") for n in ("kind", "year")),
        ("broken", "?"),
        ("value", "f8"),
    ]
)
_TOLD = np.dtype(
    [("year", "i2"), ("drift", "i1"), ("gap", "i1"), ("peers", "u2"), ("shared", "i1")]
)  # year 0: nothing is told


class Beside(NamedTuple):
    """How a series' peers move and where they stand, on the good side.

    ``drift`` counts in the series' own typical yearly changes; ``gap`` (-1 … 1) is positive where the ``peers``, so many, stand
    better. All is as of ``year``, the series' newest: a shorter history has other peers. ``shared`` says how alike the places are
    in all they report: the share of their yearly changes that they have in common (:func:`shared`).
    """

    year: int
    drift: float
    gap: float
    peers: int
    shared: float


def among(values: np.ndarray, direction: int, lower: float, upper: float) -> np.ndarray:
    """Where each place stands among the others in the last year.

    Parameters
    ----------
    values
        Places x years, NaN where unknown; the last year is the newest, nothing later is told.
    lower, upper
        Natural bounds of a share, the lower one of what cannot be negative; not finite for none.

    Returns
    -------
    ndarray
        Places x 4: peers' drift, gap and own drift as in :class:`Beside`, number of peers. NaN for series without a good side, not known in
        the last year, or with fewer than five peers known in it and three years before.
    """
    out = np.full((len(values), 4), np.nan)
    if not direction or values.shape[1] <= SPAN:
        return out
    values = _scaled(values, lower, upper)
    drift, level, seen = (values[:, -1] - values[:, -1 - SPAN]) / SPAN, values[:, -1], np.isfinite(values)
    moved, known = np.isfinite(drift), seen[:, -1]
    use = known & (moved.sum() - moved >= LEAST) & (known.sum() - known >= LEAST) & (seen.sum(1) >= SPAN)
    if not use.any():
        return out
    before = np.maximum.accumulate(np.where(seen, np.arange(values.shape[1]), -1), axis=1)[:, :-1]
    stepped = seen[:, 1:] & (before >= 0)
    steps = np.where(stepped, values[:, 1:] - np.take_along_axis(values, np.maximum(before, 0), axis=1), 0.0)
    usual = np.maximum(np.abs(steps).sum(1) / np.maximum(stepped.sum(1), 1), 1e-6)
    away = (_middle_of_others(level) - level) / (_spread_of_others(level) + 1e-9)
    told = np.column_stack([_middle_of_others(drift) / usual, np.tanh(away), np.nan_to_num(drift) / usual]) * direction
    out[use, :3] = np.clip(told, -MOST, MOST)[use]
    out[use, 3] = (known.sum() - known)[use]
    return out


def in_common(values: np.ndarray, lower: float, upper: float) -> tuple[float, float]:
    """How much of what the places of one series move by in a year they all move by: variance in common, and all of it, summed over the last years.

    Changes count in each place's own usual ones, its mean change taken away, in the last twelve years; of years in which six places moved. The variance in common
    is that of the year's mean, less what chance leaves in a mean of so many (the between-groups component of a one-way analysis of variance), and may be below 0.
    ``values``, ``lower`` and ``upper`` are those of :func:`among`.
    """
    steps = np.diff(_scaled(values[:, -SEEN - 1 :], lower, upper), axis=1)
    number = np.isfinite(steps).sum(1)
    steps, number = steps[number >= _FEWEST], number[number >= _FEWEST, None]
    if len(steps) <= LEAST:
        return 0.0, 0.0
    usual = np.maximum(np.nansum(np.abs(steps), axis=1, keepdims=True) / number, 1e-6)
    steps = np.clip(steps / usual, -_WILDEST, _WILDEST)
    steps = (steps - np.nansum(steps, axis=1, keepdims=True) / number) * np.sqrt(number / (number - 1))
    steps = np.sort(steps, axis=0)  # so that sums do not depend on the order of places
    moved = np.isfinite(steps).sum(0)
    steps, moved = steps[:, moved > LEAST], moved[moved > LEAST]
    mean = np.nansum(steps, axis=0) / moved
    alone = np.nansum((steps - mean) ** 2, axis=0) / (moved - 1)
    common = mean**2 - alone / moved
    return float(common.sum()), float((common + alone).sum())


def shared(parts: Iterable[tuple[float, float]]) -> float:
    """The share in common (0 … 1, an intraclass correlation) of all series together, from :func:`in_common` of each; 0 where none says anything."""
    common, whole = (fsum(part) for part in zip((0.0, 0.0), *parts, strict=True))
    return round(max(common / whole, 0.0) / SHARED_STEP) * SHARED_STEP if whole > _STILL else 0.0


def _middle_of_others(values: np.ndarray) -> np.ndarray:
    """For each place the median of what is known of the others."""
    known = np.sort(values[np.isfinite(values)])
    rank = np.where(np.isfinite(values), np.searchsorted(known, values), len(known))  # of equals, any may be taken out
    rest = len(known) - (rank < len(known))
    low, high = (rest - 1) // 2, rest // 2
    return (known[low + (low >= rank)] + known[high + (high >= rank)]) / 2


def _spread_of_others(values: np.ndarray) -> np.ndarray:
    """For each place the standard deviation of what is known of the others."""
    known = np.sort(values[np.isfinite(values)])  # sorted, so that sums do not depend on the order of places
    centre = known.mean()
    off, own = known - centre, np.where(np.isfinite(values), values - centre, 0.0)
    rest = len(known) - np.isfinite(values)
    mean = (off.sum() - own) / rest
    return np.sqrt(np.maximum(((off**2).sum() - own**2) / rest - mean**2, 0.0))


def _scaled(values: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Values on one scale for all peers: log odds of a share, logarithm of what cannot be negative, otherwise as they are."""
    with np.errstate(invalid="ignore"):
        values = np.where((values < lower) | (values > upper), np.nan, values)
    if np.isfinite(lower) and np.isfinite(upper):
        share = (values - lower) / (upper - lower)
        return np.log(share + 0.005) - np.log(1 - share + 0.005)
    if np.isfinite(lower):
        known = np.isfinite(values).sum(1)
        mean = np.nansum(values - lower, axis=1) / np.maximum(known, 1)
        return np.log(values - lower + 0.05 * mean[:, None] + 1e-12)
    return values


class Places:
    """What some places reported of each series, gathered a few places at a time, and what each is then told of the others.

    Parameters
    ----------
    areas, series
        Codes of all places and series.
    closings
        (day, last data year) of each edition.
    """

    def __init__(self, areas: Sequence[str], series: Sequence[str], closings: Sequence[tuple[str, int]]) -> None:
        self._areas, self._series = pd.Index(areas), pd.Index(series)
        self._closings = [(_day(closes), as_of) for closes, as_of in closings]
        self._kinds: dict[tuple, int] = {}
        self._worlds = np.full(len(areas), "", object)
        self._found: dict[int, list[np.ndarray]] = {}  # by series: no second copy of a nation's is ever made

    def add(self, rows: pd.DataFrame, series: pd.DataFrame, world: str = "") -> None:
        """Take in what was reported of some places whose plan has these ``series``; totals of recent years count.

        Places of another ``world`` are no peers: invented ones of real ones.
        """
        asked = series.index[
            (series["role"] != "compound") & (series["direction"] != 0) & (series["rhythm"] == "annual")
        ]
        first, last = self._closings[0][1] - SEEN - _LATE, self._closings[-1][1]
        recent = (rows["year"] > first) & (rows["year"] <= last)
        use = recent & (rows["group"] == "total") & rows["series"].isin(asked)
        rows = rows[use & matching(rows["reported_at"], _DATE)]
        about = {code: _kind(*cells) for code, *cells in series[["unit", "lower", "upper", "direction"]].itertuples()}
        place, of = self._areas.get_indexer(rows["area"]), self._series.get_indexer(rows["series"])
        order = np.lexsort((rows["year"].to_numpy(), of, place))
        order = order[(place[order] >= 0) & (of[order] >= 0)]
        rows, cell = rows.iloc[order], (place * len(self._series) + of)[order]
        told = (rows[c].to_numpy(object) for c in ("definition", "status"))
        walked = undecided(cell, rows["year"].to_numpy(), *told)[cell]
        self._take(rows[~walked], about, world)
        rows = rows[walked]
        if news := walk(rows):
            held = {"definition": [v.key[_DEFINITION] for v in news], "status": [v.status for v in news]}
            self._take(rows.iloc[[v.row for v in news]].assign(**held), about, world)

    def _take(self, news: pd.DataFrame, about: Mapping[str, tuple], world: str) -> None:
        """Reports that said something new, of one cell the later after the earlier."""
        found = np.empty(len(news), _REPORT)
        found["place"], of = self._areas.get_indexer(news["area"]), self._series.get_indexer(news["series"])
        self._worlds[found["place"]] = world
        named, definitions = pd.factorize(news["definition"])
        pairs, which = np.unique(of * max(len(definitions), 1) + named, return_inverse=True)
        series_and_name = (divmod(pair, max(len(definitions), 1)) for pair in pairs.tolist())
        kinds = [(world, definitions[d], *about[self._series[s]]) for s, d in series_and_name]
        found["kind"] = np.array([self._kinds.setdefault(k, len(self._kinds)) for k in kinds], "i2")[which]
        days, dates = pd.factorize(news["reported_at"])
        found["day"] = np.array([_day(date) for date in dates], "i4")[days]
        found["year"], found["value"] = news["year"].to_numpy(), news["value"].to_numpy(float)
        marks, words = pd.factorize(news["status"])
        found["broken"] = np.array([starts_segment(word) for word in words], bool)[marks]
        order = np.argsort(of, kind="stable")
        ends = np.flatnonzero(np.diff(of[order])) + 1
        for part in np.split(order, ends) if len(order) else ():
            self._found.setdefault(int(of[part[0]]), []).append(found[part])

    def told(self) -> np.ndarray:
        """Areas x closings x series, of :data:`_TOLD`; :func:`spoken` reads it. It depends on no order of areas or rows."""
        out = np.zeros((len(self._areas), len(self._closings), len(self._series)), _TOLD)
        parts: dict[tuple[int, str], list[tuple[float, float]]] = {}
        for s in sorted(self._found):
            mine = np.concatenate(self._found.pop(s))
            for at, (closes, as_of) in enumerate(self._closings):
                for world, part in self._tell(
                    out[:, at, s], mine[(mine["day"] <= closes) & (mine["year"] <= as_of)], as_of
                ):
                    parts.setdefault((at, world), []).append(part)
        for (at, world), some in parts.items():
            out["shared"][self._worlds == world, at] = round(shared(some) / SHARED_STEP)
        return out

    def _tell(self, out: np.ndarray, rows: np.ndarray, as_of: int) -> list[tuple[str, tuple[float, float]]]:
        """One series at one closing date; a place that reported its newest year under two definitions is told nothing.

        Answers with what each world's places have in common in it.
        """
        common = []
        width = SEEN + _LATE
        rows = rows[rows["year"] > as_of - width]
        first, best, kinds = as_of - width + 1, np.full(len(out), -1), list(self._kinds)
        for code in np.unique(rows["kind"]).tolist():
            world, *_, lower, upper, direction = kinds[code]
            some = rows[rows["kind"] == code]
            cells, breaks = np.full((len(out), width), np.nan), np.zeros((len(out), width), bool)
            cells[some["place"], some["year"] - first] = some["value"]
            breaks[some["place"], some["year"] - first] = some["broken"]
            since = np.maximum.accumulate(np.where(breaks, np.arange(width), 0), axis=1)[:, -1:]
            cells[np.arange(width) < since] = np.nan  # what came before the newest break is another series
            common.append((world, in_common(cells, lower, upper)))
            newest = np.where(np.isfinite(cells), np.arange(width), -1).max(1)
            out[(newest >= 0) & (newest >= best)] = 0
            for last in range(SEEN - 1, width):
                if not (mine := (newest == last) & (newest > best)).any():
                    continue
                told = among(cells[:, : last + 1], direction, lower, upper)
                able = mine & np.isfinite(told[:, 0])
                out["year"][able], out["peers"][able] = first + last, told[able, 3]
                out["drift"][able], out["gap"][able] = np.rint(told[able, :2] / STEP).T
            best = np.maximum(best, newest)
        return common


def _day(text: str) -> int:
    """An ISO date as a number that rises with it."""
    return int(text.replace("-", ""))


def _kind(unit: str, lower: float, upper: float, direction: int) -> tuple[str, float, float, int]:
    """What peers must have in common beside the definition; only a percentage is a share of everybody."""
    return unit, lower if lower == lower else -np.inf, upper if unit == "%" and upper == upper else np.inf, direction


def spoken(held: np.ndarray, series: Sequence[str]) -> dict[str, Beside]:
    """What one place is told at one closing date (a row of :meth:`Places.told`), by series."""
    return {
        code: Beside(year, round(drift * STEP, 2), round(gap * STEP, 2), peers, round(common * SHARED_STEP, 2))
        for code, (year, drift, gap, peers, common) in zip(series, held.tolist(), strict=True)
        if year
    }
