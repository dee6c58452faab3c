"""Gaps between groups: numbers worked out by hand, and what must hold whatever the values are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis.assessments import gaps
from plananalysis.assessments.gap_words import caution, sentence
from plananalysis.assessments.gaps import Pair, Year, both_reported, chance_alone, gap_histories, pairs, tables, trend
from plananalysis.base.text import speaking
from plananalysis.observations import History, as_rows
from plananalysis.plan import Plan, load_plan
from plananalysis.plan.groups import group_name
from plananalysis.projections import Projection
from plananalysis.schema import table
from plananalysis.schema.rows import Record

ROOT = Path(__file__).parents[1]
SEX = Pair("C10b:sex", "C10b", "sex", "sex:female", "sex:male")  # %, two decimals, lower is better


@cache
def plan() -> Plan:
    return load_plan(ROOT, "example", 2025)


def reported(
    series: str,
    values: dict[str, dict[int, float]],
    definition: dict[tuple[str, int], str] | None = None,
    **cells: object,
) -> pd.DataFrame:
    """A view as ``as_known`` gives it: values by group and year."""
    rows = [
        {"series": series, "area": "example", "group": group, "year": year, "definition": (definition or {}).get((group, year), ""),
         "value": value, "status": "A", "reported_at": f"{year + 1}-05-01", "numerator": np.nan, "denominator": np.nan} | cells
        for group, held in values.items() for year, value in held.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def both(women: list[float], men: list[float], first: int = 2016, series: str = "C10b") -> pd.DataFrame:
    held = {g: dict(enumerate(v, first)) for g, v in (("sex:female", women), ("sex:male", men))}
    return reported(series, held)


def gap_of(view: pd.DataFrame, pair: Pair = SEX) -> pd.DataFrame:
    years = both_reported(as_rows(view), pair, plan().series.loc[pair.series].to_dict())
    return pd.DataFrame(years, columns=Year._fields)


def history_of(view: pd.DataFrame, pair: Pair = SEX) -> History:
    years = both_reported(as_rows(view), pair, plan().series.loc[pair.series].to_dict())
    return gap_histories({pair: years}, plan().leaves())[pair.gap]


def test_a_gap_is_what_the_published_values_differ_by():
    # 31.15 - 33.4 = -2.25, although 31.15 - 33.4 as floats is -2.2499999999999964
    found = gap_of(both([31.15, 30.0], [33.4, 30.0]))
    assert found["value"].tolist() == [-2.25, 0.0]


def test_a_year_in_which_one_group_is_missing_has_no_gap():
    view = reported(
        "C10b",
        {
            "sex:female": {2021: 30.0, 2022: 31.0, 2023: 30.5},
            "sex:male": {2021: 33.0, 2023: 33.0},
            "total": {2022: 32.0},
        },
    )
    assert gap_of(view)["year"].tolist() == [2021, 2023]


def test_groups_reported_under_different_definitions_are_not_compared():
    view = reported(
        "C11",
        {"sex:female": {2021: 30.0, 2022: 31.0}, "sex:male": {2021: 33.0, 2022: 33.0}},
        {("sex:male", 2022): "nbs"},
    )
    assert gap_of(view, replace(SEX, gap="C11:sex", series="C11"))["year"].tolist() == [2021]


def test_a_new_definition_starts_a_new_segment():
    years = range(2018, 2024)
    definition = {(g, y): "nbs" for g in ("sex:female", "sex:male") for y in years if y >= 2021}
    view = reported(
        "C11",
        {"sex:female": dict.fromkeys(years, 30.0), "sex:male": {y: 31.0 + (y >= 2021) for y in years}},
        definition,
    )
    pair = replace(SEX, gap="C11:sex", series="C11")
    history = history_of(view, pair)
    assert (history.years.tolist(), history.values.tolist(), history.break_year) == (
        [2021, 2022, 2023],
        [-2.0] * 3,
        2021,
    )
    assert [e[0] for e in history.earlier] == [2018, 2019, 2020]
    years_of = pd.DataFrame(tables(plan(), view, 50)["gap_years"])
    assert years_of.loc[years_of["left_out"] == "not_comparable", "year"].tolist() == [2018, 2019, 2020]


def test_a_break_in_either_group_breaks_the_gap():
    view = both([30, 31, 32, 33], [33, 33, 33, 33])
    view.loc[(view["group"] == "sex:male") & (view["year"] == 2018), "status"] = "B"
    assert history_of(view).years.tolist() == [2018, 2019]


@pytest.mark.parametrize(
    ("one", "other", "shown"), [("A", "P", "P"), ("E", "P", "E"), ("B", "E", "B"), ("A", "A", "A")]
)
def test_the_graver_status_of_the_two_holds(one: str, other: str, shown: str):
    view = both([30.0], [33.0])
    view["status"] = [one, other]
    assert gap_of(view)["status"].tolist() == [shown]


def test_a_total_entered_in_the_girls_row_is_left_out_and_says_so():
    view = reported(
        "C10b",
        {
            "sex:female": {2021: 30.0, 2022: 32.0},
            "sex:male": {2021: 33.0, 2022: 34.0},
            "total": {2021: 31.6, 2022: 32.0},
        },
    )
    assert gap_of(view)["left_out"].tolist() == ["", "copied_total"]
    assert history_of(view).years.tolist() == [2021]


def test_what_is_left_out_stands_behind_no_number_of_the_gap():
    # cases and people known in every year; the newest year repeats the total in the girls' row
    counts = {"sex:female": (30, 100), "sex:male": (33, 100), "total": (63, 200)}
    view = reported("C10b", {"sex:female": {2023: 30.0, 2024: 30.0, 2025: 32.0}, "sex:male": {2023: 33.0, 2024: 33.0, 2025: 34.0},
                             "total": {2023: 31.5, 2024: 31.5, 2025: 32.0}})  # fmt: skip
    view["numerator"], view["denominator"] = zip(*(counts[group] for group in view["group"]), strict=True)
    found = tables(plan(), view, 50)
    row = found["gaps"].iloc[0]
    assert (row["value"], row["value_year"], row["group_value"], row["other_value"]) == (-3.0, 2024, 30.0, 33.0)
    assert (row["events"], row["other_events"], row["pooled_from"]) == (60, 66, 2023)  # two years, not three
    years = found["gap_years"]
    assert dict(zip(years["year"], years["left_out"], strict=True)) == {2023: "", 2024: "", 2025: "copied_total"}


def test_a_total_near_a_group_by_rounding_is_no_copy():
    view = reported("C10b", {"sex:female": {2021: 99.98}, "sex:male": {2021: 99.96}, "total": {2021: 99.98}})
    assert gap_of(view)["left_out"].tolist() == [""]


def test_in_a_womens_plan_the_total_is_the_women():
    about = dict(plan().series.loc["C10b"]) | {"plan": "women"}
    view = reported("C10b", {"sex:female": {2021: 30.0}, "sex:male": {2021: 34.0}, "total": {2021: 30.0}})
    assert [y.left_out for y in both_reported(as_rows(view), SEX, about)] == [""]


def gap_row(cells: dict) -> Record:
    """A line of the table ``gaps`` with the names its groups have in a children's plan, where the test gives none."""
    names = {f"{c}_name": group_name(cells[c], "children") for c in ("group", "other") if c in cells}
    return Record(names | cells, table("edition", "gaps"))


