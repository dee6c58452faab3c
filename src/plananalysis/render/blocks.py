"""What pages and papers consist of, whatever they become: a few blocks, and in them words and quantities.

A cell or a line of text is a string, a :class:`~plananalysis.render.quantities.Quantity`, a :class:`Drawing`, or :class:`Words`
made of these. None is a cell without content: a dash for a reader, an empty cell in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from plananalysis.base.text import aside, listed, say

# how a role stands where there are no styles: in parentheses, or not at all
_ASIDES = ("year", "more", "binding", "reading", "inferred", "alert")
_SILENT = ("unseen", "now")


@dataclass(frozen=True)
class Drawing:
    """A figure as SVG with the sentence that stands for it; ``alt`` is empty where words beside it say the same."""

    svg: str
    alt: str = ""


@dataclass(frozen=True)
class Words:
    """A piece of a line.

    Parameters
    ----------
    parts
        What it is made of.
    role
        What the piece is (``code``, ``year``, ``alert a-volatile``, …): a class on a page, punctuation on paper. The parts of a
        ``list`` are separated as items of a sentence, those of ``chips`` on paper only. ``b``, ``sup`` and ``q`` (words as somebody printed them, with
        their quotation marks) are set so.
    link
        Address it leads to on a page.
    title
        What is told of it where a pointer rests on it.
    """

    parts: Sequence[Any]
    role: str = ""
    link: str = ""
    title: str = ""


def words(*parts: Any, role: str = "", link: str = "", title: str = "") -> Words:
    """Pieces one after the other as one; None is left out."""
    return Words([p for p in parts if p is not None], role, link, title)


def more(told: Any) -> Words | None:
    """What is added to a cell, in smaller print; nothing where there is nothing to add."""
    return words(told, role="more") if told else None


def plain(content: Any) -> str:
    """The content as text, for what holds no styles.

    >>> plain(words(words("W01", role="code"), "甲率", words("约束性", role="binding")))
    'W01 甲率（约束性）'
    """
    if content is None or isinstance(content, Drawing):
        return content.alt if content else ""
    if not isinstance(content, Words):
        return str(content)
    roles = content.role.split() or [""]
    if set(roles) & set(_SILENT):
        return ""
    if roles[0] in ("list", "chips"):  # whose items need no punctuation of their own
        return listed(filter(None, (_bare(part) for part in content.parts)))
    text = _bare(content)
    if not text:
        return ""
    if roles[0] in _ASIDES:
        return aside(text)
    if roles[0] == "others":
        return say("joint.list") + text
    return f"{text} " if roles[0] == "code" else f"{text}\n" if roles[0] == "line" else text


def _bare(content: Any) -> str:
    return "".join(map(plain, content.parts)) if isinstance(content, Words) else plain(content)


def cell_text(content: Any, missing: str = "—") -> str:
    """A cell of a table on paper."""
    return missing if content is None else plain(content).strip("\n ")


@dataclass(frozen=True)
class Heading:
    """Level 1 一、, level 2 (一); the number is part of the text. Pages have titles of cards at levels 3 and 4."""

    level: int
    text: Any
    role: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``lead`` comes first and stands out. ``role``: ``lead``, ``small``, ``none`` (instead of a table) or nothing."""

    text: Any
    role: str = ""
    lead: str = ""


@dataclass(frozen=True)
class Items:
    """A list of lines."""

    lines: Sequence[Any]
    role: str = ""


@dataclass(frozen=True)
class Facts:
    """Terms, each with what is to be said of it; a pair whose content is None or empty is left out."""

    pairs: Iterable[tuple[Any, Any]]
    role: str = "facts"


