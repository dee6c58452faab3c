"""预警清单, one page for the table of the leading group, and draft letters to the units whose binding targets need a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from plananalysis.base.text import listed, say, sentence, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.columns import numbered
from plananalysis.pages.counts import nothing_urgent
from plananalysis.pages.papers.sentences import explained, hidden_note, known_on
from plananalysis.pages.rows import WRITTEN_ABOUT, addressed, alerted, urgent
from plananalysis.render.blocks import Column, Document, Paragraph, Signature, Table, ToFill, cell_text
from plananalysis.render.texts import plan_titles, width

_ROOM = 51  # lines of small print on the page besides title, captions and notes; longer lists say where the rest stands
_KEPT = 14  # of these for the second list
_WIDE = 60  # characters of small print across the page


def warning_list(edition: Published) -> Document:
    """Targets expected to be missed, then volatile indicators; one page, the rest is counted."""
    hard = urgent(edition)
    volatile = [r for r in alerted(edition.rows, "volatile") if r not in hard]
    shown = _fitting(hard, _columns(edition, hard), _ROOM - min(_KEPT, _height(volatile, _columns(edition, volatile))))
    also = _fitting(volatile, _columns(edition, volatile), _ROOM - _height(shown, _columns(edition, hard)))
    made = []
    for name, rows, held in (("hard", hard, shown), ("volatile", volatile, also)):
        rest = say("documents.warning.rest", count=len(rows) - len(held)) if len(rows) > len(held) else ""
        note = sentences(rest, say("documents.warning.note") if name == "hard" else "", hidden_note(edition))
        caption = say(f"documents.warning.{name}", count=len(rows))
        empty = nothing_urgent(edition.rows) if name == "hard" else ""
        made.append(Table(caption, _columns(edition, rows), held, note=note, empty=empty))
    title = say("documents.warning.title", area=edition.bare_name, plans=edition.plans_name, year=edition.as_of)
    subtitle = say("documents.warning.subtitle", known_on=known_on(edition))
    return Document([title], made, mark=edition.mark, subtitle=subtitle)


def _columns(edition: Published, rows: Sequence[Record]) -> list[Column]:
    return numbered(edition, rows, ("indicator", "unit", "value", "aim", "probability", "alerts"))


def _height(rows: Sequence[Record], made: Sequence[Column]) -> int:
    """Lines of print that rows take."""
    rooms = [_WIDE * c.width / sum(c.width for c in made) - 1 for c in made]
    cells = [[cell_text(c.cell(r)) for c in made] for r in rows]
    return sum(max(math.ceil(width(t) / 2 / room) for t, room in zip(line, rooms, strict=True)) for line in cells)


def _fitting(rows: Sequence[Record], made: Sequence[Column], room: int) -> list[Record]:
    shown, taken = [], 0
    for r in rows:
        taken += _height([r], made)
        if taken > room:
            break
        shown.append(r)
    return shown


def letter(edition: Published, unit: str) -> Document:
    """The draft letter to a unit, by its code; it is to be addressed."""
    name, rows = edition.unit_names[unit], addressed(edition, unit)
    about = {"titles": plan_titles(edition.title, edition.name), "known_on": known_on(edition), "year": edition.as_of}
    made: list[Any] = [Paragraph(say("documents.letter.opening", count=len(rows), **about))]
    for i, r in enumerate(rows, start=1):
        role = say(f"documents.letter.{'lead' if r.words('responsible_units')[:1] == (unit,) else 'shared'}")
        reasons = listed(say(f"alert.{a}") for a in r.words("alerts") if a in WRITTEN_ABOUT)
        told = sentences(explained(edition, r), say("documents.letter.row", alerts=reasons, role=role))
        made.append(Paragraph(told, lead=f"{i}. {sentence(r.text('name'))}"))
    made += [Paragraph(say("documents.letter.ask")), ToFill(say("documents.letter.deadline"))]
    if any(r.number("probability") is not None for r in rows):
        made.append(Paragraph(say("documents.letter.meaning", target_year=edition.target_year)))
    issuer = edition.office or say("documents.letter.issuer")
    made.append(Signature([issuer, say("documents.fill.date")]))
    return Document(
        [say("documents.letter.title", plans=edition.plans_name), say("documents.letter.title_end")],
        made,
        mark=edition.mark,
        stamp=say("documents.letter.draft"),
        subtitle=say("documents.letter.to", unit=name),
        before=[Paragraph(issuer, "发文机关"), Paragraph(say("documents.letter.number"), "文号")],
    )
