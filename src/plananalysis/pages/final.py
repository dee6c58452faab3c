"""终期评估: reached or not with the figures that decide, how the years went, what earlier editions had said; and the sections that
evaluations add to pages.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plananalysis.base.text import say, sentence
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS
from plananalysis.pages import midterm
from plananalysis.pages.cells import value
from plananalysis.pages.columns import column, columns
from plananalysis.pages.counts import domains_table
from plananalysis.pages.expected import standing_table
from plananalysis.pages.links import page_file
from plananalysis.pages.midterm import told
from plananalysis.pages.rows import at, in_places, known, late, measured, over, scopes
from plananalysis.render.blocks import Column, Group, Heading, Paragraph, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import DASH, Share


@dataclass(frozen=True)
class Said:
    """One outlook of one earlier year: how many rows got it, and how many of those were met in the end."""

    year: int
    outlook: str
    count: int
    met: int


def reached(edition: Published, rows: Sequence[Record]) -> str:
    """Final counts: reached, not reached, cannot be judged; the denominator is said, and what rests on older values."""
    met, not_met, unknown = map(len, in_places(rows))
    counts = {"rows": len(rows), "known": met + not_met, "met": met, "not_met": not_met}
    clauses = [say("documents.reached", **counts, share=Share.of(met, met + not_met))]
    old = sum(late(edition, r) for r in rows)
    clauses += [say("evaluation.late", count=old, year=edition.target_year)] if old else []
    clauses += [say("evaluation.unknown", unknown=unknown)] if unknown else []
    return sentence(*clauses)


def decisive(edition: Published, rows: Sequence[Record], here: bool = False) -> Blocks:
    """Every row with the value that decides: the target year's, or the newest there is, which is then dated."""
    names = ("indicator", "unit", "baseline", "value", "aim", "distance", "result")
    made = columns(edition, names, here=here, sortable=False)
    return told(edition, reached(edition, rows), say("evaluation.decisive"), made, rows)


def story(edition: Published, rows: Sequence[Record], here: bool = False) -> Blocks:
    """Base, middle and end value of every row, and in how many years it moved the right way."""
    middle = (edition.base_year + edition.target_year) // 2
    good = {r.text("series"): good_years(edition, r) for r in rows}

    def moves(r: Record) -> str | None:
        found = good[r.text("series")]
        return None if found is None else say("documents.story.moves", good=found[0], steps=found[1])

    def at_middle(r: Record) -> Any:
        leaf = measured(edition, r)
        found = _within(edition, leaf).get(middle)
        return None if found is None else value(at(leaf, found), "value")

    names = ("indicator", "baseline", "value", "since_base", "aim", "result")
    made = columns(edition, names, here=here, sortable=False)
    made.insert(4, column("moves", moves))
    made.insert(2, Column(say("pages.year", year=middle), at_middle, 10, "r"))
    words = _story_words(edition, [g for g in good.values() if g is not None])
    return told(edition, words, say("documents.caption.story"), made, rows, note=say("documents.story.note"))


def _story_words(edition: Published, moves: Sequence[tuple[int, int]]) -> str:
    if not moves:
        return say("documents.story.none")
    mostly = sum(2 * good > steps for good, steps in moves)
    years = {"base_year": edition.base_year, "target_year": edition.target_year}
    return say("documents.story.words", count=len(moves), mostly=mostly, **years)


def _within(edition: Published, leaf: Record) -> dict[int, Record]:
    """Comparable values from the base year on, one a year."""
    held = [r for r in edition.observed.get(leaf.text("series"), []) if known(r)]
    definition = held[-1].text("definition") if held else ""
    years = [(r.whole("year") or 0, r) for r in held if r.text("definition") == definition]
    return {year: r for year, r in years if year >= edition.base_year}


def good_years(edition: Published, row: Record) -> tuple[int, int] | None:
    """In how many of the steps between observed years the value moved the good way; None for rows without one."""
    leaf = measured(edition, row)
    direction, held = leaf.whole("direction") or 0, _within(edition, leaf)
    values = [r.number("value") for _, r in sorted(held.items())]
    if direction == 0 or len(values) < 3 or None in values:
        return None
    steps = [(b or 0.0) - (a or 0.0) for a, b in itertools.pairwise(values)]
    return sum(s * direction > 0 for s in steps), len(steps)


def earlier(edition: Published) -> dict[int, dict[str, Record]]:
    """What the period's earlier editions say of each row, by year and series."""
    found: dict[int, dict[str, Record]] = {}
    for r in edition.records("earlier"):
        found.setdefault(r.whole("year") or 0, {})[r.text("series")] = r
    return found


def said_and_came(rows: Sequence[Record], before: Mapping[int, Mapping[str, Record]]) -> list[Said]:
    """Outlooks of earlier editions against the final position; only rows that can be judged in the end count."""
    came = {r.text("series"): r for r in rows if r.text("position") in ("met", "not_met")}
    found = []
    for year, said in sorted(before.items()):
        for outlook in ASSESSABLE:
            held = [came[s] for s, r in said.items() if s in came and r.text("outlook") == outlook]
            if held:
                met = sum(r.text("position") == "met" for r in held)
                found.append(Said(year, outlook, len(held), met))
    return found


