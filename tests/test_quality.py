"""quality: what is wrong is found with its place and said once; what is merely true is left alone."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis import schema
from plananalysis.assessments import assess
from plananalysis.base.errors import DataError
from plananalysis.base.tables import find_root
from plananalysis.checks import doubts
from plananalysis.checks.cells import by_chance
from plananalysis.checks.findings import year_list
from plananalysis.checks.quality import check, completeness, findings, load_logic
from plananalysis.observations import as_known, histories, load_observations
from plananalysis.plan import load_plan
from plananalysis.returns.register import Review

ROOT = find_root(Path(__file__).parent)


@pytest.fixture(scope="module")
def plan():
    return load_plan(ROOT, "jiangbei", 2025)  # closes on 2026-12-31


@pytest.fixture(scope="module")
def logic(plan):
    return load_logic(ROOT, "jiangbei", set(plan.leaves().index))


def report(series, values, first=2016, **more):
    """Rows of one series, one a year from ``first``; None is a missing year, "M" one reported missing."""
    return [
        {"series": series, "year": first + i, "value_text": str(v), **more}
        for i, v in enumerate(values)
        if v is not None
    ]


def observations(*rows):
    """Observations as load_observations returns them; a year's value is reported in the April after it."""
    table = []
    for number, row in enumerate(rows, start=2):
        text = "" if row["value_text"] == "M" else row["value_text"]
        base = {
            "area": "jiangbei",
            "group": "total",
            "status": "A" if text else "M",
            "definition": "",
            "tier": "",
            "note": "",
        }
        base |= {"reported_at": f"{row['year'] + 1}-04-30", "submission": "a.csv", "file_row": number}
        counts = {c: str(row.get(c, "")) for c in ("numerator", "denominator")}
        numbers = {c: float(t) if t else np.nan for c, t in [("value", text), *counts.items()]}
        texts = {f"{c}_text": t for c, t in [("value", text), *counts.items()]}
        table.append(base | row | texts | numbers)
    return pd.DataFrame(table)


def asked(plan, *rows, logic=None, only=None):
    """Findings as (rule, severity, series, year), without the two that most made-up histories draw."""
    table = observations(*rows)
    found = check(plan, table, as_known(table, plan.known_on, plan.as_of), logic)
    found = found[~found["rule"].isin({"no_counts", "stale"} - {only})]
    return [] if found.empty else found


def rules(*args, **kwargs):
    found = asked(*args, **kwargs)
    return [] if isinstance(found, list) else list(zip(found["rule"], found["year"], strict=True))


STEADY = [91.2, 91.9, 92.3, 92.8, 93.1, 93.9, 94.2, 94.6, 95.3, 95.7]  # 2016-2025


# --- a good return -----------------------------------------------------------------------------------------------------


def test_a_good_return_draws_no_question(plan, logic):
    births = [5200, 5100, 5300, 5000, 5400, 5600, 5500, 5700, 5900, 5800]
    deaths = [0, 1, 0, 0, 2, 0, 0, 1, 0, 0]
    maternal = [
        {"series": "W03", "year": 2016 + i, "value_text": f"{d / b * 1e5:.2f}", "numerator": d, "denominator": b}
        for i, (d, b) in enumerate(zip(deaths, births, strict=True))
    ]
    assert rules(plan, *report("W04", STEADY), *maternal, logic=logic) == []


def test_nothing_reported_is_no_issue_and_keeps_the_columns(plan):
    table = observations(*report("W04", STEADY)).iloc[:0]
    found = check(plan, table, as_known(table, plan.known_on, plan.as_of))
    assert (
        found.empty
        and list(found.columns) == [*schema.table("edition", "quality").stored]
        and found["file_row"].dtype == "int64"
    )


def test_a_finding_names_its_cell_in_chinese(plan):
    issue = asked(plan, *report("W04", [100.5], first=2025)).iloc[0]
    assert issue[["severity", "rule", "series", "group", "year", "value", "submission", "file_row"]].tolist() == [
        *("error", "out_of_bounds", "W04", "total", 2025, "100.5", "a.csv", 2)
    ]
    assert issue["message"] == "2025年报100.5%，超出取值范围（不低于0%、不高于100%）。" and issue["advice"]


def test_findings_come_worst_first_then_in_the_plans_order(plan):
    rows = [
        *report("C05", [5, None, 5.5], 2023),
        *report("C03", [101], 2025),
        *report("W04", [102], 2025),
        *report("W36", [40, 60], 2024),
    ]
    found = asked(plan, *rows)
    assert list(zip(found["severity"], found["series"], strict=True)) == [
        ("error", "W04"),
        ("error", "C03"),
        ("explain", "W36"),
        ("hint", "C05"),
    ]


