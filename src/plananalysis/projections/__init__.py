"""Projections: histories in, sample paths out.

``project`` is the one door: assessments, backtests and the benchmark all come through it. Nothing here reads or writes files
except the learned state shipped with the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, get_args

import numpy as np

from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say
from plananalysis.projections import counts, engine, peers
from plananalysis.projections.features import WIDTH, Grid
from plananalysis.projections.mending import mended, unlike
from plananalysis.projections.observed import Observed, observed_parts, refuse_impossible, within_bounds
from plananalysis.projections.surprises import OneStep, one_step, one_steps

AT_ONCE = 2000  # histories described together: what they take stays small however many there are

World = Literal["known", "new", "plan", "country"]

PLANS = ("plan", "country")  # worlds of plans, whose indicators did better than was expected

__all__ = ["OneStep", "Projection", "Request", "one_step", "one_steps", "project", "project_many"]


@dataclass(frozen=True, repr=False)
class Projection:
    """Sample paths of one series.

    Parameters
    ----------
    series
        Series code.
    origin_year
        Last observed year.
    n_points
        Observed values in the current segment.
    years
        origin_year + 1 … target year.
    paths
        n_paths x years, in the series' own unit, inside its bounds, not rounded. In an edition row i is one course of things for
        series of one family (:func:`family`), but for one row in ten, which each series draws for itself; rows of different
        families have nothing to do with each other. Empty when ``reason`` is set.
    reason
        Why there are no paths: ``too_few``, ``election_steps``, ``census_only``, ``too_old``, ``observed`` (the target year has been
        reported already), ``out_of_bounds`` (a value cannot be); None otherwise.
    engine
        Engine id + version of the reference corpus.
    """

    series: str
    origin_year: int
    n_points: int
    years: np.ndarray
    paths: np.ndarray
    reason: str | None
    engine: str

    def __repr__(self) -> str:
        if self.reason or not len(self.years):
            return f"<Projection {self.series}: none, {self.reason}>"
        low, median, high = np.quantile(self.paths[:, -1], (0.1, 0.5, 0.9))
        ends = f"{self.years[-1]}: {median:.4g} (80 % {low:.4g} to {high:.4g})"
        return f"<Projection {self.series}: {len(self.paths)} paths {self.years[0]}–{ends}>"

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Quantiles of the paths, len(levels) x len(years)."""
        if self.reason:
            return np.full((len(levels), len(self.years)), np.nan)
        return np.quantile(self.paths, levels, axis=0)


def project(
    histories: Sequence,
    target_year: int,
    edition: str,
    n_paths: int = 1000,
    min_points: int = 4,
    world: World = "plan",
) -> dict[str, Projection]:
    """Sample paths of every history to ``target_year``, keyed by series code.

    Parameters
    ----------
    histories
        :class:`plananalysis.observations.History`, one per series.
    target_year
        Last year wanted.
    edition
        Names the draw: the same edition gives the same paths, to the bit.
    n_paths
        Paths per series.
    min_points
        Fewer observed values than this: no paths, reason ``too_few``.
    world
        ``plan`` for indicators of a plan, ``country`` for those of a whole country's, ``new`` for other series of a place the corpus
        does not hold (see :class:`Request`).

    Raises
    ------
    UsageError
        A history is none (see :func:`observed.refuse_impossible`).
    """
    refuse_impossible(histories)
    return project_with(engine.shipped(), histories, target_year, edition, n_paths, min_points, world)


def project_with(
    learned: engine.Learned,
    histories: Sequence,
    target_year: int,
    edition: str,
    n_paths: int = 1000,
    min_points: int = 4,
    world: World = "plan",
) -> dict[str, Projection]:
    """``project`` with a learned state other than the shipped one, as cross-validation needs."""
    request = Request(histories, target_year, edition, min_points, world)
    return project_many([request], n_paths, learned)[0]


@dataclass(frozen=True)
class Request:
    """What one edition wants projected; the arguments of :func:`project`.

    Parameters
    ----------
    world
        Where the histories come from: ``plan`` (indicators of a plan in a place the corpus does not hold), ``country`` (indicators of the
        plan of a whole country), ``new`` (a source the corpus does not hold) or ``known`` (a source it holds).
    families
        Series whose code does not tell with which others they share their draws, and the code that does (see :func:`family`):
        a series measured by another one.
    """

    histories: Sequence
    target_year: int
    edition: str
    min_points: int = 4
    world: World = "plan"
    families: Mapping[str, str] = field(default_factory=dict)


