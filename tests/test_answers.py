"""answers: what a unit writes beside the questions comes back with its return, and nothing answered is asked again."""

import io
import subprocess
import zipfile
from shutil import which

import intake_corpus as corpus
import openpyxl
import pytest
from test_intake import demo, good, receive, sent  # noqa: F401

from plananalysis import round as intake
from plananalysis.returns import read_return
from plananalysis.returns.counted import rows_for_observations

ANSWER = "新建婚检中心停业三个月"


@pytest.fixture
def asked(demo):  # noqa: F811
    """A return with one question (a jump of W01) and one error (W04), the workbook of questions opened."""
    receive(demo, sent(demo, "a.xlsx", good(demo, W01__value=29.47, C03__value="80.2①")))
    (path,) = intake.questions(demo, "demo", 2025, demo / "out")
    return demo, path, openpyxl.load_workbook(path)


def question(book, series):
    return next(row for row in book["问题清单"].iter_rows(min_row=3) if row[3].value == series)


def test_an_answer_beside_the_question_is_kept_and_the_question_not_asked_again(asked):
    root, path, book = asked
    question(book, "W01")[10].value = ANSWER
    question(book, "C03")[10].value = "注记是上级要求的"
    book.save(path)
    (back,) = receive(root, path, on="2026-05-04").files
    answered = {i.series: (i.explanation, i.open) for i in back.issues if i.rule == "jump"}
    assert answered == {"W01": (ANSWER, False)}
    (now,) = intake.standing(root, "demo", 2025)
    assert {i.series for i in now.open} == {"C03"}  # an error is mended, not explained away
    row = next(r for r in now.found.rows if r.series == "W01")
    assert row.explanation == ANSWER
    (again,) = intake.questions(root, "demo", 2025, root / "again")
    sheets = openpyxl.load_workbook(again)
    assert {r[3].value for r in sheets["问题清单"].iter_rows(min_row=3)} == {"C03"}
    assert sheets["填报表"]["P7"].value == ANSWER
    assert question(sheets, "C03")[10].value == "注记是上级要求的"
    twice = receive(root, again, on="2026-05-05").files[0]
    assert {i.explanation for i in twice.issues if i.series == "W01"} == {
        ANSWER
    }  # said once, however often it comes back
    kept = [r for r in rows_for_observations(now.found) if r["series"] == "W01"]
    assert [r["note"] for r in kept] == [ANSWER]


def test_an_answer_stands_beside_what_the_unit_wrote_in_the_row(asked):
    root, path, book = asked
    book["填报表"]["P7"] = "见附件"
    question(book, "W01")[10].value = ANSWER
    book.save(path)
    found = read_return(path.read_bytes(), path.name, corpus.book(root))
    assert next(r for r in found.rows if r.series == "W01").explanation == f"见附件；{ANSWER}"


def test_an_answer_that_belongs_to_no_row_is_told(asked):
    root, path, book = asked
    sheet = book["问题清单"]
    for place, text in enumerate(("9", "", "", "W99", "", "", "2025", "", "", "", "没有这个指标")):
        sheet.cell(sheet.max_row + (place == 0), place + 1).value = text
    stream = io.BytesIO()
    book.save(stream)
    found = read_return(stream.getvalue(), path.name, corpus.book(root))
    (told,) = [i for i in found.issues if i.rule == "answer_alone"]
    assert (told.value, told.severity, told.sheet) == ("没有这个指标", "提示", "问题清单") and told.cell.startswith("K")


# --- comments to cells ---------------------------------------------------------------------------------------------------


def commented(root, where="J7", text=ANSWER, author="张工", **cells):
    """A form with a comment to a cell, as Excel writes it: the author's name stands before what was written."""
    book = openpyxl.load_workbook(io.BytesIO(good(root, W01__value=29.47, **cells)))
    book["填报表"][where].comment = openpyxl.comments.Comment(f"{author}:\n{text}" if author else text, author)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def jump(result):
    return {(i.explanation, i.open) for i in result.issues if (i.rule, i.series) == ("jump", "W01")}


