"""What stands beside the totals, as sheets: gaps between groups, and published values of other places."""

from __future__ import annotations

from plananalysis.assessments.gap_words import by_chance, caution
from plananalysis.assessments.sentences import change_name
from plananalysis.base.text import say, translated
from plananalysis.editions.opened import Record
from plananalysis.pages.papers.facts import Facts
from plananalysis.pages.papers.observed import number, share
from plananalysis.pages.papers.sentences import hidden_note
from plananalysis.plan.units import unit_name
from plananalysis.render.xlsx import Cell, Number, Sheet


def gaps_sheet(facts: Facts) -> Sheet:
    """The newest gap of every pair of groups; how it moves is left open where chance alone makes such a difference."""
    heads = [say(f"documents.column.{c}") for c in ("code", "name", "group", "other_group", "measure", "year")]
    heads += [say(f"documents.column.{c}") for c in ("group_value", "other_value", "group_gap", "gap_measure")]
    heads += [say("documents.column.base", year=facts.base_year), say("documents.column.gap_change")]
    heads += [say("documents.column.narrower", year=facts.target_year), say("documents.column.remark")]
    lines: list[list[Cell]] = []
    for g in facts.edition.records("gaps"):
        about, year = facts.edition.series.get(g.text("series")), g.whole("value_year")
        if about is None or year is None or g.number("value") is None:
            continue
        told = not by_chance(g.cells)
        lines.append(
            [
                *(g.text("series"), about.text("name"), g.text("group_name"), g.text("other_name")),
                *(unit_name(g.text("unit")), Number(year)),
                *(number(g, g.number(c)) for c in ("group_value", "other_value", "value")),
                change_name(g.text("unit")),
                number(g, g.number("baseline")),
                number(g, g.number("change")) if told else None,
                share(g.number("p_narrower")) if told else None,
                caution(g.cells),
            ]
        )
    note = say("documents.gaps_note")
    return Sheet(say("documents.sheet.gaps"), say("documents.caption.gaps"), heads, lines, note, fixed=2)


def comparators_sheet(facts: Facts) -> Sheet:
    """Every published value of other places beside the area's own of the same year, or why the two are not compared."""
    heads = [say(f"documents.column.{c}") for c in ("code", "name", "measure", "place", "year", "place_value")]
    heads += [say(f"documents.column.{c}") for c in ("own_value", "place_gap", "published_on", "source")]
    lines: list[list[Cell]] = []
    for r in facts.edition.records("comparators"):
        about, value = facts.edition.series.get(r.text("series")), r.number("value")
        if about is None or value is None:
            continue
        why = (
            say(f"cards.left_out_{r.text('left_out')}") if r.text("left_out") else number(about, r.number("difference"))
        )
        lines.append(
            [
                *(r.text("series"), about.text("name"), unit_name(about.text("unit")), r.text("place_name")),
                *(Number(r.whole("year") or 0), _as_published(about, value), number(about, r.number("own_value")), why),
                *(r.text("reported_at"), _source(r)),
            ]
        )
    note = hidden_note(facts)
    heading = say("documents.caption.comparators")
    return Sheet(say("documents.sheet.comparators"), heading, heads, lines, note, fixed=2, widest=40)


def _source(r: Record) -> str:
    """Where the value stands, as it is called there, and what is to be known of it."""
    return "\n".join(t for t in (r.text("source"), translated(r.text("note")) if r.text("note") else "") if t)


def _as_published(about: Record, value: float) -> Number:
    """With the decimals that the other place published, should those be more than ours."""
    theirs = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return Number(value, min(max(about.whole("decimals") or 0, theirs), 4))
