"""Refuse files that would crash, hang or deceive a reader, before any reader touches them. Standard library only."""

from __future__ import annotations

import re
import zipfile
import zlib

from plananalysis.sheets.grids import Refused

MAX_PART = 12_000_000  # bytes of one part unpacked
MAX_TOTAL = 30_000_000
MAX_PARTS = 200
MAX_CELLS = 60_000  # over all sheets, styled empty cells included: what accidents with whole columns produce
MAX_TAGS = 700_000  # of all parts; a sheet of MAX_CELLS has some 300 000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[ >/]")
_XML = (".xml", ".rels", ".vml")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE_PARTS = {
    "file_macros": ("_VBA_PROJECT", "VBA"),
    "file_calls": ("MBD0", "Ctls", "\1Ole10Native"),
}
_MACROS = ("vbaproject", "macrosheets", "basic/", "scripts/")


def refuse_package(package: zipfile.ZipFile, size: int) -> None:
    """Refuse a package that is locked, has macros, holds entity definitions, or unpacks to more than any form needs.

    Parameters
    ----------
    size
        Bytes of the file it lies in.

    Raises
    ------
    Refused
        The rule says why.
    """
    parts = package.infolist()
    names = [part.filename for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("file_encrypted")
    if len(parts) > MAX_PARTS or len({name.casefold() for name in names}) < len(names):
        raise Refused("file_broken")
    # sizes are claims of the file's author: each is held against the limits here and against the bytes below
    if any(part.file_size > MAX_PART or part.compress_size > size for part in parts):
        raise Refused("file_bomb")
    if sum(part.file_size for part in parts) > MAX_TOTAL:
        raise Refused("file_bomb")
    if any(mark in name.lower() for name in names for mark in _MACROS):
        raise Refused("file_macros")
    cells = tags = total = 0
    for part in parts:
        content = _unpacked(package, part)
        total += len(content)
        if total > MAX_TOTAL:
            raise Refused("file_bomb")
        if not part.filename.lower().endswith(_XML):
            continue
        if b"\0" in content[:2000]:  # UTF-16 would hide a definition from the next line; no office program writes it
            raise Refused("file_broken")
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise Refused("file_dtd")
        if part.filename.startswith("xl/worksheets/"):
            cells += sum(1 for _ in _CELL.finditer(content))
            if cells > MAX_CELLS:
                raise Refused("file_cells", limit=str(MAX_CELLS))
        tags += content.count(b"<") - content.count(b"</")
        if tags > MAX_TAGS:
            raise Refused("file_cells", limit=str(MAX_CELLS))


def refuse_compound(data: bytes) -> None:
    """Refuse an OLE file that is locked or holds macros or other programs' objects; its names stand in UTF-16.

    Raises
    ------
    Refused
        The rule says why.
    """
    if _ENCRYPTED in data:
        raise Refused("file_encrypted")
    for rule, names in _OLE_PARTS.items():
        for name in names:
            if _directory_name(name) in data:
                raise Refused(rule, **({"what": "ole", "where": name.strip("\1")} if rule == "file_calls" else {}))


def _directory_name(name: str) -> bytes:
    """A name as a directory entry begins with it; whole names end with a zero."""
    whole = name.encode("utf-16-le")
    return whole if name in ("MBD0", "_VBA_PROJECT") else whole + b"\0\0"


def _unpacked(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The part's bytes with their checksum verified."""
    try:
        with package.open(part) as stream:
            content = stream.read(MAX_PART + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError):
        raise Refused("file_broken") from None
    if len(content) > MAX_PART:
        raise Refused("file_bomb")
    return content


def kind_of(data: bytes) -> str:
    """What a file that is no package seems to be: a name under ``returns.kind``."""
    start = data[:400].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<style")):
        return "page"
    if start.startswith(b"<?xml"):
        return "xml"
    kinds = {"pdf": (b"%pdf",), "picture": (b"\x89png", b"\xff\xd8\xff"), "archive": (b"rar!", b"7z\xbc\xaf")}
    return next((kind for kind, magic in kinds.items() if start.startswith(magic)), "other")
