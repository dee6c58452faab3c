"""tables and errors: what people save is read as it is, and a crash never leaves half a file."""

import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem, UsageError

NAMES = "series,value\nW03,0\n孕产妇死亡率,8\n"


def rows_of(tmp_path, data, columns=("series", "value"), optional=()):
    file = tmp_path / "报表.csv"
    file.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return tables.read_rows(file, tmp_path, columns, optional)


def problems_of(tmp_path, data, **kwargs):
    with pytest.raises(DataError) as caught:
        rows_of(tmp_path, data, **kwargs)
    return caught.value.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_the_same_table_is_read_however_it_was_saved(tmp_path, encoding):
    rows = rows_of(tmp_path, NAMES.encode(encoding))
    assert [(r["series"], r["value"]) for r in rows] == [("W03", "0"), ("孕产妇死亡率", "8")]


def test_a_byte_order_mark_is_not_part_of_the_first_header(tmp_path):
    assert "series" in rows_of(tmp_path, "\ufeffseries,value\nW03,1\n")[0]


def test_a_file_in_no_known_encoding_is_refused(tmp_path):
    (problem,) = problems_of(tmp_path, b"series,value\n\xff\xff\x80,1\n")
    assert "编码" in problem.rule and problem.file == "报表.csv"


def test_a_quoted_cell_over_several_lines_is_one_spreadsheet_row(tmp_path):
    rows = rows_of(tmp_path, 'series,value\nW03,"1\n2\n3"\nW04,5\n')
    assert [(r["#"], r["value"]) for r in rows] == [("2", "1\n2\n3"), ("3", "5")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_empty_rows_are_skipped_but_counted(tmp_path, ending):
    rows = rows_of(tmp_path, ending.join(["series,value", "W03,1", "", ",", "W04,2"]) + ending)
    assert [(r["#"], r["series"]) for r in rows] == [("2", "W03"), ("5", "W04")]


def test_text_stays_text(tmp_path):
    rows = rows_of(tmp_path, "series,value\n007,NA\n1-2, 0 \nW05a,\n")
    assert [(r["series"], r["value"]) for r in rows] == [("007", "NA"), ("1-2", "0"), ("W05a", "")]


def test_an_absent_optional_column_reads_as_empty(tmp_path):
    assert rows_of(tmp_path, NAMES, optional=["note"])[0]["note"] == ""


def test_every_wrong_column_is_listed_at_once(tmp_path):
    found = problems_of(tmp_path, "series,serie,note,note\nW03,1,2,3\n", optional=["note"])
    assert {(p.column, p.rule) for p in found} == {("value", "缺少该列"), ("serie", "未知的列"), ("note", "列名重复")}


def test_every_row_of_another_width_is_listed_with_its_spreadsheet_row(tmp_path):
    found = problems_of(tmp_path, "series,value\nW03,1,2\nW04,1\nW05\n")
    assert [p.row for p in found] == [2, 4]


def test_an_unclosed_quote_is_refused_not_swallowed(tmp_path):
    assert "CSV" in problems_of(tmp_path, 'series,value\nW03,"1\nW04,2\n')[0].rule


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"没有的\.csv"):
        tables.read_rows(tmp_path / "没有的.csv", tmp_path, ["series"])


def test_a_settings_error_names_line_and_column(tmp_path):
    (tmp_path / "area.toml").write_text("name = 1\nname = 2\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2"):
        tables.read_settings(tmp_path / "area.toml", tmp_path)


def test_the_root_is_found_from_below_and_its_absence_is_misuse(tmp_path):
    (tmp_path / "data" / "raw" / "jiangbei").mkdir(parents=True)
    assert tables.find_root(tmp_path / "data" / "raw" / "jiangbei") == tmp_path
    with pytest.raises(UsageError):
        tables.find_root(tmp_path.parent)


def test_the_environment_names_the_root_where_nobody_else_does(tmp_path, monkeypatch):
    for name in ("here", "there"):
        (tmp_path / name / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert tables.find_root() == tmp_path / "here"
    monkeypatch.setenv("PLANANALYSIS_ROOT", str(tmp_path / "there"))
    assert tables.find_root() == tmp_path / "there"
    assert tables.find_root(tmp_path / "here") == tmp_path / "here"
    monkeypatch.setenv("PLANANALYSIS_ROOT", str(tmp_path))
    with pytest.raises(UsageError, match="PLANANALYSIS_ROOT 指明的") as told:
        tables.find_root()
    assert "--root" in str(told.value) and "Python" in str(told.value)


def test_a_notebook_of_the_project_takes_the_place_of_the_one_that_comes_with_the_program(tmp_path):
    name = "1_data_quality.ipynb"
    assert tables.notebook(tmp_path, name) == tables.shipped_notebooks() / name
    assert tables.notebook(tmp_path, name).is_file()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / name).write_text("{}", encoding="utf-8")
    assert tables.notebook(tmp_path, name) == tmp_path / "notebooks" / name
    assert tables.notebook(tmp_path, "4_method_check.ipynb") == tables.shipped_notebooks() / "4_method_check.ipynb"


