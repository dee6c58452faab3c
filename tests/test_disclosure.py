"""disclosure: no count of one to four people can be read, or worked out from what is shown."""

import math
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from plananalysis.editions.additive import Cell
from plananalysis.editions.disclosure import hidden_cells, public
from plananalysis.editions.suppression import protect


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


def test_ranges_of_ages_that_make_up_everybody_are_parts_of_the_total(plan):
    """18 injured, 7 and 7 of them in two of three age groups: the third is 4 for whoever can subtract."""
    rows = [("C01", g, 2024, n / 10, n, 10000) for g, n in (("total", 18), ("age:0-6", 7), ("age:7-12", 7))]
    hidden = hidden_cells(view([*rows, ("C01", "age:13-17", 2024, 0.4, 4, 10000)]), plan)
    assert Cell("C01", "age:13-17", 2024) in hidden and len(hidden) == 2
    assert Cell("C01", "total", 2024) not in hidden


def test_groups_of_any_name_that_add_up_in_one_year_are_parts_in_every_year(plan):
    """Places of injury: complete in 2023; in 2024 one case has no place, and is known by then to be the only one."""
    rows = [
        ("C01", f"place:{g}", y, n / 10, n, 10000)
        for y, some in ((2023, (6, 7, 8)), (2024, (6, 9, 3)))
        for g, n in zip("abc", some, strict=True)
    ]
    rows += [("C01", "total", 2023, 2.1, 21, 10000), ("C01", "total", 2024, 1.9, 19, 10000)]
    hidden = hidden_cells(view(rows), plan)
    assert {c.year for c in hidden} == {2024} and Cell("C01", "place:c", 2024) in hidden and len(hidden) == 2


def test_nested_ranges_of_ages_are_taken_apart_too(plan):
    """0-17 is 0-6 and 7-17 as well as 0-6, 7-12 and 13-17; both ways lead to the one that is hidden."""
    counts = {"total": 30, "age:0-6": 10, "age:7-17": 20, "age:7-12": 17, "age:13-17": 3}
    hidden = hidden_cells(view([("C01", g, 2024, n / 10, n, 10000) for g, n in counts.items()]), plan)
    sums = [
        ("total", "age:0-6", "age:7-17"),
        ("total", "age:0-6", "age:7-12", "age:13-17"),
        ("age:7-17", "age:7-12", "age:13-17"),
    ]
    low, high = feasible(counts, sums, {c.group for c in hidden}, "age:13-17")
    assert low <= 1 and high >= 4


def test_groups_that_never_add_up_are_no_parts(plan):
    rows = [("C01", "place:a", y, 0.6, 6, 10000) for y in (2023, 2024)]
    rows += [("C01", "place:b", 2023, 0.7, 7, 10000), ("C01", "place:b", 2024, 0.3, 3, 10000)]
    rows += [("C01", "total", y, 2.0, 20, 10000) for y in (2023, 2024)]
    assert hidden_cells(view(rows), plan) == {Cell("C01", "place:b", 2024)}


def test_a_rate_without_counts_is_hidden_by_the_births_another_series_prints(plan):
    """15.87 in 100,000 of the 6,301 births printed beside child mortality is one death."""
    names = plan.series["denominator"]
    assert names["W02"] == names["C01"] != ""
    alone = ("W02", "total", 2024, 15.87, math.nan, math.nan)
    births = ("C01", "total", 2024, 2.0, 13, 6301)
    assert hidden_cells(view([alone, births]), plan) == {Cell("W02", "total", 2024)}
    many = ("W02", "total", 2024, 158.7, math.nan, math.nan)
    assert hidden_cells(view([many, births]), plan) == frozenset()


def test_births_known_to_three_per_cent_may_make_a_count_of_four(plan):
    """4.6 deaths by one register of births are 4.5, which may be four, by another."""
    rows = [("W02", "total", 2024, 1e5 * 4.6 / 6300, math.nan, math.nan), ("C01", "total", 2024, 2.0, 13, 6300)]
    assert Cell("W02", "total", 2024) in hidden_cells(view(rows), plan)


