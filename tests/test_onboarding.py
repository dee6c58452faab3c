"""A plan by workbook: written and read back without loss, filled by an office, every mistake at its cell."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.text import catalogue, say
from plananalysis.onboarding import new_area, questions, read_workbook, write_workbook
from plananalysis.onboarding.plan_tables import COLUMNS
from plananalysis.onboarding.settings import changed
from plananalysis.plan import load_plan
from plananalysis.plan.proposing import proposed_reading

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
PLANS = Path(__file__).parent / "fixtures" / "plans"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder without any area."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    for name in ("thresholds.toml", "groups.csv"):
        shutil.copy(RAW / name, tmp_path / "data" / "raw")
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


class Book:
    """A workbook as an office fills it: cells by sheet, row and the word at the end of a column's heading."""

    def __init__(self, path: Path) -> None:
        self.path, self.book = path, openpyxl.load_workbook(path)

    def put(self, sheet: str, row: int, **cells: object) -> Book:
        page = self.book[sheet]
        heads = {str(c.value).split()[-1]: c.column for c in page[2] if c.value}
        for key, value in cells.items():
            page.cell(row, heads[key], value)
        return self

    def cell(self, sheet: str, row: int, key: str) -> str:
        """Address of a cell."""
        return next(c.coordinate for c in self.book[sheet][2] if str(c.value).split()[-1] == key)[:-1] + str(row)

    def save(self) -> Path:
        self.book.save(self.path)
        return self.path


@pytest.fixture
def blank(project: Path) -> Book:
    """The workbook of a new area, as it is handed out."""
    new_area(project, "some", "某区", 2025)
    write_workbook(project, "some", project / "some.xlsx")
    return Book(project / "some.xlsx")


def filled(blank: Book) -> Book:
    """One plan of two indicators, with the least an office must type."""
    blank.put("领域", 4, domain="women.health", name="妇女健康").put("责任单位", 4, unit="health", name="区卫健委")
    for row, (code, name, unit, text) in enumerate(
        [("W01", "孕产妇死亡率", "1/10万", "8/10万以下"), ("W02", "婚前医学检查率", "%", "逐年提高")], start=4
    ):
        blank.put("指标", row, series=code, domain="妇女健康", indicator=name, unit=unit)
        blank.put("目标", row, series=code, target_text=text)
    return blank


# --- without loss -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", ["jiangbei", "china", "example", "eu"])
def test_a_plan_written_and_read_back_changes_no_byte(project: Path, area: str) -> None:
    folder = project / "data" / "raw" / area
    shutil.copytree(RAW / area, folder, ignore=shutil.ignore_patterns("observations", "source", "returns"))
    before = content(folder)
    write_workbook(project, area, project / "plan.xlsx")
    assert read_workbook(project, area, project / "plan.xlsx").written == []
    assert content(folder) == before


@pytest.mark.parametrize(
    ("area", "there"),
    [
        ("jiangbei", {"domains.csv", "units.csv", "series.csv", "targets.csv", "definitions.csv", "companions.csv"}),
        ("eu", {"domains.csv", "units.csv", "series.csv", "targets.csv"}),
    ],
)
def test_every_table_comes_back_from_the_workbook_alone(project: Path, area: str, there: set[str]) -> None:
    """A Chinese and an English plan, of which the folder had nothing but the heads of its tables."""
    folder = project / "data" / "raw" / area
    shutil.copytree(RAW / area, folder, ignore=shutil.ignore_patterns("observations", "source", "returns"))
    write_workbook(project, area, project / "plan.xlsx")
    before = {p.name: rows_of(p) for p in (folder / "plan").glob("*.csv")}
    for path in (folder / "plan").glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8-sig").splitlines()[0] + "\n", encoding="utf-8-sig")
    read_workbook(project, area, project / "plan.xlsx")
    assert {p.name: rows_of(p) for p in (folder / "plan").glob("*.csv")} == before
    assert set(before) >= there and all(before[name] for name in there)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_equal_plans_give_equal_workbooks(blank: Book, project: Path) -> None:
    (project / "again").mkdir()
    write_workbook(project, "some", project / "again" / "some.xlsx")
    assert (project / "again" / "some.xlsx").read_bytes() == blank.path.read_bytes()


def test_comments_and_thresholds_of_the_settings_stay() -> None:
    text = '# ours\nname = "甲"\nas_of = 2025   # once a year\n\n[[outlines]]\nid = "a"\nbase_year = 2020\n\n[thresholds]\nlikely = 0.7  # signed\n'
    before = ({"name": "甲", "as_of": 2025}, [{"id": "a", "base_year": 2020}])
    now = ({"name": "乙“区”", "as_of": 2026}, [{"id": "a", "base_year": 2021}])
    made = changed(text, before, now)
    assert changed(text, before, before) == text
    assert "# ours" in made and "as_of = 2026   # once a year" in made and "likely = 0.7  # signed" in made
    assert 'name = "乙“区”"' in made and "base_year = 2021" in made and "base_year = 2020" not in made


