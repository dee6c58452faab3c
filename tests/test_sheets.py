"""sheets: files of every format are read as their writers saw them, in a process that cannot harm this one; what reaches out is refused."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import zipfile
from datetime import datetime, time
from shutil import which

import intake_corpus as corpus
import openpyxl
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.returns import parse_value
from plananalysis.sheets import apart
from plananalysis.sheets.apart import read_apart
from plananalysis.sheets.calls import refuse_formula
from plananalysis.sheets.formats import shown
from plananalysis.sheets.grids import Cell, Refused
from plananalysis.sheets.reading import read_file

WHOLE = ("good.xlsx", "groups.xlsx", "codes.xlsx", "odd_cells.xlsx", "formulas.xlsx", "full_width.xlsx", "merged.xlsx")
GOOD = (corpus.FOLDER / "good.xlsx").read_bytes()
ROWS = [["指标编码", "年份", "数值", "备注"], ["W01", "2025", "92.61", "甲"], ["W02", "2025", "0", "乙"]]


def cells_of(data: bytes, suffix: str = ".xlsx") -> dict:
    """Every filled cell by sheet and place."""
    grids = read_file(data, suffix).grids
    return {
        (grid.name, i, j): cell
        for grid in grids
        for i, row in enumerate(grid.rows)
        for j, cell in enumerate(row)
        if cell.raw is not None
    }


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """A package with the first occurrence of a text in one part replaced, which must be there."""

    def one(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        assert old.encode() in content, part
        return content.replace(old.encode(), new.encode(), 1)

    return corpus.repacked(data, one)


# --- held against other programs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_openpyxl_finds_the_same_values_and_formats(name):
    data = (corpus.FOLDER / name).read_bytes()
    ours = cells_of(data)
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    theirs = {
        (sheet.title, cell.row - 1, cell.column - 1): (cell.value, cell.number_format)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert {key: cell.raw for key, cell in ours.items()} == {key: value for key, (value, _) in theirs.items()}
    numbers = {k: f for k, (value, f) in theirs.items() if isinstance(value, float)}
    assert {k: ours[k].number_format for k in numbers} == numbers


@pytest.mark.parametrize("name", WHOLE)
def test_calamine_finds_the_same_values_but_for_errors(name):
    data = (corpus.FOLDER / name).read_bytes()
    ours = cells_of(data)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    theirs = {}
    for sheet in book.sheet_names:
        for i, row in enumerate(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)):
            theirs |= {(sheet, i, j): value for j, value in enumerate(row) if value != ""}
    errors = {k for k, cell in ours.items() if str(cell.raw).startswith("#")}
    dates = {k for k, cell in ours.items() if isinstance(cell.raw, datetime)}  # a midnight is a date there
    assert {k: c.raw for k, c in ours.items() if c.raw != "" and k not in errors | dates} == {
        k: v for k, v in theirs.items() if k not in dates
    }


@pytest.mark.slow
@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice converts the files")
@pytest.mark.parametrize(("suffix", "kind"), [(".xls", "xls:MS Excel 97"), (".ods", "ods")])
def test_what_libreoffice_saves_in_another_format_reads_the_same(tmp_path, suffix, kind):
    data = corpus.bare(
        corpus.rows(
            W01=["W01", "婚前医学检查率", "合计", 2025, (0.9261, "0.00%")],
            W04=["W04", "侮辱妇女刑事案件发生数", "合计", 2025, ("=1/0", "0.00", "#DIV/0!"), 11],
            C03=["C03", "体质健康优良率", "合计", 2025, (54.3, '0.0"‰"')],
        )
    )
    (tmp_path / "form.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", kind]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "form.xlsx")], check=True, capture_output=True)
    before, after = cells_of(data), cells_of((tmp_path / f"form{suffix}").read_bytes(), suffix)
    assert {k: c.raw for k, c in before.items()} == {k: c.raw for k, c in after.items()}
    for key, cell in before.items():
        a, b = parse_value(cell.raw, cell.number_format), parse_value(after[key].raw, after[key].number_format)
        assert (a.kind, a.text, a.unit, a.problem) == (b.kind, b.text, b.unit, b.problem)


def test_the_saved_old_workbook_shows_a_percentage_as_its_writer_saw_it():
    cells = {k[1:]: parse_value(c.raw, c.number_format) for k, c in cells_of(corpus.old_workbook(), ".xls").items()}
    assert (cells[1, 0].raw, cells[1, 1].text, cells[1, 1].unit) == ("W01", "92.61", "%")
    assert cells[2, 1].problem == "formula_error"


# --- what is odd in a workbook and yet whole -----------------------------------------------------------------------------


def strict(name: str, content: bytes) -> bytes:
    for old, new in (
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    ):
        content = content.replace(old.encode(), new.encode())
    return content


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(lambda d: corpus.repacked(d, strict), id="strict"),
        pytest.param(
            lambda d: changed(d, "xl/styles.xml", '<family val="2"/>', '<family val="15"/>'), id="font family"
        ),
        pytest.param(lambda d: corpus.repacked(d, lambda _, c: re.sub(rb"<fills.*</fills>", b"", c)), id="no fills"),
        pytest.param(
            lambda d: changed(d, "docProps/core.xml", "2000-01-01T00:00:00Z", "2025/04/01 10:00"),
            id="odd date of making",
        ),
        pytest.param(lambda d: renamed_book(d), id="workbook2.xml"),
        pytest.param(lambda d: corpus.repacked(d, prefixed), id="prefixed tags"),
    ],
)
def test_nothing_but_the_cells_decides_whether_a_workbook_is_read(odd):
    data = odd(GOOD)
    assert data != GOOD and cells_of(data) == cells_of(GOOD)


def renamed_book(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b"xl/workbook.xml", b"xl/workbook2.xml")
            new.writestr(name.replace("workbook.xml", "workbook2.xml"), content)
    return stream.getvalue()


def prefixed(name: str, content: bytes) -> bytes:
    if name != "xl/sharedStrings.xml":
        return content
    for tag in (b"sst", b"si", b"t"):
        for old, new in ((b"<%s>", b"<x:%s>"), (b"<%s ", b"<x:%s "), (b"</%s>", b"</x:%s>")):
            content = content.replace(old % tag, new % tag)
    return content.replace(b"xmlns=", b"xmlns:x=")


def test_a_carriage_return_that_another_program_wrote_is_none_of_the_text():
    data = corpus.bare(corpus.rows(W01=["W01_x000D_", "婚前医学检查率", "合计", 2025, 92.61]))
    data = corpus.repacked(data, lambda _, content: content.replace(b"_x005F_x000D_", b"_x000D_"))
    texts = [cell.text for cell in cells_of(data).values()]
    assert "W01" in texts and not [text for text in texts if "_x" in text]


def test_dates_are_dates_in_both_calendars_and_times_are_times():
    cells = corpus.bare([["W01", "x", "合计", (datetime(2025, 1, 2), "yyyy-mm-dd"), (0.0854166666666667, "h:mm")]])
    raws = {c.raw for c in cells_of(cells).values()}
    assert {datetime(2025, 1, 2), time(2, 3)} <= raws
    later = changed(cells, "xl/workbook.xml", "<workbookPr", '<workbookPr date1904="1"')
    assert datetime(2029, 1, 3) in {c.raw for c in cells_of(later).values()}  # 1462 days


def test_two_cells_in_one_place_are_no_workbook():
    data = corpus.in_sheet(GOOD, b"</sheetData>", b'<row r="9"><c r="J9"><v>99</v></c></row></sheetData>')
    with pytest.raises(Refused, match="file_broken"):
        read_file(data, ".xlsx")


def test_a_number_too_long_for_any_number_stays_the_text_it_is():
    data = corpus.bare([["W01", "x", "合计", 2025, 77]])
    data = corpus.in_sheet(data, b"<v>77</v>", b"<v>" + b"9" * 400 + b"</v>")
    (cell,) = [c for c in cells_of(data).values() if str(c.raw).startswith("999")]
    assert parse_value(cell.raw, cell.number_format).problem == "number"


# --- formats -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "text", "unit"),
    [
        (r"0.00\%", 8.4, "8.4", "%"),
        ('0.00"%"', 8.4, "8.4", "%"),
        ("0.00!%", 8.4, "8.4", "%"),
        ("0.00‰", 80.0, "80", "‰"),
        (r"0.00\‰", 80.0, "80", "‰"),
        ("0.00％", 8.4, "8.4", "%"),
        ("0.00%", 0.084, "8.4", "%"),
        ('0.0_ "万人"', 23.1, "23.1", "万人"),
        ("#,##0件", 7, "7", "件"),
        ("[$￥-804]0.0", 7.5, "7.5", ""),
        ("[Red]0.00", 7.5, "7.5", ""),
        ("General", 7.5, "7.5", ""),
        ("@", 7.5, "7.5", ""),
    ],
)
def test_a_unit_is_seen_however_its_format_spells_it(code, value, text, unit):
    read = parse_value(value, code)
    assert (read.kind, read.text, read.unit) == ("number", text, unit)


@pytest.mark.parametrize("code", ['0.0,"万"', "0!.0,", '[<1]0.00"‰";0"%"', "#,##0,"])
def test_a_number_that_is_shown_divided_or_now_so_now_so_is_asked_about(code):
    assert parse_value(12345, code).problem == "scaled"


@pytest.mark.parametrize(
    "code", ["yyyy-mm-dd", "h:mm", "[h]:mm:ss", 'yyyy"年"m"月"', "m/d/yy", "mm:ss.0", "[$-804]yyyy/m/d"]
)
def test_formats_of_days_and_times_are_known(code):
    assert shown(code).date


@pytest.mark.parametrize("code", ["General", "0.00", '0"d"', "#,##0_ ;[Red]-#,##0", "0.00E+00", "# ?/?", "0.0件"])
def test_formats_of_numbers_are_no_dates(code):
    assert not shown(code).date


@given(st.text(max_size=20))
def test_no_format_brings_an_exception(code):
    shown(code)


# --- what reaches out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "what"),
    [
        ("cmd|'/C calc'!A0", "DDE"),
        ("[1]!'Excel.Sheet|C:\\x'!'A1'", "DDE"),
        ("'[http://127.0.0.1:9/x.xlsx]S'!A1", "externalBook"),
        ("[1]表!A1", "externalBook"),
        ("SUM('C:\\tmp\\[去年.xlsx]表'!A1:A9)", "externalBook"),
        ('WEBSERVICE("http://127.0.0.1:9/"&A1)', "WEBSERVICE"),
        ('_xlfn.WEBSERVICE("x")', "WEBSERVICE"),
        ('_xlfn.IMAGE("x")', "IMAGE"),
        ('rtd("x",,"y")', "RTD"),
        ("'file:///home/x.ods'#$Sheet1.A1", "externalBook"),
    ],
)
def test_a_formula_that_reaches_out_is_refused_by_name(formula, what):
    with pytest.raises(Refused) as refused:
        refuse_formula(formula)
    assert refused.value.facts["what"] == what


@pytest.mark.parametrize(
    "formula",
    [
        "F6/G6*100000",
        "SUM(A1:A9)",
        "表1[[#This Row],[数值]]+'表 2'!A1",
        'IF(A1="http://x","[a]b!",1)',
        "RECALL(A1)",
        "SUM(表1[数值],表2!A1)",
    ],
)
def test_an_ordinary_formula_is_not(formula):
    assert refuse_formula(formula) is None


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("xl/externalLinks/externalLink1.xml", "externalBook"),
        ("xl/embeddings/oleObject1.bin", "ole"),
        ("xl/activeX/activeX1.xml", "activeX"),
        ("customUI/customUI14.xml", "customUI"),
        ("xl/connections.xml", "connection"),
        ("xl/webextensions/taskpanes.xml", "webExtension"),
        ("xl/ctrlProps/ctrlProp1.xml", "control"),
    ],
)
def test_parts_that_reach_out_are_refused_by_name(part, what):
    with pytest.raises(Refused) as refused:
        read_file(corpus.with_part(GOOD, part, b"<x/>"), ".xlsx")
    assert (refused.value.rule, refused.value.facts["what"]) == ("file_calls", what)


def test_a_link_to_elsewhere_is_refused_and_one_to_click_on_is_not():
    link = '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="http://x/" TargetMode="External"/></Relationships>'

    def linked(kind: str) -> bytes:
        return changed(GOOD, "xl/_rels/workbook.xml.rels", "</Relationships>", link.format(kind))

    with pytest.raises(Refused, match="file_calls"):
        read_file(linked("attachedTemplate"), ".xlsx")
    assert read_file(linked("hyperlink"), ".xlsx").grids


def test_a_name_or_a_rule_of_a_cell_may_not_reach_out_either():
    name = '<definedNames><definedName name="x">cmd|"/C calc"!A0</definedName>'
    with pytest.raises(Refused, match="file_calls"):
        read_file(changed(GOOD, "xl/workbook.xml", "<definedNames>", name), ".xlsx")


# --- text ------------------------------------------------------------------------------------------------------------------


def delimited(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row] for row in read_file(data, ".csv").grids[0].rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
@pytest.mark.parametrize("sign", [",", "\t", ";", "|", "，"])
def test_rows_are_rows_in_every_encoding_and_with_every_separator(encoding, sign):
    text = "".join(sign.join(row) + "\r\n" for row in ROWS)
    assert delimited(text.encode(encoding)) == ROWS


def test_marks_at_the_beginning_go_however_many_there_are():
    text = "".join(",".join(row) + "\n" for row in ROWS)
    assert delimited(b"\xef\xbb\xbf" * 2 + text.encode()) == ROWS
    assert delimited(b"\xef\xbb\xbf" + f'"sep=;"\n{text.replace(",", ";")}'.encode()) == [[], *ROWS]


def test_empty_margins_are_no_content():
    text = "".join(",".join(row) + "," * 230 + "\n" for row in ROWS) + "," * 233 + "\n" + "\n" * 6000
    assert delimited(text.encode()) == ROWS


TRADITIONAL = "指標編碼,名稱,數值\nW01,婦女權益保障工作協調機構覆蓋比例,92.6\nW02,孕產婦死亡率與嬰兒死亡率,8.1\n"
JAPANESE = "指標,名称,値\nW01,妊産婦死亡率のうち直接死亡,92.6\n"


@pytest.mark.parametrize(
    ("text", "encoding"), [(TRADITIONAL, "big5"), (JAPANESE, "shift_jis"), ("café,naïve,é1\n", "cp1252")]
)
def test_an_encoding_that_gb18030_would_swallow_is_named(text, encoding):
    with pytest.raises(Refused) as refused:
        delimited(text.encode(encoding))
    assert refused.value.rule in ("file_encoding", "file_binary")
    if encoding == "big5":
        assert refused.value.facts["guess"] == "Big5"


def test_a_plan_in_gbk_is_read_whole(tmp_path):
    """Rare characters of names and places are no reason to doubt an encoding."""
    text = "单位,姓名,数值\n区卫健委,张喆、李𬱖,92.6\n重庆市江北区妇联,王䶮,8.1\n"
    assert delimited(text.encode("gb18030"))[1][1] == "张喆、李𬱖"


def test_more_than_a_form_holds_is_said_with_numbers():
    with pytest.raises(Refused) as wide:
        delimited((",".join("x" * 60) + "\n").encode())
    assert (wide.value.rule, wide.value.facts["cell"]) == ("file_wide", "BH1")
    with pytest.raises(Refused) as long:
        delimited(b"x\n" * 3001)
    assert (long.value.rule, long.value.facts["rows"]) == ("file_long", "3001")


# --- the process -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["forked", "started"])
def way(request, monkeypatch):
    """Both ways to a process: a fork of one at rest, and one started for the file, as on other systems."""
    if request.param == "forked" and sys.platform != "linux":
        pytest.skip("forks")
    monkeypatch.setattr(apart, "_FORKS", request.param == "forked")
    monkeypatch.setattr(apart, "_at_rest", [])


def answering(monkeypatch, body: str) -> None:
    """Let readers to come do this in place of reading a file."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); from plananalysis.sheets import child\n"
    program += f"def answer(data, suffix):\n    {body}\nchild.answer = answer; child."
    monkeypatch.setattr(apart, "_PROGRAM", program)


