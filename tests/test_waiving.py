"""waiving: a question about a value of a table is answered once, by a dated line, and never asked again while the value stays the same."""

import shutil
from pathlib import Path

import intake_corpus as corpus
import pytest

from plananalysis import round as intake
from plananalysis.base.errors import UsageError
from plananalysis.checks.doubts import in_error
from plananalysis.checks.quality import check_area
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import load_plan
from plananalysis.returns import register

TABLE = "2016-2024.csv"
QUESTION = ("unit_slip", "W01", "total", 2022)
ABOUT = ("监测组", "2026-05-02", "已与区卫健委核对。")


@pytest.fixture
def one_value_ten_times_too_small(tmp_path: Path) -> Path:
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    path = tmp_path / "data/raw/demo/observations" / TABLE
    text = path.read_text(encoding="utf-8")
    line = next(row for row in text.splitlines() if row.startswith("W01,total,2022,"))
    path.write_text(text.replace(line, line.replace(line.split(",")[3], "9.08")), encoding="utf-8")
    return tmp_path


def asked(root: Path, about: str = "W01", year: int = 2025) -> list[tuple[str, str, int]]:
    """Severity, rule and year of what the check says about an indicator."""
    plan, reported = load_plan(root, "demo", year), load_observations(root, "demo")
    table = check_area(root, plan, reported, as_known(reported, plan.known_on, plan.as_of))
    mine = table[(table["series"] == about) & table["rule"].isin(["unit_slip", "jump"])]
    return [tuple(row) for row in mine[["severity", "rule", "year"]].to_numpy().tolist()]


def test_a_waived_value_of_a_table_counts_and_the_decision_is_a_dated_line(one_value_ten_times_too_small):
    root = one_value_ten_times_too_small
    assert ("error", "unit_slip", 2022) in asked(root)
    (made,) = intake.waive_stored(root, "demo", [(TABLE, QUESTION)], *ABOUT, 2025)
    assert (made.submission, made.on, made.by) == (f"observations/{TABLE}", "2026-05-02", "监测组")
    assert register.reviews(root, "demo") == [made]
    assert asked(root) == [("hint", "unit_slip", 2022)]
    plan, reported = load_plan(root, "demo", 2025), load_observations(root, "demo")
    view = as_known(reported, plan.known_on, plan.as_of)
    assert "W01" in in_error(plan, view, None)
    told = check_area(root, plan, reported, view)
    message = str(told.loc[told["rule"] == "unit_slip", "message"].iloc[0])
    assert "已与区卫健委核对（监测组，2026-05-02）。" in message  # who decided, when and why, once and with one stop


def test_an_edition_that_had_closed_by_the_day_of_the_decision_asks_on(one_value_ten_times_too_small):
    root = one_value_ten_times_too_small
    (made,) = intake.waive_stored(root, "demo", [(TABLE, QUESTION)], "监测组", "2026-11-28", "核对", 2024)
    assert ("error", "unit_slip", 2022) in asked(root, year=2024)
    closing = load_plan(root, "demo", 2024).known_on
    assert intake.after_closing(root, "demo", [made], 2024) == {2024: closing}


def test_a_return_that_repeats_the_value_is_not_asked_and_one_that_changes_it_is(one_value_ten_times_too_small):
    root = one_value_ten_times_too_small
    table = root / "data/raw/demo/observations/2025.csv"
    table.write_text("series,year,value,status,reported_at\nW01,2025,9.26,A,2026-03-01\n", encoding="utf-8")
    question = ("unit_slip", "W01", "total", 2025)
    for value, waived, still in ((9.26, False, True), (9.26, True, False), (9.27, True, True)):
        if waived and not register.reviews(root, "demo"):
            intake.waive_stored(root, "demo", [("2025.csv", question)], *ABOUT, 2025)
        path = corpus.sent(root, f"{value}.xlsx", corpus.good(root, W01__value=value))
        intake.receive(root, "demo", [path], "2026-05-03", "监测组")
        (now,) = intake.standing(root, "demo", 2025)
        assert (question in [i.key for i in now.open]) is still, (value, waived)


def test_a_value_that_was_corrected_afterwards_is_asked_about_anew(one_value_ten_times_too_small):
    root = one_value_ten_times_too_small
    intake.waive_stored(root, "demo", [(TABLE, QUESTION)], *ABOUT, 2025)
    line = f"{TABLE},W01,total,2022,9.08,9.09,笔误,监测组,2026-05-20"
    head = "submission,series,group,year,wrong_value,right_value,reason,decided_by,decided_on"
    (root / "data/raw/demo/corrections.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    assert ("error", "unit_slip", 2022) in asked(root)


@pytest.mark.parametrize(
    ("question", "by", "reason", "told"),
    [
        ((TABLE, QUESTION), "监测组", " ", "理由"),
        ((TABLE, QUESTION), " ", "核对", "经手"),
        ((TABLE, ("unit_slip", "W01", "total", 2021)), "监测组", "核对", "unit_slip/W01/total/2022"),
        (("其他.csv", QUESTION), "监测组", "核对", "没有这个问题"),
    ],
)
def test_what_nobody_asks_or_nobody_answers_for_is_refused(one_value_ten_times_too_small, question, by, reason, told):
    root = one_value_ten_times_too_small
    with pytest.raises(UsageError, match=told):
        intake.waive_stored(root, "demo", [question], by, "2026-05-02", reason, 2025)
    assert not (root / "data/raw/demo/returns/reviews.csv").exists()


def test_what_is_waived_is_not_waived_again(one_value_ten_times_too_small):
    root = one_value_ten_times_too_small
    intake.waive_stored(root, "demo", [(TABLE, QUESTION)], *ABOUT, 2025)
    with pytest.raises(UsageError):
        intake.waive_stored(root, "demo", [(TABLE, QUESTION)], *ABOUT, 2025)
    assert len(register.reviews(root, "demo")) == 1


def test_a_table_is_found_by_its_name_alone(one_value_ten_times_too_small):
    root = one_value_ten_times_too_small
    shutil.copy(root / "data/raw/thresholds.toml", root / "data/raw/demo/observations")
    assert intake.table_called(root, "demo", f"observations/{TABLE}") == TABLE
    for text in ("thresholds.toml", "../area.toml", "区卫健委", "2016-2025.csv", "../observations/2016-2024.csv"):
        assert intake.table_called(root, "demo", text) == ""
