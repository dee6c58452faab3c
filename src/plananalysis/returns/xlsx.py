"""The one place that reads XLSX, so that the library behind it can be replaced.

openpyxl is used because it alone shows, of the readers tried, whether a cell is a percentage, a formula or an error; others give
an uncomputed formula, ``#DIV/0!`` and the text NA all as "missing". Streaming with explicit bounds: a far cell costs nothing,
and a sheet whose stated dimension is a lie is still read in full.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from plananalysis.returns.grids import EMPTY, Cell, Grid, Unreadable


def read_grids(data: bytes, max_rows: int, max_columns: int) -> list[Grid]:
    """All sheets of a workbook the guard has let through.

    Raises
    ------
    Unreadable
        The reader failed in any way: mutated files raise KeyError, TypeError, OSError, ParseError and others.
    """
    try:
        import openpyxl
        import openpyxl.xml

        if (
            not openpyxl.xml.DEFUSEDXML
        ):  # switched off by an environment variable or not installed: entities would be expanded
            raise Unreadable
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what the file holds besides cells
            return _grids(openpyxl, data, max_rows, max_columns)
    except Exception as error:  # the boundary to a library that answers broken files with any exception there is
        raise Unreadable from error


def _grids(openpyxl: Any, data: bytes, max_rows: int, max_columns: int) -> list[Grid]:
    shown = _pass(openpyxl, data, True, max_rows, max_columns)
    written = _pass(openpyxl, data, False, max_rows, max_columns)
    return [
        _merge(name, hidden, values, [] if hidden else written[name][1]) for name, (hidden, values) in shown.items()
    ]


def _pass(openpyxl: Any, data: bytes, data_only: bool, max_rows: int, max_columns: int) -> dict[str, Any]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)
    try:
        sheets: dict[str, Any] = {}
        for sheet in book.worksheets:
            if not data_only and sheet.sheet_state != "visible":
                continue  # formulas matter only where units write
            rows: list[Any] = []
            last = 0
            for row in sheet.iter_rows(min_row=1, max_row=max_rows, max_col=max_columns):
                rows.append([(c.value, c.number_format, c.data_type) if c.value is not None else None for c in row])
                last = len(rows) if any(rows[-1]) else last  # what follows is padding up to the bound
            sheets[sheet.title] = (sheet.sheet_state != "visible", rows[:last])
        return sheets
    finally:
        book.close()


def _merge(name: str, hidden: bool, shown: list[Any], written: list[Any]) -> Grid:
    """Displayed values, marked where a formula stands behind them; an uncomputed formula shows its own text."""
    rows = []
    for i in range(max(len(shown), len(written))):
        left, right = (source[i] if i < len(source) else [] for source in (shown, written))
        row = []
        for j in range(max(len(left), len(right))):
            value, typed = (source[j] if j < len(source) else None for source in (left, right))
            if typed is None and value is None:
                row.append(EMPTY)
            elif typed is not None and typed[2] == "f":
                row.append(Cell(value[0] if value else None, typed[1], formula=True))
            else:
                found = value or typed
                row.append(Cell(found[0], found[1]))
        rows.append(row)
    return Grid(name, rows, hidden)
