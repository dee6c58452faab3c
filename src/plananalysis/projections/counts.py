"""Rare events: a rate of few cases is a latent rate and the luck of counting, and is projected as such.

The log of the latent rate drifts by so much a year and wanders besides, and the count of a year is Poisson given the rate: a dynamic
generalised linear model (West, Harrison & Migon 1985), followed through the years for every pair of how large drifts are and how far
rates wander. How often each pair is found among real rates was learned from real counts (``learn_counts``); how well it foretold the
history's own counts says what it weighs here, so that a rate that has stood still is taken to be steadier, as far as so many events can
tell. With many events, or where counts move less than luck would move them, the answer passes over to the engine's own, without a step anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from plananalysis.plan.units import CASES, PER, RATES
from plananalysis.projections.observed import Observed
from plananalysis.projections.scale import RARE

PRIOR = 0.5  # events added to those seen, so that no event in n years does not mean a rate of zero (Jeffreys)
HALF = 300.0  # events a year at which the engine speaks louder than counting; from MANY on it speaks alone
MANY = 1500.0  # events a year from which the engine speaks alone
LAST, BEYOND = 0.9995, 1.5  # no count beyond so many times what counting thinks possible
CALM = 0.3, 0.5  # counts that move less than so much of what luck would make of them are no luck; in between, by parts


def counted(
    history: Observed, ahead: np.ndarray, ranks: np.ndarray, values: np.ndarray, learned: dict[str, np.ndarray]
) -> np.ndarray:
    """Values at ``ranks`` of a rate of few events (``ahead`` x ranks), given what the engine says; of any other series what it says.

    Parameters
    ----------
    values
        The engine's values at the same ranks, rising.
    """
    known = events(history)
    if known is None or "counts.pairs" not in learned:
        return values
    years, cases, people, per = known
    rate = _rate(learned["counts.pairs"], known)
    since = int(history.years[-1] - years[-1])  # newest years whose counts are missing
    expected = np.exp(rate.ahead(since)[0]) * people[-1]
    if expected >= MANY:
        return values
    luck = _luck(cases)
    share = 1 - luck * (1 - expected / (expected + HALF) * (1 + HALF / MANY))
    one = per / people[-1]
    told = []
    for k in ahead.tolist():
        level, doubt = rate.ahead(since + k)
        told.append(_quantiles(1 / doubt, np.exp(level) * people[-1], np.append(ranks, LAST)))
    counts = np.stack(told)[:, :-1]
    farthest = BEYOND * (
        np.stack(told)[:, -1:] + 1
    )  # the engine knows no counts, and from few of them would see any number coming
    most = np.fmin(per, history.upper) if history.unit in RATES else np.inf
    engine = np.minimum(np.clip(values, 0, most) / one, farthest)
    both = np.exp((1 - share) * np.log(counts + 0.5) + share * np.log(engine + 0.5)) - 0.5
    return np.minimum((np.floor(both + 0.5) if luck == 1 else both) * one, most)


@dataclass(frozen=True)
class Followed:
    """What counts tell of the log of a rate in the newest year counted and of its yearly drift, for each pair of wandering and drift.

    ``evidence`` is the log of how probable the counts were, year after year, given those before; ``both`` the covariance of level and drift.
    """

    wander: np.ndarray
    evidence: np.ndarray
    level: np.ndarray
    drift: np.ndarray
    level_variance: np.ndarray
    both: np.ndarray
    drift_variance: np.ndarray
    weight: np.ndarray

    def ahead(self, years: float) -> tuple[float, float]:
        """Log of the rate so many years on and its variance, all pairs as they weigh together."""
        levels = self.level + years * self.drift
        doubts = self.level_variance + years * (2 * self.both + years * self.drift_variance + self.wander**2)
        level = float(self.weight @ levels)
        return level, float(self.weight @ (doubts + (levels - level) ** 2))


def follow(pairs: np.ndarray, years: np.ndarray, cases: np.ndarray, people: np.ndarray) -> Followed:
    """Counts followed through the years; of several histories of equal length at once, one a row, all arrays have a row for each.

    Parameters
    ----------
    pairs
        Wandering (yearly standard deviation of the log of the rate), standard deviation of the yearly drift, and how often such rates are found.
    years
        Ascending.
    """
    from scipy.special import gammaln

    wander, spread, found = pairs.T
    gaps, cases, people = (np.moveaxis(c, -1, 0)[..., None] for c in (np.diff(years), cases, people))
    shape = cases[0] + PRIOR + np.zeros(len(pairs))  # the rate is gamma distributed, its log has the variance 1 / shape
    level, drift = np.log(shape / people[0]), np.zeros(shape.shape)
    variance, both, drift_variance = 1 / shape, np.zeros(shape.shape), spread**2
    evidence = np.zeros(shape.shape)
    for gap, seen, of in zip(gaps, cases[1:], people[1:], strict=True):
        level = level + gap * drift
        variance = variance + gap * (2 * both + gap * drift_variance + wander**2)
        both = both + gap * drift_variance
        shape, mean = 1 / variance, np.exp(level) * of
        evidence += gammaln(seen + shape) - gammaln(shape) - gammaln(seen + 1)
        evidence += seen * np.log(mean / (shape + mean)) - shape * np.log1p(mean / shape)
        tells = both / variance  # what the level is found to be off by, the drift is off by so many times
        moved = np.log((shape + seen) / (shape + mean))
        level, drift = level + moved, drift + tells * moved
        drift_variance = drift_variance - tells**2 * (variance - 1 / (shape + seen))
        variance = 1 / (shape + seen)
        both = tells * variance
    weight = np.exp(evidence - evidence.max(axis=-1, keepdims=True)) * found
    return Followed(
        wander, evidence, level, drift, variance, both, drift_variance, weight / weight.sum(axis=-1, keepdims=True)
    )


Known = tuple[np.ndarray, np.ndarray, np.ndarray, float]  # as :func:`events` has it
_followed: dict[tuple[bytes, ...], Followed] = {}  # backtests, ranges and projections ask for the same years again
_KEPT = 4096


def follow_all(histories: Iterable[Observed], learned: dict[str, np.ndarray]) -> None:
    """Follow the counts behind many histories at once, so that :func:`counted` has them at hand: one by one they take ten times as long."""
    if "counts.pairs" not in learned:
        return
    pairs, new = learned["counts.pairs"], dict[int, dict[tuple[bytes, ...], list[np.ndarray]]]()
    for known in map(events, histories):
        if known is not None and (key := _key(pairs, known)) not in _followed:
            new.setdefault(len(known[0]), {})[key] = [c.astype(float) for c in known[:3]]
    if len(_followed) > _KEPT:
        _followed.clear()
    for alike in new.values():
        told = vars(follow(pairs, *(np.stack(c) for c in zip(*alike.values(), strict=True))))
        for row, key in enumerate(alike):
            _followed[key] = Followed(**{n: c if n == "wander" else c[row].copy() for n, c in told.items()})


def _rate(pairs: np.ndarray, known: Known) -> Followed:
    """:func:`follow` of one history."""
    key = _key(pairs, known)
    if key not in _followed:
        if len(_followed) > _KEPT:
            _followed.clear()
        _followed[key] = follow(pairs, *(c.astype(float) for c in known[:3]))
    return _followed[key]


def _key(pairs: np.ndarray, known: Known) -> tuple[bytes, ...]:
    return (pairs.tobytes(), *(c.astype(float).tobytes() for c in known[:3]))


def events(history: Observed) -> Known | None:
    """Years, events and people behind a rate of rare events, and what a rate of one is in its unit; None for any other series.

    Numbers of cases (件, 例) are events of one people.
    """
    if history.unit in CASES:
        values = history.values
        if history.decimals > 0 or len(values) < 3 or values.min() < 0:
            return None
        return history.years, values, np.ones(len(values)), 1.0
    if history.unit not in RATES or history.numerators is None or history.denominators is None:
        return None
    known = np.isfinite(history.numerators) & np.isfinite(history.denominators) & (history.denominators > 0)
    if known.sum() < 3:
        return None
    per, values = float(PER[history.unit]), history.values[known]
    cases, people = history.numerators[known], history.denominators[known]
    told = cases / people * per
    agrees = np.abs(told - values) <= 0.1 * np.maximum(told, values) + 0.02 * per / people
    if agrees.mean() <= 0.5 or cases.sum() > RARE * people.sum():
        return None
    return history.years[known], cases, people, per


def _luck(cases: np.ndarray) -> float:
    """How far counts move as luck would move them (0 … 1); what never happened cannot tell, and may. Places and seats stand still."""
    if not cases.any():
        return 1.0
    mean = cases.mean()
    usual = (
        2 * mean / np.sqrt(1 + np.pi * mean)
    )  # mean difference of two Poisson counts: 2 m for few, sqrt(4 m / pi) for many
    moved = np.abs(np.diff(cases)).mean() / usual
    return float(np.clip((moved - CALM[0]) / (CALM[1] - CALM[0]), 0, 1))


def _quantiles(shape: float, mean: float, ranks: np.ndarray) -> np.ndarray:
    """Quantiles of a negative binomial count, summed term by term."""
    odds = mean / (mean + shape)
    most = int(mean + 14 * np.sqrt(mean + mean**2 / shape) + 30)
    n = np.arange(1, most)
    log_terms = np.concatenate([[0.0], np.cumsum(np.log((shape + n - 1) / n * odds))]) + shape * np.log1p(-odds)
    return np.searchsorted(np.cumsum(np.exp(log_terms)), ranks).clip(0, most - 1).astype(float)
