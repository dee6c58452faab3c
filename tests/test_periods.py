"""Plan periods side by side in one area: a ten-year plan, a five-year plan that shares two of its series, and one that is over."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from running_desk import INSTALLED, Running

from plananalysis.assessments.retrospective import look_back
from plananalysis.base.errors import UsageError
from plananalysis.base.tables import write_rows
from plananalysis.bundles import Form, bundle, of_periods, verify
from plananalysis.checks.quality import findings_of_area
from plananalysis.editions import build, fresh, periods
from plananalysis.observations import as_known, load_observations
from plananalysis.onboarding import decide_reading, read_workbook, write_workbook
from plananalysis.onboarding.filling import fill
from plananalysis.onboarding.plan_tables import read as tables_of
from plananalysis.onboarding.questions import questions
from plananalysis.pages import open_edition
from plananalysis.plan import load_plan
from plananalysis.plan.check import COLUMNS
from plananalysis.returns import codebook
from plananalysis.returns.reading import is_due
from plananalysis.round import forms
from plananalysis.workbench import open_area

ROOT = Path(__file__).parents[1]
KEPT = ("W01", "W02", "W03", "W04", "C01", "C02", "C03", "C04")
TEN, FIVE = "2021-2030", "fyp14"
GROWTH = {2016: 6.1, 2017: 6.4, 2018: 5.9, 2019: 6.0, 2020: 4.2, 2021: 7.0, 2022: 5.4, 2023: 5.8, 2024: 5.6, 2025: 5.3}
OUTLINE = '\n[[outlines]]\nid = "{id}"\nbase_year = {base}\ntarget_year = {target}\nissued = "{issued}"\ntitle = "{title}"\nshort = "{title}"\nsource = "虚构"\n'
SHARED = [("C02", "fyp.people", "1", "anticipatory"), ("W02", "fyp.people", "2", "binding")]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def target(series: str, outline: str, day: str, **cells: str) -> dict[str, str]:
    about = {"series": series, "outline": outline, "decided_on": day, "decided_by": "规划", "confidence": "high"}
    return {
        **dict.fromkeys(COLUMNS["targets"], ""),
        **about,
        "operator_source": "printed",
        "evidence_quote": "虚构",
        **cells,
    }


def outline(id: str, base: int, target: int, issued: str, title: str, plans: str = "") -> str:
    text = OUTLINE.format(id=id, base=base, target=target, issued=issued, title=title)
    return text + (f'plans = "{plans}"\n' if plans else "")


TEN_YEARS = outline(TEN, 2020, 2030, "2021-12-28", "妇女儿童发展规划", "women;children")
FIVE_YEARS = outline(FIVE, 2020, 2025, "2021-03-15", "“十四五”规划", "fyp")
ENDED = outline("2011-2020", 2010, 2020, "2011-08-01", "上一轮规划", "women;children")


def lay(root: Path, outlines: str, as_of: int = 2025, **drop: bool) -> Path:
    """Eight indicators of the example with their histories, and three of a five-year plan, two of which are among the eight."""
    raw, source = root / "data" / "raw", ROOT / "data" / "raw"
    area = raw / "mix"
    (area / "plan").mkdir(parents=True)
    (area / "observations").mkdir()
    for path in source.glob("*"):
        if path.is_file() and path.suffix in (".csv", ".toml"):
            shutil.copy(path, raw)
    head = (source / "example" / "area.toml").read_text(encoding="utf-8").partition("[[outlines]]")[0]
    head = head.replace("as_of = 2025", f"as_of = {as_of}")
    (area / "area.toml").write_text(head + outlines, encoding="utf-8")
    plan, own = area / "plan", source / "example" / "plan"
    shutil.copy(own / "units.csv", plan)
    called = [
        *rows_of(source / "plans.csv"),
        {"plan": "fyp", "name": "五年规划", "name_en": "Five-year plan", "short": "发展", "short_en": "Five"},
    ]
    write_rows(called, COLUMNS["plans"], plan / "plans.csv")
    domains = [r for r in rows_of(own / "domains.csv") if r["domain"].endswith(".health")]
    domains += [
        {"domain": f"fyp.{d}", "plan": "fyp", "name": n, "name_en": d}
        for d, n in (("people", "民生"), ("growth", "发展"))
    ]
    write_rows(domains, COLUMNS["domains"], plan / "domains.csv")
    series = [r for r in rows_of(own / "series.csv") if r["series"] in KEPT]
    cell = {
        "role": "target",
        "plan": "fyp",
        "domain": "fyp.growth",
        "number": "3",
        "unit": "%",
        "unit_source": "printed",
    }
    cell |= {
        "decimals": "1",
        "direction": "1",
        "attribute": "anticipatory",
        "responsible_units": "labour",
        "rhythm": "annual",
    }
    growth = {
        **dict.fromkeys(COLUMNS["series"], ""),
        "series": "F03",
        "row": "F03",
        "indicator": "增长(%)",
        "name": "增长",
        **cell,
    }
    write_rows([*series, growth], COLUMNS["series"], plan / "series.csv")
    targets = [r for r in rows_of(own / "targets.csv") if r["series"] in KEPT and TEN in outlines]
    if FIVE in outlines:
        day = "2021-03-15"
        targets += [
            target("C02", FIVE, day, target_text="≤5.5", kind="threshold", operator="<=", value="5.5"),
            target("W02", FIVE, day, target_text="≥81.5", kind="threshold", operator=">=", value="81.5"),
            target("F03", FIVE, day, target_text="年均>5", kind="each_year", operator=">", value="5"),
        ]
        placed = [
            {
                "series": s,
                "plan": "fyp",
                "domain": d,
                "number": n,
                "attribute": a,
                "responsible_units": "health",
                "sub": "",
            }
            for s, d, n, a in SHARED
        ]
        write_rows(placed, COLUMNS["shared"], plan / "shared.csv")
    if "2011-2020" in outlines:
        targets.append(
            target("C02", "2011-2020", "2011-08-01", target_text="≤4", kind="threshold", operator="<=", value="4")
        )
    write_rows(targets, COLUMNS["targets"], plan / "targets.csv")
    columns = [
        "series",
        "group",
        "year",
        "value",
        "numerator",
        "denominator",
        "status",
        "definition",
        "reported_at",
        "source",
        "note",
    ]
    for path in (source / "example" / "observations").glob("health_*.csv"):
        write_rows([r for r in rows_of(path) if r["series"] in KEPT], columns, area / "observations" / path.name)
    told = [
        {
            **dict.fromkeys(columns, ""),
            "series": "F03",
            "year": str(y),
            "value": str(v),
            "status": "A",
            "reported_at": f"{max(y, 2020) + 1}-04-01",
        }
        for y, v in GROWTH.items()
    ]
    write_rows(told, columns, area / "observations" / "growth.csv")
    return root


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> Path:
    root = lay(tmp_path_factory.mktemp("both"), TEN_YEARS + FIVE_YEARS)
    for year in (2024, 2025):
        for one in periods(root, "mix", year):
            build(root, "mix", year, outline=one)
    return root


def assessed(root: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(root / "data" / "processed" / "mix" / name / "assessments.csv", encoding="utf-8-sig").set_index(
        "series"
    )


# --- what belongs to a period ----------------------------------------------------------------------------------------


def test_a_year_has_an_edition_for_each_period_that_runs(both: Path) -> None:
    assert periods(both, "mix", 2025) == ["", FIVE]
    assert sorted(p.name for p in (both / "data/processed/mix").glob("2*")) == [
        "2024",
        "2024-fyp14",
        "2025",
        "2025-fyp14",
    ]
    assert fresh(both, "mix", 2025) and fresh(both, "mix", 2025, outline=FIVE)
    ten, five = assessed(both, "2025"), assessed(both, "2025-fyp14")
    assert list(ten.index) == list(KEPT)
    assert five[["plan", "domain", "number", "attribute"]].to_numpy().tolist() == [
        ["fyp", "fyp.people", 1, "anticipatory"],
        ["fyp", "fyp.people", 2, "binding"],
        ["fyp", "fyp.growth", 3, "anticipatory"],
    ]
    assert list(five.index) == ["C02", "W02", "F03"]


def test_one_series_is_judged_by_each_plans_target_in_its_own_year(both: Path) -> None:
    # infant mortality was 5.08 in 2025: at most 5.5 by 2025 is met, below 2.5 by 2030 is not
    assert assessed(both, "2025-fyp14").at["C02", "position"] == "met"
    assert assessed(both, "2025").at["C02", "position"] == "not_met"
    # growth must exceed 5 in each of 2021-2025: 7.0, 5.4, 5.8, 5.6, 5.3 do
    assert assessed(both, "2025-fyp14").at["F03", "position"] == "met"
    # four years after the base: 4 of 5 years are gone for the one, 4 of 10 for the other
    assert assessed(both, "2024-fyp14").at["C02", "time_progress"] == pytest.approx(0.8)
    assert assessed(both, "2024").at["C02", "time_progress"] == pytest.approx(0.4)
    last = {
        name: pd.read_csv(both / "data/processed/mix" / name / "projections.csv", encoding="utf-8-sig")
        .query("series == 'C02'")["year"]
        .tolist()
        for name in ("2024", "2024-fyp14", "2025-fyp14")
    }
    assert last == {"2024": [*range(2025, 2031)], "2024-fyp14": [2025], "2025-fyp14": []}
    assert [c for c in assessed(both, "2024") if c.startswith("required_2")][-1] == "required_2030"
    assert not [c for c in assessed(both, "2024-fyp14") if c > "required_2025" and c.startswith("required_2")]


@pytest.mark.parametrize(
    ("outlines", "name"), [(TEN_YEARS.replace('plans = "women;children"\n', ""), "2025"), (FIVE_YEARS, "2025-fyp14")]
)
def test_a_plans_verdicts_are_those_it_has_where_it_stands_alone(
    outlines: str, name: str, both: Path, tmp_path: Path
) -> None:
    alone = lay(tmp_path, outlines)
    if name == "2025":  # where nothing is said of plans, every series is of the period; the one of the other plan goes
        for table in ("series", "targets"):
            path = alone / f"data/raw/mix/plan/{table}.csv"
            write_rows([r for r in rows_of(path) if r["series"] != "F03"], COLUMNS[table], path)
        (alone / "data/raw/mix/observations/growth.csv").unlink()
    else:  # a plan may name only what is in no other: here the two it shares are its own
        path = alone / "data/raw/mix/plan/series.csv"
        there = {s: {"plan": "fyp", "domain": d, "number": n, "attribute": a} for s, d, n, a in SHARED}
        held = {r["series"]: {**r, **there.get(r["series"], {})} for r in rows_of(path)}
        others = [{**held[s], "role": "reference"} for s in KEPT if s not in there]
        write_rows([held["C02"], held["W02"], held["F03"], *others], COLUMNS["series"], path)
        (alone / "data/raw/mix/plan/shared.csv").unlink()
    build(alone, "mix", 2025)
    pd.testing.assert_frame_equal(assessed(alone, "2025"), assessed(both, name))


def test_what_was_said_the_year_before_is_the_same_periods(both: Path) -> None:
    earlier = pd.read_csv(both / "data/processed/mix/2025-fyp14/earlier.csv", encoding="utf-8-sig")
    assert sorted(set(earlier["year"])) == [2021, 2022, 2023, 2024] and set(earlier["series"]) == {"C02", "W02", "F03"}
    then = assessed(both, "2024-fyp14")["outlook"].to_dict()
    assert earlier[earlier["year"] == 2024].set_index("series")["outlook"].to_dict() == then


def test_a_census_in_the_target_year_has_decided_and_asks_nobody_to_judge(both: Path) -> None:
    # life expectancy was 81.63 in 2025: at least 81.5 by 2025 is met, and nothing remains to be judged
    told, before = assessed(both, "2025-fyp14").at["W02", "reason"], assessed(both, "2024-fyp14").at["W02", "reason"]
    assert "reason.decided" in told and "census_only" not in told
    assert "census_only" in before


def test_a_plan_that_is_over_has_no_edition_more_and_the_others_go_on(tmp_path: Path) -> None:
    root = lay(tmp_path, TEN_YEARS + FIVE_YEARS, 2026)
    assert periods(root, "mix", 2026) == [""] and load_plan(root, "mix").beside == ()
    with pytest.raises(UsageError, match="fyp14"):
        load_plan(root, "mix", 2026, outline=FIVE)
    assert list(load_plan(root, "mix", 2025, outline=FIVE).narrowed().rows().index) == ["C02", "W02", "F03"]


def test_the_period_before_is_looked_back_on_by_its_own_plans_alone(tmp_path: Path) -> None:
    root = lay(tmp_path, ENDED + TEN_YEARS + FIVE_YEARS)
    plan, reported = load_plan(root, "mix", 2025), load_observations(root, "mix")
    # infant mortality was 4.03 in 2020, against at most 4
    found = look_back(root, plan, reported).set_index("series")
    assert found[["outcome", "met"]].to_dict("index") == {"C02": {"outcome": 4.03, "met": "not_met"}}
    assert len(look_back(root, load_plan(root, "mix", 2025, outline=FIVE), reported)) == 0
    old = load_plan(root, "mix", 2020)
    assert (old.outline.id, old.beside, list(old.rows().index)) == ("2011-2020", (), ["C02"])


# --- the round -------------------------------------------------------------------------------------------------------


def form_of(root: Path, year: int, folder: Path, unit: str) -> list[tuple[str, str, str]]:
    """Code, group and printed target of every line of a unit's form."""
    path = next(p for p in forms.write(root, "mix", year, folder) if unit in p.name)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    head = next(i for i, r in enumerate(sheet.iter_rows(values_only=True)) if r[0] == "指标编码")
    names = [c.value for c in sheet[head + 1]]
    places = [names.index(n) for n in ("指标编码", "分组", "目标值")]
    return [tuple(str(r[i] or "") for i in places) for r in sheet.iter_rows(min_row=head + 2, values_only=True) if r[0]]


