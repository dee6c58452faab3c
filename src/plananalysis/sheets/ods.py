"""Reads ODS. Such a file keeps beside each value the text a person saw, so a percentage or a unit is read from there."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from typing import Any

from plananalysis.sheets.grids import MAX_COLUMNS, MAX_ROWS, Cell, Grid, Sheets, first_far, laid_out, number, typed
from plananalysis.sheets.parts import parse

CONTENT = "content.xml"
_NUMBER_SHOWN = re.compile(r"^[^0-9]*[0-9][0-9,. ]*")


def read_ods(package: zipfile.ZipFile) -> Sheets:
    """All sheets of a package the guard has let through."""
    reader = _Reader()
    parse(package, CONTENT, reader.start, reader.end, reader.characters)
    return Sheets(reader.grids, first_far(reader.far))


class _Reader:
    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.far: list[tuple[int, int]] = []
        self.hidden_styles: set[str] = set()
        self.style = self.name = ""
        self.hidden = False
        self.cells: dict[tuple[int, int], Cell] = {}
        self.row = self.column = 0
        self.times = 1  # how often the row stands there
        self.cell: dict[str, str] | None = None
        self.paragraphs: list[str] = []
        self.depth = 0  # within a note to the cell, or a table in it
        self.note: list[str] | None = None  # paragraphs of the note, while it is read
        self.comments: dict[tuple[int, int], str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self.style = attributes.get("name", "")
        elif tag == "table-properties" and attributes.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif tag == "table" and self.cell is None:
            self.name, self.hidden = attributes.get("name", ""), attributes.get("style-name") in self.hidden_styles
            self.cells, self.comments, self.row = {}, {}, 0
        elif tag == "table-row" and self.cell is None:
            self.column, self.times = 0, _count(attributes.get("number-rows-repeated"))
        elif tag in ("table-cell", "covered-table-cell") and self.cell is None:
            self.cell, self.paragraphs = attributes, []
        elif tag in ("annotation", "table", "object"):
            self.note = [] if tag == "annotation" else self.note
            self.depth += 1
        elif self.note is not None and tag == "p":
            self.note.append("")
        elif self.cell is not None and not self.depth:
            if tag == "p":
                self.paragraphs.append("")
            elif self.paragraphs and tag in ("s", "tab", "line-break"):
                self.paragraphs[-1] += "\n" if tag == "line-break" else " " * min(_count(attributes.get("c")), 99)

    def characters(self, text: str) -> None:
        if self.note:
            self.note[-1] += text
        elif self.paragraphs and not self.depth:
            self.paragraphs[-1] += text

    def end(self, tag: str) -> None:
        if self.depth:
            self.depth -= tag in ("annotation", "table", "object")
            if tag == "annotation":
                if self.note and any(self.note) and self.row < MAX_ROWS and self.column < MAX_COLUMNS:
                    self.comments[self.row, self.column] = typed("\n".join(filter(None, self.note)))
                self.note = None
        elif tag in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._put(self.cell)
            self.cell = None
            self.paragraphs = []
        elif tag == "table-row":
            self.row += self.times
        elif tag == "table":
            self.grids.append(replace(laid_out(self.name, self.cells, self.hidden), comments=self.comments))

    def _put(self, attributes: dict[str, str]) -> None:
        count = _count(attributes.get("number-columns-repeated"))
        cell = _cell(attributes, typed("\n".join(self.paragraphs)))
        if cell is not None:
            # a row or a cell with content is repeated a few times at most; empty ones fill up to the sheet's end
            for row in range(self.row, self.row + min(self.times, MAX_ROWS)):
                for column in range(self.column, self.column + min(count, MAX_COLUMNS)):
                    if row < MAX_ROWS and column < MAX_COLUMNS:
                        self.cells[row, column] = cell
                    elif not self.hidden:
                        self.far.append((row, column))
                        break
        self.column += count


def _cell(attributes: dict[str, str], seen: str) -> Cell | None:
    formula = "formula" in attributes
    # "value-type" stands twice: once for everybody and once, finer, for its own program; the last wins
    kind, value = attributes.get("value-type", ""), attributes.get("value", "")
    raw: Any = seen or None
    code = "General"
    if seen.startswith("#") or kind == "error":  # an error is stored as a text or as 0
        raw = seen
    elif kind in ("float", "percentage", "currency") and value:
        raw = number(value)
        if kind == "percentage":
            code = "0%"
        elif unit := _NUMBER_SHOWN.sub("", seen).replace('"', ""):
            code = f'General"{unit}"'
    elif kind == "boolean":
        raw = attributes.get("boolean-value") == "true"
    elif kind == "string" and "string-value" in attributes and not seen:
        raw = attributes["string-value"]
    return Cell(raw, code, formula) if raw is not None or formula else None


def _count(text: str | None) -> int:
    return max(int(text), 1) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
