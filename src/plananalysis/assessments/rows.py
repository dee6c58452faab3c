"""The numbers of one row's verdict: where it stands, whether its target will be met, and what follows; no sentence is built here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from weakref import ref

import numpy as np

from plananalysis.assessments import verdicts
from plananalysis.assessments.targets import (
    Event,
    Trajectories,
    Undecidable,
    baseline,
    event,
    happens,
    met_now,
    share,
    trajectories,
)
from plananalysis.observations import History
from plananalysis.plan import Plan, Reading
from plananalysis.projections import OneStep, Projection
from plananalysis.render.quantities import number

Row = dict[str, object]

_COPIED = (
    "row", "role", "plan", "domain", "number", "sub", "name", "indicator", "unit", "decimals", "direction", "attribute", "rhythm",
)  # fmt: skip
_FROM_WORST_PART = (
    "value", "value_year", "value_text", "previous_value", "baseline", "baseline_year", "goal", "goal_low", "goal_high", "shortfall", "schedule",
    "task_progress", "time_progress", "required_annual_change", "observed_annual_change", "pace_multiple", "median_target_year",
    "low80_target_year", "high80_target_year", "events", "n_points", "why_no_probability",
)  # fmt: skip
AHEAD = {"median_target_year": 0.5, "low80_target_year": 0.1, "high80_target_year": 0.9}
_HAS_WAY = ("threshold", "about", "within_band", "fall_clearly")
_NOTHING: Row = {
    "probability": math.nan, "evidence_grade": "", "position": "unknown", "schedule": "not_applicable", "alerts": "",
}  # fmt: skip


@dataclass(frozen=True)
class PlanRow:
    """One row or part of the plan with its reading in force."""

    described: Row
    reading: Reading

    @property
    def role(self) -> str:
        return self.described["role"]


_lines: dict[tuple[int, int], tuple[ref, ref, dict[str, PlanRow]]] = {}


def lines(plan: Plan) -> dict[str, PlanRow]:
    """Everything of the plan that asks for a verdict, in printed order; made once for all areas that share a plan's tables."""
    key = id(plan.series), id(plan.targets)
    held = _lines.get(key)
    if held is None or held[0]() is not plan.series or held[1]() is not plan.targets:
        held = ref(plan.series, lambda _: _lines.pop(key, None)), ref(plan.targets), _read_lines(plan)
        _lines[key] = held
    return held[2]


def parts_of(of: Mapping[str, PlanRow], row: str) -> list[str]:
    """Codes of a compound row's parts, in order."""
    return [s for s, line in of.items() if line.role == "part" and line.described["row"] == row]


def _read_lines(plan: Plan) -> dict[str, PlanRow]:
    asked = plan.series[plan.series["role"] != "reference"]
    units = plan.units["name"].to_dict()
    columns = zip(
        asked.index.tolist(), asked["responsible_units"].tolist(), *(asked[c].tolist() for c in _COPIED), strict=True
    )
    found = {}
    for series, responsible, *cells in columns:
        reading, names = plan.reading(series), [units[u] for u in responsible]
        found[series] = PlanRow(
            dict(zip(_COPIED, cells, strict=True))
            | {
                "responsible_units": ";".join(names),
                "lead_unit": names[0] if names else "",
                "target_text": reading.target_text,
                "kind": reading.kind,
                "operator_source": reading.operator_source,
            },
            reading,
        )
    return found


@dataclass(frozen=True, eq=False)
class Position:
    """One series against its target, before anything is projected.

    ``what`` is None, and ``met`` False, when nothing has been observed.
    """

    line: PlanRow
    history: History | None
    reference: History | None
    what: Event | Undecidable | None
    met: bool

    @property
    def decidable(self) -> bool:
        return isinstance(self.what, Event)


