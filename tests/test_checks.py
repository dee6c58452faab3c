"""A return and the year's data are held against one table of rules: nobody is told two things about one number."""

import math

import intake_corpus as corpus
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis.base.text import catalogue, say
from plananalysis.checks.beside import load_logic
from plananalysis.checks.findings import RULES, SEVERITIES
from plananalysis.checks.quality import check
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import load_plan
from plananalysis.returns import read_return
from plananalysis.returns.counted import rows_for_observations
from plananalysis.round import Checker

DAY = "2026-04-20"
PLACE = "returns/2025/health/a.xlsx"
NUMBERS = ("value", "numerator", "denominator")


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """The invented area with its history, and what it knows when a return comes in."""
    root = tmp_path_factory.mktemp("demo")
    corpus.write_area(root)
    corpus.write_history(root)
    early = "series,year,value,numerator,denominator,status,definition,reported_at,note\n"
    early += "W01,2025,92.4,,,P,,2026-02-01,\nC01,2025,2.1,12,5714,P,,2026-02-01,\n"
    (root / "data/raw/demo/observations/early.csv").write_text(early, encoding="utf-8")
    return root, load_plan(root, "demo"), load_observations(root, "demo"), Checker.load(root, "demo")


def told_of_the_year(root, plan, observations, found):
    """What data quality says of the cells of a return once it counts: by cell and rule, severity and message."""
    rows = []
    for texts in rows_for_observations(found):
        numbers = {c: float(texts[c]) if texts[c] else math.nan for c in NUMBERS}
        typed = {f"{c}_text": texts[c] for c in NUMBERS}
        about = {"area": "demo", "reported_at": DAY, "tier": "A", "submission": PLACE, "file_row": 1}
        rows.append(
            dict.fromkeys(observations.columns, "") | texts | numbers | typed | about | {"year": int(texts["year"])}
        )
    table = pd.concat([observations, pd.DataFrame(rows, columns=observations.columns)], ignore_index=True)
    table = table.astype({"year": "int64", "file_row": "int64"})
    logic = load_logic(root, "demo", set(plan.series.index))
    told = check(plan, table, as_known(table, plan.known_on, plan.as_of), logic)
    told = told[told["submission"] == PLACE]
    assert told["rule"].isin(RULES).all()
    return {
        (r.series, r.group, r.year, r.rule, r.message.partition("单位说明")[0]): r.severity for r in told.itertuples()
    }


def told_of_the_return(checker, found):
    """What intake says of the same cells."""
    issues = checker.check(found, DAY, "2026-05-31")
    return {
        (i.series, i.group, i.year, i.rule, i.message + "。"): _WORDS[i.severity]
        for i in issues
        if i.rule in RULES and RULES[i.rule].against != "report"
    }


_WORDS = {say(f"quality.severity.{s}"): s for s in SEVERITIES}  # a form is answered in words, the table holds codes
FACTORS = st.sampled_from([1, 1, 1, 1.004, 1.03, 1.4, 0.6, 0.01, 10, 0.1])
CELLS = st.fixed_dictionaries(
    {},
    optional={
        **{f"{s}__value": FACTORS for s in ("W01", "W02", "W04", "C01", "C02", "C03")},
        **{f"C01__{g}__value": FACTORS for g in ("male", "female")},
        "W02__denominator": st.sampled_from([6000, 6001, 60000, "", 0]),
        "C01__numerator": st.sampled_from([12, 13, 5, 7000]),
        "C01__denominator": st.sampled_from([6000, 6001, ""]),
        "C02__male__numerator": st.sampled_from([11, 12, 30]),
        "W04__numerator": st.sampled_from([11, 12, ""]),
        "W01__explanation": st.sampled_from(["本年改为全员检查"]),
        "C03__note": st.sampled_from(["体育中考改革"]),
        "C03__definition": st.sampled_from(["moe 教育部口径", ""]),
        "C02__status": st.sampled_from(["缺报", "初步数"]),
    },
)


def filled(cells):
    """Contents for :func:`intake_corpus.form`; a factor multiplies the good value."""
    out = {}
    for name, content in cells.items():
        series, *group, column = name.split("__")
        good = corpus.GOOD[series, f"sex:{group[0]}" if group else "total"]
        out[name] = float(f"{good['value'] * content:.4g}") if column == "value" else content
    if out.get("C02__status") == "缺报":
        out |= {"C02__value": "", "C02__numerator": "", "C02__denominator": ""}
    return out


@settings(max_examples=60, deadline=None)
@given(CELLS)
def test_a_return_is_told_what_the_years_data_are_told(known, cells):
    root, plan, observations, checker = known
    found = read_return(corpus.form(root, **filled(cells)), "a.xlsx", checker.book)
    assert told_of_the_return(checker, found) == told_of_the_year(root, plan, observations, found)


FEWER_INFANTS = {f"C02__{g}{c}": v for g, n, b in (("", 10, 6000), ("male__", 6, 3100), ("female__", 4, 2900))
                 for c, v in (("numerator", n), ("value", round(n / b * 1000, 2)))}  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "rule", "severity"),
    [
        (FEWER_INFANTS, "logic", "error"),
        ({"W01__value": 0.9261}, "unit_slip", "error"),
        ({"W01__value": 92.02}, "repeated", "explain"),
        ({"W01__value": 101}, "out_of_bounds", "error"),
        ({"W01__value": 92.8}, "revision", "hint"),
        ({"W01__value": 93.4}, "revision", "explain"),
        ({"C03__value": 49.5}, "off_trend", "explain"),
        ({"C03__value": 49.5, "C03__explanation": "改测新项目"}, "off_trend", "hint"),
        ({"C03__value": 80.2}, "jump", "explain"),
        ({"C03__definition": ""}, "definition_break", "explain"),
        ({"C03__value": "—"}, "missing_unexplained", "explain"),
        ({"C02__value": 3.34}, "truncated", "hint"),
        ({"C02__value": 0.33}, "unit_slip", "error"),
        ({"C02__denominator": 6001}, "same_denominator", "explain"),
        ({"C02__male__value": 4.5}, "rate_mismatch", "error"),
        ({"W02__denominator": ""}, "count_alone", "explain"),
        ({"W02__numerator": "", "W02__denominator": ""}, "no_counts", "hint"),
        ({"W02__value": 0, "W02__numerator": 0, "W02__denominator": 0}, "zero_denominator", "explain"),
        ({"W02__denominator": 0}, "zero_denominator", "error"),
    ],
)
def test_each_thing_that_can_be_wrong_is_told_alike(known, cells, rule, severity):
    root, plan, observations, checker = known
    found = read_return(corpus.form(root, **cells), "a.xlsx", checker.book)
    told = told_of_the_return(checker, found)
    assert (rule, severity) in {(key[3], value) for key, value in told.items()}
    assert told == told_of_the_year(root, plan, observations, found)


def test_every_rule_has_its_name_in_both_languages():
    assert {rule for rule in RULES if f"quality.rule.{rule}" not in catalogue("zh")} == set()
    assert {rule for rule in RULES if f"quality.rule.{rule}" not in catalogue("en")} == set()
    assert [say(f"quality.severity.{s}") for s in SEVERITIES] == ["错误", "需说明", "提示"]
