"""Blocks as HTML, put together so that text from data can never become markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from plananalysis.base.text import HAN, LANGUAGES, language, say
from plananalysis.render import blocks as b
from plananalysis.render import lab
from plananalysis.render.quantities import DASH

_HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uff65]"
_CHINESE = re.compile(f"{_HAN}+(?:[0-9 .,:;()%±—-]*{_HAN}+)*")
_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'  # which HTML knows; a page has hundreds of signs
SORTED, SIFTED = 3, 8  # a table with fewer rows is not worth a control


class Html(str):
    """Markup made by this package. Any other string is text and is escaped where it is used."""

    __slots__ = ()


def html(*children: Any) -> Html:
    """Children one after the other: markup as it is, blocks and words by their kind, all else as text; None is left out."""
    return Html("".join(map(_one, children)))


def _one(child: Any) -> str:
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return _text(child)
    made = _MADE.get(type(child))
    return made(child) if made else "" if child is None else _text(str(child))


def _text(content: str) -> str:
    """Text as markup; on an English page Chinese words, which the data hold in no other language, are marked as Chinese."""
    shown = escape(content)
    if language() == LANGUAGES[0] or not HAN.search(shown):
        return shown
    return _CHINESE.sub(r'<span lang="zh">\g<0></span>', shown)


def tag(name: str, *children: Any, **attributes: Any) -> Html:
    """An element. ``cls`` stands for class; underscores in attribute names become hyphens; None leaves an attribute out.

    >>> tag("b", "1 < 2", cls="n")
    '<b class="n">1 &lt; 2</b>'
    """
    written = ""
    for key, value in attributes.items():
        if value is not None and value != "":
            written += f' {"class" if key == "cls" else key.replace("_", "-")}="{escape(str(value))}"'
    return Html(f"<{name}{written}>{html(*children)}</{name}>" if name != "input" else f"<input{written}>")


# ---- words and small blocks ------------------------------------------------------------------------------------------


def _words(content: b.Words) -> Html:
    inside = html(*content.parts)
    if content.role == "list":
        inside = html(*[piece for part in content.parts for piece in (say("joint.list"), part)][1:])
    if content.link:
        return tag("a", inside, href=content.link, title=content.title, cls=content.role)
    if content.role in ("b", "sup", "q"):
        return tag(content.role, inside)
    if content.role in ("", "list", "chips", "sign"):
        return inside
    return tag("span", inside, cls=content.role, title=content.title)


def _paragraph(block: b.Paragraph) -> Html:
    return tag("p", tag("b", block.lead) if block.lead else None, block.text, cls=block.role) if block.text else Html()


def _facts(block: b.Facts) -> Html:
    shown = [(term, content) for term, content in block.pairs if content is not None and content != ""]
    return tag("dl", *[tag("div", tag("dt", term), tag("dd", content)) for term, content in shown], cls=block.role)


def _tiles(block: b.Tiles) -> Html:
    def tile(label: str, number: Any, more: Any) -> Html:
        return tag(
            "div", tag("dt", label), tag("dd", number, cls="number"), tag("dd", more, cls="more") if more else None
        )

    return tag("dl", *[tile(*one) for one in block.tiles], cls="key-numbers")


def _figure(block: b.Figure) -> Html:
    drawn: list[b.Drawing | Html] = [block.drawing]
    if block.narrow is not None:
        drawn = [tag("div", block.drawing, cls="wide-only"), tag("div", block.narrow, cls="narrow-only")]
    caption = None if block.caption is None else tag("figcaption", block.caption)
    data = None if block.data is None else b.Fold(say("pages.figure_numbers"), [block.data], "numbers")
    return tag("figure", *drawn, caption, data, cls=block.role)


# ---- tables ----------------------------------------------------------------------------------------------------------


def _table(block: b.Table) -> Html:
    """A table with caption, scoped heads and a first column of row heads.

    Long ones can be sorted and sifted by the script of the page (``template/plan/static/page.js``); without it they
    stand as printed.
    """
    groups, columns, role = block.groups(), list(block.columns), block.role
    every = [r for _, records in groups for r in records]
    if not every:
        return tag("p", block.empty or say("documents.nothing"), cls="none")
    sortable = len(every) >= SORTED and any(c.sort for c in columns)
    role = f"{role} sorted".strip() if sortable else role
    facets = block.facets if len(every) >= SIFTED and sortable else ()
    labels = [_without_markup(c.title) if "stack" in block.role.split() else None for c in columns]  # for a phone
    bodies = []
    for name, records in groups:
        if block.below is None:
            lead = tag("tr", tag("th", name, scope="colgroup", colspan=len(columns)), cls="group") if name else None
            rows = [tag("tr", *_cells(columns, labels, r, sortable), data_facets=_facets(facets, r)) for r in records]
            bodies.append(tag("tbody", lead, *rows))
        else:
            bodies += [
                tag("tbody", *_two(block, columns, labels, r, sortable), data_facets=_facets(facets, r))
                for r in records
            ]
    caption = html(block.caption, tag("span", block.mark, cls="fictional-mark") if block.mark else None)
    foot = [tag("tr", *_cells(columns, labels, r, sortable)) for r in block.foot]
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *(_head(c, sortable) for c in columns))),
        *bodies,
        tag("tfoot", *foot) if foot else None,
        cls=role,
    )
    framed = tag("div", whole, cls="scroll", tabindex="0", role="group", aria_label=_without_markup(caption))
    note = tag("p", b.noted(block.note), cls="small") if block.note else None
    return html(_sifter(_without_markup(caption), facets, every) if facets else None, framed, note)


def _two(
    block: b.Table, columns: Sequence[b.Column], labels: Sequence[str | None], record: Any, sortable: bool
) -> tuple[Html, Html]:
    """A record in two lines: its cells, and a sentence under those that are not tall. They stay together on paper."""
    below = block.below
    assert below is not None
    upper = _cells(columns, labels, record, sortable, two=True)
    span = sum(not c.tall for c in columns[1:])
    label = _without_markup(below.title) if labels[0] is not None else None
    lower = tag("td", below.cell(record), colspan=span, cls=_css(below), data_label=label)
    return tag("tr", *upper, cls="upper"), tag("tr", lower, cls="lower")


def _cells(
    columns: Sequence[b.Column], labels: Sequence[str | None], record: Any, sortable: bool, two: bool = False
) -> list[Html]:
    """The cells of a row, whose first one names it."""
    made = []
    for n, (c, label) in enumerate(zip(columns, labels, strict=True)):
        content, key = c.cell(record), c.sort(record) if sortable and c.sort else None
        about = {"scope": "row"} if n == 0 else {"data_label": label}
        rows = 2 if two and (n == 0 or c.tall) else None
        shown = DASH if content is None else content
        made.append(tag("td" if n else "th", shown, rowspan=rows, cls=_css(c), data_key=key, **about))
    return made


def _head(column: b.Column, sortable: bool) -> Html:
    """A column's head; one without words is no head."""
    if column.title == "":
        return tag("td", cls=_css(column))
    return tag("th", column.title, scope="col", cls=_css(column), data_sort="1" if sortable and column.sort else None)