def standing(plan: Plan, line: PlanRow, series: str, histories: Mapping[str, History]) -> Position:
    """Where a series stands by its observed values alone."""
    reading, history = line.reading, histories.get(series)
    if history is None:
        return Position(line, None, None, None, False)
    reference = histories.get(reading.reference) if reading.reference else None
    base_year = plan.outline.base_year
    what = event(reading, history, base_year, plan.thresholds, reference is not None)
    met = isinstance(what, Event) and met_now(what, history, base_year, reference)
    return Position(line, history, reference, what, met)


class Chance(NamedTuple):
    """The probability of meeting the target, or why there is none, and the target year's quantiles (see :data:`AHEAD`)."""

    probability: float | None
    why_not: str | None
    ahead: tuple[float, ...] = ()


def chances(asked: Mapping[str, Position], projections: Mapping[str, Projection]) -> dict[str, Chance]:
    """Chances of series whose target is an event; ``projections`` holds theirs and those of the series they are measured by."""
    found = {series: _chance(at, projections) for series, at in asked.items()}
    paths = [(series, projections[series].paths[:, -1]) for series in found if projections[series].reason is None]
    if paths:
        levels = np.quantile(np.stack([ends for _, ends in paths]), list(AHEAD.values()), axis=1).T
        for (series, _), cells in zip(paths, levels.tolist(), strict=True):
            found[series] = found[series]._replace(ahead=tuple(cells))
    return found


def _chance(at: Position, projections: Mapping[str, Projection]) -> Chance:
    """Share of the paths on which the target's event happens."""
    beside = None
    if at.what.statistic == "gap_end":
        beside = at.reference, projections[at.reference.series]
    return chance(at.what, at.history, projections[at.history.series], beside)


def chance(
    what: Event, history: History, projection: Projection, beside: tuple[History, Projection] | None = None
) -> Chance:
    """Share of a projection's paths on which an event happens; ``beside`` is the series a relative target is measured by."""
    if projection.reason not in (None, "observed"):
        return Chance(None, projection.reason)
    if what.statistic == "gap_end":
        if beside[1].reason not in (None, "observed"):
            return Chance(None, beside[1].reason)
        happened = happens(what, _on_axis(history, projection), _on_axis(*beside))
    elif what.statistic == "end" and what.steps == "any" and projection.reason is None:
        return Chance(share(what, projection.paths[:, -1]), None)
    else:
        happened = happens(what, _on_axis(history, projection))
    return Chance(float(happened.mean()), None)


def _on_axis(history: History, projection: Projection) -> Trajectories:
    if projection.reason == "observed":
        return trajectories(history, np.array([], int), np.empty((0, 0)))
    return trajectories(history, projection.years, projection.paths)


class Before(NamedTuple):
    """What the edition before said of a series."""

    met: bool
    outlook: str | None
    same_reading: bool


def outlook(at: Position, found: Chance, before: Before | None, plan: Plan) -> str:
    """The one word; kept from the edition before until the probability clears the cut."""
    if found.probability is None:
        return "needs_judgement" if found.why_not in ("census_only", "election_steps") else "no_data"
    if remembers(at, before):
        return verdicts.steady_outlook(found.probability, at.met, plan.thresholds, before.outlook)
    return verdicts.outlook(found.probability, at.met, plan.thresholds)


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
    if at.history is None:
        word = "needs_judgement" if at.line.reading.kind == "keep_reasonable" else "no_data"
        return row | _NOTHING | {"outlook": word, "n_points": 0, "why_no_probability": "no_observations"}
    history, base_year = at.history, plan.outline.base_year
    base = baseline(history, base_year)
    row |= {
        "value": float(history.values[-1]),
        "value_year": int(history.years[-1]),
        "value_text": number(float(history.values[-1]), history.unit, history.decimals),
        "previous_value": float(history.values[-2]) if len(history.values) > 1 else math.nan,
        "baseline": math.nan if base is None else base,
        "baseline_year": base_year if base is not None else math.nan,
        "n_points": len(history.years),
        "events": verdicts.recent_events(history, thresholds.pool_years),
    }
    volatile = steps is not None and int(steps.outside(thresholds.volatile_level).sum()) >= thresholds.volatile_steps
    outlying = steps is not None and bool(steps.outside(thresholds.outlier_level)[-1:].any())
    if not at.decidable:
        word = "needs_judgement" if at.what.reason == "no_band" else "no_data"
        flags = [code for code, on in (("volatile", volatile), ("verify", outlying)) if on]
        return row | _NOTHING | {"outlook": word, "why_no_probability": at.what.reason, "alerts": ";".join(flags)}
    return (
        row
        | {"evidence_grade": verdicts.evidence_grade(history, plan.as_of, thresholds)}
        | _decided(plan, at, found, word, was_met, base, volatile, outlying)
    )