def test_areas_are_the_folders_with_a_plan(tmp_path):
    for name in ("jiangbei", "china", "chongqing"):
        (tmp_path / "data" / "raw" / name).mkdir(parents=True)
    for name in ("jiangbei", "china"):
        (tmp_path / "data" / "raw" / name / "area.toml").touch()
    assert tables.areas(tmp_path) == ["china", "jiangbei"]


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cf"]), max_size=8).map(str.strip)


@given(st.lists(st.tuples(CELL.filter(bool), CELL), max_size=6))
def test_what_is_written_is_read_back_cell_by_cell(tmp_path_factory, cells):
    file = tmp_path_factory.mktemp("round") / "t.csv"
    tables.write_rows([{"a": a, "b": b} for a, b in cells], ["a", "b"], file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [(r["a"], r["b"]) for r in tables.read_rows(file, file.parent, ["a", "b"])] == cells


def test_reading_a_derived_table_makes_only_the_empty_cell_missing(tmp_path):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"series": ["NA", "null", "None"], "value": [0.0, None, 1.5]})
    tables.write_table(table, tmp_path / "t.csv")
    back = tables.read_table(tmp_path / "t.csv")
    assert back["series"].tolist() == ["NA", "null", "None"]
    assert back["value"].isna().tolist() == [False, True, False]
    first = (tmp_path / "t.csv").read_bytes()
    tables.write_table(back, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == first


WRITER = """
import sys
from pathlib import Path
from plananalysis.base.tables import write_atomic
print("ready", flush=True)
while True:
    for letter in b"ab":
        write_atomic(Path(sys.argv[1]), bytes([letter]) * 3_000_000)
"""


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path):
    file = tmp_path / "tables.csv"
    whole = {b"a" * 3_000_000, b"b" * 3_000_000}
    for pause in (0.0, 0.004, 0.011, 0.017, 0.029, 0.041):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, env=os.environ)
        assert writer.stdout.readline() == b"ready\n"
        while not file.exists() and writer.poll() is None:
            time.sleep(0.002)
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert file.read_bytes() in whole


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    file = tmp_path / "tables.csv"
    tables.write_atomic(file, b"old")

    def disk_full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space"):
        tables.write_atomic(file, b"new")
    assert file.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["tables.csv"]


def test_a_written_file_is_readable_by_the_share(tmp_path):
    before = os.umask(0o022)
    try:
        tables.write_atomic(tmp_path / "t.csv", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "t.csv").stat().st_mode & 0o777 == 0o644


def test_an_error_lists_every_problem_and_is_a_value_error():
    problems = [
        Problem("a.csv", 3, "value", "92。6", "不是规范的数字", "请写成 92.6。"),
        Problem("b.csv", 0, "", "", "文件不存在", "请补上该文件。"),
    ]
    error = DataError(iter(problems))
    assert isinstance(error, ValueError)
    assert str(error).splitlines() == [
        "数据有 2 处错误：",
        "  a.csv 第3行“value”列（现为“92。6”）：不是规范的数字。请写成 92.6。",
        "  b.csv：文件不存在。请补上该文件。",
    ]
    assert error.as_records()[0] == {
        "file": "a.csv",
        "row": 3,
        "column": "value",
        "found": "92。6",
        "rule": "不是规范的数字",
        "advice": "请写成 92.6。",
    }


@pytest.mark.parametrize("sign", [";", "\t", "|", "，"])
def test_a_table_separated_by_another_sign_is_read_as_what_it_is(tmp_path, sign):
    (tmp_path / "t.csv").write_text(f"series{sign}value\nW01{sign}9,5\n", encoding="utf-8")
    assert [r["value"] for r in tables.read_rows(tmp_path / "t.csv", tmp_path, ["series", "value"])] == ["9,5"]


def test_marks_margins_and_a_line_for_excel_are_nothing_people_wrote(tmp_path):
    text = "\ufeff\ufeffsep=;\nseries;value;;;\nW01;9;;;\n;;;;\n\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (row,) = tables.read_rows(tmp_path / "t.csv", tmp_path, ["series", "value"])
    assert (row["series"], row["value"], row["#"]) == ("W01", "9", "3")


@pytest.mark.parametrize(("text", "row"), [("series,value\nW01\u200b,9\n", 2), ("series\u200b,value\nW01,9\n", 1)])
def test_a_character_nobody_sees_is_named(tmp_path, text, row):
    (found,) = problems_of(tmp_path, text)
    assert found.row == row and "U+200B（零宽空格）" in found.rule and "\u200b" not in found.found


def test_an_encoding_that_gb18030_would_swallow_is_named(tmp_path):
    text = "series,note\nW01,婦女權益保障工作協調機構覆蓋比例\n"
    (tmp_path / "t.csv").write_bytes(text.encode("big5"))
    with pytest.raises(DataError, match="可能是 Big5"):
        tables.read_rows(tmp_path / "t.csv", tmp_path, ["series", "note"])
