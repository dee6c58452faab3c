"""Read one return: find the table by its headers and codes, parse every cell, and say what is wrong with the file itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from plananalysis.base.decoding import invisible
from plananalysis.base.text import catalogue, listed, say, translated
from plananalysis.returns import layout
from plananalysis.returns.answers import Answer, answered, find_answers, find_comments
from plananalysis.returns.asked import TOTAL, Asked, Codebook
from plananalysis.returns.issues import ERROR, EXPLAIN, HINT, Issue, issue
from plananalysis.returns.rows import NUMBERS, Row, read_row
from plananalysis.returns.values import HALF_WIDTH, raw_text
from plananalysis.sheets.apart import read_apart
from plananalysis.sheets.grids import MAX_ROWS, Cell, Grid, Refused, Sheets, address


@dataclass(frozen=True)
class Return:
    """What one file says.

    Parameters
    ----------
    file, sha256
        Name as sent, and fingerprint of its bytes.
    sheet
        Name of the sheet that was read; "" for files that have none.
    unit, year, back_series
        Whose form it is, for which year, and whether it holds the whole series since the base year.
    form_version
        Of the form it was made from; "" when its hidden sheet is gone.
    rows
        Lines of the form that were found, blank ones included.
    issues
        What is wrong so far; rules that need earlier years are not tried here.
    refused
        The file was not read; ``issues`` says why, ``rows`` is empty.
    """

    file: str
    sha256: str
    sheet: str = ""
    unit: str = ""
    year: int = 0
    back_series: bool = False
    form_version: str = ""
    rows: tuple[Row, ...] = ()
    issues: tuple[Issue, ...] = ()
    refused: bool = False

    @property
    def errors(self) -> list[Issue]:
        """Issues that must be mended."""
        return [i for i in self.issues if i.severity == ERROR]


def read_return(
    data: bytes,
    name: str,
    book: Codebook,
    registered: tuple[str, int] | None = None,
    read: Callable[[bytes, str], Sheets] = read_apart,
) -> Return:
    """Read a file a unit has sent. Never raises for anything the file contains.

    Parameters
    ----------
    data, name
        Content and name of the file as sent.
    book
        What the area's units are asked for.
    registered
        Unit and year it was registered for, where that is settled whatever the file says.
    read
        Reads the file; by default in a process of its own.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    suffix = PurePath(name).suffix.lower()
    try:
        sheets = read(data, suffix)
    except Refused as refused:
        return _refused(name, sha256, refused.rule, **refusal_words(refused.facts))
    grids = sheets.grids
    forms = [(grid, head) for grid in grids if not grid.hidden and (head := layout.find_header(grid))]
    if not forms:
        return _refused(name, sha256, "no_header", wanted=listed.told(_header(k) for k in layout.REQUIRED))
    forms.sort(key=lambda form: form[0].name != layout.SHEET)
    (grid, (top, places, twice)), others = forms[0], forms[1:]
    meta = _meta(grids)
    labels = layout.find_labels(grid, top)
    if meta.get("area", book.plan.area) != book.plan.area:
        return _refused(name, sha256, "other_area", sheet=grid.name, area=meta["area"], name=book.plan.name)
    unit = registered[0] if registered else _unit(meta, labels, name, book)
    if unit not in book.by_unit:
        known = listed.told(map(translated.told, book.plan.units["name"]))
        return _refused(name, sha256, "unit_unknown", sheet=grid.name, known=known)
    year = registered[1] if registered else _year(meta, labels)
    if year is None:
        return _refused(name, sha256, "year_unknown", sheet=grid.name)
    back_series = meta.get("back_series") == layout.YES
    if "back_series" not in meta:
        back_series = layout.looks_like_back_series(grid, top, PurePath(name).stem)
    issues = [issue("header_twice", name, EXPLAIN, sheet=grid.name, value=text) for text in twice]
    issues += [issue("sheet_ignored", name, HINT, sheet=other.name) for other, _ in others]
    if sheets.far:
        issues.append(issue("far_cell", name, EXPLAIN, cell=sheets.far, rows=MAX_ROWS))
    if meta and meta.get("codebook") != book.version:
        issues.append(issue("form_outdated", name, HINT, sheet=grid.name))
    said = book.unit_called(labels.get("unit", ""))
    if said and said != unit:
        about = {"sheet": grid.name, "value": labels["unit"], "unit": book.unit_name(unit)}
        issues.append(issue("unit_differs_in_form", name, **about))
    answers = find_answers(grids, _groups(book))
    if year == _year(meta, labels):  # not where the office has settled another
        issues += [
            issue("year_differs_in_form", name, sheet=grid.name, cell=cell, value=text, said=said_year, year=year)
            for cell, text, said_year in layout.heading_years(grid, top)
            if said_year != year
        ]
    first = layout.as_year(meta.get("first_year", "")) or layout.first_year(grid, top) or book.plan.since
    years = range(min(first, year), year + 1) if back_series else range(year, year + 1)
    rows, found = _rows(grid, top, places, name, book, unit, years, answers)
    lines = {(r.series, r.group, r.year) for r in rows}
    ours = {r.cells["series"] for r in rows}
    beside = [("answer_alone", a) for a in answers if a.place not in lines]
    beside += [
        ("comment_alone", a)
        for one in grids
        if not one.hidden
        for (row, _), a in find_comments(one, -1).items()
        if one is not grid or address(row, places["series"]) not in ours
    ]
    found += [issue(rule, name, HINT, sheet=a.sheet, cell=a.cell, value=a.text) for rule, a in beside]
    return Return(
        name,
        sha256,
        grid.name,
        unit,
        year,
        back_series,
        meta.get("form_version", ""),
        tuple(rows),
        tuple(issues + found),
    )


