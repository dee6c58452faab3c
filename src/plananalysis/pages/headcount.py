"""What a distance in percent amounts to in people, where a value was reported with the counts it is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.plan.units import PER
from plananalysis.render.quantities import Count, rounded

FEW = 5  # the public is told no number of people below this one


@dataclass(frozen=True)
class Headcount:
    """How many more or fewer the numerator would have to count, the denominator staying what it is in ``year``."""

    year: int
    denominator: int
    change: int


def headcount(edition: Published, row: Record) -> Headcount | None:
    """The least change of the numerator with which the newest value, as it would be published, meets the target.

    None where the target is met or is not one number, where the counts are not known or withheld, where they do not make the
    value that was reported, and for the public where the change would be of one to four.
    """
    value, goal, year = row.number("value"), row.number("goal"), row.whole("value_year")
    if row.text("position") != "not_met" or value is None or goal is None or math.isinf(goal):
        return None
    places, per = row.whole("decimals") or 0, PER.get(row.text("unit"))
    newest = [r for r in edition.observed.get(row.text("series"), []) if r.whole("year") == year]
    above, below = (newest[-1].number(c) if newest else None for c in ("numerator", "denominator"))
    if per is None or year is None or above is None or not below:
        return None

    def published(count: float) -> int:
        return rounded(per * count / below, places)

    wanted = rounded(goal, places)
    if published(above) != rounded(value, places) or published(above) == wanted:
        return None
    more = wanted > published(above)
    count = math.floor(goal * below / per)
    while (published(count) < wanted) if more else (published(count + 1) <= wanted):
        count += 1
    while (published(count - 1) >= wanted) if more else (published(count) > wanted):
        count -= 1
    change = count - round(above)
    if count < 0 or (edition.audience == "public" and abs(change) < FEW):
        return None
    return Headcount(year, round(below), change)


def told(edition: Published, row: Record) -> str | None:
    """In words, by the names that the plan gives to what is counted."""
    found = headcount(edition, row)
    if found is None:
        return None
    about = edition.series.get(row.text("series"), row)
    names = {c: about.text(c) or say(f"pages.{c}") for c in ("numerator", "denominator")}
    key = "more" if found.change > 0 else "fewer"
    about_it = {"year": found.year, "of": Count(found.denominator), "count": Count(abs(found.change))}
    return say(f"cards.headcount_{key}", **names, **about_it)