def test_a_series_of_two_plans_is_asked_once_with_both_targets(both: Path, tmp_path: Path) -> None:
    lines = form_of(both, 2025, tmp_path, "health")
    assert next(line for line in lines if line[0] == "C02")[2] == "<2.5（2030年）、≤5.5（2025年）"
    assert [line[:2] for line in lines if line[0] == "C02"] == [("C02", "合计"), ("C02", "男"), ("C02", "女")]
    assert form_of(both, 2025, tmp_path, "labour") == [("F03", "合计", "年均>5（2025年）")]
    assert load_plan(both, "mix", 2025).all_plans == "妇女儿童发展规划、“十四五”规划"


def test_nobody_is_asked_for_what_no_running_plan_wants(both: Path, tmp_path: Path) -> None:
    assert not [p for p in forms.write(both, "mix", 2026, tmp_path) if "labour" in p.name]
    line = codebook(both, load_plan(both, "mix", 2026)).line("F03")
    assert (
        line is not None
        and is_due(line, 2025)
        and not is_due(line, 2026)
        and is_due(line, 2020)
        and not is_due(line, 2019)
    )


def test_the_forms_are_the_same_whichever_period_is_asked_about(both: Path) -> None:
    books = [codebook(both, load_plan(both, "mix", 2025, outline=o)) for o in ("", FIVE)]
    assert books[0].version == books[1].version
    assert len({repr([(a.series, a.years) for lines in b.by_unit.values() for a in lines]) for b in books}) == 1