def test_pairs_are_those_the_plan_asks_for_and_somebody_reported():
    values = {g: {2021: 50.0} for g in ("age:55-64", "age:35-44", "sex:male", "total")}
    found = list(
        pairs(plan(), pd.concat([reported("W05a", values), reported("C10b", values), reported("W01", values)]))
    )
    # W05a is asked by age, C10b by sex, W01 by nothing; age groups stand against the total, youngest first
    assert [p.gap for p in found] == ["W05a:age:35-44", "W05a:age:55-64", "C10b:sex"]
    assert {p.other for p in found[:2]} == {"total"}


def test_a_group_never_reported_is_said_not_made_up():
    row = tables(plan(), reported("C10b", {"sex:female": {2021: 30.0}}), 50)["gaps"].iloc[0]
    assert (
        row["why_no_probability"] == "group_missing"
        and pd.isna(row["value"])
        and sentence(gap_row(row.to_dict())) == ""
    )


percent = st.integers(0, 10_000).map(lambda v: v / 100)
pair_of_lists = st.lists(st.tuples(percent, percent), min_size=1, max_size=9)


@settings(max_examples=25)
@given(pair_of_lists)
def test_equal_groups_have_no_gap(values: list[tuple[float, float]]):
    women = [v for v, _ in values]
    assert (gap_of(both(women, women))["value"] == 0).all()


@settings(max_examples=25)
@given(pair_of_lists)
def test_swapping_the_groups_flips_the_sign(values: list[tuple[float, float]]):
    women, men = (list(v) for v in zip(*values, strict=True))
    assert np.array_equal(gap_of(both(women, men))["value"], -gap_of(both(men, women))["value"])


