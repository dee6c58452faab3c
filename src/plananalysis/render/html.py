"""HTML put together so that text from data can never become markup, and the table every page uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from typing import Any

from plananalysis.base.text import HAN, LANGUAGES, language, say

_HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uff65]"
_CHINESE = re.compile(f"{_HAN}+(?:[0-9 .,:;()%±—-]*{_HAN}+)*")


class Html(str):
    """Markup made by this package. Any other string is text and is escaped where it is used."""

    __slots__ = ()


def html(*children: object) -> Html:
    """Children one after the other; everything that is not :class:`Html` is escaped, None is left out."""
    return Html("".join(c if isinstance(c, Html) else _text(str(c)) for c in children if c is not None))


def _text(words: str) -> str:
    """Text as markup; on an English page Chinese words, which the data hold in no other language, are marked as Chinese."""
    shown = escape(words)
    if language() == LANGUAGES[0] or not HAN.search(shown):
        return shown
    return _CHINESE.sub(r'<span lang="zh">\g<0></span>', shown)


def tag(name: str, *children: object, **attributes: object) -> Html:
    """An element. ``cls`` stands for class; underscores in attribute names become hyphens; None leaves an attribute out.

    >>> tag("b", "1 < 2", cls="n")
    '<b class="n">1 &lt; 2</b>'
    """
    names = {"cls": "class"}
    written = "".join(
        f' {names.get(k, k.replace("_", "-"))}="{escape(str(v))}"'
        for k, v in attributes.items()
        if v is not None and v != ""
    )
    if name in ("br", "hr", "col", "input"):
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{html(*children)}</{name}>")


def drawing(markup: str) -> Html:
    """A figure made by :mod:`plananalysis.figures`, which escapes its own text."""
    return Html(markup)


@dataclass(frozen=True, repr=False)
class Block:
    """One piece of a page: what a notebook cell returns."""

    markup: Html

    def _repr_html_(self) -> str:
        return str(self.markup)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {len(self.markup)} characters of HTML>"  # no address: equal runs print equal text
        )


NOTHING = Block(Html(""))  # a section that does not apply: it is left out of the page together with its heading


@dataclass(frozen=True)
class Column:
    """A column: its head, how to get a cell from a record, and whether it holds numbers (right-aligned).

    A ``tall`` one also takes the height of the line below, in a table that has one. A column with ``sort`` can be sorted
    by what that gives for a record: numbers as numbers, texts as texts, None last.
    """

    title: object
    cell: Callable[[Any], object]
    number: bool = False
    css: str = ""
    tall: bool = False
    sort: Callable[[Any], object] | None = None


@dataclass(frozen=True)
class Facet:
    """What the rows of a long table can be sifted by: its name, a record's words, and the order they are offered in."""

    title: str
    words: Callable[[Any], Iterable[str]]
    order: Sequence[str] = ()


SORTED, SIFTED = 3, 8  # a table with fewer rows is not worth a control


def table(
    caption: object,
    columns: Sequence[Column],
    records: Iterable[Any] | Sequence[tuple[object, Sequence[Any]]],
    *,
    grouped: bool = False,
    below: Column | None = None,
    foot: Iterable[Any] = (),
    css: str = "",
    empty: str = "",
    facets: Sequence[Facet] = (),
) -> Html:
    """A table with caption, scoped heads and a first column of row heads.

    Long ones can be sorted and sifted by the script of the page (``template/plan/static/page.js``); without it they
    stand as printed.

    Parameters
    ----------
    records
        What ``Column.cell`` is called with, one per row; with ``grouped``, pairs of a group's name and its records.
    below
        What a second line under each record says, across the columns that are not tall.
    foot
        Records of total rows.
    css
        Classes of the table. ``stack`` lets rows become blocks on a phone; other wide tables scroll in their own frame.
    empty
        Sentence shown instead of a table without rows.
    facets
        What a table of many rows can be sifted by.
    """
    groups = [(name, list(rows)) for name, rows in records] if grouped else [(None, list(records))]  # type: ignore[misc]
    if not any(rows for _, rows in groups):
        return tag("p", empty, cls="none")
    stacked = "stack" in css.split()
    every = [r for _, rows in groups for r in rows]
    if len(every) < SORTED or not any(c.sort for c in columns):
        columns = [replace(c, sort=None) for c in columns]
    else:
        css = f"{css} sorted".strip()
    facets = facets if len(every) >= SIFTED and "sorted" in css else ()
    head = tag("tr", *[_head(c) for c in columns])
    bodies = []
    for name, rows in groups:
        lead = (
            tag("tr", tag("th", name, scope="colgroup", colspan=len(columns)), cls="group")
            if name is not None
            else None
        )
        if below is None:
            bodies.append(tag("tbody", lead, *[_row(columns, r, stacked, _facets(facets, r)) for r in rows]))
        else:
            bodies += [
                tag("tbody", *_two_rows(columns, below, r, stacked), data_facets=_facets(facets, r)) for r in rows
            ]
    total = [_row(columns, r, stacked) for r in foot]
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        *bodies,
        tag("tfoot", *total) if total else None,
        cls=css,
    )
    framed = tag("div", whole, cls="scroll", tabindex="0", role="group", aria_label=_plain(caption))
    return html(_sifter(_plain(caption), facets, every), framed) if facets else framed


