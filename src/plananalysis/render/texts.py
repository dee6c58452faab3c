"""Text as file formats can hold it, how wide it is, and how columns of it share the width of a sheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from plananalysis.base.text import LANGUAGES, language, say

# what a line must not break: Chinese breaks anywhere, and English at its dashes
_WORD = re.compile(r"[^\s\-–—/\u2e80-\uffef]+")
_LETTER, PADDING = 0.5, 2.2  # width of a Latin letter in ems; left and right of a cell's text together, mm
_POINT = 0.3528  # mm


@lru_cache(maxsize=1 << 14)  # a workbook asks three times for every cell, and for the same texts on many sheets
def width(text: str) -> int:
    """Columns a text takes in a fixed-width face: two for a Chinese character, one for a letter or digit.

    >>> width("2025年")
    6
    """
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def clean(value: Any) -> str:
    """Text as a file format can hold it: no control characters, no halves of surrogate pairs, no mixed line ends."""
    text = "" if value is None else str(value)
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or ((c.isprintable() or c == "\u3000") and c not in "\ufffe\uffff"))


def fitted(
    shares: Sequence[float], rows: Sequence[Sequence[str]], width: float, size: float
) -> tuple[list[float], float]:
    """How columns of text fit ``width`` mm of paper at ``size`` points.

    Parameters
    ----------
    shares
        Of the width that each column is to have.
    rows
        Texts of every row, the heads among them.

    Returns
    -------
    widths
        In mm: the planned shares, but none narrower than its longest word.
    size
        In points, smaller by at most a quarter where many columns have long words.
    """
    planned = [width * share / sum(shares) for share in shares]
    letters = [  # and a wide capital
        max((len(word) + 0.7 for text in texts for word in _WORD.findall(text)), default=0)
        for texts in zip(*rows, strict=True)
    ]
    room = (width - PADDING * len(letters)) / (sum(letters) * _LETTER * _POINT) if any(letters) else size
    size = max(0.75 * size, min(size, room))
    needed = [PADDING + n * _LETTER * size * _POINT for n in letters]
    lacking = sum(max(0.0, n - p) for n, p in zip(needed, planned, strict=True))
    spare = [max(0.0, p - n) for n, p in zip(needed, planned, strict=True)]
    if lacking == 0:
        return planned, size
    if sum(spare) <= lacking:  # as good as it gets
        return [width * n / sum(needed) for n in needed], size
    return [max(n, p) - s * lacking / sum(spare) for n, p, s in zip(needed, planned, spare, strict=True)], size


def without_mark(name: str) -> str:
    """The name of an area or plan without the mark of fictional data, which stands beside every title anyway."""
    return re.sub(r"\s*[(（](虚构|fictional)[)）]$", "", name)


def plan_titles(title: str, area: str) -> str:
    """The titles of an area's plans as a text quotes them; the area is said with each where it is with the first."""
    titles, name = [t for t in without_mark(title).split(say("pages.count_joint")) if t], without_mark(area)
    if titles and titles[0].startswith(name):  # said once, meant of all
        titles = [t if t.startswith((name, "《")) else name + t for t in titles]
    shown = [t if t.startswith("《") else say("documents.book", title=t) for t in titles]
    return say("documents.book_joint").join(shown)


def web_language() -> str:
    """The language spoken as a page names it."""
    return "zh-CN" if language() == LANGUAGES[0] else language()


def day(iso: str) -> str:
    """An ISO date as a text says it.

    >>> day("2026-06-30")
    '2026年6月30日'
    """
    when = date.fromisoformat(iso)
    return say("documents.day", year=when.year, month=say(f"documents.month.{when.month}"), day=when.day)
