"""Draw a form: the table a unit fills in, its hidden lists, its instructions, and the questions about what it filled in.

The same input gives the same bytes: the date of creation is fixed, and nothing depends on when or where a form is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plananalysis.base import workbooks
from plananalysis.base.text import say
from plananalysis.returns.asked import TOTAL, Asked, Codebook
from plananalysis.returns.issues import ERROR, EXPLAIN, Issue
from plananalysis.returns.layout import (
    COLUMNS,
    FORM_VERSION,
    GUIDE_SHEET,
    INDEX,
    LIST_SHEET,
    META_SHEET,
    NO,
    SHEET,
    SIGNATURES,
    STATUS_WORDS,
    YES,
)
from plananalysis.returns.rows import NUMBERS
from plananalysis.returns.values import scale_of
from plananalysis.sheets.grids import address

TOP = 5  # zero-based row of the header
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Form:
    """What one form shows.

    Parameters
    ----------
    known
        Values reported before, as text, by series, group and year.
    filled
        Content of input cells by series, group and year, then column: for back series and for forms sent back.
    issues
        Questions to be shown; an empty list makes a plain form.
    first
        First year of a back series; 0 for the base year. What lies before the base year may be left empty.
    """

    book: Codebook
    unit: str
    year: int
    back_series: bool = False
    known: Mapping[Key, str] = field(default_factory=dict)
    filled: Mapping[Key, Mapping[str, str | float]] = field(default_factory=dict)
    issues: Sequence[Issue] = ()
    first: int = 0

    @property
    def years(self) -> range:
        """Years that are asked for."""
        if not self.back_series:
            return range(self.year, self.year + 1)
        return range(self.first or self.book.plan.since, self.year + 1)

    def lines(self) -> list[tuple[Asked, int]]:
        """Lines of the table, in order."""
        return [
            (line, year)
            for line in self.book.lines(self.unit)
            for year in self.years
            if year <= line.years[1] and (self.back_series or year >= line.years[0])
        ]


def form_bytes(form: Form) -> bytes:
    """The workbook."""
    title = say("forms.title", area=form.book.plan.name, plans=form.book.plan.all_plans, year=form.year)

    def draw(book: Any, styles: Mapping[str, Any]) -> None:
        table = book.add_worksheet(SHEET)
        if form.issues:
            _question_sheet(book.add_worksheet(say("forms.questions")), form, styles)
        _guide_sheet(book.add_worksheet(GUIDE_SHEET), form, styles)
        ranges = _list_sheet(book.add_worksheet(LIST_SHEET), form)
        _meta_sheet(book.add_worksheet(META_SHEET), form)
        _table_sheet(table, form, title, styles, ranges)
        table.activate()

    return workbooks.drawn(title, _PLAIN, _STYLES, draw)


_PLAIN = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 16, "bold": True, "align": "center"},
    "label": {"font_size": 10},
    "sign": {"font_size": 10, "locked": False, "bottom": 1},
    "mark": {"font_size": 10, "font_color": "#C00000", "bold": True},
    "header": {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#DDE6F0"},
    "fixed": {"text_wrap": True, "border": 1, "bg_color": "#F2F2F2"},
    "fixed_right": {"align": "right", "border": 1, "bg_color": "#F2F2F2"},
    "input": {"align": "right", "border": 1, "locked": False, "num_format": "General"},
    "input_text": {"text_wrap": True, "border": 1, "locked": False},
    "bad": {"align": "right", "border": 1, "locked": False, "bg_color": "#FFC7CE"},
    "bad_text": {"text_wrap": True, "border": 1, "locked": False, "bg_color": "#FFC7CE"},
    "ask": {"align": "right", "border": 1, "locked": False, "bg_color": "#FFEB9C"},
    "ask_text": {"text_wrap": True, "border": 1, "locked": False, "bg_color": "#FFEB9C"},
    "text": {"text_wrap": True, "valign": "top", "border": 1},
    "plain": {"text_wrap": True, "valign": "top"},
}
_FILLED = {address(0, INDEX[c.key])[:-1]: c.key for c in COLUMNS if c.filled}


def _table_sheet(sheet: Any, form: Form, title: str, styles: Mapping[str, Any], ranges: Mapping[str, str]) -> None:
    last = len(COLUMNS) - 1
    sheet.merge_range(0, 0, 0, last, title, styles["title"])
    unit = form.book.unit_name(form.unit)
    sheet.write_string(1, 0, f"{say('returns.label.unit')}：{unit}", styles["label"])
    sheet.write_string(1, 7, f"{say('returns.label.year')}：{form.year}", styles["label"])
    mark = say("forms.fictional") if form.book.plan.fictional else ""
    sheet.write_string(1, 11, mark, styles["mark"])
    for place, key in zip((0, 3, 6, 9, 12, 15), SIGNATURES, strict=True):
        sheet.write_string(2, place, f"{say(f'returns.label.{key}')}：", styles["label"])
        if key != "seal":
            sheet.write_blank(2, place + 1 + (key == "checked_by"), None, styles["sign"])
    short = say("forms.short_back" if form.back_series else "forms.short", base=form.years[0])
    if form.years[0] < form.book.plan.since:
        short += say("forms.short_before", base=form.book.plan.since)
    sheet.write_string(3, 0, short, styles["label"])
    for j, column in enumerate(COLUMNS):
        header = say("forms.reported") if column.key == "previous" and form.back_series else column.header
        sheet.write_string(TOP, j, header, styles["header"])
        sheet.set_column(j, j, column.width)
    bad = _by_cell(form)
    for i, (line, year) in enumerate(form.lines(), start=TOP + 1):
        _line(sheet, i, form, line, year, styles, ranges, bad.get((line.series, line.group, year), {}))
    sheet.set_row(0, 26)
    sheet.set_row(TOP, 30)
    sheet.freeze_panes(TOP + 1, 2)
    allowed = ("format_columns", "format_rows", "select_locked_cells", "select_unlocked_cells")
    sheet.protect("", dict.fromkeys(allowed, True))  # no password: it prevents slips, it is no secret
    workbooks.on_paper(sheet)
    sheet.repeat_rows(TOP)
    sheet.print_area(0, 0, TOP + len(form.lines()), last)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer(f"&L{unit}&C&P/&N&R{say('forms.version', version=FORM_VERSION, codebook=form.book.version)}")


def _line(
    sheet: Any,
    i: int,
    form: Form,
    line: Asked,
    year: int,
    styles: Mapping[str, Any],
    ranges: Mapping[str, str],
    issues: Mapping[str, Sequence[Issue]],
) -> None:
    key = (line.series, line.group, year)
    target = form.book.plan.asked(line.series) if line.group == TOTAL else ""
    fixed = {
        "series": line.series,
        "name": line.name,
        "unit": line.unit,
        "group": line.group_name,
        "duty": say("forms.lead" if line.lead else "forms.support"),
        "previous": form.known.get((line.series, line.group, year if form.back_series else year - 1), ""),
        "target": target,
    }
    for name, text in fixed.items():
        sheet.write_string(i, INDEX[name], text, styles["fixed_right" if name in ("previous", "target") else "fixed"])
    sheet.write_number(i, INDEX["year"], year, styles["fixed"])
    filled = form.filled.get(key, {})
    for column in (c for c in COLUMNS if c.filled):
        j, content = INDEX[column.key], filled.get(column.key, "")
        chosen = "definitions" if column.key == "definition" else column.key
        closed = chosen in ("definitions", *NUMBERS[1:]) and not getattr(line, chosen)
        style = "input" if column.key in NUMBERS else "input_text"
        found = issues.get(column.key, ())
        if found:
            worst = "bad" if any(one.severity == ERROR for one in found) else "ask"
            style = worst if column.key in NUMBERS else f"{worst}_text"
        elif closed and content == "":
            style = "fixed"
        sheet.write(i, j, content, styles[style])  # as a number, a text or a blank
        if found:
            note = "\n".join(f"[{one.severity}] {one.message}。{one.advice}" for one in found)
            sheet.write_comment(i, j, note, {"x_scale": 2, "y_scale": 1 + len(note) / 120, "author": ""})
    _hints(sheet, i, form, line, ranges)


def _hints(sheet: Any, i: int, form: Form, line: Asked, ranges: Mapping[str, str]) -> None:
    def hint(column: str, message: str, source: str = "") -> None:
        about = {"validate": "list", "source": source, "error_type": "warning"} if source else {"validate": "any"}
        sheet.data_validation(i, INDEX[column], i, INDEX[column], about | workbooks.hint(line.series, message))

    shape = say("forms.hint.value", unit=line.unit, decimals=line.decimals)
    if line.denominator:
        ratio = {"numerator": line.numerator, "denominator": line.denominator, "scale": scale_of(line.unit) or 1}
        shape += say("forms.hint.ratio", **ratio)
        hint("denominator", say("forms.hint.denominator", name=line.denominator))
    if line.numerator:
        hint("numerator", say("forms.hint.numerator", name=line.numerator))
    hint("value", shape)
    hint("status", say("forms.hint.status"), ranges["status"])
    hint("changed", say("forms.hint.changed"), ranges["changed"])
    if line.definitions:
        hint("definition", say("forms.hint.definition"), ranges[line.series])


def _by_cell(form: Form) -> dict[Key, dict[str, list[Issue]]]:
    """Questions by line and column; the column is known from the cell's letters of the form that was sent, if it is ours."""
    found: dict[Key, dict[str, list[Issue]]] = {}
    for one in form.issues:
        if one.severity in (ERROR, EXPLAIN) and one.year is not None:
            found.setdefault((one.series, one.group or TOTAL, one.year), {}).setdefault(_column(one), []).append(one)
    return found


