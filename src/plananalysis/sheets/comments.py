"""Reads the comments of an XLSX sheet: of the old kind, and of the threads that newer programs write beside them.

The parts are streamed like the sheets themselves. python-calamine gives no comments; openpyxl does, but refuses workbooks for an unknown
font family and needs the whole workbook in memory for them.
"""

from __future__ import annotations

import zipfile
from contextlib import suppress

from plananalysis.sheets.grids import place, typed
from plananalysis.sheets.parts import parse, relations

Comments = dict[tuple[int, int], str]  # by zero-based row and column
_JOINT = "；"


def read_comments(package: zipfile.ZipFile, sheet: str) -> Comments:
    """Comments of a sheet without their authors' names, by their places.

    Of a thread all contributions are told, in their order; its copy for older programs is not.
    """
    return _of_kind(package, sheet, "/comments", "comment", "t") | read_threads(package, sheet)


def read_threads(package: zipfile.ZipFile, sheet: str) -> Comments:
    """Threads of a sheet, which newer programs write beside its comments; in XML also in an XLSB."""
    return _of_kind(package, sheet, "/threadedComment", "threadedComment", "text")


def _of_kind(package: zipfile.ZipFile, sheet: str, kind: str, element: str, text: str) -> Comments:
    found: Comments = {}
    for part in (r["Target"] for r in relations(package, sheet) if r["Type"].endswith(kind)):
        if part in package.namelist():
            found |= _read(package, part, element, text)
    return found


def _read(package: zipfile.ZipFile, part: str, element: str, content: str) -> Comments:
    authors: list[str] = []
    texts: dict[str, list[str]] = {}
    now: list[str] = []
    at, by, within = "", "", False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal at, by, within
        if tag == element:
            at, by = attributes.get("ref", ""), attributes.get("authorId", "")
            now.clear()
        within = tag in (content, "author")
        if tag == "author":
            now.clear()

    def end(tag: str) -> None:
        nonlocal within
        within = False
        if tag == "author":
            authors.append("".join(now))
        elif tag == element:
            author = authors[int(by)] if by.isascii() and by.isdigit() and int(by) < len(authors) else ""
            texts.setdefault(at, []).append(plain("".join(now), author))

    parse(package, part, start, end, lambda text: now.append(text) if within else None)
    found: Comments = {}
    for at, said in texts.items():
        with suppress(ValueError):  # what stands at no address stands nowhere
            found |= {place(at): _JOINT.join(filter(None, said))} if any(said) else {}
    return found


def plain(text: str, author: str) -> str:
    """A comment without the name that programs set before it; its lines stay, for a form's own notes stand on some of them."""
    lines = [" ".join(line.split()) for line in typed(text).split("\n")]
    if author and lines[0] in (f"{author}:", f"{author}："):
        lines = lines[1:]
    return "\n".join(filter(None, lines))
