"""How surprising the newest values of a history were: each in the range predicted from the years before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plananalysis.projections import counts, engine
from plananalysis.projections.features import Grid
from plananalysis.projections.mending import mended, unlike
from plananalysis.projections.observed import Observed, before, observed_parts


@dataclass(frozen=True)
class OneStep:
    """How surprising the newest values were: each compared with the range predicted from the years before it.

    ``years`` and ``values`` are the observed years looked at (oldest first, at most five), ``ranks`` where each fell in its
    predicted one-step distribution (0 … 1), ``levels`` x ``ranges`` that distribution's quantiles. Empty when there are too few points.
    """

    series: str
    years: np.ndarray
    values: np.ndarray
    ranks: np.ndarray
    levels: np.ndarray
    ranges: np.ndarray  # len(years) x len(levels)

    def interval(self, level: float) -> np.ndarray:
        """Central range of probability ``level`` for each year, len(years) x 2."""
        ends = np.array([(1 - level) / 2, (1 + level) / 2])
        return np.array([np.interp(ends, self.levels, row) for row in self.ranges]).reshape(-1, 2)

    def outside(self, level: float) -> np.ndarray:
        """Which of the years fell outside the central range of probability ``level``."""
        return (self.ranks < (1 - level) / 2) | (self.ranks > (1 + level) / 2)


def one_step(histories: Sequence, min_points: int = 4, last: int = 5) -> dict[str, OneStep]:
    """For each history, where its newest values (at most ``last``) fell in the range predicted from the years before each."""
    return one_step_with(engine.shipped(), histories, min_points, last)


def one_step_with(
    learned: engine.Learned, histories: Sequence, min_points: int = 4, last: int = 5
) -> dict[str, OneStep]:
    """``one_step`` with a learned state other than the shipped one."""
    return {step.series: step for step in one_steps(histories, min_points, last, learned)}


def one_steps(
    histories: Sequence, min_points: int = 4, last: int = 5, learned: engine.Learned | None = None
) -> list[OneStep]:
    """:func:`one_step` as a list, for histories of several areas at once."""
    learned = learned or engine.shipped()
    pasts: list[Observed] = []
    rows: dict[tuple, int] = {}  # the same years come again in the editions before
    owners = []
    histories = observed_parts(histories)
    for number, history in enumerate(histories):
        if history.rhythm == "census":
            continue
        for at in range(max(min_points, len(history.years) - last), len(history.years)):
            past = before(history, at)
            row = rows.setdefault(_content(past), len(pasts))
            if row == len(pasts):
                pasts.append(past)
            owners.append((number, at, row))
    found: dict[int, list[tuple[int, float, np.ndarray]]] = {}
    if pasts:
        described = engine.describe_with(Grid.of(pasts), learned)
        place = np.array([row for *_, row in owners])
        gaps = np.array([int(histories[n].years[at] - histories[n].years[at - 1]) for n, at, _ in owners])
        most = int(min(gaps.max(), engine.HORIZONS))
        scaled = engine.quantiles(described, most, learned)[place, np.minimum(gaps, most) - 1]
        turned = (scaled * described.spread[place, None] + described.last[place, None]) * described.sign[place, None]
        values = np.sort(described.scale.take(place).back(turned), axis=1)
        odd = [unlike(past) for past in pasts]
        counts.follow_all((past for past, other in zip(pasts, odd, strict=True) if other), learned.arrays)
        told: dict[tuple[int, int], np.ndarray] = {}  # one past is asked about by several editions
        for (number, at, of), ahead, levels in zip(owners, np.minimum(gaps, most).tolist(), values, strict=True):
            if (of, ahead) not in told and odd[of]:
                told[of, ahead] = mended(pasts[of], np.array([ahead]), learned.levels, learned, levels[None])[0]
            levels = told.get((of, ahead), levels)
            found.setdefault(number, []).append(
                (at, _rank(float(histories[number].values[at]), levels, learned.levels), levels)
            )
    out = []
    for number, history in enumerate(histories):
        seen = [f[0] for f in found.get(number, [])]
        ranks = np.array([f[1] for f in found.get(number, [])])
        ranges = np.array([f[2] for f in found.get(number, [])]).reshape(-1, len(learned.levels))
        out.append(OneStep(history.series, history.years[seen], history.values[seen], ranks, learned.levels, ranges))
    return out


def _content(past: Observed) -> tuple:
    """What the engine sees of a past; equal for equal pasts."""
    limits = tuple(None if b != b else b for b in (past.lower, past.upper))
    known = (c.tobytes() for c in (past.numerators, past.denominators) if c is not None)
    return past.unit, limits, past.decimals, past.direction, past.years.tobytes(), past.values.tobytes(), *known


def _rank(value: float, row: np.ndarray, levels: np.ndarray) -> float:
    """Rank of ``value`` among quantiles ``row``; in the middle of a tie, as when a share can only stay at 100 %."""
    low = np.interp(value, row, levels, left=0.0, right=1.0)
    high = 1 - np.interp(-value, -row[::-1], 1 - levels[::-1], left=0.0, right=1.0)
    return float((low + high) / 2)
