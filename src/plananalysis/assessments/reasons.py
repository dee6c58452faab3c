"""Puts the verdicts of an edition in words that can be said in every language: how each target is read, the value, and the reason."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from plananalysis.assessments import sentences as words
from plananalysis.assessments.events import falls_since, happens, met_now, share, trajectories, years_missing
from plananalysis.assessments.positions import Position, Row, parts_of
from plananalysis.assessments.targets import YEARLY, milestone
from plananalysis.assessments.verdicts import SECURE, Pace
from plananalysis.assessments.years import Year
from plananalysis.base import text as telling
from plananalysis.base.text import catalogue
from plananalysis.plan import Plan
from plananalysis.projections import Projection
from plananalysis.render import quantities
from plananalysis.render.cuts import CUTS

commaed, joined, listed, say, translated = (
    said.told for said in (telling.commaed, telling.joined, telling.listed, telling.say, telling.translated)
)
sentence, sentences = telling.sentence.told, telling.sentences.told
chance, number = quantities.chance.told, quantities.number.told

NO_WORDS: Row = {"reading_text": "", "reason": ""}
_STRICT = ("rise", "fall", "rise_gradually", "toward_band")  # what they ask for is no number of the plan


class Told(NamedTuple):
    """The reason of one verdict: its clauses, and apart from them the one that gives the probability."""

    reading: str
    clauses: tuple[str, ...]
    chance: str = ""


def put_in_words(year: Year, found: Mapping[str, Row], deciding: Mapping[str, str | None]) -> None:
    """Add ``reading_text`` and ``reason`` to every row.

    Parameters
    ----------
    found
        The verdicts by series; changed in place.
    deciding
        The part that decides each row of several parts, None where none does.
    """
    told = {series: _told(year, series, found[series]) for series in year.leaves()}
    for series, one in told.items():
        found[series].update(reading_text=one.reading, reason=sentence(*one.clauses, one.chance))
    for series, code in deciding.items():
        row, parts = found[series], parts_of(year.lines, series)
        row["reading_text"] = say("reading.worst_part") if code is None else told[code].reading
        row["reason"] = _of_parts(year, row, [found[p] for p in parts], None if code is None else told[code])


def _of_parts(year: Year, row: Row, parts: Sequence[Row], decides: Told | None) -> str:
    """All parts with where each stands, then the one that decides, then the one probability of the row."""
    shown = [
        say(
            "reason.part",
            name=translated(part["name"]),
            value=part.get("value_text") or say("reason.part_silent"),
            position=say(f"position.{part['position']}"),
        )
        for part in parts
    ]
    whole = say("reason.parts", count=len(parts), parts=listed(shown))
    if decides is None:
        codes = {part["why_no_probability"] for part in parts}
        first = year.standing(parts_of(year.lines, row["row"])[0])
        why = _why(year.plan, first, codes.pop()) if len(codes) == 1 and "" not in codes else ""
        return sentences(sentence(whole, why))
    clauses = [
        say("reason.decides", part=translated(year.plan.series.loc[row["worst_part"], "name"])),
        *decides.clauses[:1],
    ]
    rest = [*decides.clauses[1:], _row_chance(year, row)]
    return sentences(sentence(whole), sentence(joined(clauses), *rest))


def _row_chance(year: Year, row: Row) -> str:
    if math.isnan(row["probability"]) or year.plan.as_of >= year.plan.outline.target_year:
        return ""
    target_year = year.plan.outline.target_year
    return say("reason.probability_all", target_year=target_year, probability=_percent(year.plan, row["probability"]))


def _told(year: Year, series: str, row: Row) -> Told:
    plan, at, projection = year.plan, year.standing(series), year.projections.get(series)
    reading, history = at.line.reading, at.history
    text = words.reading_text(plan, reading, at.what)
    doubt = [_doubt(plan, at)] if at.held_back is not None else []
    if history is not None and (late := [y for y in at.waiting if y > history.years[-1]]):
        doubt.append(say("reason.waiting", years=words.years_listed(late)))
    if history is None:
        why = _why(plan, at, row["why_no_probability"])
        silent = [_why(plan, at, "no_band"), why] if row["outlook"] == "needs_judgement" else [why]
        return Told(text, (*doubt, *silent))
    if not at.decidable:
        standing = words.value_clause(history, "", None, math.nan)
        return Told(text, (*doubt, standing, _why(plan, at, at.undecided.reason)))
    clauses = [c for c in (*doubt, *_clauses(plan, at, row, text, projection)) if c]
    chance = _chance(year, series, row, projection)
    return Told(text, tuple(clauses), "" if chance in clauses else chance)


def _doubt(plan: Plan, at: Position) -> str:
    assert at.held_back is not None
    year, value = at.held_back
    about = plan.series.loc[at.line.reading.series]
    shown = number(value, about["unit"], int(about["decimals"]))
    return say("reason.doubted", year=year, value=shown)


def _clauses(plan: Plan, at: Position, row: Row, text: str, projection: Projection | None) -> Iterator[str]:
    """The reason of a verdict on an event, clause by clause, but for the probability."""
    history, what, thresholds, outline = at.observed, at.event, plan.thresholds, plan.outline
    reading = at.line.reading
    strict = reading.kind in _STRICT or (reading.kind in ("threshold", "each_year") and reading.operator in ("<", ">"))
    if at.beyond:
        yield words.value_clause(history, "", None, math.nan)
        yield say("reason.beyond", reading=text, side=say(f"alert.{at.band}_band"))
    else:
        yield words.value_clause(history, text, at.met, row["shortfall"], strict)
        yield from _unknown(plan, at)
    if row["events_years"]:
        recent = [int(y) for y in str(row["events_years"]).split(";")]
        noun = say("reason.item" if history.unit == "件" else "reason.case")
        yield say("reason.pooled", years=words.years_listed(recent), events=int(row["events"]), noun=noun)
    if what.steps == "no_fall" and (falls := falls_since(history, outline.base_year)):
        pairs = [say("reason.below", year=y, before=before) for before, y in falls]
        yield say("reason.broken", falls=listed(pairs))
    likely = not row["probability"] < thresholds.likely
    if not math.isnan(row["required_annual_change"]):
        tempo = Pace(
            row["required_annual_change"], row["observed_annual_change"], row["pace_multiple"], row["pace_since"]
        )
        yield words.pace_clause(history, tempo, likely)
    if (age := plan.as_of - at.year if at.year is not None else 0) > thresholds.grade_fresh_years:
        yield say("reason.stale_common" if what.statistic == "gap_end" else "reason.stale", year=at.year, age=age)
    yield from _on_the_way(at, projection)


def _unknown(plan: Plan, at: Position) -> Iterator[str]:
    """What is not known that the verdict would need, and which year stands in where another could not be judged."""
    history, what = at.observed, at.event
    if what.statistic == "gap_end":
        if at.year is None:
            yield _why(plan, at, "no_common_year")
        elif at.year != history.years[-1] or at.year != at.beside.years[-1]:
            own, other = (
                number(float(h.values[h.years == at.year][0]), h.unit, h.decimals) for h in (history, at.beside)
            )
            yield say("reason.common_year", year=at.year, own=own, other=other)
    elif at.met is None and at.line.reading.kind in YEARLY and history.years[-1] <= plan.outline.base_year:
        yield say("reason.base_only", base_year=plan.outline.base_year)
    elif at.met is None and what.statistic == "pooled_end" and what.steps == "any":
        yield say("reason.pool_missing", years=what.pool_years)
    elif at.met is None:
        first = plan.outline.base_year + (what.steps == "any")
        gone = [y for y in range(first, int(history.years[-1])) if y not in history.years]
        yield say("reason.years_missing", years=words.years_listed(gone)) if gone else say("reason.too_early")


def _on_the_way(at: Position, projection: Projection | None) -> Iterator[str]:
    """Milestones: reached or not where the year is known, otherwise how probably."""
    history = at.observed
    for year, value in at.line.reading.milestones:
        step = milestone(at.line.reading, year, value, history)
        shown = words.as_printed(value, history.unit)
        if year in history.years:
            met = met_now(step, history.during(history.years <= year), 0)
            position = say(f"position.{'met' if met else 'not_met'}")
            yield say("reason.milestone_known", year=year, value=shown, position=position)
        elif projection is not None and projection.reason is None and year in projection.years:
            ends = projection.paths[:, list(projection.years).index(year)]
            yield say("reason.milestone_ahead", year=year, value=shown, probability=chance(share(step, ends)))
        else:
            yield say("reason.milestone_unknown", year=year, value=shown)


def _chance(year: Year, series: str, row: Row, projection: Projection | None) -> str:
    """The probability, or why there is none."""
    plan, at, target_year = year.plan, year.standing(series), year.plan.outline.target_year
    why, decided = row["why_no_probability"], any(at.observed.years[-1:] >= target_year)
    if why and not (decided and why in ("census_only", "election_steps")):  # a census in the target year has decided
        return _why(plan, at, why)
    if decided:
        return say("reason.decided", target_year=target_year, met=say(f"position.{row['position']}"))
    probability, surplus = row["probability"], year.chances[series].surplus
    words_of = {"target_year": target_year, "probability": _percent(plan, probability)}
    if row["outlook"] == "needs_judgement" or surplus >= plan.thresholds.hard:
        side = say("alert.above_band" if at.observed.direction > 0 else "alert.below_band")
        said = [say("reason.inside", **words_of), say("reason.surplus", side=side, probability=_percent(plan, surplus))]
        return commaed([*said, *([] if at.beyond else [say("reason.confirm")])])
    said = [say("reason.probability", **words_of)]
    if tail := _tail(row["outlook"], probability, plan):
        said.append(say(f"reason.{tail}"))
    if (rise := _rise_tick(at, projection)) is not None:
        said.append(say("reason.rise_tick", probability=_percent(plan, rise)))
    return commaed(said)


def _percent(plan: Plan, probability: float) -> str:
    """A probability in a sentence, never rounded across a cut that decides a word."""
    return chance(probability, [getattr(plan.thresholds, name) for name in CUTS])


def _tail(outlook: str, probability: float, plan: Plan) -> str:
    """What a reader should make of the probability of keeping a target that is met."""
    if outlook == "met_secure":
        return "secure" if probability >= SECURE else ""
    if outlook == "met_slipping":
        return "slipping" if probability >= plan.thresholds.hard else "likely_lost"
    return ""


def _rise_tick(at: Position, projection: Projection | None) -> float | None:
    """For 巩固提高 the second tick: the probability of ending above the baseline, not only holding it."""
    if at.line.reading.kind != "hold_or_rise" or projection is None or projection.reason is not None:
        return None
    above = replace(at.event, low=at.event.low + 10.0**-at.event.digits)
    return float(happens(above, trajectories(at.observed, projection.years, projection.paths)).mean())


def _why(plan: Plan, at: Position, code: str) -> str:
    reading = at.line.reading
    if code == "no_baseline" and plan.outline.base_year in dict(at.observed.doubted):
        code = "baseline_in_error"
    points, key = (0 if at.history is None else len(at.history.years)), code
    if code.startswith("reference_"):
        points = 0 if at.reference is None else len(at.reference.years)
        key = code if f"no_probability.{code}" in catalogue() else "reference_other"
    elif code == "no_common_year" and len(at.beside.years) < plan.thresholds.min_points:
        key, points = "reference_too_few", len(at.beside.years)
    units = [code for code in at.line.described["responsible_units"].split(";") if code]
    missing = years_missing(at.event, at.observed) if at.decidable else []
    return say(
        f"no_probability.{key}",
        unit=translated(plan.units.loc[units[0], "name"]) if units else "",
        base_year=plan.outline.base_year,
        reference=translated(plan.series.loc[reading.reference, "name"]) if reading.reference else "",
        points=points,
        minimum=plan.thresholds.min_points,
        years=words.years_listed(missing),
    )
