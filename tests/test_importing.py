"""Tables as offices have them: the same figures in every layout, each led to its series and each value to its cell."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from plananalysis.base.errors import DataError, UsageError
from plananalysis.cli import run_command
from plananalysis.observations import load_observations
from plananalysis.onboarding import importing
from plananalysis.onboarding.naming import candidates, chosen
from plananalysis.sheets.grids import Cell, Grid

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
PLANS = Path(__file__).parent / "fixtures" / "plans"
YEARS = range(2016, 2026)
# name in the office's table, unit, series of the plan, first value, step
TABLE = [
    ("孕产妇死亡率", "1/10万", "W03", 12.0, -0.5),
    ("孕产妇系统管理率", "%", "W04", 91.5, 0.4),
    ("婴儿死亡率", "‰", "C02", 3.4, -0.1),
    ("新生儿死亡率", "‰", "C01", 1.9, -0.05),
    ("5岁以下儿童死亡率", "‰", "C04", 4.4, -0.15),
    ("婚前医学检查率", "%", "W01", 70.2, 1.1),
]
VALUES = {(code, year): round(first + step * n, 2) for _, _, code, first, step in TABLE for n, year in enumerate(YEARS)}


def value(row: tuple[str, str, str, float, float], year: int) -> float:
    return VALUES[row[2], year]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Jiangbei's plan without any value."""
    raw = tmp_path / "data" / "raw"
    shutil.copytree(RAW / "jiangbei", raw / "jiangbei", ignore=shutil.ignore_patterns("observations", "source"))
    for name in ("thresholds.toml", "groups.csv"):
        shutil.copy(RAW / name, raw)
    return tmp_path


# --- layouts ----------------------------------------------------------------------------------------------------------


def years_across(book: openpyxl.Workbook) -> None:
    """A title, heads in two rows with merged cells, domains merged over their rows, notes below."""
    page = book.active
    page.title = "历年数据"
    page["A1"] = "某区妇女儿童发展监测指标历年数据（2016—2025年）"
    page.merge_cells("A1:N1")
    for column, head in enumerate(("领域", "序号", "指标名称", "计量单位"), start=1):
        page.cell(2, column, head)
        page.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    page.cell(2, 5, "年份")
    page.merge_cells(start_row=2, end_row=2, start_column=5, end_column=14)
    page.cell(2, 15, "2030年目标")
    for n, year in enumerate(YEARS):
        page.cell(3, 5 + n, f"{year}年")
    page["A4"] = "健康"
    page.merge_cells("A4:A9")
    for at, row in enumerate(TABLE, start=4):
        for column, text in enumerate((at - 3, row[0], row[1]), start=2):
            page.cell(at, column, text)
        for n, year in enumerate(YEARS):
            page.cell(at, 5 + n, value(row, year))
        page.cell(at, 15, 8)
    page["A11"] = "注：2020年为普查年份。"


def years_down(book: openpyxl.Workbook) -> None:
    """Years below each other, the plan merged over its indicators, units in a row of their own."""
    page = book.active
    page["A1"] = "监测数据"
    page.merge_cells("A1:G1")
    page["A2"], page["B2"], page["D2"] = "年份", "妇女", "儿童"
    page.merge_cells("B2:C2")
    order = [TABLE[0], TABLE[1], *TABLE[2:]]
    for column, row in enumerate(order, start=2):
        page.cell(3, column, row[0])
        page.cell(4, column, row[1])
        for n, year in enumerate(YEARS):
            page.cell(5 + n, 1, year)
            page.cell(5 + n, column, value(row, year))


def one_sheet_an_indicator(book: openpyxl.Workbook) -> None:
    book.remove(book.active)
    for row in TABLE:
        page = book.create_sheet(row[0])
        page["A1"], page["B1"] = "年度", "数值"
        for n, year in enumerate(YEARS, start=2):
            page.cell(n, 1, f"{year}年度")
            page.cell(n, 2, value(row, year))


def one_value_a_row(book: openpyxl.Workbook) -> None:
    page = book.active
    page.append(["年份", "指标", "单位", "数值"])
    for row in TABLE:
        for year in YEARS:
            page.append([year, row[0], row[1], value(row, year)])


def codes_and_percent_formats(book: openpyxl.Workbook) -> None:
    """Codes instead of names that match, percentages as a spreadsheet holds them, years as text."""
    page: Worksheet = book.active
    page.append(["代码", "名称", *(str(y) for y in YEARS)])
    for at, row in enumerate(TABLE, start=2):
        page.append([row[2], "某指标", *(value(row, y) for y in YEARS)])
        if row[1] == "%":
            for column in range(3, 13):
                cell = page.cell(at, column)
                cell.value, cell.number_format = float(f"{cell.value / 100:.6f}"), "0.00%"


