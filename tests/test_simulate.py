"""Invented districts: reproducible, bounded, consistent, and as troubled as they claim to be."""

from __future__ import annotations

import shutil
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis.base.errors import DataError, UsageError
from plananalysis.observations import load_observations
from plananalysis.plan import load_plan
from plananalysis.simulate import Levels, area_codes, read_levels, simulate, simulate_area, simulate_panel
from plananalysis.simulate.dynamics import published
from plananalysis.simulate.levels import PER
from plananalysis.simulate.troubles import OBSERVED, choose

ROOT = Path(__file__).resolve().parents[1]
MARK = "示例数据(虚构)"
CODES = area_codes(3)
SPOILED = (
    "swapped",
    "both_sexes",
    "unit_slip",
    "unit_slip_corrected",
    "revision",
    "provisional",
    "repeated",
    "transposed",
)


@pytest.fixture(scope="module")
def levels() -> Levels:
    return read_levels(ROOT)


@pytest.fixture(scope="module")
def three_districts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("city")
    simulate(ROOT, areas=len(CODES), seed=7, target=root)
    return root


@cache
def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@cache
def submitted(root: Path, code: str) -> pd.DataFrame:
    files = sorted((root / "data" / "raw" / code / "observations").glob("*.csv"))
    return pd.concat([read(f).assign(file=f.name) for f in files], ignore_index=True)


def troubles(root: Path, code: str) -> pd.DataFrame:
    return read(root / "data" / "raw" / code / "troubles.csv")


