"""An edition written by hand, not computed, and a reader for the pages made from it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base.tables import write_atomic, write_table
from plananalysis.editions.frames import rows_in
from plananalysis.editions.opened import Published
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS
from plananalysis.pages import open_edition
from plananalysis.schema import format_version, table
from plananalysis.schema.writing import checked

KINDS = (
    *("threshold", "about", "within_band", "rise_each_year", "rise_gradually", "rise", "fall", "fall_clearly"),
    *("hold_or_rise", "under_control", "toward_band", "relative", "keep_reasonable", "worst_part"),
)
DOMAINS = {
    "women.health": "妇女健康",
    "women.law": "妇女与法律",
    "children.health": "儿童健康",
    "children.family": "家庭",
}
UNITS = {"区卫健委": "health", "区教委": "education"}
NASTY = "<script>alert('名称')</script>"
CHANCE = {"met_secure": 0.9, "met_slipping": 0.5, "likely": 0.8, "uncertain": 0.5, "hard": 0.2, "very_hard": 0.05}
VOID = {"meta", "br", "hr", "col", "img", "input"}
BRIEF = [
    *("one_page", "evaluation", "expected", "action", "units", "watch", "map", "changes", "gaps"),
    *("rows", "thresholds"),
]
DOMAIN = ["masthead", "summary", "evaluation", "targets", "overview", "gaps", "series", "reading"]
QUALITY = ["masthead", "summary", "issues", "coverage", "returns", "completeness", "gaps", "revisions"]
UNIT = ["masthead", "todo", "reported", "questions", "targets", "due", "measures", "shared", "reading"]
INDICATORS = ["masthead", "indicators", "glossary"]
METHOD = ["masthead", "principle", "scores", "track_record", "reliability", "retrospective", "thresholds", "inputs"]
THRESHOLDS: dict[str, Any] = {
    "likely": 0.66, "hard": 0.33, "very_hard": 0.10, "clear_by": 0.05, "alert_binding": 0.66, "alert_anticipatory": 0.33,
    "small_events": 20, "pool_years": 3, "min_points": 4, "about_tolerances_shown": [1.0, 2.0, 3.0], "signed_off": "",
}  # fmt: skip

CLASSES = [
    {"class": "early", "name": "提前达标", "name_en": "Met early", "position": "met", "outlook": ""},
    {
        "class": "expected",
        "name": "预期可达标",
        "name_en": "Expected",
        "position": "not_met",
        "outlook": "likely;uncertain",
    },
    {"class": "hard", "name": "达标困难", "name_en": "Hard", "position": "not_met", "outlook": "hard;very_hard"},
    {"class": "none", "name": "无数据或无法判断", "name_en": "No data", "position": "", "outlook": ""},
]


def row(code: str, outlook: str, kind: str = "threshold", domain: str = "women.health", **cells: Any) -> dict[str, Any]:
    """One assessed row as the table ``assessments`` holds it, with numbers that fit its outlook."""
    met = outlook.startswith("met")
    known = outlook in ASSESSABLE
    plan = domain.partition(".")[0]
    return {
        "series": code, "row": code, "role": "target", "plan": plan, "domain": domain, "number": int(code[1:4]), "sub": "",
        "name": f"指标{code}", "indicator": f"指标{code}(%", "unit": "%", "decimals": 1, "direction": 1, "attribute": "anticipatory",
        "rhythm": "annual", "responsible_units": "区卫健委;区教委", "target_text": "80", "kind": kind,
        "operator_source": "printed", "reading_text": "不低于80%", "value": 85.0 if met else 70.0, "value_year": 2025,
        "value_text": "85%" if met else "70%", "previous_value": 69.0, "baseline": 60.0, "baseline_year": 2020, "n_points": 6,
        "events": None, "events_years": "", "value_question": "", "value_places": 1, "doubted_year": None, "doubted_value": None, "pace_since": 2020, "evidence_grade": "B" if known else "", "position": "met" if met else "not_met" if known else "unknown",
        "goal": 80.0, "goal_low": 80.0, "goal_high": float("inf"), "shortfall": 0.0 if met else 10.0, "outlook": outlook,
        "probability": CHANCE.get(outlook), "schedule": "behind" if known and not met else "not_applicable", "task_progress": 0.25,
        "time_progress": 0.5, "alerts": "hard_to_reach" if outlook in ("hard", "very_hard") else "", "required_annual_change": 2.0,
        "observed_annual_change": 1.0, "pace_multiple": 2.0, "why_no_probability": "" if known else "too_few",
        "median_target_year": 75.0 if known else None, "low80_target_year": 70.0 if known else None,
        "high80_target_year": 82.0 if known else None, **{f"required_{y}": 70 + 2 * (y - 2025) for y in range(2026, 2031)},
        "reason": f"{code}的说明。", "worst_part": "",
    } | cells  # fmt: skip


def every_combination() -> list[dict[str, Any]]:
    """Each outlook with each kind; a row judged by its parts gets two of them."""
    rows, domains = [], list(DOMAINS)
    for i, (outlook, kind) in enumerate((o, k) for o in OUTLOOKS for k in KINDS):
        domain = domains[i % len(domains)]
        code = f"{'W' if domain.startswith('women') else 'C'}{i + 1:03d}"
        cells: dict[str, Any] = {"attribute": "binding" if i % 3 == 0 else "anticipatory"}
        if kind in ("rise_each_year", "relative", "keep_reasonable", "toward_band"):
            cells |= {"goal": None, "goal_low": None, "goal_high": None}
        if kind != "worst_part":
            rows.append(row(code, outlook, kind, domain, **cells))
            continue
        parts = [
            row(f"{code}.{n}", outlook, "threshold", domain, role="part", row=code, name=f"分项{n}") for n in (1, 2)
        ]
        rows += [row(code, outlook, kind, domain, role="compound", worst_part=f"{code}.1", **cells), *parts]
    return rows


def silent(code: str, unit: str = "区卫健委", **cells: Any) -> dict[str, Any]:
    """A row nobody ever reported."""
    nothing = dict.fromkeys(
        (
            "value",
            "value_year",
            "value_text",
            "previous_value",
            "baseline",
            "goal_low",
            "goal_high",
            "required_annual_change",
        )
    )
    words = {"responsible_units": unit, "why_no_probability": "no_observations", "n_points": 0}
    return row(code, "no_data") | nothing | {f"required_{y}": None for y in range(2026, 2031)} | words | cells


def table_file(name: str, rows: Sequence[dict[str, Any]] | pd.DataFrame, folder: Path) -> None:
    """Write a derived table as a build would, held to its schema; a cell that a test leaves out is empty.

    Words that are not stored (``reason``) stand in the file where a test chooses them: they are then shown as they are.
    """
    about = table("edition", name)
    rows = rows_in(rows) if isinstance(rows, pd.DataFrame) else list(rows)
    stored = checked(about, [{c: v for c, v in r.items() if c not in about.made} for r in rows])
    stored |= {c: [str(r.get(c, "")) for r in rows] for c in about.made if any(c in r for r in rows)}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[*stored], *zip(*stored.values(), strict=True)])
    write_atomic(folder / f"{name}.csv", out.getvalue().encode("utf-8-sig"))


def coded(names: str) -> str:
    """Codes of units by their names."""
    return ";".join(UNITS.get(n, "other") for n in names.split(";"))


def write_edition(
    root: Path, rows: Sequence[dict[str, Any]], *, fictional: bool = False, **tables: pd.DataFrame
) -> Path:
    """Write the tables of area ``paper``, as of 2025, under ``root`` and return their folder."""
    raw = root / "data" / "raw" / "paper"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "area.toml").write_text('name = "纸上区"\n', encoding="utf-8")
    listed = [{"domain": c, "plan": c.partition(".")[0], "name": n, "name_en": c} for c, n in DOMAINS.items()]
    write_table(pd.DataFrame(listed), raw / "plan" / "domains.csv")
    folder = root / "data" / "processed" / "paper" / "2025"
    known = [r for r in rows if r["value_year"] is not None and r["role"] != "compound"]
    seen = [line for r in known for line in _seen(r["series"], r["value"])]
    ahead = [
        line
        for r in known
        if r["median_target_year"] is not None
        for line in _ahead(r["series"], r["median_target_year"])
    ]
    table_file("assessments", [r | {"responsible_units": coded(r["responsible_units"])} for r in rows], folder)
    table_file("plan", [_planned(r) for r in rows], folder)
    table_file("observations", seen, folder)
    table_file("projections", ahead, folder)
    for name, held in tables.items():
        table_file(name, held, folder)
    info = {
        "format": format_version(), "area": "paper", "name": "纸上区", "fictional": fictional, "as_of": 2025, "known_on": "2026-12-31", "outline": "2021-2030",
        "title": "纸上区规划", "plans": {"women": {"name": "妇女发展规划"}, "children": {"name": "儿童发展规划"}}, "base_year": 2020, "first_as_of": 2021, "target_year": 2030, "thresholds": THRESHOLDS, "engine": "纸上", "version": "0", "classes": CLASSES,
    }  # fmt: skip
    (folder / "edition.json").write_text(json.dumps(info, ensure_ascii=False), encoding="utf-8")
    return folder


def _planned(row: dict[str, Any]) -> dict[str, Any]:
    """What the plan says of an assessed row."""
    described = (
        "series",
        "row",
        "role",
        "plan",
        "domain",
        "number",
        "sub",
        "name",
        "indicator",
        "unit",
        "decimals",
        "direction",
    )
    return {c: row[c] for c in (*described, "attribute", "rhythm", "kind", "target_text", "operator_source")} | {
        "domain_name": DOMAINS.get(row["domain"], ""), "lower": 0, "upper": 100, "operator": ">=", "value": 80, "value_text": "80",
        "responsible_units": coded(row["responsible_units"]), "responsible_names": row["responsible_units"], "low": 103, "high": 107,
    }  # fmt: skip


def _seen(series: str, newest: float) -> list[dict[str, Any]]:
    cells = {
        "series": series,
        "area": "paper",
        "group": "total",
        "status": "A",
        "definition": "",
        "reported_at": "2026-05-01",
    }
    return [cells | {"year": year, "value": newest - (2025 - year)} for year in range(2020, 2026)]


def _ahead(series: str, median: float) -> list[dict[str, Any]]:
    spread = {"q025": -8, "q10": -5, "q25": -2, "q50": 0, "q75": 3, "q90": 7, "q975": 10}
    return [
        {"series": series, "year": year, **{q: median + d for q, d in spread.items()}} for year in range(2026, 2031)
    ]


class Reader(HTMLParser):
    """Checks that elements close in order and collects ids, links and the rows of tables."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_ = dict(attrs)
        self.tags.add(tag)
        self.ids += [given_["id"]] if given_.get("id") else []
        self.links += [given_["href"]] if given_.get("href") else []
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.rows and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    assert reader.open == []
    return reader


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def tables(markup: str) -> list[list[list[str]]]:
    """Rows of every table, each a list of the texts of its cells."""
    return [read(found).rows for found in re.findall(r"<table.*?</table>", markup, re.DOTALL)]


