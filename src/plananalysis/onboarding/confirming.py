"""目标读法确认表: what an office has to confirm, written to a workbook, and read back, filled and signed, as dated rows of the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from plananalysis.base import workbooks
from plananalysis.base.drafts import drafting
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.publication import lock
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.tables import read_text
from plananalysis.base.text import say
from plananalysis.onboarding import plan_tables, words
from plananalysis.onboarding.files import cell_text, sheets_of
from plananalysis.onboarding.questions import Question, questions
from plananalysis.onboarding.readings import READ, decided_row
from plananalysis.onboarding.workbook import heads, known_area, wrong
from plananalysis.plan import load_plan
from plananalysis.plan.findings import iso_date
from plananalysis.plan.settings import is_of
from plananalysis.plan.targets import KINDS
from plananalysis.plan.thresholds import TOLERANCES
from plananalysis.sheets.grids import Grid, address

# what is shown, and what is filled in; the names stand under readings.column in the catalogue
TOLD = (
    *("topic", "code", "name", "unit", "responsible", "target_text", "reading", "evidence", "confidence", "value"),
    *("now", "effect"),
)
FILLED = ("decision", "kind", "operator", "value_set", "low", "high", "reason")
AGREE, OTHER = "agree", "other"
_CELLS = ("kind", "operator", "value", "low", "high")
_OFFERED = ("threshold", "about", "growth", "each_year", "within_band", "toward_band", "keep_reasonable")  # kinds
_HEAD = 4  # zero-based row of the columns' names
_WIDTHS = {"name": 24, "reading": 20, "evidence": 34, "effect": 40, "reason": 28}
_WIDTHS |= dict.fromkeys(("target_text", "now", "responsible"), 16)
_PLAIN = {"font_name": "宋体", "font_size": 10, "valign": "top"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 16, "bold": True},
    "text": {"text_wrap": True},
    "guide": {},
    "head": {"bold": True, "text_wrap": True, "border": 1, "bg_color": "#DDE6F0"},
    "told": {"text_wrap": True, "border": 1, "bg_color": "#F2F2F2"},
    "fill": {"text_wrap": True, "border": 1, "locked": False, "num_format": "@"},
    "sign": {"bottom": 1, "locked": False, "num_format": "@"},
}


@dataclass(frozen=True)
class Confirmed:
    """What was taken over: the files that changed, and in sentences each decision."""

    written: list[Path]
    decisions: list[str]


def write_form(root: Path, area: str, path: Path, as_of: int | None = None) -> int:
    """Write the form; the number of its rows.

    Raises
    ------
    DataError
        The plan or the observations are not sound.
    """
    found = questions(root, known_area(root, area), as_of)
    plan = load_plan(root, area, as_of, "zh")
    with drafting(path) as file:
        file.write(form_bytes(say("readings.title", area=plan.name, plans=plan.all_plans), found))
    return len(found)


def form_bytes(title: str, found: Sequence[Question]) -> bytes:
    """The workbook of a form: one sheet, its rows, and above them who signs and when."""
    return workbooks.drawn(title, _PLAIN, _STYLES, partial(_draw, title, found))


def _draw(title: str, found: Sequence[Question], book: Any, style: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(say("readings.sheet"))
    sheet.write_string(0, 0, title, style["title"])
    sheet.write_string(1, 0, say("readings.guide"), style["guide"])
    for column, key in ((0, "signed_by"), (4, "signed_on")):
        sheet.write_string(2, column, say(f"readings.{key}"), style["text"])
        sheet.write_blank(2, column + 1, None, style["sign"])
    for column, key in enumerate((*TOLD, *FILLED)):
        sheet.write_string(_HEAD, column, f"{say(f'readings.column.{key}')}\n{key}", style["head"])
        sheet.set_column(column, column, _WIDTHS.get(key, 10))
    for row, one in enumerate(found, start=_HEAD + 1):
        for column, key in enumerate(TOLD):
            text = say(f"readings.topic.{one.topic}") if key == "topic" else str(getattr(one, key))
            sheet.write_string(row, column, text, style["told"])
        for column in range(len(TOLD), len(TOLD) + len(FILLED)):
            sheet.write_blank(row, column, None, style["fill"])
    lists = {
        "decision": [say(f"readings.decision.{d}") for d in (AGREE, OTHER)],
        "operator": list(words.code_words("targets", "operator").values()),
        "kind": [words.in_words("targets", "kind", k) for k in _OFFERED],
    }
    last = _HEAD + max(1, len(found))
    for key, chosen in lists.items():
        column = len(TOLD) + FILLED.index(key)
        sheet.data_validation(_HEAD + 1, column, last, column, {"validate": "list", "source": chosen})
    sheet.set_row(_HEAD, 30)
    sheet.freeze_panes(_HEAD + 1, 3)
    sheet.protect("", {"format_columns": True, "format_rows": True})  # no password: it prevents slips
    workbooks.on_paper(sheet, paper=8)
    sheet.repeat_rows(_HEAD)


def read_form(root: Path, area: str, path: Path, today: str = "") -> Confirmed:
    """Take the decisions of a filled and signed form over: each is a new, dated row, and what was read before stays.

    Raises
    ------
    DataError
        Everything that is wrong, by cell; nothing was written then.
    """
    known_area(root, area)
    sheets = {grid.name.strip(): grid for grid in sheets_of(path).grids}
    grid = sheets.get(say("readings.sheet"))
    problems: list[Problem] = []
    before = plan_tables.read(root, area)
    if grid is None:
        raise DataError([_problem(path, "", "no_sheet", sheet=say("readings.sheet"))])
    by, on = _signature(grid, path, problems, today or date.today().isoformat())
    at, places = heads(grid, (*TOLD, *FILLED))
    rows = {name: [dict(row) for row in held] for name, held in before.rows.items()}
    lines: dict[tuple[str, int], int] = {}
    decisions = []
    for line in range(at + 1, len(grid.rows)):
        cells = {key: cell_text(grid.cell(line, place)) for key, place in places.items()}
        chosen = {say(f"readings.decision.{d}"): d for d in (AGREE, OTHER)}.get(cells.get("decision", ""))
        if chosen is None:
            if any(cells.get(key) for key in FILLED):
                problems.append(_problem(path, address(line, places.get("decision", 0)), "no_decision"))
            continue
        made = _decided(cells, chosen, before, by, on)
        if isinstance(made, str):
            problems.append(_problem(path, address(line, places["code"]), made, code=cells["code"]))
            continue
        table, row = made
        rows[table].append(row)
        lines[table, len(rows[table]) + 1] = line  # as a spreadsheet counts the rows of its file
        decisions.append(_told(table, row, chosen))
    text = read_text(root / "data" / "raw" / area / "area.toml", root)
    for one in wrong(root, area, text, rows, before) if decisions and not problems else []:
        line = lines.get((Path(one.file).stem, one.row), -1)
        key = {"value": "value_set"}.get(one.column, one.column)
        cell = address(line, places.get(key, places["code"])) if line >= 0 else one.column
        file = say("workbook.error.place", file=path.name, sheet=grid.name) if line >= 0 else one.file
        problems.append(Problem(file, 0 if line >= 0 else one.row, cell, one.found, one.rule, one.advice))
    if problems:
        raise DataError(problems)
    with lock(root, area):
        written = plan_tables.write(root, area, rows, before) if decisions else []
    return Confirmed(written, decisions)


def _signature(grid: Grid, path: Path, problems: list[Problem], today: str) -> tuple[str, str]:
    """Who signed and on which day; both stand beside their labels."""
    found = {"signed_by": ("", ""), "signed_on": ("", "")}
    for at, row in enumerate(grid.rows[:_HEAD]):
        for column, cell in enumerate(row):
            for key in found:
                if cell.text == say(f"readings.{key}"):
                    found[key] = cell_text(grid.cell(at, column + 1)), address(at, column + 1)
    (by, by_cell), (on, on_cell) = found["signed_by"], found["signed_on"]
    on = as_date(on)
    if not by:
        problems.append(_problem(path, by_cell, "unsigned"))
    if not iso_date(on):
        problems.append(_problem(path, on_cell, "bad_day", found=on))
    elif on > today:
        problems.append(_problem(path, on_cell, "future", found=on, today=today))
    return by, on


def _decided(
    cells: Mapping[str, str], chosen: str, before: plan_tables.PlanTables, by: str, on: str
) -> tuple[str, dict[str, str]] | str:
    """The table a decision goes to and its row; a rule's name where it cannot be one."""
    code = cells["code"]
    reason = cells.get("reason") or (say("readings.agreed") if chosen == AGREE else "")
    if code in TOLERANCES:
        value = _in_use(cells["reading"]) if chosen == AGREE else cells.get("value_set") or ""
        return "thresholds", {"threshold": code, "value": value, "decided_on": on, "decided_by": by, "reason": reason}
    series, _, outline = code.partition("@")
    own = {r["series"]: r["plan"] for r in before.rows["series"]}.get(series, "")
    periods = {o["id"] for o in before.outlines if (o["id"] == outline if outline else is_of(o.get("plans", ""), own))}
    readings = [r for r in before.rows["targets"] if r["series"] == series and r["outline"] in periods]
    if not readings:
        return "no_series"
    newest = max(readings, key=lambda r: (r["outline"], r["decided_on"]))
    if newest["decided_on"] >= on:
        return "decided_later"
    read = {c: newest[c] for c in READ}
    if chosen == OTHER:
        read |= {c: words.as_code("targets", c, cells.get(c, "")) for c in ("operator", "low", "high")}
        read |= {"value": cells.get("value_set", "")}
        read["kind"] = words.as_code("targets", "kind", cells.get("kind", "")) or newest["kind"]
        needed = KINDS.get(read["kind"], READ)
        if any(read[c] and c not in needed for c in ("operator", "value", "low", "high")):
            return "not_needed"
    return "targets", decided_row(newest, read, on, by, reason)


def _in_use(shown: str) -> str:
    """The number a tolerance is shown with, as its table has it: 2个百分点 is 2, 10% is 0.1."""
    digits = "".join(c for c in shown if c.isdecimal() or c == ".")
    return f"{float(digits) / 100:g}" if "%" in shown and digits else digits


def _told(table: str, row: Mapping[str, str], chosen: str) -> str:
    if table == "thresholds":
        return say("readings.told_tolerance", name=say(f"pages.threshold.{row['threshold']}"), value=row["value"])
    shown = " ".join(filter(None, (words.in_words("targets", c, row[c]) for c in _CELLS)))
    return say(f"readings.told_{chosen}", series=row["series"], text=row["target_text"], reading=shown)


def _problem(path: Path, cell: str, rule: str, found: str = "", **facts: Any) -> Problem:
    file = say("workbook.error.place", file=path.name, sheet=say("readings.sheet"))
    told = [say(f"readings.error.{rule}{part}", **facts) for part in ("", "_advice")]
    return Problem(file, 0, cell, found, *told)
