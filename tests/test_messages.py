"""mail in, list and reminders out: what an office gets and sends without opening twenty workbooks."""

import io
import zipfile
from email.message import EmailMessage

import docx
import intake_corpus as corpus
import openpyxl
import pytest
from intake_corpus import good, sent

from plananalysis import round as intake
from plananalysis.base.errors import UsageError
from plananalysis.returns import register
from plananalysis.round.mail import read_mail

DAY = "2026-04-20"
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@pytest.fixture
def demo(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    return tmp_path


def mail(*files, on="Mon, 20 Apr 2026 09:30:00 +0800", text="附报表，请查收。"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "2025年度报表"
    if on:
        message["Date"] = on
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype=XLSX[0], subtype=XLSX[1], filename=name)
    return message


def police():
    return corpus.bare(
        [["W04", "侮辱妇女刑事案件发生数", "合计", 2025, 11, 11]], above=("填报单位：区公安分局", "数据年度：2025")
    )


def test_a_folder_of_mails_is_taken_in_with_the_day_of_each(demo):
    box = demo / "收件"
    box.mkdir()
    (box / "1.eml").write_bytes(mail(("区卫健委年度报表.xlsx", good(demo))).as_bytes())
    forwarded = mail(on="Tue, 02 Jun 2026 16:00:00 +0800", text="转来")
    forwarded.add_attachment(mail(("公安.xlsx", police()), on="Mon, 01 Jun 2026 08:00:00 +0800"))
    (box / "2.eml").write_bytes(forwarded.as_bytes())
    result = intake.receive(demo, "demo", [box], "", "监测组", today="2026-06-30")
    assert {(f.file, f.unit, f.refused) for f in result.files} == {
        ("区卫健委年度报表.xlsx", "health", False),
        ("公安.xlsx", "police", False),
    }
    assert {s.unit: s.received_on for s in register.submissions(demo, "demo")} == {
        "health": "2026-04-20",
        "police": "2026-06-02",
    }


def test_a_mail_brings_archives_and_an_archive_brings_mails(demo):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("公安.xlsx", police())
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("导出/来信.eml", mail(("附件.zip", packed.getvalue())).as_bytes())
    result = intake.check_files(demo, "demo", [sent(demo, "邮箱.zip", whole.getvalue())])
    assert [(f.file, f.unit) for f in result.files] == [("公安.xlsx", "police")]


def test_names_in_the_bytes_of_gbk_and_pictures_of_a_signature(demo):
    message = mail(("x.xlsx", good(demo)))
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png", cid="<logo>")
    data = message.as_bytes().replace(b'filename="x.xlsx"', b'filename="' + "区卫健委.xlsx".encode("gbk") + b'"')
    (one,) = intake.check_files(demo, "demo", [sent(demo, "a.eml", data)]).files
    assert (one.file, one.unit) == ("区卫健委.xlsx", "health")


def test_a_day_that_cannot_be_is_the_day_of_intake(demo):
    data = mail(("a.xlsx", good(demo)), on="Mon, 20 Apr 2099 09:30:00 +0800").as_bytes()
    intake.receive(demo, "demo", [sent(demo, "a.eml", data)], "", "监测组", today="2026-06-30")
    assert [s.received_on for s in register.submissions(demo, "demo")] == ["2026-06-30"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no header at all", b"From: a\r\n\r\n", b"\xff\xfe" * 500])
def test_what_is_no_mail_or_brings_nothing_is_named(demo, data):
    with pytest.raises(UsageError, match=r"信\.eml"):
        intake.receive(demo, "demo", [sent(demo, "信.eml", data)], DAY, "监测组")
    assert not register.folder(demo, "demo").exists()


def test_a_mail_nested_without_end_is_refused():
    begin = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    with pytest.raises(ValueError, match=r"."):
        read_mail(b"From: a\r\n" + begin * 3000)


# --- the list ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def partly(demo):
    intake.receive(
        demo, "demo", [sent(demo, "卫健.xlsx", good(demo, W01__value=29.47, C03__value=""))], "2026-06-20", "监测组"
    )
    intake.accept_clean(demo, "demo", 2025, "监测组", "2026-06-21")
    return demo


def test_the_list_of_the_round_is_a_workbook_and_a_page(partly):
    paths = intake.write_list(partly, "demo", 2025, partly / "out", "2026-07-01")
    assert [p.name for p in paths] == ["2025_round.xlsx", "2025_round.html"]
    book = openpyxl.load_workbook(paths[0])
    assert book.sheetnames == ["报送情况", "问题清单"]
    rows = [[c.value for c in row] for row in book["报送情况"].iter_rows()]
    head = next(i for i, row in enumerate(rows) if row[0] == "责任单位")
    units = {row[0]: dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]}
    health, police_row = units["区卫健委"], units["区公安分局"]
    assert (health["报送状态"], health["已通过"], health["待审核"], health["待答问题"]) == ("逾期报送", 3, 1, 2)
    assert (police_row["报送状态"], police_row["收到日期"]) == ("逾期未报", None)
    asked = [[c.value for c in row] for row in book["问题清单"].iter_rows()]
    assert any(row[3] == "W01 婚前医学检查率" and row[6] == "29.47" and row[9] == "待答" for row in asked)
    page = paths[1].read_text(encoding="utf-8")
    assert "逾期未报" in page and "W01 婚前医学检查率" in page and "示例数据（虚构）" in page
    before = [p.read_bytes() for p in paths]
    again = intake.write_list(partly, "demo", 2025, partly / "out", "2026-07-01")
    assert [p.read_bytes() for p in again] == before


@pytest.mark.parametrize(
    ("received_on", "today", "state"),
    [
        ("2026-05-31", "2026-07-01", "in_time"),
        ("2026-06-01", "2026-07-01", "late"),
        ("", "2026-05-31", "not_due"),
        ("", "2026-06-01", "overdue"),
    ],
)
def test_a_return_is_late_from_the_day_after_the_last_day_on(received_on, today, state):
    row = {"received_on": received_on, "due": "2026-05-31", "expected": 3}
    assert intake.timeliness(row, today) == state
    if not received_on:
        assert intake.timeliness({**row, "expected": 0}, today) == "nothing"


# --- reminders ---------------------------------------------------------------------------------------------------------------


def text_of(path):
    paper = docx.Document(str(path))
    cells = [c.text for t in paper.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


def test_a_reminder_says_what_is_missing_since_when_and_what_is_to_be_answered(partly):
    paths = {p.name: text_of(p) for p in intake.write_reminders(partly, "demo", 2025, partly / "out", "2026-07-01")}
    assert set(paths) == {
        "2025_health_区卫健委_催报函.docx",
        "2025_labour_区人社局_催报函.docx",
        "2025_police_区公安分局_催报函.docx",
    }
    health, silent = paths["2025_health_区卫健委_催报函.docx"], paths["2025_police_区公安分局_催报函.docx"]
    assert "区卫健委：" in health and "2026年6月20日报送" in health
    assert "尚有1项未报数值，也未说明缺报原因：C03" in health and "1处问题尚未答复" in health and "29.47" in health
    assert "已逾期31天" in silent and "W04 侮辱妇女刑事案件发生数" in silent and "问题尚未答复" not in silent
    assert "单元格批注" in silent


def test_before_the_last_day_nobody_is_told_to_be_late_and_one_unit_can_be_written_to(partly):
    (path,) = intake.write_reminders(partly, "demo", 2025, partly / "out", "2026-05-20", ["区公安分局"])
    assert "逾期" not in text_of(path) and "报送截止日为2026年5月31日" in text_of(path)
    with pytest.raises(UsageError, match="nobody"):
        intake.write_reminders(partly, "demo", 2025, partly / "out", "2026-05-20", ["nobody"])


def test_who_has_answered_everything_gets_no_letter(demo):
    intake.receive(demo, "demo", [sent(demo, "a.xlsx", good(demo))], DAY, "监测组")
    names = [p.name for p in intake.write_reminders(demo, "demo", 2025, demo / "out", "2026-07-01")]
    assert names and not any("health" in name for name in names)
