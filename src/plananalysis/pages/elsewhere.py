"""Other places beside a row: their comparable values, and what these mean by the area's own targets where it has no data itself."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import commaed, say
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.figures.strips import Strip, strips
from plananalysis.pages.charts import goal_bounds
from plananalysis.pages.rows import cuts, leaves
from plananalysis.render.blocks import Drawing, Figure, Words, more, words
from plananalysis.render.quantities import Chance, Value


def by_place(edition: Published, row: Record) -> dict[str, list[Record]]:
    """Comparable published values by place, ascending by year."""
    held = edition.of_series("comparators", row.text("series"))
    known = [r for r in held if not r.text("left_out") and r.number("value") is not None]
    found = gathered(known, lambda r: r.text("place"))
    return {place: sorted(rows, key=lambda r: r.whole("year") or 0) for place, rows in found.items()}


def their_value(about: Record, r: Record) -> Value:
    """With the decimals that the other place published, should those be more than ours."""
    found = r.number("value") or 0.0
    theirs = len(f"{found:.6f}".rstrip("0").partition(".")[2])
    return Value(found, about.text("unit"), min(max(about.whole("decimals") or 0, theirs), 4))


def newest_elsewhere(edition: Published, row: Record) -> Words | None:
    """The newest value of every place with its year; beside it whether the area is better, or, where it has no data, how the place stands by its target."""
    judged = {r.text("place"): r for r in edition.of_series("comparator_outlooks", row.text("series"))}
    lines = []
    for place, rows in by_place(edition, row).items():
        newest, told = rows[-1], ""
        both = [r for r in rows if r.number("difference") is not None]
        if place in judged:
            told = say("pages.beside_by_target", position=say(f"position.{judged[place].text('position')}"))
        elif both and row.whole("direction"):
            gap = (both[-1].number("difference") or 0.0) * (row.whole("direction") or 0)
            relation = "same" if gap == 0 else "better" if gap > 0 else "worse"
            told = say(f"pages.beside_{relation}", year=both[-1].whole("year"))
        about = {"place": newest.text("place_name"), "year": newest.whole("year"), "value": their_value(row, newest)}
        lines.append(words(say("pages.beside_value", **about), more(told), role="line"))
    return words(*lines) if lines else None


def strip_figure(edition: Published, rows: Sequence[Record]) -> Figure | None:
    """Where the area and the places stand on every target of some rows; None where there is nothing to compare."""
    held = [strip for leaf in leaves(edition, rows) if (strip := _strip(edition, leaf)) is not None]
    if not held:
        return None
    own, goal = say("pages.strip_own"), say("pages.strip_goal")
    alt = say("pages.strip_alt", count=len(held))
    wide, narrow = (Drawing(strips(held, own, goal, alt, width), alt) for width in (960, 360))
    return Figure(wide, words(say("pages.strip_caption"), edition.mark), narrow=narrow)


def _strip(edition: Published, leaf: Record) -> Strip | None:
    newest = {rows[-1].text("place_name"): rows[-1] for rows in by_place(edition, leaf).values()}
    if not newest:
        return None
    year, value = leaf.whole("value_year"), leaf.number("value")
    printed = Value(value, leaf.text("unit"), leaf.whole("decimals") or 0, leaf.whole("value_places"))
    own = None if value is None else (value, say("pages.beside_value", place=edition.name, value=printed, year=year))
    places = {
        name: (
            r.number("value") or 0.0,
            say("pages.beside_value", place=name, value=their_value(leaf, r), year=r.whole("year")),
        )
        for name, r in newest.items()
    }
    goal = tuple(bound for bound in goal_bounds(edition, leaf) if bound is not None)
    note = say("pages.strip_none") if own is None else say("pages.strip_value", value=printed, year=year)
    return Strip(leaf.text("name"), leaf.whole("direction") or 0, own, places, goal, note)


def yardsticks(edition: Published, row: Record) -> list[str]:
    """What other places' data mean by this row's target, a sentence each; none where the area has data of its own."""
    told = []
    for r in edition.of_series("comparator_outlooks", row.text("series")):
        stated = r.number("probability")
        about = {"place": r.text("place_name"), "year": r.whole("value_year"), "value": their_value(row, r)}
        stands, chance = say(f"position.{r.text('position')}"), Chance(stated, cuts(edition)).words
        clauses = [say("pages.yardstick_position", target=row.text("reading_text"), position=stands)]
        clauses += [] if stated is None else [say("pages.yardstick_chance", year=edition.target_year, chance=chance)]
        told.append(say("pages.yardstick", told=commaed(clauses), **about))
    return told
