"""Owns the table ``assessments``: the verdict on every row of the plan, with the reason for it, and what changed since the last edition.

An edition is assessed together with the editions before it, because a verdict changes only when the probability has
cleared the cut (:func:`verdicts.steady_outlook`); so the result depends on the data alone, not on what was run before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from plananalysis.assessments import sentences as words
from plananalysis.assessments import verdicts
from plananalysis.observations import History
from plananalysis.plan import Plan, Reading
from plananalysis.projections import OneStep, Projection, one_step, project
from plananalysis.targets import (
    Event,
    Trajectories,
    Undecidable,
    baseline,
    event,
    falls_since,
    happens,
    met_now,
    trajectories,
)
from plananalysis.text import say

_HAS_WAY = ("threshold", "about", "within_band", "fall_clearly")


@dataclass(frozen=True)
class Edition:
    """One year's result: what was known, what was projected, and what follows from it."""

    plan: Plan
    histories: Mapping[str, History]
    projections: Mapping[str, Projection]
    assessments: pd.DataFrame  # index series


def assess(
    plan: Plan, histories: Mapping[str, History], previous: Edition | None = None, n_paths: int = 1000
) -> Edition:
    """Assess every row of a plan for one edition.

    Parameters
    ----------
    plan
        The plan as read for the edition.
    histories
        Current segment of each series with observations known by then, by series.
    previous
        The edition before, for steady verdicts and for targets that were met and are no longer.
    n_paths
        Sample paths per series.
    """
    target_year = plan.outline.target_year
    histories = {series: h for series, h in histories.items() if len(h.years)}
    projections = project(
        list(histories.values()),
        target_year,
        edition=f"{plan.area}-{plan.as_of}",
        n_paths=n_paths,
        min_points=plan.thresholds.min_points,
    )
    steps = one_step(list(histories.values()), plan.thresholds.min_points)
    rows: dict[str, dict[str, object]] = {}
    for series in plan.series.index[plan.series["role"].isin(["target", "part"])]:
        rows[series] = _assess_one(plan, series, histories, projections, previous, steps.get(series))
    for series in plan.series.index[plan.series["role"] == "compound"]:
        parts = plan.series.index[(plan.series["row"] == series) & (plan.series["role"] == "part")]
        rows[series] = _assess_compound(plan, series, [rows[p] for p in parts])
    order = [s for s in plan.series.index if s in rows]
    table = pd.DataFrame([{"series": s, **rows[s]} for s in order]).set_index("series")
    return Edition(plan, histories, projections, table)


def _assess_one(
    plan: Plan, series: str, histories, projections, previous: Edition | None, steps: OneStep | None
) -> dict[str, object]:
    row, reading, thresholds = _described(plan, series), plan.reading(series), plan.thresholds
    outline, history = plan.outline, histories.get(series)
    if history is None:
        why = say("no_probability.no_observations", unit=row["lead_unit"])
        word = "needs_judgement" if reading.kind == "keep_reasonable" else "no_data"
        if word == "needs_judgement":
            why = f"{say('no_probability.no_band')}；{why}"
        return (
            row
            | {
                "reading_text": words.reading_text(plan, reading, None),
                "position": "unknown",
                "outlook": word,
                "n_points": 0,
            }
            | _nothing(why, "no_observations")
        )
    reference = histories.get(reading.reference) if reading.reference else None
    what = event(reading, history, outline.base_year, thresholds, reference is not None)
    text = words.reading_text(plan, reading, what)
    base = baseline(history, outline.base_year)
    row |= {
        "reading_text": text,
        "value": float(history.values[-1]),
        "value_year": int(history.years[-1]),
        "value_text": words.number(float(history.values[-1]), history.unit, history.decimals),
        "previous_value": float(history.values[-2]) if len(history.values) > 1 else math.nan,
        "baseline": math.nan if base is None else base,
        "baseline_year": outline.base_year if base is not None else math.nan,
        "n_points": len(history.years),
        "events": verdicts.recent_events(history, thresholds.pool_years),
        "evidence_grade": verdicts.evidence_grade(history, plan.as_of, thresholds),
    }
    volatile = steps is not None and int(steps.outside(thresholds.volatile_level).sum()) >= thresholds.volatile_steps
    outlying = steps is not None and bool(steps.outside(thresholds.outlier_level)[-1:].any())
    if isinstance(what, Undecidable):
        word = "needs_judgement" if what.reason == "no_band" else "no_data"
        why = _why(plan, reading, what.reason, row, history)
        flags = [code for code, on in (("volatile", volatile), ("verify", outlying)) if on]
        return (
            row
            | {"position": "unknown", "outlook": word}
            | _nothing(f"{words.value_clause(history, text, None, math.nan)}。{why}", what.reason)
            | {"alerts": ";".join(flags)}
        )
    return row | _decided(plan, reading, what, history, reference, projections, previous, volatile, outlying, text)


