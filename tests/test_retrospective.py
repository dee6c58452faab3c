"""Looking back uses what was published then, and outcomes as published later."""

from __future__ import annotations

from pathlib import Path

import pytest

from plananalysis.assessments.retrospective import look_back
from plananalysis.observations import load_observations
from plananalysis.plan import load_plan

ROOT = Path(__file__).parents[1]
SAID = ["value_text", "value_year", "n_points", "outlook", "probability", "median", "low80", "high80"]


@pytest.fixture(scope="module")
def reported():
    return load_observations(
        ROOT, "china", set(load_plan(ROOT, "china").series.index) | set(load_plan(ROOT, "china", 2015).series.index)
    )


@pytest.fixture(scope="module")
def looked_back(reported):
    return look_back(ROOT, load_plan(ROOT, "china"), reported).set_index("series")


def test_outcomes_of_the_national_outline_are_those_published(looked_back):
    # 2020 as in the final monitoring reports: 16.9, 5.4, 7.5, 85.2, 95.2, 24.2
    assert looked_back["outcome"].dropna().to_dict() == {
        "W03": 16.9,
        "W31a": 24.2,
        "C02": 5.4,
        "C04": 7.5,
        "C19": 85.2,
        "C21": 95.2,
    }
    assert looked_back["met"].to_dict() == {
        "W-X1": "unknown", "W03": "met", "W31a": "not_met", "C02": "met", "C04": "met", "C19": "met", "C21": "met",
    }  # fmt: skip


def test_nothing_published_later_changes_what_would_have_been_said(looked_back, reported):
    then = reported[reported["reported_at"] <= "2017-03-31"]
    blind = look_back(ROOT, load_plan(ROOT, "china"), then).set_index("series")
    assert blind[SAID].equals(looked_back[SAID])
    assert (blind["met"] == "unknown").all()


def test_a_share_known_for_two_years_only_is_not_projected(looked_back):
    assert looked_back.loc["W31a", ["outlook", "n_points"]].tolist() == ["no_data", 2]


def test_an_area_in_its_first_plan_period_has_nothing_to_look_back_on():
    plan = load_plan(ROOT, "jiangbei")
    assert look_back(ROOT, plan, load_observations(ROOT, "jiangbei", set(plan.series.index))).empty
