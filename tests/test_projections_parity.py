"""Ratios of two groups near where they are even: told narrower, whatever they are printed as, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from plananalysis.projections import engine, parity
from plananalysis.projections.features import Grid
from plananalysis.projections.learn import window_grid
from plananalysis.projections.observed import observed_parts
from plananalysis.projections.reference import cut, load_corpus

ROOT = Path(__file__).resolve().parents[1]
STEPS = np.array([0.93, 0.95, 0.94, 0.97, 0.96, 0.99, 0.98])


def history(values, unit="ratio", **changes):
    plain = {
        "series": "r", "unit": unit, "years": np.arange(2018, 2018 + len(values)), "values": np.asarray(values, float), "lower": 0.0, "upper": np.nan,
        "decimals": 2, "direction": 0, "rhythm": "annual", "numerators": None, "denominators": None,
    }  # fmt: skip
    return SimpleNamespace(**{**plain, **changes})


def described(*histories):
    return engine.describe_with(Grid.of(observed_parts(histories)), engine.shipped())


def widths(told, learned, **moved):
    found = engine.quantiles(told, 9, learned, **moved)
    return found[..., -3] - found[..., 2]


def test_the_nearer_to_even_and_the_further_ahead_the_narrower():
    learned, told = engine.shipped().elsewhere, described(history(STEPS), history(STEPS * 0.7))
    plain = engine.Learned({k: v for k, v in learned.arrays.items() if k != "parity"})
    left = widths(told, learned) / widths(told, plain)
    assert (left[0] < 1).all() and left[0, -1] < left[0, 0] < left[1, 0]
    assert left[1] == pytest.approx(1, abs=1e-3)  # .69 is where nothing is even
    # by hand, one year and nine years ahead of .98: 1 - c · exp(-.02 / d) · root of years, read at normal scores of a range that is not quite normal
    c, d = learned.arrays["parity"]
    assert parity.narrow(told, 9, learned.arrays["parity"])[0, [0, 8]] == pytest.approx(
        1 - c * np.exp(-0.02 / d) * np.array([1, 3])
    )


def test_a_ratio_printed_per_hundred_is_as_near():
    assert parity.distance(described(history(STEPS), history(STEPS * 100, decimals=0))).tolist() == pytest.approx(
        [0.02, 0.02]
    )


def test_what_is_no_ratio_is_told_as_before_to_the_bit():
    learned = engine.shipped().elsewhere
    plain = engine.Learned({k: v for k, v in learned.arrays.items() if k != "parity"})
    told = described(history(STEPS * 100, "%", upper=100.0), history(STEPS, "rate"), history(STEPS * 100, "count"))
    assert np.isinf(parity.distance(told)).all()
    shift = np.full((3, 9), 0.1)
    for moved in ({}, {"shift": shift}):
        assert (engine.quantiles(told, 9, learned, **moved) == engine.quantiles(told, 9, plain, **moved)).all()


def test_a_history_is_told_the_same_whether_a_ratio_stands_beside_it_or_not():
    learned, share = engine.shipped().elsewhere, history(STEPS * 100, "%", upper=100.0)
    alone = engine.quantiles(described(share), 9, learned, np.full((1, 9), 0.1))
    beside = engine.quantiles(described(history(STEPS), share), 9, learned, np.full((2, 9), 0.1))
    assert (alone[0] == beside[1]).all()


def test_what_was_planted_is_found_again():
    corpus = load_corpus(ROOT)
    corpus = corpus.keep((corpus.series["unit_type"] == "ratio").to_numpy())
    windows = cut(corpus)
    told = engine.describe_with(window_grid(corpus, windows), engine.shipped())
    left = parity.narrow(told, 12, np.array([0.12, 0.05]))
    scores = np.random.default_rng(0).normal(size=left.shape) * left
    assert parity.fit(told, scores, windows.series) == pytest.approx([0.12, 0.05], abs=0.02)


def test_without_ratios_nothing_is_narrowed():
    told = described(history(STEPS * 100, "%", upper=100.0))
    learned = parity.fit(told, np.zeros((1, 12)), np.zeros(1, int))
    assert (parity.narrow(told, 12, learned) == 1).all()