# --- a new area -------------------------------------------------------------------------------------------------------


def test_a_new_area_holds_nothing_of_another_place(project: Path) -> None:
    new_area(project, "some", "某区", 2025)
    words = b"".join(content(project / "data" / "raw" / "some").values()).decode()
    assert not re.search("江北|重庆|妇女|儿童|jiangbei|women|children", words)
    with pytest.raises(UsageError, match="已有地区 some"):
        new_area(project, "some", "某区", 2025)
    with pytest.raises(UsageError, match="小写字母"):
        new_area(project, "Some Place", "某区", 2025)


def test_the_least_an_office_types_becomes_a_plan_and_what_was_added_is_told(blank: Book, project: Path) -> None:
    taken = read_workbook(project, "some", filled(blank).save())
    plan = load_plan(project, "some")
    first, second = plan.reading("W01"), plan.reading("W02")
    assert (first.kind, first.operator, first.value, first.operator_source) == ("threshold", "<=", 8.0, "printed")
    assert second.kind == "rise_each_year"
    assert list(plan.series["direction"]) == [-1, 1] and list(plan.series["number"]) == [1, 2]
    assert plan.series["responsible_units"].iloc[0] == ("health",)
    told = "\n".join(taken.filled)
    assert "W01 的原文“8/10万以下”读作“达到数值 ≤ 8”（原文印出）" in told and "“方向”补了 2 格" in told


def test_a_bare_number_is_inferred_and_stays_so_marked(blank: Book, project: Path) -> None:
    book = filled(blank).put("目标", 4, target_text="8").put("指标", 4, direction="越低越好")
    read_workbook(project, "some", book.save())
    assert load_plan(project, "some").reading("W01").operator_source == "inferred"


@pytest.mark.parametrize("name", ["fuzhou", "fyp14"])
def test_other_plans_come_in_by_workbook(project: Path, name: str) -> None:
    """Plans that are not ours: what the print says is read as a person reads it, what it leaves open is asked."""
    wanted = rows_of(PLANS / f"{name}.csv")
    new_area(project, name, "某地", 2025)
    write_workbook(project, name, project / "plan.xlsx")
    book = Book(project / "plan.xlsx")
    called = {"name": "某规划", "name_en": "Some plan", "short": "某", "short_en": "Some"}
    book.book["规划"].delete_rows(4, 2)
    book.put("规划", 4, plan=name, **called)
    for n, domain in enumerate(dict.fromkeys(r["domain"] for r in wanted)):
        book.put("领域", 4 + n, domain=f"{name}.d{n}", name=domain)
    units = dict.fromkeys(u for r in wanted for u in r["responsible_units"].split(";"))
    for n, unit in enumerate(units):
        book.put("责任单位", 4 + n, unit=f"u{n}", name=unit)
    for n, r in enumerate(wanted, start=4):
        about = ("series", "domain", "indicator", "unit", "direction", "attribute", "responsible_units")
        book.put("指标", n, **{c: r[c] for c in about})
        book.put("目标", n, series=r["series"], target_text=r["target_text"])
    with_questions = project / "plan.xlsx"
    book.save()
    try:
        read_workbook(project, name, with_questions)
        asked = []
    except DataError as error:
        asked = [p.column for p in error.problems]
        assert not rows_of(project / "data" / "raw" / name / "plan" / "series.csv")  # nothing is stored by halves
    open_rows = [
        n
        for n, r in enumerate(wanted, start=4)
        if proposed_reading(r["target_text"], r["direction"], r["indicator"]) is None
    ]
    assert set(asked) == {book.cell("目标", n, "kind") for n in open_rows}
    for n in open_rows:
        r = wanted[n - 4]
        book.put("目标", n, **{c: r[c] for c in ("kind", "operator", "value", "reference") if r[c]})
    read_workbook(project, name, book.save())
    plan = load_plan(project, name)
    for r in wanted:
        got = plan.reading(r["series"])
        number = "—".join(f"{v:g}" for v in (got.value, got.low, got.high) if v is not None)
        assert (got.kind, got.operator, number, got.reference or "") == (
            r["kind"],
            r["operator"],
            r["value"],
            r["reference"],
        )
    assert plan.plans_name == "某规划" and set(plan.series["plan"]) == {name}
    asked = {q.code: q for q in questions(project, name)}
    for r in (
        r for r in wanted if r["kind"] == "growth"
    ):  # more than 7 of a rate of growth: when, the print does not say
        question = asked[r["series"]]
        assert question.topic == "sign" and "年均/累计" in question.evidence and r["target_text"] in question.evidence
        assert "2030年当年＞7" in question.effect and "每年都＞7" in question.effect


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_every_mistake_is_named_by_sheet_and_cell_at_once_and_nothing_is_stored(blank: Book, project: Path) -> None:
    before = content(project / "data" / "raw" / "some")
    book = filled(blank).put("指标", 4, unit="百分之").put("指标", 5, direction="好", domain="没有的领域")
    book.put("目标", 5, series="W09").put("规划期", 4, target_year=2019).put("设置", 6, 内容="2031")
    with pytest.raises(DataError) as error:
        read_workbook(project, "some", book.save())
    places = {(re.search("“(.+)”", p.file)[1], p.column) for p in error.value.problems}  # type: ignore[index]
    assert places >= {
        ("指标", book.cell("指标", 4, "unit")),
        ("指标", book.cell("指标", 5, "direction")),
        ("指标", book.cell("指标", 5, "domain")),
        ("目标", book.cell("目标", 5, "series")),
        ("规划期", book.cell("规划期", 4, "target_year")),
    }
    assert content(project / "data" / "raw" / "some") == before
    told = str(error.value)
    assert "W01的“计量单位”" in told and "越高越好、越低越好、不分高低" in told