def _decided(
    plan: Plan,
    at: Position,
    found: Chance,
    word: str,
    was_met: bool,
    base: float | None,
    volatile: bool,
    outlying: bool,
) -> Row:
    """The four questions for a series whose target is an event."""
    history, what, met, outline, thresholds = at.history, at.what, at.met, plan.outline, plan.thresholds
    value = float(history.values[-1])
    other = float(at.reference.values[-1]) if what.statistic == "gap_end" else 0.0
    goal = other + what.goal(value - other)
    tempo = verdicts.pace(history, goal, outline.target_year)
    has_goal = what.steps == "any" and not met
    has_way = has_goal and history.rhythm == "annual"  # between elections or censuses nothing can move
    # 任务进度 needs a distance the plan has fixed; "higher than before" is a step, not a way
    plan_goal = what.goal(base) if base is not None and at.line.reading.kind in _HAS_WAY else None
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
        binding=at.line.described["attribute"] == "binding",
        probability=found.probability,
        met=met,
        was_met=was_met,
        word=word,
        schedule_word=timing.word,
        trend=verdicts.improving(history, what),
        volatile=volatile,
        outlying=outlying,
        thresholds=thresholds,
    )
    row: Row = {
        "position": "met" if met else "not_met",
        "goal": goal if what.steps == "any" else math.nan,
        "goal_low": what.low if what.statistic == "end" else math.nan,
        "goal_high": what.high if what.statistic == "end" else math.nan,
        "shortfall": abs(goal - value) if has_goal else 0.0 if met else math.nan,
        "outlook": word,
        "probability": math.nan if found.probability is None else found.probability,
        "schedule": timing.word,
        "task_progress": timing.task,
        "time_progress": timing.time,
        "alerts": ";".join(flags),
        "required_annual_change": tempo.required if has_way else math.nan,
        "observed_annual_change": tempo.observed,
        "pace_multiple": tempo.multiple if has_way else math.nan,
        "why_no_probability": found.why_not or "",
    }
    row |= zip(AHEAD, found.ahead, strict=False)  # empty where nothing was projected
    if has_way:
        needed = verdicts.required_values(history, goal, outline.target_year)
        row |= {f"required_{year}": value for year, value in needed.items()}
    return row


def compound(line: PlanRow, by_part: Mapping[str, Row]) -> tuple[Row, str]:
    """A row of several measures and the part it takes its verdict from: its worst.

    A part without a verdict keeps the row from being called good, and a row not met has no word of a row met.
    """
    parts = list(by_part.values())
    positions = {p["position"] for p in parts}
    unmet = [p for p in parts if p["position"] != "met"] if "not_met" in positions else parts
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
    row = (
        dict(line.described)
        | {k: worst.get(k, math.nan) for k in _FROM_WORST_PART}
        | {k: v for k, v in worst.items() if k.startswith("required_")}
        | {
            "position": "not_met" if "not_met" in positions else "unknown" if "unknown" in positions else "met",
            "outlook": worst["outlook"],
            "probability": min(known) if len(known) == len(parts) else math.nan,
            "evidence_grade": max(grades) if grades else "",
            "alerts": ";".join(code for code in verdicts.ALERTS if code in raised),
            "worst_part": worst["name"],
        }
    )
    return row, next(code for code, part in by_part.items() if part is worst)
