"""What pages and papers ask of the rows of a plan, worked out from the cells of the derived tables and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plananalysis.assessments.actions import KINDS, proposed
from plananalysis.base.digits import rounded
from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.plan.units import PER
from plananalysis.render.cuts import CUTS
from plananalysis.render.quantities import Count

# targets whose way from base to goal has a length
NUMERIC = ("threshold", "about", "within_band", "fall_clearly", "rise_by", "fall_by", "rise_yearly", "fall_yearly")
WRITTEN_ABOUT = ("both_red", "hard_to_reach", "volatile")


def measured(edition: Published, row: Record) -> Record:
    """The row whose values are shown: a row of parts shows those of the part that decides."""
    return edition.deciding(row)


def leaves(edition: Published, rows: Sequence[Record]) -> list[Record]:
    """Measured series of some rows: parts instead of a row judged by them."""
    return [leaf for row in rows for leaf in (edition.parts(row) or [row])]


def with_parts(edition: Published, rows: Sequence[Record]) -> Iterator[Record]:
    """Every row, each followed by its parts."""
    for row in rows:
        yield row
        yield from edition.parts(row)


def alerted(rows: Sequence[Record], code: str) -> list[Record]:
    return [r for r in rows if code in r.words("alerts")]


def urgent(edition: Published) -> list[Record]:
    """Rows with an alert that asks for action on the target itself, most urgent first."""
    rows = [r for r in edition.rows if {"hard_to_reach", "both_red"} & set(r.words("alerts"))]

    return sorted(rows, key=lambda r: ("both_red" not in r.words("alerts"), *by_chance(r)))


def by_chance(row: Record) -> tuple[bool, float]:
    """Where a row stands in a list: binding ones first, then from the least probable on; one without a probability is no 0 %."""
    probability = row.number("probability")
    return row.text("attribute") != "binding", 2.0 if probability is None else probability


def addressed(edition: Published, unit: str) -> list[Record]:
    """What a unit is written to about, in the order of the list: its binding targets behind and getting worse, hard to reach, or
    volatile; for none there is no letter.
    """
    first = urgent(edition)
    listed_first = [*first, *(r for r in edition.rows if r not in first)]
    own = [r for r in listed_first if unit in r.words("responsible_units") and r.text("attribute") == "binding"]
    return [r for r in own if set(WRITTEN_ABOUT) & set(r.words("alerts"))]


def missing_leaves(edition: Published, rows: Sequence[Record]) -> list[Record]:
    """Measured series of ``rows`` without a stated outlook for want of data.

    Where the plan gives no number, or a series moves at elections and censuses only, nothing is there to be reported.
    """

    def lacks(leaf: Record) -> bool:
        unjudged, why = leaf.text("outlook") == "needs_judgement", leaf.text("why_no_probability")
        return leaf.text("outlook") == "no_data" or (unjudged and why in ("no_observations", "pending"))

    return list(filter(lacks, leaves(edition, rows)))


def by_unit(rows: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    """Rows by the unit that leads them, the unit with most first."""
    return sorted(gathered(rows, lead).items(), key=lambda g: (-len(g[1]), g[0]))


def lead(row: Record) -> str:
    """Name of the unit that leads a row."""
    return row.text("lead_name") or say("column.unit")


def led_by(rows: Sequence[Record]) -> str:
    """Which units lead some rows: up to three with their numbers, of more those that stand out, or only how many they are."""
    groups = by_unit(rows)
    shown = groups if len(groups) <= 3 else [g for g in groups[:3] if len(g[1]) > len(groups[3][1])]
    named = listed(say("pages.unit_count", unit=u, count=len(held)) for u, held in shown)
    key = "all" if len(groups) <= 3 else "most" if shown else "many"
    return say(f"pages.led_by.{key}", units=len(groups), named=named)


def kinds(row: Record) -> tuple[str, ...]:
    """Kinds of action a rule proposes for a row."""
    return proposed({c: row.text(c) for c in ("position", "outlook", "alerts", "why_no_probability")})


def proposals(rows: Sequence[Record]) -> dict[str, list[Record]]:
    """Rows by the kind of action a rule proposes, every kind in order."""
    return {kind: [r for r in rows if kind in kinds(r)] for kind in KINDS}


def known(observation: Record) -> bool:
    """Whether there is a value, be it one that is withheld."""
    return observation.number("value") is not None or observation.text("withheld") == "True"


def withheld(row: Record, column: str) -> bool:
    """Whether a cell of the assessment table is kept from this audience."""
    return column in row.words("withheld")


def at(row: Record, observation: Record) -> Record:
    """The row as if its newest value were this observation, to be shown as values are."""
    hidden = "value" if observation.text("withheld") == "True" else ""
    return row.but(value=observation.number("value"), withheld=hidden)


def over(edition: Published) -> bool:
    """Whether the edition tells what was reached, not what is to be expected: the target year itself is observed."""
    return edition.mode == "final" or edition.as_of >= edition.target_year


def in_places(rows: Sequence[Record]) -> tuple[list[Record], list[Record], list[Record]]:
    """Rows whose target is met, is not met, and of which that cannot be told."""
    met, missed = ([r for r in rows if r.text("position") == place] for place in ("met", "not_met"))
    return met, missed, [r for r in rows if r.text("position") not in ("met", "not_met")]


def binding(rows: Sequence[Record]) -> list[Record]:
    return [r for r in rows if r.text("attribute") == "binding"]


def scopes(edition: Published, rows: Sequence[Record], all_of: str) -> list[tuple[str, Sequence[Record]]]:
    """All of some rows, those of each plan where there are several, and the binding ones where not all are."""
    plans = gathered(rows, lambda r: r.text("plan"))
    found: list[tuple[str, Sequence[Record]]] = [(all_of, rows)]
    found += [(edition.plan_name(plan), held) for plan, held in plans.items() if len(plans) > 1]
    some = binding(rows)
    return [*found, (say("documents.binding_targets"), some)] if 0 < len(some) < len(rows) else found


def late(edition: Published, row: Record) -> bool:
    """Whether a row is judged by a value older than the target year's."""
    return row.text("position") != "unknown" and (row.whole("value_year") or 0) < edition.target_year