def by_code(markup: str) -> dict[str, dict[str, str]]:
    """The lines of a table of rows by code, each cell under its column's head without the sign for sorting."""
    heads, *lines = read(re.search(r"<table.*?</table>", markup, re.DOTALL)[0]).rows
    held = [dict(zip(heads, line, strict=True)) for line in lines if len(line) == len(heads)]
    return {m[0]: cells for cells in held if (m := re.match(r"[WC]\d{3}[a-z]?", cells["指标"]))}


def page(made: object, names: list[str]) -> str:
    return "\n".join(getattr(made, name)()._repr_html_() for name in names)


def whole(edition: Published) -> dict[str, str]:
    """Every page of an edition by file name."""
    domains = {f"{d.code}.html": page(edition.domain_page(d.code), DOMAIN) for d in edition.domains}
    single = {
        "index.html": page(edition.brief(), BRIEF),
        "q": page(edition.quality_page(), QUALITY),
        "m": page(edition.method_page(), METHOD),
        "i": page(edition.indicators_page(), INDICATORS),
    }
    units = {
        f"unit.{u}.html": page(edition.unit_page(u), UNIT) for u in edition.unit_names if edition.audience == "internal"
    }
    return single | domains | units


def small(tmp_path: Path, *rows: dict[str, object], **tables: pd.DataFrame) -> Published:
    write_edition(tmp_path, rows, **tables)
    return open_edition("paper", 2025, tmp_path)
