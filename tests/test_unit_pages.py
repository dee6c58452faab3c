"""Unit sheets and evaluations: nothing of other units, and no sentence against its table in any outlook, kind or mode."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from openpyxl import load_workbook
from paper_edition import KINDS, UNIT, every_combination, page, row, silent, small, tables, text_of, write_edition

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.editions.opened import Published
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.pages import open_edition
from plananalysis.pages.midterm import timed
from plananalysis.pages.papers import report
from plananalysis.pages.papers.feedback import feedback_bytes
from plananalysis.pages.rows import late
from plananalysis.render import page as render

ROUND = {"unit": "health", "name": "区卫健委", "year": 2025, "expected": 9, "received_on": "2026-05-20", "due": "2026-05-31",
         "on_time": True, "reported": 7, "explained": 1, "accepted": 0, "provisional": 0, "waiting": 7,
         "versions": 1, "used_from": "", "accepted_on": "", "open_errors": 1, "open_questions": 2, "waived": 1,
         "never_reported": 0, "never_series": ""}  # fmt: skip
QUESTION = {"unit": "health", "severity": "explain", "file": "a.xlsx", "sheet": "填报", "cell": "D7", "series": "W001", "group": "total",
            "year": 2025, "value": "70", "message": "变动超过三成", "advice": "请说明原因", "state": "open", "reason": ""}  # fmt: skip


def shared_with(unit: str, code: str, **cells: object) -> dict[str, object]:
    return row(code, "hard", responsible_units=unit, **cells)


# ---- nothing of other units ----------------------------------------------------------------------------------------


def two_units(root: Path, secret: float, word: str) -> Published:
    """One edition of two units, in which everything that is the other unit's own depends on ``secret`` and ``word``."""
    other = {
        "value": secret,
        "value_text": f"{secret}%",
        "reason": word,
        "previous_value": secret,
        "probability": secret / 100,
    }
    write_edition(
        root,
        [
            shared_with("区卫健委", "W001"),
            shared_with("区教委;区卫健委", "W002"),
            shared_with("区教委", "W003", **other),
            silent("W004", unit="区教委"),
        ],
        accountability=pd.DataFrame([ROUND, ROUND | {"unit": "education", "name": "区教委", "reported": int(secret)}]),
        return_questions=pd.DataFrame([QUESTION, QUESTION | {"unit": "区教委", "series": "W003", "message": word}]),
        quality=pd.DataFrame(
            [{"severity": "error", "rule": "unit_slip", "series": s, "group": "total", "year": 2024, "value": str(secret), "submission": word,
              "file_row": 3, "column": "value", "message": word, "advice": word} for s in ("W003", "W004")]
        ),
        completeness=pd.DataFrame([{"unit": "education", "name": "区教委", "series": 2, "due": 2, "reported": int(secret)}]),
        actions=pd.DataFrame(
            [{"action": "A1", "series": "W003", "unit": "education", "kind": "reach", "title": word, "start": "2024-01-01", "end": "",
              "status": "under_way", "good_practice": "no", "source": "x", "note": word}]
        ),
        changes=pd.DataFrame(
            [{"series": "W003", "from_outlook": "likely", "to_outlook": "hard", "from_probability": 0.7,
              "to_probability": secret / 100, "cause": "new_data", "sentence": word}]
        ),
        earlier=pd.DataFrame([{"series": "W003", "year": 2024, "position": "met", "outlook": "likely", "probability": secret / 100}]),
    )  # fmt: skip
    return open_edition("paper", 2025, root)


def test_a_units_sheet_does_not_depend_on_anything_of_other_units(tmp_path: Path):
    one, other = two_units(tmp_path / "a", 31.7, "甲方内情"), two_units(tmp_path / "b", 62.3, "乙方内情")
    sheets = [page(edition.unit_page("health"), UNIT) for edition in (one, other)]
    assert sheets[0] == sheets[1]
    for word in ("W003", "W004", "内情", "31.7"):
        assert word not in sheets[0], word
    assert "区教委" in text_of(one.unit_page("health").shared()._repr_html_())  # who shares a target is public
    theirs = page(one.unit_page("education"), UNIT)
    assert "甲方内情" in theirs and "31.7" in theirs, "the test looks for what is nowhere"