# --- first values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "value", "asked_about"),
    [
        ("W04", "0.93", True),  # ≥94 %: a fraction
        ("W04", "9.31", True),  # a decimal slip
        ("W04", "0", True),
        ("W04", "60.0", False),  # far below its target, as a first value may be
        ("C01", "1.57", False),  # <1.5 ‰
        ("C01", "15.7", True),
        ("C01", "0", False),  # no death is good news, and no slip
        ("C14", "0.24", True),  # <25 %
        ("C14", "3.0", False),
        ("W42", "0.4", False),  # 提高, and nothing to hold it against
        ("C23", "2", False),
    ],
)
def test_a_first_value_is_held_against_the_target(plan, series, value, asked_about):
    found = rules(plan, *report(series, [value], first=2025))
    assert ("first_value" in [rule for rule, _ in found]) is asked_about


def test_a_first_value_is_held_against_the_baseline_and_other_places(plan):
    rows = report("W42", ["40.5", "41.0"], first=2020)
    assert rules(plan, *rows) == []
    slip = [*report("W42", ["40.5"], first=2020), *report("W42", ["0.41"], first=2025)]
    assert ("first_value", 2025) in rules(plan, *slip)
    table = observations(*report("W42", ["0.41"], first=2025))
    view = as_known(table, plan.known_on, plan.as_of)
    told = findings(plan, table, view, beside={"W42": [("全国 2024年", 38.0)]})
    assert [f.rule for f in told if f.rule == "first_value"] and "全国 2024年38%" in told[0].message + told[-1].message


def test_a_series_begun_as_fractions_does_not_make_the_right_value_an_error(plan):
    begun = [*report("W04", ["0.926", "0.931", "0.935", "0.938"], first=2021), *report("W04", ["94.1"], first=2025)]
    found = asked(plan, *begun)
    assert set(found.loc[found["rule"] == "first_value", "year"]) == {2021, 2022, 2023, 2024}
    assert "错误" not in set(found["severity"])


# --- one value ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "value", "expected"),
    [
        ("W04", "-0.1", [("out_of_bounds", 2025)]),
        ("W04", "0", [("first_value", 2025)]),  # within its bounds, but the target is 94
        ("W04", "100", []),
        ("C19", "101.2", []),  # a gross rate may exceed 100
        ("C19", "-1", [("out_of_bounds", 2025)]),
        ("C15a", "24.5", [("out_of_bounds", 2025)]),
    ],
)
def test_natural_bounds(plan, series, value, expected):
    assert rules(plan, *report(series, [value], first=2025)) == expected


@pytest.mark.parametrize(
    ("series", "value", "numerator", "denominator", "expected"),
    [
        ("W20", "36.86", 14744, 40000, None),
        ("W20", "36.9", 14744, 40000, None),  # rounded to what was typed
        ("W20", "37", 14744, 40000, None),
        ("W20", "36.87", 14744, 40000, "truncated"),  # one step of the last digit off, either way
        ("W20", "36.85", 14744, 40000, "truncated"),
        ("W20", "36.8", 14744, 40000, "truncated"),  # cut off, not rounded
        ("W20", "36.84", 14744, 40000, "rate_mismatch"),
        ("C01", "2.35", 14, 5983, "truncated"),  # 2.33997
        ("C01", "2.36", 14, 5983, "rate_mismatch"),
        ("W20", "36.7", 14744, 40000, "rate_mismatch"),
        ("W39", "93.3", 3216, 3000, "rate_mismatch"),  # upside down
        ("W20", "43.31", 13724, 40000, "rate_mismatch"),  # digits swapped
        ("W20", "0.3686", 14744, 40000, "unit_slip"),
        ("W20", "3.686", 14744, 40000, "unit_slip"),
        ("W20", "368.6", 14744, 40000, "unit_slip"),
        ("W03", "17.5", 1, 5714, None),
        ("W03", "0.175", 1, 5714, "unit_slip"),  # per mille instead of per 100,000
        ("W03", "0", 0, 5714, None),
        ("W03", "17.5", 0, 5714, "rate_mismatch"),
        ("W39", "107.2", 3216, 3000, None),
        ("W40", "0.667", 2, 3, None),
        ("C01", "1.45", "0.8", "571", None),  # counts typed with decimals are themselves rounded
        ("C01", "1.45", "8", "5710", "rate_mismatch"),
        ("W45.1", "7", 7, "", None),
        ("W45.1", "7", 8, "", "rate_mismatch"),
        ("W20", "36.86", 0, 0, "zero_denominator"),
        ("W33", "24.7", 3, 7, None),  # no rate: its counts say nothing about it
    ],
)
def test_a_value_is_held_against_its_counts(plan, series, value, numerator, denominator, expected):
    row = {"series": series, "year": 2025, "value_text": value, "numerator": numerator, "denominator": denominator}
    assert [r for r, _ in rules(plan, row)] == ([expected] if expected else [])


