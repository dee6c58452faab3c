"""What is done: measures the office recorded, kinds of action that follow by rule, and rows that somebody must act on."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say, sentence
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.columns import column, columns, count_column, facets
from plananalysis.pages.links import coded
from plananalysis.pages.rows import headcount_told, kinds, over
from plananalysis.render.blocks import Column, Table, Words, words


def measures_of(edition: Published, rows: Sequence[Record]) -> list[Record]:
    """Measures recorded for rows of the plan or for their parts, in the order the office's file gives."""
    codes = {leaf.text("series") for row in rows for leaf in (row, *edition.parts(row))}
    return [a for a in edition.records("actions") if a.text("series") in codes]


def measures_table(edition: Published, measures: Sequence[Record]) -> Table:
    """What is done about which indicator, by whom, from when to when, and how far it is."""

    def indicator(a: Record) -> Words:
        about = edition.series.get(a.text("series"))
        return coded(a.text("series"), about.text("name") if about else "")

    def title(a: Record) -> Words:
        good = say("documents.good_practice") if a.text("good_practice") == "yes" else None
        return words(a.text("title"), good and words(good, role="b"))

    columns = [
        column("indicator", indicator, ""),
        column("kind", lambda a: say(f"actions.kind.{a.text('kind')}")),
        column("title", title),
        column("unit", lambda a: edition.unit_name(a.text("unit"))),
        column("dates", lambda a: say("pages.from_to", low=a.text("start"), high=a.text("end") or "…")),
        column("status", lambda a: say(f"actions.status.{a.text('status')}")),
    ]
    return edition.table(say("documents.caption.actions"), columns, measures, "measures stack")


def kinds_table(edition: Published, proposals: dict[str, list[Record]]) -> Table:
    """Rows by the kind of action that follows by rule, and what the rule saw."""
    columns = [
        column("kind", lambda g: words(say(f"actions.kind.{g[0]}"), role="b")),
        column("rule", lambda g: say(f"actions.meaning.{g[0]}")),
        count_column("rows", lambda g: len(g[1])),
        column("indicator", lambda g: words(*(coded(r.text("series"), r.text("name")) for r in g[1]), role="list"), ""),
    ]
    groups = [(kind, rows) for kind, rows in proposals.items() if rows]
    return edition.table(say("units.kinds_caption"), columns, groups, "stack", empty=say("units.no_kinds"))


def reasons(edition: Published, row: Record) -> Words:
    """Why, what the distance amounts to in people, and which measures are on record."""
    people = headcount_told(edition, row)
    return words(row.text("reason"), words(sentence(people), role="line") if people else None, on_record(edition, row))


def proposal(edition: Published, row: Record) -> Words | None:
    """Kinds of action a rule proposes for a row, each with what the rule saw; nothing once the plan period is over, nor for the public."""
    found = kinds(row) if not over(edition) and edition.audience != "public" else ()
    named = listed(
        say("measures.kind", kind=say(f"actions.kind.{k}"), meaning=say(f"actions.meaning.{k}")) for k in found
    )
    return words(say("measures.proposed", kinds=named), role="line") if found else None


def on_record(edition: Published, row: Record) -> Words | None:
    """The measures recorded for a row, each with how far it is, in one line."""
    held = measures_of(edition, [row])
    named = listed(
        say("measures.one", title=a.text("title"), status=say(f"actions.status.{a.text('status')}")) for a in held
    )
    return words(say("measures.recorded", named=named), role="line") if held else None


ACT = ("unit", "marked", "value", "target", "verdict", "pace", "figure")
WATCH = (*ACT[:5], "alerts", "figure")  # what would be needed is no question of theirs


def action_table(
    edition: Published, rows: Sequence[Record], caption: str, names: Sequence[str], *more: Column
) -> Table:
    """A list of rows with a figure each and the reason in a line below; ``more`` columns stand after the first."""
    first, *others = columns(edition, names)
    return edition.table(
        caption,
        [first, *more, *others],
        rows,
        "action stack",
        below=column("reason", lambda r: reasons(edition, r)),
        facets=facets(edition),
    )
