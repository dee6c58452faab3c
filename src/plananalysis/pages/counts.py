"""How many rows have which outlook: in a sentence, as a bar and as a table, all from one count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.links import page_file
from plananalysis.pages.missing import missing_sentence
from plananalysis.pages.outlooks import outlook_key
from plananalysis.pages.rows import binding, in_one, in_places, missing_leaves, over
from plananalysis.render.blocks import Column, Drawing, Group, Paragraph, Table, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Count, Share

WIDE, NARROW = 960, 360  # units of the bar on a desk and on a phone
POSITIONS = ("met", "not_met", "unknown")


def outlook_counts(rows: Iterable[Record]) -> dict[str, int]:
    """How many rows have each outlook, all words of the closed set in order, zero included."""
    found = [r.text("outlook") for r in rows]
    return {o: found.count(o) for o in OUTLOOKS}


def indicator_count(rows: Sequence[Record]) -> int:
    """How many numbered indicators the rows belong to: several rows may share one number of a plan."""
    return len({(r.text("plan"), r.text("number")) for r in rows})


def counted(counts: dict[str, int], outlooks: Sequence[str] = OUTLOOKS) -> str:
    """The outlooks that occur, each with its count, in one line."""
    held = [say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in outlooks if counts[o]]
    return say("pages.count_joint").join(held)


def counts_sentence(rows: Sequence[Record]) -> str:
    """How many rows have which outlook, with the denominator said first."""
    counts = outlook_counts(rows)
    able = sum(counts[o] for o in ASSESSABLE)
    rest = len(rows) - able
    return in_one(
        say("pages.counts_total", rows=len(rows), indicators=indicator_count(rows)),
        say("pages.counts_able", count=able, listed=counted(counts, ASSESSABLE)) if able else say("pages.counts_none"),
        say("pages.counts_rest", count=rest, listed=counted(counts, OUTLOOKS[len(ASSESSABLE) :])) if rest else "",
    )


def position_sentence(edition: Published, rows: Sequence[Record]) -> str | None:
    """Attainment today: its own question with its own denominator."""
    reached, missed, _ = in_places(rows)
    known, met = [*reached, *missed], len(reached)
    if not known:
        return None
    told = {"known": len(known), "met": met, "base_year": edition.base_year, "first": edition.base_year + 1}
    base = sum((r.whole("value_year") or 0) <= edition.base_year for r in known)
    if base == len(known):  # where things stood before the plan began is no progress
        return say("pages.position_base", **told)
    key = "some" if base else "counts"
    return say(f"pages.position_{key}", year=edition.as_of, base=base, share=Share.of(met, len(known)), **told)


def opening(edition: Published) -> list[str]:
    """How many rows have which outlook, how many are met today and, where most have no data, what is missing."""
    found = [counts_sentence(edition.rows), position_sentence(edition, edition.rows)]
    if outlook_counts(edition.rows)["no_data"] * 2 > len(edition.rows):  # then what is missing is the news
        found.append(missing_sentence(edition, missing_leaves(edition, edition.rows)))
    return [sentence for sentence in found if sentence]


def places_listed(rows: Sequence[Record]) -> str:
    """How many rows are met, not met and cannot be judged, as far as they occur."""
    places = [r.text("position") for r in rows]
    return listed(say(f"documents.count_{p}", count=places.count(p)) for p in POSITIONS if p in places)


def able(rows: Sequence[Record]) -> list[Record]:
    """Rows with an outlook: of the others nothing follows, neither good nor bad."""
    return [r for r in rows if r.text("outlook") in ASSESSABLE]


def nothing_urgent(rows: Sequence[Record]) -> str:
    """What stands where no row needs action: of rows without an outlook, that nothing is known is not good news."""
    unknown = len(rows) - len(able(rows))
    if rows and unknown == len(rows):
        return say("pages.action_blind", rows=unknown)
    return say("pages.action_unknown" if unknown else "pages.action_none", unknown=unknown, rows=len(rows))


@dataclass(frozen=True)
class _Line:
    """One line of the table: what is counted, the cell of an outlook, and the total."""

    name: str
    cell: Callable[[str], Any]
    total: Any


def counts_block(edition: Published, rows: Sequence[Record]) -> Blocks:
    """Bar and table; the table has outlooks across on a desk and down on a phone."""
    counts, lines, alt = outlook_counts(rows), _lines(edition, rows), counts_sentence(rows)
    caption, total = say("pages.counts_caption", year=edition.target_year), say("pages.total")

    def of(outlook: str) -> Callable[[_Line], Any]:
        return lambda line: line.cell(outlook)

    def in_line(line: _Line) -> Callable[[str], Any]:
        return lambda outlook: line.cell(outlook) if outlook in OUTLOOKS else line.total

    across = [
        Column("", lambda line: line.name, 20),
        *(Column(outlook_key(o), of(o), align="r") for o in OUTLOOKS),
        Column(total, lambda line: line.total, align="r"),
    ]
    down = [
        column("outlook", lambda o: outlook_key(o) if o in OUTLOOKS else o),
        *(Column(n.name, in_line(n), align="r") for n in lines),
    ]
    wide = edition.table(caption, across, lines, "counts across")
    narrow = edition.table(caption, down, OUTLOOKS, "counts down", foot=[total])
    desk, phone = (
        Group([*bar(counts, alt, WIDE), wide], "wide-only"),
        Group([*bar(counts, alt, NARROW), narrow], "narrow-only"),
    )
    return blocks(Group([desk, phone], "counts-block"))


def bar(counts: dict[str, int], alt: str, *widths: float) -> Sequence[Group | Drawing]:
    """The bar of all outlooks; of two widths the second is for phones."""
    drawn = [Drawing(outlook_bar(counts, alt, width), alt) for width in widths]
    roles = ("wide-only", "narrow-only")
    return drawn if len(drawn) == 1 else [Group([d], r) for d, r in zip(drawn, roles, strict=True)]


def with_key(counts: dict[str, int], alt: str) -> Group:
    """The bar of all outlooks and under it the words of those that occur, each with its number."""
    shown = [words(outlook_key(o), words(Count(n), role="b"), role="counted") for o, n in counts.items() if n]
    return Group([*bar(counts, alt, WIDE, NARROW), Paragraph(words(*shown, role="chips"), "key-line")], "counts-block")


def _lines(edition: Published, rows: Sequence[Record]) -> list[_Line]:
    counts = outlook_counts(rows)
    able = sum(counts[o] for o in ASSESSABLE)

    def part(name: str, held: Sequence[Record]) -> _Line:
        found = outlook_counts(held)
        return _Line(name, lambda o: Count(found[o]), Count(len(held)))

    shares = {o: Share.of(counts[o], able) if o in ASSESSABLE else None for o in OUTLOOKS}
    lines = [part(say("column.rows"), rows), _Line(say("column.share_able"), lambda o: shares[o], None)]
    if bound := binding(rows):
        lines.append(part(say("pages.of_these", what=say("attribute.binding")), bound))
    plans = gathered(rows, lambda r: r.text("plan"))
    return lines + [part(edition.plan_name(plan), held) for plan, held in plans.items() if len(plans) > 1]


def scopes_table(edition: Published, scopes: Sequence[Any], head: str = "scope", total: bool = True) -> Table:
    """How many rows of each scope are met now and what is to be expected of them; at the end of the period only whether met.

    Parameters
    ----------
    scopes
        Name and rows of each, and what else its caller wants to know.
    """
    ended = over(edition)
    heads = [say(f"documents.final.{p}" if ended else f"position.{p}") for p in POSITIONS]

    def places(position: str) -> Callable[[Any], Count]:
        return lambda g: Count(sum(r.text("position") == position for r in g[1]))

    def outlooks(outlook: str) -> Callable[[tuple[str, list[Record]]], Count]:
        return lambda g: Count(outlook_counts(g[1])[outlook])

    columns = [column(head, lambda g: g[0]), count_column("rows", lambda g: len(g[1]))]
    columns += [Column(head, places(p), 8, "r") for head, p in zip(heads, POSITIONS, strict=True)]
    if not ended:
        columns += [Column(say(f"outlook.{o}"), outlooks(o), 8, "r") for o in OUTLOOKS]
    return edition.table(
        say(f"documents.caption.domains{'_over' if ended else ''}"),
        columns,
        [g for g in scopes if g[1]],
        "plain",
        foot=[(say("pages.total"), edition.rows)] if total else (),
        note=say("documents.rows_note"),
    )


def domains_table(edition: Published) -> Table:
    """The same for every domain."""
    scopes = [(words(d.name, link=page_file(d.code)), edition.in_domain(d.code)) for d in edition.domains]
    return scopes_table(edition, scopes, "domain")
