"""Every rule of the plan's checker is fed its error and a near miss; file, row and column are asserted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plananalysis.base.errors import DataError, Problem
from plananalysis.base.tables import write_rows
from plananalysis.base.text import catalogue
from plananalysis.plan import load_plan
from plananalysis.plan.check import COLUMNS, OPTIONAL

ROOT = Path(__file__).resolve().parents[1]
Project = dict[str, Any]  # table name -> rows; "area.toml" and "thresholds.toml" -> text
Change = Callable[[Project], None]

AREA = """name = "某区"
name_en = "Somewhere"
fictional = true
as_of = 2025
data_closes_months = 12
comparators = []

[[outlines]]
id = "a"
base_year = 2020
target_year = 2030
issued = "2022-12-29"
title = "某区规划"
source = "某发〔2022〕1号"
"""


def one_series(code: str, **cells: Any) -> dict[str, str]:
    base = {
        **{"series": code, "row": code.split(".")[0], "role": "target", "plan": "women", "domain": "women.health"},
        **{"number": "1", "sub": "", "indicator": f"指标{code[:3]}", "name": f"指标{code}", "unit": "%"},
        **{"unit_source": "printed", "lower": "0", "upper": "100", "decimals": "1", "direction": "1"},
        **{"attribute": "binding", "responsible_units": "health;education", "numerator": "", "denominator": ""},
        **{"rhythm": "annual", "groups": "sex;age", "source_line": "12", "note": ""},
    }
    return base | {k: str(v) for k, v in cells.items()}


def one_target(code: str, kind: str, **cells: str) -> dict[str, str]:
    base = dict.fromkeys(COLUMNS["targets"], "")
    base |= {"series": code, "outline": "a", "decided_on": "2022-12-29", "decided_by": "规划", "target_text": "提高"}
    return base | {"kind": kind, "operator_source": "printed", "confidence": "high", "evidence_quote": "原文"} | cells


SOUND: Project = {
    "area.toml": AREA,
    "thresholds.toml": (ROOT / "data/raw/thresholds.toml").read_text(encoding="utf-8"),
    "domains": [
        {"domain": d, "plan": d.split(".")[0], "name": d, "name_en": d}
        for d in ("women.health", "women.education", "children.health")
    ],
    "units": [
        {"unit": "health", "name": "区卫健委", "printed": "卫健委;区卫健委"},
        {"unit": "education", "name": "区教委", "printed": "区教委"},
    ],
    "series": [
        one_series("W01"),  # row 2
        one_series("W02", role="compound", number=2),
        one_series("W02.1", role="part", number=2, numerator="数", denominator="总数"),  # row 4
        one_series("W02.2", role="part", number=2),
        one_series("W03a", number=3, sub="a"),  # row 6
        one_series("W03b", number=3, sub="b"),
        one_series("W04", number=4, domain="women.education"),  # row 8
        one_series("W04.ref", role="reference", number=4, domain="women.education", direction=0),
        one_series("C01", plan="children", domain="children.health", unit="‰", upper="", direction=-1),  # row 10
        one_series("C02", plan="children", domain="children.health", number=2, unit="女=100", upper="", direction=0),
    ],
    "targets": [
        one_target("W01", "rise_each_year"),  # row 2
        one_target("W02", "worst_part", target_text="≥98"),
        one_target("W02.1", "threshold", operator=">=", value="98", target_text="≥98"),  # row 4
        one_target("W02.2", "threshold", operator=">=", value="98", target_text="≥98"),
        one_target("W03a", "about", value="40", target_text="40左右"),  # row 6
        one_target("W03b", "keep_reasonable"),
        one_target("W04", "relative", operator="~", reference="W04.ref"),  # row 8
        one_target("C01", "threshold", operator="<", value="1.5", target_text="<1.5"),
        one_target("C02", "toward_band", low="103", high="107"),  # row 10
    ],
    "definitions": [{"series": "W01", "definition": "d", "text": "口径", "valid_from": "2015", "note": ""}],
    "companions": [
        dict.fromkeys(COLUMNS["companions"], "")
        | {"series": "W01;W02.1", "kind": "baseline", "item": "项", "value": "1", "relation": "half", "quote": "引文"}
    ],
}


def problems_of(change: Change, folder: Path) -> list[Problem]:
    """What loading the sound project says after ``change``."""
    project = deepcopy(SOUND)
    change(project)
    raw = folder / "data" / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    (raw / "some" / "plan").mkdir(parents=True)
    (raw / "thresholds.toml").write_text(project.pop("thresholds.toml"), encoding="utf-8")
    (raw / "some" / "area.toml").write_text(project.pop("area.toml"), encoding="utf-8")
    for name, rows in project.items():
        columns = [*COLUMNS[name], *(c for c in OPTIONAL.get(name, ()) if any(c in row for row in rows))]
        write_rows(
            ({**dict.fromkeys(columns, ""), **row} for row in rows), columns, raw / "some" / "plan" / f"{name}.csv"
        )
    try:
        load_plan(folder, "some")
    except DataError as error:
        return error.problems
    return []


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """For each rule, what its rule and advice look like with any words filled in."""
    texts = catalogue()
    rules = {key.split(".")[2] for key in texts if key.startswith("plan.rules.")}
    whole = {rule: f"{texts[f'plan.rules.{rule}.rule']}|{texts[f'plan.rules.{rule}.advice']}" for rule in rules}
    return {r: re.compile(".*".join(map(re.escape, re.split(r"\{\w+\}", text)))) for r, text in whole.items()}


def rule_of(problem: Problem) -> str:
    """The catalogue's key whose words the problem uses."""
    return next(rule for rule, words in patterns().items() if words.fullmatch(f"{problem.rule}|{problem.advice}"))


