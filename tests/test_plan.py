"""The plans as data: what was transcribed, from where, and which reading held when."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.tables import read_rows, write_rows
from plananalysis.plan import Plan, known_on, load_plan
from plananalysis.plan.findings import number, target_number

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
TEXT = RAW / "jiangbei" / "source" / "jiangbei_plans_2021_2030.txt"


@pytest.fixture(scope="module")
def jiangbei() -> Plan:
    return load_plan(ROOT, "jiangbei")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A project folder holding only the Jiangbei plan, free to be changed."""
    shutil.copytree(RAW / "jiangbei", tmp_path / "data/raw/jiangbei", ignore=shutil.ignore_patterns("source"))
    shutil.copy(RAW / "thresholds.toml", tmp_path / "data/raw")
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- what was transcribed ---------------------------------------------------------------------------------------------


def test_jiangbei_has_the_rows_numbers_units_and_domains_of_the_print(jiangbei: Plan) -> None:
    rows = jiangbei.rows()
    assert Counter(rows["plan"]) == {"women": 48, "children": 41}
    assert rows.groupby("plan")["number"].nunique().to_dict() == {"women": 45, "children": 34}
    assert len(jiangbei.units) == 20
    assert len(jiangbei.domains) == 15
    assert Counter(rows["attribute"]) == {"binding": 16, "anticipatory": 73}
    assert list(rows["domain"].unique()) == list(jiangbei.domains.index)


def test_rows_per_responsible_unit_are_those_counted_by_hand(jiangbei: Plan) -> None:
    named = jiangbei.rows()["responsible_units"].explode().map(jiangbei.units["name"])
    counted = {"区卫健委": 30, "区教委": 19, "区委组织部": 10, "区人社局": 8, "区公安分局": 6, "区民政局": 5}
    assert named.value_counts().head(6).to_dict() == counted
    assert named.value_counts().iloc[6] <= 3


def test_kinds_of_target_are_those_of_the_design_table(jiangbei: Plan) -> None:
    kinds: Counter[str] = Counter()
    for code in jiangbei.rows().index:
        reading = jiangbei.reading((jiangbei.parts(code) or [code])[0])
        ratio = code == "W40"
        bare = reading.kind == "threshold" and reading.operator_source == "inferred" and not ratio
        kinds["bare" if bare else "ratio" if ratio else reading.kind] += 1
    assert kinds == {
        **{"threshold": 24, "bare": 22, "about": 6, "rise_each_year": 1, "rise_gradually": 1, "fall_clearly": 1},
        **{"rise": 20, "fall": 4, "keep_reasonable": 4, "relative": 2, "toward_band": 1, "ratio": 1},
        **{"under_control": 1, "hold_or_rise": 1},
    }


def test_every_indicator_target_attribute_and_unit_stands_in_the_plan_text_in_order(jiangbei: Plan) -> None:
    lines = [line.strip() for line in TEXT.read_text(encoding="utf-8").splitlines()]
    variants = jiangbei.units["printed"].str.split(";")
    inherited = ""  # cells the print merges with the row above
    rows = jiangbei.rows()
    ends = [*rows["source_line"].astype(int).iloc[1:], 0]
    for (code, row), end in zip(rows.iterrows(), ends, strict=True):
        line = int(row["source_line"])
        assert lines[line - 1] == row["indicator"], code
        stop = end if end > line else line + 30  # the last row of a plan is followed by running text
        cell = "".join(lines[line:stop])
        target = jiangbei.reading(code).target_text
        assert cell.startswith(target), code
        rest = cell.removeprefix(target)
        inherited = rest if re.match("约束性|预期", rest) else inherited
        assert inherited.startswith("约束性" if row["attribute"] == "binding" else "预期"), code
        at = 0
        for unit in row["responsible_units"]:
            at = min((inherited.find(v, at) for v in variants[unit] if inherited.find(v, at) >= 0), default=-1)
            assert at >= 0, (code, unit)
    assert all(a < b for a, b in pairwise(rows["source_line"].astype(int)))


def test_compound_rows_are_split_and_read_alike(jiangbei: Plan) -> None:
    compound = jiangbei.rows().query("role == 'compound'").index
    assert list(compound) == ["W07", "W08", "W22", "W23", "W24", "W25", "W26", "W28", "W45", "C16"]
    for code in compound:
        parts = [jiangbei.reading(p) for p in jiangbei.parts(code)]
        assert len(parts) >= 2
        assert jiangbei.reading(code).kind == "worst_part"
        assert len({(p.kind, p.operator, p.value, p.target_text) for p in parts}) == 1
        assert code not in jiangbei.leaves().index
    assert "W29.ref" in jiangbei.leaves().index