def project_many(
    requests: Sequence[Request], n_paths: int = 1000, learned: engine.Learned | None = None
) -> list[dict[str, Projection]]:
    """:func:`project` for several editions or areas at once, which is faster; each gets what it would get alone, to the bit."""
    learned = learned or engine.shipped()
    if strange := [r.world for r in requests if r.world not in get_args(World)]:
        raise UsageError(say("projections.refused.world", value=strange[0], known=listed(get_args(World))))
    seen = [observed_parts(r.histories) for r in requests]
    reasons = [refusals(some, r.target_year, r.min_points) for r, some in zip(requests, seen, strict=True)]
    owners = [(n, i) for n, some in enumerate(reasons) for i, reason in enumerate(some) if reason is None]
    paths: dict[tuple[int, int], np.ndarray] = {}
    for start in range(0, len(owners), AT_ONCE):
        paths |= _drawn(requests, seen, owners[start : start + AT_ONCE], n_paths, learned)
    return [
        {
            h.series: _projection(h, requests[n].target_year, paths.get((n, i)), reasons[n][i], learned.engine)
            for i, h in enumerate(some)
        }
        for n, some in enumerate(seen)
    ]


def _drawn(
    requests: Sequence[Request],
    seen: Sequence[Sequence[Observed]],
    owners: Sequence[tuple[int, int]],
    n_paths: int,
    learned: engine.Learned,
) -> dict[tuple[int, int], np.ndarray]:
    """Paths (n_paths x years) of the histories that ``owners`` names by their places in requests and histories."""
    histories = [seen[n][i] for n, i in owners]
    described = engine.describe_with(Grid.of(histories), learned)
    number, ahead = (
        np.array(a) for a in zip(*((n, requests[n].target_year - seen[n][i].years[-1]) for n, i in owners), strict=True)
    )
    ranked = _ranked(described, requests, histories, number, int(ahead.max()), learned)
    odd = [unlike(h) for h in histories]
    counts.follow_all((h for h, other in zip(histories, odd, strict=True) if other), learned.arrays)
    found: dict[tuple[int, int], np.ndarray] = {}
    for n, horizons in sorted(set(zip(number.tolist(), ahead.tolist(), strict=True))):  # only late reporters differ
        rows = np.flatnonzero((number == n) & (ahead == horizons))
        some, families = [histories[row] for row in rows], requests[n].families
        steps, ranks = np.arange(1, horizons + 1), (np.arange(n_paths) + 0.5) / n_paths
        mend = {
            at: partial(mended, h, steps, ranks, learned)
            for at, (row, h) in enumerate(zip(rows, some, strict=True))
            if odd[row]
        }
        names = [(h.series, family(families.get(h.series, h.series))) for h in some]
        drawn = engine.sample_paths(
            described.take(rows), ranked[rows, :horizons], requests[n].edition, n_paths, learned, names, mend
        )
        found |= {owners[row]: block.T for row, block in zip(rows.tolist(), drawn, strict=True)}
    return found


def _ranked(
    described: engine.Described,
    requests: Sequence[Request],
    histories: Sequence[Observed],
    number: np.ndarray,
    horizons: int,
    learned: engine.Learned,
) -> np.ndarray:
    """Quantiles of every history as its world tells them, moved by what its peers do and by what plans' indicators did more than was expected."""
    worlds = np.array([requests[n].world for n in number])
    ranked = np.empty((len(number), horizons, len(learned.levels)), np.float32)
    for world in np.unique(worlds):
        rows = np.flatnonzero(worlds == world)
        state = learned.speaks_for(world)
        shift, narrow = np.zeros((len(rows), horizons)), None
        if world in PLANS and "plan.shift" in learned.arrays:
            shift += float(learned.arrays["plan.shift"])
        if "peers" in learned.arrays:
            some = [histories[row] for row in rows.tolist()]
            shift += peers.shift(some, horizons, learned.arrays["peers"])
            narrow = peers.narrow(some, learned.arrays["peers"])
        moved = (shift, narrow) if shift.any() else (None, None)
        ranked[rows] = engine.outer_quantiles(described.take(rows), horizons, state, *moved)
    return ranked


def family(series: str) -> str:
    """Series named W29, W29.ref, W29.1 … belong together and share their draws; the paths of different families are unrelated."""
    return series.partition(".")[0]


def _projection(
    history: Observed, target_year: int, paths: np.ndarray | None, reason: str | None, name: str
) -> Projection:
    origin = int(history.years[-1]) if len(history.years) else 0
    years = np.arange(origin + 1, target_year + 1) if len(history.years) else np.arange(0)
    found = np.empty((0, len(years))) if paths is None else paths
    return Projection(history.series, origin, len(history.years), years, found, reason, name)


def refusals(histories: Sequence[Observed], target_year: int, min_points: int) -> list[str | None]:
    """Why each history cannot be projected, as :class:`Projection` says it; None when it can."""
    within = within_bounds(histories)
    return [
        _refusal(h, target_year, min_points) if w else "out_of_bounds" for h, w in zip(histories, within, strict=True)
    ]


def _refusal(history: Observed, target_year: int, min_points: int) -> str | None:
    if history.rhythm in ("census", "election"):
        return "census_only" if history.rhythm == "census" else "election_steps"
    years = history.years
    last = int(years[-1]) if len(years) else 0
    long_ago = np.searchsorted(years, last - WIDTH, side="right") if len(years) and years[0] <= last - WIDTH else 0
    if len(years) - long_ago < max(min_points, 3):
        return "too_few"
    if last >= target_year:
        return "observed"
    return "too_old" if target_year - last > engine.HORIZONS else None  # farther than was learned nothing is stated
