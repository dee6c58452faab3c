"""What a document consists of, whatever file it becomes: the same blocks are set as DOCX and as PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heading:
    """Level 1 一、, level 2 (一); the number is part of the text."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``lead`` comes first and stands out."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class ToFill:
    """A place a person must fill; clearly marked, never worded by the program."""

    text: str


@dataclass(frozen=True)
class Column:
    """Title, share of the table's width, and where the text stands: ``l``, ``c`` or ``r``."""

    title: str
    width: float
    align: str = "l"


@dataclass(frozen=True)
class Drawing:
    """A figure as SVG with the sentence that stands for it; only PDF shows it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Table:
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Drawing]]
    note: str = ""
    empty: str = ""
    groups: Sequence[int] = ()  # rows that are a heading across the table: their first cell holds it


_WORD = re.compile(
    r"[^\s\-–—/\u2e80-\uffef]+"
)  # what a line must not break: Chinese breaks anywhere, and English at its dashes
_LETTER, PADDING = 0.5, 2.2  # width of a Latin letter in ems; left and right of a cell's text together, mm
_POINT = 0.3528  # mm


def fitted(table: Table, width: float, size: float) -> tuple[list[float], float]:
    """How a table fits ``width`` mm of paper at ``size`` points.

    Returns
    -------
    widths
        Of its columns in mm: their planned shares, but none narrower than its longest word.
    size
        In points, smaller by at most a quarter where many columns have long words.
    """
    total = sum(c.width for c in table.columns)
    planned = [width * c.width / total for c in table.columns]
    whole = [row for n, row in enumerate(table.rows) if n not in table.groups]
    letters = []
    for n, column in enumerate(table.columns):
        texts = [column.title, *(row[n] for row in whole if isinstance(row[n], str))]
        letters.append(
            max((len(word) + 0.7 for text in texts for word in _WORD.findall(text)), default=0)
        )  # a wide capital
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


@dataclass(frozen=True)
class Annex:
    """Begins a new page with 附件n at the top left."""

    number: int
    title: str


@dataclass(frozen=True)
class Signature:
    """Who signs and when, at the right below the text."""

    lines: Sequence[str]


Block = Heading | Paragraph | ToFill | Table | Annex | Signature | Drawing


@dataclass(frozen=True)
class Document:
    """A titled sequence of blocks.

    Parameters
    ----------
    mark
        Words on every page of fictional data; "" on real data.
    stamp
        Words such as 草稿 that every page carries as well.
    """

    title: Sequence[str]
    blocks: Sequence[Block]
    mark: str = ""
    stamp: str = ""
    subtitle: str = ""
    annexes: Sequence[str] = field(default_factory=tuple)