def continued_below(book: openpyxl.Workbook) -> None:
    """Half of the years, and below them the other half under heads of its own; units behind the names."""
    page = book.active
    for part in (YEARS[:6], YEARS[6:]):
        page.append(["续表" if part[0] > YEARS[0] else "主要指标"])
        page.append(["指标名称（单位）", *(f"{year}年" for year in part)])
        for row in TABLE:
            page.append([f"{row[0]}（{row[1]}）", *(value(row, year) for year in part)])
        page.append([])


def two_tables_on_a_sheet(book: openpyxl.Workbook) -> None:
    page = book.active
    for title, rows in (("一、妇女", TABLE[:2]), ("二、儿童", TABLE[2:])):
        page.append([title])
        page.append(["指标", "单位", *(str(year) for year in reversed(YEARS))])
        for row in rows:
            page.append([row[0], row[1], *(value(row, year) for year in reversed(YEARS))])
        page.append([])


def units_to_the_right(book: openpyxl.Workbook) -> None:
    """Numbers of a list before the names, plan periods merged over the years, the unit of measure in the last column."""
    page = book.active
    page.append(["监测情况"])
    page.append(["", "“十三五”时期", *[""] * 4, "“十四五”时期"])
    page.merge_cells("B2:F2")
    page.merge_cells("G2:K2")
    page.append(["指标", *YEARS, "单位"])
    for n, row in enumerate(TABLE, start=1):
        page.append([f"{n}.{row[0]}", *(value(row, year) for year in YEARS), row[1]])


LAYOUTS: list[Callable[[openpyxl.Workbook], None]] = [
    *(years_across, years_down, one_sheet_an_indicator, one_value_a_row, codes_and_percent_formats),
    *(continued_below, two_tables_on_a_sheet, units_to_the_right),
]


def made(project: Path, layout: Callable[[openpyxl.Workbook], None], name: str = "表.xlsx") -> Path:
    book = openpyxl.Workbook()
    layout(book)
    book.save(project / name)
    return project / name


def stored(project: Path) -> dict[tuple[str, int], float]:
    table = load_observations(project, "jiangbei")
    return {(r.series, int(r.year)): float(r.value) for r in table.itertuples() if r.group == "total"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda f: f.__name__)
def test_every_layout_gives_the_same_figures(project: Path, layout: Callable[[openpyxl.Workbook], None]) -> None:
    known = importing.understand(project, "jiangbei", made(project, layout))
    done = importing.store(project, "jiangbei", known, known.proposals, "张三", "2026-11-01")
    assert stored(project) == VALUES
    assert (done.values, done.series, done.issues) == (len(VALUES), len(TABLE), ())
    assert {p.line.unit for p in known.proposals} - {""} <= {row[1] for row in TABLE}


def test_a_csv_of_gbk_is_a_table_as_well(project: Path) -> None:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["指标", "单位", *(f"{y}年" for y in YEARS)])
    rows.writerows([[r[0], r[1], *(value(r, y) for y in YEARS)] for r in TABLE])
    (project / "表.csv").write_bytes(text.getvalue().encode("gb18030"))
    known = importing.understand(project, "jiangbei", project / "表.csv")
    importing.store(project, "jiangbei", known, known.proposals, "张三", "2026-11-01")
    assert stored(project) == VALUES


# --- provenance -------------------------------------------------------------------------------------------------------


def test_every_value_knows_its_cell_and_the_original_is_kept(project: Path) -> None:
    path = made(project, years_across)
    known = importing.understand(project, "jiangbei", path)
    importing.store(project, "jiangbei", known, known.proposals, "张三", "2026-11-01")
    table = load_observations(project, "jiangbei").set_index(["series", "year"])
    assert table.loc[("W03", 2016), "source"] == "表.xlsx 工作表“历年数据”E4"
    (entry,) = importing.imported_before(project, "jiangbei")
    kept = project / "data" / "raw" / "jiangbei" / "source" / entry["original"]
    assert kept.read_bytes() == path.read_bytes() and (entry["by"], entry["values"]) == ("张三", str(len(VALUES)))
    with pytest.raises(UsageError, match="已由张三于 2026-11-01 导入过"):
        importing.understand(project, "jiangbei", path)


