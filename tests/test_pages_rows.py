"""Pages, row by row: marks, notes, numbers and words beside a verdict, and what the method page says of the past."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from paper_edition import (
    NASTY,
    by_code,
    page,
    read,
    row,
    silent,
    small,
    tables,
    text_of,
    whole,
    write_edition,
)

from plananalysis import schema
from plananalysis.pages import open_edition
from plananalysis.pages.cells import Cells
from plananalysis.pages.changes import changes_table
from plananalysis.pages.links import indicator_link
from plananalysis.render.html import html
from plananalysis.schema.rows import Record


def test_names_units_reasons_and_notes_stay_text(tmp_path: Path):
    words = {
        "name": NASTY,
        "reason": NASTY,
        "target_text": NASTY,
        "reading_text": NASTY,
        "value_text": NASTY,
        "unit": NASTY,
    }
    edition = small(
        tmp_path,
        row("W001", "hard", **words, responsible_units=f"{NASTY};{NASTY}"),
        silent("W002", unit=NASTY, name=NASTY),
        quality=pd.DataFrame([{"severity": "error", "rule": "revision", "series": "W001", "group": NASTY, "year": 2024, "value": NASTY,
                               "submission": NASTY, "file_row": 3, "column": "value", "message": NASTY, "advice": NASTY}]),
        changes=pd.DataFrame([{"series": "W001", "from_outlook": "likely", "to_outlook": "hard", "from_probability": 0.7,
                               "to_probability": 0.2, "cause": "new_data", "sentence": NASTY}]),
        completeness=pd.DataFrame([{"unit": "other", "name": NASTY, "series": 1, "due": 1, "reported": 0}]),
        backtests=pd.DataFrame([{"method": NASTY, "horizon": 0, "series": 1, "cases": 4, "brier": 0.2}]),
        retrospective=pd.DataFrame([{"series": "W001", "name": NASTY, "target_text": NASTY}]),
    )  # fmt: skip
    for name, markup in whole(edition).items():
        assert "<script" not in markup, name
        read(markup)
    assert "&lt;script&gt;" in page(edition.brief(), ["action"])


def test_fictional_data_say_so_in_every_table_and_figure(tmp_path: Path):
    write_edition(tmp_path, [row("W001", "hard"), silent("W002")], fictional=True)
    edition = open_edition("paper", 2025, tmp_path)
    for markup in whole(edition).values():
        for table in re.findall(r"<table.*?</table>", markup, re.DOTALL):
            assert "示例数据（虚构）" in re.search(r"<caption>.*?</caption>", table)[0]
        for figure in re.findall(r'<svg[^>]*class="fan".*?</svg>', markup):
            assert "示例数据（虚构）" in figure


def test_an_inferred_operator_is_marked_and_explained(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard", operator_source="inferred"))
    listed = text_of(edition.brief().rows()._repr_html_())
    assert "推：目标的符号系推断" in listed
    assert "符号系推断：原文只印“80”，本报告按“不低于80%”理解" in text_of(
        edition.domain_page("women.health").series()._repr_html_()
    )


def test_an_outlook_kept_from_the_edition_before_is_marked_where_it_differs_from_its_probability(tmp_path: Path):
    edition = small(tmp_path, row("W001", "likely", probability=0.63), row("W002", "likely", probability=0.66))
    lines = by_code(edition.brief().rows()._repr_html_())
    assert lines["W001"]["展望"] == "有望达标沿" and lines["W002"]["展望"] == "有望达标"


def test_a_rate_of_few_events_has_their_number_beside_it(tmp_path: Path):
    words = {"unit": "1/10万", "direction": -1, "events": 2}
    edition = small(tmp_path, row("W001", "met_secure", **words), row("W002", "met_secure", **words | {"events": 40}))
    listed = by_code(edition.brief().rows()._repr_html_())
    assert "2023—2025年共2例" in listed["W001"]["现值"] and "例" not in listed["W002"]["现值"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"baseline": 85.0}, "基期已达标"),
        (
            {"baseline": 60.0, "value_year": 2020},
            None,
        ),  # nothing came in since: no way gone is not a way without length
        ({"baseline": 54.6, "goal_low": 48.0, "goal_high": 52.0, "kind": "about"}, None),  # above the band at the base
        ({"baseline": 50.0, "goal_low": 48.0, "goal_high": 52.0, "kind": "about"}, "基期已达标"),
    ],
)
def test_a_target_is_met_at_the_base_only_where_the_baseline_meets_it(tmp_path: Path, cells: dict, told: str | None):
    edition = small(tmp_path, row("W001", "uncertain", **{"task_progress": None, "schedule": "not_applicable"} | cells))
    assert Cells(edition).schedule(edition.rows[0]) == told


def test_changes_of_a_percentage_are_points_never_per_cent(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard"))
    line = next(
        line
        for line in read(edition.brief().action()._repr_html_()).rows
        if len(line) == 7 and line[1].startswith("W001")
    )
    assert line[5] == "需 +2个百分点近年 +1个百分点"


def test_the_required_value_of_each_remaining_year_is_in_the_block(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard"))
    lines = read(edition.domain_page("women.health").series()._repr_html_()).rows
    assert ["达到目标所需值", "72.0", "74.0", "76.0", "78.0", "80.0"] in lines


def test_figure_words_hold_its_numbers(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard"))
    alt = re.search(r'class="fan".*?aria-label="([^"]*)"', edition.domain_page("women.health").series()._repr_html_())[
        1
    ]
    assert (
        alt
        == "指标W001：2020—2025年在65%至70%之间，2025年为70%；2030年目标：不低于80%；预测2030年中位数75%，80%预测区间70%至82%。"
    )


def test_points_before_a_break_are_shown_apart(tmp_path: Path):
    folder = write_edition(tmp_path, [row("W001", "uncertain")])
    table = pd.read_csv(folder / "observations.csv", encoding="utf-8-sig")
    table.loc[table["year"] == 2023, "status"] = "B"
    table.to_csv(folder / "observations.csv", index=False, encoding="utf-8-sig")
    shown = text_of(open_edition("paper", 2025, tmp_path).domain_page("women.health").series()._repr_html_())
    assert "口径自2023年起调整" in shown and "65*" in shown and "68b" in shown


def test_thresholds_say_whether_they_are_signed_off(tmp_path: Path):
    folder = write_edition(tmp_path, [row("W001", "hard")])
    assert "尚未经监测评估领导小组审定" in page(open_edition("paper", 2025, tmp_path).brief(), ["thresholds"])
    info = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
    info["thresholds"]["signed_off"] = "领导小组2026年3月1日会议"
    (folder / "edition.json").write_text(json.dumps(info), encoding="utf-8")
    assert "由领导小组2026年3月1日会议审定" in page(open_edition("paper", 2025, tmp_path).brief(), ["thresholds"])


def test_method_page_says_where_a_simple_rule_was_better(tmp_path: Path):
    scores = [
        ("engine", 0, 0.15),
        ("engine", 1, 0.10),
        ("engine", 2, 0.20),
        ("drift", 0, 0.25),
        ("drift", 1, 0.30),
        ("drift", 2, 0.18),
    ]
    table = pd.DataFrame(
        [
            {
                "method": m,
                "horizon": h,
                "series": 3,
                "cases": 9,
                "met_share": 0.5,
                "brier": b,
                "coverage80": 0.8,
                "coverage95": 0.95,
            }
            for m, h, b in scores
        ]
    )
    edition = small(tmp_path, row("W001", "hard"), backtests=table)
    markup = edition.method_page().scores()._repr_html_()
    assert "推算年限为2年时，有简单方法的分数好于本系统" in text_of(markup)
    assert re.findall(r"<b>([\d.]+)</b>", markup) == ["0.100", "0.180", "0.150"]


def test_the_past_is_judged_by_what_was_committed_to(tmp_path: Path):
    told = [
        ("likely", "met", 21),
        ("met_secure", "not_met", 18),
        ("hard", "not_met", 25),
        ("uncertain", "met", 20),
        ("likely", "unknown", None),
    ]
    cells = {
        "name": "指标",
        "unit": "%",
        "decimals": 1,
        "target_text": "20",
        "origin_year": 2015,
        "median": 20.0,
        "low80": 19.0,
        "high80": 22.0,
        "outcome_year": 2020,
    }
    past = pd.DataFrame(
        [{"series": f"W{i:03d}", "outlook": o, "met": m, "outcome": v, **cells} for i, (o, m, v) in enumerate(told)]
    )
    edition = small(tmp_path, row("W001", "hard"), retrospective=past)
    markup = edition.method_page().retrospective()._repr_html_()
    assert (
        "共5项：展望与结果相符2项，不符1项，当时未下结论1项，结果不详1项；有预测区间的4项中，实际数值落在80%区间内的2项。"
        in text_of(markup)
    )
    assert [line[-1] for line in tables(markup)[0] if len(line) == 9][1:] == [
        "相符",
        "不符",
        "相符",
        "未下结论",
        "结果不详",
    ]


def test_about_is_shown_at_every_tolerance(tmp_path: Path):
    views = pd.DataFrame(
        [{"series": "W001", "sentence": NASTY, "steady": False, "verdict": "结论不稳健", "band_1": 0.1, "band_3": 0.9}]
    )
    edition = small(tmp_path, row("W001", "uncertain", "about"), explanations=views)
    markup = edition.domain_page("women.health").series()._repr_html_()
    assert "按±1、±2、±3个百分点判断，达标概率分别为10%、50%、90%" in text_of(markup)
    assert "结论不稳健" in markup.split("</header>")[0] and "<script" not in markup


@pytest.mark.parametrize(("first", "words"), [(2025, "本版是规划期内的第一版"), (2022, "与上一版相比")])
def test_the_brief_compares_with_the_edition_before_where_there_is_one(tmp_path: Path, first: int, words: str):
    write_edition(tmp_path, [row("W001", "hard")])
    edition = open_edition("paper", 2025, tmp_path)
    edition.info["first_as_of"] = first
    assert words in page(edition.brief(), ["changes"])


@pytest.mark.parametrize(("first", "others", "told"), [(12, 1, 13), (13, 1, 1), (13, 0, None)])
def test_many_first_outlooks_are_counted_and_every_other_change_is_told(
    tmp_path: Path, first: int, others: int, told: int | None
):
    change = {"from_probability": None, "to_probability": 0.2, "cause": "new_data", "sentence": "某项有变化。"}
    changes = [change | {"from_outlook": "no_data", "to_outlook": "hard", "series": f"W{n:03}"} for n in range(first)]
    changes += [
        change | {"from_outlook": "likely", "to_outlook": "hard", "series": f"W{n + 50:03}"} for n in range(others)
    ]
    write_edition(tmp_path, [row(c["series"], "hard") for c in changes], changes=pd.DataFrame(changes))
    edition = open_edition("paper", 2025, tmp_path)
    markup = page(edition.brief(), ["changes"])
    if told is None:
        assert "<table" not in markup
    else:
        assert len(re.findall("<tr", markup)) - 1 == told
    assert (f"首次作出研判的{first}项：达标困难{first}项。" in markup) is (first > 12)
    edition.info["first_as_of"] = 2021
    assert len(changes_table(edition).records) == (told or 0) and len(
        changes_table(edition, whole=True).records
    ) == len(changes)
    assert "本版首次作出研判" in changes_table(edition).note + changes_table(edition).empty or first <= 12


@pytest.mark.parametrize(("role", "leads"), [("target", True), ("part", True), ("reference", False)])
def test_a_name_leads_to_a_card_only_where_there_is_one(role, leads):
    told = {"series": "W29.ref", "name": "女职工比例", "role": role, "domain": "women.work"}
    shown = html(indicator_link(Record(told, schema.tables("edition")["assessments"])))
    assert "女职工比例" in shown and ("#W29.ref" in shown) is leads