def test_a_shared_series_is_questioned_where_it_is_led(tmp_path: Path):
    finding = {"severity": "error", "rule": "unit_slip", "series": "W002", "group": "total", "year": 2024, "value": "7", "submission": "x",
               "file_row": 3, "column": "value", "message": "疑似单位错误", "advice": "请核对"}  # fmt: skip
    edition = small(tmp_path, shared_with("区教委;区卫健委", "W002"), quality=pd.DataFrame([finding]))
    assert "疑似单位错误" in edition.unit_page("education").questions()._repr_html_()
    other = edition.unit_page("health")
    assert "疑似单位错误" not in page(other, UNIT)
    assert "负责的目标1项，其中牵头0项、共同负责1项" in text_of(other.targets()._repr_html_())


def test_an_unknown_unit_is_told_the_known_ones(tmp_path: Path):
    with pytest.raises(UsageError, match="health、education"):
        small(tmp_path, row("W001", "hard")).unit_page("helath")


# ---- what it says --------------------------------------------------------------------------------------------------


def test_the_round_is_told_with_its_dates_and_what_is_open(tmp_path: Path):
    waived = QUESTION | {"state": "waived", "reason": "区划调整", "cell": "D9", "message": "与上年相同"}
    edition = small(
        tmp_path,
        row("W001", "hard"),
        accountability=pd.DataFrame([ROUND]),
        return_questions=pd.DataFrame([waived, QUESTION]),
    )
    sheet = edition.unit_page("health")
    assert (
        "2025年数据填报表2026-05-20收到，报送截止日2026-05-31，按期报送；应报9项，已报7项，说明缺报原因1项。尚未审核通过。"
        in text_of(sheet.reported()._repr_html_())
    )
    (asked,) = tables(sheet.questions()._repr_html_())
    assert [line[0] for line in asked[1:]] == ["待答", "不再追问"]
    assert (
        asked[1][2:8] == ["填报 D7", "W001指标W001", "2025", "70", "变动超过三成", "请说明原因"]
        and asked[2][-1] == "区划调整"
    )
    assert "填报表待答的问题1个，不再追问的1个" in text_of(sheet.questions()._repr_html_())
    assert "1处待说明或更正，至迟随下一次报送（" in text_of(sheet.todo()._repr_html_())
    over = text_of(ended(tmp_path).unit_page("health").todo()._repr_html_())  # nothing is due in a period that is over
    assert "1处待说明或更正，请尽快答复。" in over and "报送" not in over


def test_the_workbook_tells_the_round_and_its_questions_as_the_page_does_and_nothing_of_others(tmp_path: Path):
    edition = two_units(tmp_path, 31.7, "内情")
    data = feedback_bytes(edition, "health")
    sheets = {
        s.title: [[c.value for c in line] for line in s.iter_rows()] for s in load_workbook(BytesIO(data)).worksheets
    }
    summary = {line[0]: line[1] for line in sheets[say("documents.sheet.summary")]}
    assert [summary[k] for k in ("填报表收到日期", "是否按期", "审核通过日期", "应报项数", "待答问题")] == [
        "2026-05-20",
        "按期",
        "尚无",
        9,
        2,
    ]
    asked = [line for line in sheets["待答问题"] if line[0] == "待答"]
    assert [line[2] for line in asked] == ["填报 D7"] and asked[0][8:10] == ["变动超过三成", "请说明原因"]
    text = str(sheets)
    assert not [word for word in ("W003", "W004", "内情", "31.7") if word in text]


@pytest.mark.parametrize(("cells", "words"), [({"received_on": "", "on_time": ""}, "尚未收到"), ({"on_time": False}, "逾期报送"),
                                              ({"accepted_on": "2026-06-02"}, "已于2026-06-02审核通过")])  # fmt: skip
def test_a_late_a_missing_and_an_accepted_return_are_called_so(tmp_path: Path, cells: dict[str, object], words: str):
    edition = small(tmp_path, row("W001", "hard"), accountability=pd.DataFrame([ROUND | cells]))
    assert words in text_of(edition.unit_page("health").reported()._repr_html_())