def test_a_unit_slip_names_the_factor(plan):
    row = {"series": "W20", "year": 2025, "value_text": "0.3686", "numerator": 14744, "denominator": 40000}
    assert "1/100" in asked(plan, row).iloc[0]["message"]


def test_a_rate_without_the_counts_the_plan_asks_for_is_noted_for_the_newest_year_only(plan):
    found = asked(plan, *report("W03", [8.1, 8.2], first=2024), only="no_counts")
    assert found[["rule", "year", "severity"]].values.tolist() == [["no_counts", 2025, "hint"]]
    assert "活产数" in found.iloc[0]["message"]
    assert "no_counts" not in [r for r, _ in rules(plan, *report("W03", [8.1, 8.2], first=2023), only="no_counts")]


def test_a_missing_value_needs_a_reason(plan):
    assert rules(plan, *report("W04", ["M"], first=2025)) == [("missing_unexplained", 2025)]
    assert rules(plan, *report("W04", ["M"], first=2025, note="当年未开展监测")) == []


# --- among the other years ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 4, 9])
@pytest.mark.parametrize("factor", [0.001, 0.01, 0.1, 10, 100, 1000])
def test_a_tenfold_slip_is_said_once_wherever_it_stands(plan, at, factor):
    values = list(STEADY)
    values[at] = f"{values[at] * factor:.6g}"
    found = asked(plan, *report("W04", values))
    assert found[["rule", "severity", "year"]].values.tolist() == [["unit_slip", "error", 2016 + at]]


def test_small_counts_may_grow_tenfold(plan):
    assert "unit_slip" not in [r for r, _ in rules(plan, *report("C23", [2, 2, 3, 3, 28], 2021))]
    assert "unit_slip" in [r for r, _ in rules(plan, *report("C23", [200, 210, 230, 250, 2800], 2021))]


def test_growth_to_ten_times_over_years_is_no_slip(plan):
    assert "unit_slip" not in [r for r, _ in rules(plan, *report("W33", [1.0, 1.1, 1.2, 2.0, 4.1, 10.5], 2020))]


def test_a_jump_beyond_thirty_percent_is_to_be_explained_and_the_way_back_is_not(plan):
    assert rules(plan, *report("W33", [24.1, 24.4, 24.7, 59.3, 25.7, 26.0], 2020)) == [("jump", 2023)]
    assert rules(plan, *report("W33", [24.1, 24.4, 24.7, 59.3, 60.1, 60.9], 2020)) == [("jump", 2023)]
    assert rules(plan, *report("W33", [10.0, 13.0], 2024)) == []
    assert rules(plan, *report("W33", [10.0, 13.1], 2024)) == [("jump", 2025)]
    assert rules(plan, *report("W33", [10.0, 6.9], 2024)) == [("jump", 2025)]


def test_a_rate_of_growth_is_no_times_the_year_before(plan):
    """From 0.1 % growth to 0.5 % is four tenths of a point; the same figures of a level are five times as much."""
    growth = [2.3, 8.1, 3.0, 0.2, 0.5, 5.0]
    assert ("jump", 2021) in rules(plan, *report("W33", growth, 2020))
    series = plan.series.copy()
    series.loc["W33", "name"] = "全社会研发经费投入增长"
    assert not {"jump", "unit_slip"} & {
        rule for rule, _ in rules(replace(plan, series=series), *report("W33", growth, 2020))
    }


def test_a_jump_is_measured_per_year_elapsed(plan):
    assert ("jump", 2025) not in rules(plan, *report("W33", [10.0, None, 16.0], 2023))
    assert ("jump", 2025) in rules(plan, *report("W33", [10.0, None, 17.0], 2023))
    assert ("jump", 2025) not in rules(plan, *report("W33", [10.0, None, 5.0], 2023))
    assert ("jump", 2025) in rules(plan, *report("W33", [10.0, None, 4.8], 2023))


def test_history_before_the_base_year_is_not_questioned_for_jumps(plan):
    assert rules(plan, *report("W33", [10.0, 20.0, 20.2, 20.4], 2017)) == []
    assert rules(plan, *report("W33", [10.0, 20.0, 20.2, 20.4], 2019)) == [("jump", 2020)]


