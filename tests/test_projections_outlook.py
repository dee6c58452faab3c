"""Which paths belong together, and what is said of many targets at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from plananalysis.observations import History
from plananalysis.projections import Request, project_many
from plananalysis.projections.outlook import met_together, outlook

RISING = np.array([80.1, 82.0, 83.4, 85.2, 84.9, 86.0, 87.3, 88.0, 88.7, 89.2])


def history(series: str, values=RISING, **changes) -> History:
    unknown = np.full(len(values), np.nan)
    years = np.arange(2026 - len(values), 2026)
    return replace(
        History(series, "%", years, np.asarray(values, float), 0.0, 100.0, 1, 1, "annual", unknown, unknown), **changes
    )


def ends(*some: History, **how) -> list[np.ndarray]:
    found = project_many([Request(some, 2030, "test", **how)])[0]
    return [found[h.series].paths[:, -1] for h in some]


def together(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])


def test_a_family_shares_its_draws_and_strangers_do_not():
    smooth, rough = RISING, 60 + np.array([0, 4, -3, 5, 1, -4, 6, 0, 3, 1])
    own, measure, strange = history("W29", smooth), history("W29.ref", rough), history("W40", smooth)
    a, b, c = ends(own, measure, strange)
    assert together(a, b) > 0.55, "one family, whatever bank its histories draw from"
    assert abs(together(a, c)) < 0.15, "like histories of two families have nothing to do with each other"


def test_series_that_fall_and_rise_share_what_is_good():
    up, down = history("W1"), history("W1.ref", 100 - RISING, direction=-1)
    a, b = ends(up, down)
    assert together(a, -b) > 0.6


def test_parts_of_a_row_share_a_quarter():
    parts = ends(*(history(f"W45.{i}", RISING + i) for i in range(1, 6)))
    shared = [together(parts[i], parts[j]) for i in range(5) for j in range(i)]
    assert 0.1 < np.mean(shared) < 0.4


def test_a_series_measured_by_one_of_another_name_shares_its_draws_when_told_so():
    own, other = history("W21"), history("W20", RISING - 5)
    assert abs(together(*ends(own, other))) < 0.15
    assert together(*ends(own, other, families={"W21": "W20"})) > 0.7


def test_draws_of_a_family_do_not_depend_on_who_else_is_asked():
    own, other = history("W29"), history("W29.ref", RISING - 5)
    assert (ends(own)[0] == ends(own, other)[0]).all()


def test_a_row_is_met_on_a_path_when_every_part_is():
    told = met_together([np.array([True, True, False]), np.array([True, False, False])])
    assert told.tolist() == [True, False, False]


def test_unrelated_targets_are_a_sum_of_coins():
    np.testing.assert_allclose(outlook([0.3] * 12, together=0).chances, binom.pmf(range(13), 12, 0.3), atol=1e-12)


def test_two_related_targets_are_both_met_as_a_bivariate_normal_says():
    from scipy.stats import multivariate_normal

    p, q, r = 0.6, 0.3, 0.25
    both = multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([norm.ppf(p), norm.ppf(q)])
    assert outlook([p, q], together=r).chances[2] == pytest.approx(both, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0, 0.5))
def test_whatever_is_shared_the_mean_is_the_sum_of_the_probabilities(probabilities, shared):
    told = outlook(probabilities, together=shared)
    assert told.chances.sum() == pytest.approx(1) and told.chances.min() >= 0
    assert told.expected == pytest.approx(sum(probabilities), abs=1e-3 * len(probabilities))
    low, high = told.range()
    assert 0 <= low <= high <= len(probabilities) and told.chances[low : high + 1].sum() >= 0.8 - 1e-9
    assert told.at_least(0) == pytest.approx(1) and told.at_least(len(probabilities) + 1) == 0


def test_what_is_shared_widens_the_range_and_what_is_certain_is_counted():
    loose, tied = (outlook([0.5] * 60, together=r).range() for r in (0.0, 0.065))
    assert loose == (25, 35) and tied[0] < 25 and tied[1] > 35
    assert outlook([1.0, 1.0, 0.0]).chances.tolist() == [0, 0, 1, 0]
    with pytest.raises(ValueError, match="between 0 and 1"):
        outlook([0.5, float("nan")])
