"""Reads XLSX, transitional and strict, whatever its styles: cells, the formats they are shown with, and whether a formula stands there.

Every part is streamed once, and what a sheet holds outside the part that is read costs nothing. The libraries tried do not say
enough or refuse too much: python-calamine tells neither number format nor formula nor error (0.926 shown as 92.6%, ``#DIV/0!`` and
an uncomputed formula are lost) and asks for half a terabyte when one cell stands far away; openpyxl refuses a workbook for an
unknown font family. Both are held against this reader in the tests.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

from plananalysis.sheets.comments import read_comments
from plananalysis.sheets.formats import BUILT_IN, as_moment, shown
from plananalysis.sheets.grids import Cell, Grid, Refused, Sheets, first_far, laid_out, number, outside, place, typed
from plananalysis.sheets.parts import main_part, parse, relations


def read_xlsx(package: zipfile.ZipFile) -> Sheets:
    """All worksheets of a package the guard has let through.

    Raises
    ------
    Refused
        It is no workbook, or two cells claim one place.
    """
    book = main_part(package)
    targets = {r["Id"]: r for r in relations(package, book)}
    shared, formats, since_1904 = [], [], False
    for one in targets.values():
        if one["Type"].endswith("/sharedStrings"):
            shared = _texts(package, one["Target"])
        elif one["Type"].endswith("/styles"):
            formats = _formats(package, one["Target"])
    sheets: list[tuple[str, str, bool]] = []

    def found(tag: str, attributes: dict[str, str]) -> None:
        nonlocal since_1904
        if tag == "sheet":
            target = targets.get(attributes.get("id", ""), {"Type": "", "Target": ""})
            if target["Type"].endswith("/worksheet"):
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes.get("name", ""), target["Target"], hidden))
        elif tag == "workbookPr":
            since_1904 = attributes.get("date1904", "0") in ("1", "true")

    parse(package, book, found)
    grids, far = [], ""
    for name, part, hidden in sheets:
        grid, beyond = _Sheet(shared, formats, since_1904).read(package, part, name, hidden)
        grids.append(replace(grid, comments=read_comments(package, part)))
        far = far or ("" if hidden else beyond)
    return Sheets(grids, far)


def _texts(package: zipfile.ZipFile, part: str) -> list[str]:
    """Shared texts, runs joined, without the small signs that say how to pronounce them."""
    texts: list[str] = []
    now: list[str] = []
    inside = silent = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal inside, silent
        silent |= tag == "rPh"
        inside = tag == "t" and not silent

    def end(tag: str) -> None:
        nonlocal inside, silent
        if tag == "si":
            texts.append(typed("".join(now)))
            now.clear()
        silent &= tag != "rPh"
        inside = False

    parse(package, part, start, end, lambda text: now.append(text) if inside else None)
    return texts


def _formats(package: zipfile.ZipFile, part: str) -> list[str]:
    """Number format of each cell style."""
    own: dict[int, str] = {}
    styles: list[int] = []
    of_cells = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal of_cells
        if tag == "numFmt":
            own[_whole(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif tag == "xf" and of_cells:
            styles.append(_whole(attributes.get("numFmtId", "")))
        elif tag in ("cellXfs", "cellStyleXfs"):
            of_cells = tag == "cellXfs"

    def end(tag: str) -> None:
        nonlocal of_cells
        of_cells &= tag != "cellXfs"

    parse(package, part, start, end)
    return [own.get(number_format) or BUILT_IN.get(number_format, "General") for number_format in styles]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class _Sheet:
    """One worksheet while it is streamed."""

    def __init__(self, shared: list[str], formats: list[str], since_1904: bool) -> None:
        self.shared, self.formats, self.since_1904 = shared, formats, since_1904
        self.cells: dict[tuple[int, int], Cell] = {}
        self.far: list[tuple[int, int]] = []
        self.row, self.column = -1, -1
        self.at: tuple[int, int] | None = None
        self.kind, self.style, self.formula = "", 0, False
        self.within: list[str] | None = None
        self.silent = False
        self.value: list[str] = []
        self.text: list[str] = []
        self.dates = [shown(code).date for code in formats]

    def read(self, package: zipfile.ZipFile, part: str, name: str, hidden: bool) -> tuple[Grid, str]:
        parse(package, part, self.start, self.end, self.characters)
        return laid_out(name, self.cells, hidden), first_far(self.far)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.column += 1
            if "r" in attributes:
                self.row, self.column = _placed(attributes["r"])
            self.at = (self.row, self.column)
            self.kind, self.style, self.formula = attributes.get("t", "n"), _whole(attributes.get("s", "")), False
            self.value, self.text = [], []
        elif tag == "row":
            self.row, self.column = _row(attributes.get("r", ""), self.row + 1), -1
        elif self.at is not None:
            self.formula |= tag == "f"
            self.silent |= tag == "rPh"
            self.within = self.value if tag == "v" else self.text if tag == "t" and not self.silent else None

    def characters(self, text: str) -> None:
        if self.within is not None:
            self.within.append(text)

    def end(self, tag: str) -> None:
        self.within = None
        self.silent &= tag != "rPh"
        if tag != "c" or self.at is None:
            return
        at, self.at = self.at, None
        raw = self._raw("".join(self.value), "".join(self.text))
        if raw is None and not self.formula:
            return
        if outside(*at):
            self.far.append(at)
            return
        if at in self.cells:
            raise Refused("file_broken")
        code = self.formats[self.style] if self.style < len(self.formats) else "General"
        self.cells[at] = Cell(raw, code, self.formula)

    def _raw(self, value: str, text: str) -> Any:
        if self.kind == "s":
            index = _whole(value.strip())
            return (self.shared[index] if index < len(self.shared) else None) if value.strip() else None
        if self.kind == "inlineStr":
            return typed(text) if text else None
        if not value:
            return None
        if self.kind in ("str", "e"):
            return typed(value)
        if self.kind == "b":
            return value.strip() in ("1", "true")
        if self.kind == "d":
            try:
                return datetime.fromisoformat(value.strip().removesuffix("Z"))
            except ValueError:
                return value
        found = number(value.strip())
        dated = self.style < len(self.dates) and self.dates[self.style]
        return as_moment(found, self.since_1904) if dated and not isinstance(found, str) else found


def _placed(text: str) -> tuple[int, int]:
    try:
        return place(text)
    except ValueError:
        raise Refused("file_broken") from None


def _row(text: str, otherwise: int) -> int:
    return _whole(text) - 1 if text else otherwise