def _decided(
    plan,
    reading: Reading,
    what: Event,
    history: History,
    reference: History | None,
    projections,
    previous,
    volatile: bool,
    outlying: bool,
    text: str,
) -> dict[str, object]:
    """The four questions for a series whose target is an event."""
    series, outline, thresholds = history.series, plan.outline, plan.thresholds
    met = met_now(what, history, outline.base_year, reference)
    value = float(history.values[-1])
    goal = (
        what.goal(value)
        if what.statistic != "gap_end"
        else float(reference.values[-1]) + what.goal(value - float(reference.values[-1]))
    )
    probability, projection, why_not = _probability(what, history, reference, projections)
    before = _before(previous, series)
    was_met = before is not None and before["position"] == "met"
    if probability is None:
        word = "needs_judgement" if why_not in ("census_only", "election_steps") else "no_data"
    elif before is not None and (before["position"] == "met") == met and previous.plan.reading(series) == reading:
        word = verdicts.steady_outlook(probability, met, thresholds, before["outlook"])
    else:
        word = verdicts.outlook(probability, met, thresholds)
    tempo = verdicts.pace(history, goal, outline.target_year)
    base = baseline(history, outline.base_year)
    has_goal = what.steps == "any" and not met
    has_way = has_goal and history.rhythm == "annual"  # between elections or censuses nothing can move
    # 任务进度 needs a distance the plan has fixed; "higher than before" is a step, not a way
    plan_goal = what.goal(base) if base is not None and reading.kind in _HAS_WAY else None
    timing = verdicts.schedule(
        base if plan_goal is not None else None,
        value,
        plan_goal if plan_goal is not None else math.nan,
        outline.base_year,
        int(history.years[-1]),
        outline.target_year,
        thresholds,
    )
    flags = verdicts.alerts(
        binding=plan.series.loc[series, "attribute"] == "binding",
        probability=probability,
        met=met,
        was_met=was_met,
        word=word,
        schedule_word=timing.word,
        trend=verdicts.improving(history, what),
        volatile=volatile,
        outlying=outlying,
        thresholds=thresholds,
    )
    found: dict[str, object] = {
        "position": "met" if met else "not_met",
        "goal": goal if what.steps == "any" else math.nan,
        "goal_low": what.low if what.statistic == "end" else math.nan,
        "goal_high": what.high if what.statistic == "end" else math.nan,
        "shortfall": abs(goal - value) if has_goal else 0.0 if met else math.nan,
        "outlook": word,
        "probability": math.nan if probability is None else probability,
        "schedule": timing.word,
        "task_progress": timing.task,
        "time_progress": timing.time,
        "alerts": ";".join(flags),
        "required_annual_change": tempo.required if has_way else math.nan,
        "observed_annual_change": tempo.observed,
        "pace_multiple": tempo.multiple if has_way else math.nan,
        "why_no_probability": why_not or "",
    }
    if projection is not None and projection.reason is None:
        low, median, high = projection.quantiles([0.1, 0.5, 0.9])[:, -1]
        found |= {"median_target_year": median, "low80_target_year": low, "high80_target_year": high}
    if has_way:
        found |= {
            f"required_{year}": needed
            for year, needed in verdicts.required_values(history, goal, outline.target_year).items()
        }
    rise = _rise_tick(reading, what, history, projection)
    found["reason"] = _reason(plan, reading, what, history, found, text, rise, why_not)
    return found


def _probability(
    what: Event, history: History, reference: History | None, projections
) -> tuple[float | None, Projection | None, str | None]:
    """Share of paths on which the event happens, the projection used, and why there is none."""
    own, projection, why = _on_axis(history, projections)
    if own is None:
        return None, projection, why
    other = None
    if what.statistic == "gap_end":
        other, _, why = _on_axis(reference, projections)
        if other is None:
            return None, projection, why
    return float(happens(what, own, other).mean()), projection, None


def _on_axis(history: History, projections) -> tuple[Trajectories | None, Projection | None, str | None]:
    projection = projections[history.series]
    if projection.reason == "observed":
        return trajectories(history, np.array([], int), np.empty((0, 0))), None, None
    if projection.reason is not None:
        return None, projection, projection.reason
    return trajectories(history, projection.years, projection.paths), projection, None


def _rise_tick(reading: Reading, what: Event, history: History, projection: Projection | None) -> float | None:
    """For 巩固提高 the second tick: the probability of ending above the baseline, not only holding it."""
    if reading.kind != "hold_or_rise" or projection is None or projection.reason is not None:
        return None
    above = replace(what, low=what.low + 10.0**-what.digits)
    return float(happens(above, trajectories(history, projection.years, projection.paths)).mean())


