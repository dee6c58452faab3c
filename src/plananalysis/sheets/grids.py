"""Sheets of every format as one thing: rows of raw cells with their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_ROWS, MAX_COLUMNS = 3_000, 40  # the part of a sheet that is read
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_CODE_POINT = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Refused(Exception):
    """A file is not read; ``rule`` names the sentences under ``returns.rule``, ``facts`` are their fields."""

    def __init__(self, rule: str, **facts: str) -> None:
        super().__init__(rule)
        self.rule, self.facts = rule, facts


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
    """One sheet. ``rows[0]`` is spreadsheet row 1; rows may be of unequal length; ``comments`` stand at zero-based rows and columns."""

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden: bool = False
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a zero-based place, empty outside."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else EMPTY


@dataclass(frozen=True)
class Sheets:
    """What a file holds: its sheets, and the address of a filled cell outside the part that is read ("" for none)."""

    grids: Sequence[Grid]
    far: str = ""


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


def place(text: str) -> tuple[int, int]:
    """Zero-based row and column of an address.

    >>> place("K12"), place("AA1")
    ((11, 10), (0, 26))

    Raises
    ------
    ValueError
        It is none.
    """
    if len(text) > 10 or not (text.isascii() and text.isalnum() and text[:1].isupper()):
        raise ValueError(text)
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(text[len(letters) :]) - 1, column - 1


def laid_out(name: str, cells: Mapping[tuple[int, int], Cell], hidden: bool = False) -> Grid:
    """A sheet of cells given by their places; rows end with their last filled cell."""
    rows: list[list[Cell]] = [[] for _ in range(1 + max((r for r, _ in cells), default=-1))]
    for (row, column), cell in sorted(cells.items()):
        rows[row].extend([EMPTY] * (column - len(rows[row])))
        rows[row].append(cell)
    return Grid(name, rows, hidden)


def first_far(places: Iterable[tuple[int, int]]) -> str:
    """Address of the first place outside the part that is read, "" for none."""
    far = [p for p in places if outside(*p)]
    return address(*min(far)) if far else ""


def outside(row: int, column: int) -> bool:
    """Whether a zero-based place lies outside the part of a sheet that is read."""
    return row >= MAX_ROWS or column >= MAX_COLUMNS


def number(text: str) -> Any:
    """A stored number: whole ones exactly, others as the nearest float; what is none, or none that fits, stays text."""
    if _NUMBER.fullmatch(text):
        return int(text)
    try:
        found = float(text) if len(text) < 400 else float("inf")
    except ValueError:
        return text
    return found if abs(found) < 1e300 else text


def typed(text: str) -> str:
    """A stored text as it was typed: ``_x000D_`` is how XLSX writes a carriage return, and one line break is as good as another.

    >>> typed("92.6_x000D_"), typed("_x005F_x000D_")
    ('92.6\\n', '_x000D_')
    """
    if "_x" in text:
        text = _CODE_POINT.sub(lambda m: chr(int(m[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
