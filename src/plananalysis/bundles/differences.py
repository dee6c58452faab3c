"""Where two versions of a derived file differ, in words a person can check against the file: row and column, heading and element."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plananalysis.base.text import say
from plananalysis.bundles import packing

SHOWN = 10  # differences of one file; the rest are counted
_LONGEST = 60  # characters of a value shown
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_HEADINGS = ("h1", "h2", "h3", "h4", "caption", "summary")


def differences(name: str, was: bytes, now: bytes) -> list[str]:
    """How two versions of a file differ, at most `SHOWN` sentences and a count; none when they are equal."""
    if was == now:
        return []
    read = _READERS.get(Path(name).suffix)
    try:
        found = list(read(name, was, now)) if read else []
    except (ValueError, KeyError, OSError, csv.Error, packing.Damaged, zipfile.BadZipFile):
        found = []  # no longer a file of its kind
    if not found:
        return [say("bundles.found.bytes", file=name, was=len(was), now=len(now))]
    more = [say("bundles.found.more", file=name, count=len(found) - SHOWN)] if len(found) > SHOWN else []
    return found[:SHOWN] + more


def _tables(name: str, was: bytes, now: bytes) -> Iterator[str]:
    old, new = (list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) for data in (was, now))
    if old[:1] != new[:1]:
        a, b = (",".join(next(iter(rows), ())) for rows in (old, new))
        yield say("bundles.found.columns", file=name, was=_short(a, b), now=_short(b, a))
        return
    header, width = old[0], _key_width(old, new)

    def key(row: Sequence[str]) -> str:
        return "/".join(row[: width or 1])

    if width:
        places = {tuple(row[:width]): (number, row) for number, row in enumerate(new[1:], start=2)}
        pairs: list[tuple[int, list[str] | None, list[str] | None]] = [
            (number, row, places.pop(tuple(row[:width]), (0, None))[1]) for number, row in enumerate(old[1:], start=2)
        ]
        pairs += [(number, None, row) for number, row in places.values()]
    else:
        pairs = [(n, a, b) for n, (a, b) in enumerate(zip_longest(old[1:], new[1:]), start=2)]
    for number, before, after in pairs:
        if before is None or after is None:
            kind = "row_new" if before is None else "row_gone"
            yield say(f"bundles.found.{kind}", file=name, row=number, of=key(before or after or [""]))
            continue
        for column, a, b in zip_longest(header, before, after, fillvalue=""):
            if a != b:
                values = {"was": _short(a, b), "now": _short(b, a)}
                yield say("bundles.found.cell", file=name, row=number, of=key(before), column=column, **values)


def _key_width(old: list[list[str]], new: list[list[str]]) -> int:
    """How many leading columns name a row of either table; 0 when none do."""
    for width in range(1, min(len(old[0]), 6) + 1):
        if all(len({tuple(r[:width]) for r in rows}) == len(rows) for rows in (old, new)):
            return width
    return 0


def _settings(name: str, was: bytes, now: bytes) -> Iterator[str]:
    for place, a, b in _walk(json.loads(was), json.loads(now), ""):
        yield _changed(name, place, a, b)


def _walk(a: Any, b: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in [*a, *(k for k in b if k not in a)]:
            yield from _walk(a.get(key), b.get(key), f"{place}.{key}" if place else str(key))
    elif isinstance(a, list) and isinstance(b, list):
        for number, (x, y) in enumerate(zip_longest(a, b), start=1):
            yield from _walk(x, y, f"{place}[{number}]")
    elif a != b:
        yield place, json.dumps(a, ensure_ascii=False), json.dumps(b, ensure_ascii=False)


class _Outline(HTMLParser):
    """A page as a list of what it says, each with the place where it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._heading = self._row = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._row = ""
        if tag in _HEADINGS:
            self._heading = ""
        if tag not in _VOID:
            self._open.append(tag)
        self.parts.append((self._place(tag), " ".join(f"{key}={value}" for key, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text:
            return
        inner = self._open[-1] if self._open else ""
        if any(tag in _HEADINGS for tag in self._open):
            self._heading += text
        self.parts.append((self._place(inner), text))
        if "tr" in self._open and not self._row:
            self._row = text

    def _place(self, tag: str) -> str:
        where = [say("bundles.found.heading", text=self._heading)] if self._heading else []
        where += [say("bundles.found.row", text=self._row)] if self._row and "tr" in self._open else []
        return say("joint.comma").join([*where, f"<{tag}>"])


def _outline(data: bytes) -> list[tuple[str, str]]:
    outline = _Outline()
    outline.feed(data.decode("utf-8"))
    return outline.parts


def _pages(name: str, was: bytes, now: bytes) -> Iterator[str]:
    """The first difference only: whatever follows an inserted row differs too."""
    for old, new in zip_longest(_outline(was), _outline(now), fillvalue=("", "")):
        if old != new:
            a, b = (old[1], new[1]) if old[1] != new[1] else (old[0], new[0])
            yield say("bundles.found.page", file=name, place=old[0] or new[0], was=_short(a, b), now=_short(b, a))
            return


def _workbooks(name: str, was: bytes, now: bytes) -> Iterator[str]:
    import openpyxl

    def read(path: Path) -> dict[str, str]:
        return _cells(openpyxl.load_workbook(path, data_only=True))

    old, new = (_opened(data, read, ".xlsx") for data in (was, now))
    for place in [*old, *(p for p in new if p not in old)]:
        a, b = old.get(place, ""), new.get(place, "")
        if a != b:
            yield _changed(name, place, a, b)


def _cells(workbook: Any) -> dict[str, str]:
    cells = (cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row)
    return {f"{c.parent.title}!{c.coordinate}": str(c.value) for c in cells if c.value is not None}


def _word_files(name: str, was: bytes, now: bytes) -> Iterator[str]:
    from docx import Document

    old, new = (_opened(data, lambda path: _texts(Document(str(path))), ".docx") for data in (was, now))
    for number, (a, b) in enumerate(zip_longest(old, new, fillvalue=""), start=1):
        if a != b:
            yield _changed(name, say("bundles.found.paragraph", number=number), a, b)
            return


def _texts(document: Any) -> list[str]:
    """Text of every paragraph, those of tables included, in order."""
    texts = (
        "".join(t.text or "" for t in p.iter(f"{{{p.nsmap['w']}}}t"))
        for p in document.element.body.iter()
        if p.tag.endswith("}p")
    )
    return [text for text in texts if text]


def _opened(data: bytes, read: Callable[[Path], Any], suffix: str) -> Any:
    """What a reader makes of an office file that a stranger may have made."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / f"file{suffix}"
        path.write_bytes(data)
        packing.read_zip(path)  # refuses what would fill memory
        return read(path)


def _changed(name: str, place: str, a: str, b: str) -> str:
    return say("bundles.found.value", file=name, place=place, was=_short(a, b), now=_short(b, a))


def _short(text: str, other: str) -> str:
    """A value as shown: the stretch in which it differs from another one."""
    if not text:
        return say("bundles.found.empty")
    if len(text) <= _LONGEST:
        return text
    alike = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    start = max(alike - 20, 0)
    return ("…" if start else "") + text[start : start + _LONGEST] + ("…" if start + _LONGEST < len(text) else "")


_READERS: dict[str, Callable[[str, bytes, bytes], Iterator[str]]] = {
    ".csv": _tables,
    ".json": _settings,
    ".html": _pages,
    ".xlsx": _workbooks,
    ".docx": _word_files,
}
