"""The first page: every number on it is right by hand, nothing on it reassures without grounds, each reader reads what is theirs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from paper_edition import row, silent, small, tables, text_of, write_edition

from plananalysis.base.errors import DataError
from plananalysis.editions.opened import Published
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.pages import open_edition
from plananalysis.pages.expected import binding_sentence, expected_sentence, gap_table, outside_sentence, standing_table
from plananalysis.pages.one_page import headline, one_page
from plananalysis.pages.rows import urgent
from plananalysis.plan.classes import class_of, load_classes
from plananalysis.render.blocks import Table, Tiles, cell_text

FINISHED = pd.DataFrame([
    {"place": p, "plan": w, "first": 2011, "last": 2020, "stage": s, "as_of": 2020, "met": m, "total": t, "note": "",
     "source": "纸上", "quote": "达标"}
    for p, w, s, m, t in [("甲", "妇女", "final", 9, 10), ("甲", "儿童", "final", 9, 10), ("乙", "全部", "final", 10, 20),
                          ("丙", "全部", "mid", 7, 10)]
])  # fmt: skip


def first(edition: Published) -> str:
    return text_of(edition.brief().one_page()._repr_html_())


def tiles(edition: Published) -> dict[str, str]:
    (made,) = [b for b in one_page(edition) if isinstance(b, Tiles)]
    return {label: str(number) for label, number, _ in made.tiles}


def lines(table: Table) -> list[list[str]]:
    return [[cell_text(c) for c in cells] for kind, cells in table.lines()]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Two of every outlook, the second of each binding; two units lead."""
    rows = [
        row(f"W{2 * i + n:03d}", outlook, attribute=("anticipatory", "binding")[n], lead_name=("区卫健委", "区教委")[n],
            responsible_units=("区卫健委;区教委", "区教委")[n])
        for i, outlook in enumerate(OUTLOOKS, 1) for n in (0, 1)
    ]  # fmt: skip
    changes = [
        {"series": s, "name": f"指标{s}", "from_outlook": a, "to_outlook": b, "from_probability": p, "to_probability": q, "cause": c}
        for s, a, b, p, q, c in [("W002", "likely", "met_secure", .7, .9, "new_data"), ("W010", "likely", "hard", .7, .2, "new_data"),
                                 ("W012", "hard", "very_hard", .2, .05, "revised_data"), ("W008", "no_data", "uncertain", None, .5, "new_data")]
    ]  # fmt: skip
    root = tmp_path_factory.mktemp("mixed")
    write_edition(root, rows, changes=pd.DataFrame(changes), finished=FINISHED)
    return open_edition("paper", 2025, root)


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_the_four_numbers_are_those_of_the_rows(mixed: Published):
    # 2 of each of 8 outlooks: 稳固 and 有望 4; 困难 and 极难 4 act; one change up, two down; 需研判 and 数据不足 4
    assert tiles(mixed) == {"预计能实现": "4项", "需要行动": "4项", "较2024年版": "好转1、转差2", "暂不能展望": "4项"}
    assert len(urgent(mixed)) == 4
    assert "12项目标中，4项现已达标，占33.3%；但4项需要行动，其中约束性2项，涉及区卫健委2项、区教委2项" in headline(
        mixed
    )


def test_what_changed_is_named_with_the_largest_first_and_with_its_causes(mixed: Published):
    told = first(mixed)
    assert "转差2项：指标W010 有望→困难、指标W012 困难→极难" in told and "新有或不再有达标概率的1项" in told
    assert "原因：新增数据3项、以往数据修订1项" in told


def test_the_expected_number_is_the_sum_of_the_probabilities_and_its_gap_adds_up_row_by_row(mixed: Published):
    # 2 × (.9 + .5 + .8 + .5 + .2 + .05) = 5.9 of 12; 4 have none; 16 − 5.9 = 10.1
    told = expected_sentence(mixed)
    low, high = map(int, re.search(r"80%的可能在(\d+)—(\d+)项之间", told).groups())
    assert "有达标概率的12项中，预计到2030年达标6项" in told and low <= 5.9 <= high and "另有4项没有达标概率" in told
    table = gap_table(mixed)
    assert "全部16项与预计5.9项之间相差的10.1项" in table.caption
    short = {line[0]: (int(line[1]), float(line[2])) for line in lines(table)}
    assert short.pop("合计") == (16, 10.1)
    assert short["达标困难、达标极难"] == (4, 3.5)  # 2 × (.8 + .95)
    assert sum(n for n, _ in short.values()) == 16 and round(sum(s for _, s in short.values()), 6) == 10.1


