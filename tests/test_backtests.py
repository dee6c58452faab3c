"""Backtests score what was said then against what came, by hand-written paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from plananalysis import schema
from plananalysis.assessments import backtests
from plananalysis.observations import History
from plananalysis.projections import Projection


def history(series, values, first=2010, direction=1):
    nothing = np.full(len(values), np.nan)
    years = np.arange(first, first + len(values))
    return History(series, "%", years, np.asarray(values, float), 0.0, 100.0, 1, direction, "annual", nothing, nothing)


@pytest.fixture
def paths_by_hand(monkeypatch):
    """Engine that always says: half of the paths stay, half rise by two a year."""

    def projected(h, target_year):
        years = np.arange(h.years[-1] + 1, target_year + 1)
        ahead = years - h.years[-1]
        paths = h.values[-1] + np.vstack([np.zeros((5, len(years))), np.tile(2 * ahead, (5, 1))])
        return Projection(h.series, int(h.years[-1]), len(h.years), years, paths, None, "by hand")

    def project_many(requests):
        return [{h.series: projected(h, r.target_year) for h in r.histories} for r in requests]

    monkeypatch.setattr(backtests, "project_many", project_many)


def test_a_line_is_foreseen_by_the_line_and_not_by_the_last_value(paths_by_hand):
    # 10, 12, … 20: from the 4th and 5th year on; usual change 2, targets last + 0, 1·√h, 2·√h, all met since 2h ≥ 2√h
    table = backtests.score({"A": history("A", [10, 12, 14, 16, 18, 20])}, min_points=4).set_index(
        ["method", "horizon"]
    )
    assert table.loc[("straight_line", 0), "brier"] == 0 == table.loc[("drift", 0), "brier"]
    # the last value's own changes are 2 a year, so its spread is 2·√h: it states ½, Φ(-½), Φ(-1) where all came
    stated = norm.cdf([0, -0.5, -1])
    assert table.loc[("last_value", 0), "brier"] == pytest.approx(((1 - stated) ** 2).mean(), abs=1e-4)
    # engine says 1, ½, ½ each time: (0 + ¼ + ¼) / 3
    assert table.loc[("engine", 0), "brier"] == pytest.approx(1 / 6, abs=1e-4)
    # origins 2013 (h = 1, 2) and 2014 (h = 1), three targets each
    assert table.loc[("engine", 0), "cases"] == 9 and table.loc[("engine", 1), "cases"] == 6
    assert table.loc[("engine", 0), ["coverage80", "met_share"]].tolist() == [1.0, 1.0]


def test_a_mirrored_series_with_mirrored_direction_scores_the_same(paths_by_hand, monkeypatch):
    up = backtests.score({"A": history("A", [10, 13, 12, 16, 15, 20, 22])}, min_points=4)
    monkeypatch.setattr(backtests, "project_many", _mirrored(backtests.project_many))
    down = backtests.score({"A": history("A", [-10, -13, -12, -16, -15, -20, -22], direction=-1)}, min_points=4)
    assert up.equals(down)


def _mirrored(project_many):
    def mirrored(requests):
        turned = [
            replace(r, histories=[history(h.series, -h.values, int(h.years[0])) for h in r.histories]) for r in requests
        ]
        return [{s: replace(p, paths=-p.paths) for s, p in some.items()} for some in project_many(turned)]

    return mirrored


def test_short_and_neutral_series_are_left_out(paths_by_hand):
    table = backtests.score({"A": history("A", [1, 2, 3, 4]), "B": history("B", range(8), direction=0)}, min_points=4)
    assert table.empty and table.columns.tolist() == list(schema.table("edition", "backtests").stored)


def test_only_values_up_to_the_origin_are_shown_to_the_engine(monkeypatch):
    seen = []

    def project_many(requests):
        seen.extend((h.years[-1], r.target_year) for r in requests for h in r.histories)
        return [{} for _ in requests]

    monkeypatch.setattr(backtests, "project_many", project_many)
    backtests.score({"A": history("A", range(8))}, min_points=4)
    assert seen == [(y, y + 5) for y in range(2013, 2017)]


def test_a_series_is_scored_the_same_whatever_stands_beside_it():
    rng = np.random.default_rng(3)
    some = [history(f"S{i}", 60 + rng.normal(0.4, 1, 14).cumsum(), 2008 + i, (-1) ** i) for i in range(4)]
    for one, together in zip(some, backtests.cases(some, 4), strict=True):
        (alone,) = backtests.cases([one], 4)
        assert len(alone) and np.array_equal(alone, together)