def cell(table: str, row: int, /, **cells: str) -> Change:
    """Change cells of one spreadsheet row."""
    return lambda p: p[table][row - 2].update(cells)


def drop(table: str, *rows: int) -> Change:
    def change(p: Project) -> None:
        p[table] = [r for i, r in enumerate(p[table], start=2) if i not in rows]

    return change


def add(table: str, row: dict[str, str], at: int | None = None) -> Change:
    return lambda p: p[table].insert(len(p[table]) if at is None else at - 2, row)


def text(file: str, old: str, new: str) -> Change:
    def change(p: Project) -> None:
        assert old in p[file]
        p[file] = p[file].replace(old, new)

    return change


def both(*changes: Change) -> Change:
    def change(p: Project) -> None:
        for one in changes:
            one(p)

    return change


def coded(code: str) -> Change:
    """The first series called otherwise, wherever it is named."""
    return both(
        cell("series", 2, series=code, row=code),
        cell("targets", 2, series=code),
        cell("definitions", 2, series=code),
        cell("companions", 2, series=""),
    )


def decided(**cells: str) -> Change:
    """A tolerance decided by the office."""

    def change(project: Project) -> None:
        usual = {
            "threshold": "about_tolerance",
            "value": "2",
            "decided_on": "2026-01-01",
            "decided_by": "甲",
            "reason": "乙",
        }
        project["thresholds"] = [usual | cells]

    return change


def named_plan(code: str) -> Change:
    """The plan ``children`` under another code, beside the one of women, in the area's own table."""

    def change(project: Project) -> None:
        called = {"name": "某规划", "name_en": "Some plan", "short": "某", "short_en": "Some"}
        project["plans"] = [{"plan": code, **called}, {"plan": "women", **called}]
        for row in (*project["domains"], *project["series"]):
            if row["plan"] == "children":
                row["plan"] = code
                row["domain"] = f"{code}.health"

    return change


def beside(*changes: Change, **cells: str) -> Change:
    """The children's plan with a period of its own, 2021-2025, that names W01 of the women's plan as well; ``cells`` of that row."""
    shared = {"series": "W01", "plan": "children", "domain": "children.health", "number": "3", "sub": ""}
    shared |= {"attribute": "binding", "responsible_units": "health"}

    def change(project: Project) -> None:
        first = AREA[AREA.index("[[") :].replace('"a"', '"a1"') + 'plans = "women"\n'
        second = first.replace('"a1"', '"y5"').replace("2030", "2025").replace('"women"', '"children"')
        project["area.toml"] = AREA[: AREA.index("[[")] + first + second
        for row in project["targets"]:
            row["outline"] = "y5" if row["series"].startswith("C") else "a1"
        project["targets"].append(one_target("W01", "rise", outline="y5"))  # row 11
        project["shared"] = [shared | cells]
        for one in changes:
            one(project)

    return change