def test_one_death_more_is_not_a_jump(plan):
    rows = [
        {"series": "C01", "year": 2023 + i, "value_text": f"{d / 5714 * 1000:.2f}", "numerator": d, "denominator": 5714}
        for i, d in enumerate([4, 9, 3])
    ]
    assert rules(plan, *rows) == []
    many = [r | {"value_text": f"{float(r['value_text']):.2f}", "numerator": "", "denominator": ""} for r in rows]
    assert [r for r, _ in rules(plan, *many)] == ["jump"]  # without counts nobody can tell


@pytest.mark.parametrize(
    ("first", "second", "chance"),
    [
        (0, 0, True),
        (4, 0, True),  # 2 / 2^4 = .125
        (5, 0, True),  # 2 / 2^5 = .063
        (6, 0, False),  # 2 / 2^6 = .031
        (7, 1, True),  # 2 * (1 + 8) / 2^8 = .070
        (8, 1, False),  # 2 * (1 + 9) / 2^9 = .039
        (450, 500, True),  # 50 / sqrt(950) = 1.6 standard deviations
        (450, 520, False),  # 70 / sqrt(970) = 2.2
    ],
)
def test_chance_between_two_counts(first, second, chance):
    assert by_chance(first, second) == by_chance(second, first) == chance


def test_an_unknown_count_is_not_chance():
    assert by_chance(float("nan"), 3.0) is False


def test_a_value_off_a_smooth_trend_is_to_be_explained(plan):
    values = list(STEADY)
    values[9] = 89.1
    found = asked(plan, *report("W04", values))
    assert found[["rule", "severity", "year"]].values.tolist() == [["off_trend", "explain", 2025]]
    assert "95." in found.iloc[0]["message"]
    values[9], values[6] = 95.7, 98.9
    assert rules(plan, *report("W04", values)) == [("off_trend", 2022)]


def test_a_new_level_is_questioned_until_the_year_after_bears_it_out(plan):
    values = [90.0, 90.2, 90.1, 90.3, 90.2, 90.4, 80.0, 80.1]
    assert rules(plan, *report("W04", values[:-1], 2019)) == [("off_trend", 2025)]
    assert rules(plan, *report("W04", values, 2018)) == []


def test_steps_at_elections_and_a_break_of_definition_are_not_off_trend(plan):
    steps = [24.0, 24.0, 24.0, 24.0, 24.0, 30.5, 30.5, 30.5, 30.5, 30.5]
    assert rules(plan, *report("W31a", steps)) == []
    assert rules(plan, *report("W31a", steps[:6])) == []
    assert ("off_trend", 2021) in rules(plan, *report("W27", [*steps[:6]]))
    broken = report("W27", steps[:5]) + report("W27", [30.5], 2021, status="B")
    assert "off_trend" not in [r for r, _ in rules(plan, *broken)]


def test_copied_values_are_noted(plan):
    assert rules(plan, *report("W34", [36.11, 36.31, 36.31], 2023)) == [("repeated", 2025)]
    assert rules(plan, *report("W34", [36.1, 36.3, 36.3], 2023)) == []  # one decimal: once may happen
    found = asked(plan, *report("W34", [36.3, 36.3, 36.3], 2023))
    assert "2023、2024年完全相同" in found.iloc[0]["message"]
    assert rules(plan, *report("W04", [100, 100, 100, 100], 2022)) == []
    assert rules(plan, *report("C13b", [1, 1, 1, 1], 2022)) == []
    posts = {"numerator": 9, "denominator": 31}
    assert rules(plan, *report("W28.1", [29.03, 29.03, 29.03], 2023, **posts)) == []
    people = {"numerator": 16329, "denominator": 37703}
    assert rules(plan, *report("W29.ref", [43.31, 43.31], 2024, **people)) == [("repeated", 2025)]


def test_missing_years_are_noted_once_unless_reported_missing(plan):
    found = asked(plan, *report("W04", [91, None, None, None, 92, None, 92.5], 2019))
    assert found[["rule", "severity", "submission", "file_row"]].values.tolist() == [["gap", "hint", "", 0]]
    assert "2020—2022、2024年" in found.iloc[0]["message"]
    assert rules(plan, *report("W04", [91, "M", 92], 2023, note="系统切换")) == []
    assert rules(plan, *report("W04", [91, None, None, 91.5, 92], 2017)) == []  # before the base year
    assert rules(plan, *report("W31a", [24, None, 24.5], 2023)) == []  # elections


