"""No sentence of a report contradicts its table, whatever the outlook and the kind of target; percent are never percentage points."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis.assessments.verdicts import OUTLOOKS
from plananalysis.base.errors import UsageError
from plananalysis.base.text import catalogue, say
from plananalysis.editions.audience import Secrets
from plananalysis.editions.disclosure import Cell
from plananalysis.editions.opened import Domain, Published, Record
from plananalysis.editions.variant import MODES
from plananalysis.figures.marks import ASSESSABLE
from plananalysis.pages import final, open_edition
from plananalysis.pages.cells import Cells
from plananalysis.pages.papers import domains, report, sentences
from plananalysis.plan.targets import KINDS
from plananalysis.render.blocks import Paragraph, Table
from plananalysis.render.texts import clean, fitted

ROOT = Path(__file__).parents[1]
SOUND = [  # what a measured row can be: the outlook and the position it goes with
    ("met_secure", "met"),
    ("met_slipping", "met"),
    *((o, "not_met") for o in ("likely", "uncertain", "hard", "very_hard")),
    *itertools.product(("needs_judgement", "no_data"), ("met", "not_met", "unknown")),
]


UNITS = {"health": "区卫健委", "education": "区教委"}


def row(**cells: Any) -> dict[str, Any]:
    """One line of the assessment table: a share of 50 % in 2025 that was 49 % the year before and 45 % in 2020."""
    found = {
        "series": "W01", "row": "", "role": "target", "plan": "women", "domain": "women.health", "number": 1, "sub": "",
        "name": "某比例", "indicator": "某比例(%)", "unit": "%", "decimals": 2, "direction": 1, "attribute": "anticipatory",
        "rhythm": "annual", "responsible_units": "health;education", "target_text": "≥60", "kind": "threshold",
        "operator_source": "printed", "reading_text": "不低于60%", "value": 50.0, "value_year": 2025, "value_text": "50%",
        "previous_value": 49.0, "baseline": 45.0, "baseline_year": 2020, "n_points": 12, "events": math.nan, "evidence_grade": "A",
        "position": "not_met", "goal": 60.0, "shortfall": 10.0, "outlook": "hard", "probability": 0.2, "schedule": "behind",
        "task_progress": 1 / 3, "time_progress": 0.5, "alerts": "", "required_annual_change": 2.0, "observed_annual_change": 1.0,
        "pace_multiple": 2.0, "why_no_probability": "", "worst_part": "", "required_2026": 52.0,
    } | cells  # fmt: skip
    found["row"] = found["row"] or found["series"]
    return found


def edition(
    rows: list[dict[str, Any]], values: Mapping[str, Mapping[int, float]] | None = None, **info: Any
) -> Published:
    """An edition made of these rows; a series without ``values`` of its own has those its row speaks of."""
    described, observed = [], []
    for r in rows:
        if r["role"] != "compound":
            described.append(
                {k: r[k] for k in ("series", "row", "role", "plan", "domain", "name", "unit", "decimals", "direction", "rhythm", "kind")}
                | {"responsible_units": r["responsible_units"],
                   "responsible_names": ";".join(UNITS[u] for u in r["responsible_units"].split(";")), "numerator": "", "denominator": "", "groups": ""}
            )  # fmt: skip
        held = (values or {}).get(r["series"])
        if held is None:
            held = {2020: r["baseline"], 2024: r["previous_value"], r["value_year"]: r["value"]}
        for year, value in sorted(held.items(), key=lambda item: item[0] if item[0] == item[0] else 0):
            if value is not None and value == value and year == year:
                observed.append({"series": r["series"], "area": "", "group": "total", "year": int(year), "value": value, "status": "A",
                                 "definition": "", "reported_at": "2026-05-01", "correction": "", "numerator": math.nan, "denominator": math.nan})  # fmt: skip
    about = {
        "name": "示例区（虚构）", "fictional": True, "plans_name": "妇女儿童发展规划", "office": "示例区妇女儿童工作委员会办公室", "known_on": "2026-06-30", "outline": "2021-2030", "base_year": 2020, "first_as_of": 2021,
        "target_year": 2030, "title": "示例区妇女发展规划、示例区儿童发展规划", "thresholds": {"likely": 0.66, "about_tolerance": 2.0, "marked_decrease": 0.1, "grade_fresh_years": 2, "min_points": 4, "signed_off": ""},
    } | info  # fmt: skip
    tables = {
        "assessments": pd.DataFrame(
            [
                {k: v for k, v in r.items() if v is not None or k in ("value", "value_year", "baseline", "probability")}
                for r in rows
            ]
        ),
        "plan": pd.DataFrame(described),
        "observations": pd.DataFrame(observed),
    }
    questions = [{"severity": "error", "rule": "unit_slip", "series": "W01", "group": "total", "year": 2024, "value": "0.49",
                  "submission": "a.csv", "file_row": 7, "column": "value", "message": "疑似单位错误", "advice": "请核对"}]  # fmt: skip
    tables["quality"] = pd.DataFrame(questions)
    domains = (Domain("women.health", "women", "妇女健康"), Domain("children.health", "children", "儿童健康"))
    return Published("example", int(about.pop("as_of", 2025)), about, domains, tables)


def facts_of(*rows: dict[str, Any], mode: str = "annual", audience: str = "internal", **info: Any) -> Published:
    values = info.pop("values", None)
    return replace(edition(list(rows), values, **info), mode=mode, audience=audience)


def words_of(facts: Published) -> str:
    """All a paper says of the numbers of the first row."""
    one = facts.rows[0]
    return "，".join([sentences.facts(facts, one), *sentences.changes(facts, one)])


# ---- no sentence contradicts its table -----------------------------------------------------------------------------


def of_every_kind(**cells: Any) -> Published:
    """One row for each kind of target, alike in everything else."""
    return facts_of(*[row(series=f"W{i:02}", kind=kind, **cells) for i, kind in enumerate(KINDS, start=1)])


def paragraphs(facts: Published) -> dict[str, str]:
    """What stands in the section of a plan, by what each paragraph begins with."""
    made = domains.domain_sections(facts, "women")
    return {b.lead: b.text for b in made if isinstance(b, Paragraph)}


@pytest.mark.parametrize(("outlook", "position"), SOUND)
def test_every_row_stands_once_under_the_words_of_its_outlook(outlook, position):
    known = outlook in ASSESSABLE
    cells = {"probability": 0.2 if known else math.nan, "why_no_probability": "" if known else "too_few"}
    facts = facts_of(
        *[row(series=f"W{i:02}", name=f"指标{i:02}", outlook=outlook, position=position, **cells) for i in range(1, 4)]
    )
    group = "hard" if outlook == "very_hard" else outlook
    (told,) = paragraphs(facts).items()
    assert told[0] == say(f"documents.group.{group}", count=3)
    assert [told[1].count(f"指标{i:02}") for i in range(1, 4)] == [1, 1, 1]
    assert ("不推算趋势" in told[1]) == (not known)
    assert ("达标概率" in told[1]) == (known and outlook != "met_secure")


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_all_outlooks_are_all_there_and_none_twice(seed):
    draw = random.Random(seed)
    rows = [
        row(
            series=f"W{i:02}",
            name=f"指标{i:02}",
            outlook=o,
            position=p,
            probability=draw.random() if o in ASSESSABLE else math.nan,
        )
        for i, (o, p) in enumerate(draw.choices(SOUND, k=40), start=1)
    ]
    facts = facts_of(*rows)
    groups = domains.grouped(facts, facts.rows)
    assert sorted(r.text("series") for held in groups.values() for r in held) == [r["series"] for r in rows]
    told = paragraphs(facts)
    assert [int(re.search(r"(\d+)项：", lead)[1]) for lead in told] == [len(held) for held in groups.values()]
    hard = [r.number("probability") for r in groups.get("hard", [])]
    assert hard == sorted(hard)


def test_many_rows_without_an_outlook_for_one_cause_are_counted_and_few_are_named():
    cells = {"outlook": "no_data", "position": "unknown", "probability": math.nan}
    many = [row(series=f"W{i:02}", name=f"指标{i:02}", why_no_probability="too_few", **cells) for i in range(1, 5)]
    few = row(series="W05", name="指标05", why_no_probability="no_baseline", **cells)
    (text,) = paragraphs(facts_of(*many, few)).values()
    assert "4项年度数据个数不足，不推算趋势，逐项见附件1" in text and "指标01" not in text
    assert "指标05（50%），缺基期值" in text


def test_a_value_possibly_above_its_range_is_not_said_to_have_no_projection():
    cells = {"outlook": "needs_judgement", "probability": 0.1}
    (text,) = paragraphs(facts_of(row(alerts="above_band", **cells))).values()
    assert "高于目标区间、需领导小组确认" in text and "不推算" not in text
    (text,) = paragraphs(facts_of(row(**cells))).values()
    assert "可能超出目标区间" in text


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        (("met", "met"), "2项目标均已达标"),
        (("not_met", "not_met"), "2项目标均未达标，某比例等2项达标困难"),
        (("met", "not_met"), "2项目标已达标1项，某比例达标困难"),
        (("met", "unknown"), "能够判断的1项均已达标"),
        (("unknown", "unknown"), "2项目标均无法判断是否达标"),
    ],
)
def test_the_heading_of_a_domain_says_what_was_found(positions, said):
    outlooks = {"met": "met_secure", "not_met": "hard", "unknown": "no_data"}
    rows = [row(series=f"W{i:02}", position=p, outlook=outlooks[p]) for i, p in enumerate(positions)]
    facts = facts_of(*rows, newest_year=2025)
    assert domains.finding(facts, "妇女健康", facts.rows) == f"妇女健康：{said}"
    held = facts_of(*rows, newest_year=2020)
    assert ("按基期值" in domains.finding(held, "妇女健康", held.rows)) == (set(positions) != {"unknown"})


@pytest.mark.parametrize("position", ["met", "not_met", "unknown"])
@pytest.mark.parametrize("outlook", OUTLOOKS)
def test_in_the_target_year_a_report_says_whether_the_target_was_met_and_nothing_of_chances(outlook, position):
    one = row(outlook=outlook, position=position, value_year=2030, previous_value=math.nan, probability=0.2)
    facts = facts_of(one, as_of=2030, mode="final")
    ((lead, text),) = paragraphs(facts).items()
    assert lead == say(f"documents.group.{position}", count=1)
    assert "概率" not in text and "困难" not in lead + text


def test_a_value_older_than_the_edition_is_told_with_its_year():
    facts = facts_of(row(position="met", outlook="met_secure", value_year=2028), as_of=2030, mode="final")
    assert sentences.brief_value(facts, facts.rows[0]) == "2028年50%"


def test_a_series_nobody_reported_is_called_silent_once():
    silent = row(value=math.nan, value_year=math.nan, previous_value=math.nan, baseline=math.nan, outlook="no_data", position="unknown",
                 probability=math.nan, why_no_probability="no_observations", shortfall=math.nan, task_progress=math.nan)  # fmt: skip
    assert list(paragraphs(facts_of(silent)).values()) == ["某比例，从未报送数据。"]


def test_the_verdict_is_worded_once_and_only_the_changes_are_added_to_it():
    one = row() | {"reason": "某说明。"}
    facts = facts_of(one)
    assert sentences.explained(facts, facts.rows[0]) == "某说明。比上年提高1个百分点，比2020年（基期）提高5个百分点。"


# ---- numbers -------------------------------------------------------------------------------------------------------

VALUES = st.decimals(0, 100, places=4)  # finer than printed


@settings(max_examples=60, deadline=None)
@given(now=VALUES, before=VALUES, base=VALUES)
def test_changes_in_words_are_the_differences_of_the_printed_values(now, before, base):
    words = words_of(facts_of(row(value=float(now), previous_value=float(before), baseline=float(base))))
    assert not re.search(r"(提高|降低)[\d.]+%", words), "a change of a percentage is in percentage points"
    printed = Decimal(re.search(r"）([\d.]+)%", words)[1])
    for since, earlier in (("上年", before), ("2020年（基期）", base)):
        difference = printed - earlier.quantize(Decimal("0.01"), ROUND_HALF_UP)
        found = re.search(rf"比{re.escape(since)}(提高|降低)([\d.]+)个百分点", words)
        if found is None:
            assert f"与{since}持平" in words and difference == 0
        else:
            assert difference == Decimal(found[2]) * (1 if found[1] == "提高" else -1)


@pytest.mark.parametrize(
    ("unit", "decimals", "said"),
    [
        ("‰", 2, "1个千分点"),
        ("件", 0, "1件"),
        ("万人", 2, "1万人"),
        ("女=100", 2, "1"),
        ("岁", 1, "1岁"),
    ],
)
def test_a_difference_has_the_name_of_its_own_unit(unit, decimals, said):
    words = words_of(facts_of(row(unit=unit, decimals=decimals)))
    way = "增加" if unit in ("件", "万人") else "提高"
    assert f"比上年{way}{said}，" in words


def test_a_rate_per_hundred_thousand_changes_by_a_share_with_its_points_beside_it():
    words = words_of(facts_of(row(unit="1/10万", decimals=1, direction=-1)))  # 50 after 49, 45 in the base year
    assert "比上年上升2.0%（1个十万分点），比2020年（基期）上升11.1%（5个十万分点）" in words


def test_the_year_before_is_named_when_it_was_not_last_year():
    one = row(previous_value=48.0)
    words = words_of(facts_of(one, values={"W01": {2020: 45.0, 2023: 48.0, 2025: 50.0}}))
    assert "比2023年提高2个百分点" in words and "上年" not in words


def test_an_inferred_operator_is_owned_up_to():
    words = words_of(facts_of(row(operator_source="inferred", target_text="60")))
    assert "目标为不低于60%（符号系推断）" in words


# ---- counts --------------------------------------------------------------------------------------------------------


def test_counts_of_the_opening_add_up_and_say_their_denominator():
    rows = [row(series=f"W{i:02}", number=i, outlook=o, position=p) for i, (o, p) in enumerate(SOUND, start=1)]
    facts = facts_of(*rows)
    text = report.standing(facts)[0].text
    assert "共12项" in text and "其中可作展望的6项" in text and "暂不能作展望的6项" in text
    ended = facts_of(*[r | {"value_year": 2030} for r in rows], as_of=2030, mode="final")
    text = final.reached(ended, ended.rows)
    assert "能够判断的10项中，达到目标4项、未达到目标6项，达标率40.0%" in text and "无法判断2项" in text


@pytest.mark.parametrize(("first", "alone"), [(2025, True), (2022, False)])
def test_only_the_first_edition_of_a_period_has_none_to_compare_with(first, alone):
    facts = facts_of(row(), first_as_of=first)
    tables = [t for t in report.annexes(facts) if isinstance(t, Table)]
    assert any("2024年版" in t.caption for t in tables) is not alone


def test_lists_of_the_problems_name_each_alerted_row_once():
    rows = [
        row(series="W01", alerts="hard_to_reach", attribute="binding", name="甲"),
        row(series="W02", alerts="volatile", name="乙"),
    ]
    text = "".join(getattr(b, "text", "") for b in report.problems(facts_of(*rows), 4))
    assert "预计达标困难的约束性目标1项" in text and "年度间波动较大的指标1项" in text
    assert text.count("甲") == 1 and text.count("乙") == 1


# ---- earlier editions ----------------------------------------------------------------------------------------------


def test_what_was_said_is_held_against_what_came():
    facts = facts_of(
        row(series="W01", position="met", value_year=2030),
        row(series="W02", position="not_met", value_year=2030),
        as_of=2030,
    )
    early = {
        2025: {
            "W01": Record(row(outlook="likely")),
            "W02": Record(row(outlook="likely")),
            "W99": Record(row(outlook="hard")),
        }
    }
    assert [(s.year, s.outlook, s.count, s.met) for s in final.said_and_came(facts.rows, early)] == [
        (2025, "likely", 2, 1)
    ]


def test_outlooks_of_ten_years_are_counted_by_year_and_told_in_short_words():
    rows = [row(series="W01", position="met", value_year=2030), row(series="W02", position="not_met", value_year=2030)]
    facts = facts_of(*rows, as_of=2030)
    outlooks = {y: ("likely", "hard") for y in range(2021, 2029)} | {2029: ("likely", "likely")}
    before = {
        y: {code: Record(row(series=code, outlook=o)) for code, o in zip(("W01", "W02"), said, strict=True)}
        for y, said in outlooks.items()
    }
    _, counts = final.said_counts(facts, final.said_and_came(facts.rows, before), "").blocks
    assert [c.title for c in counts.columns] == ["年度版", "有望达标", "达标困难"]
    assert [[str(c) for c in cells] for _, cells in counts.lines()][7:] == [
        ["2028", "1/1", "0/1"], ["2029", "1/2", "—"], ["合计", "9/10", "0/8"], ["达标比例", "90%", "0%"],
    ]  # fmt: skip
    lead, told = final.said_rows(facts, facts.rows, before).blocks
    assert list(told.lines())[1][1][1:] == [*["困难"] * 8, "有望", "未达到目标"]
    assert lead.text == "下表中各年展望用简称：有望为有望达标；困难为达标困难。"


# ---- what the public may not see -----------------------------------------------------------------------------------


def public(*rows: dict[str, Any], hidden: set[Cell]) -> Published:
    """An edition as the public sees it when these cells are withheld."""
    whole = facts_of(*rows, audience="public")
    touched = frozenset(c.series for c in hidden)
    newest = {r["series"]: r["value_year"] for r in rows}
    secrets = Secrets(frozenset(hidden), touched, touched, frozenset(), newest, whole.base_year)
    seen = {name: secrets.without(name, whole.tables) for name in ("plan", "observations", "assessments")}
    return replace(whole, tables=seen)


def test_a_withheld_value_is_in_no_clause_of_its_sentence():
    words = words_of(public(row(), hidden={Cell("W01", "total", 2025)}))
    assert "2025年数值因涉及人数过少不予公布" in words
    for number in ("50%", "1个百分点", "5个百分点", "10个百分点", "33%"):
        assert number not in words


def test_a_withheld_base_hides_the_change_since_and_every_number_that_would_give_it():
    facts = public(row(kind="rise"), hidden={Cell("W01", "total", 2020)})
    words = words_of(facts)
    assert "）50%，" in words and "基期" not in words and "提高" not in words
    cells, one = Cells(facts), facts.rows[0]
    for shown in (cells.baseline(one), cells.distance(one), cells.required(one), cells.observed(one), cells.task(one)):
        assert not shown and str(shown) == "*"


def test_the_control_limit_of_a_withheld_base_is_not_told():
    one = row(
        kind="under_control",
        unit="件",
        decimals=0,
        reading_text="不超过基期控制上限6件",
        goal_high=6.0,
        target_text="得到控制",
    )
    assert "控制上限6件" not in words_of(public(one, hidden={Cell("W01", "total", 2020)}))
    assert "控制上限6件" in words_of(public(one, hidden=set()))


# ---- doors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "audience"), [("yearly", "internal"), ("annual", "everybody")])
def test_an_unknown_report_or_audience_lists_those_there_are(mode, audience):
    with pytest.raises(UsageError, match="annual" if mode == "yearly" else "leading-group"):
        open_edition("example", 2025, ROOT, mode=mode, audience=audience)


def test_doors_and_facts_speak_of_the_same_editions():
    assert {f"documents.title.{m}" for m in MODES} <= set(catalogue())
    assert {f"documents.opening.{m}" for m in MODES} <= set(catalogue())


def test_texts_are_punctuated_the_chinese_way():
    for key, text in catalogue().items():
        if key.startswith(("documents.", "actions.")) and key != "documents.errors.no_typst":
            bare = re.sub(r"\{\w+\}", "", text)
            assert not re.search(r"[,;()?]|:(?!\d)", bare), (key, text)


@pytest.mark.parametrize(("n", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")])
def test_headings_count_in_chinese(n, word):
    assert sentences.ordinal(n) == word


@given(st.text())
def test_cleaned_text_holds_nothing_a_file_format_refuses(text):
    cleaned = clean(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", cleaned)
    assert clean(cleaned) == cleaned


def test_every_reason_for_silence_has_words():
    for code in (
        "no_observations",
        "no_baseline",
        "no_reference",
        "no_band",
        "too_few",
        "census_only",
        "election_steps",
        "too_old",
    ):
        assert domains.why_silent(Record({"why_no_probability": code, "role": "target"})) != say(
            "documents.silent.other"
        )


def test_no_warning_is_not_good_news_where_hardly_anything_is_known():
    silent = row(outlook="no_data", position="unknown", probability=math.nan)
    told = [
        "".join(str(getattr(b, "text", "")) for b in report.problems(facts_of(r), 4))
        for r in (silent, row(outlook="likely"))
    ]
    assert ["不等于没有困难" in text for text in told] == [True, False]


@pytest.mark.parametrize("width, size", [(156, 9.5), (168, 8)])
def test_columns_are_as_wide_as_their_longest_word_and_fill_the_paper(width, size):
    words = [["Indicator", "Unit", "Year"], ["rate", "Telecommunications", "2030"]]
    widths, chosen = fitted([6, 1, 1], words, width, size)
    assert sum(widths) == pytest.approx(width) and chosen == size
    assert widths[1] > len("Telecommunications") * 0.45 * size * 0.3528 > width / 8  # the planned share was too narrow
    assert widths[0] > widths[1]
    chinese = [["指标名称", "单位", "年份"], ["每千人口执业医师数", "区人力资源局", "2030"]]
    assert fitted([6, 1, 1], chinese, width, size)[0] == pytest.approx([width * 6 / 8, width / 8, width / 8])
    many = [["Insufficient"] * 9]  # nine words of twelve letters: smaller, but not broken
    widths, chosen = fitted([1] * 9, many, 156, 9.5)
    assert sum(widths) == pytest.approx(156) and 9.5 * 0.75 <= chosen < 9.5
    assert min(widths) >= 12 * 0.45 * chosen * 0.3528
    assert fitted([1] * 3, [["Incomprehensibility" * 9] * 3], width, size) == (
        pytest.approx([width / 3] * 3),
        0.75 * size,
    )
