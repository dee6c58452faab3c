"""Reads XLSB: python-calamine tells values, and the few records that say how each is shown are read here ([MS-XLSB] 2.4)."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from plananalysis.sheets.comments import Comments, plain, read_threads
from plananalysis.sheets.formats import BUILT_IN
from plananalysis.sheets.grids import Cell, Grid, Refused, Sheets, first_far, laid_out, outside, typed
from plananalysis.sheets.parts import main_part, relations

_ROW, _FORMAT, _XF, _CELL_XFS, _CELL_XFS_END = 0, 44, 47, 617, 618
_CELLS = range(1, 12)  # blank, RK, error, boolean, number, text, shared text, and the same computed
_ERRORS, _COMPUTED = (3, 11), range(8, 12)
_ERROR_TEXTS = {
    **{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!"},
    **{0x2A: "#N/A"},
}
_BUNDLE_SHEET = 156
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637


def read_xlsb(package: zipfile.ZipFile, data: bytes) -> Sheets:
    """All worksheets of a package the guard has let through."""
    import python_calamine

    book = main_part(package)
    targets = {r["Id"]: r for r in relations(package, book)}
    styles = next((r["Target"] for r in targets.values() if r["Type"].endswith("/styles")), "")
    formats = _formats(package.read(styles)) if styles else []
    opened = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    grids: list[Grid] = []
    far: list[tuple[int, int]] = []
    for name, hidden, identifier in _sheets(package.read(book)):
        target = targets.get(identifier, {"Type": "", "Target": ""})
        if not target["Type"].endswith("/worksheet"):
            continue
        seen = dict(_cells(package.read(target["Target"])))
        beyond = [at for at in seen if outside(*at)]
        if beyond:  # calamine would ask for the whole rectangle up to there
            raise Refused("file_far", cell=first_far(beyond))
        values = opened.get_sheet_by_name(name).to_python(skip_empty_area=False)
        cells: dict[tuple[int, int], Cell] = {}
        for (row, column), (style, computed, error) in seen.items():
            value = values[row][column] if row < len(values) and column < len(values[row]) else ""
            raw = error or _raw(value)
            if raw is not None or computed:
                code = formats[style] if style < len(formats) else "General"
                cells[row, column] = Cell(raw, code, computed)
        grids.append(replace(laid_out(name, cells, hidden), comments=_comments(package, target["Target"])))
        far += beyond
    return Sheets(grids, first_far(far))


def _raw(value: Any) -> Any:
    if isinstance(value, str):
        return typed(value) or None
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return int(value)
    return value


def _formats(data: bytes) -> list[str]:
    own: dict[int, str] = {}
    styles: list[int] = []
    of_cells = False
    for kind, record in _records(data):
        if kind == _FORMAT:
            own[struct.unpack_from("<H", record)[0]] = _text(record, 2)[0]
        elif kind in (_CELL_XFS, _CELL_XFS_END):
            of_cells = kind == _CELL_XFS
        elif kind == _XF and of_cells:
            styles.append(struct.unpack_from("<H", record, 2)[0])
    return [own.get(number_format) or BUILT_IN.get(number_format, "General") for number_format in styles]


def _sheets(data: bytes) -> Iterator[tuple[str, bool, str]]:
    """Name, whether it is hidden, and relation of every sheet, in order."""
    for kind, record in _records(data):
        if kind == _BUNDLE_SHEET:
            identifier, at = _text(record, 8)
            yield _text(record, at)[0], struct.unpack_from("<I", record)[0] != 0, identifier


def _cells(data: bytes) -> Iterator[tuple[tuple[int, int], tuple[int, bool, str]]]:
    """Place of every cell with its style, whether it was computed, and the error it shows."""
    row = 0
    for kind, record in _records(data):
        if kind == _ROW:
            row = struct.unpack_from("<I", record)[0]
        elif kind in _CELLS and len(record) >= 8:
            column, style = struct.unpack_from("<II", record)
            error = _ERROR_TEXTS.get(record[8], "#VALUE!") if kind in _ERRORS and len(record) > 8 else ""
            yield (row, column), (style & 0xFFFFFF, kind in _COMPUTED, error)


def _comments(package: zipfile.ZipFile, sheet: str) -> Comments:
    """Comments of a sheet by their places; threads stand beside them in XML, as in an XLSX."""
    found: Comments = {}
    for part in (r["Target"] for r in relations(package, sheet) if r["Type"].endswith("/comments")):
        authors: list[str] = []
        at, author = (0, 0), ""
        for kind, record in _records(package.read(part)) if part in package.namelist() else ():
            if kind == _AUTHOR:
                authors.append(_text(record, 0)[0])
            elif kind == _COMMENT:
                by, row, _, column = struct.unpack_from("<IIII", record)
                at, author = (row, column), authors[by] if by < len(authors) else ""
            elif kind == _COMMENT_TEXT and (said := plain(_text(record, 1)[0], author)):
                found[at] = said
    return found | read_threads(package, sheet)


def _text(record: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", record, at)[0]
    end = at + 4 + 2 * count
    return record[at + 4 : end].decode("utf-16-le", "replace"), end


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = _packed(data, at, 2)
        size, at = _packed(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _packed(data: bytes, at: int, most: int) -> tuple[int, int]:
    found = 0
    for place in range(most):
        if at >= len(data):
            raise Refused("file_broken")
        found |= (data[at] & 0x7F) << (7 * place)
        at += 1
        if not data[at - 1] & 0x80:
            break
    return found, at
