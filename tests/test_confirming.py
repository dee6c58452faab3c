"""目标读法确认表: what has to be confirmed, what hangs on it, and decisions that count from their day."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import openpyxl
import pytest

from plananalysis.base.errors import DataError
from plananalysis.cli import run_command
from plananalysis.editions.otherwise import Otherwise, verdicts_under
from plananalysis.onboarding import Question, questions, read_form, write_form
from plananalysis.plan import load_plan

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
TODAY = "2026-11-28"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Jiangbei as it is, free to be changed."""
    raw = tmp_path / "data" / "raw"
    shutil.copytree(RAW / "jiangbei", raw / "jiangbei", ignore=shutil.ignore_patterns("source"))
    for name in ("thresholds.toml", "groups.csv"):
        shutil.copy(RAW / name, raw)
    settings = raw / "jiangbei" / "area.toml"
    text = settings.read_text(encoding="utf-8").replace('comparators = ["chongqing", "china"]', "comparators = []")
    settings.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    return questions(ROOT, "example")


class Form:
    """The form as an office fills it, by code of the row."""

    def __init__(self, project: Path, name: str = "确认表.xlsx") -> None:
        self.path = project / name
        write_form(project, "jiangbei", self.path)
        self.book = openpyxl.load_workbook(self.path)
        self.page = self.book.active
        self.heads = {str(c.value).split()[-1]: c.column for c in self.page[5] if c.value}

    def row(self, code: str) -> int:
        return next(r for r in range(6, self.page.max_row + 1) if self.page.cell(r, self.heads["code"]).value == code)

    def decide(self, code: str, decision: str, **cells: object) -> Form:
        for key, value in {"decision": decision, **cells}.items():
            self.page.cell(self.row(code), self.heads[key], value)
        return self

    def cell(self, code: str, key: str) -> str:
        return self.page.cell(self.row(code), self.heads[key]).coordinate

    def signed(self, by: str = "监测评估领导小组", on: str = "2026-11-20") -> Path:
        self.page["B3"], self.page["F3"] = by, on
        self.book.save(self.path)
        return self.path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_every_inferred_sign_missing_band_and_tolerance_has_one_row(project: Path) -> None:
    plan = load_plan(project, "jiangbei")
    found = questions(project, "jiangbei")
    wanted = {
        c
        for c in plan.targets.index
        if plan.reading(c).operator_source == "inferred" and plan.reading(c).kind != "worst_part"
    }
    wanted |= {c for c in plan.targets.index if plan.reading(c).kind == "keep_reasonable"}
    assert [q.code for q in found if q.topic != "tolerance"] == [c for c in plan.targets.index if c in wanted]
    assert [q.code for q in found if q.topic == "tolerance"] == [
        "about_tolerance",
        "marked_decrease",
        "relative_tolerance",
    ]
    assert all(q.evidence for q in found)


def test_the_effect_is_the_verdict_the_edition_would_have(asked: list[Question]) -> None:
    """Held against the engine asked directly, with one reading changed alone."""
    row = next(q for q in asked if q.code == "W04")
    _, _, (now, alone) = verdicts_under(ROOT, "example", [Otherwise({"W04": {"kind": "about", "value": 94.0}}, {})])
    assert f"{100 * now['W04'].probability:.0f}%" in row.now  # type: ignore[operator]
    assert f"{100 * alone['W04'].probability:.0f}%" in row.effect  # type: ignore[operator]
    assert alone["W04"] != now["W04"] and alone["W03"] == now["W03"]


def test_a_tolerance_says_whose_verdict_it_changes(asked: list[Question]) -> None:
    row = next(q for q in asked if q.code == "about_tolerance")
    _, _, (now, other) = verdicts_under(ROOT, "example", [Otherwise({}, {"about_tolerance": 1.0})])
    changed = [c for c in row.target_text.split("、") if now[c].outlook != other[c].outlook]
    assert changed and all(f"{code} " in row.effect for code in changed)


# --- read back --------------------------------------------------------------------------------------------------------