def _groups(book: Codebook) -> dict[str, str]:
    """Codes of groups by what stands in a cell: a name, a code, nothing."""
    named = {layout.plain(text): code for code, text in book.groups.items()}
    return named | {code: code for code in book.groups} | {"": TOTAL}


def _rows(
    grid: Grid,
    top: int,
    places: dict[str, int],
    file: str,
    book: Codebook,
    unit: str,
    years: range,
    answers: Sequence[Answer],
) -> tuple[list[Row], list[Issue]]:
    lines = {(a.series, a.group): a for a in book.lines(unit)}
    comments = find_comments(grid, top)
    group_codes = _groups(book)
    rows: list[Row] = []
    issues: list[Issue] = []
    seen: dict[tuple[str, str, int], Row] = {}
    for i in range(top + 1, len(grid.rows)):
        cells = {key: grid.cell(i, j) for key, j in places.items()}
        if not any(cell.text for cell in cells.values()) or layout.is_label(grid.cell(i, 0).text):
            continue
        where = {key: address(i, j) for key, j in places.items()}
        issues += _unseen(cells, where, file, grid.name)
        typed = any(cells[k].text for k in NUMBERS if k in cells)
        place: dict[str, Any] = {"sheet": grid.name, "cell": where["series"]}
        cells = {key: _seen(cell) for key, cell in cells.items()}
        code = cells["series"].text.translate(HALF_WIDTH).strip()
        series = code if code in book.plan.series.index else _recased(code, book)
        if series is None or (series, TOTAL) not in lines:
            if typed or code:
                rule = "code_missing" if not code else "code_unknown" if series is None else "code_foreign"
                about = place | {"series": series or code, "value": code, "unit": book.unit_name(unit)}
                issues.append(issue(rule, file, ERROR if typed else HINT, **about))
            continue
        name = cells["name"].text if "name" in cells else ""
        group = group_codes.get(layout.plain(cells["group"].text) if "group" in cells else "")
        if group is None or (series, group) not in lines:
            place["cell"] = where["group"]
            known = listed.told(translated.told(a.group_name) for a in lines.values() if a.series == series)
            issues.append(issue("group_unknown", file, **place, series=series, value=cells["group"].text, known=known))
            continue
        line = lines[series, group]
        if name and layout.plain(name) != layout.plain(line.name):
            issues.append(issue("name_differs", file, **place, series=series, value=name, name=line.name))
        when = re.fullmatch(r"([0-9]{4})(?:\.0)?年?", raw_text(cells["year"].raw).translate(HALF_WIDTH).strip())
        if not when or int(when[1]) not in years:
            if typed:
                wanted = f"{years[0]}—{years[-1]}" if len(years) > 1 else str(years[0])
                about = {"series": series, "group": group, "value": cells["year"].text, "wanted": wanted}
                issues.append(issue("year_wrong", file, sheet=grid.name, cell=where["year"], **about))
            continue
        told = [a for a in answers if a.place == (series, group, int(when[1]))]
        told += [a for (row_of, _), a in comments.items() if row_of == i]
        row, found = read_row(answered(cells, told), where, line, int(when[1]), file, grid.name)
        first = seen.setdefault((series, group, row.year), row)
        if first is row:
            rows.append(row)
            issues += found
        elif typed:
            same = all(first.read[k].text == row.read[k].text for k in NUMBERS)
            about = {"series": series, "group": group, "year": row.year, "value": row.read["value"].raw}
            about |= {"sheet": grid.name, "cell": where["value"], "other": first.cells["value"]}
            issues.append(issue("row_twice", file, HINT if same else ERROR, **about))
    due = range(max(years[0], book.plan.since), years[-1] + 1)  # of earlier years what is known may be told
    issues += _absent(seen, lines.values(), due, file, grid.name)
    return rows, issues


