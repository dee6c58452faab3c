"""Puts the verdicts of an edition in words: how each target is read, the value, and the reason, in the language spoken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from plananalysis.assessments import sentences as words
from plananalysis.assessments import verdicts
from plananalysis.assessments.rows import Position, Row, parts_of
from plananalysis.assessments.targets import Event, falls_since, happens, trajectories
from plananalysis.assessments.years import Year
from plananalysis.base.text import listed, say, sentence, sentences
from plananalysis.plan import Plan
from plananalysis.projections import Projection
from plananalysis.render.quantities import CUTS, chance

NO_WORDS: Row = {"reading_text": "", "reason": ""}


def put_in_words(year: Year, found: Mapping[str, Row], worst: Mapping[str, str]) -> None:
    """Add ``reading_text`` and ``reason`` to every row.

    Parameters
    ----------
    found
        The verdicts by series; changed in place.
    worst
        The part that decides each compound row.
    """
    for series in year.leaves():
        at = year.standing(series)
        projection = year.projections.get(series)
        found[series].update(_words(year.plan, at, found[series], projection))
    for series, part in worst.items():
        row, decides = found[series], found[part]
        count = len(parts_of(year.lines, series))
        row["reading_text"] = decides["reading_text"]
        row["reason"] = say("reason.parts", count=count, worst=decides["name"], reason=decides["reason"])


def _words(plan: Plan, at: Position, row: Row, projection: Projection | None) -> Row:
    reading, history = at.line.reading, at.history
    text = words.reading_text(plan, reading, at.what)
    if history is None:
        why = _why(plan, at, "no_observations")
        clauses = [_why(plan, at, "no_band"), why] if row["outlook"] == "needs_judgement" else [why]
        return {"reading_text": text, "reason": sentence(*clauses)}
    told: Row = {"reading_text": text}
    if not at.decidable:
        standing = words.value_clause(history, text, None, math.nan)
        return told | {"reason": sentences(sentence(standing), sentence(_why(plan, at, at.what.reason)))}
    return told | {"reason": sentence(*_clauses(plan, at, row, text, projection))}


def _clauses(plan: Plan, at: Position, row: Row, text: str, projection: Projection | None) -> list[str]:
    """The reason of a verdict on an event, clause by clause."""
    history, what, thresholds, target_year = at.history, at.what, plan.thresholds, plan.outline.target_year
    cuts = [getattr(thresholds, name) for name in CUTS]
    clauses = [words.value_clause(history, text, at.met, row["shortfall"])]
    if not math.isnan(row["events"]):
        recent = history.years[-thresholds.pool_years :]
        noun = say("reason.item" if history.unit == "件" else "reason.case")
        clauses.append(say("reason.pooled", first=recent[0], last=recent[-1], events=int(row["events"]), noun=noun))
    if what.steps == "no_fall" and (years := falls_since(history, plan.outline.base_year)):
        clauses.append(say("reason.broken", years=listed(map(str, years))))
    pace = words.pace_clause(
        row["required_annual_change"],
        row["observed_annual_change"],
        row["pace_multiple"],
        history.unit,
        history.decimals,
        verdicts.PACE_YEARS,
    )
    clauses += [pace] if pace else []
    if (age := plan.as_of - int(history.years[-1])) > thresholds.grade_fresh_years:
        clauses.append(say("reason.stale", year=int(history.years[-1]), age=age))
    if row["why_no_probability"]:
        clauses.append(_why(plan, at, row["why_no_probability"]))
    elif history.years[-1] >= target_year:
        clauses.append(say("reason.decided", target_year=target_year, met=say(f"position.{row['position']}")))
    else:
        stated = say("reason.probability", target_year=target_year, probability=chance(row["probability"], cuts))
        tail = {"met_secure": "reason.secure", "met_slipping": "reason.slipping"}.get(row["outlook"])
        clauses.append(stated + say("joint.comma") + say(tail) if tail else stated)
        if (rise := _rise_tick(at, projection)) is not None:
            clauses.append(say("reason.rise_tick", probability=chance(rise, cuts)))
    return clauses


def _rise_tick(at: Position, projection: Projection | None) -> float | None:
    """For 巩固提高 the second tick: the probability of ending above the baseline, not only holding it."""
    if at.line.reading.kind != "hold_or_rise" or projection is None or projection.reason is not None:
        return None
    above: Event = replace(at.what, low=at.what.low + 10.0**-at.what.digits)
    return float(happens(above, trajectories(at.history, projection.years, projection.paths)).mean())


def _why(plan: Plan, at: Position, code: str) -> str:
    reference = at.line.reading.reference
    return say(
        f"no_probability.{code}",
        unit=at.line.described["lead_unit"],
        base_year=plan.outline.base_year,
        reference=plan.series.loc[reference, "name"] if reference else "",
        points=0 if at.history is None else len(at.history.years),
        minimum=plan.thresholds.min_points,
    )