@pytest.mark.parametrize(
    ("code", "kind", "operator", "value", "reference"),
    [
        ("W02", "threshold", ">=", 82.3, None),
        ("W03", "threshold", "<=", 8.0, None),
        ("W40", "threshold", "<=", 2 / 3, None),
        ("W21", "relative", ">=", None, "W20"),
        ("W29", "relative", "~", None, "W29.ref"),
        ("C01", "threshold", "<", 1.5, None),
        ("C25", "hold_or_rise", "", None, None),
        ("W36", "about", "", 40.0, None),
        ("W45.3", "under_control", "", None, None),
    ],
)
def test_readings_of_the_telling_rows(
    jiangbei: Plan, code: str, kind: str, operator: str, value: float | None, reference: str | None
) -> None:
    reading = jiangbei.reading(code)
    assert (reading.kind, reading.operator, reading.value, reading.reference) == (kind, operator, value, reference)


def test_the_sex_ratio_band_and_what_is_inferred_are_marked(jiangbei: Plan) -> None:
    band = jiangbei.reading("W39")
    assert (band.low, band.high, band.operator_source) == (103.0, 107.0, "inferred")
    inferred = [c for c in jiangbei.rows().index if jiangbei.reading(c).operator_source == "inferred"]
    assert len(inferred) == 24  # 22 bare numbers, the band, the side of the ratio
    assert not any(re.search("[≥≤<>]", jiangbei.reading(c).target_text) for c in inferred)


def test_only_percentages_are_capped_and_gross_rates_are_not(jiangbei: Plan) -> None:
    shares = jiangbei.series[jiangbei.series["unit"] == "%"]
    open_ended = set(shares.index[shares["upper"].isna()])
    assert open_ended == {"W12", "C19", "C22"}
    assert (shares["upper"].dropna() == 100).all()


def test_jiangbei_starts_with_the_five_printed_baselines_and_nothing_else() -> None:
    files = list((RAW / "jiangbei" / "observations").glob("*.csv"))
    assert [f.name for f in files] == ["2020_plan_text.csv"]
    rows = rows_of(files[0])
    assert {r["series"]: float(r["value"]) for r in rows} == {
        "W03": 0,
        "W04": 92.6,
        "C19": 100,
        "C20": 80.6,
        "C21": 100,
    }
    text = TEXT.read_text(encoding="utf-8")
    assert all(r["year"] == "2020" and r["quote"] and r["source"].startswith("http") for r in rows)
    assert all(r["quote"].split(",")[0] in text for r in rows)


def test_half_values_both_sexes_counts_and_commitments_are_companions_only(jiangbei: Plan) -> None:
    companions = jiangbei.companions
    half = companions[companions["relation"] == "half"]
    assert set(half["value"]) == {"30.9", "34.4", "90.9", "83.87", "100"}
    assert {"81.77", "51.1", "41"} <= set(companions.loc[companions["relation"] == "both_sexes", "value"])
    promised = companions[companions["kind"] == "commitment"].set_index("series")["value"]
    assert (promised["W09"], promised["C28"], set(promised["C07"])) == ("93.2", "95", {"11", "98"})


# --- nation and other places ------------------------------------------------------------------------------------------


def test_only_the_plan_of_a_whole_country_is_told_from_countries(jiangbei: Plan) -> None:
    assert load_plan(ROOT, "china").world == "country" and jiangbei.world == "plan"


def test_national_editions_take_the_targets_of_their_own_outline() -> None:
    now, then = load_plan(ROOT, "china"), load_plan(ROOT, "china", 2015)
    assert (now.outline.id, then.outline.id, then.known_on) == ("2021-2030", "2011-2020", "2017-03-31")
    assert (then.reading("W03").value, now.reading("W03").value) == (20.0, 12.0)
    assert "W-X1" in then.rows().index
    assert now.series.loc["W-X1", "role"] == "reference"
    with pytest.raises(UsageError, match="W-X1"):
        now.reading("W-X1")


def test_targets_without_evidence_are_marked_low() -> None:
    for row in rows_of(RAW / "china/plan/targets.csv"):
        assert bool(row["evidence_quote"]) != (row["confidence"] == "low")
        assert row["confidence"] != "low" or "待" in row["reason"]


@pytest.mark.parametrize("area", ["china", "chongqing", "other_places"])
def test_published_values_keep_page_quote_and_a_possible_date(area: str) -> None:
    for file in sorted((RAW / area / "observations").glob("*.csv")):
        derived = "derived" in file.name
        for row in rows_of(file):
            assert row["source"] and "同上" not in row["quote"], row
            assert row["quote"] or "引文未存" in row["note"], row
            assert int(row["year"]) <= int(row["reported_at"][:4]) <= 2026, row
            assert date.fromisoformat(row["reported_at"]) <= date(2026, 12, 31)
            assert (row["status"] == "E", row["tier"] == "") == (derived, derived), row
            assert not derived or "推算" in row["note"]
            if row["reported_at"].endswith("-12-31") and "12-31" not in row["source"]:
                assert "发布日期" in row["note"], row


def test_the_employment_share_breaks_in_2015() -> None:
    rows = [r for r in rows_of(RAW / "china/observations/published_histories.csv") if r["series"] == "W15"]
    assert {r["year"]: (r["status"], r["definition"]) for r in rows if int(r["year"]) < 2016} == {
        "2013": ("A", "white_paper_2015"),
        "2015": ("B", "monitoring"),
    }


# --- dated readings ---------------------------------------------------------------------------------------------------