@settings(max_examples=25)
@given(pair_of_lists, st.integers(-5000, 5000))
def test_a_constant_added_to_both_leaves_the_gap(values: list[tuple[float, float]], cents: int):
    women, men = (list(v) for v in zip(*values, strict=True))
    moved = gap_of(both([v + cents / 100 for v in women], [v + cents / 100 for v in men]))
    assert np.array_equal(gap_of(both(women, men))["value"], moved["value"])


@settings(max_examples=5)
@given(
    st.lists(st.tuples(percent, percent), min_size=6, max_size=10).filter(
        lambda v: v[-1][0] - v[-1][1] != v[0][0] - v[0][1]
    )
)
def test_swapping_the_groups_mirrors_the_projection(values: list[tuple[float, float]]):
    women, men = (list(v) for v in zip(*values, strict=True))
    one, two = (
        tables(plan(), both(a, b), 200)["gap_years"].dropna(subset="q50") for a, b in ((women, men), (men, women))
    )
    assert len(one) == len(two) > 0
    width = float((one["q90"] - one["q10"]).astype(float).max())
    for level, other in (("q10", "q90"), ("q50", "q50"), ("q975", "q025")):
        np.testing.assert_allclose(one[level].astype(float), -two[other].astype(float), atol=0.02 * width + 1e-4)


def test_groups_with_one_history_are_expected_to_stay_together():
    line = [30.0, 31.5, 31.0, 33.0, 32.0, 34.0]
    ahead = tables(plan(), both(line, line), 500)["gap_years"].dropna(subset="q50")
    # no gap has ever moved by the hundredth of a point that is published
    assert (ahead[["q10", "q50", "q90"]].abs() < 0.1).all(axis=None) and len(ahead)


def test_a_gap_that_moves_is_expected_to_move_as_much():
    # the two groups rise together; their gap goes up and down by half a point a year
    women = [30 + y + 0.5 * (y % 2) for y in range(10)]
    men = [32.0 + y for y in range(10)]
    ahead = tables(plan(), both(women, men), 500)["gap_years"].dropna(subset="q50")
    width = (ahead["q90"] - ahead["q10"]).astype(float).iloc[0]
    assert 0.4 < width < 3.0


@pytest.mark.parametrize("shift", [0.0, 40.0])
def test_the_gap_alone_decides_its_projection(shift: float):
    women, men = [30.0, 30.5, 31, 31, 32, 31.5], [33.0, 33, 33.5, 34, 34, 34.5]
    one = tables(plan(), both(women, men), 100)["gap_years"]["q90"].dropna()
    two = tables(plan(), both([v + shift for v in women], [v + shift for v in men]), 100)["gap_years"]["q90"].dropna()
    assert one.tolist() == two.tolist()


def test_the_probability_is_the_share_of_paths_on_which_the_gap_is_narrower(monkeypatch):
    # the gap is -3.0 now and was -2.0 in 2020; of four ends two are nearer to zero than 3.0, one nearer than 2.0, one is beyond zero
    ends = np.array([[-3.5], [-2.5], [1.5], [3.0]])

    def four_paths(plan, histories, n_paths):
        return {h.series: Projection(h.series, 2025, 6, np.array([2030]), ends, None, "paper") for h in histories}

    monkeypatch.setattr(gaps, "_projected", four_paths)
    row = tables(plan(), both([28.0] * 5 + [27.0], [30.0] * 6, first=2020), 4)["gaps"].iloc[0]
    assert (row["value"], row["baseline"], row["change"], row["trend"]) == (-3.0, -2.0, 1.0, "wider")
    assert (row["p_narrower"], row["p_narrower_than_base"]) == (0.5, 0.25)


def test_a_gap_of_a_share_stays_within_what_is_possible():
    view = both([99, 99.5, 99.9, 99.9, 100, 100], [1, 0.5, 0.1, 0.1, 0, 0])
    ahead = tables(plan(), view, 200)["gap_years"].filter(like="q").dropna()
    assert ((ahead >= -100) & (ahead <= 100)).all(axis=None)


def test_chance_alone_against_paper():
    # 3 of 18 with equal shares: twice (1 + 18 + 153 + 816) / 2**18
    assert chance_alone(3, 15, 1000, 1000) == pytest.approx(2 * 988 / 2**18)
    assert chance_alone(0, 0, 10, 10) == 1.0
    assert chance_alone(2, 4, 100, 200) == 1.0  # just as expected


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9), st.integers(1, 9))
def test_chance_alone_agrees_with_sums_of_fractions(one: int, other: int, people: int, others: int):
    total, share = one + other, Fraction(people, people + others)
    odds = [comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)]
    exact = min(Fraction(1), 2 * min(sum(odds[: one + 1]), sum(odds[one:])))
    assert chance_alone(one, other, people, others) == pytest.approx(float(exact), abs=1e-9)


