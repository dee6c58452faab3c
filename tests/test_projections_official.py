"""Official targets of finished plans: asked as they stood, scored without what they taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis.base import tables
from plananalysis.projections import benchmark, engine, official, project, shifts
from plananalysis.projections.reference import joined, load_corpus
from plananalysis.projections.track import official_record

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "raw" / "official"


@pytest.fixture(scope="module")
def asked():
    return official.questions(*official.load_official(ROOT))


def test_every_series_has_a_licensed_source_and_every_target_its_words():
    targets, _ = official.load_official(ROOT)
    series = tables.read_table(FOLDER / "series.csv").set_index("series")
    sources = tables.read_table(FOLDER / "sources.csv").set_index("source")
    words = tables.read_table(FOLDER / "wordings.csv").set_index("wording")
    assert set(targets.series) <= set(series.index) and set(series.source) <= set(sources.index)
    assert sources.licence.notna().all() and not sources.licence.str.contains("none stated").any()
    assert set(targets.wording) <= set(words.index) and words.quote.notna().all()


def test_a_question_knows_nothing_of_what_came_after_it(asked):
    for question, history in zip(asked.asked.itertuples(), asked.histories, strict=True):
        assert history.years[-1] == 0 and history.values[-1] == question.last
        assert question.origin + question.ahead == question.target_year and question.ahead >= 1


def test_the_outcome_is_good_exactly_where_the_target_was_met(asked):
    came = official.good(asked.asked["outcome"].to_numpy(float), asked.asked)
    assert (came == asked.asked["met"]).all()


def test_good_is_read_at_the_decimals_compared_and_bands_have_two_ends():
    rows = pd.DataFrame(
        [
            (1, ">=", 95.0, np.nan, 0), (1, ">=", 95.0, np.nan, np.nan), (-1, "<", 10.0, np.nan, np.nan),
            (1, "within", 0.97, 1.03, 2), (1, "within", 0.97, 1.03, 2),
        ],
        columns=["direction", "operator", "target", "target_upper", "compare_decimals"],
    )  # fmt: skip
    told = official.good(np.array([94.6, 94.6, 10.0, 1.034, 1.036]), rows)
    assert told.tolist() == [True, False, False, True, False]


def test_what_a_family_is_told_does_not_depend_on_how_it_went(asked):
    some = asked.asked
    p = np.random.default_rng(2).uniform(0.05, 0.95, len(some))
    mine = (some["family"] == "infections").to_numpy()
    turned = some.assign(met=np.where(mine, ~some["met"].astype(bool), some["met"]))
    assert (official.left_out(p, some)[mine] == official.left_out(p, turned)[mine]).all()
    assert (official.left_out(p, some)[~mine] != official.left_out(p, turned)[~mine]).any()


def test_families_that_did_better_by_one_normal_score_promise_half_of_it():
    from scipy.stats import norm

    rng = np.random.default_rng(4)
    score = rng.normal(0, 1, 6000)
    met = rng.random(6000) < norm.cdf(score + 0.4)
    some = pd.DataFrame({"family": np.repeat(["a", "b"], 3000), "met": met, "direction": 1})
    assert official.shift_of(norm.cdf(score), some) == pytest.approx(0.2, abs=0.03)
    bands = some.assign(direction=0, met=True)  # nothing is better than a band
    assert official.shift_of(norm.cdf(np.tile(score, 2)), pd.concat([some, bands])) == pytest.approx(0.2, abs=0.03)
    assert (official.left_out(norm.cdf(score), bands) == norm.cdf(score)).all()


def test_the_stored_record_is_within_what_the_project_promises():
    rows = official_record()
    scores = rows[rows.section == "scores"].set_index(["method", "by", "group", "measure"]).value.sort_index()
    overall = scores["engine", "all", "all"]
    assert overall["ece"] <= 0.03 and abs(overall["stated"] - overall["came"]) <= 0.03
    for peer in ("half_drift", "last_value", "auto_ets", "engine as for sources it holds"):
        assert overall["brier"] < scores[peer, "all", "all"]["brier"]


def test_a_level_a_country_has_reached_is_kept_as_the_line_says_and_what_it_has_not_reached_is_told_as_before():
    from scipy.stats import norm

    levels = engine.shipped().levels
    score = shifts.normal_scores(levels)
    plain = np.broadcast_to(score, (3, 1, len(levels)))  # nothing is expected, one step is a normal score
    told = plain + np.array([0.1, -0.1, 0.1])[:, None, None]
    found = shifts.held(told, plain, np.array([1.0, -1.0, 0.0]), np.array([0.2, 0.8]), levels)
    for step in (0.25, 0.5, 1.0):
        at_least = norm.cdf(0.2 + 0.8 * step)  # by the line, where norm.cdf(step) was said
        assert np.interp(-step, found[0, 0], levels) == pytest.approx(1 - at_least, abs=0.002)
        assert np.interp(step, found[1, 0], levels) == pytest.approx(at_least, abs=0.002)  # worse is up here
    np.testing.assert_array_equal(found[0, 0][told[0, 0] > 0.5], told[0, 0][told[0, 0] > 0.5])
    np.testing.assert_array_equal(found[1, 0][told[1, 0] < -0.5], told[1, 0][told[1, 0] < -0.5])
    np.testing.assert_array_equal(found[2], told[2])
    assert (np.diff(found) >= 0).all()


def test_a_plan_of_a_whole_country_doubts_less_what_is_reached_than_a_districts_does(asked):
    rows = np.flatnonzero(asked.asked["when"] == official.WHEN[1])[:200]
    some = official.Questions(asked.asked.iloc[rows].reset_index(drop=True), [asked.histories[r] for r in rows])
    at = [h.values[-1] * (1 - 0.002 * h.direction) for h in some.histories]  # a level just reached
    chance = {}
    for world in ("plan", "country"):
        told = project(some.histories, 5, "official", world=world)
        ends = [
            told[h.series].paths[:, -1] * h.direction >= goal * h.direction
            for h, goal in zip(some.histories, at, strict=True)
        ]
        chance[world] = np.array([e.mean() for e in ends])
    doubted = chance["plan"] < 0.66
    assert doubted.sum() > 5 and chance["country"][doubted].mean() > chance["plan"][doubted].mean()


def test_nothing_is_learned_from_the_years_of_the_country_whose_plan_is_told_here():
    found = official.corpus(*official.load_official(ROOT))
    assert "c-chn" not in set(found.series.entity) and len(found.series) > 900 and found.first_year >= 1960
    whole = joined(load_corpus(ROOT), found)
    assert len(whole.series) == 3552 + len(found.series)
    rows = whole.series.index.get_indexer(found.series.index)
    shift = found.first_year - whole.first_year
    np.testing.assert_array_equal(whole.values[rows, shift : shift + found.values.shape[1]], found.values)


def test_a_benchmark_tells_targets_of_countries_and_of_other_places_apart():
    tasks = pd.DataFrame({"fit": [1, 2, 3], "entity": ["c-fra", "se-0114", "c-fra"], "source": "nowhere"})
    targets = pd.DataFrame({"fit": [1, 2, 3], "tkind": ["official", "official", "own"]})
    assert benchmark.worlds(tasks, targets, engine.shipped()).tolist() == ["country", "plan", "new"]
