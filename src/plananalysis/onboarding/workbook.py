"""A plan written to one workbook and read back: every problem named by sheet and cell, and nothing stored before all of it holds."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plananalysis.base.drafts import drafting
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.tables import areas, read_text, write_atomic
from plananalysis.base.text import listed, say
from plananalysis.checks.beside import load_logic
from plananalysis.onboarding import plan_tables, words
from plananalysis.onboarding import settings as toml
from plananalysis.onboarding.drawing import drawn
from plananalysis.onboarding.files import cell_text, sheets_of
from plananalysis.onboarding.filling import Filled, begin, fill
from plananalysis.onboarding.layouts import lines_of
from plananalysis.plan import load_plan
from plananalysis.sheets.grids import Grid, address

_LOOK = 12  # rows in which the names of columns are looked for
_COUNTED = ("as_of", "data_closes_months", "base_year", "target_year")


@dataclass(frozen=True)
class Taken:
    """What came of reading a workbook: the files that changed, and in sentences the cells that were filled in."""

    written: list[Path]
    filled: list[str]


@dataclass
class _Found:
    """A workbook as tables, with the place of every row and column."""

    tables: plan_tables.PlanTables
    rows: dict[str, list[int]] = field(default_factory=dict)  # zero-based sheet row of each row of a table
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def write_workbook(root: Path, area: str, path: Path, table: Path | None = None) -> None:
    """Write an area's plan, as it stands and however incomplete, to a workbook.

    Parameters
    ----------
    table
        A table of values whose indicators are written in for a plan that has none yet: names, units of measure and decimals.

    Raises
    ------
    UsageError
        There is no such area or table, or the table holds no years.
    DataError
        A file of its plan is no table.
    """
    held = plan_tables.read(root, known_area(root, area))
    if table is not None and not held.rows["series"]:
        begin(held.rows, lines_of(sheets_of(table).grids), table.name)
    command = f"plananalysis plan --area {area} --from {path.name}"
    data = drawn(area, str(held.settings.get("name", "")), held, command)
    with drafting(path) as file:
        file.write(data)


def read_workbook(root: Path, area: str, path: Path) -> Taken:
    """Take a plan from a workbook into an area's files, if all of it holds.

    Raises
    ------
    UsageError
        There is no such area or file.
    DataError
        Everything that is wrong, by sheet and cell; nothing was written then.
    """
    folder = root / "data" / "raw" / known_area(root, area)
    found = found_in(path)
    before = plan_tables.read(root, area)
    now = found.tables
    now.rows = {name: [words.coded(name, row, now.rows) for row in rows] for name, rows in now.rows.items()}
    moved = _by_domain(found)
    filled = fill(now.rows, now.outlines)
    text = read_text(folder / "area.toml", root)
    new = toml.changed(text, (before.settings, before.outlines), ({**before.settings, **now.settings}, now.outlines))
    told = wrong(root, area, new, now.rows, before)
    problems = found.problems + [_led_back(one, found, path.name) for one in told]
    if problems:
        raise DataError(problems)
    with lock(root, area):
        written = plan_tables.write(root, area, now.rows, before)
        if new != text:
            write_atomic(folder / "area.toml", new.encode())
            written.append(folder / "area.toml")
    return Taken(written, [*([say("workbook.filled.order")] if moved else []), *_told(filled, found)])


def _by_domain(found: _Found) -> bool:
    """Put indicators that have no numbers yet in the order of their domains, as a plan prints them; whether any has moved."""
    rows, lines = found.tables.rows["series"], found.rows.get("series", [])
    rank = {row["domain"]: at for at, row in enumerate(found.tables.rows["domains"])}
    if any(row["number"] for row in rows) or len(lines) != len(rows):
        return False
    order = sorted(range(len(rows)), key=lambda at: rank.get(rows[at]["domain"], len(rank)))
    rows[:], lines[:] = [rows[at] for at in order], [lines[at] for at in order]
    return order != sorted(order)


def found_in(path: Path) -> _Found:
    """The tables of a workbook as they were typed, with what cannot be read.

    Raises
    ------
    UsageError
        There is no such file.
    DataError
        The file is refused or broken.
    """
    grids = {grid.name.strip(): grid for grid in sheets_of(path).grids}
    found = _Found(plan_tables.PlanTables())
    _read_settings(grids, path.name, found)
    for table, columns in {"outlines": toml.OUTLINE_KEYS, **plan_tables.COLUMNS}.items():
        grid = grids.get(words.sheet_name(table))
        if grid is None:
            _complain(found, path.name, table, "", "missing_sheet", sheet=words.sheet_name(table))
            continue
        rows = _read_rows(grid, path.name, table, columns, found)
        if table == "outlines":
            found.tables.outlines = [_outline(row) for row in rows]
        else:
            found.tables.rows[table] = rows
    return found


def _read_settings(grids: Mapping[str, Grid], file: str, found: _Found) -> None:
    """Keys and contents of the sheet of settings; a key is known by the word at its end."""
    grid = grids.get(words.sheet_name("settings"))
    if grid is None:
        _complain(found, file, "settings", "", "missing_sheet", sheet=words.sheet_name("settings"))
        return
    for at, row in enumerate(grid.rows):
        key = _code(row[0].text) if row else ""
        if key in toml.KEYS:
            typed = words.as_code("settings", key, cell_text(grid.cell(at, 1)))
            found.columns.setdefault("settings", {})[key] = at
            found.tables.settings[key] = _setting(key, typed)


def _read_rows(grid: Grid, file: str, table: str, columns: Sequence[str], found: _Found) -> list[dict[str, str]]:
    at, places = heads(grid, columns)
    if not places:
        _complain(found, file, table, "", "missing_head", sheet=grid.name)
        return []
    found.columns[table] = places
    for column, cell in enumerate(grid.rows[at]):
        if cell.text and _code(cell.text) not in places:
            known = listed(words.column_name(table, c) for c in columns)
            _complain(found, file, table, address(at, column), "unknown_column", cell.text, known=known)
    for key in columns:
        if key not in places:
            head = f"{words.column_name(table, key)} {key}"
            _complain(found, file, table, "", "missing_column", column=head)
    rows, lines = [], []
    for n in range(at + 1, len(grid.rows)):
        row = {c: words.as_code(table, c, cell_text(grid.cell(n, places[c]))) if c in places else "" for c in columns}
        if not any(row.values()) or next(iter(grid.rows[n])).text.startswith(say("workbook.text.example")):
            continue
        for key, place in places.items():
            if row[key].startswith("#") and grid.cell(n, place).formula:
                _complain(found, file, table, address(n, place), "formula", row[key])
        rows.append(row)
        lines.append(n)
    found.rows[table] = lines
    return rows


def heads(grid: Grid, columns: Sequence[str]) -> tuple[int, dict[str, int]]:
    """The row that names most columns, and where each stands."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(grid.rows[:_LOOK]):
        places = {_code(cell.text): n for n, cell in reversed([*enumerate(row)]) if _code(cell.text) in columns}
        if len(places) > len(best[1]):
            best = at, places
    return best


