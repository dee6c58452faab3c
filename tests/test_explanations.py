"""Explanations agree with the verdict they explain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plananalysis.assessments import assess
from plananalysis.assessments.explanations import analogue_table, explain_edition, explanation_table
from plananalysis.observations import History
from plananalysis.plan import load_plan

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def explained():
    plan = load_plan(ROOT, "jiangbei", 2025)
    histories = {}
    for series, values in {
        "W04": [84, 85.5, 86.1, 87.8, 88.4, 89.9, 90.2, 91.5, 92.1, 92.6],  # ≥94, steadily rising
        "C21": [99.2, 99.4, 99.1, 99.5, 99.3, 99.4, 99.6, 99.5, 99.4, 99.6],  # ≥98, met with room
        "C11": [30, 31, 30.5, 31.2, 30.8, 31.5, 31.1, 31.9, 31.6, 32.0],  # ≥60, far away
        "W15": [44, 44.2, 43.9, 44.1, 44.0, 44.3, 44.1, 44.2, 44.0, 44.1],  # 45左右
        "W44": [40, 40.5, 41, 41.2, 41.9, 42.5, 43, 43.2, 43.9, 44.5],  # 提高
    }.items():
        about = plan.series.loc[series]
        nothing = np.full(10, np.nan)
        histories[series] = History(
            series, about["unit"], np.arange(2016, 2026), np.array(values, float), about["lower"], about["upper"],
            int(about["decimals"]), int(about["direction"]), about["rhythm"], nothing, nothing,
        )  # fmt: skip
    edition = assess(plan, histories)
    return edition, explain_edition(edition)


def test_share_of_comparable_histories_is_near_the_probability_it_explains(explained):
    edition, explanations = explained
    for series in ("W04", "C21", "C11"):
        assert explanations[series].made_it == pytest.approx(edition.assessments.loc[series, "probability"], abs=0.2), (
            series
        )


def test_a_far_target_was_made_by_few_and_a_safe_one_kept_by_most(explained):
    _, explanations = explained
    assert explanations["C11"].made_it < 0.05 and explanations["C21"].made_it > 0.8
    assert "做到了" in explanations["C11"].sentence and "仍达标" in explanations["C21"].sentence


def test_a_wider_band_is_never_less_probable_and_a_narrower_one_never_more(explained):
    edition, explanations = explained
    table = explanation_table(explanations).set_index("series")
    assert table.loc["W15", "band_1"] <= edition.assessments.loc["W15", "probability"] <= table.loc["W15", "band_3"]
    assert np.isnan(table.loc["W04", "band_1"])


def test_another_base_year_is_tried_only_where_a_baseline_matters(explained):
    table = explanation_table(explained[1]).set_index("series")
    assert np.isfinite(table.loc["W44", "other_base"]) and np.isnan(table.loc["W04", "other_base"])


def test_analogues_are_named_distinct_and_start_where_this_series_stands(explained):
    edition, explanations = explained
    table = analogue_table(explanations)
    named = table[table["series"] == "W04"].drop_duplicates("rank")
    assert len(named) == 8 and not named.duplicated(["source", "indicator", "entity"]).any()
    future = table[table["translated"].notna()]
    assert (future["year"] > future["origin_year"]).all() and future["translated"].between(0, 100).all()
    first = future[future["series"] == "W04"].groupby("rank")["translated"].first()
    assert (first - edition.assessments.loc["W04", "value"]).abs().max() < 8


def test_a_relative_target_is_explained_with_as_many_paths_as_it_was_judged_with():
    plan = load_plan(ROOT, "jiangbei", 2025)
    relative = next(s for s in plan.leaves().index if plan.reading(s) and plan.reading(s).reference)
    nothing, years = np.full(10, np.nan), np.arange(2016, 2026)
    histories = {
        s: History(s, "%", years, np.linspace(low, low + 3, 10).round(1), 0.0, 100.0, 1, 1, "annual", nothing, nothing)
        for s, low in ((relative, 40), (plan.reading(relative).reference, 39))
    }
    edition = assess(plan, histories, n_paths=50)
    told = explain_edition(edition)[relative]
    assert edition.projections[relative].paths.shape[0] == 50
    assert all((50 * v.probability) % 1 == pytest.approx(0, abs=1e-9) for v in told.variants)