def counted(series: str, cases: dict[str, list[int]], people: dict[str, int], per: float) -> pd.DataFrame:
    rows = []
    for group, held in cases.items():
        for year, n in enumerate(held, 2020):
            cells = {"numerator": n, "denominator": people[group]}
            rows.append(reported(series, {group: {year: round(n / people[group] * per, 2)}}, **cells))
    return pd.concat(rows, ignore_index=True)


def test_few_cases_are_counted_over_three_years_and_a_chance_difference_is_called_one():
    view = counted(
        "C01",
        {"sex:female": [9, 9, 9, 1, 1, 1], "sex:male": [9, 9, 9, 2, 2, 1]},
        {"sex:female": 1000, "sex:male": 1000},
        1000,
    )
    row = tables(plan(), view, 100)["gaps"].iloc[0].to_dict()
    assert (row["events"], row["other_events"], row["pooled_from"], row["few"]) == (3, 5, 2023, True)
    # 2 (1 + 8 + 28 + 56) / 256 of eight
    assert row["p_chance"] == pytest.approx(186 / 256)
    assert "女童3例、男童5例" in caution(gap_row(row)) and "偶然波动" in caution(gap_row(row))
    assert sentence(gap_row(row)) == "2025年女童与男童持平。"  # how a difference made by chance moves is not told


def test_an_age_group_is_held_against_the_rest_of_the_total():
    cases = {"age:0-6": [10] * 6, "total": [40] * 6}
    view = counted("C17", cases, {"age:0-6": 10_000, "total": 40_000}, 1000)
    row = tables(plan(), view, 100)["gaps"].iloc[0]
    assert (row["events"], row["other_events"], row["p_chance"]) == (30, 90, 1.0)


WORDS = {"narrower": "缩小", "wider": "扩大", "same": "相同", "reversed": "而2020年为"}


@given(st.integers(-400, 400), st.integers(-400, 400))
def test_the_sentence_says_what_the_table_holds(base: int, now: int):
    cells = {
        "gap": "x",
        "unit": "%",
        "decimals": 1,
        "group_name": "女性",
        "other_name": "男性",
        "group": "sex:female",
        "other": "sex:male",
    }
    moved = trend(base / 10, now / 10)
    row = cells | {"value": now / 10, "value_year": 2025, "baseline": base / 10, "base_year": 2020, "target_year": 2030}
    row |= {"change": round(abs(now) / 10 - abs(base) / 10, 1), "trend": moved, "p_narrower": 0.7}
    text = sentence(gap_row(row))
    assert ("高" in text.partition("，")[0]) == (now > 0) and ("低" in text.partition("，")[0]) == (now < 0)
    assert [w for w in WORDS.values() if w in text.partition("；")[0]] == [WORDS[moved]]
    assert ("继续缩小" in text) == (moved == "narrower") and text.endswith("概率约70%。")
    with speaking("en"):
        english = sentence(gap_row(row))
    assert english.endswith(".") and not any(
        "\u4e00" <= c <= "\u9fff" for c in english.replace("女性", "").replace("男性", "")
    )


def test_the_sentence_asked_for():
    row = {"unit": "%", "decimals": 1, "group_name": "女性", "other_name": "男性", "value": -3.2, "value_year": 2025, "baseline": -4.0,
           "base_year": 2020, "change": -0.8, "trend": "narrower", "p_narrower": 0.7, "target_year": 2030}  # fmt: skip
    assert (
        sentence(gap_row(row))
        == "2025年女性比男性低3.2个百分点，差距比2020年缩小0.8个百分点；到2030年继续缩小的概率约70%。"
    )


def test_the_gap_of_the_example_district_by_hand():
    # data/raw/example: 小学生近视率 of girls and boys in 2020 and 2025
    from plananalysis.observations import as_known, load_observations

    view = as_known(load_observations(ROOT, "example"), plan().known_on, 2025)
    cell = view.set_index(["series", "group", "year"])["value"]
    row = tables(plan(), view[view["series"] == "C10b"], 100)["gaps"].iloc[0]
    assert row["value"] == pytest.approx(cell["C10b", "sex:female", 2025] - cell["C10b", "sex:male", 2025])
    assert row["baseline"] == pytest.approx(cell["C10b", "sex:female", 2020] - cell["C10b", "sex:male", 2020])