@pytest.mark.parametrize(
    ("series", "newest", "stale"),
    [("W04", 2024, False), ("W04", 2023, True), ("W31a", 2020, False), ("W31a", 2019, True), ("W02", 2015, False)],
)
def test_old_data_are_to_be_renewed(plan, series, newest, stale):
    found = asked(plan, *report(series, [80], newest), only="stale")
    assert (len(found) and found["rule"].tolist() == ["stale"]) == stale


# --- between series ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "a", "right", "b", "severity"),
    [
        ("C02", "2.1", "C01", "2.1", None),
        ("C02", "2.0", "C01", "2.1", "error"),
        ("C04", "3.0", "C02", "3.1", "error"),
        ("W11", "98.0", "C21", "99.9", None),
        ("W11", "96.0", "C21", "99.9", "explain"),
        ("W12", "98.0", "C22", "94.0", "explain"),
        ("W21", "30", "W20", "60", "explain"),
        ("C10c", "40", "C10b", "50", "explain"),
        ("C15a", "8.0", "C15b", "8.5", "explain"),
        ("W17", "50", "W18", "51", "explain"),
    ],
)
def test_logic_between_series(plan, logic, left, a, right, b, severity):
    found = asked(plan, *report(left, [a], 2025), *report(right, [b], 2025), logic=logic)
    listed = [] if isinstance(found, list) else found[["rule", "severity", "series"]].values.tolist()
    assert listed == ([["logic", severity, left]] if severity else [])


def test_logic_holds_within_a_year_and_a_group_and_spares_values_in_error(plan, logic):
    assert rules(plan, *report("C02", [2.0], 2024), *report("C01", [2.1], 2025), logic=logic) == []
    assert rules(plan, *report("C02", [2.0], 2025), *report("C01", [2.1], 2025, group="sex:male"), logic=logic) == []
    male = {"group": "sex:male"}
    assert rules(plan, *report("C02", [2.0], 2025, **male), *report("C01", [2.1], 2025, **male), logic=logic) == [
        ("logic", 2025)
    ]
    slipped = [{"series": "C02", "year": 2025, "value_text": "0.21", "numerator": 12, "denominator": 5714}]
    assert rules(plan, *slipped, *report("C01", [2.0], 2025), logic=logic) == [("unit_slip", 2025)]


def test_logic_is_tried_on_the_definition_in_use(plan, logic):
    in_use = report("C21", [98.0], 2025, definition="a", reported_at="2026-05-30")
    both = [*report("C21", [90.0], 2025, definition="b"), *in_use]
    assert "logic" not in [r for r, _ in rules(plan, *report("W11", [98.2], 2025), *both, logic=logic)]


def test_the_logic_table_is_checked_as_a_whole(tmp_path):
    folder = tmp_path / "data" / "raw" / "jiangbei" / "plan"
    folder.mkdir(parents=True)
    assert load_logic(tmp_path, "jiangbei", {"C01"}).empty
    (folder / "logic.csv").write_text(
        "left,relation,right,tolerance,reason\nC1,>,C01,-1,\nC01,=,C01,二,同一数\n", encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        load_logic(tmp_path, "jiangbei", {"C01"})
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "left"),
        (2, "relation"),
        (2, "tolerance"),
        (2, "reason"),
        (3, "tolerance"),
    ]


@pytest.mark.parametrize(
    ("series", "total", "groups", "severity"),
    [
        ("C01", "1.5", {"sex:male": "1.9", "sex:female": "1.1"}, None),
        ("C01", "2.5", {"sex:male": "1.9", "sex:female": "1.1"}, "error"),
        ("C01", "1.9", {"sex:male": "1.8", "sex:female": "1.1"}, None),  # rounding
        ("C01", "1.0", {"sex:male": "1.8", "sex:female": "1.1"}, None),
        ("C01", "2.5", {"sex:male": "1.9"}, None),
        ("C27", "120", {"sex:male": "70", "sex:female": "50"}, None),
        ("C27", "120", {"sex:male": "70", "sex:female": "40"}, "error"),
        ("C27", "120", {"sex:male": "70", "sex:female": "49"}, "error"),  # whole numbers add up exactly
        ("W34", "20", {"sex:male": "12", "sex:female": "8.01"}, None),  # three roundings of 0.005
        ("W34", "20.00", {"sex:male": "12.00", "sex:female": "8.02"}, "error"),
        ("W34", "20.00", {"sex:male": "12.00", "sex:female": "7.98"}, "error"),
        ("C27", "120", {"age:0-6": "70", "age:7-12": "40"}, None),  # ages may leave some out
        ("C27", "100", {"age:0-6": "70", "age:7-12": "40"}, "explain"),
        ("C15a", "9.0", {"sex:male": "8.0", "sex:female": "8.5"}, None),  # hours are neither counts nor shares
    ],
)
def test_groups_against_their_total(plan, series, total, groups, severity):
    rows = report(series, [total], 2025) + [r for g, v in groups.items() for r in report(series, [v], 2025, group=g)]
    found = asked(plan, *rows)
    listed = [] if isinstance(found, list) else found[["rule", "severity", "group"]].values.tolist()
    assert listed == ([["groups", severity, "total"]] if severity else [])
    assert not severity or not re.search("sex:|age:", found.iloc[0]["message"])  # in words


