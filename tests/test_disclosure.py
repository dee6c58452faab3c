"""disclosure: no count of one to four people can be read, or worked out from what is shown."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from plananalysis.editions.disclosure import Cell, hidden_cells, pooled, protect, public


def feasible(counts, sums, hidden, secret):
    """Least and greatest whole number a secret cell can be, given everything shown: the attack of somebody with a solver."""
    cells = sorted(hidden, key=str)
    left, right = np.zeros((len(sums), len(cells))), np.zeros(len(sums))
    for i, one in enumerate(sums):
        for n, cell in enumerate(one):
            sign = 1.0 if n == 0 else -1.0
            if cell in hidden:
                left[i, cells.index(cell)] += sign
            else:
                right[i] -= sign * counts[cell]
    aim = np.eye(len(cells))[cells.index(secret)]
    rules = LinearConstraint(left, right, right)
    found = [
        milp(sign * aim, constraints=rules, integrality=np.ones(len(cells)), bounds=Bounds(0, 1000)) for sign in (1, -1)
    ]
    assert all(f.success for f in found)
    return round(found[0].fun), round(-found[1].fun)


def test_a_small_group_is_hidden_together_with_another_one():
    counts = {"all": 20, "male": 17, "female": 3}
    assert protect(counts, [("all", "male", "female")]) == {"male", "female"}


def test_a_small_total_hides_what_would_give_it_away():
    counts = {"all": 3, "male": 3, "female": 0}
    assert {"all", "male"} <= protect(counts, [("all", "male", "female")])


def test_zeros_and_larger_counts_are_shown():
    assert protect({"a": 0, "b": 5, "c": 120}, []) == frozenset()


def test_the_sum_of_three_years_does_not_give_the_third():
    counts = {2023: 6, 2024: 2, 2025: 9, "2023-2025": 17}
    hidden = protect(counts, [("2023-2025", 2023, 2024, 2025)])
    assert 2024 in hidden and len(hidden) == 2


def test_sums_of_overlapping_years_are_seen_together():
    """Each sum alone keeps its secret; their difference would tell it."""
    counts = {y: c for y, c in enumerate([7, 8, 2, 9, 11, 6])}
    sums = [(f"s{y}", y, y + 1, y + 2) for y in range(4)]
    counts |= {one[0]: sum(counts[c] for c in one[1:]) for one in sums}
    low, high = feasible(counts, sums, protect(counts, sums), 2)
    assert low < high


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=3, max_size=3), st.lists(st.integers(0, 7), min_size=3, max_size=3))
def test_no_small_count_of_any_table_can_be_worked_out(male, female):
    """Two sexes by three years with totals and a pooled sum: every secret keeps at least two possible values."""
    counts, sums = {}, []
    for year, (m, f) in enumerate(zip(male, female, strict=True)):
        counts |= {("m", year): m, ("f", year): f, ("t", year): m + f}
        sums.append((("t", year), ("m", year), ("f", year)))
    for group in "mft":
        counts[group, "pool"] = sum(counts[group, y] for y in range(3))
        sums.append(((group, "pool"), *((group, y) for y in range(3))))
    hidden = protect(counts, sums)
    secret = {cell for cell, count in counts.items() if 1 <= count <= 4}
    assert secret <= hidden
    for cell in secret:
        low, high = feasible(counts, sums, hidden, cell)
        assert low < high, cell


@pytest.fixture
def plan(tmp_path):
    import intake_corpus as corpus

    from plananalysis.plan import load_plan

    corpus.write_area(tmp_path)
    return load_plan(tmp_path, "demo")


def view(rows):
    columns = ["series", "group", "year", "value", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float, "numerator": float, "denominator": float})


def test_a_view_is_shown_without_small_counts_and_without_the_rates_that_tell_them(plan):
    rows = [("C01", "total", y, 2.0, 12, 6000) for y in (2023, 2024)]
    rows += [("W02", "total", 2023, 16.67, math.nan, 6000), ("W02", "total", 2024, 0.0, 0, 6000)]
    rows += [
        ("C01", "sex:male", 2024, 3.23, 10, 3100),
        ("C01", "sex:female", 2024, 0.69, 2, 2900),
        ("W01", "total", 2024, 3, math.nan, math.nan),
    ]
    hidden = hidden_cells(view(rows), plan)
    assert hidden == {Cell("W02", "total", 2023), Cell("C01", "sex:male", 2024), Cell("C01", "sex:female", 2024)}
    shown = public(view(rows), hidden)
    assert shown.loc[shown["withheld"], ["value", "numerator"]].isna().all().all()
    assert shown["denominator"].notna().sum() == 6 and shown.loc[6, "value"] == 3


def test_pooled_values_add_counts_over_whole_runs_of_years(plan):
    rows = [
        ("W02", "total", y, math.nan, n, 6000)
        for y, n in ((2018, 1), (2019, 0), (2020, 2), (2022, 1), (2023, 0), (2024, 3))
    ]
    found = pooled(view(rows), plan, 3)
    assert found[["year", "numerator", "denominator"]].to_numpy().tolist() == [[2020, 3, 18000], [2024, 4, 18000]]
    assert found["value"].tolist() == pytest.approx([1e5 * 3 / 18000, 1e5 * 4 / 18000])
    assert Cell("W02", "total", 2024, 3) in hidden_cells(view(rows), plan, found)