@pytest.mark.parametrize(("where", "author"), [("J7", "张工"), ("B7", ""), ("Q7", "Administrator")])
def test_a_comment_to_a_cell_of_the_line_answers_the_question(demo, where, author):  # noqa: F811
    (one,) = receive(demo, sent(demo, "a.xlsx", commented(demo, where, author=author))).files
    assert jump(one) == {(ANSWER, False)}
    (now,) = intake.standing(demo, "demo", 2025)
    assert now.open == () and {r["note"] for r in rows_for_observations(now.found) if r["series"] == "W01"} == {ANSWER}


def test_a_comment_is_not_said_twice_nor_lost_when_questions_go_back(demo):  # noqa: F811
    receive(demo, sent(demo, "a.xlsx", commented(demo, C03__value="80.2①", W01__note=ANSWER)))
    (now,) = intake.standing(demo, "demo", 2025)
    assert {i.explanation for i in now.issues if i.series == "W01"} == {ANSWER}
    receive(demo, sent(demo, "b.xlsx", commented(demo, C03__value="80.2①")), on="2026-05-01")
    (path,) = intake.questions(demo, "demo", 2025, demo / "out")
    assert openpyxl.load_workbook(path)["填报表"]["P7"].value == ANSWER


def test_the_notes_a_form_came_with_are_not_the_units_words_but_what_is_added_to_them_is(asked):
    root, path, book = asked
    (back,) = receive(root, path, on="2026-05-04").files
    assert jump(back) == {("", True)}
    note = book["填报表"]["J7"].comment
    assert note.text.startswith("[需说明] ")
    note.text += f"\n{ANSWER}"
    book.save(path)
    (back,) = receive(root, path, on="2026-05-05").files
    assert jump(back) == {(ANSWER, False)}


def test_a_comment_about_no_line_is_told(demo):  # noqa: F811
    (one,) = receive(demo, sent(demo, "a.xlsx", commented(demo, "A6"))).files
    (told,) = [i for i in one.issues if i.rule == "comment_alone"]
    assert (told.cell, told.value, told.open) == ("A6", ANSWER, False) and jump(one) == {("", True)}


def test_a_thread_of_comments_is_read_as_it_was_written(demo):  # noqa: F811
    """Newer programs keep threads beside a copy for older ones, which begins with an instruction."""
    data = commented(demo, text="[线程批注]\n您的Excel版本可读取此线程批注……\n注释:\n    停业", author="tc={1}")
    thread = (
        '<?xml version="1.0"?><ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        f'<threadedComment ref="J7" id="{{1}}"><text>{ANSWER}</text></threadedComment>\n'
        '<threadedComment ref="J7" id="{2}" parentId="{1}"><text>已附证明</text></threadedComment></ThreadedComments>'
    )
    relation = (
        '<Relationship Id="rId9" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" '
        'Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "xl/worksheets/_rels/sheet1.xml.rels":
                content = content.replace(b"</Relationships>", relation.encode())
            new.writestr(part, content)
        new.writestr("xl/threadedComments/threadedComment1.xml", thread)
    (one,) = receive(demo, sent(demo, "a.xlsx", out.getvalue())).files
    assert jump(one) == {(f"{ANSWER}；已附证明", False)}


@pytest.mark.slow
@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice converts the files")
@pytest.mark.parametrize(("suffix", "kind"), [(".xls", "xls:MS Excel 97"), (".ods", "ods")])
def test_comments_of_other_formats_are_read_too(demo, suffix, kind):  # noqa: F811
    path = sent(demo, "form.xlsx", commented(demo, author=""))
    command = ["soffice", f"-env:UserInstallation=file://{demo}/profile", "--headless", "--convert-to", kind]
    subprocess.run([*command, "--outdir", str(demo), str(path)], check=True, capture_output=True, timeout=900)
    (one,) = receive(demo, demo / f"form{suffix}").files
    assert jump(one) == {(ANSWER, False)}