def test_a_rare_rate_whose_births_nobody_knows_is_hidden(plan):
    rare, common = ("W02", "total", 2024, 15.87, math.nan, math.nan), ("C01", "total", 2024, 25.0, math.nan, math.nan)
    assert hidden_cells(view([rare, common]), plan) == {Cell("W02", "total", 2024)}


def test_groups_that_do_not_add_up_are_hidden_before_a_revision_makes_one_of_them_small(plan):
    """8 in all, 5 girls and 6 boys: once the boys are mended to 3, what was shown of the others would give them."""
    first = view(
        [
            ("C01", "sex:female", 2024, 0.5, 5, 10000),
            ("C01", "sex:male", 2024, 0.6, 6, 10000),
            ("C01", "total", 2024, 0.4, 8, 20000),
        ]
    )
    then = view(
        [
            ("C01", "sex:female", 2024, 0.5, 5, 10000),
            ("C01", "sex:male", 2024, 0.3, 3, 10000),
            ("C01", "total", 2024, 0.4, 8, 20000),
        ]
    )
    groups = {Cell("C01", "sex:female", 2024), Cell("C01", "sex:male", 2024)}
    assert hidden_cells(first, plan) == groups
    assert hidden_cells(then, plan, earlier=[(first, plan)]) == groups


@pytest.mark.parametrize("groups", [("sex:female", "sex:male"), ("age:0-6", "age:7-17"), ("place:a", "place:b")])
def test_rates_without_counts_do_not_give_a_rare_group_away_to_who_has_the_denominators(plan, groups):
    """0.49 per cent of 204 is one: so are 2.78 per cent of 431 less 4.85 per cent of 227."""
    rates = dict(zip(("total", *groups), (2.78, 0.49, 4.85), strict=True))
    rows = [("C01", group, 2024, 10 * rate, math.nan, math.nan) for group, rate in rates.items()]
    hidden = hidden_cells(view(rows), plan)
    assert Cell("C01", groups[0], 2024) in hidden and Cell("C01", groups[1], 2024) in hidden


def test_a_value_for_several_years_together_is_the_sum_of_the_single_ones(plan):
    rows = [("C01", "total", y, n / 6, n, 6000) for y, n in ((2022, 9), (2023, 2), (2024, 8))]
    both = view([*rows, ("C01", "total", 2024, 19 / 18, 19, 18000)])
    both["definition"] = ["", "", "", "3年合并"]
    hidden = hidden_cells(both, plan)
    assert Cell("C01", "total", 2023) in hidden and len(hidden) == 2
    assert public(both, hidden)["withheld"].sum() == 2


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_what_is_hidden_leaves_all_of_one_to_four(small):
    """6 in all, none of them in a third group: one hidden beside 5 would leave 1 alone, or 2 to 4."""
    counts = {"all": 6, "a": small, "b": 6 - small, "c": 0}
    sums = [("all", "a", "b", "c")]
    low, high = feasible(counts, sums, protect(counts, sums), "a")
    assert low <= 1 and high >= 4


def by_sex(girls, boys, year=2024):
    counts = (("total", girls + boys), ("sex:female", girls), ("sex:male", boys))
    return view([("C01", g, year, n / 6, n, 6000) for g, n in counts])


def test_a_revision_does_not_give_away_what_the_edition_before_hid(plan):
    """14 with both sexes hidden; a year later 17, 5 and 12: two girls, for whoever kept the first edition."""
    first, second = by_sex(2, 12), by_sex(5, 12)
    hidden = {Cell("C01", g, 2024) for g in ("sex:female", "sex:male")}
    assert hidden_cells(first, plan) == hidden and hidden_cells(second, plan) == frozenset()
    assert hidden_cells(second, plan, earlier=[(first, plan)]) == hidden