def test_what_stands_already_is_not_reported_again_and_what_changed_is_a_new_report(project: Path) -> None:
    for name, last in (("一.xlsx", 88.0), ("二.xlsx", 89.0)):

        def two_years(book: openpyxl.Workbook, last: float = last) -> None:
            book.active.append(["指标", "2023年", "2024年"])
            book.active.append(["孕产妇系统管理率", 87.0, last])

        known = importing.understand(project, "jiangbei", made(project, two_years, name))
        done = importing.store(
            project, "jiangbei", known, known.proposals, "张三", "2026-11-02" if name == "二.xlsx" else "2026-11-01"
        )
    assert (done.values, done.same, done.changed) == (1, 1, 1)
    table = load_observations(project, "jiangbei")
    assert table[table["year"] == 2024]["value"].tolist() == [88.0, 89.0]


# --- doubts -----------------------------------------------------------------------------------------------------------


def doubts(project: Path, *rows: list[object]) -> list[importing.Proposal]:
    def layout(book: openpyxl.Workbook) -> None:
        for row in rows:
            book.active.append(row)

    return list(importing.understand(project, "jiangbei", made(project, layout)).proposals)


def test_two_lines_for_one_series_another_unit_and_a_stranger_are_asked_about(project: Path) -> None:
    head: list[object] = ["指标", "单位", "2023年", "2024年"]
    lines = doubts(
        project,
        head,
        ["孕产妇死亡率", "‰", 0.1, 0.1],
        ["婴儿死亡率（户籍）", "‰", 3.1, 3.0],
        ["婴儿死亡率（常住）", "‰", 3.3, 3.2],
        ["规模以上工业增加值", "万元", 5, 6],
    )
    assert [(p.sure, bool(p.doubt)) for p in lines] == [(False, True)] * 4
    assert "单位" in lines[0].doubt and "另有一行" in lines[1].doubt and lines[3].series == ""


def test_a_target_a_rank_and_another_place_beside_the_years_are_no_values(project: Path) -> None:
    (line,) = doubts(
        project, ["指标", "2023年", "2024年", "2030年目标", "全市", "排名"], ["孕产妇系统管理率", 90.1, 90.2, 95, 96, 3]
    )
    assert [(e.year, e.cell.raw) for e in line.line.entries] == [(2023, 90.1), (2024, 90.2)]


def test_totals_and_groups_below_each_other_are_told_apart(project: Path) -> None:
    lines = doubts(
        project,
        ["指标", "分组", "2023年", "2024年"],
        ["宫颈癌筛查率", "合计", 70.0, 71.0],
        [None, "城镇", 72.0, 73.0],
        [None, "农村", 68.0, 69.0],
    )
    assert [p.line.group for p in lines] == ["", "城镇", "农村"]
    assert {p.line.name for p in lines} == {"宫颈癌筛查率"}


def test_a_cell_that_is_no_number_is_left_out_and_told_with_its_place(project: Path) -> None:
    def layout(book: openpyxl.Workbook) -> None:
        book.active.append(["指标", "2022年", "2023年", "2024年"])
        book.active.append(["孕产妇系统管理率", "90.1①", "—", 90.3])

    known = importing.understand(project, "jiangbei", made(project, layout))
    done = importing.store(project, "jiangbei", known, known.proposals, "张三", "2026-11-01")
    assert stored(project) == {("W04", 2024): 90.3}
    assert [(i.sheet, i.cell) for i in done.issues] == [("Sheet", "B2")]


def test_a_table_without_years_and_a_broken_file_are_refused_by_name(project: Path) -> None:
    with pytest.raises(UsageError, match="没有看出年份"):
        doubts(project, ["指标", "数值"], ["孕产妇系统管理率", 90.1])
    (project / "坏.xlsx").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(DataError, match=r"坏\.xlsx"):
        importing.understand(project, "jiangbei", project / "坏.xlsx")


def test_the_mapping_file_decides_and_its_mistakes_are_named(project: Path) -> None:
    rows = (["指标", "2023年", "2024年"], ["系统管理的产妇比重", 90.1, 90.2], ["婴儿死亡率", 3.0, 2.9])

    def layout(book: openpyxl.Workbook) -> None:
        for row in rows:
            book.active.append(row)

    known = importing.understand(project, "jiangbei", made(project, layout))
    mapping = project / "对照.csv"
    importing.write_mapping(known, mapping)
    text = mapping.read_text(encoding="utf-8-sig").splitlines()
    assert text[1].count("W") and ",C02," in text[2]
    cells = text[1].split(",")
    cells[5] = "W04"
    mapping.write_text("\n".join([text[0], ",".join(cells), text[2]]), encoding="utf-8-sig")
    decided = importing.read_mapping(known, mapping, project)
    importing.store(project, "jiangbei", known, decided, "张三", "2026-11-01")
    assert stored(project)["W04", 2024] == 90.2
    cells[5] = "W99"
    mapping.write_text("\n".join([text[0], ",".join(cells), text[2]]), encoding="utf-8-sig")
    with pytest.raises(DataError, match="没有这个指标"):
        importing.read_mapping(known, mapping, project)


