"""Sheets as XLSX: typed cells, nothing computed, nothing taken for a formula or a link, ready to print, the same bytes every time."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plananalysis.base.text import language
from plananalysis.render.texts import clean, width

_EPOCH = datetime(2000, 1, 1)
_LONGEST = 32_000  # characters a cell can hold, with some to spare
_LINE = 14.5  # points a line of 10-point type takes
_NARROWEST = 6  # characters of a column
_FONTS = {"zh": "宋体", "en": "Calibri"}  # named, not shipped


@dataclass(frozen=True)
class Number:
    """A number shown with fixed decimals; ``share`` shows 0.25 as 25%."""

    value: float
    decimals: int = 0
    share: bool = False

    @property
    def format(self) -> str:
        return "0%" if self.share else "0" + ("." + "0" * self.decimals if self.decimals else "")


Cell = str | Number | None


@dataclass(frozen=True)
class Sheet:
    """One table with its heading.

    Parameters
    ----------
    heads
        Column titles.
    groups
        Rows that are a heading across the table.
    fixed
        Columns that stay in sight when the sheet is moved sideways.
    note
        Below the heading, before the table.
    widest
        Characters of the widest column; longer text wraps. The columns in ``wider`` may have three times as many.
    pages_wide
        Sheets of paper side by side; the fixed columns are printed on each.
    """

    name: str
    heading: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    fixed: int = 0
    groups: frozenset[int] = frozenset()
    filtered: bool = True
    widest: int = 60
    wider: frozenset[int] = frozenset()
    pages_wide: int = 1


def workbook_bytes(sheets: Sequence[Sheet], title: str, mark: str = "", footer: str = "") -> bytes:
    """The workbook as a file.

    Parameters
    ----------
    mark
        First row, page head and foot of every sheet of fictional data; "" on real data.
    footer
        Left foot of every printed page.
    """
    import xlsxwriter

    stream = io.BytesIO()
    safe = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = xlsxwriter.Workbook(stream, {"in_memory": True, **safe})
    book.set_properties({"title": clean(title), "author": "", "company": "", "comments": "", "created": _EPOCH})
    styles = _Styles(book)
    names: set[str] = set()
    for sheet in sheets:
        name = sheet_name(sheet.name, names)
        names.add(name.lower())
        _write(book.add_worksheet(name), sheet, styles, mark, footer)
    book.close()
    return stream.getvalue()


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name a spreadsheet accepts: at most 31 characters, none of []:*?/\\, not used before.

    >>> sheet_name("W01/甲:乙", set()), sheet_name("总览", {"总览"})
    ('W01 甲 乙', '总览 2')
    """
    name = "".join(" " if c in "[]:*?/\\" else c for c in clean(wanted)).strip("' ")[:31] or "Sheet"
    n = 1
    found = name
    while found.lower() in taken:
        n += 1
        found = f"{name[: 31 - len(f' {n}')]} {n}"
    return found


class _Styles:
    """Formats made once each; a workbook keeps every one it is asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **wanted: Any) -> Any:
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"font_name": _FONTS[language()], "font_size": 10, "valign": "vcenter", **wanted}
            )
        return self._made[key]


def _write(page: Any, sheet: Sheet, styles: _Styles, mark: str, footer: str) -> None:
    row = 0
    if mark:
        page.write_string(row, 0, mark, styles(bold=True, font_color="#C00000"))
        row += 1
    page.write_string(row, 0, clean(sheet.heading), styles(bold=True, font_size=14))
    row += 1
    if sheet.note:
        page.write_string(row, 0, clean(sheet.note), styles(font_color="#595959"))
        row += 1
    head = row
    for j, text in enumerate(sheet.heads):
        page.write_string(
            head, j, clean(text), styles(bold=True, align="center", text_wrap=True, border=1, bg_color="#DDE6F0")
        )
    widths = _widths(sheet)
    page.set_row(head, _LINE * _lines(sheet.heads, widths))
    for i, cells in enumerate(sheet.rows):
        row = head + 1 + i
        page.set_row(row, min(_LINE * (1 if i in sheet.groups else _lines(cells, widths)), 400))
        if i in sheet.groups:
            style = styles(bold=True, border=1, bg_color="#F2F2F2")
            for j in range(len(sheet.heads)):
                page.write_string(row, j, clean(cells[0]) if j == 0 else "", style)
            continue
        for j, cell in enumerate(cells):
            _cell(page, row, j, cell, styles)
    last = head + len(sheet.rows)
    for j, wide in enumerate(widths):
        page.set_column(j, j, wide)
    page.freeze_panes(head + 1, sheet.fixed)
    if sheet.filtered and sheet.rows:
        page.autofilter(head, 0, last, len(sheet.heads) - 1)
    page.repeat_rows(head)
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(sheet.pages_wide, 0)
    if sheet.pages_wide > 1 and sheet.fixed:
        page.repeat_columns(0, sheet.fixed - 1)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
    page.set_header(f"&L{_plain(mark)}&C{_plain(sheet.heading)}&R{_plain(mark)}"[:250])
    page.set_footer(f"&L{_plain(footer or mark)}&C&P / &N&R{_plain(mark)}"[:250])


def _cell(page: Any, row: int, column: int, cell: Cell, styles: _Styles) -> None:
    if cell is None or cell == "":
        page.write_blank(row, column, None, styles(border=1))
    elif isinstance(cell, Number):
        page.write_number(row, column, cell.value, styles(border=1, align="right", num_format=cell.format))
    else:
        text = clean(cell)[:_LONGEST]
        page.write_string(
            row, column, text, styles(border=1, text_wrap=True, align="center" if width(text) <= 2 else "left")
        )


def _widths(sheet: Sheet) -> list[int]:
    """Column widths by content: two for a Chinese character, one for a letter; headers wrap, so they count a half."""
    found = []
    for j, head in enumerate(sheet.heads):
        wide = max((width(head) + 1) // 2, _NARROWEST)
        for i, cells in enumerate(sheet.rows):
            if i not in sheet.groups and j < len(cells):
                wide = max(wide, _shown(cells[j]))
        found.append(min(wide, sheet.widest * (3 if j in sheet.wider else 1)) + 2)
    return found


def _lines(cells: Sequence[Cell], widths: Sequence[int]) -> int:
    """Lines of the tallest cell: not every program finds the height of a row by itself."""
    tallest = 1
    for cell, wide in zip(cells, widths, strict=False):
        if isinstance(cell, str):
            tallest = max(tallest, sum(math.ceil(max(width(part), 1) / (wide - 1)) for part in cell.split("\n")))
    return tallest


def _shown(cell: Cell) -> int:
    if cell is None:
        return 0
    if isinstance(cell, Number):
        return len(f"{cell.value:.{cell.decimals}f}")
    return max(width(part) for part in cell.split("\n"))


def _plain(text: str) -> str:
    """Text for a page head or foot, where & begins a code."""
    return clean(text).replace("&", "&&")[:60]