def said_words(said: Sequence[Said]) -> str:
    """How often clear outlooks came true."""

    def shares(outlooks: Sequence[str]) -> tuple[int, int]:
        held = [s for s in said if s.outlook in outlooks]
        return sum(s.count for s in held), sum(s.met for s in held)

    (good, good_met), (bad, bad_met) = shares(("met_secure", "likely")), shares(("hard", "very_hard"))
    clauses = [say("documents.said.good", count=good, met=good_met)] if good else []
    clauses += [say("documents.said.bad", count=bad, missed=bad - bad_met)] if bad else []
    return say("documents.said.words", clauses=say("joint.clause").join(clauses) or say("documents.said.no_clear"))


def said_counts(edition: Published, said: Sequence[Said], caption: str) -> Blocks:
    """Of each outlook of each year, how many were met in the end; the last two lines are the sum and its share."""

    def sums_of(held: Sequence[Said]) -> dict[str, tuple[int, int]]:
        of = {o: [s for s in held if s.outlook == o] for o in ASSESSABLE}
        return {o: (sum(s.met for s in some), sum(s.count for s in some)) for o, some in of.items() if some}

    years, sums = sorted({s.year for s in said}), sums_of(said)
    lines = [(str(y), sums_of([s for s in said if s.year == y])) for y in years]
    lines += [(say("pages.total"), sums)] if len(years) > 1 else []
    lines.append((say("column.came_share"), sums))

    def cell(outlook: str) -> Callable[[Any], Any]:
        def made(line: Any) -> Any:
            met, count = line[1].get(outlook, (0, 0))
            if line is lines[-1]:
                return Share.of(met, count, 0)
            return say("documents.said.of", met=met, count=count) if count else DASH

        return made

    heads = [Column(say(f"outlook.{o}"), cell(o), 82 / len(sums), "c", "short") for o in sums]
    made = [column("edition", lambda line: line[0]), *heads]
    return told(edition, said_words(said), caption, made, lines, note=say("documents.said.note"))


def said_rows(
    edition: Published, rows: Sequence[Record], before: Mapping[int, Mapping[str, Record]], here: bool = False
) -> Blocks:
    """What each year's edition said of each row, in short words, and what came."""
    years = sorted(before)
    outlooks = {(y, code): r.text("outlook") for y in years for code, r in before[y].items()}

    def said(year: int) -> Column:
        def cell(r: Record) -> str | None:
            found = outlooks.get((year, r.text("series")))
            return say(f"outlook_short.{found}") if found else None

        return Column(str(year), cell, 58 / len(years), "c", "short yearly")

    first, last = columns(edition, ("indicator", "result"), here=here, sortable=False)
    used = {outlooks.get((y, r.text("series"))) for y in years for r in rows}
    words = {say(f"outlook_short.{o}"): say(f"outlook.{o}") for o in OUTLOOKS if o in used}
    short = [say("documents.said.short", short=brief, outlook=word) for brief, word in words.items()]
    key = say("documents.said.key", words=say("joint.clause").join(short)) if short else ""
    return told(edition, key, say("documents.caption.said"), [first, *map(said, years), last], rows)


def evaluation(edition: Published, rows: Sequence[Record], whole: bool) -> Blocks:
    """The sections of an edition's mode about some rows.

    Parameters
    ----------
    whole
        The rows are those of the whole plan, not of one domain: then there is also a table by domain and the record of the method.
    """
    if not rows or not (edition.mode == "midterm" or over(edition)):
        return NOTHING
    made = _midterm(edition, rows, whole) if edition.mode == "midterm" else _final(edition, rows, whole)
    sections = [
        Group([Heading(1, say(f"evaluation.title.{name}")), *content.blocks], "evaluation", "section")
        for name, content in made
    ]
    return blocks(*sections)


def _midterm(edition: Published, rows: Sequence[Record], whole: bool) -> list[tuple[str, Blocks]]:
    made = [(name, part(edition, rows, not whole)) for name, part in midterm.PARTS.items()]
    if whole:
        link = words(say("evaluation.record_link"), link=page_file("method_check"))
        made.append(("record", blocks(Paragraph(words(say("documents.record.why"), " ", link), "lead"))))
    return made


def _final(edition: Published, rows: Sequence[Record], whole: bool) -> list[tuple[str, Blocks]]:
    counted = [standing_table(edition), domains_table(edition)] if whole else reached_paragraphs(edition, rows)
    verdicts = decisive(edition, rows, not whole).blocks[1:]
    made = [("reached", blocks(*counted, *verdicts))]
    if edition.mode != "final":
        return made
    made.append(("story", story(edition, rows, not whole)))
    before = earlier(edition)
    said = said_and_came(rows, before)
    if not said:
        return [*made, ("said", blocks(Paragraph(say("documents.said.none"), "none")))]
    told = said_counts(edition, said, say("documents.said.counts"))
    lead = told if whole else blocks(told.blocks[0])
    return [*made, ("said", blocks(lead, said_rows(edition, rows, before, not whole)))]


def reached_paragraphs(edition: Published, rows: Sequence[Record]) -> list[Paragraph]:
    """How many targets were reached: of all, of each plan, of the binding ones."""
    return [
        Paragraph(reached(edition, held), lead=say("documents.about", what=what) if what else "")
        for what, held in scopes(edition, rows, "")
    ]