@pytest.mark.parametrize("name", [*WHOLE, "good_gbk.csv"])
def test_what_is_read_apart_is_what_is_read_here(name, way):
    data, suffix = (corpus.FOLDER / name).read_bytes(), f".{name.rpartition('.')[2]}"
    assert read_apart(data, suffix) == read_file(data, suffix)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("while True: pass", "file_slow"),
        ("return bytearray(10**9)", "file_heavy"),
        ("import os; os.abort()", "file_heavy"),
        ("open('never', 'wb').write(b'x'); return b'{}'", "file_heavy"),
        ("return b'half an ans'", "file_heavy"),
    ],
)
def test_a_reader_that_needs_too_long_too_much_or_dies_is_a_refusal(way, monkeypatch, tmp_path, body, rule):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(apart, "SECONDS", 1)
    answering(monkeypatch, body)
    for _ in range(2):  # one that has gone wrong is no matter of the next
        with pytest.raises(Refused, match=rule):
            read_apart(GOOD, ".xlsx")
    assert not (tmp_path / "never").exists() or (tmp_path / "never").stat().st_size == 0


def test_a_reader_that_does_nothing_for_long_is_ended_and_the_next_file_is_read(way, monkeypatch):
    with monkeypatch.context() as slow:
        answering(slow, "import time; time.sleep(3600)")
        slow.setattr(apart, "PATIENCE", 0.5)
        with pytest.raises(Refused, match="file_slow"):
            read_apart(GOOD, ".xlsx")
    assert read_apart(GOOD, ".xlsx") == read_file(GOOD, ".xlsx")


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_readers_at_rest_serve_threads_and_forks_and_outlive_one_that_was_killed(tmp_path):
    """Each asks for twenty files of its own at the same time as the others, and gets the answers to these."""
    program = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from plananalysis.sheets import apart
