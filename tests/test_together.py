"""How many targets are met together: the mean is what the probabilities say, the range is wider than each for itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from plananalysis.assessments.together import TOGETHER, met_together

P = np.array([0.05, 0.3, 0.5, 0.66, 0.9, 0.99])


@pytest.mark.parametrize("together", [0.0, TOGETHER, 0.5])
def test_each_target_is_met_as_often_as_stated(together):
    np.testing.assert_allclose(met_together(P, 40_000, together).mean(axis=0), P, atol=0.01)


def test_two_targets_are_met_together_as_the_normal_says():
    both = met_together([0.5, 0.66], 60_000, 0.4).all(axis=1).mean()
    ends = norm.ppf([0.5, 0.66])
    assert both == pytest.approx(multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]]).cdf(ends), abs=0.01)


def test_the_count_of_many_is_wider_together_and_binomial_apart():
    p = np.full(80, 0.5)
    apart, bound = (met_together(p, 20_000, r).sum(axis=1).std() for r in (0.0, 0.1))
    assert apart == pytest.approx(np.sqrt(80 / 4), rel=0.03) and bound > 1.5 * apart