def previous(edition: Published, row: Record) -> tuple[int, float] | None:
    """Year and value of the observation before the newest one, in the same definition; None when none or withheld."""
    leaf = measured(edition, row)
    value, year = leaf.number("previous_value"), leaf.whole("value_year")
    if value is None or year is None:
        return None
    for r in reversed(edition.observed.get(leaf.text("series"), [])):  # ascending by year
        held, when = r.number("value"), r.whole("year") or year
        if when < year and held is not None and abs(held - value) < 1e-9 * max(1.0, abs(value)):
            return when, value
    return None


def moved(row: Record, before: float | None) -> float | None:
    """Change of the newest value on an earlier one, as the published values differ."""
    value, places = row.number("value"), row.whole("decimals") or 0
    if value is None or before is None:
        return None
    return (rounded(value, places) - rounded(before, places)) / 10.0**places


def since_base(edition: Published, row: Record) -> float | None:
    """Change since the base year; None without a base value, at the base year itself, or when withheld."""
    year = row.whole("value_year")
    return None if year is None or year <= edition.base_year else moved(row, row.number("baseline"))


def kept_verdict(edition: Published, row: Record) -> bool:
    """Whether the outlook was kept from the edition before although P stands on the other side of a cut."""
    probability, cuts = row.number("probability"), edition.thresholds
    if probability is None or row.text("role") == "compound" or not {"likely", "hard", "very_hard"} <= set(cuts):
        return False
    if row.text("position") == "met":
        plain = "met_secure" if probability >= cuts["likely"] else "met_slipping"
    elif probability >= cuts["likely"]:
        plain = "likely"
    elif probability >= cuts["hard"]:
        plain = "uncertain"
    else:
        plain = "hard" if probability >= cuts["very_hard"] else "very_hard"
    return row.text("outlook") != plain


def cuts(edition: Published) -> tuple[float, ...]:
    """Thresholds that no printed probability may be rounded across."""
    return tuple(float(edition.thresholds[n]) for n in CUTS if n in edition.thresholds)


def in_one(*clauses: str) -> str:
    """Clauses as one sentence, which English takes apart."""
    return say("pages.sentence", clauses=say("pages.clause_joint").join(c for c in clauses if c))


def coded(row: Record) -> str:
    return f"{row.text('series')} {row.text('name')}"


def named(rows: Sequence[Record]) -> str:
    """Rows by code and name, in one line."""
    return listed(map(coded, rows))


def units(row: Record) -> tuple[str, ...]:
    """Responsible units of a row, the leading one first."""
    return row.words("responsible_names")


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


def headcount_told(edition: Published, row: Record) -> str | None:
    """In words, by the names that the plan gives to what is counted."""
    found = headcount(edition, row)
    if found is None:
        return None
    about = edition.series.get(row.text("series"), row)
    names = {c: about.text(c) or say(f"pages.{c}") for c in ("numerator", "denominator")}
    key = "more" if found.change > 0 else "fewer"
    about_it = {"year": found.year, "of": Count(found.denominator), "count": Count(abs(found.change))}
    return say(f"cards.headcount_{key}", **names, **about_it)