def test_what_an_earlier_edition_showed_cannot_protect_a_later_secret(plan):
    """7 girls and 5 boys, both shown; then 3 girls. The boys are known to be 5, so that the new total must not be shown."""
    hidden = hidden_cells(by_sex(3, 5), plan, earlier=[(by_sex(7, 5), plan)])
    assert Cell("C01", "sex:female", 2024) in hidden and Cell("C01", "total", 2024) in hidden


def test_a_count_that_was_hidden_once_is_hidden_in_every_later_edition(plan):
    views = [view([("W02", "total", 2021, 1e5 * n / 6000, n, 6000)]) for n in (3, 9, 9)]
    earlier = [(one, plan) for one in views[:2]]
    assert hidden_cells(views[2], plan, earlier=earlier) == {Cell("W02", "total", 2021)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=3))
def test_no_count_ever_hidden_follows_from_all_editions_together(plan_once, editions):
    """Each edition revises both sexes; a count that did not change is the same unknown. The reader solves all of them at once."""
    views = [by_sex(*one) for one in editions]
    counts, sums, hidden, shown = {}, [], set(), set()
    for i, (girls, boys) in enumerate(editions):
        earlier = [(v, plan_once) for v in views[:i]]
        now = {c.group for c in hidden_cells(views[i], plan_once, earlier=earlier)}
        keys = {"total": ("t", girls + boys), "sex:female": ("f", girls), "sex:male": ("m", boys)}
        counts |= {key: key[1] for key in keys.values()}
        sums.append(tuple(keys.values()))
        hidden |= {key for group, key in keys.items() if group in now} - shown
        shown |= {key for group, key in keys.items() if group not in now}
    for cell in hidden - shown:
        if 1 <= counts[cell] <= 4:
            low, high = feasible(counts, list(dict.fromkeys(sums)), hidden, cell)
            assert low <= 1 and high >= 4, (editions, cell)


@pytest.fixture(scope="module")
def plan_once(tmp_path_factory):
    import intake_corpus as corpus

    from plananalysis.plan import load_plan

    root = tmp_path_factory.mktemp("plan")
    corpus.write_area(root)
    return load_plan(root, "demo")


def test_newborns_are_infants_so_that_their_counts_bound_each_other(plan):
    """9 newborns of whom at most 5 are boys, for there are 5 infant boys, leave 4 girls at least and 6 at most."""
    rows = [("C01", g, 2024, n / 6, n, 6000) for g, n in (("total", 9), ("sex:male", 5), ("sex:female", 4))]
    rows += [("C02", g, 2024, n / 6, n, 6000) for g, n in (("total", 11), ("sex:male", 5), ("sex:female", 6))]
    alone, both = (hidden_cells(view(rows), plan, nested=pairs) for pairs in ((), [("C02", "C01")]))
    girls = Cell("C01", "sex:female", 2024)
    assert girls in alone and girls in both and alone < both
    counts = {(r[0], r[1]): r[4] for r in rows} | {
        ("rest", g): n for g, n in (("total", 2), ("sex:male", 0), ("sex:female", 2))
    }
    sums = [((s, "total"), (s, "sex:male"), (s, "sex:female")) for s in ("C01", "C02")]
    sums += [(("C02", g), ("C01", g), ("rest", g)) for g in ("total", "sex:male", "sex:female")]
    unknown = {(c.series, c.group) for c in both} | {("rest", g) for g in ("total", "sex:male", "sex:female")}
    low, high = feasible(counts, sums, unknown, ("C01", "sex:female"))
    assert low <= 1 and high >= 4


@pytest.mark.slow
@pytest.mark.parametrize("forgetful", [False, True])
def test_a_reader_with_three_editions_and_a_solver_learns_nothing_unless_editions_forget(
    forgetful, monkeypatch, capsys
):
    """The benchmark on four districts; where every edition is made as if it were the first, the same reader succeeds."""
    monkeypatch.chdir(Path(__file__).parents[1])
    runpy.run_path("benchmarks/disclosure.py")["main"](4, forgetful)
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last.startswith("4 districts") and ("recovered 0, narrower than 1 to 4 0;" in last) is not forgetful
