"""Values of other places: only the same definition stands side by side, as known when the edition closed, each with its page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from plananalysis import editions
from plananalysis.assessments.comparator_outlooks import comparator_outlooks
from plananalysis.assessments.comparators import load_comparators
from plananalysis.base.errors import DataError
from plananalysis.editions.inputs import digests
from plananalysis.observations import as_known, histories, load_observations
from plananalysis.pages import open_edition
from plananalysis.pages.cells import Cells
from plananalysis.plan import load_plan
from plananalysis.render.blocks import plain

ROOT = Path(__file__).parents[1]
HEAD = "series,area,group,year,value,status,definition,reported_at,tier,source,note\n"
OWN = "W04,here,total,2020,92.6,A,,2022-12-29,A,书,\nC20,here,total,2020,80.6,A,children,2022-12-29,A,书,\n"


@pytest.fixture
def here(tmp_path: Path):
    """Jiangbei's plan with a few values of its own and one place to compare with, whose values a test writes."""

    def write(
        values: str, own: str = OWN, fictional: bool = False, places: str = "place,name,name_en\nthere,那里,There\n"
    ):
        raw = tmp_path / "data" / "raw"
        shutil.copytree(ROOT / "data" / "raw" / "jiangbei" / "plan", raw / "here" / "plan", dirs_exist_ok=True)
        shutil.copy(ROOT / "data" / "raw" / "thresholds.toml", raw)
        text = (ROOT / "data" / "raw" / "jiangbei" / "area.toml").read_text(encoding="utf-8")
        text = text.replace('["chongqing", "china"]', '["there"]').replace(
            "fictional = false", f"fictional = {str(fictional).lower()}"
        )
        (raw / "here" / "area.toml").write_text(text, encoding="utf-8")
        (raw / "places.csv").write_text(places, encoding="utf-8")
        for area, rows in (("here", own), ("there", values)):
            (raw / area / "observations").mkdir(parents=True, exist_ok=True)
            (raw / area / "observations" / "a.csv").write_text(HEAD + rows, encoding="utf-8")
        plan = load_plan(tmp_path, "here", 2025)
        return tmp_path, plan, as_known(load_observations(tmp_path, "here"), plan.known_on, plan.as_of)

    return write


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(table[list(columns)].itertuples(index=False, name=None))


def test_values_of_one_year_and_definition_stand_beside_each_other(here):
    found = load_comparators(
        *here("W04,there,total,2020,92.7,A,,2021-06-01,A,页,\nW04,there,total,2024,95,A,,2025-06-01,A,页,\n")
    )
    # 92.6 - 92.7 = -0.1; in 2024 nothing was reported here
    assert rows(found.iloc[:1], "year", "value", "own_value", "difference") == [(2020, 92.7, 92.6, -0.1)]
    assert found["own_value"].isna().tolist() == [False, True]
    assert found["place_name"].tolist() == ["那里"] * 2 and found["source"].tolist() == ["页"] * 2


def test_different_definitions_are_never_compared(here):
    table = load_comparators(
        *here(
            "".join(
                f"C20,there,total,2020,{v},A,{d},2021-06-01,A,页,\n"
                for v, d in ((85, "children"), (84, "kindergartens"), (83, ""))
            )
        )
    )
    found = {r["definition"]: r for r in table.fillna({"definition": ""}).to_dict("records")}
    # the plan knows two definitions of C20: one that is not stated could be either
    assert {d: r["left_out"] for d, r in found.items()} == {
        "children": "", "kindergartens": "other_definition", "": "definition_unknown"
    }  # fmt: skip
    assert found["children"]["difference"] == -4.4
    assert pd.isna(found["kindergartens"]["difference"]) and pd.isna(found[""]["own_value"])


def test_a_series_nobody_reported_here_still_has_company_unless_its_definition_is_special(here):
    found = load_comparators(
        *here("W01,there,total,2024,77,A,,2025-06-01,A,页,\nW14,there,total,2020,9.6,A,age_15_plus,2021-06-01,A,页,\n")
    )
    assert rows(found, "series", "left_out") == [("W01", ""), ("W14", "definition_unknown")]


def test_only_what_was_known_when_the_edition_closed(here):
    values = "W04,there,total,2020,92.7,A,,2021-06-01,A,页,\nW04,there,total,2020,93.1,A,,2024-06-01,A,页,\nW04,there,total,2024,95,A,,2027-06-01,A,页,\nW04,there,total,2026,96,A,,2026-06-01,A,页,\n"
    root, plan, view = here(values)
    assert plan.known_on == "2026-12-31"
    # the revision of 2024 holds; what came out in 2027 and the year after the edition's are unknown
    assert rows(load_comparators(root, plan, view), "year", "value") == [(2020, 93.1)]


def test_groups_and_other_places_of_a_shared_folder_stay_out(here):
    values = "W04,there,sex:female,2020,92.7,A,,2021-06-01,A,页,\nW04,elsewhere,total,2020,90,A,,2021-06-01,A,页,\n"
    assert load_comparators(*here(values)).empty


def test_a_fictional_area_has_no_real_company(here):
    root, plan, view = here("W04,there,total,2020,92.7,A,,2021-06-01,A,页,\n", fictional=True)
    with pytest.raises(DataError, match="虚构地区不与真实地区比较"):
        load_comparators(root, plan, view)