def test_a_questionable_value_is_told_in_both_reports(tmp_path: Path) -> None:
    root = lay(tmp_path, TEN_YEARS + FIVE_YEARS)
    path = root / "data/raw/mix/observations/health_2025.csv"
    rows = rows_of(path)
    next(r for r in rows if r["series"] == "W02")["value"] = "-1"
    write_rows(rows, list(rows[0]), path)
    for one in ("", FIVE):
        build(root, "mix", 2025, n_paths=20, outline=one)
    home = root / "data/processed/mix"
    for name in ("2025", "2025-fyp14"):
        asked = pd.read_csv(home / name / "quality.csv", encoding="utf-8-sig")
        assert "W02" in set(asked["series"]) and set(asked["series"]) <= set(assessed(root, name).index)
        seen = pd.read_csv(home / name / "observations.csv", encoding="utf-8-sig").query(
            "series == 'W02' and year == 2025"
        )
        assert seen["question"].tolist() == ["error"]


def test_the_public_sees_no_count_in_one_report_that_the_other_hides(tmp_path: Path) -> None:
    root = lay(tmp_path, TEN_YEARS + FIVE_YEARS)
    path = root / "data/raw/mix/observations/health_2025.csv"
    rows = rows_of(path)
    for row in rows:  # of 30 deaths three were girls
        if row["series"] == "C02" and row["group"] != "total":
            girls = row["group"] == "sex:female"
            row["numerator"] = "3" if girls else "27"
            row["value"] = f"{1000 * int(row['numerator']) / int(row['denominator']):.2f}"
    write_rows(rows, list(rows[0]), path)
    hidden = []
    for one in ("", FIVE):
        build(root, "mix", 2025, n_paths=20, outline=one)
        seen = open_edition("mix", 2025, root, audience="public", outline=one).tables["observations"]
        seen = seen[(seen["series"] == "C02") & seen["withheld"].astype(str).eq("True")]
        hidden.append(sorted(zip(seen["group"], seen["year"], strict=True)))
    assert ("sex:female", 2025) in hidden[0] and ("sex:male", 2025) in hidden[0]
    assert hidden[0] == hidden[1]