def _column(one: Issue) -> str:
    """The column of the form a question is about, from the letters of its cell; the value's where that is none of ours."""
    return _FILLED.get(one.cell.rstrip("0123456789"), "value")


def _question_sheet(sheet: Any, form: Form, styles: Mapping[str, Any]) -> None:
    names = {line.series: line.name for line in form.book.lines(form.unit)}
    heads = say("forms.question_columns").split("、")
    for j, (head, width) in enumerate(zip(heads, (5, 8, 8, 9, 26, 9, 7, 12, 36, 36, 20), strict=True)):
        sheet.write_string(1, j, head, styles["header"])
        sheet.set_column(j, j, width)
    title = say("forms.question_title", unit=form.book.unit_name(form.unit), year=form.year)
    sheet.write_string(0, 0, title, styles["label"])
    rows = {(line.series, line.group, year): i for i, (line, year) in enumerate(form.lines(), start=TOP + 1)}
    for n, one in enumerate(form.issues, start=1):
        row = rows.get((one.series, one.group or TOTAL, one.year or form.year))
        place = address(row, INDEX[_column(one)]) if row is not None else one.cell
        group = form.book.groups.get(one.group, one.group)
        year = "" if one.year is None else str(one.year)
        about = (place, one.series, names.get(one.series, ""), group, year)
        texts = (str(n), one.severity, *about, one.value, one.message, one.advice, one.explanation)
        for j, text in enumerate(texts):
            sheet.write_string(n + 1, j, text, styles["text"])
    workbooks.on_paper(sheet)


