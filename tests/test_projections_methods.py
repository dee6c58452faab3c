"""Methods of one shape: ours and those of statsmodels, each held against what the library itself says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plananalysis.assessments import assess
from plananalysis.observations import History, as_known, histories, load_observations
from plananalysis.plan import load_plan
from plananalysis.projections import project
from plananalysis.projections.methods import NoAnswer, draw, methods

ROOT = Path(__file__).parents[1]

VALUES = [52.1, 53.0, 55.2, 54.8, 57.1, 58.3, 58.0, 60.2, 61.4, 61.0, 63.2, 64.1]


def history(values=VALUES, first=2013, **about) -> History:
    years = np.arange(first, first + len(values))
    none = np.full(len(values), np.nan)
    given = {"unit": "%", "lower": 0.0, "upper": 100.0, "decimals": 1, "direction": 1, "rhythm": "annual"} | about
    return History("X", years=years, values=np.array(values, float), numerators=none, denominators=none, **given)


@pytest.mark.parametrize("name", methods)
def test_every_method_keeps_the_contract(name):
    drawn = draw(methods[name], history(), 2030, 200)
    assert drawn.shape == (200, 6) and np.isfinite(drawn).all() and (drawn >= 0).all() and (drawn <= 100).all()
    np.testing.assert_array_equal(drawn, draw(methods[name], history(), 2030, 200))


def test_ours_is_the_engine():
    np.testing.assert_array_equal(
        methods["ours"](history(), 2030, 100), project([history()], 2030, "workbench", 100, world="new")["X"].paths
    )


def test_the_line_has_the_prediction_interval_that_statsmodels_states():
    import statsmodels.api as sm

    past = history(lower=np.nan, upper=np.nan)
    drawn = draw(methods["line"], past, 2030, 40_000)
    fit = sm.OLS(past.values, sm.add_constant(past.years.astype(float))).fit()
    frame = fit.get_prediction(np.column_stack([np.ones(6), np.arange(2025, 2031)])).summary_frame(alpha=0.2)
    np.testing.assert_allclose(np.quantile(drawn, 0.1, axis=0), frame["obs_ci_lower"], atol=0.06)
    np.testing.assert_allclose(np.quantile(drawn, 0.9, axis=0), frame["obs_ci_upper"], atol=0.06)


def test_components_and_holt_begin_where_statsmodels_forecasts():
    from statsmodels.tsa.holtwinters import Holt
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    past = history(lower=np.nan, upper=np.nan)
    with np.errstate(all="ignore"):
        said = {
            "components": UnobservedComponents(past.values, "local linear trend").fit(disp=False).forecast(6),
            "holt": Holt(past.values, damped_trend=True, initialization_method="estimated").fit().forecast(6),
        }
    for name, forecast in said.items():
        drawn = draw(methods[name], past, 2030, 20_000)
        np.testing.assert_allclose(drawn.mean(axis=0), forecast, atol=0.15, err_msg=name)


def test_a_missing_year_is_not_made_up():
    gap = replace(history(), years=np.array([*range(2010, 2019), *range(2020, 2023)]))
    for name in ("ets", "holt"):
        with pytest.raises(NoAnswer):
            draw(methods[name], gap, 2030, 10)  # three values since the gap
    assert draw(methods["components"], gap, 2030, 10).shape == (10, 8)


def test_a_method_of_the_wrong_shape_or_without_numbers_has_no_answer():
    with pytest.raises(NoAnswer, match="instead of"):
        draw(lambda h, year, n: np.zeros((n, 1)), history(), 2030, 10)
    with pytest.raises(NoAnswer, match="not finite"):
        draw(lambda h, year, n: np.full((n, 6), np.nan), history(), 2030, 10)


def test_a_whole_plan_is_assessed_with_another_method():
    plan = load_plan(ROOT, "china", 2024)
    known = histories(as_known(load_observations(ROOT, "china"), plan.known_on, plan.as_of), plan.leaves())
    engine, line = (assess(plan, known, method=m).assessments for m in (None, methods["line"]))
    given = engine["probability"].notna()
    assert given.sum() > 10 and (engine["probability"] - line["probability"])[given].abs().max() > 0.2
    assert engine["why_no_probability"].equals(line["why_no_probability"])  # a census or an election stays one
    drawn = draw(methods["line"], known["W03"], 2030, 1000)[:, -1]
    assert line.loc["W03", "probability"] == (np.floor(drawn * 10 + 0.5) <= 120).mean()  # at most 12.0, as published
