"""Text of files saved by Excel, WPS or an editor: which encoding, which separator, and characters nobody can see."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

SEPARATORS = ",\t;|，"
_BOM = "\ufeff"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_PLAUSIBLE = 0.7  # share of Chinese characters in everyday use: true GB18030 has over .95, Big5 read as such under .55
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*\r?\n', re.IGNORECASE)
_NAMED = {
    "\u200b": "零宽空格",
    "\u00ad": "软连字符",
    "\ufeff": "字节顺序标记",
    "\u2060": "词连接符",
    "\u200d": "零宽连接符",
}


class Undecodable(ValueError):
    """No encoding fits; ``guess`` names one that might, "" for none."""

    def __init__(self, guess: str = "") -> None:
        super().__init__(guess)
        self.guess = guess


def decode(data: bytes) -> str:
    """Text in UTF-8, UTF-16 or UTF-32 with a mark, or GB18030; marks at the beginning go, however many there are.

    GB18030 gives a meaning to nearly all bytes, so what it finds is believed only when it is mostly characters in use.

    Raises
    ------
    Undecodable
        Another encoding, or none.
    """
    if data.startswith(_UTF32):
        encoding = "utf-32"
    elif data.startswith(_UTF16):
        encoding = "utf-16"
    else:
        encoding = "utf-8"
    try:
        return data.decode(encoding).lstrip(_BOM)
    except UnicodeDecodeError:
        if encoding != "utf-8" or data.startswith(codecs.BOM_UTF8):
            raise Undecodable("UTF-16" if encoding == "utf-16" else "UTF-8") from None
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise Undecodable(_other(data)) from None
    if "\0" in text or _in_use(text) < _PLAUSIBLE:
        raise Undecodable(_other(data))
    return text.lstrip(_BOM)


def separator(text: str, names: Iterable[str] = ()) -> str:
    """What separates the cells of a table: the sign most frequent in its first lines, with which its header holds ``names``.

    A comma where none does: the complaint about missing columns is then the one people know.
    """
    if found := _SEP_LINE.match(text):
        return found[1]
    head = text[:20_000].splitlines()[:40]
    wanted = set(names)
    if wanted:
        first = next((line for line in head if line.strip()), "")
        held = {one: len(wanted & {cell.strip().strip('"') for cell in first.split(one)}) for one in SEPARATORS}
        best = max(SEPARATORS, key=lambda one: held[one])
        return best if held[best] > held[","] else ","
    joined = "\n".join(head)
    return max(SEPARATORS, key=joined.count)


def table_rows(text: str, delimiter: str) -> list[list[str]]:
    """Rows of a table, without the empty columns and rows that a spreadsheet leaves at its margins; an empty row is ``[]``.

    Raises
    ------
    csv.Error
        Quotes that do not close, or a cell too long.
    """
    if found := _SEP_LINE.match(text):
        text = "\n" + text[found.end() :]  # rows are counted as a spreadsheet counts them
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    filled = [_filled(row) for row in rows]
    width = max(filled, default=0)
    rows = [row[:width] if end else [] for row, end in zip(rows, filled, strict=True)]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def invisible(text: str) -> str:
    """The first character in a text that nobody sees and that yet makes it another one, as ``U+200B（零宽空格）``; "" for none.

    >>> invisible("W01\\u200b"), invisible("W01")
    ('U+200B（零宽空格）', '')
    """
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cf" or (kind == "Cc" and character not in "\t\n\r"):
            name = _NAMED.get(character) or unicodedata.name(character, "").lower()
            return f"U+{ord(character):04X}" + (f"（{name}）" if name else "")
    return ""


def _filled(row: Sequence[str]) -> int:
    """Cells up to the last one that is not empty."""
    return next((end for end in range(len(row), 0, -1) if row[end - 1].strip()), 0)


def _in_use(text: str) -> float:
    """Share of the characters beyond ASCII that stand in GB2312, the characters in everyday use, and are no foreign alphabet."""
    beyond = [c for c in text if not c.isascii()]
    if not beyond:
        return 1.0
    return sum(_everyday(c) for c in beyond) / len(beyond)


def _everyday(character: str) -> bool:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return character in "〇—·‰￥"
    return code[0] in range(0xA1, 0xA4) or code[0] in range(0xB0, 0xF8)


def _other(data: bytes) -> str:
    """An encoding in which the bytes are text, for the sentence that asks for another one."""
    if data[1::2].count(0) > len(data) // 8 or data[::2].count(0) > len(data) // 8:
        return "UTF-16"
    for name, encoding in (("Big5", "big5"), ("Shift-JIS", "shift_jis")):
        try:
            data.decode(encoding)
            return name
        except UnicodeDecodeError:
            continue
    return ""