@pytest.mark.skipif(not INSTALLED, reason="the packages of the desk are not installed; CI has them")
def test_the_desk_says_whose_target_each_is(both: Path) -> None:
    desk = Running(both)
    try:
        status, _, listed = desk.ask("GET", "/mix/2025/readings")
        assert status == 200
        assert (
            listed.count("妇女儿童发展规划（目标年2030年）") == 8 and listed.count("“十四五”规划（目标年2025年）") == 3
        )
        assert "“十四五”规划（目标年2025年）" in desk.ask("GET", "/mix/2025/readings/C02@fyp14")[2]
    finally:
        desk.close()


# --- readings --------------------------------------------------------------------------------------------------------


def test_a_reading_is_decided_for_the_plan_that_is_named(tmp_path: Path) -> None:
    root = lay(tmp_path, TEN_YEARS + FIVE_YEARS)
    names = load_plan(root, "mix").named()
    assert [n for n in names if n.startswith(("C02", "F03"))] == ["C02", "C02@fyp14", "F03"]
    read = {"kind": "threshold", "operator": "<", "value": "5.5", "low": "", "high": "", "reference": ""}
    row = decide_reading(root, "mix", "C02@fyp14", 2025, "2025-01-01", "办公室", "按原文", read)
    assert (row["series"], row["outline"], row["operator"]) == ("C02", FIVE, "<")
    assert load_plan(root, "mix", 2025, outline=FIVE).reading("C02").operator == "<"
    assert load_plan(root, "mix", 2025).reading("C02").value == 2.5


