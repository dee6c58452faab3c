"""The brief for the leading group on paper: counts, what needs action now and by whom, what changed, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Record
from plananalysis.figures import mini_fan, outlook_bar
from plananalysis.pages.charts import chart_of
from plananalysis.pages.common import missing_leaves
from plananalysis.pages.counts import counts_sentence, nothing_urgent, outlook_counts, position_sentence, urgent
from plananalysis.pages.papers import listing, sections
from plananalysis.pages.papers.facts import Facts
from plananalysis.pages.papers.listing import DASH, code_and_name, column
from plananalysis.pages.papers.sentences import details, hidden_note
from plananalysis.render.blocks import Block, Document, Drawing, Paragraph, Table

_OTHERS = ("slipping", "volatile", "verify")


def brief(facts: Facts) -> Document:
    """The brief as a document; it says the same as the page, from the same cells."""
    edition, rows = facts.edition, facts.rows
    counted = counts_sentence(edition, rows)
    blocks: list[Block] = [Paragraph(counted)]
    if now := position_sentence(edition, rows):
        blocks.append(Paragraph(now))
    blocks.append(Drawing(outlook_bar(outlook_counts(rows), counted, 620), counted))
    hard = urgent(edition)
    watched = [r for r in rows if r not in hard and set(r.words("alerts")) & set(_OTHERS)]
    parts: list[tuple[str, list[Block]]] = [
        (say("documents.brief.action"), [_action(facts, hard, say("documents.caption.urgent"))]),
        (say("documents.brief.watch"), [_action(facts, watched, say("pages.watch_caption"))]),
        (say("documents.brief.domains"), [listing.domain_table(facts)]),
        (say("documents.brief.changes"), [listing.changes_table(facts)]),
        (say("documents.brief.gaps"), [_gaps(facts)]),
        (say("documents.brief.rows"), [listing.assessment_table(facts, rows, say("documents.caption.rows"))]),
        (say("documents.brief.thresholds"), [listing.thresholds_table(facts)]),
    ]
    for n, (title, inside) in enumerate(parts, start=1):
        blocks += [sections.heading(1, n, title), *inside]
    title = [say("documents.brief.title", area=facts.area_name, word=sections.plan_word(facts), year=facts.as_of)]
    subtitle = say("documents.warning.subtitle", known_on=sections.day(facts.known_on))
    return Document(title, blocks, mark=facts.mark, subtitle=subtitle)


def _action(facts: Facts, rows: Sequence[Record], caption: str) -> Table:
    cells = [
        [
            listed(r.words("responsible_units")),
            code_and_name(r) + (say("documents.binding_mark") if r.text("attribute") == "binding" else ""),
            details(facts, r),
            listing.chance_of(facts, r),
            listing.alerts(r),
            _figure(facts, r),
        ]
        for r in rows
    ]
    columns = [column("unit", 12), column("indicator", 18), column("reason", 36), column("chance", 8, "c")]
    columns += [column("alerts", 10, "c"), column("figure", 16, "c")]
    return Table(caption, columns, cells, note=hidden_note(facts), empty=nothing_urgent(facts.edition, facts.rows))


def _figure(facts: Facts, row: Record) -> str | Drawing:
    """The row's own small chart; none when a value in it is withheld."""
    if facts.any_withheld(row):
        return DASH
    chart = chart_of(facts.edition, facts.measured(row))
    return DASH if chart is None else Drawing(mini_fan(chart), row.text("name"))


def _gaps(facts: Facts) -> Table:
    """What is missing from whom."""
    by: dict[str, list[Record]] = {}
    for leaf in missing_leaves(facts.edition, facts.rows):
        by.setdefault(leaf.text("lead_unit"), []).append(leaf)
    order = sorted(by.items(), key=lambda g: -len(g[1]))
    cells = [[unit, str(len(rows)), listed(code_and_name(r) for r in rows)] for unit, rows in order]
    columns = [column("unit", 18), column("count_of", 8, "r"), column("indicator", 74)]
    return Table(say("pages.gaps_caption"), columns, cells, empty=say("pages.no_gaps"))
