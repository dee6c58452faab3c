"""The brief for the leading group on paper: the sections of its page, numbered."""

from __future__ import annotations

from plananalysis.base.text import say
from plananalysis.editions.opened import Published
from plananalysis.figures import outlook_bar
from plananalysis.pages import final
from plananalysis.pages.brief import BriefPage
from plananalysis.pages.counts import counts_sentence, domains_table, opening, outlook_counts
from plananalysis.pages.papers.sentences import hidden_note
from plananalysis.pages.papers.wording import area_name, heading, known_on
from plananalysis.render.blocks import Document, Drawing, Figure, Paragraph
from plananalysis.render.html import Blocks, blocks


def brief(edition: Published) -> Document:
    """The brief as a document; it says the same as the page, in the same blocks."""
    page = BriefPage(edition)
    counted = counts_sentence(edition.rows)
    bar = Figure(Drawing(outlook_bar(outlook_counts(edition.rows), counted, 620), counted))
    parts: dict[str, Blocks] = {
        "action": page.action(),
        "watch": page.watch(),
        "domains": blocks(domains_table(edition)),
        "changes": page.changes(),
        "gaps": page.gaps(),
        "rows": page.rows(),
        "thresholds": page.cuts(),
    }
    if edition.mode == "final":
        parts |= {"rows": final.decisive(edition, edition.rows)}
    parts = {name: inside for name, inside in parts.items() if inside}
    made: list[object] = [*map(Paragraph, opening(edition)), bar]
    for n, (name, inside) in enumerate(parts.items(), start=1):
        made += [heading(1, n, say(f"documents.brief.{name}")), *inside.blocks]
    made += [Paragraph(note)] if (note := hidden_note(edition)) else []
    title = say("documents.brief.title", area=area_name(edition), plans=edition.plans_name, year=edition.as_of)
    subtitle = say("documents.warning.subtitle", known_on=known_on(edition))
    return Document([title], made, mark=edition.mark, subtitle=subtitle)
