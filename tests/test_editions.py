"""An edition is derived from what was known then, names the cause of every change, and is equal when built twice."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from plananalysis.editions import build, changed, editions
from plananalysis.errors import DataError
from plananalysis.tables import read_table, write_rows

ROOT = Path(__file__).parents[1]
COLUMNS = ["series", "year", "value", "status", "reported_at", "source", "note"]


@pytest.fixture
def district(tmp_path):
    """A folder with Jiangbei's plan and no observations; returns a function that files one submission."""
    raw = tmp_path / "data" / "raw"
    shutil.copytree(ROOT / "data" / "raw" / "jiangbei", raw / "jiangbei", ignore=shutil.ignore_patterns("observations"))
    shutil.copy(ROOT / "data" / "raw" / "thresholds.toml", raw)

    def submit(name, rows):
        filled = [dict(zip(COLUMNS, (*row, "A", when, "试验", ""), strict=True)) for *row, when in rows]
        write_rows(filled, COLUMNS, raw / "jiangbei" / "observations" / f"{name}.csv")

    submit.root = tmp_path
    return submit


def yearly(series, first, values):
    """One report a year, each in the May after."""
    return [(series, first + i, v, f"{first + i + 1}-05-01") for i, v in enumerate(values)]


def test_building_twice_gives_the_same_bytes_and_only_derived_files(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    first = build(district.root, "jiangbei", 2025)
    folder = district.root / first.folder
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert build(district.root, "jiangbei", 2025) == first
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert not list(folder.parent.glob(".*")), "nothing half-made is left behind"
    assert "edition.json" in before and {"plan.csv", "observations.csv", "assessments.csv", "projections.csv"} <= set(
        before
    )


def test_summary_counts_rows_years_and_verdicts(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    summary = build(district.root, "jiangbei", 2025)
    assert (summary.observations, summary.first_year, summary.last_year, summary.newest) == (11, 2015, 2025, {2025: 1})
    assert sum(summary.outlooks.values()) == 89 and summary.outlooks["no_data"] == 84


def test_an_earlier_edition_does_not_know_what_was_reported_later(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4]))
    as_was = build(district.root, "jiangbei", 2022)
    before = (district.root / as_was.folder / "assessments.csv").read_bytes()
    district("late", [("W04", 2021, 80.0, "2025-05-01"), ("W04", 2023, 95.0, "2024-05-01")])
    build(district.root, "jiangbei", 2022)
    assert (district.root / as_was.folder / "assessments.csv").read_bytes() == before


def test_the_reading_that_held_then_is_used_and_its_change_is_named_as_the_cause(district):
    district("w04", yearly("W04", 2015, [94.5] * 11))
    targets = district.root / "data/raw/jiangbei/plan/targets.csv"
    rows = list(csv.DictReader(targets.open(encoding="utf-8-sig", newline="")))
    harder = next(r for r in rows if r["series"] == "W04") | {
        "value": "99",
        "decided_on": "2026-03-01",
        "decided_by": "监测评估领导小组",
        "reason": "指标调整",
    }
    write_rows([*rows, harder], list(rows[0]), targets)
    chain = editions(district.root, "jiangbei", 2025)
    assert [e.plan.reading("W04").value for e in chain] == [
        94,
        94,
        94,
        94,
        99,
    ]  # the edition of 2025 closes on 2026-12-31
    assert [chain[i].assessments.loc["W04", "position"] for i in (3, 4)] == ["met", "not_met"]
    change = changed(chain[3], chain[4]).set_index("series").loc["W04"]
    assert change["cause"] == "reading_changed" and "目标口径调整" in change["sentence"]


def test_a_revision_and_new_data_are_told_apart(district):
    steady = yearly("W04", 2012, [93.6, 93.8, 93.7, 93.9, 93.8, 93.9, 93.9, 94.0, 94.1, 94.2, 94.2, 94.3, 94.3])
    district("w04", [*steady, ("W04", 2025, 90.0, "2026-05-01")])
    chain = editions(district.root, "jiangbei", 2025)
    assert changed(chain[-2], chain[-1]).set_index("series").loc["W04", "cause"] == "new_data"
    district("w04", [*steady, ("W04", 2024, 90.0, "2026-04-01"), ("W04", 2025, 90.0, "2026-05-01")])
    chain = editions(district.root, "jiangbei", 2025)
    assert changed(chain[-2], chain[-1]).set_index("series").loc["W04", "cause"] == "revised_data"


def test_projection_table_is_ordered_quantiles_up_to_the_target_year(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    summary = build(district.root, "jiangbei", 2025)
    table = read_table(district.root / summary.folder / "projections.csv")
    assert table["year"].tolist() == list(range(2026, 2031)) and set(table["series"]) == {"W04"}
    quantiles = table.drop(columns=["series", "year"]).to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all() and quantiles.min() >= 0 and quantiles.max() <= 100


def test_broken_input_writes_nothing_and_lists_every_problem(district):
    district("bad", [("W99", 2021, 1, "2022-05-01"), ("W04", 2021, "92.6①", "2022-05-01")])
    with pytest.raises(DataError) as error:
        build(district.root, "jiangbei", 2025)
    assert {(p.row, p.column) for p in error.value.problems} == {(2, "series"), (3, "value")}
    assert not (district.root / "data" / "processed").exists()


def test_description_of_an_edition_names_every_input_by_hash_and_no_time_or_place(district):
    district("w04", yearly("W04", 2020, [92.6, 93.0]))
    summary = build(district.root, "jiangbei", 2025)
    description = json.loads((district.root / summary.folder / "edition.json").read_text(encoding="utf-8"))
    assert "data/raw/jiangbei/observations/w04.csv" in description["inputs"]
    assert description["known_on"] == "2026-12-31"
    assert str(district.root) not in json.dumps(description)