def test_what_is_to_be_confirmed_is_told_for_every_period(tmp_path: Path) -> None:
    root = lay(tmp_path, TEN_YEARS + FIVE_YEARS)
    path = root / "data/raw/mix/plan/targets.csv"
    rows = [{**r, "operator_source": "inferred"} if r["series"] == "C02" else r for r in rows_of(path)]
    write_rows(rows, COLUMNS["targets"], path)
    asked = [(q.code, q.target_text) for q in questions(root, "mix") if q.topic == "sign" and q.code.startswith("C02")]
    assert asked == [("C02", "<2.5"), ("C02@fyp14", "≤5.5")]


def test_a_researcher_opens_an_area_by_the_period_whose_targets_are_meant(both: Path) -> None:
    ten, five = open_area("mix", 2024, root=both), open_area("mix", 2024, root=both, outline=FIVE)
    assert (ten["C02"].target.year, five["C02"].target.year) == (2030, 2025)
    assert list(five.targets.index) == ["C02", "W02", "F03"] and set(five.periods["target_year"]) == {2025}
    assert five["C02"].history.values.tolist() == ten["C02"].history.values.tolist()


def test_the_workbook_holds_what_periods_share_and_fills_in_the_period_of_a_target(tmp_path: Path) -> None:
    root = lay(tmp_path, TEN_YEARS + FIVE_YEARS)
    folder = root / "data/raw/mix/plan"
    write_workbook(root, "mix", tmp_path / "plan.xlsx")
    before = {p.name: p.read_bytes() for p in folder.glob("*.csv")}
    for name in ("shared", "targets", "series"):
        (folder / f"{name}.csv").unlink()
    read_workbook(root, "mix", tmp_path / "plan.xlsx")
    assert rows_of(folder / "shared.csv") == list(csv.DictReader(before["shared.csv"].decode("utf-8-sig").splitlines()))
    held = tables_of(root, "mix")
    for row in held.rows["targets"]:
        row["outline"] = "" if row["series"] in ("F03", "W01") else row["outline"]
    fill(held.rows, held.outlines)
    filled = {row["series"]: row["outline"] for row in held.rows["targets"] if row["series"] in ("F03", "W01")}
    assert filled == {"F03": FIVE, "W01": TEN}