# --- how it came in ----------------------------------------------------------------------------------------------------


def test_a_revision_shows_old_and_new_and_a_big_one_is_to_be_explained(plan):
    small = asked(plan, *report("W04", STEADY), *report("W04", [95.4], 2024, reported_at="2026-04-30"))
    assert small[["rule", "severity", "file_row"]].values.tolist() == [["revision", "hint", 12]]
    assert (
        "95.3%" in small.iloc[0]["message"]
        and "95.4%" in small.iloc[0]["message"]
        and "2025-04-30" in small.iloc[0]["message"]
    )
    big = asked(plan, *report("W04", STEADY), *report("W04", [94.1], 2024, reported_at="2026-04-30"))
    assert big.loc[big["rule"] == "revision", "severity"].tolist() == ["explain"]
    assert rules(plan, *report("W04", STEADY), *report("W04", ["95.30"], 2024, reported_at="2026-04-30")) == []
    gone = rules(plan, *report("W04", STEADY), *report("W04", ["M"], 2024, reported_at="2026-04-30", note="口径有误"))
    assert gone == [("revision_withdrawn", 2024)]


def test_a_late_report_and_one_too_late_for_the_edition_are_told_apart(plan):
    rows = [*report("W04", STEADY[:9])]
    late = report("W04", [95.3], 2024, reported_at="2026-01-15")
    assert rules(plan, *rows[:8], *late) == [("late", 2024)]
    excluded = asked(plan, *rows, *report("W04", [95.7], 2025, reported_at="2027-01-15"))
    assert excluded[["rule", "severity", "year"]].values.tolist() == [["not_in_edition", "hint", 2025]]
    assert "2026-12-31" in excluded.iloc[0]["message"]
    assert rules(plan, *rows, *report("W04", [95.7], 2026, reported_at="2027-01-15")) == []  # the next edition's
    assert (
        rules(plan, *report("W04", [92.0, 93.0], 2019, reported_at="2022-12-29")) == []
    )  # base year and before: no deadline


def test_a_back_series_is_nobodys_late_report(plan):
    now = report("W04", [95.7], 2025)
    assert rules(plan, *report("W04", [93.9, 94.2, 94.6, 95.3], 2021, reported_at="2026-04-30"), *now) == []
    two = report("W04", [94.6, 95.3], 2023, reported_at="2026-04-30")
    assert rules(plan, *report("W04", STEADY[:7]), *two, *now) == [("late", 2024)]


def test_a_late_file_is_one_finding_per_series(plan):
    rows = [
        r for g in ("total", "sex:male") for r in report("C01", [1.5, 1.6], 2024, group=g, reported_at="2027-03-01")
    ]
    found = asked(plan, *rows)
    assert found[["rule", "group"]].values.tolist() == [["not_in_edition", "total"]]
    assert found.iloc[0]["message"].startswith("2024、2025年")


def test_a_new_definition_needs_a_year_under_both(plan):
    old = report("C20", [70.1, 72.2, 74.9], 2020, definition="kindergartens")
    new = report("C20", [81.1, 82.0, 83.3], 2023, definition="children")
    found = asked(plan, *old, *new)
    assert found[["rule", "severity", "year"]].values.tolist() == [["definition_break", "hint", 2023]]
    assert "园数" in found.iloc[0]["message"]  # the definition's words, not its code
    assert rules(plan, *old, *report("C20", [80.0, 81.1, 82.0, 83.3], 2022, definition="children")) == []
    blank = asked(plan, *old, *report("C20", [75.1, 76.3, 77.7], 2023))
    assert blank[["rule", "severity"]].values.tolist() == [["definition_break", "explain"]]
    assert rules(plan, *report("C20", [70.1, 72.2], 2024, definition="别的")) == [("unknown_definition", 2024)]
    assert rules(
        plan,
        *report("W04", [91.2], 2023),
        *report("W04", [91.9, 92.5], 2024, status="B")[:1],
        *report("W04", [92.5], 2025),
    ) == [("definition_break", 2024)]


