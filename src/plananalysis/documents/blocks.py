"""What a document consists of, whatever file it becomes: the same blocks are set as DOCX and as PDF."""

from __future__ import annotations

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
