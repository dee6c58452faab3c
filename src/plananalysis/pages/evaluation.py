"""The sections that a mid-term or final evaluation adds to the brief and to the domains' pages, and an annual edition once the target year is reached."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages import final, midterm
from plananalysis.pages.counts import domains_table
from plananalysis.pages.expected import standing_table
from plananalysis.pages.links import page_file
from plananalysis.pages.rows import over, scopes
from plananalysis.render.blocks import Group, Heading, Paragraph, words
from plananalysis.render.html import NOTHING, Blocks, blocks


def evaluation(edition: Published, rows: Sequence[Record], whole: bool) -> Blocks:
    """The sections of an edition's mode about some rows.

    Parameters
    ----------
    whole
        The rows are those of the whole plan, not of one domain: then there is also a table by domain and the record of the method.
    """
    if not rows or not (edition.mode == "midterm" or over(edition)):
        return NOTHING
    made = _midterm(edition, rows, whole) if edition.mode == "midterm" else _final(edition, rows, whole)
    sections = [
        Group([Heading(1, say(f"evaluation.title.{name}")), *content.blocks], "evaluation", "section")
        for name, content in made
    ]
    return blocks(*sections)


def _midterm(edition: Published, rows: Sequence[Record], whole: bool) -> list[tuple[str, Blocks]]:
    made = [(name, part(edition, rows, not whole)) for name, part in midterm.PARTS.items()]
    if whole:
        link = words(say("evaluation.record_link"), link=page_file("method_check"))
        made.append(("record", blocks(Paragraph(words(say("documents.record.why"), " ", link), "lead"))))
    return made


def _final(edition: Published, rows: Sequence[Record], whole: bool) -> list[tuple[str, Blocks]]:
    counted = [standing_table(edition), domains_table(edition)] if whole else reached_paragraphs(edition, rows)
    verdicts = final.decisive(edition, rows, not whole).blocks[1:]
    made = [("reached", blocks(*counted, *verdicts))]
    if edition.mode != "final":
        return made
    made.append(("story", final.story(edition, rows, not whole)))
    before = final.earlier(edition)
    said = final.said_and_came(rows, before)
    if not said:
        return [*made, ("said", blocks(Paragraph(say("documents.said.none"), "none")))]
    told = final.said_counts(edition, said, say("documents.said.counts"))
    lead = told if whole else blocks(told.blocks[0])
    return [*made, ("said", blocks(lead, final.said_rows(edition, rows, before, not whole)))]


def reached_paragraphs(edition: Published, rows: Sequence[Record]) -> list[Paragraph]:
    """How many targets were reached: of all, of each plan, of the binding ones."""
    return [
        Paragraph(final.reached(edition, held), lead=say("documents.about", what=what) if what else "")
        for what, held in scopes(edition, rows, "")
    ]