@dataclass(frozen=True)
class Column:
    """A column: its head, how to get a cell from a record, its share of the width on paper, and where it stands.

    Parameters
    ----------
    align
        ``l``, ``c`` or ``r``; numbers stand at the right.
    role
        Classes on a page.
    tall
        The cell also takes the height of the line below, in a table that has one.
    sort
        What a record is sorted by: numbers as numbers, texts as texts, None last; no control without it.
    """

    title: Any
    cell: Callable[[Any], Any]
    width: float = 10
    align: str = "l"
    role: str = ""
    tall: bool = False
    sort: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Facet:
    """What the rows of a long table can be sifted by: its name, a record's words, and the order they are offered in."""

    title: str
    words: Callable[[Any], Iterable[str]]
    order: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """Records by columns.

    Parameters
    ----------
    records
        What ``Column.cell`` is called with, one a row; in a ``grouped`` table pairs of a group's name and its records.
    foot
        Records of total rows.
    below
        What a second line under each record says, across the columns that are not tall.
    note, empty
        Below the table; instead of it when there are no records.
    mark
        Words that a table of fictional data carries.
    role
        Classes on a page. ``stack`` lets rows become blocks on a phone; other wide tables scroll in their own frame.
    facets
        What a table of many rows can be sifted by.
    """

    caption: str
    columns: Sequence[Column]
    records: Iterable[Any]
    grouped: bool = False
    foot: Sequence[Any] = ()
    below: Column | None = None
    note: str = ""
    empty: str = ""
    mark: str = ""
    role: str = ""
    facets: Sequence[Facet] = ()

    def groups(self) -> list[tuple[Any, list[Any]]]:
        """Names of groups, None in a table without, and their records."""
        held = self.records if self.grouped else [(None, self.records)]
        return [(name, list(records)) for name, records in held]

    def lines(self) -> Iterator[tuple[str, list[Any]]]:
        """Every line of print: ``group`` and ``below`` with one cell across the table, ``row`` and ``foot`` with a cell a column."""
        for name, records in self.groups():
            if name is not None and records:
                yield "group", [name]
            for record in records:
                yield "row", [c.cell(record) for c in self.columns]
                if self.below is not None:
                    yield "below", [self.below.cell(record)]
        for record in self.foot:
            yield "foot", [c.cell(record) for c in self.columns]


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption; ``narrow`` is drawn for phones in its place, ``data`` stands folded away under it on a page."""

    drawing: Drawing
    caption: Any = None
    narrow: Drawing | None = None
    role: str = ""
    data: Table | None = None


@dataclass(frozen=True)
class Tiles:
    """A few numbers that stand out: each what is counted, the number, and what is to be added."""

    tiles: Sequence[tuple[str, Any, Any]]

    def table(self) -> Table:
        """The same as a table of one record, for paper: under each head the number and what is added."""

        def head(n: int) -> Column:
            return Column(self.tiles[n][0], lambda line: self.tiles[n][line], 10, "c")

        return Table("", [head(n) for n in range(len(self.tiles))], (1, 2))


@dataclass(frozen=True)
class PageBreak:
    """What follows begins a new sheet of paper."""


@dataclass(frozen=True)
class Fold:
    """Blocks folded away on a screen under a line that says what they are; open on paper."""

    summary: str
    blocks: Sequence[Any]
    role: str = ""


@dataclass(frozen=True)
class Group:
    """Blocks that belong together on a page."""

    blocks: Sequence[Any]
    role: str = ""
    tag: str = "div"
    id: str = ""


@dataclass(frozen=True)
class ToFill:
    """A place a person must fill; clearly marked, never worded by the program."""

    text: str


@dataclass(frozen=True)
class Annex:
    """Begins a new page with 附件n at the top left."""

    number: int
    title: str


@dataclass(frozen=True)
class Signature:
    """Who signs and when, at the right below the text."""

    lines: Sequence[str]


def flat(given: Iterable[Any]) -> Iterator[Any]:
    """The blocks as paper shows them: what belongs together or is folded stands one after the other, phones are not thought of."""
    for block in given:
        inside = getattr(block, "blocks", None)
        if inside is None:
            yield from () if block is None else (block,)
        elif getattr(block, "role", "") != "narrow-only":
            yield from flat(inside)


@dataclass(frozen=True)
class Document:
    """A titled sequence of blocks.

    Parameters
    ----------
    mark
        Words on every page of fictional data; "" on real data.
    stamp
        Words such as 草稿 that every page carries as well.
    before
        Blocks that stand above the title.
    """

    title: Sequence[str]
    blocks: Sequence[Any]
    mark: str = ""
    stamp: str = ""
    subtitle: str = ""
    annexes: Sequence[str] = field(default_factory=tuple)
    before: Sequence[Any] = field(default_factory=tuple)


def noted(note: str) -> str:
    """A note under a table, begun as notes are."""
    return say("documents.note", text=note) if note else ""
