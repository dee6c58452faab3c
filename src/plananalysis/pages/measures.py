"""Measures the office recorded, beside the targets they serve."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages import common, wording
from plananalysis.render.html import Column, Html, html, table, tag


def measures_of(edition: Published, rows: Sequence[Record]) -> list[Record]:
    """Measures recorded for rows of the plan or for their parts, in the order the office's file gives."""
    codes = {leaf.text("series") for row in rows for leaf in (row, *edition.parts(row))}
    return [a for a in edition.records("actions") if a.text("series") in codes]


def measures_table(edition: Published, measures: Sequence[Record]) -> Html:
    """What is done about which indicator, by whom, from when to when, and how far it is."""
    names = {}
    for r in edition.series.values():
        names |= dict(zip(r.words("responsible_units"), r.words("responsible_names"), strict=True))

    def indicator(a: Record) -> Html | str:
        about = edition.series.get(a.text("series"))
        code = tag("span", a.text("series"), cls="code")
        return code if about is None else html(code, about.text("name"))

    def title(a: Record) -> Html:
        good = a.text("good_practice") == "yes"
        return html(a.text("title"), tag("b", say("documents.good_practice")) if good else None)

    columns = [
        Column(say("pages.column.indicator"), indicator),
        Column(say("documents.column.kind"), lambda a: say(f"actions.kind.{a.text('kind')}"), css="short"),
        Column(say("documents.column.title"), title),
        Column(say("pages.column.unit"), lambda a: names.get(a.text("unit"), a.text("unit"))),
        Column(
            say("documents.column.dates"),
            lambda a: say("pages.from_to", low=a.text("start"), high=a.text("end") or "…"),
            css="short",
        ),
        Column(say("documents.column.status"), lambda a: say(f"actions.status.{a.text('status')}"), css="short"),
    ]
    return table(common.caption(edition, say("documents.caption.actions")), columns, measures, css="measures stack")


def proposal(edition: Published, row: Record) -> Html | None:
    """Kinds of action a rule proposes for a row, each with what the rule saw; nothing once the plan period is over."""
    kinds = wording.kinds(row) if edition.mode != "final" else ()
    if not kinds:
        return None
    named = listed(
        say("measures.kind", kind=say(f"actions.kind.{k}"), meaning=say(f"actions.meaning.{k}")) for k in kinds
    )
    return tag("span", say("measures.proposed", kinds=named), cls="line")


def on_record(edition: Published, row: Record) -> Html | None:
    """The measures recorded for a row, each with how far it is, in one line."""
    held = measures_of(edition, [row])
    if not held:
        return None
    named = listed(
        say("measures.one", title=a.text("title"), status=say(f"actions.status.{a.text('status')}")) for a in held
    )
    return tag("span", say("measures.recorded", named=named), cls="line")