def test_without_forms_there_is_a_sentence_and_no_empty_table(tmp_path: Path):
    sheet = small(tmp_path, row("W001", "hard")).unit_page("health")
    assert "本地区尚未用填报表报送" in text_of(sheet.reported()._repr_html_())
    assert "<table" not in sheet.reported()._repr_html_() + sheet.questions()._repr_html_()
    nothing = small(tmp_path / "b", row("W001", "hard")).unit_page("education")  # it shares a target and leads none
    assert "没有牵头报送的指标" in text_of(nothing.due()._repr_html_())


def test_what_is_due_names_missing_years_and_the_value_the_way_asks_for(tmp_path: Path):
    edition = small(tmp_path, row("W001", "hard"), silent("W002"))
    due = edition.unit_page("health").due()._repr_html_()
    (lines,) = tables(due)
    assert lines[1][0] == "W001指标W001" and lines[1][-2:] == ["—", "72"]
    assert lines[2][-2:] == ["2020、2021、2022、2023、2024、2025", "—"]
    told = text_of(edition.unit_page("health").todo()._repr_html_())
    assert "2027-05-31前报送2026年数据，每年报送的指标2项。" in told


# ---- no sentence against its table ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every outlook with every kind of target, with what two earlier editions said, over when 2025 is the target year."""
    root = tmp_path_factory.mktemp("combined")
    rows = every_combination()
    said = [{"series": r["series"], "year": year, "position": "not_met", "outlook": outlook, "probability": 0.5, "value_text": "", "value_year": year}
            for r in rows if r["role"] != "part" for year, outlook in ((2023, "uncertain"), (2024, "likely"))]  # fmt: skip
    write_edition(root, rows, earlier=pd.DataFrame(said))
    return root


def test_every_row_of_a_units_sheet_has_its_own_outlook_and_the_kinds_of_action_its_cells_ask_for(combined: Path):
    sheet = open_edition("paper", 2025, combined).unit_page("health")
    found = sheet.targets()._repr_html_()
    codes = [r.text("series") for r in sheet.rows]
    assert len(codes) == len(OUTLOOKS) * len(KINDS)
    blocks = re.split(r"<tbody[^>]*>", found)[1:]
    for record, block in zip(sheet.rows, blocks, strict=True):
        words = [o for o in OUTLOOKS if f">{say(f'outlook.{o}')}<" in re.sub(r"<svg.*?</svg>", ">", block)]
        assert words == [record.text("outlook")], record.text("series")
        alerted = "hard_to_reach" in record.text("alerts")
        assert (say("alert.hard_to_reach") in block) == alerted
    kinds = {line[0]: {*re.findall(r"[WC]\d{3}", line[-1])} for line in tables(sheet.measures()._repr_html_())[0][1:]}
    for kind, holds in (
        ("加快达标", lambda r: r.text("position") == "not_met"),
        ("巩固成果", lambda r: r.text("outlook") == "met_slipping"),
        ("补齐数据", lambda r: r.text("outlook") == "no_data"),
    ):
        assert kinds.get(kind, set()) == {r.text("series") for r in sheet.rows if holds(r)}, kind
    total = re.search(r"本单位负责的目标(\d+)项，其中牵头(\d+)项、共同负责(\d+)项：(.*?)。", text_of(found))
    assert int(total[1]) == int(total[2]) + int(total[3]) == len(codes) == int(total[2])
    assert sum(map(int, re.findall(r"(\d+)项", total[4]))) == len(codes)


