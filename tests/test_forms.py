"""forms: what is sent out can be filled in and read back, cell by cell, and the same plan gives the same bytes."""

import hashlib
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import clock
import intake_corpus as corpus
import openpyxl
import pytest

from plananalysis import round as intake
from plananalysis.base.errors import UsageError
from plananalysis.plan import load_plan
from plananalysis.returns import codebook, layout, read_return
from plananalysis.round import forms
from plananalysis.round.forms import Form, form_bytes
from plananalysis.simulate import simulate_panel

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def jiangbei(tmp_path_factory):
    """A project that holds the Jiangbei plan alone."""
    root = tmp_path_factory.mktemp("forms")
    raw = root / "data" / "raw"
    shutil.copytree(PROJECT / "data" / "raw" / "jiangbei", raw / "jiangbei")
    for name in ("thresholds.toml", "groups.csv"):
        shutil.copy(PROJECT / "data" / "raw" / name, raw / name)
    return root


@pytest.fixture(scope="module")
def book(jiangbei):
    return codebook(jiangbei, load_plan(jiangbei, "jiangbei"))


@pytest.fixture(scope="module")
def blank(jiangbei):
    return forms.write(jiangbei, "jiangbei", 2025, jiangbei / "out")


def filled(path, texts):
    """Fill a form as a person does with another program: numbers and texts typed into its cells."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[layout.SHEET]
    typed = {}
    for row in sheet.iter_rows(min_row=7):
        key = (row[0].value, row[3].value)
        for column, value in texts(key, row).items():
            row[layout.INDEX[column]].value = value
            typed[*key, column] = value
    workbook.save(path)
    return typed


def test_every_unit_gets_a_form_and_the_same_plan_gives_the_same_bytes(jiangbei, blank):
    assert len(blank) == 20 and len({p.name for p in blank}) == 20
    before = [hashlib.sha256(p.read_bytes()).hexdigest() for p in blank]
    time.sleep(2.1)  # a time stamp in a package has two seconds
    again = forms.write(jiangbei, "jiangbei", 2025, jiangbei / "again")
    assert [hashlib.sha256(p.read_bytes()).hexdigest() for p in again] == before


def test_every_series_is_led_by_exactly_one_form(book):
    led = [a.series for lines in book.by_unit.values() for a in lines if a.lead and a.group == "total"]
    assert sorted(led) == sorted(book.plan.leaves().index)


def test_a_years_figures_come_back_from_all_twenty_forms_as_they_were_typed(jiangbei, book):
    panel = simulate_panel(1, seed=7, root=PROJECT)
    at = {s: i for i, s in enumerate(panel.series)}
    paths = forms.write(jiangbei, "jiangbei", 2025, jiangbei / "filled")
    groups = {name: code for code, name in book.groups.items()}
    for n, path in enumerate(paths):

        def texts(key, _, n=n):
            value, above, below = (a[0, at[key[0]], -1] for a in (panel.values, panel.numerators, panel.denominators))
            if value != value:
                return {"status": "缺报", "explanation": "普查年份才有"}
            decimals = int(book.plan.series.loc[key[0], "decimals"])
            shown = f"{value:.{decimals}f}" if n % 2 else round(float(value), decimals)  # half of the units type text
            more = {} if above != above else {"numerator": int(above), "denominator": f"{below:.0f}"}
            return {"value": shown, **more, "note": f"台账第{n}页"}

        typed = filled(path, texts)
        back = read_return(path.read_bytes(), path.name, book)
        assert not back.refused and [i for i in back.issues if i.rule not in ("bounds", "ratio", "truncated")] == []
        assert len(back.rows) == len(book.lines(back.unit))
        rows = {(r.series, r.group): r for r in back.rows}
        for (series, name, column), value in typed.items():
            row = rows[series, groups[name]]
            if column in row.read:
                shown = value if isinstance(value, str) else f"{value:.15g}"
                assert row.read[column].raw == shown and row.read[column].value == float(value)
            else:
                assert row.typed[column] == value


def test_twenty_forms_are_written_and_read_in_seconds(jiangbei, book, blank):
    paths = forms.write(jiangbei, "jiangbei", 2025, jiangbei / "timed")
    assert clock.costs_under(6, lambda: forms.write(jiangbei, "jiangbei", 2025, jiangbei / "timed"))
    assert clock.costs_under(6, lambda: [read_return(p.read_bytes(), p.name, book) for p in paths])


def test_only_input_cells_are_open_and_lists_stand_on_a_hidden_sheet(blank):
    workbook = openpyxl.load_workbook(next(p for p in blank if "health" in p.name))
    assert [s.sheet_state for s in workbook] == ["visible", "visible", "hidden", "veryHidden"]
    sheet = workbook[layout.SHEET]
    assert sheet.protection.sheet and sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
    for column in layout.COLUMNS:
        cell = sheet.cell(9, layout.INDEX[column.key] + 1)  # W03: asks for counts
        open_ = column.filled and column.key != "definition"
        assert cell.protection.locked is not open_, column.key
    rules = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert rules and all(v.formula1.startswith(layout.LIST_SHEET) for v in rules)
    assert all(
        len(v.prompt or "") <= 255 and len(v.promptTitle or "") <= 32 for v in sheet.data_validations.dataValidation
    )
    text = " ".join(str(c.value) for row in sheet.iter_rows(max_row=4) for c in row if c.value)
    assert all(word in text for word in ("填表人", "审核人", "单位负责人", "单位公章", "区卫健委", "2025"))


def test_groups_are_asked_where_the_plan_marks_them(book):
    lines = [a.group for a in book.lines("health") if a.series == "C01"]
    assert lines == ["total", "sex:male", "sex:female"]
    assert [a.group for a in book.lines("health") if a.series == "W05a"] == [
        "total",
        "age:35-44",
        "age:45-54",
        "age:55-64",
    ]


def test_the_back_series_holds_every_year_since_the_base_with_what_was_reported(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    paths = forms.write(tmp_path, "demo", 2025, tmp_path / "out", back_series=True)
    back = read_return(paths[0].read_bytes(), paths[0].name, corpus.book(tmp_path))
    assert back.back_series and {r.year for r in back.rows} == set(range(2020, 2026))
    known = {r.year: r.value for r in back.rows if (r.series, r.group) == ("W01", "total") and not r.blank}
    assert known == {2016 + i: round(88 + 0.47 * i + 0.13 * (i % 3), 2) for i in range(4, 9)}
    assert [i for i in back.issues if i.severity == "错误"] == []


def test_questions_go_back_with_the_values_kept_the_cells_coloured_and_a_list(tmp_path):
    corpus.write_area(tmp_path)
    checker = intake.Checker.load(tmp_path, "demo")
    sent = corpus.form(
        tmp_path, W01__value="92.6①", C01__value=2.5, C03__value=0.543, W04__note="台账", W02__denominator=""
    )
    found = read_return(sent, "表.xlsx", checker.book)
    issues = [i for i in checker.check(found) if i.open]
    data = forms.question_form(checker.book, found, issues, {})
    assert data == forms.question_form(checker.book, found, issues, {})
    path = tmp_path / "问题.xlsx"
    path.write_bytes(data)
    sheet = openpyxl.load_workbook(path)[layout.SHEET]
    bad = sheet["J7"]
    assert bad.value == "92.6①" and bad.fill.fgColor.rgb == "FFFFC7CE" and "注记" in bad.comment.text
    assert sheet["J9"].fill.fgColor.rgb != "FFFFC7CE" and sheet["Q9"].value == "台账"
    listed = openpyxl.load_workbook(path)["问题清单"]
    assert {row[3].value for row in listed.iter_rows(min_row=3)} == {i.series for i in issues}
    assert [row[2].value for row in listed.iter_rows(min_row=3)] == [i.cell for i in issues] and "L8" in {
        i.cell for i in issues
    }
    again = read_return(data, "问题.xlsx", checker.book)
    assert [(i.rule, i.cell, i.value) for i in checker.check(again)] == [
        (i.rule, i.cell, i.value) for i in checker.check(found)
    ]


def test_a_formula_typed_as_text_stays_text():
    root_cells = {("W01", "total", 2025): {"note": '=HYPERLINK("http://x","y")'}}

    def made(tmp):
        corpus.write_area(tmp)
        return form_bytes(Form(corpus.book(tmp), "health", 2025, filled=root_cells))

    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        data = made(Path(folder))
        (Path(folder) / "f.xlsx").write_bytes(data)
        with zipfile.ZipFile(Path(folder) / "f.xlsx") as package:
            assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_form_saved_by_libreoffice_is_read_the_same(tmp_path):
    corpus.write_area(tmp_path)
    book = corpus.book(tmp_path)
    before = tmp_path / "before.xlsx"
    before.write_bytes(corpus.form(tmp_path, W01__value="９２．６１％", C03__note="=1+1"))
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "after"), str(before)], check=True, capture_output=True, timeout=900
    )
    saved = (tmp_path / "after" / "before.xlsx").read_bytes()
    old, new = read_return(before.read_bytes(), "表.xlsx", book), read_return(saved, "表.xlsx", book)
    assert (new.unit, new.year, new.form_version, new.issues) == (old.unit, old.year, old.form_version, old.issues)
    assert [(r.series, r.group, r.typed, {k: v.raw for k, v in r.read.items()}) for r in new.rows] == [
        (r.series, r.group, r.typed, {k: v.raw for k, v in r.read.items()}) for r in old.rows
    ]
    workbook = openpyxl.load_workbook(tmp_path / "after" / "before.xlsx")
    sheet = workbook[layout.SHEET]
    assert sheet.protection.sheet and not sheet["J7"].protection.locked and sheet["A7"].protection.locked
    assert any(v.type == "list" for v in sheet.data_validations.dataValidation)
    assert workbook[layout.META_SHEET].sheet_state != "visible"


@pytest.mark.parametrize("name", ["../../x/ESCAPED", "区卫健委/疾控局", 'a:*?"<>|b', "/etc/x", "区卫健委. "])
def test_a_units_name_never_leads_out_of_the_folder_nor_is_none_on_windows(tmp_path, name):
    demo = tmp_path / "project"
    corpus.write_area(demo)
    units = demo / "data" / "raw" / "demo" / "plan" / "units.csv"
    rows = units.read_text(encoding="utf-8").replace(
        "health,区卫健委,区卫健委;卫健委", f'health,"{name.replace(chr(34), chr(34) * 2)}",卫健委'
    )
    units.write_text(rows, encoding="utf-8")
    out = tmp_path / "out"
    paths = forms.write(demo, "demo", 2025, out)
    assert {p.parent for p in paths} == {out} == {p.parent for p in out.parent.rglob("*.xlsx") if "data" not in p.parts}
    assert not [p.name for p in paths if set('<>:"/\\|?*') & set(p.name) or p.stem.endswith((".", " "))]


def test_a_form_that_lies_in_the_folder_is_never_overwritten(tmp_path):
    corpus.write_area(tmp_path)
    out = tmp_path / "out"
    first = forms.write(tmp_path, "demo", 2025, out)
    typed = openpyxl.load_workbook(first[0])
    typed[layout.SHEET]["J7"] = 88.8
    typed.save(first[0])
    before = first[0].read_bytes()
    first[1].unlink()
    kept: list[Path] = []
    assert (
        forms.write(tmp_path, "demo", 2025, out, kept=kept) == first[1:]
    )  # what is unchanged or gone is as it should be
    assert kept == first[:1] and first[0].read_bytes() == before and first[1].is_file()


def test_forms_are_made_for_the_units_named(tmp_path):
    corpus.write_area(tmp_path)
    (path,) = forms.write(tmp_path, "demo", 2025, tmp_path / "out", units=["区公安分局", "police"])
    assert path.name == "2025_police_区公安分局.xlsx" and [p.name for p in (tmp_path / "out").iterdir()] == [path.name]
    with pytest.raises(UsageError, match="区税务局"):
        forms.write(tmp_path, "demo", 2025, tmp_path / "out", units=["区税务局"])


def test_questions_never_take_the_place_of_what_the_unit_wrote(tmp_path):
    corpus.write_area(tmp_path)
    (tmp_path / "a.xlsx").write_bytes(corpus.form(tmp_path, W01__value="92.6①"))
    intake.receive(tmp_path, "demo", [tmp_path / "a.xlsx"], "2026-04-20", "监测组")
    (first,) = intake.questions(tmp_path, "demo", 2025, tmp_path / "out")
    assert intake.questions(tmp_path, "demo", 2025, tmp_path / "out") == [first]
    first.write_bytes(b"answered")
    (second,) = intake.questions(tmp_path, "demo", 2025, tmp_path / "out")
    assert second.name == "2025_health_区卫健委_问题-2.xlsx" and first.read_bytes() == b"answered"


def _copied(path, to, meta=False):
    """The visible table of a form as a unit copies it into a workbook of its own, or saves it as text."""
    rows = [[c.value for c in r] for r in openpyxl.load_workbook(path)[layout.SHEET].iter_rows()]
    if to.suffix == ".csv":
        text = "\n".join(",".join("" if v is None else f'"{v}"' for v in row) for row in rows)
        to.write_text(text, encoding="utf-8-sig")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(to)
    return to


@pytest.mark.parametrize("name", ["区卫健委.xlsx", "区卫健委.csv", "2025_health_区卫健委_历年.csv"])
def test_a_back_series_without_its_hidden_sheet_is_still_one(tmp_path, name):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    path = forms.write(tmp_path, "demo", 2025, tmp_path / "out", back_series=True)[0]
    data = _copied(path, tmp_path / name).read_bytes()
    back = read_return(data, name, corpus.book(tmp_path))
    assert back.back_series and {r.year for r in back.rows} == set(range(2020, 2026)) and back.errors == []
    year = forms.write(tmp_path, "demo", 2025, tmp_path / "out")[0]
    plain = read_return(_copied(year, tmp_path / "区卫健委年度.xlsx").read_bytes(), "a.xlsx", corpus.book(tmp_path))
    assert not plain.back_series and plain.errors == []


@pytest.mark.parametrize(
    ("cell", "text"), [("H2", "数据年度：2024"), ("A1", "示例区妇女儿童发展规划统计监测2024年度报表")]
)
def test_a_head_of_another_year_than_the_form_is_named(tmp_path, cell, text):
    corpus.write_area(tmp_path)
    path = forms.write(tmp_path, "demo", 2025, tmp_path / "out")[0]
    book = openpyxl.load_workbook(path)
    book[layout.SHEET][cell] = text
    book.save(path)
    known = corpus.book(tmp_path)
    (wrong,) = read_return(path.read_bytes(), path.name, known).errors
    assert (
        (wrong.rule, wrong.cell) == ("year_differs_in_form", cell)
        and "2024" in wrong.message
        and "2025" in wrong.message
    )
    # where the office has settled the year by a correction, the head is what was corrected
    assert read_return(path.read_bytes(), path.name, known, registered=("health", 2024)).errors == []