# --- completeness ------------------------------------------------------------------------------------------------------


def test_completeness_says_who_reported_what(plan):
    rows = [
        *report("W11", STEADY[8:], 2024),
        *report("C21", STEADY[8:9], 2024),
        *report("C22", ["M"], 2025, note="学籍系统切换"),
        *report("W12", ["M"], 2025),
        *report("C19", [80], 2025, group="sex:male"),
        *report("C11", [120], 2025),
    ]
    table = observations(*rows)
    view = as_known(table, plan.known_on, plan.as_of)
    found = completeness(plan, view, check(plan, table, view)).set_index("unit")
    assert list(found.index) == list(plan.units.index)
    education = found.loc["education"]
    leaves = plan.leaves()
    own = [s for s, units in leaves["responsible_units"].items() if units[0] == "education"]
    assert education["series"] == len(own)
    assert education["due"] == sum(leaves.loc[s, "rhythm"] == "annual" for s in own)
    assert (education["reported"], education["explained"], education["newest_year"]) == (2, 1, 2025)
    assert set(education["never_series"].split(";")) == set(own) - {"W11", "C21", "C11"}
    assert education["never_reported"] == len(own) - 3
    assert (education["errors"], education["questions"]) == (1, 2)  # of these, W11 is the very number of C21
    assert found["series"].sum() == len(leaves)  # every series is answered for by exactly one unit
    assert found.loc["trade_union", ["series", "shared"]].tolist() == [0, 2]
    assert pd.isna(found.loc["court", "newest_year"])
    assert completeness(plan, view)["errors"].isna().all()


# --- the whole, on invented districts ----------------------------------------------------------------------------------


def test_the_planted_troubles_of_the_example_district_are_found(plan):
    example = load_plan(ROOT, "example", 2025)
    reported = load_observations(ROOT, "example")
    found = check(
        example,
        reported,
        as_known(reported, example.known_on, example.as_of),
        load_logic(ROOT, "jiangbei", set(plan.leaves().index)),
    )
    rules_of = {
        "unit_slip": ("unit_slip", "rate_mismatch"),
        "transposed": ("rate_mismatch",),
        "swapped": ("logic",),
        "both_sexes": ("jump",),
        "revision": ("revision",),
        "definition_break": ("definition_break",),
        "absent": ("gap",),
        "repeated": ("repeated", "rate_mismatch"),
    }
    with (ROOT / "data/raw/example/troubles.csv").open(encoding="utf-8-sig") as file:
        troubles = [t for t in csv.DictReader(file) if t["kind"] in rules_of]
    assert {t["kind"] for t in troubles} >= {"unit_slip", "transposed", "swapped", "revision"}
    pair = {"C01": ("C01", "C02"), "C02": ("C01", "C02")}
    for t in troubles:
        hits = found[
            found["rule"].isin(rules_of[t["kind"]])
            & (found["year"] == int(t["year"]))
            & found["series"].isin(pair.get(t["series"], (t["series"],)))
        ]
        assert len(hits), t
    corrected = found[(found["series"] == "W20") & (found["year"] == 2017)]
    assert corrected.empty  # what a written correction has mended is not asked again
    assert (found["severity"] == "error").sum() <= 5


@pytest.mark.parametrize(
    ("spoil", "share"), [(None, 0.02), (10, 0.97), (0.1, 0.97), (100, 0.97), (0.01, 0.97), ("swap", 0.7)]
)
def test_slips_are_caught_and_true_values_left_alone(plan, spoil, share):
    """Random walks with drift of eight shares, two decimals; the newest one spoiled."""
    generator = np.random.default_rng(20261123)
    rows, codes = (
        [],
        [s for s, r in plan.leaves().iterrows() if r["unit"] == "%" and r["upper"] == 100 and r["rhythm"] == "annual"],
    )
    for code in codes:
        walk = generator.uniform(20, 70) + np.cumsum(
            generator.normal(generator.normal(0, 0.8), generator.uniform(0.2, 1.2), 8)
        )
        texts = [f"{v:.2f}" for v in walk]
        if spoil == "swap":
            texts[-1] = texts[-1][1] + texts[-1][0] + texts[-1][2:]
        elif spoil:
            texts[-1] = f"{float(texts[-1]) * spoil:.4f}"
        rows += report(code, texts, 2018)
    found = asked(plan, *rows)
    flagged = (
        set()
        if isinstance(found, list)
        else set(
            found.loc[
                (found["year"] == 2025) & found["rule"].isin(["unit_slip", "off_trend", "out_of_bounds", "jump"]),
                "series",
            ]
        )
    )
    if spoil is None:
        assert len(flagged) <= max(1, share * len(codes))
    else:
        assert len(flagged) >= share * len(codes)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.just("M"), st.integers(0, 99999).map(lambda n: f"{n / 100:g}")), min_size=1, max_size=9
    ),
    st.sampled_from(["W03", "W04", "W31a", "W33", "W45.1", "C19"]),
)
def test_whatever_was_reported_is_answered_and_never_changed(plan, values, series):
    rows = report(series, values, 2017)
    if not rows:
        return
    table = observations(*rows)
    before = table.copy(deep=True)
    view = as_known(table, plan.known_on, plan.as_of)
    found = check(plan, table, view)
    pd.testing.assert_frame_equal(table, before)
    assert set(found["severity"]) <= {"error", "explain", "hint"}
    assert not found.duplicated(["rule", "series", "group", "year"]).any()
    pd.testing.assert_frame_equal(found, check(plan, table.iloc[::-1], view.iloc[::-1]))


