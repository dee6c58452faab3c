"""Reads the old .xls (and what WPS saves as .et): xlrd tells values and formats; what it does not say is looked up in the records."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from plananalysis.sheets.calls import refuse_formula
from plananalysis.sheets.formats import as_moment, shown
from plananalysis.sheets.grids import Cell, Grid, Refused, Sheets, first_far, laid_out, outside, typed

_BOUNDSHEET, _SUPBOOK, _FILEPASS, _NAME, _EXTERN_NAME = 0x85, 0x1AE, 0x2F, 0x18, 0x23
_SELF, _ADD_IN = b"\x01\x04", b"\x01\x3a"


def read_xls(data: bytes) -> Sheets:
    """All sheets of a file the guard has let through.

    Raises
    ------
    Refused
        It is locked, has macros, or refers to other files.
    """
    import xlrd
    from xlrd.compdoc import CompDoc

    document = CompDoc(data, logfile=io.StringIO())
    stream = document.get_named_stream("Workbook") or document.get_named_stream("Book")
    if stream is None:
        raise Refused("file_not_workbook")
    _look(stream)
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO(), ragged_rows=True)
    grids, far = [], []
    for sheet in book.sheets():
        grid, beyond = _grid(xlrd, book, sheet)
        grids.append(grid)
        far += beyond if not grid.hidden else []
    return Sheets(grids, first_far(far))


def _grid(xlrd: Any, book: Any, sheet: Any) -> tuple[Grid, list[tuple[int, int]]]:
    cells: dict[tuple[int, int], Cell] = {}
    far: list[tuple[int, int]] = []
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or value == "":
                continue
            if outside(row, column):
                far.append((row, column))
                continue
            code = book.format_map[book.xf_list[sheet.cell_xf_index(row, column)].format_key].format_str
            cells[row, column] = Cell(_raw(xlrd, book, kind, value, code), code)
    notes = {at: typed(note.text) for at, note in sheet.cell_note_map.items() if note.text}
    return replace(laid_out(sheet.name, cells, sheet.visibility != 0), comments=notes), far


def _raw(xlrd: Any, book: Any, kind: int, value: Any, code: str) -> Any:
    if kind == xlrd.XL_CELL_TEXT:
        return typed(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#VALUE!")
    if shown(code).date:
        return as_moment(value, bool(book.datemode))
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _look(stream: bytes) -> None:
    """Refuse what is not cells: xlrd passes over it in silence."""
    for kind, record in _records(stream):
        if kind == _FILEPASS:
            raise Refused("file_encrypted")
        if kind == _BOUNDSHEET and len(record) > 5 and record[5] in (1, 6):
            raise Refused("file_macros")
        if kind == _SUPBOOK and record[2:4] not in (_SELF, _ADD_IN):
            raise Refused("file_calls", what="externalBook", where="")
        if kind in (_NAME, _EXTERN_NAME):
            refuse_formula(record.decode("latin-1"))


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size