def test_decisions_become_dated_rows_and_count_from_their_day(project: Path) -> None:
    form = (
        Form(project).decide("W03", "同意").decide("W20", "另定", kind="在区间内", low=45, high=55, reason="会议审定")
    )
    form.decide("about_tolerance", "另定", value_set=3, reason="会议审定")
    done = read_form(project, "jiangbei", form.signed(), TODAY)
    assert len(done.decisions) == 3
    plan = load_plan(project, "jiangbei")
    agreed, band = plan.reading("W03"), plan.reading("W20")
    assert (agreed.operator, agreed.value, agreed.operator_source) == ("<=", 8.0, "office")
    assert (band.kind, band.low, band.high, band.decided_on) == ("within_band", 45.0, 55.0, "2026-11-20")
    assert plan.thresholds.about_tolerance == 3.0
    assert plan.thresholds.decided == {"about_tolerance": "监测评估领导小组 2026-11-20"}
    earlier = load_plan(project, "jiangbei", 2024)  # its data closed before that day
    assert earlier.reading("W03").operator_source == "inferred" and earlier.thresholds.about_tolerance == 2.0
    assert {q.code for q in questions(project, "jiangbei")}.isdisjoint({"W03", "W20", "about_tolerance"})


def test_rows_without_a_decision_stay_as_they_are(project: Path) -> None:
    before = (project / "data/raw/jiangbei/plan/targets.csv").read_bytes()
    done = read_form(project, "jiangbei", Form(project).signed(), TODAY)
    assert (done.written, done.decisions) == ([], [])
    assert (project / "data/raw/jiangbei/plan/targets.csv").read_bytes() == before


def test_only_rows_are_added(project: Path) -> None:
    path = project / "data/raw/jiangbei/plan/targets.csv"
    before = rows_of(path)
    read_form(project, "jiangbei", Form(project).decide("W04", "同意").signed(), TODAY)
    assert rows_of(path)[:-1] == before and rows_of(path)[-1]["reason"] == "审定同意原读法"


def test_every_mistake_is_named_by_cell_and_nothing_is_stored(project: Path) -> None:
    before = (project / "data/raw/jiangbei/plan/targets.csv").read_bytes()
    form = (
        Form(project).decide("W04", "另定", kind="左右", value_set=940, reason="x").decide("W06", "", reason="没有选")
    )
    with pytest.raises(DataError) as error:
        read_form(project, "jiangbei", form.signed(by="", on="2026年13月1日"), TODAY)
    assert {p.column for p in error.value.problems} == {"B3", "F3", form.cell("W06", "decision")}
    form.decide("W06", None)  # type: ignore[arg-type]
    form.page.cell(form.row("W06"), form.heads["reason"]).value = None
    with pytest.raises(DataError) as error:
        read_form(project, "jiangbei", form.signed(), TODAY)
    assert {p.column for p in error.value.problems} == {form.cell("W04", "value_set")}
    with pytest.raises(DataError, match="晚于今天"):
        read_form(project, "jiangbei", form.signed(on="2027-01-01"), TODAY)
    assert (project / "data/raw/jiangbei/plan/targets.csv").read_bytes() == before


def test_a_decision_of_the_same_day_is_not_taken_twice(project: Path) -> None:
    form = Form(project).decide("W03", "同意")
    read_form(project, "jiangbei", form.signed(), TODAY)
    with pytest.raises(DataError, match="同一天或以后已有决定"):
        read_form(project, "jiangbei", form.signed(), TODAY)


def test_a_number_the_kind_does_not_need_is_not_dropped_in_silence(project: Path) -> None:
    form = Form(project).decide("W04", "另定", kind="左右", value_set=94, low=90, reason="x")
    with pytest.raises(DataError, match="用不着的"):
        read_form(project, "jiangbei", form.signed(), TODAY)


def test_a_tolerance_out_of_bounds_is_refused_at_its_cell(project: Path) -> None:
    form = Form(project).decide("marked_decrease", "另定", value_set="10%", reason="x")
    with pytest.raises(DataError) as error:
        read_form(project, "jiangbei", form.signed(), TODAY)
    assert [p.column for p in error.value.problems] == [form.cell("marked_decrease", "value_set")]


def test_the_page_names_who_decided_a_tolerance(project: Path) -> None:
    from plananalysis.editions import build
    from plananalysis.pages import open_edition

    read_form(project, "jiangbei", Form(project).decide("about_tolerance", "同意").signed(), TODAY)
    build(project, "jiangbei", n_paths=50)
    edition = open_edition("jiangbei", 2025, project)
    assert edition.signed_off("about_tolerance") == "监测评估领导小组 2026-11-20"
    assert edition.signed_off("marked_decrease") == ""
    assert "监测评估领导小组 2026-11-20审定" in edition.brief().thresholds()._repr_html_()


def test_by_command(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project)
    assert run_command(["readings", "--area", "jiangbei", "--to", "表.xlsx"]) == 0
    assert run_command(["readings", "--area", "jiangbei", "--from", "表.xlsx"]) == 3
    assert "没有填写审定机构" in capsys.readouterr().err
    assert run_command(["readings", "--area", "jiangbei"]) == 2