def test_a_midterm_says_of_every_target_how_far_it_is_as_its_cells_have_it(combined: Path):
    edition = open_edition("paper", 2025, combined, mode="midterm")
    made = edition.brief().evaluation()._repr_html_()
    progress = next(t for t in tables(made) if t[0][0] == "指标" and t[0][-1] == say("column.schedule"))
    lines = {re.match(r"[WC]\d+(\.\d)?", line[0])[0]: line for line in progress[1:]}
    numeric = {
        c: r
        for c, r in edition.assessments.items()
        if r.text("kind") in ("threshold", "about", "within_band", "fall_clearly")
    }
    assert lines.keys() == numeric.keys()
    for code, record in numeric.items():
        *_, gap, task, time, word = lines[code]
        assert (task, time) == ("25%", "50%")
        assert (gap == say("position.met")) == (record.text("position") == "met")
        schedule = record.text("schedule")
        assert word == (say(f"schedule.{schedule}") if schedule != "not_applicable" else "—")
    held = timed(list(numeric.values()))
    sentence = re.search(
        r"有数值目标的(\d+)项.*?已达标(\d+)项；能够比较任务进度与时间进度的(\d+)项中，快于时序0项、符合时序0项、慢于时序(\d+)项",
        text_of(made),
    )
    met = sum(r.text("position") == "met" for r in numeric.values())
    assert list(map(int, sentence.groups())) == [len(numeric), met, len(held), len(held)]
    assert 'class="progress-dots"' in made and "项目标的任务进度" in made
    assert "终期" not in made and edition.brief().one_page()._repr_html_() != ""


def test_targets_are_listed_for_adjustment_by_stated_criteria_only(tmp_path: Path):
    edition = small(
        tmp_path,
        row("W001", "hard"),
        row("W002", "likely", operator_source="inferred"),
        row("W003", "met_secure", probability=0.97),
        row("W004", "met_secure", probability=0.94),
        row("W005", "met_secure", task_progress=None, schedule="not_applicable"),
        row("W007", "uncertain", task_progress=None, schedule="not_applicable"),
        row("W006", "needs_judgement", kind="keep_reasonable", why_no_probability="no_band"),
    )
    made = open_edition("paper", 2025, tmp_path, mode="midterm").brief().evaluation()._repr_html_()
    assert edition.brief().evaluation()._repr_html_() == ""
    adjust = next(t for t in tables(made) if t[0][-1] == say("column.adjust"))
    assert {line[0][:4]: line[-1] for line in adjust[1:]} == {
        "W002": say("documents.reason.inferred"),
        "W003": say("documents.reason.met_early"),
        "W005": say("documents.reason.met_at_base"),
        "W006": say("documents.reason.no_band"),
    }
    assert "列入条件" in text_of(made)


def ended(root: Path, target_year: int = 2025) -> Published:
    """The same edition as if its plan period had ended."""
    info = root / "data" / "processed" / "paper" / "2025" / "edition.json"
    text = info.read_text(encoding="utf-8")
    try:
        info.write_text(text.replace('"target_year": 2030', f'"target_year": {target_year}'), encoding="utf-8")
        return replace(open_edition("paper", 2025, root), mode="final")
    finally:
        info.write_text(text, encoding="utf-8")


def test_the_unit_that_missed_most_comes_first_and_one_that_missed_nothing_is_not_listed(tmp_path: Path):
    rows = [
        row("W001", "hard", responsible_units="区教委;区卫健委"),
        row("W002", "hard"),
        row("W003", "hard"),
        row("W004", "met_secure"),
    ]
    write_edition(tmp_path, [*rows, row("W005", "met_secure", responsible_units="区妇联")])
    brief = ended(tmp_path).brief()
    first = tables(brief.one_page()._repr_html_())[0]
    assert [line[:2] for line in first[1:]] == [["区卫健委", "2"], ["区教委", "1"]]
    listed = tables(brief.units()._repr_html_())[0]
    place = listed[0].index(say("column.missed"))
    assert [(line[0], line[1], line[place][:1]) for line in listed[1:]] == [
        ("区卫健委", "3", "2"),
        ("区教委", "1", "1"),
        ("区妇联", "1", "—"),
    ]


