"""The researcher's module says what the reports say, in frames that carry their names, and refuses what cannot be."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import intake_corpus as corpus
import numpy as np
import pandas as pd
import pytest

import plananalysis as pa
from plananalysis.assessments.backtests import score
from plananalysis.base.errors import DataError, UsageError
from plananalysis.workbench.asking import Target, reading_of

ROOT = Path(__file__).parents[1]
RATE = dict(zip(range(2012, 2025), [61.2, 63, 62.5, 66, 67.1, 66.4, 69.3, 71, 70.2, 73.3, 74, 75.8, 76.1], strict=True))


@pytest.fixture(scope="module", params=[("china", 2024), ("example", 2025)], ids=lambda p: p[0])
def area(request):
    return pa.open_area(*request.param, root=str(ROOT))


@pytest.fixture(scope="module")
def china():
    return pa.open_area("china", 2024, root=ROOT, language="en")


@pytest.fixture
def rate():
    return pa.Indicator.from_frame(RATE, name="Rate", unit="%", language="en")


def test_every_probability_is_that_of_the_report(area):
    told = area.edition.assessments["probability"]
    asked = {code: area[code].chance() for code in area if area[code].target is not None}
    assert len(asked) > 10
    pd.testing.assert_series_equal(pd.Series(asked), told[list(asked)], check_names=False)
    assert {c: area[c].why_no_chance() == "" for c in asked} == {c: not math.isnan(p) for c, p in asked.items()}
    pd.testing.assert_series_equal(area.chances()["probability"], told)


def test_every_outlook_is_that_of_the_report(area):
    from plananalysis.base.text import say

    told = area.edition.assessments["outlook"]
    assert {c: area[c].outlook() for c in area if area[c].target} == {
        c: say(f"outlook.{told[c]}") for c in area if area[c].target
    }


def test_a_probability_is_the_share_of_paths_at_published_precision(rate):
    ends = rate.paths(2030)[2030].to_numpy()
    assert rate.chance(">=", 80, by=2030) == (np.floor(ends * 10 + 0.5) >= 800).mean()  # one decimal is published
    assert rate.chance("between", (75, 80), by=2030) == pytest.approx(
        rate.chance(">=", 75, by=2030) - rate.chance(">", 80, by=2030), abs=1e-9
    )
    assert rate.chance("rise", by=2030, base=2024) == rate.chance(">=", 76.3, by=2030)  # by more than rounding
    asked = rate.chance(">=", [70, 80, 90], by=2030)
    assert asked.index.name == ">=" and asked.is_monotonic_decreasing and asked.attrs["unit"] == "%"


def test_a_target_of_ones_own_is_shown_and_asked_for(rate):
    mine = rate.with_target(">=", 80, by=2030)
    assert mine.chance() == rate.chance(">=", 80, by=2030)
    assert repr(mine) == f"Rate (%): 13 values 2012–2024, newest 76.1; target ≥80, probability {mine.chance():.2f}"
    assert mine.paths().columns.tolist() == list(range(2025, 2031)) and mine.paths().index.name == "path"
    assert list(mine.quantiles([0.1, 0.9]).columns) == [0.1, 0.9]


def test_a_target_of_so_much_a_year_is_asked_of_its_own_target_year(rate):
    first = int(rate.history.years[0])
    base = float(rate.history.values[0])
    yearly = replace(reading_of(rate.code, "rise", None, "en"), kind="rise_yearly", low=0.5, high=1.0)
    asked = replace(rate, target=Target(yearly, first, 2030), verdict=None)
    assert asked.event.low == pytest.approx(base + 0.5 * (2030 - first), abs=0.06)
    assert 0 <= asked.chance() <= 1


def test_a_scenario_projects_from_the_assumed_years(rate):
    better = rate.what_if({2025: 79.0, 2026: 82.0})
    assert better.frame.loc[[2025, 2026], "value"].tolist() == [79.0, 82.0] and better.assumed == (2025, 2026)
    assert better.paths(2030).columns[0] == 2027
    assert better.chance(">=", 82, by=2030) > rate.chance(">=", 82, by=2030)
    quick = rate.what_if(pace=2, until=2026)  # the last five years: 71.0 in 2019 to 76.1 in 2024
    assert quick.frame["value"].tail(2).tolist() == pytest.approx([76.1 + 2 * 1.02, 76.1 + 4 * 1.02])
    replaced = rate.what_if({2024: 70.0})
    assert (
        len(replaced.frame) == 13
        and replaced.frame.loc[2024, "value"] == 70.0
        and rate.frame.loc[2024, "value"] == 76.1
    )


def test_names_units_and_messages_are_in_the_language_asked_for(china):
    assert china.indicators.loc["W03", ["name", "unit"]].tolist() == ["Maternal mortality ratio", "per 100,000"]
    chinese = pa.open_area("china", 2024, root=ROOT)
    assert chinese.indicators.loc["W03", ["name", "unit"]].tolist() == ["孕产妇死亡率", "1/10万"]
    assert "W03" in china.search("孕产妇死亡").index and "W03" in china.search("maternal").index
    with pytest.raises(UsageError, match="there is no series “W3”"):
        china["W3"]
    with pytest.raises(UsageError, match="没有指标“W3”"):
        chinese["W3"]
    with pytest.raises(UsageError, match="no plan of an area"):
        pa.open_area("nowhere", root=ROOT, language="en")
    with pytest.raises(UsageError, match="fr"):
        pa.open_area("china", root=ROOT, language="fr")


def test_a_tidy_frame_pivots_without_mixing_definitions(area):
    tidy = area.tidy()
    wide = tidy.query("comparable").pivot(index="year", columns="series", values="value")
    for code, h in area.histories().items():
        if len(h.years):
            known = wide[code].dropna()
            assert known.index.tolist() == h.years.tolist() and known.tolist() == h.values.tolist(), code
    assert {"name", "unit", "source", "reported_at", "definition"} <= set(tidy.columns)
    assert len(area.tidy(groups=True, vintages=True)) >= len(area.tidy(groups=True)) >= len(tidy)


def test_coverage_counts_what_is_there(china):
    row = china.coverage.loc["W03"]
    h = china["W03"].history
    assert (row["comparable"], row["first_year"], row["last_year"]) == (len(h.years), h.years[0], h.years[-1])
    assert row["missing"] == h.years[-1] - h.years[0] + 1 - len(h.years)
    assert china.periods.index.tolist() == [2021, 2022, 2023, 2024] and china.periods["values"].is_monotonic_increasing


def test_paces_are_told_in_usual_steps(area):
    table = area.chances().dropna(subset=["required_steps"])
    code = table.index[0]
    h = area[code].history
    usual = (np.abs(np.diff(h.values)) / np.diff(h.years)).mean()
    row = table.loc[code]
    assert row["required_steps"] == pytest.approx(abs(row["required_annual_change"]) / usual)
    assert (table["required_steps"] >= 0).all()


def test_places_say_why_there_are_none():
    assert "comparators" in pa.open_area("china", 2024, root=ROOT).places().attrs["note"]


def test_a_group_is_an_indicator():
    area = pa.open_area("example", 2025, root=ROOT)
    gap = area.gaps().iloc[0]
    one = area[gap["series"], gap["group"]]
    assert one.frame["value"].iloc[-1] == gap["group_value"] and one.target is None


def test_impossible_values_are_refused_all_at_once():
    bad = pd.DataFrame({"year": [2020, 2020, 2021, "x", 2023], "value": [50, 51, 120, 3, "n.a."]})
    with pytest.raises(DataError) as caught:
        pa.Indicator.from_frame(bad, name="Rate", unit="%")
    assert [p.column for p in caught.value.problems] == ["year", "value", "year", "value"]
    for wrong in ({2020: math.inf}, {2020: "1e999"}):
        with pytest.raises(DataError):
            pa.Indicator.from_frame(wrong, name="Rate")
    assert len(pa.Indicator.from_frame({2020: 1.0, 2021: math.nan}, name="Rate").frame) == 1
    with pytest.raises(UsageError, match="better"):
        pa.Indicator.from_frame(RATE, name="Rate", better="up")
    with pytest.raises(UsageError, match="column"), pa.speaking("en"):
        pa.Indicator.from_frame(pd.DataFrame({"a": [1]}), name="Rate")


def test_questions_that_make_no_sense_name_what_does(rate):
    for ask in (
        lambda: rate.chance(),
        lambda: rate.chance(">=", 80),
        lambda: rate.chance("=>", 80, by=2030),
        lambda: rate.chance(">=", math.nan, by=2030),
        lambda: rate.paths(method="arima"),
        lambda: rate.what_if(),
        lambda: rate.what_if(pace=2),
        lambda: rate.paths(2024),
    ):
        with pytest.raises(UsageError):
            ask()
    few = pa.Indicator.from_frame({2020: 1.0, 2021: 2.0}, name="Few", language="en")
    with pytest.raises(UsageError, match="too few"):
        few.paths(2030)
    assert math.isnan(few.chance(">=", 3, by=2030))


LONG = "indicator,year,value,unit\nA,2020,1.5,%\nA,2021,2.5,%\nB,2020,7,\nB,2021,,\nB,2022,8,\n"
WIDE = "指标,单位,2020年,2021年,2022年\nA,%,1.5,2.5,\nB,,7,,8\n"
TALL = "Year,A,B\n2020,1.5,7\n2021,2.5,\n2022,,8\n"


@pytest.mark.parametrize("text", [LONG, WIDE, TALL], ids=["long", "wide", "tall"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_tables_of_every_shape_say_the_same(tmp_path, text, encoding):
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    found = pa.read_table(tmp_path / "t.csv")
    assert {n: i.frame["value"].to_dict() for n, i in found.items()} == {
        "A": {2020: 1.5, 2021: 2.5},
        "B": {2020: 7, 2022: 8},
    }


def test_a_workbook_is_read_like_a_csv(tmp_path):
    pd.DataFrame({"year": [2020, 2021], "value": [1.5, 2.5]}).to_excel(tmp_path / "rate.xlsx", index=False)
    assert pa.read_table(str(tmp_path / "rate.xlsx"))["rate"].frame["value"].tolist() == [1.5, 2.5]
    with pytest.raises(UsageError, match=r"rate\.xlsx has no sheet “2020”; it has: Sheet1"):
        pa.read_table(tmp_path / "rate.xlsx", sheet="2020", language="en")
    (tmp_path / "rate.ods").write_bytes(b"PK not a workbook")
    with pytest.raises(UsageError, match=r"rate\.ods"):
        pa.read_table(tmp_path / "rate.ods")


def test_what_is_wrong_in_the_data_is_said_in_the_language_of_who_opened_them(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    history = tmp_path / "data" / "raw" / "demo" / "observations" / "2016-2024.csv"
    history.write_text(
        history.read_text(encoding="utf-8").replace("W01,total,2016,", "W91,total,20l6,"), encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        pa.open_area("demo", root=tmp_path, language="en").tidy()
    assert str(caught.value).startswith("The data have 2 errors:")
    assert "2016-2024.csv row 2 year (now “20l6”): W91 20l6: the year should be four digits" in str(caught.value)
    assert "row 2 series (now “W91”): W91 20l6: the plan has no series of this code" in str(caught.value)
    with pytest.raises(DataError, match="数据有 2 处错误"):
        pa.open_area("demo", root=tmp_path, language="zh").tidy()
    with pytest.raises(UsageError, match="there are: demo"):
        pa.open_area("nowhere", root=tmp_path, language="en")


def test_a_broken_table_is_told_cell_by_cell(tmp_path):
    (tmp_path / "t.csv").write_text("name,2020,2021\nA,1,x\nB,2,3\nC,?,4\n")
    with pytest.raises(DataError) as caught:
        pa.read_table(tmp_path / "t.csv")
    assert [(p.file, p.row, p.column, p.found) for p in caught.value.problems] == [
        ("t.csv", 2, "2021", "x"),
        ("t.csv", 4, "2020", "?"),
    ]
    (tmp_path / "u.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="a, b"):
        pa.read_table(tmp_path / "u.csv")
    with pytest.raises(UsageError):
        pa.read_table(tmp_path / "nowhere.csv")


def test_ours_scores_what_the_table_of_backtests_says(area):
    mine = pa.backtest(area, ["ours"])
    table = score(area.histories(), 4, world=area.plan.world)
    engine = table[(table["method"] == "engine") & (table["horizon"] == 0)].iloc[0]
    assert mine.loc["ours", "n"] * 3 == engine["cases"]
    assert mine.loc["ours", "brier"] == pytest.approx(engine["brier"], abs=0.003)
    assert mine.loc["ours", "cover80"] == pytest.approx(engine["coverage80"], abs=0.005)


def test_scores_of_a_method_that_knows_are_perfect_and_of_one_that_is_sure_and_wrong_are_not(rate):
    def knows(history, year, n):
        ahead = [RATE.get(y, 76.1) for y in range(int(history.years[-1]) + 1, year + 1)]
        return np.tile(ahead, (n, 1))

    def fears(history, year, n):
        return np.full((n, year - int(history.years[-1])), 0.0)

    found = pa.backtest({"Rate": rate}, {"knows": knows, "fears": fears})
    assert (
        found.loc["knows", ["brier", "crps"]].tolist() == pytest.approx([0, 0]) and found.loc["knows", "cover80"] == 1
    )
    cases = pa.backtest({"Rate": rate}, {"fears": fears}, cases=True)
    assert found.loc["fears", "brier"] == cases["met"].mean()
    assert found["n"].nunique() == 1


def test_a_frame_of_anothers_making_is_scored():
    long = pd.DataFrame({"unique_id": "a", "ds": list(RATE), "y": list(RATE.values())})
    assert pa.backtest(long, ["last"], origins=[2020]).loc["last", "n"] == 4


def test_crps_of_draws_is_that_of_the_normal():
    from plananalysis.workbench.scoring import _crps

    drawn = np.sort(np.random.default_rng(1).standard_normal(20_000))
    # Gneiting & Raftery 2007: z (2Φ(z) − 1) + 2φ(z) − 1/√π at z = 0.7
    z, phi, big = 0.7, math.exp(-0.245) / math.sqrt(2 * math.pi), 0.5 * (1 + math.erf(0.7 / math.sqrt(2)))
    assert _crps(drawn, z) == pytest.approx(z * (2 * big - 1) + 2 * phi - 1 / math.sqrt(math.pi), abs=0.01)


def test_a_break_is_found_where_it_was_made_and_none_in_a_line():
    rng = np.random.default_rng(3)
    level = {y: 50 + 0.5 * (y - 2008) + (8 if y >= 2016 else 0) + rng.normal(0, 0.4) for y in range(2008, 2024)}
    table = pa.Indicator.from_frame(level, name="x").breaks()
    assert (
        table.index[0] == 2016 and table["p"].iloc[0] < 0.01 and table["level_shift"].iloc[0] == pytest.approx(8, abs=1)
    )
    ps = []
    for seed in range(60):
        noise = np.random.default_rng(seed).normal(0, 1, 14)
        ps.append(
            pa.Indicator.from_frame(dict(zip(range(2010, 2024), 50 + noise, strict=True)), name="x")
            .breaks()["p"]
            .iloc[0]
        )
    assert 0 <= np.mean(np.array(ps) < 0.1) <= 0.25  # a tenth in expectation


def test_parts_add_up_and_chance_is_told_from_change():
    rng = np.random.default_rng(5)
    births = np.full(16, 6000)
    deaths = rng.poisson(60, 16)  # nothing but chance
    frame = pd.DataFrame({"year": range(2008, 2024), "d": deaths, "b": births, "value": deaths / births * 1000})
    it = pa.Indicator.from_frame(frame, name="Deaths", unit="‰", better="lower", events="d", exposed="b", decimals=2)
    assert 0.5 < it.volatility()["chance_share"] < 2
    parts = it.parts()
    np.testing.assert_allclose(parts["level"] + parts["irregular"], parts["value"])


def test_surprises_are_those_of_the_verdict(area):
    code = next(c for c in area if "volatile" in str(area.edition.assessments["alerts"].get(c, "")))
    assert area[code].surprises()["unusual"].sum() >= area.plan.thresholds.volatile_steps


def test_objects_show_themselves_without_style_sheets_or_scripts(area):
    code = area.chances()["probability"].first_valid_index()
    for thing in (area, area[code], area[code].what_if(pace=1, until=area.plan.as_of + 2)):
        html = thing._repr_html_()
        assert "<style" not in html and "<script" not in html and "<svg" not in html and "\n" not in repr(thing)
        assert len(html) < 20_000
    assert 'src="data:image/svg+xml;base64,' in area[code]._repr_html_()
    if area.plan.fictional:
        assert "虚构" in repr(area) and "虚构" in area[code]._repr_html_()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pictures_are_drawn_on_the_axes_given_in_whole_years(language):
    plt = pytest.importorskip("matplotlib.pyplot")
    area = pa.open_area("example", 2025, root=ROOT, language=language)
    it = area["W04"]
    figure, axes = plt.subplots(2, 3, figsize=(16, 9))
    drawn = [
        it.plot(axes[0, 0], methods=("ours", "line")),
        it.plot_chance(axes[0, 1]),
        area.plot_ranking(axes[0, 2], top=20),
        area.plot_pace(axes[1, 0]),
        area.plot_groups(area.gaps()["series"].iloc[0], ax=axes[1, 1]),
    ]
    assert drawn == [*axes[0], *axes[1, :2]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        warnings.simplefilter("ignore", DeprecationWarning)  # what matplotlib is to call no longer is its own matter
        figure.canvas.draw()
    mark = {"zh": "虚构", "en": "fictional"}[language]
    assert all(any(mark in t.get_text() for t in ax.texts) for ax in drawn)
    years = [t.get_text() for t in axes[0, 0].get_xticklabels()]
    assert all(y == "" or float(y) == int(float(y)) for y in years)
    band = axes[0, 0].collections[0].get_paths()[0].vertices
    assert (it.history.years[-1], it.history.values[-1]) in [tuple(v) for v in band]  # the fan begins at the last value
    plt.close(figure)


def test_the_door_stays_light():
    code = "import plananalysis, sys; print(sorted({'pandas','numpy','matplotlib','statsmodels'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    code = "import plananalysis as pa, sys; pa.Indicator; print(sorted({'matplotlib','seaborn','statsmodels'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_what_the_library_hands_out_is_told_in_a_line(area):
    code = next(c for c in area if area[c].target is not None and not np.isnan(area[c].chance()) and area[c].explain())
    things = [area.plan, area[code].history, area.edition, area.edition.projections[code], area[code].explain()]
    lines = [repr(thing) for thing in things]
    assert all("\n" not in line and len(line) < 250 for line in lines), lines
    assert [line[1:].split()[0] for line in lines] == ["Plan", "History", "AssessedYear", "Projection", "Explanation"]


def test_a_project_may_be_named_as_text():
    plan = pa.load_plan(str(ROOT), "china", 2024)
    assert len(pa.load_observations(str(ROOT), "china")) > 200 and len(plan.series) == 38


def test_the_steps_lead_to_the_projection(rate):
    step = rate.steps(6)
    told = rate.quantiles([0.1, 0.5, 0.9], 2030)
    np.testing.assert_allclose(
        step.quantiles[[0.1, 0.5, 0.9]], told, atol=0.06
    )  # the paths are read between the levels
    np.testing.assert_allclose(step.median.iloc[:-1].sum(), step.median.loc["median change"])


def test_a_pooled_regression_fitted_anew_says_what_was_learned():
    from plananalysis.projections import engine

    found = pa.refitted(ROOT, 5, windows=6000)
    learned = engine.shipped().arrays["location"][4]
    rows = found.model.exog
    np.testing.assert_allclose(np.corrcoef(rows @ found.params, rows @ learned)[0, 1], 1, atol=0.05)
    assert found.prsquared > 0 and found.model.exog.shape == (6000, 12)


def test_the_count_of_targets_met_adds_up_to_the_probabilities(area):
    table = area.edition.assessments
    p = table.loc[table["role"] != "part", "probability"]
    met = area.met()
    assert met.mean() == pytest.approx(p.sum(), abs=0.15) and met.max() <= p.notna().sum()
    assert met.attrs["without"] == p.index[p.isna()].tolist() and met.attrs["asked"] == len(p)
    assert area.met(together=0).std() < met.std() < area.met(together=0.4).std()


def test_methods_are_scored_on_official_targets_of_finished_plans():
    table = pa.backtest_official(["ours", "last"], root=ROOT)
    assert table.loc["ours", "n"] > 200 and table["n"].nunique() == 1 and table["came"].nunique() == 1
    assert table.loc["ours", "brier"] < table.loc["last", "brier"]
    cases = pa.backtest_official(["last"], root=ROOT, cases=True)
    assert ((cases["last"] - cases["met"]) ** 2).mean() == pytest.approx(
        pa.backtest_official(["last"], root=ROOT).loc["last", "brier"]
    )
    with pytest.raises(UsageError, match="half-way"):
        pa.backtest_official(when="at noon", root=ROOT)
    with pytest.raises(UsageError, match="moon"):
        pa.backtest_official(["last"], programmes=["moon"], root=ROOT)
