"""Sheets of what stands beside the totals: gaps between groups, and published values of other places."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from test_documents import edition, row

from plananalysis.editions.opened import Published
from plananalysis.pages.papers.data_tables import comparators_sheet, gaps_sheet
from plananalysis.render.blocks import plain
from plananalysis.render.quantities import Quantity, Value

# women 60.5 %, men 64.0 % in 2025: 3.5 points lower; 5.0 lower in the base year, so narrower by 1.5
GAP = {
    "gap": "W01:sex", "series": "W01", "dimension": "sex", "group": "sex:female", "other": "sex:male", "group_name": "女性",
    "other_name": "男性", "unit": "%", "decimals": 1, "value": -3.5, "value_year": 2025, "group_value": 60.5, "other_value": 64.0,
    "baseline": -5.0, "base_year": 2020, "change": -1.5, "trend": "narrower", "p_narrower": 0.8, "target_year": 2030,
    "events": 12, "other_events": 9, "pooled_from": 2023, "few": False, "p_chance": math.nan,
}  # fmt: skip
PLACE = {
    "series": "W01", "place": "city", "place_name": "某市", "year": 2024, "value": 47.255, "status": "A", "definition": "",
    "reported_at": "2025-06-30", "tier": 1, "source": "某市统计局", "note": "", "own_value": 49.0, "difference": 1.75, "left_out": "",
}  # fmt: skip


@pytest.fixture
def facts():
    def made(**tables: list[dict]) -> Published:
        known = edition([row(series="W01", name="甲率")])
        more = {name: pd.DataFrame(rows) for name, rows in tables.items()}
        return replace(known, tables={**known.tables, **more})

    return made


def cells(sheet) -> list[dict[str, object]]:
    lines = [[c.number if isinstance(c, Quantity) else c for c in line] for _, line in sheet.table.lines()]
    heads = [plain(c.title) for c in sheet.table.columns]
    return [dict(zip(heads, line, strict=True)) for line in lines]


def test_a_gap_stands_with_both_values_its_change_and_its_chance(facts):
    (line,) = cells(gaps_sheet(facts(gaps=[GAP])))
    assert (line["分组"], line["对照组"], line["分组数值"], line["对照组数值"]) == ("女性", "男性", 60.5, 64.0)
    assert (line["差距（分组减对照组）"], line["2020年基期值"], line["差距大小比基期"]) == (-3.5, -5.0, -1.5)
    assert (line["到2030年差距缩小的概率"], line["差距单位"], line["年份"], line["备注"]) == (
        0.8,
        "个百分点",
        2025,
        None,
    )


def test_a_gap_that_chance_may_make_has_no_change_and_no_chance_but_a_remark(facts):
    (line,) = cells(gaps_sheet(facts(gaps=[GAP | {"p_chance": 0.3, "few": True}])))
    assert line["差距大小比基期"] is None and line["到2030年差距缩小的概率"] is None
    assert line["差距（分组减对照组）"] == -3.5 and "12" in line["备注"]


def test_gaps_without_a_value_are_not_listed(facts):
    assert cells(gaps_sheet(facts(gaps=[GAP | {"value": math.nan, "value_year": math.nan}]))) == []


def test_a_published_value_keeps_its_decimals_and_says_how_far_apart_the_two_are(facts):
    sheet = comparators_sheet(facts(comparators=[PLACE]))
    (line,) = cells(sheet)
    assert (line["公布数值"], line["本地区同年"], line["本地区高（+）低（−）"]) == (47.255, 49.0, 1.75)
    assert [c.decimals for c in next(sheet.table.lines())[1] if isinstance(c, Value)] == [3, 2, 2]
    assert (line["地区"], line["公布日期"], plain(line["来源"])) == ("某市", "2025-06-30", "某市统计局")


def test_a_value_of_another_definition_is_listed_and_not_compared(facts):
    other = PLACE | {"left_out": "other_definition", "difference": math.nan, "own_value": math.nan}
    (line,) = cells(comparators_sheet(facts(comparators=[other])))
    assert line["本地区高（+）低（−）"] == "口径不同，不比较" and line["公布数值"] == 47.255


def test_an_edition_without_groups_and_places_has_neither_sheet(facts):
    assert gaps_sheet(facts()).table.records == comparators_sheet(facts()).table.records == []
