"""Sheets and CSV files as one thing: rows of raw cells with their addresses."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Unreadable(Exception):
    """A reader failed, for whatever reason; the file is to be saved again."""


@dataclass(frozen=True)
class Cell:
    """A cell as it was found: ``raw`` is what it shows (a formula's last result), ``formula`` says that it was computed."""

    raw: Any = None
    number_format: str = "General"
    formula: bool = False

    @property
    def text(self) -> str:
        """Raw content as stripped text, for headers and codes."""
        return "" if self.raw is None else str(self.raw).strip()


EMPTY = Cell()


@dataclass(frozen=True)
class Grid:
    """One sheet. ``rows[0]`` is spreadsheet row 1; rows may be of unequal length."""

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a zero-based place, empty outside."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else EMPTY


def address(row: int, column: int) -> str:
    """Spreadsheet address of a zero-based place.

    >>> address(11, 10), address(0, 26)
    ('K12', 'AA1')
    """
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def csv_grid(data: bytes, max_rows: int, max_columns: int) -> Grid:
    """A CSV file (UTF-8 with or without BOM, GB18030, or UTF-16 as Excel's "Unicode text" is) as one sheet.

    Raises
    ------
    Unreadable
        Unknown encoding, or no CSV.
    """
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable
    head = "\n".join(text.splitlines()[:40])
    delimiter = max(",\t;", key=head.count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable from error
    if len(found) > max_rows or any(len(row) > max_columns for row in found):
        raise Unreadable
    return Grid("", [[Cell(cell) if cell else EMPTY for cell in row] for row in found])