def _code(head: str) -> str:
    """The column or key a heading ends with: ``指标代码 series`` is ``series``."""
    return head.split()[-1] if head.split() else ""


def _setting(key: str, text: str) -> Any:
    if key == "comparators":
        return [part.strip() for part in re.split(r"[;；、,，]", text.strip("[] ")) if part.strip()]
    if key in ("fictional", "country"):
        return {"true": True, "false": False}.get(text, text)
    return int(text) if key in _COUNTED and text.isdecimal() else text


def _outline(row: Mapping[str, str]) -> dict[str, Any]:
    made = {key: _setting(key, text) for key, text in row.items()}
    return {key: value for key, value in made.items() if value != "" or key not in toml.OPTIONAL}


def wrong(
    root: Path, area: str, settings: str, rows: Mapping[str, list[dict[str, str]]], before: plan_tables.PlanTables
) -> list[Problem]:
    """What is wrong with a plan once it stands in files: the same rules and the same reader, on a copy that is thrown away."""
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place)
        folder = draft / "data" / "raw" / area
        (folder / "plan").mkdir(parents=True)
        for path in (root / "data" / "raw").glob("*"):
            if path.is_file() and path.suffix in (".csv", ".toml"):
                shutil.copy(path, draft / "data" / "raw")
        write_atomic(folder / "area.toml", settings.encode())
        for name in plan_tables.COLUMNS:
            own = plan_tables.source(root, area, name)
            if own.is_file() and own.parent.name == "plan":
                shutil.copy(own, folder / "plan")
        plan_tables.write(draft, area, rows, before)
        try:
            load_plan(draft, area)
        except DataError as error:
            problems += error.problems
        except UsageError as error:
            problems.append(Problem(f"data/raw/{area}/area.toml", 0, "", "", str(error), ""))
        try:
            load_logic(draft, area, {row["series"] for row in rows["series"]})
        except DataError as error:
            problems += error.problems
    return problems


