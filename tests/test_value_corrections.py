"""value_corrections: a wrong value of a table is corrected by a dated line, and what cannot be is refused with nothing written."""

from pathlib import Path

import intake_corpus as corpus
import pytest

from plananalysis import round as intake
from plananalysis.base.errors import DataError, UsageError
from plananalysis.observations import as_known, load_observations

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
