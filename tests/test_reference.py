"""The corpus of real histories: register, windows, and that the shipped engine is calibrated on places it never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis.base import tables
from plananalysis.base.errors import DataError
from plananalysis.projections import engine
from plananalysis.projections.learn import at_home, window_grid
from plananalysis.projections.reference import HORIZONS, Windows, assemble, bounds, cut, decimals, load_corpus

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "raw" / "reference"


@pytest.fixture(scope="module")
def corpus():
    return load_corpus(ROOT)


def small_corpus(values: list[float], first: int = 2000):
    register = pd.DataFrame(
        {
            "series": ["a"],
            "source": ["s"],
            "indicator": ["i"],
            "entity": ["e"],
            "unit_type": ["percent"],
            "direction": [1],
        }
    )
    rows = pd.DataFrame({"series": "a", "year": range(first, first + len(values)), "value": values})
    return assemble(register.set_index("series"), rows.dropna())


def test_every_series_is_registered_with_a_licensed_source(corpus):
    sources = tables.read_table(FOLDER / "sources.csv").set_index("source")
    assert set(corpus.series.source) == set(sources.index)
    assert sources.licence.notna().all() and not sources.licence.str.contains("not stated").any()
    assert corpus.series.groupby("source").size().to_dict() == sources.series.to_dict()


def test_no_place_is_both_learned_from_and_held_back(corpus):
    assert set(corpus.series.use) == {"learn", "check"}
    assert (corpus.series.groupby("entity").use.nunique() == 1).all()


def test_every_series_has_values_inside_its_bounds(corpus):
    percent = (corpus.series.unit_type == "percent").to_numpy()
    values = corpus.values[percent]
    assert np.nanmin(values) >= 0 and np.nanmax(values) <= 100
    assert (np.isfinite(corpus.values).sum(1) >= 15).all()


def test_an_unregistered_series_is_refused(corpus):
    with pytest.raises(DataError, match="没有登记"):
        assemble(corpus.series.iloc[:1], pd.DataFrame({"series": ["x"], "year": [2000], "value": [1.0]}))


def test_a_missing_register_is_named(tmp_path):
    with pytest.raises(DataError, match=r"series\.csv"):
        load_corpus(tmp_path)


def test_windows_end_on_their_origin_and_hold_what_followed():
    found = cut(small_corpus([float(v) for v in range(10)]))
    assert sorted(set(found.origin.tolist())) == list(range(2003, 2009))  # four values before, one after
    assert len(set(zip(found.origin, found.length, strict=True))) == len(found.origin)
    for row, origin in enumerate(found.origin):
        assert found.values[row, -1] == origin - 2000
        future = found.future[row][np.isfinite(found.future[row])]
        np.testing.assert_array_equal(future, np.arange(origin - 2000 + 1, 10))
        assert np.isfinite(found.values[row]).sum() == found.length[row] >= 4


def test_a_missing_year_stays_missing_in_a_window():
    found = cut(small_corpus([1.0, 2.0, np.nan, *range(4, 16)]))
    assert 2002 not in found.origin  # nothing was observed to start from
    assert all(np.isfinite(v).sum() >= 4 for v in found.values)
    gap_seen = [np.isnan(v[-n:]).sum() == 1 for v, n in zip(found.values, found.length, strict=True)]
    assert any(gap_seen)


def test_bounds_and_decimals_of_reference_series():
    assert bounds("percent", 3.0) == (0.0, 100.0)
    assert np.isnan(bounds("rate", 0.0)[1]) and np.isnan(bounds("ratio", -2.0)).all()
    digits = decimals(np.array([[1.0, 2.0, np.nan], [1.25, 2.0, 3.0], [0.123456, 1.0, 2.0]]))
    assert digits.tolist() == [0, 2, 4]


def test_stated_probabilities_come_true_on_places_the_engine_never_saw(corpus):
    held_back = corpus.keep((corpus.series.use == "check").to_numpy())
    windows = cut(held_back, seed=7)
    some = np.random.default_rng(7).choice(len(windows.series), 1500, replace=False)
    windows = Windows(*(getattr(windows, f)[some] for f in windows.__dataclass_fields__))
    learned = engine.shipped()
    described = engine.describe_with(window_grid(held_back, windows), learned)
    asked = np.arange(HORIZONS)
    ends = engine.quantiles(described, HORIZONS, learned)[:, asked]
    came = (described.scale.to(windows.future) * described.sign[:, None] - described.last[:, None]) / described.spread[
        :, None
    ]
    known = np.isfinite(came)
    ranks = np.array([np.interp(c, q, learned.levels) for c, q in zip(came[known], ends[known], strict=True)])
    for level, slack in ((0.8, 0.06), (0.95, 0.03)):  # 195 series: two standard errors
        assert abs((np.abs(ranks - 0.5) <= level / 2).mean() - level) < slack
    chance = 1 - ranks_of_last_value(ends[known], learned.levels)
    improved = came[known] > 0
    brier = ((chance - improved) ** 2).mean()
    assert brier < 0.20
    for low in (0.2, 0.4, 0.6):
        stated = (chance >= low) & (chance < low + 0.2)
        if stated.sum() > 300:
            assert abs(chance[stated].mean() - improved[stated].mean()) < 0.12


def ranks_of_last_value(quantiles: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return np.array([np.interp(0.0, row, levels) for row in quantiles])


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_every_history_that_may_be_named_has_a_name_in_both_languages(corpus, spoken):
    from plananalysis.base.text import HAN, speaking
    from plananalysis.projections.analogues import indicator_name, place_name, source_name

    named = at_home(corpus).series
    with speaking(spoken):
        told = {
            code: name(code)
            for column, name in (("indicator", indicator_name), ("entity", place_name), ("source", source_name))
            for code in named[column].unique()
        }
    assert [code for code, name in told.items() if name == code] == []
    latin = [name for name in told.values() if not HAN.search(name)]
    assert latin == ["Gapminder"] if spoken == "zh" else len(latin) == len(told)
    assert told["c-hkg"] in ("中国香港", "Hong Kong, China")
