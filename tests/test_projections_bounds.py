"""Shares that stand at a bound, and histories that cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plananalysis.base.errors import UsageError
from plananalysis.observations import History
from plananalysis.projections import Request, bounds, engine, project, project_many
from plananalysis.projections.learn_bounds import left_out_standings, load_standings

ROOT = Path(__file__).resolve().parents[1]


def share(values, decimals=1, **changes) -> History:
    values = np.asarray(values, float)
    unknown = np.full(len(values), np.nan)
    years = np.arange(2026 - len(values), 2026)
    plain = History("W10", "%", years, values, 0.0, 100.0, decimals, 1, "annual", unknown, unknown)
    return replace(plain, **changes)


def holds(some: History, year=2030) -> float:
    paths = project([some], year, "test")[some.series].paths
    return float((paths[:, -1] >= 100).mean())


def test_the_longer_a_share_has_stood_the_surer_it_stays():
    stated = [holds(share([100.0] * n)) for n in (5, 7, 10, 16)]
    assert stated == sorted(stated) and stated[0] < stated[-1] - 0.02


def test_one_of_one_for_sixteen_years_is_no_toss_of_a_coin():
    one = share([100.0] * 16, 2, numerators=np.ones(16), denominators=np.ones(16))
    paths = project([one], 2030, "test")["W10"].paths
    assert set(np.unique(paths)) <= {0.0, 100.0} and (paths[:, -1] == 100).mean() >= 0.95


def test_staying_and_leaving_worked_by_hand():
    # leaves with .1 + .4/n, comes back with .5: 1 -> .7; then .7 x (1 - .1 - .4/3) + .3 x .5
    told = bounds.stays(np.array([2.0]), 2, np.array([0.1, 0.4, 1.0, 0.5]))
    np.testing.assert_allclose(told[0], [0.7, 0.7 * (1 - 0.1 - 0.4 / 3) + 0.15])


@pytest.mark.parametrize(("direction", "side"), [(-1, "best"), (1, "worst"), (0, "either")])
def test_a_share_stays_as_long_as_others_stood_on_its_side(direction, side):
    floor = share([0.0] * 8, direction=direction)
    paths = project([floor], 2030, "test")["W10"].paths
    asked = bounds.stays(np.array([8.0]), 5, engine.shipped().arrays[f"bound.{side}"])[0]
    np.testing.assert_allclose((paths == 0).mean(axis=0), asked, atol=0.0011)


@pytest.mark.slow
def test_places_left_out_hold_as_often_as_stated():
    stated, came = left_out_standings(load_standings(ROOT), engine.shipped().levels)
    for side in ("best", "worst"):
        assert (stated.loc[side] - came.loc[side]).abs().max() < 0.03


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"years": np.array([2021, 2022, 2023, 2025, 2025])}, "2025"),
        ({"values": np.array([90, 91, 92, 93, 120.0])}, "120"),
        ({"values": np.array([90, 91, np.nan, 93, 94.0])}, "2023"),
        ({"values": np.array([90, 91, 92, 93.0])}, "4"),
        ({"numerators": np.ones(3)}, "3"),
        ({"direction": 2}, "2"),
        ({"rhythm": "weekly"}, "weekly"),
        ({"lower": 100.0, "values": np.full(5, 100.0)}, "100"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes, word):
    with pytest.raises(UsageError, match=f"W10: .*{word}"):
        project([share([90, 91, 92, 93, 94]), replace(share([90, 91, 92, 93, 94]), **changes)][1:], 2030, "test")


def test_a_world_there_is_not_is_refused():
    with pytest.raises(UsageError, match=r"knwon.*known.*new.*plan"):
        project([share([90, 91, 92, 93, 94])], 2030, "test", world="knwon")


def test_every_trouble_is_named_at_once_and_two_histories_need_two_codes():
    odd = share([90, 91, 92, 93, -1], rhythm="weekly")
    with pytest.raises(UsageError) as raised:
        project([odd, odd], 2030, "test")
    assert len(str(raised.value).splitlines()) == 1 + 2 * 2 + 1


def test_in_an_edition_an_impossible_value_stops_its_own_series_only():
    good, bad = share([90, 91, 92, 93, 94]), share([90, 91, 92, 93, 120], series="W11")
    found = project_many([Request([good, bad], 2030, "test")])[0]
    assert found["W10"].reason is None and found["W11"].reason == "out_of_bounds"


def test_beyond_what_was_learned_nothing_is_said():
    assert project([share([90, 91, 92, 93, 94])], 2037, "test")["W10"].reason is None
    assert project([share([90, 91, 92, 93, 94])], 2038, "test")["W10"].reason == "too_old"