def test_a_place_without_a_name_is_refused(here):
    with pytest.raises(DataError, match=r"places\.csv"):
        load_comparators(*here("", places="place,name,name_en\n"))


def test_a_place_is_named_in_both_languages(here):
    made = load_comparators(*here("W04,there,total,2020,92.7,A,,2021-06-01,A,页,\n"))
    assert made[["place_name", "place_name_en"]].values.tolist() == [["那里", "There"]]


def test_files_behind_the_table_are_known(here):
    root, plan, _ = here("W04,there,total,2020,92.7,A,,2021-06-01,A,页,\n")
    assert {"data/raw/places.csv", "data/raw/there/observations/a.csv"} <= {*digests(root, plan.area)}


def test_jiangbei_beside_chongqing_and_the_nation():
    """Published values, read off the sources by hand: 孕产妇系统管理率 2020 全国92.7%, 江北92.6%; 孕产妇死亡率 重庆9.52/10万, 江北0."""
    plan = load_plan(ROOT, "jiangbei", 2025)
    view = as_known(load_observations(ROOT, "jiangbei"), plan.known_on, plan.as_of)
    found = load_comparators(ROOT, plan, view)

    def beside(series: str, place: str, year: int) -> list[float]:
        (row,) = found[(found["series"] == series) & (found["place"] == place) & (found["year"] == year)].to_dict(
            "records"
        )
        return [row[c] for c in ("value", "own_value", "difference")]

    assert beside("W04", "china", 2020) == [92.7, 92.6, -0.1]
    assert beside("W03", "chongqing", 2020) == [9.52, 0.0, -9.52]
    assert set(found.loc[found["series"] == "C20", "left_out"]) == {"definition_unknown"}


# ---- where the area has no data, others' by its own targets ---------------------------------------------------------


def yardsticks(given) -> pd.DataFrame:
    root, plan, view = given
    own = histories(view, plan.series)
    return comparator_outlooks(plan, own, load_comparators(root, plan, view))


def test_another_place_is_judged_by_this_areas_target_where_the_area_has_no_data_of_the_period(here):
    # W03 asks for at most 8 per 100,000, W04 for at least 94 %; this area's W04 is of 2020, the base year
    found = yardsticks(
        here("W03,there,total,2024,8.5,A,,2025-06-01,A,页,\nW04,there,total,2024,95,A,,2025-06-01,A,页,\n")
    )
    assert rows(found, "series", "place", "value", "value_year", "position") == [
        ("W03", "there", 8.5, 2024, "not_met"),
        ("W04", "there", 95.0, 2024, "met"),
    ]
    assert found["shortfall"].tolist() == [0.5, 0.0] and found["probability"].isna().all()  # one value makes no trend


def test_where_the_area_has_data_of_the_period_no_other_place_stands_in_for_it(here):
    own = OWN + "W04,here,total,2023,93.5,A,,2024-06-01,A,书,\n"
    found = yardsticks(here("W04,there,total,2024,95,A,,2025-06-01,A,页,\n", own=own))
    assert found.empty


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ("W03,there,total,2019,7,A,,2020-06-01,A,页,\n", "older than the base year"),
        ("C20,there,total,2024,90,A,,2025-06-01,A,页,\n", "definition not stated"),
        ("C13b,there,total,2024,3,A,,2025-06-01,A,页,\n", "a target in whole persons"),
    ],
)
def test_what_cannot_be_compared_is_no_yardstick(here, values, why):
    assert yardsticks(here(values)).empty, why


def test_a_yardstick_has_a_probability_and_changes_no_verdict_of_the_area(here):
    values = "".join(f"W03,there,total,{y},{20 - (y - 2012)},A,,{y + 1}-06-01,A,页,\n" for y in range(2012, 2025))
    root, plan, view = here(values)
    found = yardsticks((root, plan, view)).iloc[0]
    assert 0 < found["probability"] < 1 and found["n_points"] == 13
    editions.build(root, "here", 2025)
    edition = open_edition("here", 2025, root)
    row = edition.assessments["W03"]
    assert (row.text("outlook"), row.text("position"), row.number("probability")) == ("no_data", "unknown", None)
    card = edition.domain_page("women.health").series()._repr_html_()
    told = re.sub("<[^>]*>", "", card)
    assert "参照：那里2024年为8/10万，按本地区目标（控制在8/10万以内）衡量已达标，推算2030年达到的概率" in told
    assert "只作参照，不计入本地区的判断" in told
    table = edition.domain_page("women.health").targets()._repr_html_()
    assert "那里8/10万（2024年）" in re.sub("<[^>]*>", "", table) and 'class="strips"' in table
    counted = re.sub("<[^>]*>", "", edition.domain_page("women.health").summary()._repr_html_())
    assert "目前没有一项可作展望" in counted


def test_the_column_says_in_which_year_the_area_was_better(here):
    values = "W04,there,total,2020,92.7,A,,2021-06-01,A,页,\nW04,there,total,2024,95,A,,2025-06-01,A,页,\n"
    own = OWN + "W04,here,total,2023,93.5,A,,2024-06-01,A,书,\n"
    root, _, _ = here(values, own=own)
    editions.build(root, "here", 2025)
    edition = open_edition("here", 2025, root)
    told = plain(Cells(edition).beside(edition.assessments["W04"])).strip()
    assert told == "那里95%（2024年）（2020年本地区较差）"  # 92.6 here and 92.7 there
    assert Cells(edition).beside(edition.assessments["W01"]) is None