def _led_back(one: Problem, found: _Found, file: str) -> Problem:
    """A problem of a file of the plan as one of the sheet it came from."""
    table = Path(one.file).stem
    if table == "area":
        return _of_settings(one, found, file)
    if table not in plan_tables.COLUMNS:
        return one
    sheet = say("workbook.error.place", file=file, sheet=words.sheet_name(table))
    lines, places = found.rows.get(table, []), found.columns.get(table, {})
    rule, advice = one.rule, one.advice
    if rule == say("plan.rules.closed_set.rule") and (chosen := words.code_words(table, one.column)):
        advice = say("plan.rules.closed_set.advice", allowed=listed(chosen.values()))
    if 0 <= one.row - 2 < len(lines):
        row = found.tables.rows[table][one.row - 2]
        which = row.get("series") or row.get(next(iter(row)), "")
        if one.column:
            rule = say("workbook.error.which", which=which, column=words.column_name(table, one.column), rule=rule)
        cell = address(lines[one.row - 2], places.get(one.column, 0))
        return Problem(sheet, 0, cell, one.found, rule, advice)
    return Problem(sheet, 0, words.column_name(table, one.column) if one.column else "", one.found, rule, advice)


def _of_settings(one: Problem, found: _Found, file: str) -> Problem:
    if part := re.fullmatch(r"outlines\[(\d+)\]\.(\w+)", one.column):
        lines, places = found.rows.get("outlines", []), found.columns.get("outlines", {})
        place, at = say("workbook.error.place", file=file, sheet=words.sheet_name("outlines")), int(part[1]) - 1
        if at < len(lines) and part[2] in places:
            return Problem(place, 0, address(lines[at], places[part[2]]), one.found, one.rule, one.advice)
    place = say("workbook.error.place", file=file, sheet=words.sheet_name("settings"))
    line = found.columns.get("settings", {}).get(one.column)
    return Problem(place, 0, one.column if line is None else address(line, 1), one.found, one.rule, one.advice)


def _complain(found: _Found, file: str, table: str, cell: str, rule: str, value: str = "", **facts: str) -> None:
    sheet = say("workbook.error.place", file=file, sheet=words.sheet_name(table))
    told = say(f"workbook.error.{rule}", **facts), say(f"workbook.error.{rule}_advice", **facts)
    found.problems.append(Problem(sheet if rule != "missing_sheet" else file, 0, cell, value, *told))


def _told(filled: Sequence[Filled], found: _Found) -> Iterator[str]:
    """What was filled in: the readings one by one, as somebody must look at each; the rest by column."""
    counted: dict[tuple[str, str], list[str]] = {}
    for one in filled:
        if one.table == "targets" and one.column == "kind":
            yield _reading(one.row, found)
        elif one.why != "print" or one.table == "series":
            counted.setdefault((one.table, one.column), []).append(words.in_words(one.table, one.column, one.value))
    for (table, column), values in counted.items():
        shown = listed(dict.fromkeys(values)) if len(set(values)) <= 3 else ""
        about = {"sheet": words.sheet_name(table), "column": words.column_name(table, column), "count": len(values)}
        yield say("workbook.filled.column_one" if shown else "workbook.filled.column", **about, values=shown)


def _reading(at: int, found: _Found) -> str:
    row = found.tables.rows["targets"][at]
    shown = {c: words.in_words("targets", c, row[c]) for c in ("kind", "operator", "operator_source")}
    number = "—".join(filter(None, (row["value"], row["low"], row["high"])))
    read = " ".join(filter(None, (shown["kind"], shown["operator"], number)))
    cell = address(found.rows["targets"][at], found.columns["targets"].get("kind", 0))
    about = {"cell": cell, "series": row["series"], "text": row["target_text"], "source": shown["operator_source"]}
    return say("workbook.filled.reading", reading=read, **about)


def known_area(root: Path, area: str) -> str:
    if area not in areas(root):
        raise UsageError(say("plan.errors.area", area=area, known=listed(areas(root))))
    return area
