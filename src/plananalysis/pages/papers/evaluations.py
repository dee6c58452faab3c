"""中期评估 and 终期评估: the questions of the middle and of the end of a plan period, answered as on the pages."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say, sentences
from plananalysis.pages import final, midterm
from plananalysis.pages.listing import Listing
from plananalysis.pages.papers import sections
from plananalysis.pages.papers.annual import finished
from plananalysis.pages.papers.facts import Facts
from plananalysis.pages.papers.listing import DASH, column
from plananalysis.pages.papers.record import national_record, said_and_came
from plananalysis.pages.papers.sentences import hidden_note
from plananalysis.render.blocks import Block, Column, Document, Paragraph, Table, ToFill


def midterm_report(facts: Facts) -> Document:
    """How far the way is gone in how much of the time, what needs an effort, what needs a decision, and how good the tool was."""
    edition, rows = facts.edition, facts.rows
    adjust = _told(facts, midterm.adjust(edition, rows))
    adjust += [ToFill(say("documents.fill.adjust"))] if facts.audience != "public" else []
    parts = [
        (say("documents.section.standing"), sections.standing(facts)),
        (say("documents.section.progress"), _told(facts, midterm.progress(edition, rows))),
        (say("documents.section.storm"), _told(facts, midterm.storm(edition, rows))),
        (say("documents.section.adjust"), adjust),
        (say("documents.section.base"), _told(facts, midterm.base(edition, rows))),
        (say("documents.section.record"), _record(facts)),
    ]
    return _assembled(facts, parts)


def final_report(facts: Facts) -> Document:
    """Reached or not with the figures that decide, how the years went, and what earlier editions had said."""
    parts = [
        (say("documents.section.standing"), sections.standing(facts)),
        (say("documents.section.story"), _told(facts, final.story(facts.edition, facts.rows))),
        (say("documents.section.said"), _said(facts)),
    ]
    return _assembled(facts, parts)


def _assembled(facts: Facts, parts: Sequence[tuple[str, list[Block]]]) -> Document:
    blocks: list[Block] = sections.opening(facts)
    for n, (title, inside) in enumerate(parts, start=1):
        blocks += [sections.heading(1, n, title), *inside]
    n = len(parts) + 1
    blocks += sections.domains(facts, first=n)
    n += len({d.plan for d in facts.edition.domains if facts.edition.in_domain(d.code)})
    blocks += sections.problems(facts, n) + sections.advice(facts, n + 1)
    annexes = sections.annexes(facts)
    return finished(facts, blocks, annexes)


def _told(facts: Facts, listing: Listing) -> list[Block]:
    """A listing of the pages as a document sets it: its sentence, then its table."""
    columns = [Column(h.title, h.width, h.align) for h in listing.heads]
    rows = [tuple(line.cells) for line in listing.lines]
    table = Table(listing.caption, columns, rows, note=sentences(listing.note, hidden_note(facts)), empty=listing.empty)
    return [Paragraph(listing.lead), table] if listing.lead else [table]


def _record(facts: Facts) -> list[Block]:
    """How good projections of this kind were: on this area's own past, and on the national outline that has ended."""
    blocks: list[Block] = [Paragraph(say("documents.record.why"))]
    own = [r for r in facts.edition.records("backtests") if r.text("method") == "engine"]
    rows = [
        [
            say("documents.record.ahead", years=r.whole("horizon")) if r.whole("horizon") else say("pages.total"),
            f"{r.whole('cases') or 0:,}",
            f"{r.number('met_share') or 0:.1%}",
            f"{r.number('brier'):.3f}" if r.number("brier") is not None else DASH,
            f"{r.number('coverage80'):.1%}" if r.number("coverage80") is not None else DASH,
        ]
        for r in sorted(own, key=lambda r: (r.whole("horizon") == 0, r.whole("horizon")))
    ]
    columns = [
        column("horizon", 24),
        column("cases", 18, "r"),
        column("met_share", 20, "r"),
        column("score", 18, "r"),
        column("coverage", 20, "r"),
    ]
    blocks.append(
        Table(
            say("documents.caption.own"),
            columns,
            rows,
            note=say("documents.record.score"),
            empty=say("pages.scores_none"),
        )
    )
    national = national_record(facts.root)
    if national is None:
        blocks.append(Paragraph(say("documents.record.no_national")))
    else:
        ended, said = national
        caption = say("documents.caption.national", first=ended.base_year + 1, last=ended.target_year)
        blocks += _told(facts, final.said_counts(said, caption))
    return blocks


def _said(facts: Facts) -> list[Block]:
    said = said_and_came(facts)
    if not said:
        return [Paragraph(say("documents.said.none"))]
    counts = _told(facts, final.said_counts(said, say("documents.said.counts")))
    return counts + _told(facts, final.said_rows(facts.rows, facts.earlier))
