"""Districts renamed, merged and split: histories are joined or broken as declared, and what cannot be is refused with its row."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_city import trim

from plananalysis.base import area_changes
from plananalysis.base.errors import DataError
from plananalysis.editions import inputs
from plananalysis.observations import as_known, histories, load_observations
from plananalysis.plan import load_plan, load_plans

ROOT = Path(__file__).resolve().parents[1]
HEAD = "date,kind,from,to,treatment,source,from_names\n"
# deaths and births of two districts; fictional
QIJIANG = {2019: (2, 10_000), 2020: (1, 10_000), 2021: (0, 8_000), 2022: (1, 8_000), 2023: (1, 8_000)}
WANSHENG = {2019: (0, 2_000), 2020: (1, 2_000), 2021: (1, 2_000), 2022: (0, 2_000), 2023: (0, 2_000)}
AFTER = {2024: (1, 9_500)}
MERGED = "2024-10-27,merged,qijiang;wansheng,qijiang,{},国函〔虚构〕1号,\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("areas")
    raw = root / "data" / "raw"
    raw.mkdir(parents=True)
    for name in ("thresholds.toml", "groups.csv", "plans.csv"):
        shutil.copy(ROOT / "data" / "raw" / name, raw)
    for area in ("qijiang", "wansheng"):
        shutil.copytree(ROOT / "data" / "raw" / "example" / "plan", raw / area / "plan")
        settings = (ROOT / "data" / "raw" / "example" / "area.toml").read_text(encoding="utf-8")
        name = {"qijiang": "綦江", "wansheng": "万盛"}[area]
        (raw / area / "area.toml").write_text(settings.replace("示例区(虚构)", name), encoding="utf-8")
    return root


@pytest.fixture
def root(template, tmp_path) -> Path:
    shutil.copytree(template, tmp_path / "p")
    return tmp_path / "p"


def report(root: Path, area: str, deaths: dict, shares: dict | None = None, name: str = "a") -> None:
    """Deaths and births (W03), and a share without counts (W01), each reported in the April after."""
    lines = ["series,year,value,numerator,denominator,status,reported_at"]
    lines += [f"W03,{y},{n / d * 1e5:.2f},{n},{d},A,{y + 1}-04-01" for y, (n, d) in deaths.items()]
    lines += [f"W01,{y},{v},,,A,{y + 1}-04-01" for y, v in (shares or {}).items()]
    folder = root / "data" / "raw" / area / "observations"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def declare(root: Path, *rows: str, head: str = HEAD) -> None:
    (root / "data" / "raw" / area_changes.FILE).write_text(head + "".join(rows), encoding="utf-8")


def known(root: Path, area: str, as_of: int, series: str = "W03"):
    plan = load_plan(root, area, as_of)
    view = as_known(load_observations(root, area), plan.known_on, as_of)
    return histories(view, plan.series)[series]


def test_a_joined_rate_is_the_sum_of_cases_over_the_sum_of_people(root):
    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    declare(root, MERGED.format("joined"))
    held = known(root, "qijiang", 2024)
    assert held.years.tolist() == [2019, 2020, 2021, 2022, 2023, 2024]
    # 2/12 000, 2/12 000, 1/10 000, 1/10 000, 1/10 000 and what was reported: never the mean of two rates
    assert held.values.tolist() == [16.67, 16.67, 10.0, 10.0, 10.0, 10.53]
    assert held.numerators.tolist() == [2, 2, 1, 1, 1, 1] and held.denominators[0] == 12_000
    assert held.break_year is None


def test_editions_before_the_change_know_nothing_of_it(root):
    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    plain = known(root, "qijiang", 2023).digest, known(root, "wansheng", 2023).digest
    declare(root, MERGED.format("joined"))
    assert (known(root, "qijiang", 2023).digest, known(root, "wansheng", 2023).digest) == plain


def test_a_broken_history_begins_anew_and_the_old_values_stay_beside_it(root):
    report(root, "qijiang", QIJIANG | AFTER)
    declare(root, MERGED.format("broken"))
    held = known(root, "qijiang", 2024)
    assert held.years.tolist() == [2024] and held.break_year == 2024
    assert [year for year, *_ in held.earlier] == [2019, 2020, 2021, 2022, 2023]


def test_a_broken_history_without_a_new_value_has_none(root):
    """The old territory's values say nothing of the new one's target."""
    report(root, "qijiang", QIJIANG)
    declare(root, MERGED.format("broken"))
    held = known(root, "qijiang", 2024)
    assert not len(held.years) and len(held.earlier) == 5
    assert known(root, "qijiang", 2023).years.tolist() == [*QIJIANG]


def test_a_note_that_the_definition_has_not_changed_takes_no_break_of_the_area_back(root):
    report(root, "qijiang", QIJIANG | AFTER)
    folder = root / "data" / "raw" / "qijiang" / "observations"
    line = "series,year,value,numerator,denominator,status,reported_at,note\nW03,2024,21.05,2,9500,A,2025-05-01,口径未改变\n"
    (folder / "b.csv").write_text(line, encoding="utf-8")
    declare(root, MERGED.format("broken"))
    held = known(root, "qijiang", 2024)
    assert held.years.tolist() == [2024] and held.values.tolist() == [21.05]


def test_what_has_no_counts_begins_anew_beside_what_is_joined(root):
    report(root, "qijiang", QIJIANG | AFTER, {2022: 90.0, 2023: 91.0, 2024: 92.0})
    report(root, "wansheng", WANSHENG, {2022: 80.0, 2023: 81.0})
    declare(root, MERGED.format("joined"))
    assert known(root, "qijiang", 2024).years.tolist() == [2019, 2020, 2021, 2022, 2023, 2024]
    share = known(root, "qijiang", 2024, "W01")
    assert share.years.tolist() == [2024] and share.break_year == 2024


def test_a_year_only_one_of_them_reported_is_withdrawn_and_kept_in_view(root):
    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", {y: c for y, c in WANSHENG.items() if y != 2021})
    declare(root, MERGED.format("joined"))
    assert known(root, "qijiang", 2024).years.tolist() == [2019, 2020, 2022, 2023, 2024]
    plan = load_plan(root, "qijiang", 2024)
    view = as_known(load_observations(root, "qijiang"), plan.known_on, 2024)
    gone = view[(view["series"] == "W03") & (view["year"] == 2021)].iloc[0]
    assert gone["status"] == "M" and np.isnan(gone["value"]) and "綦江" in gone["note"]


def test_a_correction_after_the_merger_moves_the_sum_from_its_day_on(root):
    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    later = "series,year,value,numerator,denominator,status,reported_at\nW03,2020,100.00,2,2000,A,2026-03-01\n"
    (root / "data" / "raw" / "wansheng" / "observations" / "z.csv").write_text(later, encoding="utf-8")
    declare(root, MERGED.format("joined"))
    assert known(root, "qijiang", 2024).values[1] == 16.67  # closed on 2025-06-30
    assert known(root, "qijiang", 2025).values[1] == 25.0  # 3 of 12 000


def test_what_the_new_district_reports_of_its_past_afterwards_moves_the_sum_and_stands_nowhere_beside_it(root):
    """Under the same code, what is said of the time before is of the former territory."""
    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    later = "series,year,value,numerator,denominator,status,reported_at\nW03,2020,30.00,3,10000,A,2026-03-01\n"
    (root / "data" / "raw" / "qijiang" / "observations" / "z.csv").write_text(later, encoding="utf-8")
    declare(root, MERGED.format("joined"))
    assert known(root, "qijiang", 2025).values[1] == 33.33  # 3 and 1 of 12 000
    told = load_observations(root, "qijiang")
    mine = told[(told["series"] == "W03") & (told["year"] == 2020) & (told["reported_at"] == "2026-03-01")]
    assert mine["value"].tolist() == [33.33]


def test_a_district_set_up_by_a_merger_knows_its_own_past_better_than_a_sum_does(root):
    shutil.copytree(root / "data" / "raw" / "qijiang", root / "data" / "raw" / "xinqu")
    report(root, "qijiang", QIJIANG)
    report(root, "wansheng", WANSHENG)
    report(root, "xinqu", {2020: (3, 12_500)} | AFTER)
    declare(root, "2024-10-27,merged,qijiang;wansheng,xinqu,joined,（虚构）,\n")
    held = known(root, "xinqu", 2024)
    assert held.values.tolist() == [16.67, 24.0, 10.0, 10.0, 10.0, 10.53]  # 2020 as it was reported


def test_a_renamed_district_takes_its_history_along(root):
    report(root, "wansheng", WANSHENG, {2022: 80.0, 2023: 81.0})
    report(root, "qijiang", AFTER, {2024: 82.0})
    declare(root, "2024-06-08,renamed,wansheng,qijiang,joined,民政部公告（虚构）,\n")
    assert known(root, "qijiang", 2024, "W01").values.tolist() == [80.0, 81.0, 82.0]
    assert known(root, "qijiang", 2024).values.tolist() == [0.0, 50.0, 50.0, 0.0, 0.0, 10.53]


def test_two_changes_in_a_row_join_three_districts(root):
    """Shuangqiao goes to Wansheng in 2022, both to Qijiang in 2024."""
    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    report(root, "shuangqiao", {2019: (1, 1_000), 2020: (0, 1_000), 2021: (0, 1_000)})
    first = "2022-03-01,merged,shuangqiao;wansheng,wansheng,joined,（虚构）,双桥;\n"
    declare(root, first, MERGED.format("joined"))
    held = known(root, "qijiang", 2024)
    assert held.numerators.tolist() == [3, 2, 1, 1, 1, 1]
    assert held.denominators.tolist() == [13_000, 13_000, 11_000, 10_000, 10_000, 9_500]
    changes = area_changes.read_changes(root)
    assert area_changes.predecessors(changes, "qijiang") == ["wansheng", "shuangqiao"]
    files = inputs.digests(root, "qijiang")
    assert {"data/raw/area_changes.csv", "data/raw/shuangqiao/observations/a.csv"} <= set(files)
    assert "data/raw/area_changes.csv" not in inputs.of_place(root, "shuangqiao")


def test_parts_of_a_split_begin_anew_and_the_whole_is_gone(root):
    report(root, "qijiang", QIJIANG | AFTER)
    declare(root, "2024-05-01,split,qijiang,qijiang;wansheng,broken,（虚构）,\n")
    assert known(root, "qijiang", 2024).years.tolist() == [2024]
    changes = area_changes.read_changes(root)
    assert area_changes.absent(changes, 2023) == {"wansheng"} and area_changes.absent(changes, 2024) == set()
    assert area_changes.other_place(changes, 2024) == {"qijiang", "wansheng"}
    assert area_changes.other_place(changes, 2025) == set()


def test_a_boundary_declared_too_small_to_matter_leaves_the_history_as_it_is(root):
    report(root, "qijiang", QIJIANG | AFTER)
    plain = known(root, "qijiang", 2024).digest
    declare(root, "2024-05-01,boundary,qijiang;wansheng,qijiang;wansheng,joined,（虚构）,\n")
    assert known(root, "qijiang", 2024).digest == plain
    assert not area_changes.other_place(area_changes.read_changes(root), 2024)


def test_the_verdicts_of_every_edition_rest_on_the_districts_as_they_were(root):
    """The chain of a plan period: old territory until 2023, sums from 2024 on."""
    from plananalysis.editions.building import editions

    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    declare(root, MERGED.format("joined"))
    chain = editions(root, "qijiang", 2024, n_paths=60)
    assert [e.plan.as_of for e in chain] == [p.as_of for p in load_plans(root, "qijiang", 2024)]
    newest = {e.plan.as_of: e.histories["W03"].numerators.tolist() for e in chain}
    assert newest[2023] == [2, 1, 0, 1, 1] and newest[2024] == [2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        (["2024-13-01,renamed,qijiang,wansheng,joined,x,\n"], (2, "date"), "年-月-日"),
        (["2024-01-01,moved,qijiang,wansheng,joined,x,\n"], (2, "kind"), "renamed、merged、split、boundary"),
        (["2024-01-01,renamed,qijiang,wansheng,averaged,x,\n"], (2, "treatment"), "joined、broken"),
        (["2024-01-01,renamed,qijiang,wansheng,joined,,\n"], (2, "source"), "不得为空"),
        (["2024-01-01,renamed,qijiang,nowhere,joined,x,\n"], (2, "to"), "没有这个地区"),
        (["2024-01-01,split,qijiang,wansheng,broken,x,\n"], (2, "to"), "两个以上"),
        (["2024-01-01,split,qijiang,qijiang;wansheng,joined,x,\n"], (2, "treatment"), "broken"),
        (["2024-01-01,merged,wansheng,qijiang,joined,x,\n"], (2, "to"), "两个以上地区并为一个"),
        (["2024-01-01,boundary,wansheng,qijiang,broken,x,\n"], (2, "to"), "相同的地区"),
        (["2024-01-01,merged,qijiang;wansheng,qijiang,broken,x,綦江\n"], (2, "from_names"), "2"),
        ([MERGED.format("broken"), "2025-01-01,renamed,wansheng,x,broken,x,\n"], (3, "from"), "第2行中已经撤销"),
        (["2024-01-01,renamed,qijiang,wansheng,broken,x,\n", "2025-01-01,renamed,wansheng,qijiang,broken,x,\n"],
         (3, "to"), "成了环"),
        (["2024-01-01,boundary,qijiang;wansheng,wansheng;qijiang,broken,x,\n", "2024-01-01,renamed,qijiang,x,broken,x,\n"],
         (3, "from"), "日期重叠"),
        (["2024-01-01,renamed,old,qijiang,broken,x,旧区\n", "2025-01-01,renamed,older,qijiang,broken,x,更旧\n"],
         (3, "to"), "已经设立"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_file_row_and_column(root, rows, place, words):
    (root / "data" / "raw" / "x").mkdir()
    declare(root, *rows)
    with pytest.raises(DataError) as caught:
        area_changes.read_changes(root)
    (found,) = caught.value.problems
    assert (found.file, found.row, found.column) == ("data/raw/area_changes.csv", *place)
    assert words in str(found)


@pytest.mark.parametrize("wansheng", [{}, {2021: 80.0}])
def test_a_join_without_counts_is_refused_by_check(root, wansheng, capsys):
    from plananalysis import cli

    report(root, "qijiang", AFTER, {2021: 90.0})
    report(root, "wansheng", {}, wansheng)
    declare(root, MERGED.format("joined"))
    assert cli.run_command(["check", "--area", "qijiang", "--root", str(root)]) == 3
    told = capsys.readouterr()
    assert "area_changes.csv 第2行" in told.out + told.err and "綦江、万盛" in told.out + told.err


# ---- a city ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    """Six districts: the second merged into the first in 2025 and joined, the fourth cut out of the third in 2024, the sixth not yet there."""
    from test_panels_city import assessed_only

    from plananalysis.panels import city as cities
    from plananalysis.simulate import simulate

    root = tmp_path_factory.mktemp("city")
    simulate(ROOT, areas=6, seed=9, target=root)
    (root / "data" / "raw" / "city.toml").write_text('name = "模拟市"\n', encoding="utf-8")
    declare(
        root,
        "2025-03-01,merged,sim-0001;sim-0002,sim-0001,joined,（虚构）,\n",
        "2024-03-01,split,sim-0003,sim-0003;sim-0004,broken,（虚构）,\n",
        "2026-03-01,split,sim-0005,sim-0005;sim-0006,broken,（虚构）,\n",
    )
    place = cities.existing(root, cities.read_city(root), 2025)
    for area in place.districts:
        assessed_only(root, area, 2025)
    cities.compare(root, cities.read_city(root), 2025)
    return root


def test_a_city_lists_the_districts_that_exist_and_misses_no_other(city):
    from plananalysis.base.tables import read_json

    info = read_json(city / "data/processed/panels/city/2025/city.json")
    assert info["districts"] == ["sim-0001", "sim-0003", "sim-0004", "sim-0005"] and info["failed"] == {}
    told = {(c["kind"], c["year"]): c for c in info["area_changes"]}
    assert set(told) == {("merged", 2025), ("split", 2024)}  # what comes later is not known yet
    assert told["merged", 2025]["joined"] > 0 and told["split", 2024]["joined"] == 0
    verdicts = pd.read_csv(city / "data/processed/panels/city/2025/verdicts.csv", encoding="utf-8-sig")
    leaves = verdicts[(verdicts["area"] == "sim-0003") & (verdicts["role"] != "compound")]
    assert (
        told["split", 2024]["broken"] >= len(leaves) - 5
    )  # all that had a value before, whether or not one came since


def test_a_city_page_says_what_was_joined_and_what_begins_anew(city):
    from plananalysis.pages.city import open_city

    page = open_city("city", 2025, city).masthead()._repr_html_()
    assert "2025-03-01，模拟1区（虚构）、模拟2区（虚构）合并为模拟1区（虚构）" in page.replace("(", "（").replace(
        ")", "）"
    )
    assert "另起一段" in page and "不算缺报" in page and "未纳入" not in page
    english = open_city("city", 2025, city, "en").masthead()._repr_html_()
    assert "were merged into" in english and "begin anew in 2024" in english


def test_a_city_adds_up_the_districts_that_exist(city):
    """Nothing of the closed district stands beside the sum that it is in."""

    from plananalysis.base.tables import read_table

    folder = city / "data/processed/panels/city/2025"
    wholes, verdicts = (read_table(folder / f"{name}.csv") for name in ("wholes", "verdicts"))
    assert set(verdicts["area"]) == {"sim-0001", "sim-0003", "sim-0004", "sim-0005"}
    assert wholes["districts"].max() == 4
    observed = read_table(city / "data/processed/sim-0001/2025/observations.csv")
    sums = observed[(observed["submission"] == area_changes.FILE) & observed["numerator"].notna()]
    row = sums[sums["group"] == "total"].iloc[0]
    parts = [load_observations(city, a) for a in ("sim-0002",)]
    other = parts[0][(parts[0]["series"] == row["series"]) & (parts[0]["year"] == row["year"])]
    other = other[other["group"] == "total"].iloc[-1]
    raw = pd.concat(
        [pd.read_csv(p, encoding="utf-8-sig") for p in (city / "data/raw/sim-0001/observations").glob("*.csv")]
    )
    mine = raw[(raw["series"] == row["series"]) & (raw["year"] == row["year"]) & (raw["group"] == "total")].iloc[-1]
    assert row["numerator"] == mine["numerator"] + other["numerator"]
    assert row["denominator"] == mine["denominator"] + other["denominator"]


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("pyarrow"), reason="needs the extra columnar")
def test_a_county_of_a_nation_is_carried_on_as_a_district_of_a_folder_is(tmp_path):
    """Merged in 2024, from one file as from folders; the closed county is assessed in 2023 and neither listed nor missed in 2025."""

    from plananalysis.editions.building import editions
    from plananalysis.panels import Here, columnar, nation
    from plananalysis.simulate import area_codes, simulate, simulate_nation

    codes = list(area_codes(3))
    simulate(ROOT, areas=3, seed=5, target=tmp_path)
    simulate_nation(ROOT, 3, seed=5, target=tmp_path)
    trim(tmp_path)
    raw = tmp_path / "data" / "raw"
    columnar.write_observations(
        (load_observations(tmp_path, c).assign(area=c) for c in sorted(codes)),
        raw / "nation" / columnar.OBSERVATIONS,
        {},
    )
    change = f"2024-03-01,merged,{codes[0]};{codes[1]},{codes[0]},joined,（虚构）,\n"
    for folder in (raw, raw / "nation"):
        (folder / area_changes.FILE).write_text(HEAD + change, encoding="utf-8")
    found = {}
    for year in (2023, 2025):
        done = nation.run(tmp_path, "nation", Here(), as_of=year, n_paths=60)
        assert not done.failed and not done.strangers
        whole = pd.read_parquet(nation.home(tmp_path, "nation", year) / nation.TABLE)
        assert sorted(set(whole["area"])) == (codes if year == 2023 else [codes[0], codes[2]])
        found[year] = whole[whole["area"] == codes[0]].set_index("series")["probability"]
        own = editions(tmp_path, codes[0], year, n_paths=60)[-1].assessments["probability"]
        np.testing.assert_allclose(found[year], own, rtol=1e-9)
    (raw / "nation" / area_changes.FILE).unlink()
    nation.run(tmp_path, "nation", Here(), as_of=2025, n_paths=60)
    whole = pd.read_parquet(nation.home(tmp_path, "nation", 2025) / nation.TABLE)
    plain = whole[whole["area"] == codes[0]].set_index("series")["probability"]
    assert not plain.equals(found[2025])  # the sums were used


def test_a_year_reported_as_missing_after_the_change_leaves_the_break_and_can_be_written(root):
    from plananalysis import schema
    from plananalysis.observations import observations_table
    from plananalysis.schema.writing import checked

    report(root, "qijiang", QIJIANG)
    folder = root / "data" / "raw" / "qijiang" / "observations"
    line = "series,year,value,status,reported_at,note\nW03,2024,,M,2025-05-01,未统计\n"
    (folder / "b.csv").write_text(line, encoding="utf-8")
    declare(root, MERGED.format("broken"))
    assert not len(known(root, "qijiang", 2024).years)
    plan = load_plan(root, "qijiang", 2024)
    view = as_known(load_observations(root, "qijiang"), plan.known_on, 2024)
    assert (
        "BM" in checked(schema.table("edition", "observations"), observations_table(view).assign(question=""))["status"]
    )


def test_a_closed_district_is_reported_on_no_more_unless_it_is_asked_for(root, capsys):
    from plananalysis.cli.run import Run

    declare(root, "2024-10-27,merged,qijiang;wansheng,qijiang,broken,（虚构）,\n")
    assert area_changes.gone(root) == ["wansheng"]  # their settings name 2025
    assert Run(as_json=False).areas([], root) == ["qijiang"]
    assert "已跳过 wansheng" in capsys.readouterr().err
    assert Run(as_json=False).areas(["wansheng"], root) == ["wansheng"]
    assert Run(as_json=False).areas([], root, panels=True) == ["qijiang", "wansheng"]  # its data are still checked


def test_in_the_year_of_the_change_outlooks_differ_because_the_area_is_another(root):
    from plananalysis.editions.building import editions
    from plananalysis.editions.changes import changed

    report(root, "qijiang", QIJIANG | AFTER, {y: 80.0 + y - 2015 for y in range(2015, 2025)})
    declare(root, MERGED.format("broken"))
    chain = editions(root, "qijiang", 2024, n_paths=60)
    table = changed(chain[-2], chain[-1], other_place=True)
    assert len(table) and set(table["cause"]) == {"area_changed"}


@pytest.mark.parametrize(("few", "withheld"), [(2, True), (20, False)])
def test_a_sum_is_withheld_where_the_count_of_a_former_district_is(root, few, withheld):
    """62 less the 60 that Qijiang's edition of 2022 showed would be the 2 that Wansheng's hid."""
    from plananalysis.editions.known import as_seen
    from plananalysis.observations import observations_table

    many = {year: (60, 30_000) for year in (2021, 2022, 2023, 2024)}
    report(root, "qijiang", many)
    report(root, "wansheng", {2021: (30, 20_000), 2022: (few, 20_000), 2023: (30, 20_000)})
    declare(root, MERGED.format("joined"))
    plan = load_plan(root, "qijiang", 2024)
    view = as_known(load_observations(root, "qijiang"), plan.known_on, 2024)
    frames = {"observations": observations_table(view).assign(question="")}
    numbers = ["value", "numerator", "denominator"]
    frames["observations"][numbers] = frames["observations"][numbers].apply(pd.to_numeric)
    seen = as_seen(frames, root, "qijiang", 2024, "public")["observations"]
    row = seen[(seen["series"] == "W03") & (seen["year"] == 2022)].iloc[0]
    assert str(row["withheld"]) == str(withheld) and pd.isna(row["numerator"]) == withheld


def test_nobody_is_asked_to_explain_a_sum_nor_the_former_districts_values_beside_it(root):
    """Births stand under two rates; those of one are sums, those of the other are of the former district alone."""
    from plananalysis.checks import quality

    report(root, "qijiang", QIJIANG | AFTER)
    report(root, "wansheng", WANSHENG)
    more = "series,year,value,numerator,denominator,status,reported_at\nC01,2023,1.25,10,8000,A,2024-04-01\n"
    (root / "data" / "raw" / "qijiang" / "observations" / "b.csv").write_text(more, encoding="utf-8")
    declare(root, MERGED.format("joined"))
    plan = load_plan(root, "qijiang", 2024)
    reported = load_observations(root, "qijiang")
    found = quality.check_area(root, plan, reported, as_known(reported, plan.known_on, 2024))
    assert not set(found["rule"]) & {"revision", "revision_withdrawn", "late", "same_denominator"}
