"""table_corrections: a wrong value or table is corrected by a dated line, and what cannot be is refused with nothing written."""

from dataclasses import replace
from pathlib import Path

import intake_corpus as corpus
import pytest

from plananalysis import cli
from plananalysis import round as intake
from plananalysis.base.errors import DataError, UsageError
from plananalysis.observations import as_known, histories, known_histories, load_observations
from plananalysis.plan import load_plan

TABLE = "2016-2024.csv"
CELL = ("W01", "total", 2022)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    return tmp_path


def known(root: Path, on: str) -> list[str]:
    view = as_known(load_observations(root, "demo"), on, 2030)
    return view.loc[(view["series"] == "W01") & (view["year"] == 2022), "value_text"].tolist()


def test_a_correction_counts_from_its_day_and_keeps_what_was_reported(demo: Path) -> None:
    assert intake.correct_value(demo, "demo", TABLE, CELL, "90.5", "监测组", "2026-05-02", "笔误") == "90.82"
    assert (known(demo, "2026-05-01"), known(demo, "2026-05-02")) == (["90.82"], ["90.5"])
    intake.correct_value(demo, "demo", TABLE, ("W01", "total", 2021), "", "监测组", "2026-05-03", "撤销")
    assert "missing_unexplained" not in {
        f.rule for f in intake.found_in_store(demo, "demo", 2025)
    }  # the reason stands there
    lines = (demo / "data/raw/demo/corrections.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1:] == [
        "2016-2024.csv,W01,total,2022,90.82,90.5,笔误,监测组,2026-05-02",
        "2016-2024.csv,W01,total,2021,90.61,,撤销,监测组,2026-05-03",
    ]


def test_what_cannot_be_is_refused_and_the_file_stays_as_it_was(demo: Path) -> None:
    about = ("监测组", "2026-05-02", "笔误")
    for table, cell in (("其他.csv", CELL), (TABLE, ("W01", "total", 1999)), (TABLE, ("W09", "total", 2022))):
        with pytest.raises(UsageError, match="没有"):
            intake.correct_value(demo, "demo", table, cell, "90.5", *about)
    with pytest.raises(UsageError):
        intake.correct_value(demo, "demo", TABLE, CELL, "90.5", "监测组", "2026-05-02", " ")
    path = demo / "data/raw/demo/corrections.csv"
    for right in ("九十", "90.82"):
        with pytest.raises(DataError):
            intake.correct_value(demo, "demo", TABLE, CELL, right, *about)
        assert not path.exists()
    intake.correct_value(demo, "demo", TABLE, CELL, "90.5", *about)
    before = path.read_bytes()
    with pytest.raises(DataError, match="两条更正"):
        intake.correct_value(demo, "demo", TABLE, CELL, "90.6", *about)
    assert path.read_bytes() == before


@pytest.fixture
def a_wrong_import(demo: Path) -> Path:
    """A second table says other values of two years than the first, and one of a year that the first has not."""
    lines = [f"W01,{year},{value},A,2026-02-01" for year, value in ((2022, "9.1"), (2023, "9.2"), (2025, "9.3"))]
    path = demo / "data/raw/demo/observations/wrong.csv"
    path.write_text("\n".join(["series,year,value,status,reported_at", *lines, ""]), encoding="utf-8")
    return demo


def values(root: Path, on: str) -> dict[int, str]:
    view = as_known(load_observations(root, "demo"), on, 2030)
    mine = view[view["series"] == "W01"]
    return dict(zip(mine["year"], mine["value_text"], strict=True))


def test_a_table_withdrawn_counts_until_its_day_and_what_stood_before_it_counts_again(a_wrong_import: Path) -> None:
    root = a_wrong_import
    before, with_it = values(root, "2026-01-31"), values(root, "2026-05-01")
    assert (with_it[2022], with_it[2023], with_it[2025]) == ("9.1", "9.2", "9.3")
    intake.correct_value(root, "demo", "wrong.csv", ("W01", "total", 2022), "9.4", "监测组", "2026-03-01", "笔误")
    told = ["correct", "--area", "demo", "wrong.csv", "--withdraw", "--by", "监测组", "--reason", "单位错了"]
    assert cli.run_command([*told, "--on", "2026-05-02", "--root", str(root)]) == 0
    lines = (root / "data/raw/demo/corrections.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[2:] == ["wrong.csv,,,,,,单位错了,监测组,2026-05-02"]
    assert values(root, "2026-05-01") == {**with_it, 2022: "9.4"}  # an edition that had closed stays as it was
    assert values(root, "2026-05-02") == before  # the value corrected in it goes with it
    assert values(root, "2026-02-01") == with_it


def test_editions_on_both_sides_of_a_withdrawal_have_the_histories_of_their_day(a_wrong_import: Path) -> None:
    plan, day = load_plan(a_wrong_import, "demo"), "2026-02-02"
    assert intake.withdraw_table(a_wrong_import, "demo", "wrong.csv", "监测组", day, "重复导入") == 3
    reported = load_observations(a_wrong_import, "demo")
    plans = [replace(plan, known_on=on) for on in ("2026-02-01", day)]
    for one, found in zip(plans, known_histories(reported, plans), strict=True):
        alone = histories(as_known(reported, one.known_on, one.as_of), one.series)
        assert {c: h.digest for c, h in found.items()} == {c: h.digest for c, h in alone.items()}
        assert (9.1 in found["W01"].values) == (one.known_on < day)


def test_the_right_table_may_come_on_the_day_of_the_wrong_one(a_wrong_import: Path) -> None:
    folder = a_wrong_import / "data/raw/demo/observations"
    (folder / "right.csv").write_bytes((folder / "wrong.csv").read_bytes().replace(b"9.1", b"91"))
    with pytest.raises(DataError, match="wrong"):
        load_observations(a_wrong_import, "demo")
    intake.withdraw_table(a_wrong_import, "demo", "wrong.csv", "监测组", "2026-02-02", "单位错了")
    assert values(a_wrong_import, "2026-05-01")[2022] == "91"


def test_a_withdrawal_that_cannot_be_is_refused_and_the_file_stays_as_it_was(a_wrong_import: Path) -> None:
    root, about = a_wrong_import, ("监测组", "2026-05-02", "单位错了")
    path = root / "data/raw/demo/corrections.csv"
    with pytest.raises(DataError, match="没有找到要作废的数据表"):
        intake.withdraw_table(root, "demo", "none.csv", *about)
    with pytest.raises(UsageError):
        intake.withdraw_table(root, "demo", "wrong.csv", "监测组", "2026-05-02", " ")
    assert not path.exists()
    intake.withdraw_table(root, "demo", "wrong.csv", *about)
    held = path.read_bytes()
    with pytest.raises(DataError, match="已经作废"):
        intake.withdraw_table(root, "demo", "wrong.csv", *about)
    with pytest.raises(UsageError, match="没有"):
        intake.correct_value(root, "demo", "wrong.csv", ("W01", "total", 2022), "9.4", *about)
    assert path.read_bytes() == held
    line = held.decode("utf-8-sig").splitlines()[1]
    broken = [line, line.replace("wrong.csv", "gone.csv"), line.replace("单位错了", ""), line.replace("05-02", "05-32")]
    path.write_text(held.decode("utf-8-sig") + "\n".join([*broken, ""]), encoding="utf-8-sig")
    with pytest.raises(DataError) as found:
        load_observations(root, "demo")
    assert [(p.row, p.column) for p in found.value.problems] == [
        (3, "submission"),
        (4, "submission"),
        (5, "reason"),
        (6, "decided_on"),
    ]