T, A = "thresholds.toml", "area.toml"
LATER = one_target("W01", "rise", decided_on="2027-01-01", decided_by="领导小组", reason="调整")
# rule, change that breaks it, where the problem must be found, near miss that must pass; one case a line
# fmt: off
CASES: list[tuple[str, Change, tuple[str, int, str], Change]] = [
    ("empty", cell("units", 2, name=""), ("units", 2, "name"), cell("units", 2, name="甲")),
    ("empty", cell("series", 2, name=""), ("series", 2, "name"), cell("series", 2, note="")),
    ("no_rows", lambda p: p.update(units=[]), ("units", 0, ""), lambda p: p.update(definitions=[])),
    ("duplicate", cell("units", 3, name="区卫健委"), ("units", 3, "name"), cell("units", 3, name="区卫健")),
    ("duplicate", add("targets", {**LATER, "decided_on": "2022-12-29"}), ("targets", 11, ""), add("targets", LATER)),
    ("unit_of_measure", cell("series", 2, unit="百分之"), ("series", 2, "unit"), cell("series", 2, unit="万元")),
    ("closed_set", cell("series", 2, groups="sex;x"), ("series", 2, "groups"), cell("series", 2, groups="residence")),
    ("closed_set", cell("targets", 2, kind="rises"), ("targets", 2, "kind"), cell("targets", 2, kind="rise")),
    ("closed_set", cell("targets", 4, operator="="), ("targets", 4, "operator"), cell("targets", 4, operator=">")),
    ("closed_set", cell("companions", 2, relation="same"), ("companions", 2, "relation"), cell("companions", 2, relation="part")),
    ("unknown_code", cell("series", 2, domain="women.x"), ("series", 2, "domain"), cell("series", 3, note="x")),
    ("unknown_code", cell("series", 2, responsible_units="nobody"), ("series", 2, "responsible_units"), cell("series", 2, responsible_units="education")),
    ("unknown_code", cell("targets", 8, reference="W09"), ("targets", 8, "reference"), cell("targets", 8, reference="W01")),
    ("unknown_code", cell("targets", 2, outline="b"), ("targets", 2, "outline"), cell("targets", 2, reason="x")),
    ("unknown_code", cell("companions", 2, series="W01;W99"), ("companions", 2, "series"), cell("companions", 2, series="")),
    ("unknown_code", cell("definitions", 2, series="W99"), ("definitions", 2, "series"), cell("definitions", 2, series="W02.1")),
    ("whole_number", cell("series", 2, decimals="1.0"), ("series", 2, "decimals"), cell("series", 2, decimals="0")),
    ("whole_number", cell("series", 2, number="一"), ("series", 2, "number"), cell("series", 9, number="0")),
    ("whole_number", cell("definitions", 2, valid_from="15"), ("definitions", 2, "valid_from"), cell("definitions", 2, valid_from="")),
    ("not_a_number", cell("series", 2, upper="百"), ("series", 2, "upper"), cell("series", 2, upper="")),
    ("not_a_number", cell("targets", 6, value="约40"), ("targets", 6, "value"), cell("targets", 6, value="80/2")),
    ("date", cell("targets", 2, decided_on="2022-02-30"), ("targets", 2, "decided_on"), cell("targets", 2, decided_on="2024-02-29")),
    ("date", cell("targets", 2, decided_on="20221229"), ("targets", 2, "decided_on"), cell("targets", 2, decided_on="2023-01-01")),
    ("domain_code", cell("domains", 3, domain="women.教育"), ("domains", 3, "domain"), cell("domains", 3, name="教育")),
    ("unit_code", add("units", {"unit": "Sport", "name": "体育局", "printed": "体育局"}), ("units", 4, "unit"), add("units", {"unit": "sport_2", "name": "体育局", "printed": "体育局"})),
    ("unit_code", cell("units", 3, unit="aux"), ("units", 3, "unit"), lambda p: None),
    ("unseen", text(A, 'name = "', 'name = "\\f'), (A, 0, "name"), lambda p: None),
    ("printed_twice", cell("units", 3, printed="区教委;卫健委"), ("units", 3, "printed"), cell("units", 2, printed="卫健委;卫健委")),
    ("series_number", coded("3.1"), ("series", 2, "series"), coded("3.1.1")),
    ("series_number", coded("1-2"), ("series", 2, "series"), coded("EU-1")),
    ("threshold_range", decided(value="30"), ("thresholds", 2, "value"), decided(value="3")),
    ("closed_set", decided(threshold="likely"), ("thresholds", 2, "threshold"), decided(threshold="marked_decrease", value="0.2")),
    ("date", decided(decided_on="2026年"), ("thresholds", 2, "decided_on"), decided(decided_on="2026-03-01")),
    ("empty", decided(reason=""), ("thresholds", 2, "reason"), decided(reason="会议")),
    ("plan_code", named_plan("unit"), ("plans", 2, "plan"), named_plan("fyp14")),
    ("unknown_plan", cell("domains", 2, plan="girls", domain="girls.health"), ("domains", 2, "plan"), cell("domains", 2, name="x")),
    ("series_code", coded("W 01"), ("series", 2, "series"), coded("W-X1")),
    ("numerator_missing", cell("series", 4, numerator=""), ("series", 4, "numerator"), cell("series", 4, denominator="")),
    ("bounds_order", cell("series", 2, lower="100"), ("series", 2, "upper"), cell("series", 2, lower="99.9")),
    ("bounds_order", cell("targets", 10, high="103"), ("targets", 10, "high"), cell("targets", 10, high="103.1")),
    ("domain_order", cell("series", 6, domain="women.education"), ("series", 7, "domain"), cell("series", 9, domain="women.health")),
    ("plan_domain", cell("series", 9, plan="children"), ("series", 9, "plan"), cell("series", 9, note="x")),
    ("unit_twice", cell("series", 2, responsible_units="health;health"), ("series", 2, "responsible_units"), cell("series", 2, responsible_units="education;health")),
    ("row_itself", cell("series", 2, row="W02"), ("series", 2, "row"), cell("series", 9, row="W04.ref")),
    ("sub_letter", cell("series", 7, sub="B"), ("series", 7, "sub"), cell("series", 7, sub="b")),
    ("sequence", cell("series", 8, number="5"), ("series", 8, "number"), cell("series", 8, number="4")),
    ("sequence", cell("series", 7, sub="c"), ("series", 7, "sub"), both(add("series", one_series("W03c", number=3, sub="c"), 8), add("targets", one_target("W03c", "rise")))),
    ("sub_alone", both(drop("series", 7), drop("targets", 7)), ("series", 6, "sub"), both(drop("series", 7), drop("targets", 7), cell("series", 6, sub=""))),
    ("compound_parts", both(drop("series", 5), drop("targets", 5)), ("series", 3, "role"), drop("companions", 2)),
    ("part_parent", both(cell("series", 2, role="part"), cell("series", 2, row="W04")), ("series", 2, "row"), cell("series", 2, note="x")),
    ("part_place", lambda p: p["series"].insert(6, p["series"].pop(3)), ("series", 8, "row"), lambda p: p["targets"].insert(6, p["targets"].pop(3))),
    ("part_code", both(cell("series", 5, series="W02.3"), cell("targets", 5, series="W02.3")), ("series", 5, "series"), cell("series", 5, name="别名")),
    ("part_differs", cell("series", 4, attribute="anticipatory"), ("series", 4, "attribute"), cell("series", 4, unit="‰")),
    ("evidence", cell("targets", 2, evidence_quote=""), ("targets", 2, "evidence_url"), cell("targets", 2, evidence_quote="", confidence="low")),
    ("before_issue", cell("targets", 2, decided_on="2022-12-28"), ("targets", 2, "decided_on"), cell("targets", 2, decided_on="2022-12-30")),
    ("reason", add("targets", {**LATER, "reason": ""}), ("targets", 11, "reason"), add("targets", LATER, 2)),
    ("reason", cell("targets", 2, operator_source="office"), ("targets", 2, "reason"), cell("targets", 2, operator_source="office", reason="确认", evidence_quote="")),
    ("reference_target", add("targets", one_target("W04.ref", "keep_reasonable")), ("targets", 11, "series"), add("targets", {**LATER, "series": "W03b"})),
    ("no_target", drop("targets", 2), ("targets", 0, "series"), both(drop("targets", 2), cell("series", 2, role="reference", number="0"), *(cell("series", r, number=n) for r, n in ((3, "1"), (4, "1"), (5, "1"), (6, "2"), (7, "2"), (8, "3"))))),
    ("part_target", drop("targets", 5), ("targets", 0, "series"), cell("targets", 5, reason="x")),
    ("kind_needs", cell("targets", 6, value=""), ("targets", 6, "value"), cell("targets", 6, kind="keep_reasonable", value="")),
    ("kind_needs", cell("targets", 4, operator=""), ("targets", 4, "operator"), cell("targets", 4, kind="about", operator="", target_text="98左右")),
    ("kind_forbids", cell("targets", 2, value="5"), ("targets", 2, "value"), cell("targets", 2, kind="about", value="5")),
    ("kind_forbids", cell("targets", 6, operator=">="), ("targets", 6, "operator"), cell("targets", 6, operator=">=", kind="threshold", target_text="40以上")),
    ("bare_number", cell("targets", 4, target_text="98%"), ("targets", 4, "operator_source"), cell("targets", 4, target_text="98", operator_source="inferred")),
    ("outside_bounds", cell("targets", 4, value="100.1"), ("targets", 4, "value"), cell("targets", 4, value="100", target_text="≥100")),
    ("outside_bounds", cell("targets", 9, value="-1"), ("targets", 9, "value"), cell("targets", 9, value="1000", target_text="<1000")),
    ("too_precise", cell("targets", 4, value="98.55"), ("targets", 4, "value"), cell("targets", 4, value="98.5", target_text="≥98.5")),
    ("print_number", cell("targets", 4, value="89"), ("targets", 4, "value"), cell("targets", 4, value="89", operator_source="office", reason="领导小组确定")),
    ("print_number", cell("targets", 6, value="54"), ("targets", 6, "value"), cell("targets", 6, value="45", target_text="45左右")),
    ("print_number", cell("targets", 2, kind="rise_yearly", low="0.2", high="1", target_text="每年提高0.5—1个百分点"), ("targets", 2, "low"), cell("targets", 2, kind="rise_yearly", low="0.5", high="1", target_text="在2020年基础上每年提高0.5—1个百分点")),
    ("print_operator", cell("targets", 9, target_text="1.5‰以上"), ("targets", 9, "operator"), cell("targets", 9, target_text="1.5‰以下")),
    ("print_about", cell("targets", 6, operator=">=", kind="threshold"), ("targets", 6, "kind"), cell("targets", 6, operator=">=", kind="threshold", operator_source="office", reason="领导小组确定")),
    ("print_not_about", cell("targets", 6, target_text="40%以上"), ("targets", 6, "kind"), cell("targets", 6, target_text="约40%")),
    ("print_unit", cell("targets", 9, target_text="<1.5%"), ("targets", 9, "target_text"), cell("targets", 9, target_text="1.5‰以下")),
    ("print_unit_head", cell("series", 10, indicator="新生儿死亡率(%)"), ("targets", 9, "target_text"), cell("series", 10, indicator="新生儿死亡率(‰)")),
    ("print_band", cell("targets", 10, kind="within_band", low="10.3", high="10.7", target_text="保持在105左右"), ("targets", 10, "low"), cell("targets", 10, kind="within_band", target_text="保持在105左右")),
    ("print_fraction", cell("targets", 7, kind="within_band", low="0.45", high="0.55"), ("targets", 7, "high"), cell("targets", 7, kind="within_band", low="45", high="55")),
    ("print_future", cell("targets", 2, decided_on="2031-01-01"), ("targets", 2, "decided_on"), cell("targets", 2, decided_on="2030-12-31")),
    ("amount_positive", cell("targets", 2, kind="rise_by", value="0", target_text="[0]"), ("targets", 2, "value"), cell("targets", 2, kind="rise_by", value="1", target_text="[1]")),
    ("control_counts", both(cell("targets", 9, kind="under_control", operator="", value="", target_text="得到控制")), ("targets", 9, "kind"), both(cell("series", 10, numerator="例数", denominator="人数"), cell("targets", 9, kind="under_control", operator="", value="", target_text="得到控制"))),
    ("milestones", cell("targets", 4, milestones="2025年95"), ("targets", 4, "milestones"), cell("targets", 4, milestones="2025:95;2027:96.5")),
    ("milestones", cell("targets", 4, milestones="2027:95;2025:96"), ("targets", 4, "milestones"), cell("targets", 4, milestones="")),
    ("worst_part", cell("targets", 3, kind="rise"), ("targets", 3, "kind"), cell("targets", 4, kind="rise", operator="", value="")),
    ("worst_part", cell("targets", 2, kind="worst_part"), ("targets", 2, "kind"), cell("targets", 2, kind="hold_or_rise")),
    ("reference_series", cell("targets", 8, reference="W04"), ("targets", 8, "reference"), cell("targets", 8, reference="W02.1")),
    ("reference_series", cell("targets", 8, reference="C01"), ("targets", 8, "reference"), cell("targets", 8, reference="W03a")),
    ("direction", cell("targets", 4, operator="<="), ("targets", 4, "operator"), cell("targets", 4, operator=">")),
    ("direction", cell("targets", 4, operator="<"), ("targets", 4, "operator"), cell("targets", 9, operator="<=")),
    ("direction", cell("targets", 2, kind="fall"), ("targets", 2, "kind"), cell("targets", 2, kind="rise_gradually")),
    ("direction", cell("targets", 10, kind="rise", low="", high=""), ("targets", 10, "kind"), cell("targets", 10, kind="within_band")),
    ("direction", cell("series", 11, direction="1"), ("targets", 10, "kind"), both(cell("series", 11, direction="1"), cell("targets", 10, kind="within_band"))),
    ("settings_missing", text(A, 'name = "某区"\n', ""), (A, 0, "name"), text(A, "某区", "某县")),
    ("settings_missing", text(A, "base_year = 2020\n", ""), (A, 0, "outlines[1].base_year"), text(A, "2020", "2019")),
    ("settings_type", text(A, "fictional = true", 'fictional = "是"'), (A, 0, "fictional"), text(A, "= true", "= false")),
    ("settings_type", text(A, "as_of = 2025", "as_of = true"), (A, 0, "as_of"), text(A, "as_of = 2025", "as_of = 2030")),
    ("settings_unknown", text(A, "comparators", 'x = 1\ncomparators'), (A, 0, "x"), text(A, "[[outlines]]", "[thresholds]\n[[outlines]]")),
    ("outline_years", text(A, "target_year = 2030", "target_year = 2020"), (A, 0, "outlines[1].target_year"), text(A, "target_year = 2030", "target_year = 2026")),
    ("outline_overlap", text(A, '1号"\n', '1号"\n' + AREA[AREA.index("[[") :].replace('"a"', '"b"')), (A, 0, "outlines[2].id"), text(A, '1号"\n', '1号"\n' + AREA[AREA.index("[[") :].replace('"a"', '"b"').replace("2030", "2040").replace("2020", "2030"))),
    ("outline_overlap", beside(text(A, 'plans = "children"', 'plans = "children;women"')), (A, 0, "outlines[2].id"), beside(text(A, "2025", "2026"))),
    ("outline_overlap", beside(text(A, 'plans = "women"\n', "")), (A, 0, "outlines[2].id"), beside(cell("targets", 11, kind="hold_or_rise"))),
    ("outline_id", beside(text(A, '"y5"', '"final"')), (A, 0, "outlines[2].id"), beside()),
    ("outline_plan", beside(text(A, 'plans = "women"', 'plans = "women;men"')), (A, 0, "outlines[1].plans"), beside(text(A, 'plans = "women"', 'plans = " women "'))),
    ("target_plan", beside(lambda p: p.pop("shared")), ("targets", 11, "outline"), beside(lambda p: (p.pop("shared"), p["targets"].pop()))),
    ("target_plan", beside(cell("targets", 4, outline="y5")), ("targets", 4, "outline"), beside()),
    ("shared_compound", beside(series="W02"), ("shared", 2, "series"), beside(cell("targets", 11, series="W02.2", kind="rise"), series="W02.2")),
    ("shared_period", beside(plan="women", domain="women.health", number="5"), ("shared", 2, "plan"), beside()),
    ("unknown_code", beside(series="W09"), ("shared", 2, "series"), beside()),
    ("unknown_code", beside(responsible_units="health;sports"), ("shared", 2, "responsible_units"), beside(responsible_units="health;education")),
    ("shared_lead", beside(responsible_units="education;health"), ("shared", 2, "responsible_units"), beside()),
    ("plan_domain", beside(domain="women.health"), ("shared", 2, "domain"), beside()),
    ("sequence", beside(number="4"), ("shared", 2, "number"), beside(cell("series", 11, number="3"), number="2")),
    ("closed_set", beside(attribute="x"), ("shared", 2, "attribute"), beside(attribute="anticipatory")),
    ("as_of_outside", text(A, "as_of = 2025", "as_of = 2020"), (A, 0, "as_of"), text(A, "as_of = 2025", "as_of = 2021")),
    ("whole_number", text(A, "months = 12", "months = 121"), (A, 0, "data_closes_months"), text(A, "months = 12", "months = 120")),
    ("date", text(A, '"2022-12-29"', '"2022年底"'), (A, 0, "outlines[1].issued"), text(A, '"2022-12-29"', '"2022-12-28"')),
    ("threshold_unknown", text(A, "[[", "[thresholds]\nlikly = 0.7\n[["), (A, 0, "likly"), text(A, "[[", "[thresholds]\nlikely = 0.7\n[[")),
    ("threshold_missing", text(T, "pool_years = 3", ""), (T, 0, "pool_years"), text(T, "pool_years = 3", "pool_years = 5")),
    ("threshold_range", text(T, "likely = 0.66", "likely = 66"), (T, 0, "likely"), text(T, "likely = 0.66", "likely = 1")),
    ("threshold_range", text(T, "min_points = 4", "min_points = 4.0"), (T, 0, "min_points"), text(T, "min_points = 4", "min_points = 3")),
    ("threshold_range", text(T, "[1.0, 2.0, 3.0]", "[]"), (T, 0, "about_tolerances_shown"), text(T, "[1.0, 2.0, 3.0]", "[2]")),
    ("threshold_order", text(A, "[[", "[thresholds]\nhard = 0.7\n[["), (A, 0, "hard"), text(A, "[[", "[thresholds]\nhard = 0.65\n[[")),
    ("threshold_order", text(T, "very_hard = 0.10", "very_hard = 0.33"), (T, 0, "hard"), text(T, "very_hard = 0.10", "very_hard = 0.32")),
]
# fmt: on
IDS = [f"{i:02d}_{c[0]}" for i, c in enumerate(CASES)]