def test_names_of_other_plans_are_led_to_the_right_series_or_asked_about() -> None:
    """51 names of two other plans whose series carry our codes: 49 taken, all rightly, two asked, no stranger taken.

    The rules were settled while looking at these names, so the counts say that nothing got worse, not how good they are elsewhere.
    """

    def rows(path: Path) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))

    ours = {
        r["series"]: (r["name"], r["indicator"])
        for r in rows(RAW / "jiangbei/plan/series.csv")
        if r["role"] != "compound"
    }
    asked = rows(PLANS / "fuzhou.csv") + [r for r in rows(RAW / "china/plan/series.csv") if r["role"] != "compound"]
    taken = [(r["series"], *chosen(candidates(r["indicator"], "", ours))) for r in asked]
    assert [t for t in taken if t[2] and t[0] != t[1]] == []
    assert sum(sure for code, _, sure in taken if code in ours) >= 49
    own = [(code, *chosen(candidates(name, "", ours))) for code, (name, _) in ours.items()]
    assert all(sure and series == code for code, series, sure in own)


def test_a_sheet_says_its_unit_once_and_values_that_look_like_years_are_no_heads(project: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["在园幼儿数"])
    page.append(["计量单位：人"])
    page.append(["指标", *YEARS])
    page.append(["在园幼儿数", *(1980 + 7 * n for n in range(10))])
    page.append(["其中：女童", *(990 + 3 * n for n in range(10))])
    book.save(project / "表.xlsx")
    from plananalysis.onboarding.files import sheets_of
    from plananalysis.onboarding.layouts import lines_of

    found = lines_of(sheets_of(project / "表.xlsx").grids)
    assert [(line.name, line.unit, len(line.entries)) for line in found] == [
        ("在园幼儿数", "人", 10),
        ("其中：女童", "人", 10),
    ]


def test_an_empty_sheet_has_no_lines() -> None:
    from plananalysis.onboarding.layouts import lines_of

    assert lines_of([Grid("空", []), Grid("一", [[Cell("字")]])]) == []


# --- from a table to the first verdict ---------------------------------------------------------------------------------


def test_a_new_district_has_its_first_verdicts_after_four_actions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with a table of indicators by years alone, no CSV by hand: a new area, its plan filled in, both taken in, and built."""
    made(tmp_path, years_across)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLANANALYSIS_ROOT", raising=False)
    assert run_command(["new-area", "demo", "--name", "某区", "--as-of", "2025", "--table", "表.xlsx"]) == 0
    book = openpyxl.load_workbook("demo.xlsx")
    domains, units, series, targets = (book[name] for name in ("领域", "责任单位", "指标", "目标"))
    domains["A5"], domains["C5"] = "women.health", "健康"
    domains["A4"], domains["C4"], units["A4"], units["B4"] = "women.all", "综合", "stats", "区统计局"
    for row, text in enumerate(("8/10万以下", "95", "2.5‰以下", "1.5‰以下", "4‰以下", "逐年提高"), start=4):
        series.cell(row, 5, "综合" if row > 4 else "健康")  # in the table's order, not in that of the domains
        targets.cell(row, 5, text)
    book.save("demo.xlsx")
    assert run_command(["import", "表.xlsx", "--area", "demo", "--plan", "demo.xlsx", "--yes", "--by", "张三"]) == 0
    assert run_command(["build", "--area", "demo"]) == 0
    table = (tmp_path / "data/processed/demo/2025/assessments.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 6 and all(r["probability"] for r in rows)
    told = capsys.readouterr().out
    assert "6 行对得上" in told and "已按领域的先后重新排列" in told and "截止日" not in told.partition("已登记")[2]
    assert (tmp_path / "data/raw/thresholds.toml").read_bytes() == (RAW / "thresholds.toml").read_bytes()
    names = [p.name for p in (tmp_path / "data/raw").iterdir()]
    assert sorted(names) == ["demo", "thresholds.toml"]  # nothing of any other place