from plananalysis.sheets.apart import read_apart
def ask(who):
    return all(read_apart(f"{who},{n}".encode(), ".csv").grids[0].rows[0][1].raw == str(n) for n in range(20))
assert ask(0) and len(apart._at_rest) == 1
child = os.fork()
if child == 0:
    os._exit(0 if ask(1) else 1)
with ThreadPoolExecutor(3) as crew:
    assert all(crew.map(ask, (2, 3, 4)))
assert os.waitpid(child, 0)[1] == 0
for reader in apart._at_rest:
    os.kill(reader._process, signal.SIGKILL)
    os.waitid(os.P_PID, reader._process, os.WEXITED | os.WNOWAIT)
assert ask(5)
print("answered")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("answered\n", "")


# --- XLSB, written record by record ----------------------------------------------------------------------------------------


def record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(content)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_workbook(far: bool = False) -> bytes:
    """W01 | 0.9261 shown as 92.61% | an error | 54.3 with a sign in its format, computed."""
    sheet = (
        record(129)
        + record(148, struct.pack("<IIII", 0, 0, 0, 3))
        + record(145)
        + record(0, struct.pack("<IIHHB", 0, 0, 300, 0, 0) + struct.pack("<I", 0))
    )
    sheet += record(6, struct.pack("<II", 0, 0) + wide("W01"))
    sheet += record(5, struct.pack("<IId", 1, 1, 0.9261))
    sheet += record(3, struct.pack("<IIB", 2, 0, 7))
    sheet += record(9, struct.pack("<IIdHI", 3, 2, 54.3, 0, 0) + struct.pack("<I", 0))
    if far:
        sheet += record(0, struct.pack("<IIHHB", 900_000, 0, 300, 0, 0) + struct.pack("<I", 0))
        sheet += record(5, struct.pack("<IId", 16_000, 0, 1.0))
    sheet += record(146) + record(130)
    book = record(131) + record(143)
    book += record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("填报表")) + record(144) + record(132)
    styles = record(278) + record(615, struct.pack("<I", 1)) + record(44, struct.pack("<H", 164) + wide('0.0"‰"'))
    styles += record(616) + record(617, struct.pack("<I", 3))
    for code in (0, 10, 164):
        styles += record(47, struct.pack("<HHHHHBBHH", 0, code, 0, 0, 0, 0, 0, 0, 0)[:16])
    styles += record(618) + record(279)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'

    def relation(identifier: str, name: str, target: str) -> str:
        return f'<Relationship Id="{identifier}" Type="{kind}/{name}" Target="{target}"/>'

    notes = record(628) + record(630) + record(632, wide("王")) + record(631) + record(633)
    for row, column, text in ((0, 1, "王:\n检测仪更新"), (2, 3, "本年起按新口径")):
        notes += record(635, struct.pack("<IIIII", 0, row, row, column, column) + bytes(16))
        notes += record(637, b"\0" + wide(text)) + record(636)
    notes += record(634) + record(629)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f"{head}{relation('rId1', 'officeDocument', 'xl/workbook.bin')}</Relationships>",
        "xl/worksheets/_rels/sheet1.bin.rels": f"{head}{relation('rId1', 'comments', '../comments1.bin')}</Relationships>",
        "xl/comments1.bin": notes,
        "xl/_rels/workbook.bin.rels": f"{head}{relation('rId1', 'worksheet', 'worksheets/sheet1.bin')}"
        f"{relation('rId2', 'styles', 'styles.bin')}</Relationships>",
        "xl/workbook.bin": book,
        "xl/worksheets/sheet1.bin": sheet,
        "xl/styles.bin": styles,
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def test_a_binary_workbook_tells_values_formats_errors_and_formulas():
    (grid,) = read_file(binary_workbook(), ".xlsb").grids
    assert (grid.name, grid.hidden) == ("填报表", False)
    assert grid.rows == [[Cell("W01"), Cell(0.9261, "0.00%"), Cell("#DIV/0!"), Cell(54.3, '0.0"‰"', formula=True)]]
    assert grid.comments == {
        (0, 1): "检测仪更新",
        (2, 3): "本年起按新口径",
    }  # without the name that programs set before them


def test_a_far_cell_of_a_binary_workbook_does_not_fill_the_memory():
    with pytest.raises(Refused, match="file_far"):
        read_apart(binary_workbook(far=True), ".xlsb")
