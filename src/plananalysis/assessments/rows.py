"""The numbers of one row's verdict: its outlook, its alerts, its pace, and what decides a row of several parts; no sentence is built here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from plananalysis.assessments import verdicts
from plananalysis.assessments.chances import AHEAD, Chance
from plananalysis.assessments.positions import WORDS, PlanRow, Position, Row
from plananalysis.assessments.sentences import newest
from plananalysis.assessments.targets import baseline
from plananalysis.base.text import listed
from plananalysis.observations import History
from plananalysis.plan import Plan, Thresholds
from plananalysis.projections import OneStep

_FROM_DECIDING_PART = (
    "value_question", "value_places", "doubted_year", "doubted_value", "events_years", "pace_since", "value", "value_year", "value_text", "previous_value", "baseline", "baseline_year", "goal", "goal_low", "goal_high", "shortfall", "schedule",
    "task_progress", "time_progress", "required_annual_change", "observed_annual_change", "pace_multiple", "median_target_year",
    "low80_target_year", "high80_target_year", "events", "n_points", "why_no_probability",
)  # fmt: skip

_HAS_WAY = ("threshold", "about", "within_band", "fall_clearly", "rise_by", "fall_by", "rise_yearly", "fall_yearly")


_NOTHING: Row = {
    "probability": math.nan, "evidence_grade": "", "position": "unknown", "schedule": "not_applicable", "alerts": "",
}  # fmt: skip


class Before(NamedTuple):
    """What the edition before said of a series; ``met`` is None when it could not say."""

    met: bool | None
    outlook: str | None
    same_reading: bool


def outlook(at: Position, found: Chance, before: Before | None, plan: Plan) -> str:
    """The one word; kept from the edition before until the probability clears the cut.

    Where the newest value cannot be true, the word before it stands.
    """
    if at.held_back is not None and before is not None and before.same_reading and before.outlook:
        return before.outlook
    if found.probability is None:
        return "needs_judgement" if (found.why_not or "").endswith(("census_only", "election_steps")) else "no_data"
    likely = plan.thresholds.likely
    if at.beyond or (found.probability < likely <= found.probability + found.surplus):
        return "needs_judgement"  # what is feared, or is so, is more than the plan asks for
    if before is not None and remembers(at, before):
        return verdicts.steady_outlook(found.probability, bool(at.met), plan.thresholds, before.outlook)
    return verdicts.outlook(found.probability, bool(at.met), plan.thresholds)


def remembers(at: Position, before: Before | None) -> bool:
    """Whether the word of the edition before still counts: the same target, and neither reached nor lost since."""
    return before is not None and before.met == at.met and before.same_reading


def judged(plan: Plan, at: Position, found: Chance | None, word: str, was_met: bool, steps: OneStep | None) -> Row:
    """All numbers and codes of one series' verdict.

    Parameters
    ----------
    found
        None where the target is no event that could happen.
    word
        The outlook, from :func:`outlook`; not asked for where ``found`` is None.
    """
    row, thresholds = dict(at.line.described), plan.thresholds
    if at.held_back is not None:
        row |= {"doubted_year": at.held_back[0], "doubted_value": at.held_back[1]}
    if at.history is None:
        word = "needs_judgement" if at.line.reading.kind == "keep_reasonable" else "no_data"
        why = "in_error" if at.held_back is not None else "pending" if at.waiting else "no_observations"
        flag = "" if at.held_back is None else "verify"
        return row | _NOTHING | {"outlook": word, "n_points": 0, "why_no_probability": why, "alerts": flag}
    history, base_year = at.history, plan.outline.base_year
    base = baseline(history, base_year)
    events = verdicts.recent_events(history, thresholds.pool_years)
    row |= {
        "value": float(history.values[-1]),
        "value_year": int(history.years[-1]),
        "value_text": newest(history),
        "value_question": _question(at),
        "value_places": history.newest_places,
        "previous_value": _year_before(history),
        "baseline": math.nan if base is None else base,
        "baseline_year": base_year if base is not None else math.nan,
        "n_points": len(history.years),
        "events": events.count,
        "events_years": ";".join(map(str, events.years)),
    }
    unusual = [] if steps is None else verdicts.unusual(history, steps, thresholds.volatile_level).tolist()
    surprising = [] if steps is None else verdicts.unusual(history, steps, thresholds.outlier_level).tolist()
    alerts = partial(
        verdicts.alerts,
        binding=at.line.described["attribute"] == "binding",
        met=at.met,
        steps=unusual,
        surprising=surprising[-1] if surprising else 0,
        band=at.band,
        to_verify=at.held_back is not None,
        thresholds=thresholds,
    )
    if not at.decidable:
        word = "needs_judgement" if at.undecided.reason == "no_band" else "no_data"
        raised = alerts(probability=None, word=word, was_met=False, schedule_word="not_applicable", trend=0)
        why = at.undecided.reason
        return row | _NOTHING | {"outlook": word, "why_no_probability": why, "alerts": ";".join(raised)}
    assert found is not None, "an event has a chance"
    grade = verdicts.evidence_grade(history, plan.as_of, thresholds, at.year)
    return row | {"evidence_grade": grade} | _decided(plan, at, found, word, base, partial(alerts, was_met=was_met))


def _question(at: Position) -> str:
    """What is asked about the newest value: ``error`` when it is not the one judged, ``provisional``, ``explain``, or nothing."""
    if at.held_back is not None:
        return "error"
    return at.observed.question(int(at.observed.years[-1]))


def _year_before(history: History) -> float:
    """The value before the newest, to hold that against; NaN when there is none or it is to be explained."""
    held = len(history.years) > 1 and history.years[-2] not in history.questioned
    return float(history.values[-2]) if held else math.nan


def _decided(
    plan: Plan,
    at: Position,
    found: Chance,
    word: str,
    base: float | None,
    alerts: Callable[..., Sequence[str]],
) -> Row:
    """The four questions for a series whose target is an event."""
    history, what, met, outline, thresholds = at.observed, at.event, at.met, plan.outline, plan.thresholds
    compared = what.statistic == "gap_end" and at.year is not None
    value = float(history.values[history.years == at.year][0]) if compared else float(history.values[-1])
    other = float(at.beside.values[at.beside.years == at.year][0]) if compared else 0.0
    goal = other + what.goal(value - other) if compared or what.statistic != "gap_end" else math.nan
    tempo = verdicts.pace(history, goal, outline.target_year)
    has_number = what.steps == "any" and what.statistic not in ("chained", "mean_growth")
    has_goal = has_number and met is False
    has_way = has_goal and history.rhythm == "annual"  # between elections or censuses nothing can move
    # 任务进度 needs a distance the plan has fixed; "higher than before" is a step, not a way
    plan_goal = what.goal(base) if base is not None and at.line.reading.kind in _HAS_WAY else None
    years = outline.base_year, int(history.years[-1]), outline.target_year
    way = (None, math.nan) if plan_goal is None else (base, plan_goal)
    timing = verdicts.schedule(way[0], value, way[1], *years, thresholds)
    if at.beyond:  # there is no way back to go
        timing = verdicts.Schedule("not_applicable", math.nan, timing.time)
    held_against = len(history.years) < 2 or history.years[-2] not in history.questioned
    trend = verdicts.improving(history, what) if held_against and not at.beyond else 0
    raised = alerts(probability=found.probability, word=word, schedule_word=timing.word, trend=trend)
    row: Row = {
        "position": WORDS[met],
        "goal": goal if has_number else math.nan,
        "goal_low": what.low if what.statistic == "end" else math.nan,
        "goal_high": what.high if what.statistic == "end" else math.nan,
        "shortfall": abs(goal - value) if has_goal else 0.0 if met else math.nan,
        "outlook": word,
        "probability": math.nan if found.probability is None else found.probability,
        "schedule": timing.word,
        "task_progress": timing.task,
        "time_progress": timing.time,
        "alerts": ";".join(raised),
        "required_annual_change": tempo.required if has_way else math.nan,
        "observed_annual_change": tempo.observed,
        "pace_multiple": tempo.multiple if has_way else math.nan,
        "pace_since": tempo.since,
        "why_no_probability": found.why_not or "",
    }
    row |= zip(AHEAD, found.ahead, strict=False)  # empty where nothing was projected
    if has_way:
        needed = verdicts.required_values(history, goal, outline.target_year)
        row |= {f"required_{year}": value for year, value in needed.items()}
    return row


def deciding(by_part: Mapping[str, Row]) -> str | None:
    """The part from which a row takes its verdict: the one alone at the bottom; None when no part stands below the others."""

    def place(part: Row) -> tuple[int, float]:
        probability = part["probability"]
        return verdicts.OUTLOOKS.index(part["outlook"]), 1.0 if math.isnan(probability) else probability

    known = all(not math.isnan(p["probability"]) for p in by_part.values())
    keys = {code: (place(p)[1], place(p)[0]) if known else place(p) for code, p in by_part.items()}
    lowest = min(keys.values())
    found = [code for code, key in keys.items() if key == lowest]
    told = {(by_part[code]["position"], by_part[code]["why_no_probability"]) for code in found}
    unknown = known is False and all(math.isnan(by_part[code]["probability"]) for code in found)
    return None if len(found) > 1 and (unknown or len(told) > 1) else found[0]


def compound(
    line: PlanRow, by_part: Mapping[str, Row], word: str | None, probability: float, thresholds: Thresholds
) -> tuple[Row, str | None]:
    """A row of several parts and the part it takes its verdict from, if one decides.

    Parameters
    ----------
    word
        The outlook that fits the row's probability; None when it has none, and the row takes the gravest word of its parts:
        a part without a verdict keeps the row from being called good.
    probability
        That every part is met, from :func:`joint`; NaN when it is not known.
    """
    parts = list(by_part.values())
    positions = {p["position"] for p in parts}
    code = deciding(by_part)
    shown = by_part[code] if code is not None else {}
    grades = [p["evidence_grade"] for p in parts if p["evidence_grade"]]
    raised = {alert for p in parts for alert in p["alerts"].split(";")}
    cut = thresholds.alert_binding if line.described["attribute"] == "binding" else thresholds.alert_anticipatory
    if positions != {"met"} and probability < cut:  # together parts may be hard to reach of which none is by itself
        raised.add("hard_to_reach")
    if word == "met_slipping":
        raised.add("relapse_risk")
    gravest = min((p["outlook"] for p in parts), key=verdicts.OUTLOOKS.index)
    row = (
        dict(line.described)
        | {k: shown.get(k, math.nan) for k in _FROM_DECIDING_PART}
        | {k: v for k, v in shown.items() if k.startswith("required_")}
        | {
            "position": "not_met" if "not_met" in positions else "unknown" if "unknown" in positions else "met",
            "outlook": word or gravest,
            "probability": probability,
            "evidence_grade": max(grades) if grades else "",
            "alerts": ";".join(alert for alert in verdicts.ALERTS if alert in raised),
            "worst_part": code or "",
        }
    )
    if code is None:
        silent = {p["why_no_probability"] for p in parts}
        row |= {
            "schedule": "not_applicable",
            "value_text": listed.told(t for p in parts if (t := p.get("value_text"))),
            "n_points": min(p["n_points"] for p in parts),
            "why_no_probability": silent.pop() if len(silent) == 1 else "judged_by_parts",
        }
    return row, code
