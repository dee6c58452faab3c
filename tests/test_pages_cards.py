"""Cards: groups, other places, measures and revisions stand on them as the tables hold them, and nowhere when there are none."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
from paper_edition import NASTY, page, read, row, small, tables, text_of, write_edition

from plananalysis.base.text import speaking
from plananalysis.pages import open_edition

GAP = {
    "gap": "W001:sex", "series": "W001", "dimension": "sex", "group": "sex:female", "other": "sex:male", "group_name": "女性",
    "other_name": "男性", "unit": "%", "decimals": 1, "value": -3.2, "value_year": 2025, "group_value": 68.2, "other_value": 71.4,
    "baseline": -4.0, "base_year": 2020, "change": -0.8, "trend": "narrower", "n_points": 2, "p_narrower": 0.7, "target_year": 2030,
    "median_target_year": -2.8, "low80_target_year": -4.5, "high80_target_year": -1.1, "few": False, "p_chance": None,
}  # fmt: skip


def gap_years(gap: dict[str, object], last: float, **left_out: str) -> pd.DataFrame:
    head = {k: gap[k] for k in ("gap", "series", "group", "other")}
    seen = [
        head | {"year": y, "value": v, "group_value": 71.4 + v, "other_value": 71.4, "status": "A", "left_out": left_out.get(f"y{y}", "")}
        for y, v in ((2020, -4.0), (2023, -3.5), (2025, last))
    ]  # fmt: skip
    ahead = [head | {"year": y, "q10": -4.5, "q25": -3, "q50": -2.8, "q75": -2, "q90": -1.1} for y in range(2026, 2031)]
    return pd.DataFrame([*seen, *ahead])


PLACE = {"place": "city", "place_name": "重庆市", "status": "A", "definition": "", "reported_at": "2026-01-02", "tier": "A",
         "source": "http://page 某报2026-01-02", "note": "", "left_out": "", "series": "W001"}  # fmt: skip


def values(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([PLACE | r for r in rows])


def action(code: str, start: str, status: str, **cells: str) -> dict[str, str]:
    return {"action": code, "series": "W001", "unit": "health", "kind": "reach", "title": f"措施{code}", "start": start, "end": "",
            "status": status, "good_practice": "no", "source": "文", "note": ""} | cells  # fmt: skip


def cards(edition) -> str:
    return page(edition.domain_page("women.health"), ["series"])


def test_without_the_tables_a_card_is_as_it_was(tmp_path: Path):
    markup = cards(small(tmp_path, row("W001", "hard")))
    assert "aside-block" not in markup and markup.count("<svg") == markup.count('class="fan"') + markup.count(
        'class="mark"'
    )


def test_a_gap_is_told_drawn_and_listed(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard"), gaps=pd.DataFrame([GAP]), gap_years=gap_years(GAP, -3.2))
    markup = cards(edition)
    assert "2025年女性比男性低3.2个百分点，差距比2020年缩小0.8个百分点；到2030年继续缩小的概率约70%。" in text_of(
        markup
    )
    assert markup.count('class="groups"') == markup.count('class="fan-gap"') == 1
    listed = next(t for t in tables(markup) if t[1][0] == "女性")
    assert listed == [
        ["（%）", "2020", "2023", "2025"], ["女性", "67.4", "67.9", "68.2"], ["男性", "71.4", "71.4", "71.4"],
        ["差距（女性减男性）", "−4.0", "−3.5", "−3.2"],
    ]  # fmt: skip
    ahead = next(t for t in tables(markup) if "预测中位数" in t[1][0] and t[1][0].startswith("差距"))
    assert ahead[1][1:] == ["−2.8"] * 5 and ahead[2][1:] == ["−4.5至−1.1"] * 5


def test_a_difference_made_by_chance_is_neither_drawn_as_a_series_nor_projected(tmp_path: Path):
    chance = GAP | {"p_chance": 0.4, "few": True, "events": 3, "other_events": 5, "pooled_from": 2023}
    markup = cards(small(tmp_path, row("W001", "hard"), gaps=pd.DataFrame([chance]), gap_years=gap_years(GAP, -3.2)))
    assert "偶然波动" in text_of(markup) and "继续缩小" not in text_of(markup)
    assert "fan-gap" not in markup and "−4.5至−1.1" not in markup


def test_a_year_left_out_is_marked_and_explained(tmp_path: Path):
    years = gap_years(GAP, -3.2, y2023="copied_total")
    markup = cards(small(tmp_path, row("W001", "hard"), gaps=pd.DataFrame([GAP]), gap_years=years))
    assert "−3.5*" in text_of(markup) and "2023年一组的数值与合计相同" in text_of(markup)


def test_age_groups_stand_in_a_table_against_everybody(tmp_path: Path):
    ages = [
        GAP | {"gap": f"W001:age:{a}", "dimension": "age", "group": f"age:{a}", "other": "total", "group_name": n, "other_name": "全体", "value": v}
        for a, n, v in (("35-44", "35—44岁", 1.5), ("45-54", "45—54岁", -3.2))
    ]  # fmt: skip
    years = pd.concat([gap_years(a, float(str(a["value"]))) for a in ages])
    markup = cards(small(tmp_path, row("W001", "hard"), gaps=pd.DataFrame(ages), gap_years=years))
    shown = next(t for t in tables(markup) if t[0][0] == "分组")
    assert [r[0] for r in shown[1:]] == ["35—44岁", "45—54岁"] and [r[3] for r in shown[1:]] == [
        "+1.5个百分点",
        "−3.2个百分点",
    ]
    # the sentence names the group that is farthest from everybody
    assert "2025年45—54岁比全体低3.2个百分点" in text_of(markup)


def test_in_the_target_year_no_chance_is_given_of_a_gap_that_is_known(tmp_path: Path):
    ages = pd.DataFrame([GAP | {"dimension": "age", "group": "age:35-44", "other": "total", "p_narrower": None}])
    edition = small(tmp_path, row("W001", "hard"), gaps=ages, gap_years=gap_years(GAP, -3.2))
    heads = {}
    for target_year in (2030, 2025):
        edition.info["target_year"] = target_year
        shown = next(t for t in tables(cards(edition)) if t[0][0] == "分组")
        heads[target_year] = shown[0]
        assert {len(line) for line in shown} == {len(shown[0])}
    assert heads[2030] == [*heads[2025], "到2030年差距缩小的概率"]


def test_a_group_that_is_missing_is_named_and_nothing_is_drawn(tmp_path: Path):
    nothing = {
        k: v
        for k, v in GAP.items()
        if k in ("gap", "series", "dimension", "group", "other", "group_name", "other_name", "unit")
    }
    seen = pd.DataFrame([{"series": "W001", "area": "paper", "group": g, "year": 2025, "value": 70.0, "status": "A", "definition": "",
                          "reported_at": "2026-05-01"} for g in ("total", "sex:female")])  # fmt: skip
    write_edition(
        tmp_path,
        [row("W001", "hard")],
        gaps=pd.DataFrame([nothing | {"why_no_probability": "group_missing"}]),
        observations=seen,
    )
    markup = cards(open_edition("paper", 2025, tmp_path))
    assert "只报送了女性，缺男性，不计算差距" in text_of(markup) and 'class="groups"' not in markup


def test_another_place_is_told_with_year_and_source(tmp_path: Path):
    company = values(
        {"year": 2020, "value": 66.0, "own_value": 65.0, "difference": -1.0},
        {"year": 2024, "value": 71.25, "status": "E", "note": "由公布值推算"},
    )
    markup = cards(small(tmp_path, row("W001", "hard"), comparators=company))
    words = text_of(markup)
    assert "2020年本地区为65%，重庆市为66%，本地区低1个百分点；重庆市最新为2024年71.25%（推算）。" in words
    assert "http://page 某报2026-01-02" in words and "由公布值推算" in words
    assert markup.count("重庆市</text>") == 1  # named at its line
    figure = next(t for t in tables(markup) if t[1][0] == "实际值")
    assert figure[2] == ["重庆市", "66", "—", "—", "—", "71.25e", "—"]


def test_values_under_another_definition_are_listed_but_not_compared(tmp_path: Path):
    company = values({"year": 2025, "value": 66.0, "definition": "x", "left_out": "other_definition"})
    markup = cards(small(tmp_path, row("W001", "hard"), comparators=company))
    assert "重庆市</text>" not in markup and "口径不同，不比较" in text_of(markup)
    assert "公布的1个数值口径不同或未注明口径，不作比较" in text_of(markup)
    assert not re.search("本地区[高低]", text_of(markup).replace("本地区高（+）低（−）", ""))


def test_two_places_are_told_in_two_sentences_in_either_language(tmp_path: Path):
    both = values(
        {"year": 2025, "value": 71.0}, {"year": 2025, "value": 72.0, "place": "nation", "place_name": "China"}
    )
    edition = small(tmp_path, row("W001", "hard"), comparators=both)
    assert "重庆市2025年为71%，本地区无同年数据。China2025年为72%，本地区无同年数据。" in text_of(cards(edition))
    with speaking("en"):
        assert "71% in 2025, no value here for that year. China 72% in 2025" in text_of(
            cards(replace(edition, language="en"))
        )


def test_measures_have_the_same_number_in_the_figure_and_in_the_list(tmp_path: Path):
    done = [
        action("A", "2024-03-01", "under_way"),
        action("B", "2022-05-01", "done", end="2023-01-31", good_practice="yes"),
        action("C", "2026-01-01", "planned"),
    ]
    markup = cards(small(tmp_path, row("W001", "hard"), actions=pd.DataFrame(done)))
    figure, listed = (
        re.search(p, markup, re.DOTALL)[0]
        for p in ('<svg[^>]*class="fan".*?</svg>', '<ul class="measure-list">.*?</ul>')
    )
    # by the day they begin: B, A, C
    assert re.findall(r"<title>(措施.)（(..)）</title>.*?>(\d)</text>", figure) == [
        ("措施B", "办结", "1"),
        ("措施A", "在办", "2"),
        ("措施C", "计划", "3"),
    ]
    lines = [text_of(li) for li in re.findall("<li>(.*?)</li>", listed)]
    assert [re.sub(r"\s+", "", line)[:4] for line in lines] == ["1措施B", "2措施A", "3措施C"]
    assert "2022-05-01至2023-01-31" in lines[0] and "办结" in lines[0] and "2024-03-01起" in lines[1]


def test_a_revised_value_is_told_on_its_card(tmp_path: Path):
    told = pd.DataFrame([{"severity": "hint", "rule": "revision", "series": "W001", "group": g, "year": 2021, "value": "34.8", "message": m}
                         for g, m in (("total", "2021年数据由36.1%修订为34.8%。"), ("sex:male", "男性数据修订。"))])  # fmt: skip
    words = text_of(cards(small(tmp_path, row("W001", "hard"), quality=told)))
    assert "2021年数据由36.1%修订为34.8%。" in words and "男性数据修订" not in words


def test_the_public_sees_neither_measures_nor_revisions(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard"), actions=pd.DataFrame([action("A", "2022-05-01", "done")]))
    assert "措施A" in cards(edition)
    slimmer = {k: edition.tables[k] for k in edition.tables if k not in ("actions", "quality")}
    assert "措施A" not in cards(replace(edition, tables=slimmer))


def test_text_from_data_stays_text_on_a_card(tmp_path: Path):
    edition = small(
        tmp_path,
        row("W001", "hard"),
        gaps=pd.DataFrame([GAP | {"group_name": NASTY}]),
        gap_years=gap_years(GAP, -3.2),
        comparators=values({"year": 2025, "value": 66.0, "place_name": NASTY, "source": NASTY, "note": NASTY}),
        actions=pd.DataFrame([action("A", "2022-05-01", "done", title=NASTY, unit=NASTY)]),
        quality=pd.DataFrame([{"rule": "revision", "series": "W001", "group": "total", "message": NASTY}]),
    )
    markup = cards(edition)
    assert "<script" not in markup and markup.count("&lt;script&gt;") >= 8
    read(markup)
