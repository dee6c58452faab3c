"""Tables that were opened and saved in a Chinese spreadsheet say what they said before."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.assessments.actions import load_actions
from plananalysis.base.errors import DataError
from plananalysis.base.spreadsheets import as_date, as_range, as_ratio
from plananalysis.checks.quality import load_logic
from plananalysis.observations import load_observations
from plananalysis.plan import load_plan

RAW = Path(__file__).parents[1] / "data" / "raw"


def saved(text: str) -> str:
    """A cell as Chinese Excel writes it into a CSV file after reading ``text`` from one."""
    if part := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text):
        return "/".join(str(int(p)) for p in part.groups())
    if (part := re.fullmatch(r"(\d{1,2})[-/](\d{1,2})", text)) and 1 <= int(part[1]) <= 12 and 1 <= int(part[2]) <= 31:
        return f"{int(part[1])}月{int(part[2])}日"
    if (part := re.fullmatch(r"(\d{1,2}):(\d{1,2})", text)) and int(part[2]) < 60:
        hours, minutes = int(part[1]), int(part[2])
        return f"{hours}:{minutes:02}" if hours < 24 else f"{hours}:{minutes:02}:00"
    if re.fullmatch(r"-?\d+\.\d+", text):
        return text.rstrip("0").rstrip(".")
    return text


def open_and_save(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [[saved(cell) for cell in row] for row in csv.reader(file)]
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(rows)


@pytest.mark.parametrize("area", ["jiangbei", "china", "example"])
def test_a_district_opened_and_saved_in_excel_is_the_same_district(tmp_path, area):
    shutil.copytree(RAW / area, tmp_path / "data/raw" / area)
    shutil.copy(RAW / "thresholds.toml", tmp_path / "data/raw")

    def read() -> list[pd.DataFrame]:
        plan, seen = load_plan(tmp_path, area), load_observations(tmp_path, area)
        as_typed = [c for c in seen if c.endswith("_text") or c == "submitted_value"]  # Excel drops noughts at the end
        logic = load_logic(tmp_path, area, set(plan.series.index))
        return [
            plan.to_table(),
            plan.companions,
            plan.targets,
            seen.drop(columns=as_typed),
            load_actions(tmp_path, plan),
            logic,
        ]

    before = read()
    for path in tmp_path.rglob("*.csv"):
        open_and_save(path)
    for table, expected in zip(read(), before, strict=True):
        pd.testing.assert_frame_equal(table, expected)


@given(st.dates().map(str))
def test_a_date_comes_back_whatever_form_it_was_given(date):
    year, month, day = (int(part) for part in date.split("-"))
    if year < 1000:
        return
    for text in (date, saved(date), f"{year}年{month}月{day}日", f"{year}.{month}.{day}"):
        assert as_date(text) == date


@given(st.integers(0, 99), st.integers(0, 59), st.sampled_from(["/", ":"]))
def test_a_ratio_comes_back_from_a_spreadsheet(left, right, sign):
    assert as_ratio(saved(f"{left}{sign}{right}")) == f"{left}{sign}{right}"


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_range_comes_back_from_a_spreadsheet(low, high):
    assert as_range(saved(f"{low}-{high}")) == f"{low}-{high}"


@given(st.text(alphabet="0123456789/:-.年月日≥%左右 ", max_size=12))
def test_what_is_neither_date_nor_ratio_stays_as_typed(text):
    if not re.search(r"\d\D+\d", text):
        assert as_date(text) == as_ratio(text) == as_range(text) == text
    assert as_date(as_date(text)) == as_date(text) and as_ratio(as_ratio(text)) == as_ratio(text)


@pytest.mark.parametrize("name", ["targets.xlsx", "targets - 副本.csv", "指标.et"])
def test_a_table_of_a_plan_that_would_be_overlooked_is_an_error(tmp_path, name):
    shutil.copytree(RAW / "jiangbei", tmp_path / "data/raw/jiangbei")
    shutil.copy(RAW / "thresholds.toml", tmp_path / "data/raw")
    folder = tmp_path / "data/raw/jiangbei/plan"
    for harmless in (".DS_Store", "~$targets.csv", "README.md"):
        (folder / harmless).touch()
    shutil.copy(RAW / "groups.csv", folder)  # an area may have its own
    load_plan(tmp_path, "jiangbei")
    (folder / name).write_bytes(b"")
    with pytest.raises(DataError) as caught:
        load_plan(tmp_path, "jiangbei")
    (problem,) = caught.value.problems
    assert problem.file == f"data/raw/jiangbei/plan/{name}" and "不会被读取" in problem.rule