def clean(root: Path, code: str) -> pd.DataFrame:
    """Submitted rows but those whose figures were planted wrong."""
    rows, planted = submitted(root, code), troubles(root, code)
    wrong = planted[planted["kind"].isin(SPOILED)]
    keys = set(zip(wrong["series"], wrong["group"], wrong["year"], wrong["file"], strict=True))
    kept = np.array(
        [k not in keys for k in zip(rows["series"], rows["group"], rows["year"], rows["file"], strict=True)]
    )
    return rows[kept & (rows["status"] != "M")].reset_index(drop=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_committed_example_is_what_the_generator_writes(tmp_path: Path) -> None:
    (written,) = simulate(ROOT, target=tmp_path)
    assert contents(written) == contents(ROOT / "data" / "raw" / "example")


def test_an_area_is_the_same_whichever_others_are_made_beside_it(three_districts: Path, tmp_path: Path) -> None:
    alone = simulate_area(
        ROOT, CODES[1], "模拟2区(虚构)", 7, target=tmp_path, name_en="Simulated District 2 (fictional)"
    )
    assert contents(alone) == contents(three_districts / "data" / "raw" / CODES[1])
    many, one = simulate_panel(CODES, 7, ROOT), simulate_panel([CODES[1]], 7, ROOT)
    np.testing.assert_array_equal(many.values[1], one.values[0])


def test_areas_and_seeds_differ(levels: Levels) -> None:
    panel = simulate_panel(40, 7, ROOT, levels=levels)
    other = simulate_panel(40, 8, ROOT, levels=levels)
    w04 = panel.values[:, levels.index("W04"), :]
    assert len(np.unique(w04[:, -1])) > 30
    assert not np.array_equal(panel.values, other.values, equal_nan=True)
    steps = np.diff(w04, axis=1)  # districts share single-year shocks, not their luck
    assert abs(np.corrcoef(steps[:, :9])[np.triu_indices(40, 1)].mean()) < 0.2


def test_next_year_adds_a_year_and_changes_none(levels: Levels, tmp_path: Path) -> None:
    now = simulate_panel(3, 7, ROOT, as_of=2025, levels=levels)
    later = simulate_panel(3, 7, ROOT, as_of=2030, levels=levels)
    np.testing.assert_array_equal(now.values, later.values[:, :, : len(now.years)])
    this, following = (
        contents(simulate_area(ROOT, "sim", "模拟区(虚构)", 7, target=tmp_path / str(y), as_of=y)) for y in (2025, 2026)
    )
    old = [f for f in this if f.startswith("observations/")]
    assert [f for f in old if following[f] != this[f]] == []
    assert {f for f in following if f.endswith("_2026.csv")}


def test_panel_and_folder_tell_the_same_history(three_districts: Path, levels: Levels) -> None:
    """Every figure of the folder that no trouble touched is the panel's."""
    panel = simulate_panel(CODES, 7, ROOT, levels=levels).frame()
    for code in CODES:
        planted = set(troubles(three_districts, code)["series"])
        rows = submitted(three_districts, code).query("group == 'total'")
        rows = rows[~rows["series"].isin(planted)].astype({"year": int, "value": float})
        drawn = panel[panel["area"] == code].astype({"series": str})
        both = rows.merge(drawn, on=["series", "year"], suffixes=("", "_panel"))
        assert len(both) == len(rows) > 1000
        np.testing.assert_allclose(both["value"], both["value_panel"], atol=1e-9)


@pytest.mark.parametrize("code", CODES)
def test_area_loads_whole(three_districts: Path, code: str) -> None:
    plan = load_plan(three_districts, code)
    observations = load_observations(three_districts, code)
    assert plan.fictional
    assert "虚构" in plan.name
    assert len(plan.rows()) == 89
    never = set(troubles(three_districts, code).query("kind == 'never_reported'")["series"])
    assert set(plan.leaves().index) - set(observations["series"]) == never
    assert (observations["correction"] != "").sum() == 1


def test_every_edition_of_the_outline_so_far_can_be_opened() -> None:
    plans = {year: load_plan(ROOT, "example", year) for year in (2021, 2022, 2023, 2025)}
    assert plans[2022].reading("C22").operator_source == "inferred"
    assert plans[2023].reading("C22").operator_source == "office"  # decided in March 2024, before that edition closed
    assert plans[2025].reading("W20").kind == "within_band"


@pytest.mark.parametrize("code", CODES)
def test_every_kind_of_trouble_is_planted_and_written_down(three_districts: Path, levels: Levels, code: str) -> None:
    planted = troubles(three_districts, code)
    asked = {k: n for k, n in levels.settings["troubles"].items() if k not in ("zero_events", "near_bound")}
    counts = planted["kind"].value_counts()
    assert {k: counts.get(k, 0) // (2 if k == "swapped" else 1) for k in asked} == asked
    touched = planted[~planted["kind"].isin(["swapped", "zero_events", "near_bound"])]["series"]
    assert not touched[touched != ""].duplicated().any()  # one trouble per series, so that finds can be told apart


@pytest.mark.parametrize("code", CODES)
def test_planted_troubles_stand_in_the_files_named(three_districts: Path, code: str) -> None:
    folder = three_districts / "data" / "raw" / code
    plan = load_plan(three_districts, code)
    for t in troubles(three_districts, code).itertuples():
        if t.kind == "never_reported":
            assert t.series not in set(submitted(three_districts, code)["series"])
            continue
        rows = read(folder / "observations" / t.file)
        if t.kind.startswith("late"):
            dates = set(rows["reported_at"])
            assert dates == {t.reported}
            assert t.reported > f"{int(t.year) + 1}-06-30"
            assert (t.reported <= plan.known_on) == (t.kind == "late_earlier")
            continue
        rows = rows[(rows["series"] == t.series) & (rows["group"] == t.group) & (rows["year"] == t.year)]
        if t.kind == "absent":
            assert rows.empty
            continue
        (row,) = rows.to_dict("records")
        assert row["value"] == t.reported
        if t.kind == "missing":
            assert row["status"] == "M"
            assert row["note"]
            assert t.true_value
        elif t.kind == "definition_break":
            assert row["status"] == "B"
            assert row["definition"] in set(plan.definitions["definition"])
        elif t.kind == "zero_events":
            assert (row["numerator"], Decimal(row["value"])) == ("0", 0)
        elif t.kind == "near_bound":
            assert float(row["value"]) >= 99.4
        elif t.kind in ("revision", "provisional", "transposed", "both_sexes") or t.kind.startswith("unit_slip"):
            assert Decimal(row["value"]) != Decimal(t.true_value)


def test_example_has_small_counts_with_zero_events() -> None:
    births = submitted(ROOT, "example").query("series == 'W03' and group == 'total'")
    assert births["denominator"].astype(int).between(3500, 9000).all()
    planted = troubles(ROOT, "example").query("kind == 'zero_events' and series == 'W03'")
    assert 3 <= len(planted) < len(births)


@pytest.mark.parametrize("code", CODES)
def test_broken_rise_falls_and_steps_stand_still_within_a_term(three_districts: Path, code: str) -> None:
    rows = submitted(three_districts, code).query("group == 'total'").astype({"year": int})
    (broken,) = troubles(three_districts, code).query("kind == 'broken_rise'").itertuples()
    w01 = rows[rows["series"] == "W01"].set_index("year")["value"].astype(float)
    assert w01[int(broken.year)] < w01[int(broken.year) - 1]
    w31a = rows[rows["series"] == "W31a"].set_index("year")["value"]
    for first, last in ((2011, 2015), (2016, 2021), (2022, 2025)):
        assert w31a.loc[first:last].nunique() == 1


@pytest.mark.parametrize("code", CODES)
def test_values_stay_inside_their_bounds_and_counts_add_up(three_districts: Path, code: str) -> None:
    rows = clean(three_districts, code)
    series = load_plan(three_districts, code).series
    about = series.loc[rows["series"]].reset_index(drop=True)
    values = rows["value"].astype(float)
    assert (values >= about["lower"]).all()
    assert (values <= about["upper"].fillna(np.inf)).all()
    decimals = rows["value"].str.partition(".")[2].str.len()
    assert (decimals == about["decimals"]).all()

    counted = (rows["numerator"] != "") & (rows["denominator"] != "")
    n, d = (rows.loc[counted, c].astype(float) for c in ("numerator", "denominator"))
    half = 0.5 * 10.0 ** -about.loc[counted, "decimals"]
    per = about.loc[counted, "unit"].map(PER).fillna(1.0)
    assert ((values[counted] - per * n / d).abs() <= half + 1e-9).all()
    assert counted.sum() > 500

    parts = rows[counted & rows["group"].str.startswith("sex:")].astype({"numerator": int, "denominator": int})
    sums = parts.groupby(["series", "year"])[["numerator", "denominator"]].sum()
    totals = rows[counted & (rows["group"] == "total")].set_index(["series", "year"])[["numerator", "denominator"]]
    both = sums.join(totals.astype(int).add_suffix("_total"), how="inner")
    assert len(both) > 30
    assert (both["numerator"] == both["numerator_total"]).all()
    assert (both["denominator"] == both["denominator_total"]).all()


@pytest.mark.parametrize("code", CODES)
def test_deaths_are_nested_outside_the_planted_swap(three_districts: Path, code: str) -> None:
    rows = clean(three_districts, code)
    deaths = rows[rows["series"].isin(["C01", "C02", "C04"])].astype({"numerator": int})
    table = deaths.pivot(index=["group", "year"], columns="series", values="numerator").dropna()
    assert (table["C01"] <= table["C02"]).all()
    assert (table["C02"] <= table["C04"]).all()
    assert {"total", "sex:male", "sex:female"} <= set(table.index.get_level_values("group"))
    (one, other) = troubles(three_districts, code).query("kind == 'swapped'").itertuples()
    assert Decimal(one.reported) > Decimal(other.reported)


def test_every_file_says_it_is_fictional(three_districts: Path) -> None:
    for path in (three_districts / "data" / "raw" / CODES[0]).rglob("*"):
        if path.is_file() and path.name not in ("domains.csv", "units.csv"):  # those two have no column for notes
            assert MARK in path.read_text(encoding="utf-8-sig"), path.name
    texts = b"".join(contents(three_districts / "data" / "raw" / CODES[0]).values()).decode("utf-8", "ignore")
    assert not [place for place in ("江北", "重庆", "http") if place in texts]


def test_outcomes_are_mixed_and_not_kept_for_ever(levels: Levels) -> None:
    """The levels' own aim: about half of the shares met by 2025, and most but not all of those still met in 2030."""
    plan = load_plan(ROOT, "jiangbei")
    panel = simulate_panel(60, 3, ROOT, as_of=2030, levels=levels)
    met = []
    for code in plan.targets.index[plan.targets["kind"] == "threshold"]:
        reading = plan.reading(code)
        values = panel.values[:, levels.index(code), :]
        met.append({">=": np.greater_equal, "<=": np.less_equal, "<": np.less}[reading.operator](values, reading.value))
    now, then = np.array(met)[:, :, 15], np.array(met)[:, :, 20]
    assert 0.35 < now.mean() < 0.60
    assert 0.80 < then[now].mean() < 0.97
    assert 0.10 < then[~now].mean() < 0.40


def test_simulated_world_is_the_one_in_the_tables(levels: Levels) -> None:
    """Over many areas the middle one stands where levels.csv says; rare events, mostly none, do so on average."""
    panel = simulate_panel(150, 5, ROOT, levels=levels)
    table = read(ROOT / "data" / "raw" / "simulation" / "levels.csv").set_index("series")
    for i, code in enumerate(levels.series):
        row = table.loc[code]
        level_2010, level_2020 = float(row["level_2010"]), float(row["level_2020"])
        if row["sampling"] in ("poisson", "within", "count") or row["sized"] == "1":
            assert panel.values[:, i, 0].mean() == pytest.approx(level_2010, rel=0.25), code
        elif row["moments"] == "":
            low, high = sorted((level_2010, level_2020))
            slack = 2 * float(row["yearly_sd"]) + 0.04 * high + 0.5 * 10.0 ** -levels.decimals[i]
            assert abs(np.median(panel.values[:, i, 0]) - level_2010) <= slack, code
            assert low - slack <= np.median(panel.values[:, i, 9]) <= high + slack, code  # 2019, before the shocks


def test_no_two_troubles_share_a_series(levels: Levels) -> None:
    for seed in range(60):
        chosen = choose(ROOT, levels, np.random.default_rng(seed), 2025)
        touched = [x for t in chosen if t.kind not in OBSERVED for x in (t.series, t.partner, t.unit) if x]
        assert len(touched) == len(set(touched))


def test_panel_frame_has_a_row_for_every_measured_year(levels: Levels) -> None:
    panel = simulate_panel(3, 7, ROOT, levels=levels)
    frame = panel.frame()
    annual = int(levels.observed[:, : len(panel.years)].sum())
    assert len(frame) == 3 * annual
    assert sorted(frame.query("series == 'W02' and area == 'sim-0001'")["year"]) == [2010, 2015, 2020, 2025]


def test_published_rounds_half_up() -> None:
    np.testing.assert_allclose(
        published(np.array([12.5, 0.285, 99.994, 99.995]), np.array([0, 2, 2, 2])), [13, 0.29, 99.99, 100]
    )


def test_a_real_area_is_never_overwritten(tmp_path: Path) -> None:
    home = tmp_path / "data" / "raw" / "real"
    home.mkdir(parents=True)
    (home / "area.toml").write_text("fictional = false\n", encoding="utf-8")
    with pytest.raises(UsageError, match="不得覆盖"):
        simulate_area(ROOT, "real", "某区", 1, target=tmp_path)
    assert (home / "area.toml").read_text(encoding="utf-8") == "fictional = false\n"


def test_mistakes_in_the_tables_are_all_listed(tmp_path: Path) -> None:
    for part in ("simulation", "jiangbei/plan"):
        shutil.copytree(ROOT / "data" / "raw" / part, tmp_path / "data" / "raw" / part)
    path = tmp_path / "data" / "raw" / "simulation" / "levels.csv"
    text = (
        path.read_text(encoding="utf-8-sig")
        .replace("W03,log,", "W03,logarithm,")
        .replace("C05,logit,7.9", "C99,logit,x")
    )
    path.write_text(text, encoding="utf-8-sig")
    with pytest.raises(DataError) as caught:
        read_levels(tmp_path)
    assert {(p.column, p.found) for p in caught.value.problems} == {
        ("scale", "logarithm"),
        ("series", "C05"),
        ("series", "C99"),
        ("level_2010", "x"),
    }
