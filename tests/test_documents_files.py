"""The files themselves: laid out as official papers are, safe whatever text they hold, the same bytes every time."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from test_documents import edition, row
from test_render_emf import said

from plananalysis.base.text import say
from plananalysis.editions.audience import Secrets, for_audience
from plananalysis.editions.opened import Published
from plananalysis.observations import as_known, load_observations
from plananalysis.pages import open_edition
from plananalysis.pages import papers as documents
from plananalysis.pages.papers import brief, data_tables, feedback, report, warnings
from plananalysis.plan import load_plan
from plananalysis.render import docx as word
from plananalysis.render import pdf as typeset
from plananalysis.render.blocks import Column, Table
from plananalysis.render.docx import settled as without_times
from plananalysis.render.quantities import STAR, Chance
from plananalysis.render.xlsx import Sheet, workbook_bytes

ROOT = Path(__file__).parents[1]
NASTY = '=HYPERLINK("http://x")&<w:p>{{}}#\x07\U0001f600\u202e'


@pytest.fixture(scope="module")
def office() -> Published:
    """Two units: health leads three rows, one binding and hard to reach; education leads one and shares one."""
    rows = [
        row(series="W01", name="甲率", alerts="both_red;hard_to_reach", attribute="binding", responsible_units="health"),
        row(series="W02", number=2, name=NASTY, alerts="volatile", responsible_units="health"),
        row(series="W03", number=3, name="丙率", outlook="met_secure", position="met", probability=0.9),
        row(series="C01", plan="children", domain="children.health", name="丁率", responsible_units="education", outlook="met_slipping", alerts="volatile", position="met", probability=0.5),
    ]  # fmt: skip
    return edition(rows)


def as_audience(office: Published, audience: str, mode: str = "annual") -> Published:
    return replace(office, audience=audience, mode=mode)


def face(paragraph: Any) -> tuple[str, int]:
    """Chinese font and size of a paragraph, as its style has them."""
    return paragraph.style.element.rPr.rFonts.get(qn("w:eastAsia")), paragraph.style.font.size


def one_column(caption: str, *cells: object) -> Table:
    return Table(caption, [Column("列", lambda cell: cell)], cells)


def text_of(data: bytes) -> str:
    paper = docx.Document(io.BytesIO(data))
    cells = [c.text for t in paper.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


def values_of(data: bytes) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {s.title: [[c.value for c in line] for line in s.iter_rows()] for s in book.worksheets}


# ---- bytes ---------------------------------------------------------------------------------------------------------


def test_every_file_of_an_edition_has_the_same_bytes_when_made_again(office):
    first = {name: make() for name, make in documents.files_of(office).items()}
    again = replace(office)
    assert first == {name: make() for name, make in documents.files_of(again).items()}
    assert set(first) == {
        "report.docx",
        "tables.xlsx",
        "warning_list.docx",
        "letters/health.docx",
        "feedback/health.xlsx",
        "feedback/education.xlsx",
    }


def test_no_archive_says_when_it_was_made(office):
    for data in (word.word_bytes(report.report(office)), data_tables.tables_bytes(office)):
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            assert {i.date_time for i in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert not re.search(
                rb"202[5-9]-\d\d-\d\dT", b"".join(held.read(i) for i in held.infolist() if "Props" in i.filename)
            )


def test_settling_keeps_what_an_archive_holds():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as held:
        held.writestr("a/b.xml", "内容")
    with zipfile.ZipFile(io.BytesIO(without_times(data.getvalue()))) as settled:
        assert settled.read("a/b.xml").decode() == "内容"


# ---- official paper ------------------------------------------------------------------------------------------------


def test_the_page_is_that_of_an_official_paper(office):
    paper = docx.Document(io.BytesIO(word.word_bytes(report.report(office))))
    section = paper.sections[0]
    assert [round(x / Mm(1)) for x in (section.page_width, section.page_height)] == [210, 297]
    assert [
        round(x / Mm(1)) for x in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    ] == [37, 35, 28, 26]
    assert paper.settings.odd_and_even_pages_header_footer
    body = next(p for p in paper.paragraphs if p.text.startswith("根据"))
    assert body.style.paragraph_format.line_spacing == Pt(28)
    assert body.style.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert face(body) == ("仿宋_GB2312", Pt(16))
    assert all(r.font.size is None and r.font.name is None for r in body.runs)  # nothing overrides the template
    heads = {p.text: face(p)[0] for p in paper.paragraphs if p.text.startswith(("一、总体情况", "（一）妇女健康"))}
    assert heads == {
        "一、总体情况": "黑体",
        "（一）妇女健康：按基期值3项目标已达标1项，甲率等2项达标困难": "楷体_GB2312",
    }
    assert face(paper.paragraphs[0]) == ("方正小标宋简体", Pt(22))


def test_page_numbers_stand_outside(office):
    section = docx.Document(io.BytesIO(word.word_bytes(report.report(office)))).sections[0]
    assert section.footer.paragraphs[0].style.paragraph_format.alignment == 2
    assert section.even_page_footer.paragraphs[0].style.paragraph_format.alignment == 0
    assert "PAGE" in section.footer._element.xml


def test_fictional_data_says_so_in_title_and_on_every_page(office):
    paper = docx.Document(io.BytesIO(word.word_bytes(report.report(office))))
    mark = say("pages.fictional")
    assert mark in [p.text for p in paper.paragraphs][:4]
    for header in (paper.sections[0].header, paper.sections[0].even_page_header):
        assert mark in header.paragraphs[0].text and f'string="{mark}"' in header._element.xml


def test_text_of_users_is_text(office):
    words = text_of(word.word_bytes(report.report(office)))
    assert '=HYPERLINK("http://x")&<w:p>{{}}#' in words and "\x07" not in words


def test_a_report_never_words_a_measure_but_leaves_room_for_one(office):
    words = text_of(word.word_bytes(report.report(office)))
    assert words.count("【待填写】") == 2  # of the causes, and of the measures
    assert "【待填写" not in text_of(word.word_bytes(report.report(as_audience(office, "public"))))


def test_midterm_compares_the_way_with_the_time_and_lists_what_to_decide(office):
    words = text_of(word.word_bytes(report.report(as_audience(office, "internal", "midterm"))))
    for part in ("任务进度与时间进度", "攻坚清单", "目标调整和口径明确事项", "基期值复核", "监测方法的检验记录"):
        assert part in words
    assert "33%" in words and "50%" in words


# ---- warning list and letters --------------------------------------------------------------------------------------


def test_letters_go_to_units_with_an_alerted_binding_target_and_are_marked_as_drafts(office):
    letters = [name for name in documents.files_of(office) if name.startswith("letters/")]
    assert letters == ["letters/health.docx"]
    data = documents.files_of(office)["letters/health.docx"]()
    words = text_of(data)
    assert "关于做好妇女儿童发展规划\n有关指标工作的提示函" in words
    assert "甲率" in words and "丁率" not in words and "区卫健委：" in words
    section = docx.Document(io.BytesIO(data)).sections[0]
    assert "草稿，由办公室核发" in section.first_page_header.paragraphs[0].text
    assert "草稿，由办公室核发" in section.header.paragraphs[0].text
    assert "PAGE" not in section.first_page_footer._element.xml


def test_a_binding_target_that_raises_no_alert_is_no_reason_to_write():
    about = {"attribute": "binding", "responsible_units": "education"}
    calm = row(series="W01", name="甲率", **about)
    rows = [calm, row(series="W02", number=2, name="乙率", alerts="hard_to_reach", **about)]
    made = {n: edition(rows[:n]) for n in (1, 2)}
    assert documents.files_to(made[1], "letters", "education") == {}
    words = text_of(documents.files_to(made[2], "letters", "education")["letters/education.docx"]())
    assert "乙率" in words and "甲率" not in words


@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdfinfo") is None, reason="needs LibreOffice and poppler"
)
@pytest.mark.slow
def test_a_long_warning_list_stays_on_one_page(tmp_path):
    rows = [
        row(series=f"W{i:02}", number=i, name="很长的指标名称" * 3, alerts="hard_to_reach" if i < 40 else "volatile")
        for i in range(1, 60)
    ]
    made = edition(rows)
    (tmp_path / "list.docx").write_bytes(word.word_bytes(warnings.warning_list(made), "list"))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    subprocess.run(
        ["soffice", "--headless", home, "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "list.docx"],
        capture_output=True,
        check=False,
    )
    if not (tmp_path / "list.pdf").is_file():
        pytest.skip("this LibreOffice has no Writer")
    told = subprocess.run(["pdfinfo", tmp_path / "list.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Pages:\s+1\n", told)


def test_a_list_too_long_for_the_page_counts_the_rest():
    rows = [row(series=f"W{i:02}", number=i, alerts="hard_to_reach") for i in range(1, 90)]
    document = warnings.warning_list(edition(rows))
    shown = len(document.blocks[0].records)
    assert 20 < shown < 89 and f"另有{89 - shown}项" in document.blocks[0].note


# ---- workbooks -----------------------------------------------------------------------------------------------------


def test_no_cell_of_the_tables_is_computed_and_numbers_are_numbers(office):
    book = openpyxl.load_workbook(io.BytesIO(data_tables.tables_bytes(office)))
    assert {c.data_type for s in book.worksheets for line in s.iter_rows() for c in line} <= {"s", "n"}
    sheet = book["全部目标"]
    heads = {c.value: c.column for c in next(line for line in sheet.iter_rows() if line[0].value == "代码")}
    first = next(line for line in sheet.iter_rows() if line[0].value == "W01")
    newest, chance = first[heads["现值"] - 1], first[heads["达标概率"] - 1]
    assert (newest.value, newest.number_format) == (50.0, "0.00")
    assert (chance.value, chance.number_format) == (0.2, "0%")


def test_every_sheet_is_ready_to_print_and_marked(office):
    mark = say("pages.fictional")
    for sheet in openpyxl.load_workbook(io.BytesIO(data_tables.tables_bytes(office))).worksheets:
        assert sheet["A1"].value == mark
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.freeze_panes is not None and sheet.print_title_rows
        assert mark in sheet.oddHeader.left.text and mark in sheet.oddFooter.right.text


def test_columns_are_wide_enough_for_chinese():
    book = openpyxl.load_workbook(
        io.BytesIO(workbook_bytes([Sheet("甲", one_column("表", "十个汉字的单元格内容"))], "表"))
    )
    assert book.worksheets[0].column_dimensions["A"].width >= 22


def test_a_cell_of_a_hundred_lines_and_an_ampersand_in_a_head_do_no_harm():
    data = workbook_bytes([Sheet("a/b", one_column("A&B", "字\n" * 100, Chance(0.5)))], "表")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        assert sheet.title == "a b" and b"&amp;CA&amp;&amp;B" in held.read("xl/worksheets/sheet1.xml")


def test_a_unit_sees_nothing_that_is_only_another_units(office):
    for unit, own, foreign in (("health", "甲率", "丁率"), ("education", "丁率", "甲率")):
        words = str(values_of(feedback.feedback_bytes(office, unit)))
        assert own in words and foreign not in words
    history = values_of(feedback.feedback_bytes(office, "education"))["历年数据"]
    assert not any("W03" in str(line) for line in history), "reported by the unit that leads the row"


def test_the_public_gets_report_and_tables_without_questions(office):
    made = as_audience(office, "public")
    assert set(documents.files_of(made)) == {"report.docx", "tables.xlsx"}
    assert "数据问题" in values_of(data_tables.tables_bytes(office))
    assert not {"数据问题", "报送情况", "措施"} & set(values_of(data_tables.tables_bytes(made)))


def test_the_leading_group_gets_no_unit_workbooks(office):
    assert not [f for f in documents.files_of(as_audience(office, "leading-group")) if f.startswith("feedback")]


# ---- disclosure on the example district ----------------------------------------------------------------------------


def test_withheld_cells_of_the_example_are_stars_in_every_sheet(office):
    plan = load_plan(ROOT, "example", 2025)
    view = as_known(load_observations(ROOT, "example"), plan.known_on, 2025)
    about = plan.series.loc["W45.5"]
    held = view[(view["series"] == "W45.5") & (view["group"] == "total")]
    small = {int(y): v for y, v in zip(held["year"], held["value"], strict=True) if 1 <= v <= 4}
    assert small, "the example has a year with one to four cases"
    one = row(series="W45.5", name=about["name"], unit="件", decimals=0, direction=-1)
    whole = edition([one])
    whole.tables["observations"] = view[view["series"] == "W45.5"]
    tables_seen = for_audience(whole.tables, "public", lambda rows: Secrets.of(rows, plan))
    made = replace(whole, tables=tables_seen, audience="public")
    kept_back = {r.whole("year") for r in made.records("observations") if r.text("withheld") == "True"}
    assert set(small) <= kept_back
    sheet = values_of(data_tables.tables_bytes(made))["历年数据"]
    heads = next(line for line in sheet if line[0] == "代码")
    line = next(line for line in sheet if line[0] == "W45.5")
    assert {heads[i] for i, v in enumerate(line) if v == STAR} >= {str(y) for y in small}


# ---- PDF -----------------------------------------------------------------------------------------------------------


def test_pdf_has_selectable_chinese_in_the_packages_own_font(office, tmp_path):
    pytest.importorskip("typst")
    data = typeset.pdf_bytes(brief.brief(office), data_tables.footer(office))
    assert data == typeset.pdf_bytes(brief.brief(office), data_tables.footer(office))
    assert data.startswith(b"%PDF") and b"PlanSansSC" in data and b"/ToUnicode" in data
    if shutil.which("pdftotext") is None:
        return
    (tmp_path / "a.pdf").write_bytes(data)
    words = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True).stdout.decode()
    flat = re.sub(r"\s", "", words)
    assert "甲率" in flat and "示例数据（虚构）" in flat and "按期达标" not in flat[:0]
    assert '=HYPERLINK("http://x")&<w:p>{{}}#' in flat


def test_markup_in_a_text_is_not_obeyed_by_the_typesetter():
    typst = pytest.importorskip("typst")
    assert typst is not None
    rows = [row(name='#panic("x") $ * _ `')]
    made = edition(rows)
    assert typeset.pdf_bytes(report.report(made)).startswith(b"%PDF")


def test_outlooks_and_alerts_have_fills_and_every_number_of_a_sheet_is_a_number():
    questions = {"severity": "error", "rule": "unit_slip", "series": "W01", "group": "total", "year": 2024, "value": "0.490",
                 "submission": "a.csv", "file_row": 7, "message": "疑似单位错误", "advice": "请核对"}  # fmt: skip
    change = {"series": "W01", "from_outlook": "likely", "to_outlook": "very_hard", "from_probability": 0.7,
              "to_probability": 0.004, "cause": "new_data"}  # fmt: skip
    made = edition([row(alerts="both_red", outlook="very_hard", probability=0.004)])
    tables = {**made.tables, "quality": pd.DataFrame([questions]), "changes": pd.DataFrame([change])}
    book = openpyxl.load_workbook(io.BytesIO(data_tables.tables_bytes(replace(made, tables=tables))))

    def cells(name: str, head: str) -> dict[str, Any]:
        lines = list(book[say(f"documents.sheet.{name}")].iter_rows())
        at = next(i for i, line in enumerate(lines) if head in [c.value for c in line])
        return dict(zip([c.value for c in lines[at]], lines[at + 1], strict=True))

    found = cells("rows", "达标概率")
    assert found["展望"].fill.fgColor.rgb == "FFF8CBAD" and found["预警"].fill.fgColor.rgb == "FFF8CBAD"
    assert found["现值"].fill.fill_type is None
    assert (found["达标概率"].value, found["达标概率"].number_format) == (0.004, '"<1%"')
    asked = cells("quality", "数值")
    assert (asked["年份"].value, asked["数值"].value, asked["数值"].number_format) == (2024, 0.49, "0.000")
    moved = cells("changes", "上版达标概率")
    assert (moved["上版达标概率"].value, moved["本版达标概率"].value) == (0.7, 0.004)
    assert moved["上版展望"].fill.fgColor.rgb == "FFE2EFDA" and moved["本版展望"].fill.fgColor.rgb == "FFF8CBAD"
    texts = ("代码", "序号", "2030年目标", "目标原文", say("column.cut"))
    for sheet in book.worksheets:
        heads: dict[int, Any] = {}
        for line in sheet.iter_rows():
            if line[0].value in ("代码", "领域", "责任单位", say("column.threshold")):
                heads = {c.column: c.value for c in line}
                continue
            assert not [
                c.coordinate for c in line
                if c.data_type == "s" and re.fullmatch(r"[<+−-]?[\d.,]+%?", c.value) and heads.get(c.column) not in texts
            ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdfinfo") is None, reason="needs LibreOffice and poppler"
)
def test_the_report_of_the_example_is_at_most_twenty_pages_and_shows_its_figures(every_area, tmp_path):
    data = tmp_path / "report.docx"
    data.write_bytes(documents.files_for_all(open_edition("example", 2025, every_area))["report.docx"]())
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = ["soffice", "--headless", home, "--convert-to", "pdf", "--outdir", tmp_path, data]
    subprocess.run(command, capture_output=True, check=False)
    if not (tmp_path / "report.pdf").is_file():
        pytest.skip("this LibreOffice has no Writer")
    told = subprocess.run(["pdfinfo", tmp_path / "report.pdf"], capture_output=True, text=True, check=True).stdout
    assert int(re.search(r"Pages:\s+(\d+)", told)[1]) <= 20
    words = subprocess.run(
        ["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    drawn = {
        t for n in zipfile.ZipFile(data).namelist() if n.endswith(".emf") for t in said(zipfile.ZipFile(data).read(n))
    }
    assert len(drawn) > 40 and sum(t in words for t in drawn if re.fullmatch("[\u4e00-\u9fff]{4,}", t)) > 10
