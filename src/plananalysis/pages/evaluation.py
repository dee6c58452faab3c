"""The sections that a mid-term or final evaluation adds to the brief and to the domains' pages; none in an annual edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages import common, final, midterm, wording
from plananalysis.pages.listing import Listing, shown
from plananalysis.render.html import NOTHING, Block, Column, Html, html, paragraphs, table, tag


def evaluation(edition: Published, rows: Sequence[Record], whole: bool) -> Block:
    """The sections of an edition's mode about some rows.

    Parameters
    ----------
    whole
        The rows are those of the whole plan, not of one domain: then there is also a table by domain and the record of the method.
    """
    if not rows or edition.mode not in ("midterm", "final"):
        return NOTHING
    made = _midterm(edition, rows, whole) if edition.mode == "midterm" else _final(edition, rows, whole)
    return Block(html(*[_section(title, content) for title, content in made]))


def _section(title: str, content: Html) -> Html:
    return tag("section", tag("h2", title), content, cls="evaluation")


def _midterm(edition: Published, rows: Sequence[Record], whole: bool) -> list[tuple[str, Html]]:
    def part(name: str, listing: Listing, figure: Html | None = None) -> tuple[str, Html]:
        return say(f"evaluation.title.{name}"), shown(edition, listing, whole, figure)

    made = [
        part("progress", midterm.progress(edition, rows), midterm.progress_figure(edition, rows)),
        part("storm", midterm.storm(edition, rows)),
        part("adjust", midterm.adjust(edition, rows)),
        part("base", midterm.base(edition, rows)),
    ]
    if whole:
        link = tag("a", say("evaluation.record_link"), href=wording.page_file("method_check"))
        made.append((say("evaluation.title.record"), tag("p", say("documents.record.why"), " ", link, cls="lead")))
    return made


def _final(edition: Published, rows: Sequence[Record], whole: bool) -> list[tuple[str, Html]]:
    verdicts = final.decisive(edition, rows)
    decisive = shown(edition, replace(verdicts, lead=""), whole)
    binding = [r for r in rows if r.text("attribute") == "binding"]
    plans = list(dict.fromkeys(r.text("plan") for r in rows))
    lines: list[str | Html] = [verdicts.lead]
    lines += [
        html(
            tag("b", say("documents.about", what=edition.plan_name(p))),
            final.reached(edition, [r for r in rows if r.text("plan") == p]),
        )
        for p in plans
        if len(plans) > 1
    ]
    if binding:
        about = say("documents.about", what=say("documents.binding_targets"))
        lines.append(html(tag("b", about), final.reached(edition, binding)))
    counted = html(_by_domain(edition), _by_unit(edition)) if whole else None
    made = [
        (say("evaluation.title.reached"), html(paragraphs(lines), counted, decisive)),
        (say("evaluation.title.story"), shown(edition, final.story(edition, rows), whole)),
    ]
    before = final.earlier(edition)
    said = final.said_and_came(rows, before)
    title = say("evaluation.title.said")
    if not said:
        return [*made, (title, tag("p", say("documents.said.none"), cls="none"))]
    told = final.said_counts(said, say("documents.said.counts"))
    lead = shown(edition, told, whole) if whole else paragraphs([told.lead], css="lead")
    return [*made, (title, html(lead, shown(edition, final.said_rows(rows, before), whole)))]


def _by_domain(edition: Published) -> Html:
    """How many rows of each domain were reached."""
    groups = [(d.name, edition.in_domain(d.code), wording.page_file(d.code)) for d in edition.domains]
    columns = [
        Column(say("pages.column.domain"), lambda g: tag("a", g[0], href=g[2]) if g[2] else g[0]),
        *_counts(),
    ]
    total = (say("pages.total"), edition.rows, "")
    held = [g for g in groups if g[1]]
    return table(common.caption(edition, say("evaluation.domains")), columns, held, foot=[total], css="plain")


def _by_unit(edition: Published) -> Html | None:
    """Which of its targets each leading unit did not reach, most first; the public reads of targets, not of units."""
    if edition.audience == "public":
        return None
    led: dict[str, list[Record]] = {}
    for r in edition.rows:
        led.setdefault(r.text("lead_unit"), []).append(r)
    missed = {unit: [r for r in rows if r.text("position") == "not_met"] for unit, rows in led.items()}
    order = sorted(led, key=lambda unit: (-len(missed[unit]), unit))

    def named(group: tuple[str, list[Record]]) -> Html:
        cells = [wording.indicator_cell(edition, r) for r in missed[group[0]]]
        return html(*[piece for cell in cells for piece in (say("joint.list"), cell)][1:])

    columns = [
        Column(say("pages.column.unit"), lambda g: tag("b", g[0])),
        *_counts(),
        Column(say("evaluation.missed"), named),
    ]
    text = common.caption(edition, say("evaluation.units"))
    return table(
        text, columns, [(u, led[u]) for u in order if missed[u]], css="gaps stack", empty=say("evaluation.all")
    )


def _counts() -> list[Column]:
    """Number of rows of a group, and of those reached, not reached and not to be judged."""

    def count(position: str) -> Column:
        return Column(
            say(f"documents.final.{position}"),
            lambda g: sum(r.text("position") == position for r in g[1]) or wording.DASH,
            number=True,
        )

    rows = Column(say("pages.column.rows"), lambda g: len(g[1]), number=True)
    return [rows, *map(count, ("met", "not_met", "unknown"))]