def test_a_final_says_of_every_target_whether_it_was_reached_and_nothing_of_chances(combined: Path):
    edition = ended(combined)
    brief = edition.brief()
    assert all(
        getattr(brief, part)()._repr_html_() == "" for part in ("expected", "action", "watch", "map", "changes", "rows")
    )
    made = brief.evaluation()._repr_html_()
    decisive = next(t for t in tables(made) if t[0][-1] == say("column.result") and t[0][-2] == "距目标")
    verdicts = {line[0][:4]: line[-1] for line in decisive[1:]}
    assert verdicts == {r.text("series"): say(f"documents.final.{r.text('position')}") for r in edition.rows}
    places = [r.text("position") for r in edition.rows]
    first = brief.one_page()._repr_html_()
    sentence = re.search(r"能够判断的(\d+)项目标中，(\d+)项达到目标，.*?；但(\d+)项未达到", text_of(first))
    met, missed = places.count("met"), places.count("not_met")
    assert list(map(int, sentence.groups())) == [met + missed, met, missed]
    by_unit = tables(brief.units()._repr_html_())[0]
    led, place = (
        [r.text("lead_name") for r in edition.rows if r.text("position") == "not_met"],
        by_unit[0].index(say("column.missed")),
    )
    counts = {line[0]: line[place].partition(" ") for line in by_unit[1:]}
    assert {unit: int(n) for unit, (n, _, _) in counts.items() if n != "—"} == {unit: led.count(unit) for unit in led}
    assert all(len(names.split(say("joint.list"))) == int(n) for n, _, names in counts.values() if n != "—")
    assert "概率" not in text_of(first)
    assert "概率" not in text_of(made)
    assert f"展望为“稳固”或“有望达标”的{met + missed}项次中，后来达标{met}项次" in text_of(made)


def test_what_was_said_of_a_period_is_no_record_before_it_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What is withheld from the public needs a whole plan, and is tested where it is done."""
    opened = report.opened
    monkeypatch.setattr(report, "opened", lambda *asked, **form: opened(*asked, **form | {"audience": "internal"}))
    said = pd.DataFrame([{"series": "W001", "year": 2024, "position": "met", "outlook": "likely", "probability": 0.7}])
    info = write_edition(tmp_path, [row("W001", "met_secure")], earlier=said) / "edition.json"
    assert report.national_record(tmp_path, "paper") is None
    text = info.read_text(encoding="utf-8").replace('"target_year": 2030', '"target_year": 2025')
    info.write_text(text, encoding="utf-8")
    _, held = report.national_record(tmp_path, "paper")
    assert [(s.year, s.outlook, s.count, s.met) for s in held] == [(2024, "likely", 1, 1)]


def test_a_final_domain_page_says_reached_or_not_beside_every_figure(combined: Path):
    page_of = ended(combined).domain_page("women.health")
    for record in page_of._rows:
        block = page_of.series()._repr_html_().split(f'id="{record.text("series")}"')[1]
        verdict = text_of(re.search(r'class="verdict">(.*?)</header>', block)[1])
        assert verdict == say(f"documents.final.{record.text('position')}"), record.text("series")
    assert page_of.summary()._repr_html_() == page_of.targets()._repr_html_() == page_of.gaps()._repr_html_() == ""


def test_a_section_with_nothing_in_it_is_left_out_with_its_heading():
    def cell(markup: str) -> NotebookNode:
        return new_code_cell("", outputs=[new_output("display_data", data={"text/html": markup})])

    cells = [new_markdown_cell("# 标题"), cell("<p>头</p>"), new_markdown_cell("## 甲"), cell(" "), cell("<p>丙</p>"),
             new_markdown_cell("## 丁"), cell("<p>戊</p>"), new_markdown_cell("## 己"), cell("")]  # fmt: skip
    frame = render.Frame(title="", kind="overview")
    shown = text_of(render.page(new_notebook(cells=cells), frame).html.partition("<main")[2])
    assert [w for w in "头甲丙丁戊己" if w in shown] == list("头丙丁戊")
    assert "标题" in shown


def test_a_final_dates_a_verdict_that_rests_on_an_older_value(tmp_path: Path):
    small(tmp_path, row("W001", "hard"), row("W002", "met_secure", value_year=2025))
    edition = ended(tmp_path, 2026)
    assert all(late(edition, r) for r in edition.rows)
    made = text_of(edition.brief().evaluation()._repr_html_())
    assert "未达到目标（按2025年）" in made
    assert "其中缺2026年数据、按较早年份判断的2项" in text_of(edition.brief().one_page()._repr_html_())
    assert "本规划期此前没有可供回顾的年度版本" in made
