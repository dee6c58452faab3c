"""One file as sheets, whatever its format: what it is is seen from its bytes, its suffix must not say otherwise."""

from __future__ import annotations

import csv
import io
import zipfile

from plananalysis.base.decoding import Undecodable, decode, separator, table_rows
from plananalysis.sheets import guard
from plananalysis.sheets.calls import refuse_calls
from plananalysis.sheets.grids import EMPTY, MAX_COLUMNS, MAX_ROWS, Cell, Grid, Refused, Sheets, address

MAX_FILE = 5_000_000  # bytes as sent; a form of a health bureau with six years is about 60 KB
_MAX_FORMULAS = 2_000_000  # characters
SUFFIXES = (".xlsx", ".xls", ".et", ".xlsb", ".ods", ".csv", ".txt", ".tsv")
_TEXT = (".csv", ".txt", ".tsv")
_MACROS = (".xlsm", ".xltm", ".xlam", ".xla")


def read_file(data: bytes, suffix: str) -> Sheets:
    """The sheets of a file with this suffix (``.xlsx``).

    Raises
    ------
    Refused
        It is not read, and why. Any other exception means a broken file.
    """
    if not data:
        raise Refused("file_empty")
    if len(data) > MAX_FILE:
        raise Refused("file_large", size=f"{len(data) / 1e6:.1f}", limit=f"{MAX_FILE / 1e6:.0f}")
    if suffix in _MACROS:
        raise Refused("file_macros")
    if suffix not in SUFFIXES:
        raise Refused("file_suffix", suffix=suffix[:20])
    if data.startswith(guard.OLE):
        return _compound(data, suffix)
    if data.startswith(guard.ZIP):
        return _package(data, suffix)
    if suffix in _TEXT:
        return Sheets([read_delimited(data)])
    raise Refused("file_renamed", suffix=suffix, real=guard.kind_of(data))


def _compound(data: bytes, suffix: str) -> Sheets:
    guard.refuse_compound(data)
    if suffix not in (".xls", ".et"):
        raise Refused("file_renamed", suffix=suffix, real="xls")
    from plananalysis.sheets.xls import read_xls

    return read_xls(data)


def _package(data: bytes, suffix: str) -> Sheets:
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Refused("file_broken") from None
    with package:
        guard.refuse_package(package, len(data))
        names = set(package.namelist())
        if "content.xml" in names:
            from plananalysis.sheets.ods import read_ods

            _refuse_renamed(suffix, ".ods", "ods")
            return read_ods(package)
        if any(name.startswith(("word/", "ppt/")) for name in names):
            raise Refused("file_not_workbook")
        from plananalysis.sheets.parts import main_part
        from plananalysis.sheets.xlsx import read_xlsx

        main = main_part(package)
        refuse_calls(package, _MAX_FORMULAS)
        if main.endswith(".bin"):
            from plananalysis.sheets.xlsb import read_xlsb

            _refuse_renamed(suffix, ".xlsb", "xlsb")
            return read_xlsb(package, data)
        _refuse_renamed(suffix, ".xlsx", "xlsx")
        return read_xlsx(package)


def _refuse_renamed(suffix: str, wanted: str, real: str) -> None:
    if suffix != wanted:
        raise Refused("file_renamed", suffix=suffix, real=real)


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