@given(st.sets(st.integers(2000, 2030), min_size=1))
def test_a_list_of_years_reads_back(years):
    back = set()
    for run in year_list(years).split("、"):
        first, _, last = run.partition("—")
        back |= set(range(int(first), int(last or first) + 1))
    assert back == years


# --- what was answered -------------------------------------------------------------------------------------------------

PHONED = Review("a.csv", "waive", "", "W04", "total", "2025", "电话核实", "监测组", "2026-05-01")
JUMPED = [91.2, 91.9, 92.3, 92.8, 93.1, 93.9, 94.2, 94.6, 95.3, 55.7]  # the last one by more than three tenths


@pytest.mark.parametrize(
    ("submission", "note", "waived", "severity", "said"),
    [
        ("returns/2025/health/a.xlsx", "", {}, "explain", ""),
        ("returns/2025/health/a.xlsx", "本年起只统计户籍人口", {}, "hint", "单位说明：本年起只统计户籍人口"),
        ("a.csv", "正文未载明年份", {}, "explain", ""),  # a note in a table may be about anything
        ("a.csv", "", {("a.csv", "W04", "total", 2025): {"jump": PHONED}}, "hint", "不再追问：电话核实"),
        ("a.csv", "", {("a.csv", "W04", "total", 2024): {"jump": PHONED}}, "explain", ""),
        ("a.csv", "", {("a.csv", "W04", "total", 2025): {"repeated": PHONED}}, "explain", ""),  # another question
    ],
)
def test_nobody_is_asked_twice_about_a_value_that_was_explained(plan, submission, note, waived, severity, said):
    table = observations(*report("W04", JUMPED, submission=submission, note=note))
    found = check(plan, table, as_known(table, plan.known_on, plan.as_of), None, waived).query("rule == 'jump'").iloc[0]
    assert found["severity"] == severity and (said in found["message"] if said else "：" not in found["message"])


def test_an_error_that_was_waived_is_none_any_more(plan):
    """What the office has verified is no error in the check, nor is the value without a verdict."""
    table = observations(*report("W04", [101.0], 2025, submission="a.csv"))
    waived = {("a.csv", "W04", "total", 2025): {"bounds": PHONED}}  # by the name the rule had then
    found = check(plan, table, as_known(table, plan.known_on, plan.as_of), None, waived)
    assert set(found.loc[found["rule"] == "out_of_bounds", "severity"]) == {"hint"}


def test_an_explanation_mends_no_error(plan):
    table = observations(*report("W04", [101.0], 2025, submission="returns/a.xlsx", note="属实"))
    found = check(plan, table, as_known(table, plan.known_on, plan.as_of)).query("rule == 'out_of_bounds'")
    assert found["severity"].tolist() == ["error"] and "属实" not in found["message"].iloc[0]


def test_an_impossible_newest_value_is_no_success(plan, logic):
    """−5 deaths per 100 000 births were counted as a target met."""
    table = observations(*report("W03", [9.5, 9.1, 8.8, 9.9, -5.0], 2021))
    view = as_known(table, plan.known_on, plan.as_of)
    wrong = doubts.in_error(plan, view, logic)
    assert wrong == {"W03": frozenset({2025})}
    judged = doubts.marked(histories(view, plan.series), wrong)["W03"]
    assert judged.years.tolist() == [2021, 2022, 2023, 2024]
    (year,) = (assess(plan, {"W03": judged}, n_paths=50).assessments.loc["W03"],)
    assert year["position"] == "not_met" and year["value_year"] == 2024
