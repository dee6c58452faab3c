"""Rare events: a rate of few cases is a latent rate and the luck of counting, and is projected as such.

What the counts tell of the latent rate now and of its drift is a Poisson regression on the year, older years counting less, the
drift shrunk towards none. The rate wanders by some share a year, and the count of a year is Poisson given the rate, so that
counts ahead are negative binomial. With many events, or where counts move less than luck would move them, the answer passes
over to the engine's own, without a step anywhere.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from plananalysis.plan.units import CASES, PER, RATES
from plananalysis.projections.observed import Observed
from plananalysis.projections.scale import RARE

PRIOR = 0.5  # events added to those seen, so that no event in n years does not mean a rate of zero (Jeffreys)
DRIFT = 0.03  # standard deviation of the yearly drift of the log of a rate, before anything is counted
MEMORY = 0.93  # what a year's events count for, a year later
WANDER = 0.08  # yearly standard deviation of the log of the latent rate
HALF = 100.0  # events a year at which counting and the engine speak with one voice each
MANY = 1500.0  # events a year from which the engine speaks alone
LAST, BEYOND = 0.9995, 1.5  # no count beyond so many times what counting thinks possible
CALM = (
    0.3,
    0.5,
)  # counts that move less than so much of what luck would make of them are no luck; in between, by parts


def counted(history: Observed, ahead: np.ndarray, ranks: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values at ``ranks`` of a rate of few events (``ahead`` x ranks), given what the engine says; of any other series what it says.

    Parameters
    ----------
    values
        The engine's values at the same ranks, rising.
    """
    known = events(history)
    if known is None:
        return values
    years, cases, people, per = known
    level, spread = _rate(*((c.astype(float)).tobytes() for c in (years - history.years[-1], cases, people)))
    expected = np.exp(level[0]) * people[-1]
    if expected >= MANY:
        return values
    luck = _luck(cases)
    share = 1 - luck * (1 - expected / (expected + HALF) * (1 + HALF / MANY))
    one = per / people[-1]
    told = []
    for k in ahead:
        doubt = spread[0, 0] + 2 * k * spread[0, 1] + k**2 * spread[1, 1] + k * WANDER**2
        told.append(_quantiles(1 / doubt, np.exp(level[0] + k * level[1]) * people[-1], np.append(ranks, LAST)))
    counts = np.stack(told)[:, :-1]
    farthest = BEYOND * (
        np.stack(told)[:, -1:] + 1
    )  # the engine knows no counts, and from few of them would see any number coming
    most = np.fmin(per, history.upper) if history.unit in RATES else np.inf
    engine = np.minimum(np.clip(values, 0, most) / one, farthest)
    both = np.exp((1 - share) * np.log(counts + 0.5) + share * np.log(engine + 0.5)) - 0.5
    return np.minimum((np.floor(both + 0.5) if luck == 1 else both) * one, most)


@lru_cache(maxsize=4096)  # backtests, ranges and projections ask for the same years again
def _rate(*columns: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Log of the rate in the newest year and its yearly drift, and their covariance: weighted Poisson regression by Newton's method.

    Parameters
    ----------
    columns
        Years before the newest (negative), events and people, each an array's numbers as bytes.
    """
    age, cases, people = (np.frombuffer(c) for c in columns)
    weight = MEMORY**-age
    x = np.column_stack([np.ones(len(age)), age])
    at = np.array([np.log(((weight * cases).sum() + PRIOR) / (weight * people).sum()), 0.0])
    for _ in range(12):
        mean = weight * people * np.exp(x @ at)
        slope = x.T @ (weight * cases - mean) + np.array([PRIOR, -at[1] / DRIFT**2])
        bend = (x.T * mean) @ x + np.diag([0.0, DRIFT**-2])
        at = at + np.clip(np.linalg.solve(bend, slope), -1, 1)
    mean = weight * people * np.exp(x @ at)
    return at, np.linalg.inv((x.T * mean) @ x + np.diag([0.0, DRIFT**-2]))


def events(history: Observed) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
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