def test_numbers_dates_and_ratios_a_spreadsheet_made_its_own_are_read_as_typed(blank: Book, project: Path) -> None:
    import datetime

    book = filled(blank).put("规划期", 4, issued=datetime.datetime(2022, 12, 29), base_year=2020, target_year=2030.0)
    page, row = book.book["指标"], 4
    page[book.cell("指标", row, "upper")] = 1000
    page[book.cell("指标", row, "upper")].number_format = "General"
    read_workbook(project, "some", book.save())
    plan = load_plan(project, "some")
    assert plan.outline.issued == "2022-12-29" and plan.outline.target_year == 2030
    assert plan.series["upper"].iloc[0] == 1000


def test_columns_may_change_places_and_rows_may_be_inserted(blank: Book, project: Path) -> None:
    book = filled(blank)
    for sheet in ("指标", "目标"):
        book.book[sheet].insert_rows(1, 2)
        book.book[sheet].insert_cols(2)
        book.book[sheet].insert_rows(6)
    read_workbook(project, "some", book.save())
    assert list(load_plan(project, "some").series.index) == ["W01", "W02"]


def test_a_missing_sheet_and_a_missing_column_are_named(blank: Book, project: Path) -> None:
    book = filled(blank)
    del book.book["责任单位"]
    book.book["目标"][book.cell("目标", 2, "target_text")] = "目标"
    with pytest.raises(DataError) as error:
        read_workbook(project, "some", book.save())
    told = str(error.value)
    assert "没有工作表“责任单位”" in told and "缺少列“目标原文 target_text”" in told and "不认识的列" in told


def test_a_file_that_is_no_workbook_is_refused_by_name(project: Path) -> None:
    new_area(project, "some", "某区", 2025)
    (project / "plan.xlsx").write_text("a,b\n")
    with pytest.raises(DataError, match=r"plan\.xlsx"):
        read_workbook(project, "some", project / "plan.xlsx")
    with pytest.raises(UsageError, match=r"none\.xlsx"):
        read_workbook(project, "some", project / "none.xlsx")


# --- words ------------------------------------------------------------------------------------------------------------


def test_what_a_column_holds_is_said_as_the_description_of_the_tables_says_it() -> None:
    told = (RAW / "README.md").read_text(encoding="utf-8")
    hints = {key: text for key, text in catalogue().items() if key.startswith("workbook.hint.")}
    assert len(hints) > 60
    assert [key for key, text in hints.items() if text not in told and ".groups." not in key] == []


def test_every_column_has_a_name_and_every_code_of_a_target_its_word() -> None:
    names = {f"workbook.column.{table}.{column}" for table, columns in COLUMNS.items() for column in columns}
    assert names <= set(catalogue())
    for words in ("kind", "operator", "role", "direction"):
        said = [text for key, text in catalogue().items() if key.startswith(f"workbook.word.{words}.")]
        assert len(said) == len(set(said))
    assert say("workbook.sheet.targets") == "目标"


@pytest.mark.parametrize("area", ["jiangbei", "china"])
def test_readings_proposed_from_the_print_are_those_people_made(area: str) -> None:
    """Nothing wrong is proposed; what only an office can name (another series, a band) is left open."""
    roles = {r["series"]: r for r in rows_of(RAW / area / "plan" / "series.csv")}
    asked = [r for r in rows_of(RAW / area / "plan" / "targets.csv") if roles[r["series"]]["role"] != "compound"]
    asked = [r for r in asked if r["operator_source"] != "office"]
    wrong, left = [], []
    for r in asked:
        got = proposed_reading(r["target_text"], roles[r["series"]]["direction"])
        if got is None:
            left.append(r["kind"])
        elif any(as_number(got.get(c, "")) != as_number(r[c]) for c in ("kind", "operator", "value", "low", "high")):
            wrong.append(r["series"])
    assert wrong == [] and set(left) <= {"relative", "toward_band"}


def as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
