"""answers: what a unit writes beside the questions comes back with its return, and nothing answered is asked again."""

import io

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
