"""A sentence and a table that pages and documents show alike: made once, as text, from the rows of an edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plananalysis.assessments.sentences import difference
from plananalysis.assessments.targets import published
from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages import common, wording
from plananalysis.render.html import Column, Html, html, paragraphs, table, tag

NUMERIC = ("threshold", "about", "within_band", "fall_clearly")  # targets whose way from base to goal has a length


@dataclass(frozen=True)
class Head:
    """Title of a column, its share of the width, and where its text stands: ``l``, ``c`` or ``r``."""

    title: str
    width: float
    align: str = "l"


@dataclass(frozen=True)
class Line:
    """The cells of a row, and the row of the plan it is about, if any; the first cell then names it."""

    cells: Sequence[str]
    about: Record | None = None


@dataclass(frozen=True)
class Listing:
    """What is said about a table, and the table.

    Parameters
    ----------
    lead
        Sentences before the table.
    note
        Below it.
    empty
        Stands in its place when it has no rows.
    """

    lead: str
    caption: str
    heads: Sequence[Head]
    lines: Sequence[Line] = field(default_factory=tuple)
    note: str = ""
    empty: str = ""


def head(name: str, width: float, align: str = "l", **words: object) -> Head:
    return Head(say(f"documents.column.{name}", **words), width, align)


def shown(edition: Published, listing: Listing, other_page: bool = True, figure: Html | None = None) -> Html:
    """A listing as a page shows it: lead, figure, table with links to the rows' own blocks, note."""

    def cell(i: int):  # type: ignore[no-untyped-def]
        def made(line: Line) -> Html | str:
            if i == 0 and line.about is not None and line.about.text("name"):
                return wording.indicator_cell(edition, line.about, other_page)
            return line.cells[i] or wording.DASH

        return made

    columns = [Column(h.title, cell(i), number=h.align == "r", css=_css(h)) for i, h in enumerate(listing.heads)]
    made = table(
        common.caption(edition, listing.caption),
        columns,
        listing.lines,
        css="evaluation stack",
        empty=listing.empty or say("documents.nothing"),
    )
    note = tag("p", say("documents.note", text=listing.note), cls="small") if listing.note and listing.lines else None
    return html(paragraphs([listing.lead], css="lead"), figure, made, note)


def _css(head: Head) -> str:
    """A column of short words, and one of many for single years, of which a phone shows several side by side."""
    return "" if head.align != "c" else "centre short yearly" if head.title.isdigit() else "centre short"


# ---- cells -----------------------------------------------------------------------------------------------------------


def coded(row: Record) -> str:
    return f"{row.text('series')} {row.text('name')}"


def units(row: Record) -> str:
    return listed(row.words("responsible_units"))


def measured(edition: Published, row: Record) -> Record:
    """The row whose values are shown: a row of parts shows its worst part's."""
    if row.text("role") != "compound":
        return row
    return next((p for p in edition.parts(row) if p.text("name") == row.text("worst_part")), row)


def leaves(edition: Published, rows: Sequence[Record]) -> list[Record]:
    """Measured series of some rows: parts instead of a row judged by them."""
    return [leaf for row in rows for leaf in (edition.parts(row) or [row])]


def dated(edition: Published, row: Record) -> str:
    """The newest value with its unit; the year follows where it is not the edition's own."""
    value, year = wording.value(row), row.whole("value_year")
    if value == wording.DASH or year is None or year == edition.as_of:
        return value
    return say("documents.of_year", value=value, year=year)


def reading(row: Record) -> str:
    """The target in figures; of a row of parts, whose targets differ, the plan's own words."""
    return row.text("reading_text") if row.text("kind") != "worst_part" else row.text("target_text")


def gap(row: Record) -> str:
    """How far the newest value is from the target; nothing to go where it is met."""
    if row.text("position") == "met":
        return say("position.met")
    if "shortfall" in row.words("withheld"):
        return wording.STAR
    size = row.number("shortfall")
    return wording.DASH if size is None else difference(size, row.text("unit"), row.whole("decimals") or 0)


def since_base(edition: Published, row: Record) -> str:
    """Change since the base year, as the printed values differ."""
    now, base, places = row.number("value"), row.number("baseline"), row.whole("decimals") or 0
    if {"value", "baseline"} & set(row.words("withheld")):
        return wording.STAR
    if now is None or base is None or (row.whole("value_year") or 0) <= edition.base_year:
        return wording.DASH
    steps = int(published(now, places)) - int(published(base, places))
    if steps == 0:
        return say("documents.unchanged")
    return ("+" if steps > 0 else "−") + difference(steps / 10.0**places, row.text("unit"), places)


def alerts(row: Record) -> str:
    return listed(say(f"alert.{a}") for a in row.words("alerts")) or wording.DASH