def test_certain_targets_leave_no_range(tmp_path: Path):
    edition = small(
        tmp_path,
        row("W001", "met_secure", probability=1.0, attribute="binding"),
        row("W002", "met_secure", probability=1.0, attribute="binding"),
        row("W003", "very_hard", probability=0.0),
    )
    assert "预计到2030年达标2项（80%的可能在2—2项之间）" in expected_sentence(edition)
    assert "约束性2项，预计2项；达标不少于2项的可能性99%以上" in binding_sentence(edition)


def test_binding_targets_say_the_most_one_can_be_fairly_sure_of(tmp_path: Path):
    # two independent halves: at least one .75, none certain at .8; with a common factor still below .8
    edition = small(tmp_path, *(row(f"W{n:03d}", "uncertain", probability=0.5, attribute="binding") for n in (1, 2)))
    assert re.fullmatch(r"其中约束性2项，预计1项，全部达标的可能性约2[5-9]%。", binding_sentence(edition))


def test_counts_add_up_with_a_rate_on_all_and_one_on_those_judged(mixed: Published):
    made = lines(standing_table(mixed))
    assert [line[0] for line in made] == ["全部目标", "约束性目标"]  # one plan: no line of its own
    for _, n, a, b, c, on_all, on_known, *classes in made:
        assert int(a) + int(b) + int(c) == int(n) == sum(map(int, classes))
        assert on_all == f"{100 * int(a) / int(n):.1f}%" and on_known == f"{100 * int(a) / (int(a) + int(b)):.1f}%"
    assert made[0][1:] == ["16", "4", "8", "4", "25.0%", "33.3%", "4", "4", "4", "4"]


def test_a_row_without_data_never_counts_as_met(tmp_path: Path):
    edition = small(
        tmp_path, row("W001", "met_secure"), silent("W002"), row("W003", "needs_judgement", position="not_met")
    )
    (line,) = lines(standing_table(edition))
    assert line[1:5] == ["3", "1", "1", "1"] and line[7:] == ["1", "0", "0", "2"]


def test_the_count_by_the_first_readings_is_told_where_some_were_changed_and_only_there(tmp_path: Path):
    # now W001, W002 and W004; by the first readings W002 and W003
    rows = [
        row("W001", "met_secure", first_position="not_met"),
        row("W002", "met_secure"),
        row("W003", "hard", first_position="met"),
        row("W004", "met_slipping", first_position="unknown"),
    ]
    told = text_of(small(tmp_path, *rows).brief().expected()._repr_html_())
    assert "3项目标的读法有过调整（指标W001、指标W003、指标W004）；按最初的读法，已达标2项（现为3项）" in told
    assert "其中1项按最初的读法无法判断" in told
    without = small(tmp_path / "b", *(r | {"first_position": ""} for r in rows))
    assert "最初的读法" not in text_of(without.brief().expected()._repr_html_())


# ---- elsewhere -------------------------------------------------------------------------------------------------------


def test_the_outside_view_sums_places_and_never_touches_a_probability(mixed: Published, tmp_path: Path):
    told = outside_sentence(mixed)
    # 甲 18/20 = 90 %, 乙 10/20 = 50 %; together 28 of 40
    assert "2个地区" in told and "可量化指标40项，报告达标28项，占70.0%（各地50%—90%）" in told
    assert "规划第5—6年时报告达标70.0%（1个地区，10项）" in told and "不计入概率" in told
    bare = small(tmp_path, *(row(f"W{n:03d}", "likely") for n in (1, 2)))
    assert outside_sentence(bare) == "" and "外部参照" not in first(bare)
    rows = [row(f"W{n:03d}", "likely") for n in (1, 2)]
    assert expected_sentence(small(tmp_path / "b", *rows, finished=FINISHED)) == expected_sentence(bare)