def _sifter(caption: str, facets: Sequence[Facet], records: Sequence[Any]) -> Html:
    """The controls over a table: a field to search in, a choice for each facet that has one, and how many rows are shown."""
    fields = [tag("label", say("pages.sift.find"), tag("input", type="search", placeholder=" ", autocomplete="off"))]
    for i, facet in enumerate(facets):
        found = dict.fromkeys(word for r in records for word in _words(facet, r))
        offered = [w for w in facet.order if w in found] + [w for w in found if w not in facet.order]
        if len(offered) > 1:
            options = [Html(f'<option value="">{escape(say("pages.sift.all"))}</option>')]
            options += [tag("option", word) for word in offered]
            fields.append(tag("label", facet.title, tag("select", *options, data_facet=str(i), autocomplete="off")))
    told = say("pages.sift.shown", shown="{shown}", all="{all}")
    return tag(
        "div",
        *fields,
        tag("button", say("pages.sift.clear"), type="button"),
        tag("p", told.format(shown=len(records), all=len(records)), role="status", data_shown=told),
        cls="sift",
        role="group",
        aria_label=say("pages.sift.label", caption=caption),
    )


def _words(facet: Facet, record: Any) -> list[str]:
    """A record's words for a facet, in one spelling of white space: tabs and new lines part them in the page."""
    return [" ".join(word.split()) for word in facet.words(record) if word.strip()]


def _facets(facets: Sequence[Facet], record: Any) -> str | None:
    return "\n".join("\t".join(_words(facet, record)) for facet in facets) if facets else None


def _head(column: Column) -> Html:
    """A column's head; one without words is no head."""
    css = _css(column)
    if column.title == "":
        return tag("td", cls=css)
    return tag("th", column.title, scope="col", cls=css, data_sort="" if column.sort is None else "1")


def _key(column: Column, record: Any) -> object:
    """What the record is sorted by in this column."""
    return column.sort(record) if column.sort else None


def _row(columns: Sequence[Column], record: Any, stacked: bool, facets: str | None = None) -> Html:
    """A row whose first cell names it; ``stacked`` cells also carry their column's name, for a phone."""
    first, *others = columns
    cells = [tag("th", first.cell(record), scope="row", cls=_css(first), data_key=_key(first, record))]
    for c in others:
        label = _plain(c.title) if stacked else None
        cells.append(tag("td", c.cell(record), cls=_css(c), data_label=label, data_key=_key(c, record)))
    return tag("tr", *cells, data_facets=facets)


def _two_rows(columns: Sequence[Column], below: Column, record: Any, stacked: bool) -> list[Html]:
    """A record in two lines: its cells, and a sentence under those that are not tall. They stay together on paper."""
    first, *others = columns
    cells = [tag("th", first.cell(record), scope="row", rowspan=2, cls=_css(first), data_key=_key(first, record))]
    for c in others:
        label = _plain(c.title) if stacked else None
        rows = 2 if c.tall else None
        key = _key(c, record)
        cells.append(tag("td", c.cell(record), rowspan=rows, cls=_css(c), data_label=label, data_key=key))
    label = _plain(below.title) if stacked else None
    span = sum(not c.tall for c in others)
    sentence = tag("td", below.cell(record), colspan=span, cls=_css(below), data_label=label)
    return [tag("tr", *cells, cls="upper"), tag("tr", sentence, cls="lower")]


def _css(column: Column) -> str:
    return " ".join(part for part in ("num" if column.number else "", column.css) if part)


def _plain(content: object) -> str:
    """Text of a caption without markup, for the name of the scrolling region."""
    return unescape(re.sub(r"<[^>]*>", "", content)) if isinstance(content, Html) else str(content)


def facts(pairs: Iterable[tuple[object, object]], css: str = "facts") -> Html:
    """A definition list of short facts; pairs whose value is None or empty are left out."""
    shown = [(term, value) for term, value in pairs if value is not None and value != ""]
    return tag("dl", *[tag("div", tag("dt", term), tag("dd", value)) for term, value in shown], cls=css)


def paragraphs(lines: Iterable[object], css: str = "") -> Html:
    return html(*[tag("p", line, cls=css) for line in lines if line])


def items(lines: Iterable[object], css: str = "") -> Html | None:
    shown = [line for line in lines if line]
    return tag("ul", *[tag("li", line) for line in shown], cls=css) if shown else None
