"""Districts' values beside each other: who moved, how far they are apart, what is more than chance, what they add up to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from plananalysis.base.text import speaking
from plananalysis.pages import city_values
from plananalysis.panels import values
from plananalysis.panels.movement import movement

ABOUT = pd.DataFrame({"unit": ["%", "件", "张"], "decimals": [1, 0, 1]}, index=["W01", "C01", "C02"])


def rows(held: dict[str, dict[int, float]], series: str = "W01", **cells) -> dict[str, pd.DataFrame]:
    views = {}
    for area, by_year in held.items():
        table = pd.DataFrame({"year": list(by_year), "value": list(by_year.values())})
        usual = {
            "series": series,
            "numerator": np.nan,
            "denominator": np.nan,
            "definition": "",
            "group": "total",
            "question": "",
            "status": "A",
        }
        views[area] = table.assign(**(usual | cells))
    return views


def held(views: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return values.observed(views, list(ABOUT.index))


def test_a_spread_is_told_over_the_same_districts_then_and_now():
    """The sixth district reports only lately and stands far off: it must not make the others drift apart."""
    views = rows({f"d{i}": {2020: 10.0 * i, 2025: 5.0 * i} for i in range(5)} | {"late": {2025: 1000.0}})
    found = values.years(held(views), 2020, 2025).set_index("year")
    assert found.loc[2020, ["districts", "least", "p50", "most"]].tolist() == [5, 0, 20, 40]
    assert found.loc[2025, ["districts", "least", "p50", "most"]].tolist() == [5, 0, 10, 20]
    assert found.loc[2025, "p90"] - found.loc[2025, "p10"] == pytest.approx(16)  # from 2 to 18


@pytest.mark.parametrize(
    ("before", "now", "words"), [(2.0, 6.0, "+200%"), (8.0, 2.0, "−75%"), (3.0, 3.0, "+0%"), (0.0, 2.86, "—")]
)
def test_a_spread_that_trebled_grew_by_twice_what_it_was(before: float, now: float, words: str):
    assert city_values._growth(tuple(Numbers({"p10": 10.0, "p90": 10.0 + width}) for width in (before, now))) == words


class Numbers(dict):
    """A line of a table with nothing but numbers."""

    number = dict.get


@pytest.mark.parametrize(
    ("usual", "zh", "en"),
    [(-0.12, "少0.1项", "0.1 fewer"), (0.04, "没有增减", "neither more nor fewer"), (2.0, "多2.0项", "2.0 more")],
)
def test_how_many_targets_more_or_fewer_is_said_in_words(usual: float, zh: str, en: str):
    for language, told in (("zh", zh), ("en", en)):
        with speaking(language):
            assert city_values._more(usual) == told


def test_other_definitions_groups_and_errors_do_not_stand_beside_the_rest():
    views = rows({f"d{i}": {2025: 1.0} for i in range(5)})
    odd = [
        rows({"x": {2025: 99.0}}, **{k: v})["x"]
        for k, v in (("definition", "old"), ("group", "sex:female"), ("question", "error"))
    ]
    assert set(held(views | {f"x{i}": t for i, t in enumerate(odd)})["value"]) == {1.0}


def with_counts(counts: dict[str, tuple[float, float]]) -> dict[str, pd.DataFrame]:
    return {a: rows({a: {2025: 100 * n / d}}, numerator=n, denominator=d)[a] for a, (n, d) in counts.items()}


def test_the_citys_value_is_cases_over_people_and_not_the_mean_of_rates():
    views = with_counts({"small": (1, 10), "large": (900, 1000)})
    own = held(rows({"city": {2025: 89.2}}))
    (line,) = values.wholes(held(views), ABOUT, 2, own).to_dict("records")
    assert (
        line["whole"] == pytest.approx(100 * 901 / 1010, abs=1e-5) and line["agrees"] == "True"
    )  # 89.208 is published as 89.2
    for published, districts, word in (
        (89.3, 2, "False"),
        (89.3, 3, ""),
    ):  # a third district lacks: nothing can be told
        own = held(rows({"city": {2025: published}}))
        assert values.wholes(held(views), ABOUT, districts, own)["agrees"].tolist() == [word]


def test_a_published_share_outside_all_districts_is_told_even_where_nothing_adds_up():
    views = rows({"a": {2025: 80.0}, "b": {2025: 90.0}})
    told = [
        values.wholes(held(views), ABOUT, 2, held(rows({"city": {2025: p}})))["agrees"].item() for p in (85.0, 91.0)
    ]
    assert told == ["True", "False"]


def test_a_number_of_cases_is_added_and_a_ratio_is_not():
    views = {a: pd.concat([rows({a: {2025: 3.0}}, "C01")[a], rows({a: {2025: 3.0}}, "C02")[a]]) for a in ("a", "b")}
    found = values.wholes(held(views), ABOUT, 2, None).set_index("series")["whole"]
    assert found["C01"] == 6 and np.isnan(found["C02"])


def test_limits_of_a_funnel_are_those_of_a_binomial_number():
    """Of 20 people at one half, 99.8 % of draws lie between 3 and 17 (R: qbinom(c(.001, .999), 20, .5))."""
    counts = {f"d{i}": (10, 20) for i in range(18)} | {"low": (2, 20), "high": (18, 20)}
    found = values.rates(held(with_counts(counts)), ABOUT).set_index("area")
    assert set(found["centre"]) == {50.0} and set(found["between"]) == {0.0}
    assert (found["low998"] / 5).round(6).tolist() == [3.0] * 20 and (found["high998"] / 5).round(6).tolist() == [
        17.0
    ] * 20
    assert found["word"].to_dict() == {f"d{i}": "within" for i in range(18)} | {"low": "low", "high": "high"}


def test_districts_that_differ_anyway_have_wider_limits():
    rng = np.random.default_rng(3)
    people = np.full(400, 5000.0)
    alike = rng.binomial(5000, 0.3, 400).astype(float)
    assert values.between_districts(alike, people) < 0.003**2
    apart = rng.binomial(5000, np.clip(rng.normal(0.3, 0.05, 400), 0, 1)).astype(float)
    # trimming the ends takes some of the true .05 off
    assert 0.035 < np.sqrt(values.between_districts(apart, people)) < 0.052


def test_what_became_of_a_districts_targets_since_the_edition_before():
    now = pd.DataFrame(
        [
            ["a", "W01", "met", "met_secure", 0.9],
            ["a", "W02", "not_met", "hard", 0.2],
            ["a", "W03", "not_met", "likely", 0.8],
            ["a", "W04", "not_met", "no_data", np.nan],
            ["b", "W01", "not_met", "hard", 0.2],
        ],
        columns=["area", "series", "position", "outlook", "probability"],
    )
    before = pd.DataFrame(
        [
            ["W01", 2024, "not_met", "uncertain", 0.5],
            ["W02", 2024, "met", "met_slipping", 0.6],
            ["W03", 2024, "not_met", "hard", 0.3],
            ["W03", 2023, "not_met", "likely", 0.9],
            ["W04", 2024, "unknown", "no_data", np.nan],
        ],
        columns=["series", "year", "position", "outlook", "probability"],
    )
    (line,) = movement(now, {"a": before, "b": before.iloc[:0]}, 2025).to_dict("records")
    assert line == {
        "area": "a", "compared": 3, "met_before": 1, "met_now": 1, "gained": 1, "lost": 1, "better": 1, "worse": 0,
        "expected_change": 0.5,
    }  # fmt: skip


def test_provinces_stand_beside_what_chance_alone_gives():
    """Four areas in two provinces, with 1, 1, 3 and 3 of four targets in difficulty: mean .5, standard deviation .25."""
    from plananalysis.panels.summaries import Counts

    hard = {"a": 1, "b": 1, "c": 3, "d": 3}
    lines = [
        {
            "area": a,
            "group": "north" if a in "ab" else "south",
            "series": f"W{i}",
            "role": "target",
            "position": "not_met",
            "alerts": "",
        }
        | {"outlook": "hard" if i < n else "likely", "probability": 0.1 + 0.1 * i, "why_no_probability": ""}
        for a, n in hard.items()
        for i in range(4)
    ]
    counts = Counts()
    counts.add(pd.DataFrame(lines))
    half = 1.96 * 0.25 * np.sqrt((1 - 2 / 4) / 2)
    assert counts._chance() == {
        "north": pytest.approx((0.25, 0.5 - half, 0.5 + half), abs=1e-4),
        "south": pytest.approx((0.75, 0.5 - half, 0.5 + half), abs=1e-4),
    }
    told = counts.areas().set_index("area")
    assert told.loc["c", ["group", "able", "hard", "met", "difficult"]].tolist() == ["south", 4, 3, 0, "W0;W1;W2"]


def test_the_papers_of_a_city_have_the_sections_of_its_page():
    from pathlib import Path

    from plananalysis.base.text import speaking
    from plananalysis.pages.city import CityPage
    from plananalysis.pages.papers.overviews import sections_of

    notebook = Path(__file__).parents[1] / "notebooks" / "6_city_overview.ipynb"
    found = sections_of(notebook)
    names = [name for _, called in found for name in called]
    assert (len(found), len(names)) == (10, 13) and all(hasattr(CityPage, name) for name in names)
    with speaking("en"):
        assert all(text.isascii() for text, _ in ((t.replace("’", "'"), n) for t, n in sections_of(notebook)))


def test_what_hearing_of_others_changed_is_counted():
    from plananalysis.panels.counted import heard

    cuts = {"very_hard": 0.10, "hard": 0.33, "likely": 0.66}
    stated = {"a": [0.30, 0.50, 0.95, np.nan], "b": [0.12, 0.40, 0.70, 0.20]}
    alone = {"a": [0.35, 0.44, 0.96, 0.5], "b": [0.09, np.nan, 0.70, 0.22]}
    codes = [f"W{i}" for i in range(4)]
    rows = pd.DataFrame(
        [[a, s, p] for a, ps in stated.items() for s, p in zip(codes, ps, strict=True)],
        columns=["area", "series", "probability"],
    )
    views = {a: pd.DataFrame({"series": codes, "without_peers": ps}) for a, ps in alone.items()}
    # six pairs; .35 to .30 and .44 to .50 moved by .05 or more; .35 to .30 and .09 to .12 crossed a cut
    assert heard(rows, views, cuts) == {"stated": 6, "moved": 2, "crossed": 2}


def test_what_lies_before_a_districts_break_does_not_stand_beside_the_others():
    views = rows({f"d{i}": {2020: 10.0, 2025: 20.0} for i in range(5)})
    broken = rows({"x": {2020: 90.0, 2024: np.nan, 2025: 30.0}})["x"]
    broken.loc[broken["year"] == 2024, "status"] = "B"  # the district is another from 2024 on
    found = held(views | {"x": broken})
    assert found.loc[found["area"] == "x", "year"].tolist() == [2025]
