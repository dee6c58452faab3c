"""One file as sheets, whatever its format: what it is is seen from its bytes, its suffix must not say otherwise."""

from __future__ import annotations

import io
import zipfile

from plananalysis.sheets import guard
from plananalysis.sheets.calls import refuse_calls
from plananalysis.sheets.delimited import read_delimited
from plananalysis.sheets.grids import Refused, Sheets

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