def test_the_sound_project_is_sound(tmp_path: Path) -> None:
    assert problems_of(lambda p: None, tmp_path) == []


@pytest.mark.parametrize(("rule", "error", "place", "_"), CASES, ids=IDS)
def test_an_error_is_found_where_it_stands(
    rule: str, error: Change, place: tuple[str, int, str], _: Change, tmp_path: Path
) -> None:
    table, row, column = place
    file = {T: f"data/raw/{T}", A: f"data/raw/some/{A}"}.get(table, f"data/raw/some/plan/{table}.csv")
    problems = problems_of(error, tmp_path)
    found = [(p.file, p.row, p.column) for p in problems if rule_of(p) == rule]
    assert (file, row, column) in found, problems
    for problem in problems:
        assert re.search("[\u4e00-\u9fff]", problem.rule) and problem.advice.endswith("。"), problem
        assert "{" not in problem.rule + problem.advice
    assert len(found) == 1 or rule in ("unknown_code", "no_rows"), found


@pytest.mark.parametrize(("_rule", "_error", "_place", "near_miss"), CASES, ids=IDS)
def test_a_near_miss_passes(_rule: str, _error: Change, _place: Any, near_miss: Change, tmp_path: Path) -> None:
    assert problems_of(near_miss, tmp_path) == []


def test_every_rule_of_the_catalogue_has_a_case() -> None:
    rules = {key.split(".")[2] for key in catalogue() if key.startswith("plan.rules.")}
    assert rules == {case[0] for case in CASES} | {"area_code", "class_rest"}  # of the folder, and of classes.csv


@pytest.mark.parametrize("code", ["Demo", "my area", "aux", "a;touch x", "x" * 41, "市", "_x", "a-"])
def test_a_folder_whose_name_is_no_code_is_named(tmp_path: Path, code: str) -> None:
    problems_of(lambda p: None, tmp_path)
    (tmp_path / "data" / "raw" / "some").rename(tmp_path / "data" / "raw" / code)
    with pytest.raises(DataError) as found:
        load_plan(tmp_path, code)
    (one,) = found.value.problems
    assert rule_of(one) == "area_code" and one.found == code


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    wrong = both(*(c[1] for c in CASES if c[2][0] in ("units", "definitions", "companions") and c[0] != "no_rows"))
    places = {(p.file.split("/")[-1], p.column) for p in problems_of(wrong, tmp_path)}
    assert {f for f, _ in places} >= {"units.csv", "definitions.csv", "companions.csv"}
    assert len(places) >= 7