def _assess_compound(plan: Plan, series: str, parts: list[dict[str, object]]) -> dict[str, object]:
    """A row of several measures takes its worst part; a part without a verdict keeps the row from being called good."""
    row = _described(plan, series)
    positions = {p["position"] for p in parts}
    unmet = (
        [p for p in parts if p["position"] != "met"] if "not_met" in positions else parts
    )  # a row not met has no word of a row met
    worst = min(
        unmet,
        key=lambda p: (
            verdicts.OUTLOOKS.index(p["outlook"]),
            1.0 if math.isnan(p["probability"]) else p["probability"],
        ),
    )
    known = [p["probability"] for p in parts if not math.isnan(p["probability"])]
    raised = {code for p in parts for code in p["alerts"].split(";")}
    grades = [p["evidence_grade"] for p in parts if p["evidence_grade"]]
    copied = {
        k: worst.get(k, math.nan)
        for k in ("value", "value_year", "value_text", "previous_value", "baseline", "baseline_year", "goal", "goal_low", "goal_high", "shortfall", "schedule", "task_progress",
                  "time_progress", "required_annual_change", "observed_annual_change", "pace_multiple", "median_target_year", "low80_target_year", "high80_target_year", "events", "n_points", "why_no_probability", "reading_text")
    }  # fmt: skip
    return (
        row
        | copied
        | {k: v for k, v in worst.items() if k.startswith("required_") and k != "required_annual_change"}
        | {
            "position": "not_met" if "not_met" in positions else "unknown" if "unknown" in positions else "met",
            "outlook": worst["outlook"],
            "probability": min(known) if len(known) == len(parts) else math.nan,
            "evidence_grade": max(grades) if grades else "",
            "alerts": ";".join(code for code in verdicts.ALERTS if code in raised),
            "worst_part": worst["name"],
            "reason": say("reason.parts", count=len(parts), worst=worst["name"], reason=worst["reason"]),
        }
    )


def _described(plan: Plan, series: str) -> dict[str, object]:
    about, reading = plan.series.loc[series], plan.reading(series)
    names = [plan.units.loc[u, "name"] for u in about["responsible_units"]]
    copied = (
        "row",
        "role",
        "plan",
        "domain",
        "number",
        "sub",
        "name",
        "indicator",
        "unit",
        "decimals",
        "direction",
        "attribute",
        "rhythm",
    )
    return {k: about[k] for k in copied} | {
        "responsible_units": ";".join(names),
        "lead_unit": names[0] if names else "",
        "target_text": reading.target_text,
        "kind": reading.kind,
        "operator_source": reading.operator_source,
    }


def _nothing(reason: str, code: str) -> dict[str, object]:
    return {
        "probability": math.nan,
        "evidence_grade": "",
        "schedule": "not_applicable",
        "alerts": "",
        "reason": reason.rstrip("。") + "。",
        "why_no_probability": code,
    }


def _before(previous: Edition | None, series: str):
    """The row of the edition before, when that edition belongs to the same outline."""
    if previous is None or series not in previous.assessments.index:
        return None
    return previous.assessments.loc[series]


def _why(plan: Plan, reading: Reading, code: str, row: Mapping[str, object], history: History | None) -> str:
    reference = plan.series.loc[reading.reference, "name"] if reading.reference else ""
    points = 0 if history is None else len(history.years)
    return say(
        f"no_probability.{code}",
        unit=row["lead_unit"],
        base_year=plan.outline.base_year,
        reference=reference,
        points=points,
        minimum=plan.thresholds.min_points,
    )


def _reason(
    plan: Plan,
    reading: Reading,
    what: Event,
    history: History,
    found: Mapping[str, object],
    text: str,
    rise: float | None,
    why_not: str | None,
) -> str:
    met = found["position"] == "met"
    clauses = [words.value_clause(history, text, met, found["shortfall"])]
    if not math.isnan(events := verdicts.recent_events(history, plan.thresholds.pool_years)):
        recent = history.years[-plan.thresholds.pool_years :]
        noun = history.unit if history.unit == "件" else "例"
        clauses.append(say("reason.pooled", first=recent[0], last=recent[-1], events=int(events), noun=noun))
    if what.steps == "no_fall" and (years := falls_since(history, plan.outline.base_year)):
        clauses.append(say("reason.broken", years="、".join(map(str, years))))
    pace = words.pace_clause(
        found["required_annual_change"],
        found["observed_annual_change"],
        found["pace_multiple"],
        history.unit,
        history.decimals,
        verdicts.PACE_YEARS,
    )
    clauses += [pace] if pace else []
    if (age := plan.as_of - int(history.years[-1])) > plan.thresholds.grade_fresh_years:
        clauses.append(say("reason.stale", year=int(history.years[-1]), age=age))
    if why_not:
        clauses.append(_why(plan, reading, why_not, _described(plan, history.series), history))
    elif history.years[-1] >= plan.outline.target_year:
        clauses.append(
            say("reason.decided", target_year=plan.outline.target_year, met=say(f"position.{found['position']}"))
        )
    else:
        chance = say(
            "reason.probability", target_year=plan.outline.target_year, probability=words.chance(found["probability"])
        )
        tail = {"met_secure": say("reason.secure"), "met_slipping": say("reason.slipping")}.get(found["outlook"])
        clauses.append(f"{chance}，{tail}" if tail else chance)
        if rise is not None:
            clauses.append(say("reason.rise_tick", probability=words.chance(rise)))
    return "；".join(clauses) + "。"