def test_the_shipped_counts_are_those_that_were_found():
    from plananalysis.assessments.finished import load_finished

    root = Path(__file__).parents[1]
    table = load_finished(root)
    assert len(load_finished(root, {"children", "elders"})) == len(table) and load_finished(root, {"renewables"}).empty
    ends = table[table["stage"] == "final"].astype({"met": int, "total": int})
    by_place = ends.groupby("place")[["met", "total"]].sum()
    assert (ends["met"].sum(), ends["total"].sum(), len(by_place)) == (660, 699, 8)
    assert [f"{s:.2f}" for s in sorted(by_place["met"] / by_place["total"])][:: len(by_place) - 1] == ["0.82", "0.98"]
    half = table[table["stage"] == "mid"].astype({"met": int, "total": int})
    assert (half["met"].sum(), half["total"].sum(), half["place"].nunique()) == (220, 317, 2)


def test_every_mistake_in_the_counts_is_told_at_once(tmp_path: Path):
    from plananalysis.assessments.finished import COLUMNS, FILE, load_finished

    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text(
        ",".join(COLUMNS) + "\n甲,妇女,2011,2020,end,2020,9,10,,某页,原文\n乙,妇女,2011,20,final,2020,11,10,,,原文\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as found:
        load_finished(tmp_path)
    assert {(p.row, p.column) for p in found.value.problems} == {(2, "stage"), (3, "last"), (3, "met"), (3, "source")}


# ---- the offices' classes --------------------------------------------------------------------------------------------


def test_every_position_and_outlook_falls_into_one_class():
    held = load_classes(Path(__file__).parents[1], "example")
    found = {(p, o): class_of(held, p, o) for p in ("met", "not_met", "unknown") for o in OUTLOOKS}
    assert {v for k, v in found.items() if k[0] == "met"} == {"early"}
    assert found["not_met", "uncertain"] == found["not_met", "likely"] == "expected"
    assert found["not_met", "hard"] == found["not_met", "very_hard"] == "hard"
    assert {found[p, "no_data"] for p in ("not_met", "unknown")} == {"none"}
    assert [line["name"] for line in held][:3] == ["提前达标", "预期可达标", "达标困难"]


def test_an_area_may_have_its_own_classes_and_mistakes_in_them_are_told(tmp_path: Path):
    own = tmp_path / "data" / "raw" / "paper" / "plan" / "classes.csv"
    own.parent.mkdir(parents=True)
    head = "class,name,name_en,position,outlook\n"
    own.write_text(head + "a,已达,Met,met,\nb,其余,Rest,,\n", encoding="utf-8")
    assert [line["name"] for line in load_classes(tmp_path, "paper")] == ["已达", "其余"]
    assert load_classes(tmp_path, "other") == []
    own.write_text(head + "a,,Met,reached,\nb,其余,Rest,not_met,hrad\n", encoding="utf-8")
    with pytest.raises(DataError) as found:
        load_classes(tmp_path, "paper")
    told = {(p.row, p.column) for p in found.value.problems}
    assert told == {(2, "name"), (2, "position"), (3, "outlook"), (3, "class")}


# ---- nothing reassures without grounds -------------------------------------------------------------------------------


def test_a_district_without_data_says_who_reports_what_until_when_and_nothing_else(tmp_path: Path):
    held = [row("W004", "no_data", value=90.0, value_year=2020, position="met", n_points=1)]
    edition = small(tmp_path, *held, silent("W001"), silent("W002"), silent("W003", unit="区教委", lead_name="区教委"))
    edition.info["newest_year"] = 2020
    told = first(edition)
    assert (
        "2021年以来还没有数据，4项目标能否实现暂不能研判；按2020年基期值，能够判断的1项目标中，1项已达到要求，不反映规划实施进展"
        in told
    )
    assert tiles(edition)["数据采用截止日"] == "2026-12-31" and tiles(edition)["有数据的目标"] == "1项"
    assert not any(word in told for word in ("需要行动", "没有达到预警标准", "预计能实现", "外部参照", "0项"))


@pytest.mark.parametrize(("newest", "said"), [(None, False), (2020, True), (2021, False)])
def test_counts_are_said_to_rest_on_the_base_year_only_where_there_are_values_of_it(tmp_path: Path, newest, said):
    edition = small(tmp_path, silent("W001"))
    edition.info["newest_year"] = newest
    assert ("均为2020年基期值" in standing_table(edition).note) is said


def test_received_and_not_reviewed_is_told_apart_from_never_reported(tmp_path: Path):
    edition = small(tmp_path, silent("W001"), silent("W002") | {"why_no_probability": "pending"})
    assert "其中从未报送1项；其中已报待审核1项" in first(edition)


def test_no_alert_is_good_news_only_where_everything_could_be_judged(tmp_path: Path):
    edition = small(tmp_path, row("W001", "met_secure"), silent("W002"))
    assert "1项暂不能判断前景，不等于没有困难" in headline(edition)
    assert "不等于" not in headline(small(tmp_path / "b", row("W001", "met_secure")))


# ---- readers ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_by(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The whole brief as each audience reads it, of a built district with alerts, gaps and measures."""
    from paper_edition import BRIEF, page

    from plananalysis.editions import build

    root, made = tmp_path_factory.mktemp("readers"), {}
    (root / "data").mkdir()
    (root / "data" / "raw").symlink_to(Path(__file__).parents[1] / "data" / "raw")
    build(root, "example")
    for audience in ("internal", "leading-group", "public"):
        edition = open_edition("example", 2025, root, "zh", audience)
        made[audience] = page(edition.brief(), BRIEF)
    return made


@pytest.mark.slow
def test_the_public_reads_neither_alerts_nor_measures_nor_units(read_by: dict[str, str]):
    told = text_of(read_by["public"])
    units = [u for u in ("区教委", "区卫健委", "区公安分局", "区民政局") if u in told]
    assert units == [] and not any(w in told for w in ("双红", "措施", "加快达标", "需要行动", "牵头"))
    assert "预计能实现的：" in told and "难度较大的：" in told


@pytest.mark.slow
def test_the_leading_group_s_brief_is_shorter_than_the_office_s(read_by: dict[str, str]):
    office, leaders = (len(text_of(read_by[a])) for a in ("internal", "leading-group"))
    assert leaders < 0.7 * office
    first_page = [text_of(read_by[a]).split("达标情况：现状")[0] for a in ("internal", "leading-group")]
    assert first_page[0] == first_page[1]


@pytest.mark.slow
def test_the_distribution_stands_once(read_by: dict[str, str]):
    for audience, markup in read_by.items():
        assert markup.count("outlook-bar") == 2, audience  # one for a desk, one for a phone
        assert len([t for t in tables(markup) if t and t[0][-1] == "合计"]) == 0, audience


# ---- when the target year has come -----------------------------------------------------------------------------------


def test_the_annual_brief_of_the_target_year_tells_what_was_reached_and_nothing_of_chances(mixed: Published):
    edition = replace(mixed, info=mixed.info | {"target_year": 2025})
    brief, domain, unit = edition.brief(), edition.domain_page("women.health"), edition.unit_page("health")
    told = {
        "brief": (brief.one_page, brief.evaluation, brief.expected, brief.action, brief.units, brief.watch, brief.map,
                  brief.changes, brief.gaps, brief.rows),
        "domain": (domain.summary, domain.evaluation, domain.targets, domain.gaps),
        "unit": (unit.todo, unit.reported, unit.targets, unit.due, unit.measures),
    }  # fmt: skip
    shown = {page: "".join(text_of(part()._repr_html_()) for part in parts) for page, parts in told.items()}
    assert all("未达到" in text for text in shown.values())
    ahead = "达标概率|达标极难|达标困难|有望|尚不确定|预计|展望|下次报送"
    assert {page: found for page, text in shown.items() if (found := re.findall(ahead, text))} == {}
    assert all(
        heading in brief.evaluation()._repr_html_() for heading in ("目标完成了没有", "各项目标的完成情况和依据")
    )