# --- what is handed out ----------------------------------------------------------------------------------------------


def test_what_is_over_is_evaluated_at_its_end_while_the_other_is_monitored(both: Path) -> None:
    found = {
        mode: [(f.outline, f.mode) for f in of_periods(both, Form("mix", 2025, mode))]
        for mode in ("annual", "midterm", "final")
    }
    assert found == {
        "annual": [("", "annual"), (FIVE, "annual")],
        "midterm": [("", "midterm"), (FIVE, "annual")],
        "final": [("", "annual"), (FIVE, "final")],
    }
    assert [f.mode for f in of_periods(both, Form("mix", 2024, "final"))] == [
        "final",
        "final",
    ]  # refused when it is made


def test_a_check_asks_about_the_values_of_every_plan(both: Path) -> None:
    plan, reported = load_plan(both, "mix", 2025), load_observations(both, "mix")
    found = findings_of_area(both, plan, reported, as_known(reported, plan.known_on, 2025))
    assert {"F03", "C02"} & {f.cell.series for f in found}


@pytest.fixture(scope="module")
def reported(both: Path, crew) -> Path:
    from plananalysis.reports import report

    shutil.copytree(ROOT / "notebooks", both / "notebooks")
    for language in ("zh", "en"):
        assert report(both, "mix", 2025, mode="final", language=language, pool=crew).failed == []
    return both / "reports"


@pytest.mark.slow
def test_each_report_says_what_it_is_of_and_where_the_other_stands(reported: Path) -> None:
    assert sorted(p.name for p in (reported / "mix").glob("2*")) == [
        "2025",
        "2025-en",
        "2025-fyp14-final",
        "2025-fyp14-final-en",
    ]
    ten, five = (
        (reported / "mix" / n / "index.html").read_text(encoding="utf-8") for n in ("2025", "2025-fyp14-final")
    )
    assert "“十四五”规划（目标年2025年）" in ten and "妇女儿童发展规划（目标年2030年）" in five
    assert "终期评估报告" in five and "终期评估报告" not in ten and "2030年目标" in ten and "2030年目标" not in five
    for name, file in (("2025", "children.health.html"), ("2025-fyp14-final", "fyp.people.html")):
        page = (reported / "mix" / name / file).read_text(encoding="utf-8")
        assert 'id="C02"' in page
    assert (
        not (reported / "mix/2025/fyp.people.html").exists()
        and not (reported / "mix/2025-fyp14-final/women.health.html").exists()
    )
    english = (reported / "mix/2025-fyp14-final-en/index.html").read_text(encoding="utf-8")
    assert "(target year 2030)" in english


@pytest.mark.slow
def test_the_list_of_reports_finds_a_shared_series_in_both(reported: Path) -> None:
    home = (reported / "index.html").read_text(encoding="utf-8")
    found = json.loads(home.partition('<script type="application/json">')[2].partition("</script>")[0])
    assert sorted(row[5] for row in found["rows"] if row[0] == "C02") == [
        "children.health.html#C02",
        "fyp.people.html#C02",
    ]
    assert "2021—2030" in home and "2021—2025" in home and " · 妇女儿童发展规划" in home


@pytest.mark.slow
def test_the_workbooks_count_each_plan_by_itself(reported: Path) -> None:
    for name, codes in (("2025", KEPT), ("2025-fyp14-final", ("C02", "W02", "F03"))):
        book = openpyxl.load_workbook(reported / "mix" / name / "documents/tables.xlsx", read_only=True)
        seen = {str(c) for sheet in book for r in sheet.iter_rows(values_only=True) for c in r if c in {*KEPT, "F03"}}
        assert seen == set(codes)


@pytest.mark.slow
def test_a_bundle_of_one_period_is_derived_again_by_itself(reported: Path, tmp_path: Path) -> None:
    form = Form("mix", 2025, "final", outline=FIVE)
    bundle(reported.parent, form, tmp_path / "five.zip")
    verdict = verify(tmp_path / "five.zip", tables_only=True)
    assert verdict.findings == [] and verdict.compared > 20