def confirm(root: Path, decided_on: str) -> None:
    """The office confirms W03 as strictly below; the row is put first, because the date counts and not the place."""
    path = root / "data/raw/jiangbei/plan/targets.csv"
    rows = rows_of(path)
    old = next(r for r in rows if r["series"] == "W03")
    said = {"operator": "<", "operator_source": "office", "decided_by": "监测评估领导小组", "reason": "经核对原件"}
    write_rows([{**old, "decided_on": decided_on, **said}, *rows], list(rows[0]), path)


def test_an_edition_keeps_the_reading_that_held_when_its_data_closed(copied: Path) -> None:
    confirm(copied, "2027-01-01")
    before, after = load_plan(copied, "jiangbei", 2025), load_plan(copied, "jiangbei", 2026)
    assert (before.known_on, before.reading("W03").operator) == ("2026-12-31", "<=")
    assert before.reading("W03").operator_source == "inferred"
    assert (after.reading("W03").operator, after.reading("W03").operator_source) == ("<", "office")
    assert len(after.targets) == len(before.targets)


def test_a_reading_decided_on_the_closing_day_already_holds(copied: Path) -> None:
    confirm(copied, "2026-12-31")
    assert load_plan(copied, "jiangbei", 2025).reading("W03").operator == "<"
    assert load_plan(copied, "jiangbei", 2024).reading("W03").operator == "<="


def test_an_edition_that_closed_before_the_plan_was_issued_is_refused(copied: Path) -> None:
    path = copied / "data/raw/jiangbei/area.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("data_closes_months = 12", "data_closes_months = 11"), "utf-8"
    )
    assert load_plan(copied, "jiangbei", 2022).known_on == "2023-11-30"
    with pytest.raises(UsageError, match="2022-11-30"):
        load_plan(copied, "jiangbei", 2021)


@given(st.integers(1990, 2100), st.integers(0, 36))
def test_data_closes_on_the_last_day_of_a_month_and_later_with_more_months(as_of: int, months: int) -> None:
    day = date.fromisoformat(known_on(as_of, months))
    assert day.toordinal() + 1 == date.fromordinal(day.toordinal() + 1).replace(day=1).toordinal()
    assert (day.year - as_of) * 12 + day.month - 12 == months


# --- files as offices save them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_files_without_bom_or_in_gb18030_read_the_same(copied: Path, encoding: str) -> None:
    expected = load_plan(copied, "jiangbei").to_table()
    for path in copied.rglob("*.csv"):
        path.write_bytes(path.read_text(encoding="utf-8-sig").replace("\n", "\r\n").encode(encoding))
    pd.testing.assert_frame_equal(load_plan(copied, "jiangbei").to_table(), expected)


def test_the_derived_table_has_one_line_per_series_with_its_reading(jiangbei: Plan) -> None:
    table = jiangbei.to_table().set_index("series")
    assert len(table) == len(jiangbei.series) and table.index.is_unique
    assert table.loc["W10", "responsible_names"] == "区发改委;区卫健委"
    assert (table.loc["W40", "value_text"], table.loc["W03", "domain_name"]) == ("2/3", "妇女健康")
    assert table.loc[table["kind"].isna()].index.tolist() == ["W29.ref"]


def test_unknown_area_and_year_are_answered_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="jiangbei"):
        load_plan(ROOT, "nowhere")
    with pytest.raises(UsageError, match="2021—2030"):
        load_plan(ROOT, "jiangbei", 2020)


def test_a_missing_table_does_not_hide_what_is_wrong_in_the_others(copied: Path) -> None:
    folder = copied / "data/raw/jiangbei/plan"
    (folder / "units.csv").unlink()
    rows = rows_of(folder / "series.csv")
    rows[0]["direction"] = "2"
    write_rows(rows, list(rows[0]), folder / "series.csv")
    with pytest.raises(DataError) as error:
        load_plan(copied, "jiangbei")
    assert [(p.file.split("/")[-1], p.row, p.column) for p in error.value.problems] == [
        *[("units.csv", 0, ""), ("series.csv", 2, "direction")]
    ]


@given(st.decimals(-1000, 1000, allow_nan=False, places=2))
def test_plain_numbers_are_read_exactly(value: object) -> None:
    assert number(str(value)) == float(str(value))


@pytest.mark.parametrize("text", ["", "1,000", "\uff18", "1e3", "≥8", "8%", ".5", "5.", "nan", "٣", "1 000"])
def test_anything_else_is_not_a_number(text: str) -> None:
    assert number(text) is None and target_number(text) is None


def test_only_a_target_may_be_a_fraction() -> None:
    assert target_number("2/3") == pytest.approx(2 / 3)
    assert (number("2/3"), target_number("2/0"), target_number("2:3")) == (None, None, None)


def test_every_table_is_utf8_with_bom_and_no_row_is_ragged() -> None:
    from plananalysis.plan.check import COLUMNS

    for area in ("jiangbei", "china"):
        for name, columns in COLUMNS.items():
            path = RAW / area / "plan" / f"{name}.csv"
            if path.is_file():
                assert path.read_bytes().startswith(b"\xef\xbb\xbf")
                assert read_rows(path, ROOT, columns)
