"""预警清单, one page for the table of the leading group, and draft letters to the units whose binding targets need a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, RGBColor

from plananalysis.assessments.sentences import chance
from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Record
from plananalysis.pages.counts import nothing_urgent, urgent
from plananalysis.pages.papers import listing, sections
from plananalysis.pages.papers.facts import Facts
from plananalysis.pages.papers.listing import DASH, code_and_name, column
from plananalysis.pages.papers.sentences import details, hidden_note, judgement
from plananalysis.render import docx as word
from plananalysis.render.blocks import Block, Column, Document, Paragraph, Signature, Table, ToFill
from plananalysis.render.texts import width

_ROOM = 51  # lines of small print on the page besides title, captions and notes; longer lists say where the rest stands
_KEPT = 14  # of these for the second list
_WIDE = 60  # characters of small print across the page
_ALERTS = ("hard_to_reach", "volatile")


def warning_list(facts: Facts) -> Document:
    """Targets expected to be missed, then volatile indicators; one page, the rest is counted."""
    hard = urgent(facts.edition)
    volatile = [r for r in facts.alerted("volatile") if r not in hard]
    columns = [
        column("no", 5, "c"),
        column("indicator", 31),
        column("unit", 16),
        column("value", 12, "r", year=facts.as_of),
        column("target", 15, year=facts.target_year),
        column("chance", 9, "r"),
        column("alerts", 12),
    ]
    lines, others = _lines(facts, hard), _lines(facts, volatile)
    shown = _fitting(lines, columns, _ROOM - min(_KEPT, _height(others, columns)))
    also = _fitting(others, columns, _ROOM - _height(shown, columns))
    caption = say("documents.warning.hard", count=len(hard))
    note = sentences(say("documents.warning.note"), hidden_note(facts))
    rest = say("documents.warning.rest", count=len(hard) - len(shown)) if len(hard) > len(shown) else ""
    blocks: list[Block] = [
        Table(caption, columns, shown, note=sentences(rest, note), empty=nothing_urgent(facts.edition, facts.rows))
    ]
    rest = say("documents.warning.rest", count=len(volatile) - len(also)) if len(volatile) > len(also) else ""
    caption = say("documents.warning.volatile", count=len(volatile))
    blocks.append(Table(caption, columns, also, note=sentences(rest, hidden_note(facts))))
    title = say("documents.warning.title", area=facts.area_name, year=facts.as_of)
    subtitle = say("documents.warning.subtitle", known_on=sections.day(facts.known_on))
    return Document([title], blocks, mark=facts.mark, subtitle=subtitle)


def _lines(facts: Facts, rows: Sequence[Record]) -> list[list[str]]:
    lines = []
    for i, r in enumerate(rows, start=1):
        binding = say("documents.binding_mark") if r.text("attribute") == "binding" else ""
        probability = r.number("probability")
        words = [say(f"alert.{a}") for a in r.words("alerts") if a in ("both_red", "hard_to_reach", "volatile")]
        reading = facts.reading(r) if r.text("kind") != "worst_part" else r.text("target_text")
        lines.append(
            [
                str(i),
                code_and_name(r) + binding,
                listed(r.words("responsible_units")),
                listing.dated(facts, r),
                reading,
                DASH if probability is None else chance(probability),
                listed(words),
            ]
        )
    return lines


def _height(lines: Sequence[Sequence[str]], columns: Sequence[Column]) -> int:
    """Lines of print that rows take."""
    total = sum(c.width for c in columns)
    rooms = [_WIDE * c.width / total - 1 for c in columns]
    return sum(max(math.ceil(width(text) / 2 / room) for text, room in zip(line, rooms, strict=True)) for line in lines)


def _fitting(lines: Sequence[Sequence[str]], columns: Sequence[Column], room: int) -> list[Sequence[str]]:
    shown: list[Sequence[str]] = []
    for line in lines:
        if _height([*shown, line], columns) > room:
            break
        shown.append(line)
    return shown


def addressed(facts: Facts, unit: str) -> list[Record]:
    """What a unit is written to about: its binding targets that are hard to reach or volatile; for none there is no letter."""
    alerts = set(_ALERTS)
    return [r for r in facts.of_unit(unit) if r.text("attribute") == "binding" and alerts & set(r.words("alerts"))]


def letter(facts: Facts, unit: str) -> Document:
    """The draft letter to a unit, by its code; it is to be addressed."""
    name, rows = facts.unit_names[unit], addressed(facts, unit)
    word_of = sections.plan_word(facts)
    blocks: list[Block] = [
        Paragraph(
            say(
                "documents.letter.opening",
                year=facts.as_of,
                titles=sections.plan_titles(facts),
                known_on=sections.day(facts.known_on),
                count=len(rows),
            )
        )
    ]
    for i, r in enumerate(rows, start=1):
        role = "lead" if r.text("lead_unit") == name else "shared"
        reasons = listed(say(f"alert.{a}") for a in r.words("alerts") if a in _ALERTS)
        text = say("documents.letter.row", alerts=reasons, role=say(f"documents.letter.{role}"))
        blocks.append(Paragraph(sentences(details(facts, r), text), lead=f"{i}. {judgement(facts, r)}"))
    blocks.append(Paragraph(say("documents.letter.ask")))
    blocks.append(ToFill(say("documents.letter.deadline")))
    if any(r.number("probability") is not None for r in rows):
        blocks.append(Paragraph(say("documents.letter.meaning", target_year=facts.target_year)))
    blocks.append(Signature([_issuer(facts), say("documents.fill.date")]))
    return Document(
        [say("documents.letter.title", word=word_of), say("documents.letter.title_end")],
        blocks,
        mark=facts.mark,
        stamp=say("documents.letter.draft"),
        subtitle=say("documents.letter.to", unit=name),
    )


def _issuer(facts: Facts) -> str:
    return say("documents.letter.issuer", area=facts.area_name)


def letter_bytes(facts: Facts, letter: Document) -> bytes:
    """A letter in the letter form of GB/T 9704: issuer in red, double red rules below it and above the foot, no number on the first page."""
    paper = word.new_paper(letter)
    section = paper.sections[0]
    section.different_first_page_header_footer = True
    red = RGBColor(0xC0, 0x00, 0x00)
    head = section.first_page_header.paragraphs[0]
    _marks(head, letter)
    size = min(30, int(156 / 0.3528 / len(_issuer(facts))))  # on one line
    place = word.line(paper, _issuer(facts), WD_ALIGN_PARAGRAPH.CENTER, size=size, font=word.TITLE, colour=red)
    word.spaced(place, 44)
    _double_rule(place, "bottom")
    foot = section.first_page_footer.paragraphs[0]
    _double_rule(foot, "top")
    word.line(paper, say("documents.letter.number"), WD_ALIGN_PARAGRAPH.RIGHT)
    word.title(paper, letter.title)
    word.line(paper, letter.subtitle)
    for block in letter.blocks:
        word.put(paper, block)
    section.top_margin = Mm(30)
    return word.saved(paper)


def _marks(place: Any, letter: Document) -> None:
    marks = say("documents.marks_joint").join(m for m in (letter.mark, letter.stamp) if m)
    word.marked(place, marks)


def _double_rule(place: Any, edge: str) -> None:
    """A thick and a thin red rule."""
    style = "thickThinSmallGap" if edge == "bottom" else "thinThickSmallGap"
    rule = f'<w:{edge} w:val="{style}" w:sz="24" w:space="4" w:color="C00000"/>'
    border = parse_xml(f"<w:pBdr {nsdecls('w')}>{rule}</w:pBdr>")
    place._p.get_or_add_pPr().insert_element_before(border, "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
