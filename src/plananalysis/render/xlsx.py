"""Sheets as XLSX: typed cells, nothing computed, nothing taken for a formula or a link, ready to print, the same bytes every time."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plananalysis.base.text import language
from plananalysis.render.blocks import Table, Words, cell_text, plain
from plananalysis.render.quantities import STAR, Quantity
from plananalysis.render.texts import clean, width

_EPOCH = datetime(2000, 1, 1)
_LONGEST = 32_000  # characters a cell can hold, with some to spare
_LINE = 14.5  # points a line of 10-point type takes
_NARROWEST = 6  # characters of a column
# fill of a cell by the role of its words: what is met in blue, what is hard in red, what is feared in yellow
_TONES = {
    "o-met_secure": "#BDD7EE",
    "o-met_slipping": "#DDEBF7",
    "o-likely": "#E2EFDA",
    "o-uncertain": "#FFF2CC",
    "o-hard": "#FCE4D6",
    "o-very_hard": "#F8CBAD",
    "a-both_red": "#F8CBAD",
    "a-hard_to_reach": "#FCE4D6",
    "a-slipping": "#FCE4D6",
    "a-relapse_risk": "#FFF2CC",
    "a-above_band": "#FFF2CC",
    "a-below_band": "#FFF2CC",
    "a-volatile": "#EDEDED",
    "a-verify": "#EDEDED",
}
_FONTS = {"zh": "宋体", "en": "Calibri"}  # named, not shipped


@dataclass(frozen=True)
class Sheet:
    """A table as a sheet of its own.

    Parameters
    ----------
    note
        Below the heading, before the table; that of the table where none is given.
    fixed
        Columns that stay in sight when the sheet is moved sideways.
    widest
        Characters of the widest column; longer text wraps. The columns in ``wider`` may have three times as many.
    pages_wide
        Sheets of paper side by side; the fixed columns are printed on each.
    """

    name: str
    table: Table
    note: str = ""
    fixed: int = 0
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
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
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
    table, row = sheet.table, 0
    heads = [plain(c.title) for c in table.columns]
    drawn = list(table.lines())
    lines = [(kind, [_typed(c) for c in cells]) for kind, cells in drawn]
    tones = [[_tone(c) for c in cells] for _, cells in drawn]
    if mark:
        page.write_string(row, 0, mark, styles(bold=True, font_color="#C00000"))
        row += 1
    page.write_string(row, 0, clean(table.caption), styles(bold=True, font_size=14))
    row += 1
    if note := sheet.note or table.note:
        page.write_string(row, 0, clean(note), styles(font_color="#595959"))
        row += 1
    head = row
    for j, text in enumerate(heads):
        page.write_string(
            head, j, clean(text), styles(bold=True, align="center", text_wrap=True, border=1, bg_color="#DDE6F0")
        )
    widths = _widths(sheet, heads, [cells for _, cells in lines if len(cells) == len(heads)])
    page.set_row(head, _LINE * _height(heads, widths))
    for row, (_kind, cells) in enumerate(lines, start=head + 1):
        whole = len(cells) < len(heads)  # a heading across the table
        page.set_row(row, min(_LINE * (1 if whole else _height(cells, widths)), 400))
        if whole:
            style = styles(bold=True, border=1, bg_color="#F2F2F2")
            for j in range(len(heads)):
                page.write_string(row, j, clean(cells[0]) if j == 0 else "", style)
            continue
        for j, (cell, tone) in enumerate(zip(cells, tones[row - head - 1], strict=True)):
            _cell(page, row, j, cell, styles, {"bg_color": tone} if tone else {})
    for j, wide in enumerate(widths):
        page.set_column(j, j, wide)
    page.freeze_panes(head + 1, sheet.fixed)
    if sheet.filtered and lines:
        page.autofilter(head, 0, head + len(lines), len(heads) - 1)
    page.repeat_rows(head)
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(sheet.pages_wide, 0)
    if sheet.pages_wide > 1 and sheet.fixed:
        page.repeat_columns(0, sheet.fixed - 1)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
    page.set_header(f"&L{_head_text(mark)}&C{_head_text(table.caption)}&R{_head_text(mark)}"[:250])
    page.set_footer(f"&L{_head_text(footer or mark)}&C&P / &N&R{_head_text(mark)}"[:250])


def _typed(content: Any) -> str | Quantity:
    """A cell's number where it has one, else its text."""
    if isinstance(content, Quantity):
        return content if content else STAR if content.hidden else ""
    return cell_text(content, "")


def _tone(content: Any) -> str:
    """The fill of a cell: that of the weightiest of its words."""
    if not isinstance(content, Words):
        return ""
    own = [_TONES[role] for role in content.role.split() if role in _TONES]
    return next(filter(None, [*own, *map(_tone, content.parts)]), "")


def _cell(page: Any, row: int, column: int, cell: str | Quantity, styles: _Styles, tone: dict[str, str]) -> None:
    if isinstance(cell, Quantity):
        assert cell.number is not None, "what has no number is no quantity in a sheet"
        look = styles(border=1, align="right", num_format=cell.format, **tone)
        page.write_number(row, column, round(cell.number, 10), look)
    elif not cell:
        page.write_blank(row, column, None, styles(border=1, **tone))
    else:
        text = clean(cell)[:_LONGEST]
        side = "center" if width(text) <= 2 else "left"
        page.write_string(row, column, text, styles(border=1, text_wrap=True, align=side, **tone))


def _widths(sheet: Sheet, heads: Sequence[str], rows: Sequence[Sequence[str | Quantity]]) -> list[int]:
    """Column widths by content: two for a Chinese character, one for a letter; headers wrap, so they count a half."""
    found = []
    for j, head in enumerate(heads):
        wide = max([(width(head) + 1) // 2, _NARROWEST, *(_shown(cells[j]) for cells in rows)])
        found.append(min(wide, sheet.widest * (3 if j in sheet.wider else 1)) + 2)
    return found


def _height(cells: Sequence[str | Quantity], widths: Sequence[int]) -> int:
    """Lines of the tallest cell: not every program finds the height of a row by itself."""
    tallest = 1
    for cell, wide in zip(cells, widths, strict=True):
        if isinstance(cell, str):
            tallest = max(tallest, sum(math.ceil(max(width(part), 1) / (wide - 1)) for part in cell.split("\n")))
    return tallest


def _shown(cell: str | Quantity) -> int:
    return max(width(part) for part in cell.split("\n")) if isinstance(cell, str) else len(str(cell))


def _head_text(text: str) -> str:
    """Text for a page head or foot, where & begins a code."""
    return clean(text).replace("&", "&&")[:60]
