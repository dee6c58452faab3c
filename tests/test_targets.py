"""Targets are events on sample paths: boundary cases worked by hand, and what must hold for any path."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from plananalysis.assessments.events import falls_since, happens, met_now, published, trajectories
from plananalysis.assessments.targets import Undecidable, baseline, control_limit, event
from plananalysis.base.errors import UsageError
from plananalysis.observations import History
from plananalysis.plan import Reading
from plananalysis.plan.thresholds import read_thresholds

BASE = 2020
THRESHOLDS = read_thresholds(Path(__file__).parents[1], {}, "")[0]


def make_history(
    values,
    start=2020,
    decimals=2,
    direction=1,
    lower=0.0,
    upper=100.0,
    years=None,
    unit="%",
    numerators=None,
    denominators=None,
):
    values = np.asarray(values, float)
    years = np.arange(start, start + len(values)) if years is None else np.asarray(years)
    nothing = np.full(len(values), np.nan)
    return History(
        series="W00",
        unit=unit,
        years=years,
        values=values,
        lower=lower,
        upper=upper,
        decimals=decimals,
        direction=direction,
        rhythm="annual",
        numerators=nothing if numerators is None else np.asarray(numerators, float),
        denominators=nothing if denominators is None else np.asarray(denominators, float),
        earlier=(),
        break_year=None,
    )


def make_reading(kind, value="", operator="", low=None, high=None, reference=None):
    number = None if value == "" else float(Fraction(value))
    return Reading(
        series="W00",
        kind=kind,
        operator=operator,
        value=number,
        value_text=value,
        low=low,
        high=high,
        reference=reference,
        target_text="",
        operator_source="printed",
        confidence="high",
        decided_on="2022-12-29",
        decided_by="",
        reason="",
    )


def outcome(reading, history, ends, thresholds=THRESHOLDS):
    """Whether the event happens for each hand-written path (rows of values for the years after the history)."""
    paths = np.atleast_2d(np.asarray(ends, float))
    years = np.arange(history.years[-1] + 1, history.years[-1] + 1 + paths.shape[1])
    what = event(reading, history, BASE, thresholds, until=int(years[-1]))
    return happens(what, trajectories(history, years, paths)).tolist()


def test_halves_are_published_away_from_zero_and_without_float_noise():
    # 四舍五入 on paper: 2.5→3, −2.5→−3, 1.005 at two decimals →1.01 although its float is 1.00499…, 0.1+0.2 at one decimal → 0.3
    assert published(np.array([2.5, -2.5, 2.4999]), 0).tolist() == [3, -3, 2]
    assert published(1.005, 2) == 101
    assert published(0.1 + 0.2, 1) == 3


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        # published values 1.49 | 1.50 | 1.51 from 1.494, 1.4951, 1.506
        ("<", "1.5", [True, False, False]),
        ("<=", "1.5", [True, True, False]),
        (">=", "1.5", [False, True, True]),
        (">", "1.5", [False, False, True]),
    ],
)
def test_comparison_is_made_at_published_precision_and_strict_stays_strict(operator, value, expected):
    history = make_history([2.0, 1.9])
    assert outcome(make_reading("threshold", value, operator), history, [[1.494], [1.4951], [1.506]]) == expected


def test_target_written_more_exactly_than_the_series_is_met_by_published_values_only():
    # published at one decimal: 82.33 is published as 82.3 and misses 82.32; below 1.55 lies 1.5, not 1.6
    history = make_history([80.0, 81.0], decimals=1)
    assert outcome(make_reading("threshold", "82.32", ">="), history, [[82.33], [82.36]]) == [False, True]
    assert outcome(make_reading("threshold", "1.55", "<"), history, [[1.54], [1.56]]) == [True, False]
    assert outcome(make_reading("threshold", "1.55", ">"), history, [[1.54], [1.56]]) == [False, True]


def test_hundred_per_cent_is_a_ceiling_that_can_be_reached():
    assert outcome(make_reading("threshold", "100", ">="), make_history([99.0]), [[99.99], [99.996], [100.0]]) == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("tolerance", "expected"),
    [(1.0, [False, True, False, False]), (2.0, [True, True, False, False]), (3.0, [True, True, True, False])],
)
def test_about_forty_five_at_one_two_and_three_points(tolerance, expected):
    thresholds = replace(THRESHOLDS, about_tolerance=tolerance)
    history = make_history([42.0], decimals=1)
    assert outcome(make_reading("about", "45"), history, [[43.0], [46.0], [42.0], [48.1]], thresholds) == expected


def test_rising_every_year_allows_holding_at_the_ceiling_but_no_fall():
    history = make_history([99.0, 100.0], decimals=1)
    assert outcome(
        make_reading("rise_each_year"), history, [[100, 100, 100], [100, 99.9, 100], [99.98, 99.97, 99.96]]
    ) == [True, False, True]


def test_a_rise_every_year_that_was_broken_says_when_and_is_not_met_now():
    history = make_history([90.0, 91.0, 90.5, 92.0], start=2020)
    assert falls_since(history, BASE) == [(2021, 2022)]
    assert not met_now(event(make_reading("rise_each_year"), history, BASE, THRESHOLDS), history, BASE)
    unbroken = make_history([90.0, 91.0, 91.0, 92.0])
    assert met_now(event(make_reading("rise_each_year"), unbroken, BASE, THRESHOLDS), unbroken, BASE)


def test_gradual_rise_needs_a_higher_three_year_mean_and_no_two_falls_in_a_row():
    history = make_history([50.0, 52.0, 51.0])  # the last observed step is a fall
    paths = [[53, 52, 55], [50, 55, 55], [53, 52, 51], [50.9, 49.2, 49.9]]
    # path 1: falls 53→52 only; path 2: 51→50 follows the fall 52→51; path 3: 53→52→51; path 4: fall after fall
    assert outcome(make_reading("rise_gradually"), history, paths) == [True, False, False, False]


def test_better_than_baseline_means_by_more_than_one_last_digit():
    history = make_history([30.9], decimals=1)
    assert outcome(make_reading("rise"), history, [[30.9], [31.0], [31.1]]) == [False, False, True]
    assert outcome(make_reading("fall"), history, [[30.9], [30.8], [30.7]]) == [False, False, True]


def test_one_more_household_is_a_rise():
    history = make_history([20.0], decimals=0, upper=math.nan)
    assert outcome(make_reading("rise"), history, [[20.0], [21.0]]) == [False, True]


def test_rise_from_the_ceiling_is_met_by_holding_it():
    history = make_history([100.0], decimals=1)
    what = event(make_reading("rise"), history, BASE, THRESHOLDS)
    assert what.at_bound
    assert outcome(make_reading("rise"), history, [[100.0], [99.9]]) == [True, False]


@pytest.mark.parametrize(
    "kind", ["rise", "fall", "fall_clearly", "hold_or_rise", "under_control", "toward_band", "rise_gradually"]
)
def test_missing_baseline_cannot_be_decided(kind):
    history = make_history([30.0, 31.0], start=2021)
    assert event(make_reading(kind, low=103.0, high=107.0), history, BASE, THRESHOLDS) == Undecidable("no_baseline")


def test_clear_fall_is_ten_per_cent_below_base_and_its_limit_is_never_rounded_up():
    # base 1.55 → limit 1.395, published at two decimals: 1.39 is below it, 1.40 is not
    history = make_history([1.55], decimals=2)
    assert outcome(make_reading("fall_clearly"), history, [[1.39], [1.40]]) == [True, False]


def test_hold_or_rise_is_held_at_base():
    assert outcome(make_reading("hold_or_rise"), make_history([97.0]), [[97.0], [96.9], [98.0]]) == [True, False, True]


def test_under_control_is_below_the_poisson_limit_of_the_base_years():
    # base years 2018–2020: 10, 12, 8 → mean 10; tables: P(X ≤ 16 | 10) = 0.9730, P(X ≤ 17 | 10) = 0.9857 → limit 17 at 0.975
    history = make_history([10, 12, 8], start=2018, decimals=0, upper=math.nan, unit="件")
    assert outcome(make_reading("under_control"), history, [[17.0], [18.0]]) == [True, False]


@pytest.mark.parametrize(
    ("unit", "people", "limit"), [("1/10万", 50_000, 106.0), ("‰", 50_000, 1.06), ("%", 5_000, 1.06)]
)
def test_under_control_takes_the_limit_of_the_cases_whatever_the_unit_of_the_rate(unit, people, limit):
    # 40 cases a year: P(X ≤ 52 | 40) = .9718, P(X ≤ 53 | 40) = .9805 → 53 cases, as a rate 53 / 50 000
    rate = {"1/10万": 80.0, "‰": 0.8, "%": 0.8}[unit]
    history = make_history([rate] * 3, start=2018, unit=unit, numerators=[40] * 3, denominators=[people] * 3)
    assert event(make_reading("under_control"), history, BASE, THRESHOLDS).high == pytest.approx(limit)


def test_under_control_of_a_rate_without_its_cases_cannot_be_decided():
    history = make_history([0.35, 0.36, 0.37], start=2018, unit="‰")
    assert event(make_reading("under_control"), history, BASE, THRESHOLDS) == Undecidable("no_counts")


@given(mean=st.floats(0.0, 20_000.0), level=st.sampled_from([0.8, 0.9, 0.95, 0.975, 0.99, 0.999]))
def test_control_limit_is_the_poisson_quantile_of_another_program(mean, level):
    assert control_limit(mean, level) == (poisson.ppf(level, mean) if mean > 0 else 0)


def test_sex_ratio_moves_towards_the_band_when_its_pooled_distance_shrinks():
    # base pooled over 2018–2020: 111 → 4 above the band 103–107; 110.9 is nearer, 111.0 is not, 99.0 is as far below
    history = make_history([112.0, 111.0, 110.0], start=2018, decimals=1, lower=0, upper=math.nan)
    reading = make_reading("toward_band", low=103.0, high=107.0)
    paths = [[110.9] * 3, [111.0] * 3, [105.0] * 3, [99.0] * 3, [112.0, 110.0, 109.0]]
    assert outcome(reading, history, paths) == [True, False, True, False, True]


def test_two_to_three_places_is_met_at_exactly_two_thirds():
    history = make_history([0.8], decimals=3, direction=-1, upper=math.nan)
    assert outcome(make_reading("threshold", "2/3", "<="), history, [[2 / 3], [0.667], [0.668]]) == [True, True, False]


def test_share_not_below_another_series_is_judged_on_the_gap_path_by_path():
    own, other = make_history([40.0]), make_history([41.0])
    what = event(make_reading("relative", operator=">=", reference="W20"), own, BASE, THRESHOLDS, has_reference=True)
    years = np.array([2021])
    mine = trajectories(own, years, np.array([[42.0], [42.0], [43.0]]))
    theirs = trajectories(other, years, np.array([[42.0], [42.01], [42.5]]))
    assert happens(what, mine, theirs).tolist() == [True, False, True]
    assert not met_now(what, own, BASE, other)


def test_reference_without_values_and_reasonable_share_without_band_cannot_be_decided():
    history = make_history([40.0])
    assert event(make_reading("relative", operator="~", reference="W29.ref"), history, BASE, THRESHOLDS) == Undecidable(
        "no_reference"
    )
    assert event(make_reading("keep_reasonable"), history, BASE, THRESHOLDS) == Undecidable("no_band")


def test_office_band_makes_a_reasonable_share_decidable():
    assert outcome(
        make_reading("within_band", low=30.0, high=40.0), make_history([35.0]), [[29.0], [30.0], [40.0], [41.0]]
    ) == [False, True, True, False]


def test_in_the_target_year_the_observed_value_is_the_only_path():
    history = make_history([90.0, 95.0], years=[2020, 2030])
    what = event(make_reading("threshold", "94", ">="), history, BASE, THRESHOLDS)
    assert happens(what, trajectories(history, np.array([], int), np.empty((0, 0)))).tolist() == [True]


def test_baseline_is_the_base_year_alone():
    assert baseline(make_history([1.0, 2.0], start=2019), 2020) == 2.0
    assert baseline(make_history([1.0], start=2021), 2020) is None


# --- so much a year, over the base, over the period, every year ------------------------------------------------------


def now(reading, history, until=None):
    """Position now: the event asked of the newest observed year."""
    until = int(history.years[-1]) if until is None else until
    return met_now(event(reading, history, BASE, THRESHOLDS, until=until), history, BASE)


def test_so_much_over_the_base_is_met_at_exactly_that_much():
    # [1] 岁 on 77.9 in 2020: 78.9 meets it, 78.8 does not
    history = make_history([77.9], decimals=1, upper=120, unit="岁")
    assert outcome(make_reading("rise_by", "1"), history, [[78.8], [78.9], [79.5]]) == [False, True, True]
    assert outcome(make_reading("fall_by", "0.5"), history, [[77.5], [77.4], [77.3]]) == [False, True, True]


def test_half_a_point_a_year_asks_for_five_points_in_ten_years():
    # 每年降低0.5—1个百分点 from 50.0 in 2020: at most 45.0 in 2030; a point a year is better still
    history = make_history([50.0], decimals=1, direction=-1)
    reading = make_reading("fall_yearly", low=0.5, high=1.0)
    paths = [[50.0] * 9 + [45.1], [50.0] * 9 + [45.0], [30.0] * 10]
    assert outcome(reading, history, paths) == [False, True, True]


def test_so_much_a_year_is_held_against_the_years_gone():
    # 2023: 1.5 points are asked for; 2020 alone asks for nothing and shows nothing
    reading = make_reading("fall_yearly", low=0.5, high=1.0)
    assert now(reading, make_history([50.0, 49.5, 49.0, 48.5], decimals=1)) is True
    assert now(reading, make_history([50.0, 49.5, 49.0, 48.6], decimals=1)) is False
    rising = make_reading("rise_yearly", low=1.0, high=1.0)
    assert now(rising, make_history([50.0, 51.0], decimals=1)) is True
    assert now(rising, make_history([50.0, 50.9], decimals=1)) is False


def test_a_relative_change_over_the_period_of_a_level_and_of_yearly_rates():
    # [13.5] %: a level of 100 must come to 86.5
    level = make_history([100.0], decimals=1, upper=math.nan, unit="吨标准煤")
    assert outcome(make_reading("cumulative_fall", "13.5"), level, [[86.6], [86.5]]) == [False, True]
    assert outcome(make_reading("cumulative_rise", "13.5"), level, [[113.4], [113.5]]) == [False, True]
    # yearly falls of 2.9 %: 1 − .971^5 = 13.68 %; of 2.8 %: 1 − .972^5 = 13.24 %; plain sums would say 14.5 and 14.0
    rates = make_history([0.0], decimals=1, lower=-100)
    paths = [[2.9] * 5, [2.8] * 5, [14.0, 0, 0, 0, 0], [14.0, -1.0, 0, 0, 0]]
    assert outcome(make_reading("cumulative_fall", "13.5"), rates, paths) == [True, False, True, False]


def test_mean_annual_growth_of_yearly_rates_and_of_a_level():
    # 年均>7: 7.0 every year is not more than 7; 8 and 6.1 make (1.08 × 1.061)^½ − 1 = 7.046 %, published 7.0 at one decimal
    rates = make_history([5.0], decimals=1, lower=-100, upper=math.nan)
    paths = [[7.0, 7.0], [7.1, 7.1], [8.0, 6.1], [8.0, 6.3]]
    assert outcome(make_reading("growth", "7", ">"), rates, paths) == [False, True, False, True]
    # a level of 100: 100 × 1.07² = 114.49
    level = make_history([100.0], decimals=2, upper=math.nan, unit="亿元")
    assert outcome(make_reading("growth", "7", ">="), level, [[107, 114.48], [107, 114.49]]) == [False, True]


def test_a_year_missing_from_yearly_rates_leaves_their_product_unknown():
    reading = make_reading("growth", "7", ">")
    assert now(reading, make_history([5.0, 8.0, 8.0], decimals=1, lower=-100, upper=math.nan)) is True
    assert now(reading, make_history([5.0, 8.0], years=[2020, 2022], decimals=1, lower=-100, upper=math.nan)) is None
    assert now(make_reading("cumulative_fall", "1"), make_history([5.0], decimals=1)) is None  # 2020 does not count


def test_a_minimum_held_every_year_is_broken_by_any_one_year():
    history = make_history([90.0, 98.0], decimals=1)  # 2020 is before the plan
    reading = make_reading("each_year", "98", ">=")
    assert outcome(reading, history, [[98.0, 99.0], [97.9, 99.0], [97.96, 98.0]]) == [True, False, True]
    assert now(reading, history) is True
    broken = make_history([90.0, 97.9, 99.0], decimals=1)
    assert now(reading, broken) is False and outcome(reading, broken, [[99.0]]) == [False]
    gap = make_history([90.0, 98.0, 99.0], years=[2020, 2021, 2023], decimals=1)
    assert now(reading, gap) is None
    assert now(reading, make_history([90.0, 97.0, 99.0], years=[2020, 2021, 2023], decimals=1)) is False
    assert now(make_reading("each_year", "25", "<="), make_history([30.0, 25.0, 24.0])) is True
    assert now(reading, make_history([98.0])) is None


# --- what missing years leave unknown --------------------------------------------------------------------------------


def relative(own, other):
    what = event(make_reading("relative", operator=">=", reference="W20"), own, BASE, THRESHOLDS, has_reference=True)
    return met_now(what, own, BASE, other)


def test_another_series_is_compared_in_the_newest_year_both_know():
    own = make_history([80.0] * 10, start=2015)
    assert relative(own, make_history([60.0 + 2 * i for i in range(11)], start=2015)) is True  # 2024: 78
    gap = make_history([60.0, 76.0, 80.0], years=[2015, 2023, 2025])
    assert relative(own, gap) is True  # 2023: 80 against 76
    assert relative(own, make_history([60.0, 81.0, 80.0], years=[2015, 2023, 2025])) is False
    assert relative(own, make_history([80.0], start=2025)) is None
    assert relative(own, make_history([10.0], start=2010)) is None


@pytest.mark.parametrize(
    ("values", "years", "expected"),
    [
        ([90.0, 91.0, 92.0], [2020, 2021, 2022], True),
        ([90.0, 91.0, 92.0], [2020, 2021, 2023], None),  # 2022 may have been a fall
        ([90.0, 91.0, 90.5], [2020, 2021, 2023], False),  # a fall somewhere between 2021 and 2023
        ([91.0, 92.0], [2021, 2022], None),  # the step into 2021 is not known
        ([90.0], [2020], None),
        ([90.0, 91.0], [2018, 2019], None),
    ],
)
def test_rising_every_year_is_known_only_when_every_year_is(values, years, expected):
    assert now(make_reading("rise_each_year"), make_history(values, years=years, decimals=1)) is expected


def test_knowing_less_never_makes_a_condition_on_every_year_hold():
    values = [90.0, 91.0, 90.5, 92.0, 93.0, 92.0, 94.0]
    for kind in ("rise_each_year", "rise_gradually"):
        whole = now(make_reading(kind), make_history(values, decimals=1))
        for left_out in range(1, len(values)):
            years = [y for y in range(2020, 2027) if y != 2020 + left_out]
            held = [v for i, v in enumerate(values) if i != left_out]
            assert now(make_reading(kind), make_history(held, years=years, decimals=1)) in (whole, None, False)


def test_a_pooled_mean_is_known_only_when_its_years_are():
    reading = make_reading("toward_band", low=103.0, high=107.0)
    values = [112.0, 111.0, 110.0, 108.0, 107.0, 106.0]
    history = make_history(values, start=2018, decimals=1, lower=0, upper=math.nan)
    assert now(reading, history) is True
    years = [2018, 2019, 2020, 2021, 2023]
    gap = make_history([112.0, 111.0, 110.0, 108.0, 106.0], years=years, decimals=1, lower=0, upper=math.nan)
    assert now(reading, gap) is None


# drawn by seed: shrinking 240 numbers one by one takes longer than all other tests together
PATHS = st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 60)).map(
    lambda s: np.round(np.random.default_rng(s[0]).uniform(50 - min(s[1], 50), min(50 + s[1], 100), (40, 6)), 2)
)


def probability(reading, history, paths, thresholds=THRESHOLDS):
    what = event(reading, history, BASE, thresholds)
    years = np.arange(history.years[-1] + 1, history.years[-1] + 1 + paths.shape[1])
    return happens(what, trajectories(history, years, paths)).mean()


@given(PATHS, st.floats(0, 100).map(lambda v: round(v, 2)), st.floats(0, 20).map(lambda v: round(v, 2)))
def test_a_harder_target_never_raises_the_probability(paths, value, harder):
    history = make_history([50.0])
    easy, hard = (
        make_reading("threshold", str(value), ">="),
        make_reading("threshold", str(round(value + harder, 2)), ">="),
    )
    assert 0 <= probability(hard, history, paths) <= probability(easy, history, paths) <= 1
    easy, hard = (
        make_reading("threshold", str(value), "<"),
        make_reading("threshold", str(round(value - harder, 2)), "<"),
    )
    assert probability(hard, history, paths) <= probability(easy, history, paths)


@given(PATHS, st.floats(0, 100).map(lambda v: round(v, 2)), st.floats(0, 5).map(lambda v: round(v, 1)))
def test_a_narrower_tolerance_never_raises_the_probability(paths, value, narrower):
    history, reading = make_history([50.0]), make_reading("about", str(value))
    wide, narrow = replace(THRESHOLDS, about_tolerance=5.0), replace(THRESHOLDS, about_tolerance=5.0 - narrower)
    assert probability(reading, history, paths, narrow) <= probability(reading, history, paths, wide)


@given(PATHS, st.floats(0, 100).map(lambda v: round(v, 2)), st.sampled_from([(">=", "<="), (">", "<")]))
def test_mirroring_the_series_and_the_operator_leaves_the_probability(paths, value, operators):
    history, mirrored = make_history([50.0]), make_history([-50.0], lower=-100.0, upper=0.0)
    there = probability(make_reading("threshold", str(value), operators[0]), history, paths)
    back = probability(make_reading("threshold", str(-value), operators[1]), mirrored, -paths)
    assert there == back


@given(
    PATHS,
    st.sampled_from(
        ["rise", "fall", "fall_clearly", "hold_or_rise", "toward_band", "rise_each_year", "rise_gradually"]
    ),
)
def test_changing_the_unit_leaves_the_probability(paths, kind):
    # 万人 → 千人: every number ten times as large, one decimal fewer
    band = {"low": 40.0, "high": 45.0} if kind == "toward_band" else {}
    tenfold = {k: v * 10 for k, v in band.items()}
    small = make_history([48.0, 49.0, 50.0], start=2018, decimals=2, upper=math.nan)
    large = make_history([480.0, 490.0, 500.0], start=2018, decimals=1, upper=math.nan)
    assert probability(make_reading(kind, **band), small, paths) == probability(
        make_reading(kind, **tenfold), large, paths * 10
    )


@given(PATHS)
def test_raising_every_path_never_hurts_a_target_to_rise(paths):
    history = make_history([50.0])
    for kind in ("rise", "hold_or_rise"):
        assert probability(make_reading(kind), history, paths) <= probability(make_reading(kind), history, paths + 1.0)


@pytest.mark.parametrize(
    ("reading", "word"),
    [(make_reading("thresold", "95", ">="), "thresold.*threshold"), (make_reading("threshold", "95", "=>"), "=>.*>=")],
)
def test_a_kind_or_operator_there_is_not_is_refused_with_those_there_are(reading, word):
    with pytest.raises(UsageError, match=word):
        event(reading, make_history([80, 81, 82, 83, 84, 85]), 2020, THRESHOLDS)