def _css(column: b.Column) -> str:
    return " ".join(filter(None, ({"r": "num", "c": "centre"}.get(column.align, ""), column.role)))


def _sifter(caption: str, facets: Sequence[b.Facet], records: Sequence[Any]) -> Html:
    """The controls over a table: a field to search in, a choice for each facet that has one, and how many rows are shown."""
    fields = [tag("label", say("pages.sift.find"), tag("input", type="search", placeholder=" ", autocomplete="off"))]
    for i, facet in enumerate(facets):
        found = dict.fromkeys(word for r in records for word in _spelt(facet, r))
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


def _spelt(facet: b.Facet, record: Any) -> list[str]:
    """A record's words for a facet, in one spelling of white space: tabs and new lines part them in the page."""
    return [" ".join(word.split()) for word in facet.words(record) if word.strip()]


def _facets(facets: Sequence[b.Facet], record: Any) -> str | None:
    return "\n".join("\t".join(_spelt(facet, record)) for facet in facets) if facets else None


def _without_markup(content: Any) -> str:
    """Content without markup, for the names of regions and cells."""
    return unescape(re.sub(r"<[^>]*>", "", html(content)))


@dataclass(frozen=True, repr=False)
class Blocks:
    """Blocks one after the other: what a page answers to one question, and what a notebook cell shows.

    They are written down when they are shown, in the language that was spoken when they were made.
    """

    blocks: Sequence[Any] = ()
    context: Context = field(default_factory=copy_context, compare=False)

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def _repr_html_(self) -> str:
        made = str(self.context.copy().run(html, *self.blocks))
        return lab.for_a_cell(made) if lab.shown_in_lab() else made

    def __repr__(self) -> str:
        return f"<{len(self.blocks)} blocks>"  # no address: equal runs print equal text


def blocks(*given: Any) -> Blocks:
    """Blocks one after the other; None is left out, :class:`Blocks` are taken apart."""
    held = [b.blocks if isinstance(b, Blocks) else [b] for b in given if b is not None]
    return Blocks([b for some in held for b in some])


NOTHING = Blocks()  # a section that does not apply: it is left out together with its heading


_MADE: dict[type, Callable[[Any], str]] = {
    b.Words: _words,
    b.Drawing: lambda d: d.svg.replace(_NAMESPACE, ""),
    b.Heading: lambda h: tag(f"h{h.level + 1}" if h.level < 3 else f"h{h.level}", h.text, cls=h.role),
    b.Paragraph: _paragraph,
    b.Items: lambda i: tag("ul", *[tag("li", line) for line in i.lines], cls=i.role) if i.lines else "",
    b.Facts: _facts,
    b.Table: _table,
    b.Figure: _figure,
    b.Fold: lambda f: tag("details", tag("summary", f.summary), *f.blocks, cls=f.role),
    b.Tiles: _tiles,
    b.PageBreak: lambda _: "",
    b.Group: lambda g: tag(g.tag, *g.blocks, cls=g.role, id=g.id),
    Blocks: lambda made: html(*made.blocks),
}
