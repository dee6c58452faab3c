"""Learning and measuring: deterministic, no peeking, and the arithmetic under them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from plananalysis.projections import benchmark, engine, learn, shifts
from plananalysis.projections.boost import Growth, boost
from plananalysis.projections.reference import load_corpus
from plananalysis.projections.scale import Scale
from plananalysis.projections.track import reliability, track_record
from plananalysis.projections.trees import Boosted

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def few_places():
    corpus = load_corpus(ROOT)
    return corpus.keep(np.arange(len(corpus.series)) % 70 == 0)


def tasks_of(values: np.ndarray, **changes) -> pd.DataFrame:
    table = pd.DataFrame(values, columns=[f"y_m{k}" for k in range(14, -1, -1)])
    plain = {"fit": range(len(values)), "L": 15, "origin_year": 2014, "direction": 1, "unit_type": "percent", "fold": 0}
    return table.assign(**{**plain, **changes})


def every_target(tasks: pd.DataFrame, value: float) -> pd.DataFrame:
    rows = [(f, h, "own", value) for f in tasks.fit for h in (1, 5, 9)]
    return pd.DataFrame(rows, columns=["fit", "h", "tkind", "target"])


def test_learning_twice_gives_the_same_bytes(few_places, monkeypatch):
    monkeypatch.setattr(learn, "_lad", learn._least_squares)  # the median regression is slow, and draws nothing here
    monkeypatch.setattr(learn, "LOCATION", Growth(trees=4))
    monkeypatch.setattr(learn, "SIZE", Growth(trees=3, robust=1e9))
    first, again = (learn.pack(learn.fit(few_places)) for _ in range(2))
    assert first == again


def test_a_tree_answers_by_comparing_and_adding():
    # two questions: feature 0 > 0.5 (bit 0), feature 1 > 10 (bit 1); worked by hand
    tree = Boosted(
        np.array([[0, 1]]), np.array([[0.5, 10.0]]), np.array([[[1.0], [2.0], [3.0], [4.0]]]), np.array([100.0])
    )
    rows = np.array([[0, 1, 0, 1], [0, 0, 20, 20]], np.float32)
    assert tree.predict(rows)[:, 0].tolist() == [101, 102, 103, 104]


def test_boosting_finds_a_step_and_ignores_what_is_unknown():
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(3, 3000)).astype(np.float32)
    step = np.where(columns[1] > 0, 2.0, -2.0)
    y = np.column_stack([step + rng.normal(scale=0.3, size=3000), np.full(3000, np.nan)])
    y[:5, 1] = 1.0
    grown = boost(columns, y, Growth(trees=60, rate=0.2, depth=3), np.random.default_rng(1))
    answer = grown.predict(columns)
    assert np.abs(answer[:, 0] - step)[np.abs(columns[1]) > 0.1].mean() < 0.25
    assert np.abs(answer[:, 1] - 1.0).max() < 0.5


@pytest.mark.parametrize(("lower", "upper"), [(0.0, 100.0), (0.0, np.nan), (np.nan, np.nan), (np.nan, 50.0)])
def test_the_scale_and_back_is_where_one_started(lower, upper):
    values = np.array([[12.0, 30.5, 49.0, 49.9]])
    scale = Scale.of(values, np.array([lower]), np.array([upper]))
    np.testing.assert_allclose(scale.back(scale.to(values)), values, rtol=1e-9)


def test_a_share_scales_to_the_mirror_image_of_its_complement():
    values = np.array([[0.0, 3.0, 97.0, 100.0]])
    ends = np.array([0.0]), np.array([100.0])
    here, there = Scale.of(values, *ends), Scale.of(100 - values, *ends)
    np.testing.assert_allclose(here.to(values), -there.to(100 - values), rtol=1e-9)


def test_answers_need_no_outcomes_and_follow_the_target():
    history = np.round(50 + np.cumsum(np.random.default_rng(3).normal(0.3, 1, (6, 15)), axis=1), 1)
    tasks = tasks_of(history)
    easy, hard = (benchmark.answer(tasks, every_target(tasks, v), engine.shipped())[0].p for v in (20.0, 99.5))
    assert (easy >= hard).all() and easy.mean() > 0.9 and hard.mean() < 0.1


def test_answers_are_those_of_the_reports_door():
    from types import SimpleNamespace

    from plananalysis.projections import project

    history = np.round(50 + np.cumsum(np.random.default_rng(4).normal(0.3, 1, (1, 15)), axis=1), 1)
    tasks = tasks_of(history, fit=[7])
    stated, ranges = benchmark.answer(tasks, every_target(tasks, 55.0), engine.shipped())
    known = SimpleNamespace(
        series="7", unit="%", years=np.arange(2000, 2015), values=history[0], lower=0.0, upper=100.0, decimals=1, direction=1,
        rhythm="annual", numerators=None, denominators=None,
    )  # fmt: skip
    paths = project([known], 2023, benchmark.EDITION, world="known")["7"].paths
    assert stated.p.tolist() == [(paths[:, h - 1] >= 55.0).mean() for h in (1, 5, 9)]
    np.testing.assert_allclose(ranges["q0.5"], np.quantile(paths, 0.5, axis=0), rtol=1e-5)


def test_a_left_out_fold_is_not_learned_from(few_places, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(
        benchmark, "fit", lambda corpus, blind=False: seen.append(set(corpus.series.fold)) or {"levels": np.arange(3)}
    )
    benchmark.left_out(few_places, "fold", 2, tmp_path)
    benchmark.left_out(few_places, "fold", 2, tmp_path)
    assert seen == [{0, 1, 3, 4}]  # once: the second call reads what the first stored


def test_the_stored_track_record_is_within_what_the_project_promises():
    rows = track_record()
    scores = (
        rows[(rows.section == "scores") & (rows.method == "engine")]
        .set_index(["left_out", "by", "group", "measure"])
        .value.sort_index()
    )
    overall = scores["place", "all", "all"]
    assert (
        overall["brier"] <= 0.157 and overall["ece"] <= 0.012 and overall["mase"] <= 1.80 and overall["msis95"] <= 16.2
    )
    for length in ("5", "8", "11", "15"):
        assert 0.785 <= scores["place", "L", length, "coverage80"] <= 0.815
        assert 0.94 <= scores["place", "L", length, "coverage95"] <= 0.96
    sources = scores["source", "source"]
    assert sources[sources.index.get_level_values("measure") == "brier"].mean() <= 0.166
    best_peer = rows[(rows.section == "scores") & (rows.method != "engine") & (rows.measure == "brier")].value.min()
    assert overall["brier"] < best_peer
    likely = rows[(rows.section == "reliability") & (rows.left_out == "place") & (rows.group == "70-90")].iloc[0]
    assert 0.75 < likely.value < 0.85 and likely.n > 5000
    assert (reliability().stated - reliability().came_true).abs().max() < 0.05


@pytest.fixture
def districts(tmp_path):
    """Six places of one country with one indicator, as a benchmark folder; one task in 2012."""
    pytest.importorskip("pyarrow", reason="a benchmark folder holds parquet; make cluster brings it, as CI does")
    rng = np.random.default_rng(8)
    years = np.arange(2000, 2021)
    together = rng.normal(0.6, 0.7, 21)
    values = pd.concat(
        pd.DataFrame(
            {
                "series_id": f"s{i}",
                "year": years,
                "value": np.round(50 + (together + rng.normal(0, 0.7, 21)).cumsum(), 1),
            }
        )
        for i in range(6)
    )
    register = pd.DataFrame(
        {"series_id": [f"s{i}" for i in range(6)], "source": "new", "indicator": "share", "entity": list("ABCDEF")}
    ).assign(unit_type="percent")
    own = values[(values.series_id == "s0") & (values.year <= 2012)].value.to_numpy()[None, -10:]
    task = tasks_of(
        np.pad(own, ((0, 0), (5, 0)), constant_values=np.nan),
        origin_year=2012,
        series_id="s0",
        source="new",
        entity="A",
    )
    register.to_csv(tmp_path / "series.csv", index=False)
    task.to_parquet(tmp_path / "tasks.parquet")
    every_target(task, 55.0).to_parquet(tmp_path / "targets.parquet")
    return tmp_path, values


def said(folder, values: pd.DataFrame | None) -> list[float]:
    path = folder / "values.parquet"
    path.unlink(missing_ok=True)
    if values is not None:
        values.to_parquet(path)
    benchmark.benchmark(folder, folder / "out")
    return pd.read_parquet(folder / "out" / "probabilities.parquet").p.tolist()


def test_what_peers_report_later_changes_nothing_and_what_they_had_reported_does(districts):
    folder, values = districts
    told = said(folder, values)
    later = values.year > 2012
    assert told == said(folder, values.assign(value=values.value.where(~later, 0.0))) == said(folder, values[~later])
    peers = values.series_id != "s0"
    risen = values.assign(value=values.value.where(~peers, values.value + 1.5 * (values.year - 2000)))
    assert min(np.subtract(said(folder, risen), told)) > 0.02, "peers that rise, and stand higher, promise better"
    assert said(folder, None) != told


def test_places_that_share_nothing_say_nothing_to_each_other(districts):
    folder, values = districts
    at = [i for i in range(6) for _ in range(21)]  # each place's years turned on by some of their own
    turned = values.assign(value=[v for i in range(6) for v in np.roll(values.value[np.array(at) == i], 3 * i)])
    own = turned.assign(value=turned.value.where(turned.series_id != "s0", values.value))
    assert said(folder, own) == said(folder, None) != said(folder, values)


def test_fewer_than_five_peers_say_nothing(districts):
    folder, values = districts
    assert said(folder, values[values.series_id != "s5"]) == said(folder, None)


def test_peers_beside_a_series_worked_by_hand():
    from plananalysis.observations.peers import among

    def beside(own, others, direction, lower, upper):
        return among(np.vstack([own, others]), direction, lower, upper)[0]

    own = np.array([10.0, 11, 12, 13])
    others = np.array([[20.0, 0, 0, 26], [20, 0, 0, 23], [20, 0, 0, 29], [20, 0, 0, 26], [20, 0, 0, 26]])
    told = beside(own, others, 1, np.nan, np.nan)
    assert told[0] == pytest.approx(2.0) and told[2] == pytest.approx(1.0)  # 2 a year against the series' usual 1
    assert told[1] == pytest.approx(np.tanh((26 - 13) / np.std([26, 23, 29, 26, 26])))
    down = beside(own, others, -1, np.nan, np.nan)
    assert down[:3].tolist() == (-told[:3]).tolist() and told[3] == 5
    assert np.isnan([*beside(own, others[:4], 1, np.nan, np.nan), *beside(own, others, 0, np.nan, np.nan)]).all()


def test_normal_scores_are_moved_as_a_normal_distribution_would_be():
    from scipy.stats import norm

    levels = engine.shipped().levels
    quantiles = np.broadcast_to(norm.ppf(levels), (1, 2, len(levels)))
    moved = shifts.moved(quantiles, np.array([[0.3, -1.0]]), levels)
    np.testing.assert_allclose(moved[0], norm.ppf(levels) + np.array([[0.3], [-1.0]]), atol=1e-9)


def test_what_peers_explain_narrows_a_statement_and_a_long_tail_does_not_run_ahead():
    levels = engine.shipped().levels
    score = shifts.normal_scores(levels)
    half = shifts.moved(score[None], np.zeros(1), levels, np.array([0.5]))[0]
    np.testing.assert_allclose(half, score / 2, atol=1e-9)
    tailed = np.where(score > 1.5, 1.5 + 20 * (score - 1.5), score)[None]  # one normal score up is 20 steps out there
    for shift, far in ((1.0, tailed + 1.5), (0.2, tailed + 0.3)):
        moved = shifts.moved(tailed, np.array([shift]), levels)
        assert (moved <= far + 1e-9).all() and moved[0, 9] == pytest.approx(shift)
        assert (np.diff(moved) > 0).all()


def test_the_move_by_peers_worked_by_hand():
    from plananalysis.projections.peers import narrow, shift

    learned = np.array([0.1, -0.2, 0.5, 0.0, 0.3, 0.1, 0.9, 0.2])
    years, beside = np.array([2023, 2024]), SimpleNamespace(year=2024, drift=0.4, gap=-0.5, shared=0.3)
    alone, among, cut_off = (
        SimpleNamespace(years=y, beside=b) for y, b in ((years, None), (years, beside), (years[:1], beside))
    )
    told = shift([alone, among, cut_off], 4, learned)
    assert (told[[0, 2]] == 0).all()
    assert told[1, 0] == pytest.approx(0.1 - 0.2 + 0.4 * 0.5 - 0.5 * (0.3 + 0.1))
    assert told[1, 3] == pytest.approx(0.1 - 0.4 + 0.4 * 0.5 - 0.5 * (0.3 + 0.2))  # after four years the root is two
    assert narrow([alone, among, cut_off], learned).tolist() == [1.0, 0.9, 1.0]
    half = SimpleNamespace(
        years=years, beside=SimpleNamespace(**vars(beside) | {"shared": 0.1})
    )  # of what is shared at home
    np.testing.assert_allclose(shift([half], 4, learned), told[1:2] / 4)
    assert narrow([half], learned)[0] == pytest.approx(0.975)


def test_counts_of_whole_countries_speak_for_places_the_corpus_does_not_hold_alone():
    arrays = engine.shipped().arrays
    assert learn.GROWING not in arrays["corpus.source"].tolist()
    corpus = load_corpus(ROOT)
    assert (corpus.series.source == learn.GROWING).sum() > 100
    assert learn.GROWING not in set(learn.at_home(corpus).series.source)
