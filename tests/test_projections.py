"""Invariants of the projection engine: what must hold whatever it has learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plananalysis.observations import History
from plananalysis.projections import engine, one_step, project
from plananalysis.projections.explain import Question, explain, explain_goal
from plananalysis.projections.features import Grid

ROOT = Path(__file__).resolve().parents[1]
RISING = (80.1, 82.0, 83.4, 85.2, 84.9, 88.0, 90.3, 91.0, 91.7, 93.2)


def history(values=RISING, first=2015, **changes) -> History:
    values = np.asarray(values, float)
    unknown = np.full(len(values), np.nan)
    years = np.arange(first, first + len(values))
    plain = History("W01", "%", years, values, 0.0, 100.0, 1, 1, "annual", unknown, unknown)
    return replace(plain, **changes)


def paths_of(some: History, target_year=2030, **how) -> np.ndarray:
    return project([some], target_year, "test", **how)[some.series].paths


shares = st.lists(st.floats(0, 100, allow_subnormal=False), min_size=4, max_size=30)


@settings(max_examples=25, deadline=None)
@given(shares)
@example([0.0, 0.0, 0.0, 0.0, 0.0, 2.75])  # a rate of few events whose longest tail is rounded beyond 100
def test_paths_stay_inside_the_bounds_and_are_finite(values):
    paths = paths_of(history(values, first=2025 - len(values)))
    assert paths.shape == (1000, 6)
    assert np.isfinite(paths).all() and paths.min() >= 0 and paths.max() <= 100


def test_a_ratio_of_two_groups_slows_down_where_they_are_even_however_it_is_printed():
    nearing = np.array([0.82, 0.85, 0.88, 0.91, 0.93, 0.95, 0.97, 0.98])
    plain = history(nearing, first=2018, unit="比", upper=np.nan, decimals=3, direction=0)
    halved = replace(plain, values=nearing / 2)
    per_hundred = replace(plain, values=nearing * 100, unit="女=100", decimals=1)
    even, away, printed = (np.median(paths_of(h)[:, -1]) / h.values[-1] for h in (plain, halved, per_hundred))
    assert printed == pytest.approx(even, abs=2e-3)
    assert even < away - 0.03 and even < 1.05  # .02 a year would be 1.10, and is where nothing is even


@settings(max_examples=12, deadline=None)
@given(shares)
def test_a_share_and_its_complement_get_mirror_image_paths(values):
    # as published: 0.05 and 99.95 are printed with one digit as 0.1 (or 0.0) and 100.0, which are no complements
    share = history(np.round(values, 1), first=2025 - len(values))
    complement = replace(share, values=np.round(100 - share.values, 1), direction=-1)
    np.testing.assert_allclose(paths_of(share), 100 - paths_of(complement), atol=2e-3)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.5, 500), min_size=4, max_size=20), st.sampled_from([0.001, 10.0, 1000.0]))
def test_changing_the_unit_of_a_rate_changes_nothing_else(values, factor):
    digits = 2
    # a unit without a natural upper bound: a rate per 100,000 above 100,000 would be refused its excess
    rate = history(np.round(values, digits), upper=np.nan, unit="张/千人", decimals=digits)
    other = replace(rate, values=rate.values * factor, decimals=digits - round(np.log10(factor)))
    np.testing.assert_allclose(paths_of(other), paths_of(rate) * factor, rtol=2e-4)


def test_moving_a_history_in_time_moves_its_paths_and_nothing_else():
    assert (paths_of(history(first=2001), 2016) == paths_of(history(first=2015), 2030)).all()


def test_a_harder_target_never_has_a_better_chance():
    paths = paths_of(history())
    chances = [(paths[:, -1] >= goal).mean() for goal in np.arange(85, 100.1, 0.5)]
    assert chances == sorted(chances, reverse=True) and chances[0] > chances[-1]


def test_joint_paths_reproduce_the_marginal_quantiles_they_are_made_from():
    some = history()
    learned = engine.shipped()
    described = engine.describe_with(Grid.of([some]), learned)
    asked = engine.quantiles(described, 6, learned)[0]  # 6 x levels
    scaled = (asked * described.spread[0] + described.last[0]) * described.sign[0]
    wanted = described.scale.back(scaled[None])[0]
    paths = paths_of(some)
    for level in (0.025, 0.1, 0.5, 0.9, 0.975):
        expected = [np.interp(level, learned.levels, row) for row in wanted]
        np.testing.assert_allclose(np.quantile(paths, level, axis=0), expected, atol=0.02 * np.ptp(paths))


def test_paths_remember_what_happened_the_year_before():
    smooth = history(50 + 0.8 * np.arange(12), first=2013)
    paths = paths_of(smooth)
    steps = np.corrcoef(paths[:, 3], paths[:, 4])[0, 1]
    assert 0.8 < steps < 0.9999  # independent years would give 0, one random number per path 1


def test_more_of_the_same_history_narrows_a_smooth_series():
    def width(points):
        paths = paths_of(history(60 + 0.7 * np.arange(points), first=2025 - points))
        return np.subtract(*np.quantile(paths[:, 4], [0.9, 0.1]))

    assert width(15) < width(8) < width(4)


def test_width_grows_with_the_horizon():
    width = np.subtract(*np.quantile(paths_of(history(50 + np.sin(np.arange(12)))), [0.9, 0.1], axis=0))
    assert (np.diff(width) > 0).all()


def test_same_edition_same_paths_and_another_edition_only_another_order():
    some = [history()]
    first, again, other = (project(some, 2030, e)["W01"].paths for e in ("a", "a", "b"))
    assert (first == again).all() and (first != other).mean() > 0.9
    np.testing.assert_allclose(np.sort(first[:, -1]), np.sort(other[:, -1]), rtol=1e-6)


@pytest.mark.parametrize("batch", [2, 3, 16])
def test_a_batch_gives_each_series_what_it_gets_alone_to_the_bit(batch):
    rng = np.random.default_rng(batch)
    kinds = [{}, {"upper": np.nan, "unit": "1/10万", "direction": -1}, {"lower": np.nan, "upper": np.nan, "unit": "岁"}]
    some = [
        history(50 + rng.normal(0, 3, rng.integers(4, 25)).cumsum(), series=f"S{i}", **kinds[i % 3])
        for i in range(batch)
    ]
    together, steps = project(some, 2042, "test"), one_step(some)
    for one in some:
        assert np.array_equal(project([one], 2042, "test")[one.series].paths, together[one.series].paths)
        assert np.array_equal(one_step([one])[one.series].ranges, steps[one.series].ranges)


def test_a_common_shock_cancels_in_the_gap_between_two_series():
    women, all_ = history(series="W12"), history(np.array(RISING) + 1.5, series="W12.ref")
    both = project([women, all_], 2030, "test")
    gap = both["W12"].paths[:, -1] - both["W12.ref"].paths[:, -1]
    shuffled = np.random.default_rng(1).permutation(both["W12"].paths[:, -1]) - both["W12.ref"].paths[:, -1]
    assert gap.std() < 0.55 * shuffled.std()


@pytest.mark.parametrize("n_paths", [1, 37, 1000, 2500])
def test_any_number_of_paths(n_paths):
    paths = paths_of(history(), n_paths=n_paths)
    assert paths.shape == (n_paths, 6)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rhythm": "census"}, "census_only"),
        ({"rhythm": "election"}, "election_steps"),
        ({"years": np.arange(2021, 2031)}, "observed"),
        ({"years": np.arange(1995, 2005)}, "too_old"),
    ],
)
def test_what_cannot_be_projected_says_why(changes, reason):
    projection = project([history(**changes)], 2030, "test")["W01"]
    assert projection.reason == reason and projection.paths.shape[0] == 0
    assert np.isnan(projection.quantiles([0.5])).all()


def test_too_few_points_follow_the_threshold_given():
    three = history(RISING[:3])
    assert project([three], 2025, "test")["W01"].reason == "too_few"
    assert project([three], 2025, "test", min_points=3)["W01"].reason is None
    assert project([history([])], 2025, "test")["W01"].reason == "too_few"


@pytest.mark.parametrize("values", [[0.0] * 7, [100.0] * 7, [42.0] * 7, [0.0, 0.0, 100.0, 0.0, 100.0]])
def test_constant_and_extreme_histories_have_paths(values):
    assert np.isfinite(paths_of(history(values))).all()


def test_missing_years_are_missing_and_not_zero():
    gappy = history(RISING[:6], years=np.array([2010, 2012, 2013, 2018, 2021, 2024]))
    projection = project([gappy], 2030, "test")["W01"]
    assert projection.n_points == 6 and abs(np.median(projection.paths[:, 0]) - RISING[5]) < 8


def test_a_wild_newest_value_is_outside_and_a_usual_one_is_not():
    usual, wild = history(), history([*RISING[:-1], 60.0], series="W02")
    found = one_step([usual, wild])
    assert not found["W01"].outside(0.99)[-1] and found["W02"].outside(0.99)[-1]
    low, high = found["W01"].interval(0.8)[-1]
    assert low < RISING[-1] < high and found["W01"].years.tolist() == list(range(2020, 2025))
    assert len(one_step([history(RISING[:4])])["W01"].years) == 0


def test_a_value_after_a_gap_is_held_against_what_so_many_years_may_bring():
    """The range a value falls in is that of its own distance from the value before, also beside histories with longer gaps."""
    yearly = history()
    gapped = replace(yearly, series="W02", years=np.append(yearly.years[:-1], yearly.years[-1] + 3))
    beside = one_step([yearly, gapped])
    widths = {code: np.diff(step.interval(0.8)[-1]).item() for code, step in beside.items()}
    assert widths["W02"] > 1.4 * widths["W01"]
    assert np.array_equal(beside["W01"].ranges, one_step([yearly])["W01"].ranges)


def test_a_share_that_can_only_stay_at_its_ceiling_is_no_surprise():
    assert not one_step([history([100.0] * 8)])["W01"].outside(0.9).any()


def test_explanation_names_real_histories_and_other_views():
    def chance(_history, projection):
        return float((projection.paths[:, -1] >= 97).mean())

    told = explain([Question(history(), chance, 97.0, {"other_base": chance})], 2030, "test")["W01"]
    assert told.comparable == 400 and 0 <= told.made_it <= 1 and "400" in told.sentence
    assert told.needed_a_year == pytest.approx((97 - 93.2) / 6)
    assert told.pace_multiple == pytest.approx(told.needed_a_year / np.polyfit(range(10), RISING, 1)[0])
    assert {v.key for v in told.variants} == {"drop_last_year", "last_value_only", "side_unknown", "other_base"}
    assert len({(a.indicator, a.entity) for a in told.analogues}) == 8
    first = told.analogues[0]
    assert first.years[-1] == first.origin_year == first.future_years[0] - 1
    assert told.verdict in ("结论稳健", "结论不稳健")


def test_one_goal_explained_is_the_same_question_asked_of_many():
    told = explain_goal(history(), 96.0, 2030, "test")

    def reached(_history, projection):
        return float((projection.paths[:, -1] >= 96.0).mean())

    asked = explain([Question(history(), reached, 96.0)], 2030, "test")["W01"]
    assert (told.made_it, told.variants, told.verdict) == (asked.made_it, asked.variants, asked.verdict)
    assert told.named()["origin_year"].tolist() == [a.origin_year for a in told.analogues]
    followed = told.followed(2024, 93.0)
    assert not followed.duplicated(["analogue", "year"]).any(), "one line for each, whatever it measured"
    assert followed.query("year == 2024")["value"].tolist() == [93.0] * len(told.analogues)
    np.testing.assert_array_equal(
        followed.query("year > 2024")["value"], np.concatenate([a.path for a in told.analogues])
    )


def test_a_harder_goal_is_made_by_fewer_comparable_histories():
    def share(goal):
        return explain([Question(history(), lambda h, p: 0.5, goal)], 2030, "test")["W01"].made_it

    assert share(94.0) > share(96.0) > share(99.0)


def test_the_learned_state_is_plain_arrays_and_says_what_it_learned_from():
    state = ROOT / "src/plananalysis/projections/learned.npz"
    assert state.stat().st_size < 4_000_000
    with np.load(state, allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fiuU" for name in stored.files)
    assert "+" in project([history()], 2030, "test")["W01"].engine


def test_comparable_histories_and_the_probability_tell_one_story():
    rng = np.random.default_rng(11)
    some = [
        history(np.clip(60 + rng.normal(0.5, 1.5, n).cumsum(), 1, 99).round(1), first=2025 - n, series=f"S{i}")
        for i, n in enumerate(rng.integers(5, 20, 40))
    ]
    off = []
    for one in some:
        goal = round(float(one.values[-1] + rng.normal(1, 4)), 1)

        def reached(_history, projection, goal=goal):
            return float((projection.paths[:, -1] >= goal).mean())

        told = explain([Question(one, reached, goal)], 2030, "test")[one.series]
        off.append(abs(told.made_it - reached(None, project([one], 2030, "test")[one.series])))
    assert np.quantile(off, 0.97) < 0.15


def test_of_a_goal_that_cannot_be_no_share_of_histories_is_told():
    told = explain_goal(history(), 104.0, 2030, "test")
    assert told.comparable == 0 and np.isnan(told.made_it) and told.sentence == ""
    assert explain_goal(history([100.0] * 8), 100.0, 2030, "test").comparable == 0
