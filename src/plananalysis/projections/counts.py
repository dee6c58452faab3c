"""Chance in small numbers: a rate of rare events moves although nothing has changed, and a zero is no certainty."""

from __future__ import annotations

import hashlib

import numpy as np

from plananalysis.plan.units import PER, RATES

FEW = 50.0  # events a year; above this, chance is a small part of the yearly change the engine has learned
MEAN_STEP = 2 / np.sqrt(np.pi)  # mean absolute difference of two independent draws, in standard deviations
_MANY = 10.0  # events a year above which luck is a small part of a range
_MOST = 600.0  # events a year up to which exp(-mean), where counting up begins, is no nought
PRIOR = 0.5  # events added to those seen, so that no event in n years does not mean a rate of zero (Jeffreys)


def add_chance(history, paths: np.ndarray, edition: str) -> np.ndarray:
    """Paths (years x n_paths) of a rate of rare events with the Poisson scatter that the history itself does not show yet.

    A history that already scatters like Poisson counts is left alone: its projection was learned from such scatter. One that moves
    less (no events so far, or rounded) gets the missing part: each path value becomes a mixture of itself and of a count drawn
    with it as expectation. Nothing happens without numerators and denominators.
    """
    if history.numerators is None or history.denominators is None:
        return paths
    known = np.isfinite(history.numerators) & np.isfinite(history.denominators) & (history.denominators > 0)
    if known.sum() < 3:
        return paths
    events, population, values = history.numerators[known], history.denominators[known], history.values[known]
    if events.mean() >= FEW:
        return paths
    per = _unit(events, population, values, history.unit)
    if per is None:
        return paths
    expected_population = float(population[-1])
    rate = (events.sum() + PRIOR) / population.sum()
    by_chance = MEAN_STEP * np.sqrt(rate * population.mean())
    moved = np.abs(np.diff(events)).mean() if len(events) > 1 else 0.0
    missing = 1.0 - min(moved / by_chance, 1.0) ** 2
    if missing <= 0:
        return paths
    digest = hashlib.sha256(f"counts\x1f{history.series}\x1f{edition}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    floor = PRIOR / population.sum()
    # how far the pooled rate itself may be off, one draw per path and kept for all its years
    shape = events.sum() + PRIOR
    doubt = rng.gamma(shape, 1 / shape, paths.shape[1])[None, :]
    mean_events = np.maximum(paths / per, floor) * doubt * expected_population
    drawn = _evenly_drawn(mean_events, rng) / expected_population * per
    noisy = paths + np.sqrt(missing) * (drawn - paths)
    upper = history.upper if np.isfinite(history.upper) else np.inf
    lower = history.lower if np.isfinite(history.lower) else 0.0
    return np.clip(noisy, lower, upper)


def _evenly_drawn(means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Poisson counts of the given means (years x n_paths), by inversion; the uniform numbers of a year are spread evenly over its paths.

    How many paths have no event, one, two … then hardly depends on luck: with one event in ten years, independent draws would
    throw an 80 % range from no event to one and back from year to year. Latin hypercube sampling, McKay et al. 1979.
    """
    if means.mean() > _MANY:
        return rng.poisson(means)
    ranks = rng.permuted(np.tile(np.arange(means.shape[1]), (len(means), 1)), axis=1)
    uniform = ((ranks + rng.random(means.shape)) / means.shape[1]).ravel()
    mean = np.minimum(means.ravel(), _MOST)
    counts, place = np.zeros(means.size), np.arange(means.size)
    chance = np.exp(-mean)
    reached = chance.copy()
    for k in range(1, int(2 * _MOST)):
        left = np.flatnonzero(uniform > reached)
        if not len(left):
            break
        uniform, mean, chance, reached, place = (each[left] for each in (uniform, mean, chance, reached, place))
        counts[place] = k
        chance *= mean / k
        reached += chance
    counts = counts.reshape(means.shape)
    return np.where(means > _MOST, rng.poisson(means), counts) if (means > _MOST).any() else counts


def _unit(events: np.ndarray, population: np.ndarray, values: np.ndarray, unit: str) -> float | None:
    """What a rate of one event per head is in the series' unit; None when value is not numerator over denominator."""
    some = events > 0
    if unit in RATES:
        per = float(PER[unit])
    elif some.any():
        per = float(np.median(values[some] * population[some] / events[some]))
    else:
        return None
    implied = events / population * per
    agrees = np.abs(implied - values) <= 0.1 * np.maximum(implied, values) + 0.02 * per / population
    return per if agrees.mean() > 0.5 else None
