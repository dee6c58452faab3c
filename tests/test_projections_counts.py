"""Rare events and shares of few cases: what counting teaches, whatever unit it is written in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from plananalysis.observations import History
from plananalysis.projections import counts, engine, one_step, project
from plananalysis.projections.learn_counts import fit_counts, load_events

BIRTHS = 6000.0
ROOT = Path(__file__).parents[1]


def rate(deaths, unit="1/10万", per=100_000, births=BIRTHS, decimals=2, upper=np.nan, **changes) -> History:
    deaths = np.asarray(deaths, float)
    people = np.full(len(deaths), births)
    years = np.arange(2026 - len(deaths), 2026)
    values = np.round(deaths / people * per, decimals)
    plain = History("W03", unit, years, values, 0.0, upper, decimals, -1, "annual", deaths, people)
    return replace(plain, **changes)


def paths_of(some: History) -> np.ndarray:
    return project([some], 2030, "test")[some.series].paths


def chance_of_at_most(some: History, value: float) -> float:
    return float((paths_of(some)[:, -1] <= value).mean())


def test_no_event_in_a_small_district_is_not_certainty():
    some_death = 1 - chance_of_at_most(rate(np.zeros(8)), 8.0)
    # Jeffreys: half an event in eight years of births; a gamma-Poisson says 1 - (8/9)^(1/2) = .057 of a ninth year, and a rate may move
    assert 0.045 < some_death < 0.075
    assert chance_of_at_most(rate(np.zeros(8), numerators=np.full(8, np.nan)), 8.0) > 0.995


def test_one_death_does_not_make_thousands():
    paths = paths_of(rate([0, 0, 0, 0, 0, 0, 0, 1]))
    deaths = paths * BIRTHS / 100_000
    assert np.abs(deaths - np.round(deaths)).max() < 1e-3, "whole deaths"
    # gamma-Poisson with one death in eight years: the 97.5 % quantile is one death or two, nothing makes ten
    assert np.quantile(deaths[:, 0], 0.975) <= 2 + 1e-6 and deaths.max() < 10


@settings(max_examples=40, deadline=None)
@given(st.floats(0.3, 40), st.floats(0.01, 60))
def test_counts_are_negative_binomial(shape, mean):
    ranks = (np.arange(500) + 0.5) / 500
    told = counts._quantiles(shape, mean, ranks)
    assert (told == nbinom.ppf(ranks, shape, shape / (shape + mean))).mean() > 0.995


@pytest.mark.parametrize("deaths", [[3, 0, 2, 5, 1], [0] * 6, [40, 55, 38, 47]])
def test_a_rate_that_neither_drifts_nor_wanders_is_gamma_poisson(deaths):
    cases, people = np.array(deaths, float), np.linspace(5000, 7000, len(deaths))
    told = counts.follow(np.array([[0.0, 0.0, 1.0]]), np.arange(1.0 - len(cases), 1), cases, people)
    level, doubt = told.ahead(7)
    shape = cases.sum() + 0.5  # Gamma(1/2) before anything is counted (Jeffreys), conjugate to Poisson counts
    assert (np.exp(level), 1 / doubt) == pytest.approx((shape / people.sum(), shape))
    seen, of = np.cumsum(cases)[:-1] + 0.5, np.cumsum(people)[:-1]
    assert told.evidence[0] == pytest.approx(nbinom.logpmf(cases[1:], seen, of / (of + people[1:])).sum())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3000), min_size=3, max_size=30), st.integers(1, 28))
def test_whatever_was_counted_is_followed_and_a_year_in_which_nobody_was_watched_tells_nothing(deaths, at):
    pairs = engine.shipped().arrays["counts.pairs"]
    cases, at = np.array(deaths, float), min(at, len(deaths) - 1)
    people, years = np.full(len(cases), 40_000.0), np.arange(len(cases)) + (np.arange(len(cases)) >= at)
    told = counts.follow(pairs, years, cases, people)  # a year is missing before value number `at`
    idle = counts.follow(pairs, np.arange(len(cases) + 1), np.insert(cases, at, 0.0), np.insert(people, at, 1e-9))
    for ahead in (0, 9):
        level, doubt = told.ahead(ahead)
        assert np.isfinite(level) and 0 < doubt < 400
        assert idle.ahead(ahead) == pytest.approx((level, doubt), rel=1e-6, abs=1e-6)


def test_years_whose_counts_are_missing_are_years_gone():
    deaths = np.array([60, 52, 47, 41, 38, 33, 30, 26, 24, 21.0])
    known = rate(deaths)
    newest_unknown = replace(known, numerators=np.append(deaths[:-1], np.nan))
    year_before = replace(
        known, **{n: getattr(known, n)[:-1] for n in ("years", "values", "numerators", "denominators")}
    )
    ended, told = (paths_of(h)[:, -1].mean() for h in (year_before, newest_unknown))
    assert told == pytest.approx(ended, rel=0.04)  # a year further would be ten per cent less


def test_drift_and_wandering_are_found_where_they_are():
    rng, age = np.random.default_rng(3), np.arange(-29.0, 1.0)
    pairs = np.array([[0.0, 0.0, 1.0], [0.0, 0.05, 1.0], [0.2, 0.0, 1.0]])
    rates = 0.01 * np.exp(np.array([0 * age, -0.05 * age, np.cumsum(rng.normal(0, 0.2, 30))]))
    likeliest = [counts.follow(pairs, age, rng.poisson(r * 40_000).astype(float), np.full(30, 4e4)) for r in rates]
    assert [int(told.weight.argmax()) for told in likeliest] == [0, 1, 2]
    assert likeliest[1].drift[1] == pytest.approx(-0.05, abs=0.01)


def test_counts_that_stood_still_are_told_steadier_than_counts_that_wandered():
    births = 40_000.0
    calm, restless = ([100, 104, 97, 99, 103, 98, 101, 100, 96, 102], [100, 130, 80, 120, 70, 110, 140, 90, 125, 95])
    width = lambda deaths: np.ptp(np.quantile(paths_of(rate(deaths, births=births))[:, -1], [0.1, 0.9]))  # noqa: E731
    assert width(restless) > 1.3 * width(calm)


def test_how_rates_move_is_learned_from_the_real_counts_that_are_there():
    learned = fit_counts(load_events(ROOT))["counts.pairs"]
    np.testing.assert_allclose(learned, engine.shipped().arrays["counts.pairs"], atol=2e-4)
    assert learned[:, 2].sum() == pytest.approx(1, abs=2e-3) and learned[:, 2].min() > 0


WRITTEN = [
    ("1/10万", 100_000, 3, np.nan), ("1/10万", 100_000, 3, 100_000.0), ("‰", 1000, 5, np.nan), ("‰", 1000, 5, 1000.0),
    ("%", 100, 6, 100.0), ("%", 100, 6, np.nan),
]  # fmt: skip


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("deaths", [[1, 0, 2, 1, 1, 0, 3, 1, 0, 1], [30, 28, 29, 25, 27, 24, 22, 23, 20, 19]])
def test_the_same_facts_in_any_unit_have_the_same_chance(deaths, known):
    found = []
    for unit, per, decimals, upper in WRITTEN:
        some = rate(deaths, unit, per, decimals=decimals, upper=upper)
        some = some if known else replace(some, numerators=np.full(10, np.nan), denominators=np.full(10, np.nan))
        found.append([chance_of_at_most(some, goal / BIRTHS * per * 1.0001) for goal in (0, 1, 2, 17, 22)])
    assert np.ptp(found, axis=0).max() <= 0.02


def test_no_step_at_any_number_of_events():
    wobble = np.array([1.05, 0.96, 1.02, 0.97, 1.03, 0.99, 0.96, 1.02, 1.0, 1.0])
    chances, means = [], np.geomspace(20, 3000, 60)
    for mean in means:
        births = mean * 200  # 5 per thousand, always: what changes is how many are counted
        deaths = mean * wobble
        some = rate(deaths, "‰", 1000, births, decimals=6)
        chances.append(chance_of_at_most(some, 5.5))
    whole = 1 / np.sqrt(2 * np.pi * means[1:])  # one case more or less is inside by so much at most
    assert (np.abs(np.diff(chances)) < 0.02 + whole).all()


def test_a_tenfold_count_is_to_be_verified():
    usual = [1, 0, 2, 4, 1, 1, 0, 2, 1, 0]
    assert one_step([rate([*usual, 30])])["W03"].outside(0.99)[-1]
    assert not one_step([rate([*usual, 3])])["W03"].outside(0.99)[-1]


def test_things_that_happen_are_counted_and_things_that_stand_are_not():
    unknown = np.full(10, np.nan)
    cases = replace(
        rate([0, 1, 0, 2, 1, 0, 0, 2, 1, 0]), unit="件", decimals=0, numerators=unknown, denominators=unknown
    )
    cases = replace(cases, values=np.array([0, 1, 0, 2, 1, 0, 0, 2, 1, 0.0]))
    assert paths_of(cases).max() < 20
    places = replace(cases, values=np.full(10, 4.0))
    assert counts._luck(cases.values) == 1 and counts._luck(places.values) == 0


@pytest.mark.parametrize(
    ("cases", "of"), [([46, 47, 46, 47, 48, 49, 48, 49, 49, 49], 81), ([9, 9, 10, 10, 10, 11], 30)]
)
def test_knowing_the_counts_of_a_large_share_does_not_widen_its_range(cases, of):
    share = rate(cases, "%", 100, of, upper=100.0, direction=1)
    blind = replace(share, numerators=np.full(len(cases), np.nan), denominators=np.full(len(cases), np.nan))
    width = lambda h: np.subtract(*np.quantile(paths_of(h)[:, -1], [0.9, 0.1]))  # noqa: E731
    assert width(share) <= width(blind) + 100 / of + 1e-6


def test_a_share_of_few_cases_is_so_many_of_them():
    share = rate([7, 8, 8, 9, 9, 10], "%", 100, 12, upper=100.0, direction=1)
    assert set(paths_of(share).ravel()) <= set(np.round(100 * np.arange(13) / 12, 2))
    standing = rate([1] * 10, "%", 100, 12, upper=100.0, direction=1)
    assert not one_step([standing])["W03"].outside(0.9).any(), "the share it has had for ten years is no surprise"


@pytest.mark.parametrize(
    "deaths", [[0, 0, 0, 0, 0, 1, 1, 1, 1, 1], [0] * 9 + [1], [1] * 10, [0, 0, 0, 0, 2, 0, 0, 0, 0, 0]]
)
def test_nothing_known_makes_tenfold_what_can_be_explained(deaths):
    paths = paths_of(rate(deaths)) * BIRTHS / 100_000
    explained = nbinom.ppf(0.9995, sum(deaths) + 0.5, 1 / (1 + 1 / 10)) + 1  # ten years of births behind, one ahead
    assert paths.max() < 10 * explained


def test_counts_followed_together_are_followed_as_each_alone():
    """To the bit: what an area is told may not depend on the areas beside it."""
    draw, pairs = np.random.default_rng(3), engine.shipped().arrays["counts.pairs"]
    years = np.sort(
        np.array([draw.choice(np.arange(2000, 2025), 12, replace=False) for _ in range(30)]), axis=1
    ).astype(float)
    cases, people = draw.poisson(20, (30, 12)).astype(float), draw.uniform(1e4, 1e6, (30, 12))
    together = counts.follow(pairs, years, cases, people)
    for row in range(30):
        alone = counts.follow(pairs, years[row], cases[row], people[row])
        for name in ("evidence", "level", "drift", "level_variance", "both", "drift_variance", "weight"):
            assert np.array_equal(getattr(alone, name), getattr(together, name)[row]), name