def _unseen(cells: Mapping[str, Cell], where: Mapping[str, str], file: str, sheet: str) -> list[Issue]:
    """Cells that hold a character nobody sees: a code with one is another code."""
    code = _without(cells["series"].text).strip()
    found = ((key, cell.text, invisible(cell.text)) for key, cell in cells.items())
    return [
        issue("unseen", file, sheet=sheet, cell=where[key], series=code, value=_without(text), character=character)
        for key, text, character in found
        if character
    ]


def _seen(cell: Cell) -> Cell:
    return replace(cell, raw=_without(cell.raw)) if isinstance(cell.raw, str) and invisible(cell.raw) else cell


def _without(text: str) -> str:
    return "".join(c for c in text if not invisible(c))


def _absent(seen: Any, lines: Any, years: Sequence[int], file: str, sheet: str) -> list[Issue]:
    """Lines of the form that are gone."""
    return [
        issue("row_absent", file, EXPLAIN, sheet=sheet, series=line.series, group=line.group, year=year, name=line.name)
        for line in lines
        for year in years
        if (line.series, line.group, year) not in seen and line.group == TOTAL and is_due(line, year)
    ]


def is_due(line: Asked, year: int) -> bool:
    """Whether a unit must report the line for a year: the leading one's that a plan period asks for, except what only a census finds."""
    first, last = line.years
    return line.lead and line.rhythm != "census" and first <= year <= last


def _meta(grids: Sequence[Grid]) -> dict[str, str]:
    for grid in grids:
        if grid.name == layout.META_SHEET:
            return {row[0].text: row[1].text for row in grid.rows if len(row) > 1 and row[0].text}
    return {}


def _unit(meta: dict[str, str], labels: dict[str, str], name: str, book: Codebook) -> str | None:
    for text in (meta.get("unit", ""), labels.get("unit", "")):
        code = book.unit_called(text)
        if code in book.by_unit:
            return code
    stem = PurePath(name).stem
    named = [code for code in book.by_unit if book.unit_name(code) in stem]
    return named[0] if len(named) == 1 else None


def _year(meta: dict[str, str], labels: dict[str, str]) -> int | None:
    return next(filter(None, (layout.as_year(meta.get("year", "")), layout.as_year(labels.get("year", "")))), None)


def _recased(code: str, book: Codebook) -> str | None:
    """A code whose letters only changed their case."""
    return next((s for s in book.plan.series.index if s.lower() == code.lower()), None) if code else None


def _header(key: str) -> str:
    return layout.COLUMNS[layout.INDEX[key]].header


def refusal_words(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of a refusal as they are said: what a file is, what a formula calls."""
    words = {"suffix": facts.get("suffix") or say("returns.kind.none")} if "suffix" in facts else {}
    if "real" in facts:
        words["real"] = say(f"returns.kind.{facts['real']}")
    if "what" in facts:
        named = f"returns.call.{facts['what']}"
        words["what"] = say(named) if named in catalogue() else facts["what"]
        words["where"] = facts["where"] or say("returns.call.somewhere")
    if "guess" in facts:
        words["guess"] = say("returns.kind.guess", encoding=facts["guess"]) if facts["guess"] else ""
    return {**facts, **words}


def _refused(file: str, sha256: str, rule: str, **about: Any) -> Return:
    return Return(file, sha256, issues=(issue(rule, file, **about),), refused=True)
