"""Refuse files that would crash, hang or deceive a reader, before any reader touches them. Standard library only."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

MAX_FILE = 5_000_000  # bytes as sent; a form of a health bureau with six years is about 60 KB
MAX_PART = 12_000_000  # bytes of one part unpacked
MAX_TOTAL = 30_000_000
MAX_PARTS = 200
MAX_CELLS = 60_000  # over all sheets, styled empty cells included: what accidents with whole columns produce
MAX_ROWS, MAX_COLUMNS = 3_000, 40  # the part of a sheet that is read

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
_ROW, _ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b"), re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"']([0-9]{1,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c[ >/]")
_FILLED = re.compile(rb'<c[^>]*? r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<(?:f|v|is)\b')


@dataclass(frozen=True)
class Verdict:
    """What the guard found.

    Parameters
    ----------
    refusal
        Rule under ``returns.rule`` that says why the file is refused; None when it may be read.
    facts
        Fields of that rule's sentences, and ``far``: address of a filled cell outside the part that is read ("" for none).
    last_row
        Last row of that part which any sheet uses.
    """

    refusal: str | None
    facts: dict[str, str]
    last_row: int = MAX_ROWS


def inspect(data: bytes, suffix: str) -> Verdict:
    """Whether a file of this suffix (``.xlsx``, ``.csv``) may be read."""
    if not data:
        return _refuse("file_empty")
    if len(data) > MAX_FILE:
        return _refuse("file_large", size=f"{len(data) / 1e6:.1f}", limit=f"{MAX_FILE / 1e6:.0f}")
    if data.startswith(_OLE):
        return _refuse("file_encrypted" if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d" in data else "file_legacy")
    if suffix == ".csv":
        if data.startswith(_ZIP):
            return _refuse("file_renamed", suffix=suffix, real="XLSX")
        return (
            _refuse("file_binary")
            if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
            else Verdict(None, {"far": ""})
        )
    if suffix in (".xlsm", ".xltm", ".xlsb"):
        return _refuse("file_macros")
    if suffix != ".xlsx":
        return _refuse("file_suffix", suffix=suffix or "(无)")
    if not data.startswith(_ZIP):
        return _refuse("file_renamed", suffix=suffix, real=_look(data))
    try:
        return _inspect_package(data)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError):
        return _refuse("file_broken")


def _inspect_package(data: bytes) -> Verdict:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        names = [part.filename for part in parts]
        if any(part.flag_bits & 1 for part in parts):
            return _refuse("file_encrypted")
        if len(parts) > MAX_PARTS or len(set(names)) < len(names):
            return _refuse("file_broken")
        # sizes are claims of the file's author: each is held against the limits here and against the bytes below
        if (
            any(part.file_size > MAX_PART or part.compress_size > len(data) for part in parts)
            or sum(p.file_size for p in parts) > MAX_TOTAL
        ):
            return _refuse("file_bomb")
        if any("vbaproject" in name.lower() or "macrosheets" in name.lower() for name in names):
            return _refuse("file_macros")
        if not set(_NEEDED) <= set(names):
            return _refuse(
                "file_not_workbook"
                if any(n.startswith(("word/", "ppt/")) or n == "mimetype" for n in names)
                else "file_broken"
            )
        cells, far, total, last = 0, "", 0, 1
        for part in parts:
            content = _unpack(package, part)
            if content is None:
                return _refuse("file_bomb")
            total += len(content)
            if total > MAX_TOTAL:
                return _refuse("file_bomb")
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                head = content[:2000]
                if b"\0" in head:  # UTF-16 would hide a DTD from the next line; no office program writes it
                    return _refuse("file_broken")
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                    return _refuse("file_dtd")
            if part.filename.startswith("xl/worksheets/"):
                cells += len(_CELL.findall(content)) + len(_ROW.findall(content))
                if cells > MAX_CELLS:
                    return _refuse("file_cells", limit=str(MAX_CELLS))
                outside, bottom = _extent(content)
                far, last = far or outside, max(last, bottom)
        return Verdict(None, {"far": far}, last)


def _unpack(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes | None:
    """The part's bytes with their checksum verified, None when there are more of them than any form needs."""
    with package.open(part) as stream:
        content = stream.read(MAX_PART + 1)
    return None if len(content) > MAX_PART else content


def _extent(sheet: bytes) -> tuple[str, int]:
    """Address of the first filled cell outside the part that is read, and the last row that is stated or counted."""
    far, last = "", len(_ROW.findall(sheet))
    for match in _ROW_NUMBER.finditer(sheet):
        last = max(last, int(match[1]))
    for match in _FILLED.finditer(sheet):
        if int(match[2]) > MAX_ROWS or _column(match[1]) > MAX_COLUMNS:
            far = (match[1] + match[2]).decode()
            break
    return far, min(last, MAX_ROWS)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _look(data: bytes) -> str:
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        return "网页"
    if start.startswith(b"%pdf"):
        return "PDF"
    return "其他格式"


def _refuse(rule: str, **facts: str) -> Verdict:
    return Verdict(rule, facts)