def _guide_sheet(sheet: Any, form: Form, styles: Mapping[str, Any]) -> None:
    lines = say("forms.guide").strip().splitlines()
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 6, 15)
    for i, text in enumerate(lines):
        sheet.merge_range(i, 0, i, 6, text, styles["plain"])
        sheet.set_row(i, 15 * (1 + len(text) // 62))
    top = len(lines) + 1
    for j, head in enumerate(say("forms.guide_columns").split("、")):
        sheet.write_string(top, j, head, styles["header"])
    totals = [line for line in form.book.lines(form.unit) if line.group == TOTAL]
    for i, line in enumerate(totals, start=top + 1):
        definition = "；".join(f"{code} {text}" for code, text in line.definitions)
        texts = (line.series, line.name, line.unit, str(line.decimals), line.numerator, line.denominator, definition)
        for j, text in enumerate(texts):
            sheet.write_string(i, j, text, styles["text"])
    sheet.protect("")
    workbooks.on_paper(sheet)


def _list_sheet(sheet: Any, form: Form) -> dict[str, str]:
    """Dropdown lists as ranges: a list written into the cell's rule may have 255 characters only."""
    ranges: dict[str, str] = {}
    lists: dict[str, Sequence[str]] = {"status": list(STATUS_WORDS.values()), "changed": (NO, YES)}
    for line in form.book.lines(form.unit):
        if line.definitions:
            lists[line.series] = [f"{code} {text}" for code, text in line.definitions]
    for j, (name, items) in enumerate(lists.items()):
        for i, item in enumerate(items):
            sheet.write_string(i, j, item)
        column = address(0, j)[:-1]
        ranges[name] = f"={LIST_SHEET}!${column}$1:${column}${len(items)}"
    sheet.hide()
    return ranges


def _meta_sheet(sheet: Any, form: Form) -> None:
    """What the reader needs to know whose form it is, out of reach of a slip of the hand."""
    texts = {
        "form_version": FORM_VERSION,
        "area": form.book.plan.area,
        "unit": form.unit,
        "year": str(form.year),
        "back_series": YES if form.back_series else NO,
        "codebook": form.book.version,
    }
    if form.back_series:
        texts["first_year"] = str(form.years[0])
    for i, (key, text) in enumerate(texts.items()):
        sheet.write_string(i, 0, key)
        sheet.write_string(i, 1, text)
    sheet.very_hidden()
