"""Reads CSV and its relatives."""

from __future__ import annotations

import csv

from plananalysis.base.decoding import Undecodable, decode, separator, table_rows
from plananalysis.sheets.grids import EMPTY, MAX_COLUMNS, MAX_ROWS, Cell, Grid, Refused, address


def read_delimited(data: bytes) -> Grid:
    """A text file of rows as one sheet.

    Raises
    ------
    Refused
        Bytes that are no text, an encoding that is none of ours, quotes that do not close, or more than a form can hold.
    """
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        raise Refused("file_binary")
    try:
        text = decode(data)
        rows = table_rows(text, separator(text))
    except Undecodable as error:
        raise Refused("file_encoding" if error.guess else "file_binary", guess=error.guess) from None
    except csv.Error:
        raise Refused("file_quotes") from None
    if len(rows) > MAX_ROWS:
        raise Refused("file_long", rows=str(len(rows)), limit=str(MAX_ROWS))
    if any(len(row) > MAX_COLUMNS for row in rows):
        row, cells = next((i, r) for i, r in enumerate(rows) if len(r) > MAX_COLUMNS)
        raise Refused("file_wide", cell=address(row, len(cells) - 1), limit=str(MAX_COLUMNS))
    return Grid("", [[Cell(cell) if cell else EMPTY for cell in row] for row in rows])
