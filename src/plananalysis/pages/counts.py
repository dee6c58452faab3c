"""How many rows have which outlook: in a sentence, as a bar and as a table, all from one count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from plananalysis.base.text import listed
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.pages import wording
from plananalysis.render.html import Column, Html, drawing, html, table, tag

WIDE, NARROW = 960, 360  # units of the bar on a desk and on a phone


def counts_sentence(edition: Published, rows: Sequence[Record]) -> str:
    """How many rows have which outlook, with the denominator said first."""
    say, counts = edition.say, outlook_counts(rows)
    able = sum(counts[o] for o in ASSESSABLE)

    def listed(outlooks: Sequence[str]) -> str:
        return say("pages.count_joint").join(
            say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in outlooks if counts[o]
        )

    clauses = [say("pages.counts_total", rows=len(rows), indicators=indicator_count(rows))]
    clauses.append(
        say("pages.counts_able", count=able, listed=listed(ASSESSABLE)) if able else say("pages.counts_none")
    )
    if len(rows) > able:
        clauses.append(say("pages.counts_rest", count=len(rows) - able, listed=listed(OUTLOOKS[len(ASSESSABLE) :])))
    return say("pages.sentence", clauses=say("pages.clause_joint").join(clauses))


def position_sentence(edition: Published, rows: Sequence[Record]) -> str | None:
    """Attainment today: its own question with its own denominator."""
    known = [r for r in rows if r.text("position") in ("met", "not_met")]
    if not known:
        return None
    met = sum(r.text("position") == "met" for r in known)
    share = wording.share(met, len(known))
    return edition.say("pages.position_counts", year=edition.as_of, known=len(known), met=met, share=share)


def gaps_sentence(edition: Published, leaves: Sequence[Record]) -> str | None:
    """How many series have no stated outlook, why, and which units have the most of them."""
    if not leaves:
        return None
    say, units = edition.say, [leaf.text("lead_unit") for leaf in leaves]
    silent = sum(leaf.text("why_no_probability") == "no_observations" for leaf in leaves)
    most = sorted(dict.fromkeys(units), key=lambda u: (-units.count(u), u))[:3]
    named = listed(say("pages.unit_count", unit=u, count=units.count(u)) for u in most)
    return say("pages.gaps_sentence", count=len(leaves), silent=silent, units=len(set(units)), named=named)


def nothing_urgent(edition: Published, rows: Sequence[Record]) -> str:
    """What stands where no row needs action: where most rows have no outlook, that nothing is known is not good news."""
    counts = outlook_counts(rows)
    unknown = counts["no_data"] + counts["needs_judgement"]
    if rows and unknown == len(rows):
        return edition.say("pages.action_blind", rows=unknown)
    key = "action_unknown" if unknown * 2 > len(rows) else "action_none"
    return edition.say(f"pages.{key}", unknown=unknown, rows=len(rows))


@dataclass(frozen=True)
class _Line:
    """One line of the table: what is counted, the cell of an outlook, and the total."""

    name: str
    cell: Callable[[str], object]
    total: object


def counts_block(edition: Published, rows: Sequence[Record], caption: object) -> Html:
    """Bar and table; the table has outlooks across on a desk and down on a phone."""
    say, counts, lines = edition.say, outlook_counts(rows), _lines(edition, rows)
    alt = counts_sentence(edition, rows)

    def down(line: _Line) -> Column:
        return Column(line.name, lambda o: line.cell(o) if o in OUTLOOKS else line.total, number=True)

    def across(outlook: str) -> Column:
        head = html(wording.outlook_key(edition, outlook))
        return Column(head, lambda line: line.cell(outlook), number=True)

    heads = Column(say("pages.column.outlook"), lambda o: wording.outlook_key(edition, o) if o in OUTLOOKS else o)
    wide = [
        Column("", lambda line: line.name),
        *map(across, OUTLOOKS),
        Column(say("pages.total"), lambda line: line.total, number=True),
    ]
    return tag(
        "div",
        tag(
            "div",
            drawing(outlook_bar(counts, alt, WIDE)),
            table(caption, wide, lines, css="counts across"),
            cls="wide-only",
        ),
        tag(
            "div",
            drawing(outlook_bar(counts, alt, NARROW)),
            table(caption, [heads, *map(down, lines)], OUTLOOKS, foot=[say("pages.total")], css="counts down"),
            cls="narrow-only",
        ),
        cls="counts-block",
    )


def _lines(edition: Published, rows: Sequence[Record]) -> list[_Line]:
    say, counts = edition.say, outlook_counts(rows)
    able = sum(counts[o] for o in ASSESSABLE)

    def part(name: str, held: Sequence[Record]) -> _Line:
        found = outlook_counts(held)
        return _Line(name, lambda o: found[o], len(held))

    def share(outlook: str) -> str:
        return wording.share(counts[outlook], able) if outlook in ASSESSABLE else wording.DASH

    lines = [part(say("pages.column.rows"), rows), _Line(say("pages.column.share_able"), share, wording.DASH)]
    binding = [r for r in rows if r.text("attribute") == "binding"]
    if binding:
        lines.append(part(say("pages.of_these", what=say("attribute.binding")), binding))
    plans = list(dict.fromkeys(r.text("plan") for r in rows))
    if len(plans) > 1:
        lines += [part(edition.plan_name(plan), [r for r in rows if r.text("plan") == plan]) for plan in plans]
    return lines


def urgent(edition: Published) -> list[Record]:
    """Rows with an alert that asks for action on the target itself, most urgent first."""
    rows = [r for r in edition.rows if {"hard_to_reach", "both_red"} & set(r.words("alerts"))]

    def order(r: Record) -> tuple[object, ...]:
        probability = r.number("probability")
        return (
            "both_red" not in r.words("alerts"),
            r.text("attribute") != "binding",
            2.0 if probability is None else probability,
        )

    return sorted(rows, key=order)


def outlook_counts(rows: Iterable[Record]) -> dict[str, int]:
    """How many rows have each outlook, all words of the closed set in order, zero included."""
    found = [r.text("outlook") for r in rows]
    return {o: found.count(o) for o in OUTLOOKS}


def indicator_count(rows: Sequence[Record]) -> int:
    """How many numbered indicators the rows belong to: several rows may share one number of a plan."""
    return len({(r.text("plan"), r.text("number")) for r in rows})
