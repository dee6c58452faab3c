"""The brief on paper: its first sheet, then the sections of its page, numbered."""

from __future__ import annotations

from plananalysis.base.text import say
from plananalysis.editions.opened import Published
from plananalysis.pages import final
from plananalysis.pages.brief import BriefPage
from plananalysis.pages.counts import domains_table
from plananalysis.pages.masthead import brief_title
from plananalysis.pages.one_page import on_paper
from plananalysis.pages.papers.sentences import heading, hidden_note, known_on
from plananalysis.pages.rows import over
from plananalysis.render.blocks import Document, PageBreak, Paragraph
from plananalysis.render.html import Blocks, blocks


def brief(edition: Published) -> Document:
    """The brief as a document; it says the same as the page, in the same blocks."""
    page = BriefPage(edition)
    parts: dict[str, Blocks] = {
        "expected": page.expected(),
        "action": page.action(),
        "units": page.units(),
        "watch": page.watch(),
        "domains": page.map() if edition.audience == "public" else blocks(domains_table(edition)),
        "changes": page.changes(),
        "gaps": page.gaps(),
        "rows": page.rows(),
        "thresholds": page.thresholds() if edition.audience == "public" else page.cuts(),
    }
    if over(edition):
        parts |= {"rows": final.decisive(edition, edition.rows)}
    parts = {name: inside for name, inside in parts.items() if inside}
    made: list[object] = [*on_paper(edition), PageBreak()]
    for n, (name, inside) in enumerate(parts.items(), start=1):
        made += [heading(1, n, say(f"documents.brief.{name}")), *inside.blocks]
    made += [Paragraph(note)] if (note := hidden_note(edition)) else []
    subtitle = say("documents.warning.subtitle", known_on=known_on(edition))
    return Document([brief_title(edition)], made, mark=edition.mark, subtitle=subtitle)
