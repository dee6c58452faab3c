"""The numbers of one row's verdict: where it stands, whether its target will be met, and what follows; no sentence is built here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from weakref import ref

import numpy as np

from plananalysis.assessments import verdicts
from plananalysis.assessments.sentences import newest
from plananalysis.assessments.targets import (
    YEARLY,
    Event,
    Trajectories,
    Undecidable,
    baseline,
    common_year,
    event,
    happens,
    inside,
    met_now,
    published,
    share,
    trajectories,
    years_missing,
)
from plananalysis.base.text import listed
from plananalysis.observations import History
from plananalysis.plan import Plan, Reading, Thresholds
from plananalysis.projections import OneStep, Projection
from plananalysis.projections.outlook import met_together

Row = dict[str, Any]

_COPIED = (
    "row", "role", "plan", "domain", "number", "sub", "name", "indicator", "unit", "decimals", "direction", "attribute", "rhythm",
)  # fmt: skip
_FROM_DECIDING_PART = (
    "value_question", "value_places", "doubted_year", "doubted_value", "events_years", "pace_since", "value", "value_year", "value_text", "previous_value", "baseline", "baseline_year", "goal", "goal_low", "goal_high", "shortfall", "schedule",
    "task_progress", "time_progress", "required_annual_change", "observed_annual_change", "pace_multiple", "median_target_year",
    "low80_target_year", "high80_target_year", "events", "n_points", "why_no_probability",
)  # fmt: skip
AHEAD = {"median_target_year": 0.5, "low80_target_year": 0.1, "high80_target_year": 0.9}
_HAS_WAY = ("threshold", "about", "within_band", "fall_clearly", "rise_by", "fall_by", "rise_yearly", "fall_yearly")
_BANDS = ("about", "within_band")
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
    columns = zip(
        asked.index.tolist(), asked["responsible_units"].tolist(), *(asked[c].tolist() for c in _COPIED), strict=True
    )
    found = {}
    for series, responsible, *cells in columns:
        reading = plan.reading(series)
        found[series] = PlanRow(
            dict(zip(_COPIED, cells, strict=True))
            | {
                "responsible_units": ";".join(responsible),
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

    Parameters
    ----------
    what
        None when nothing has been observed.
    met
        None when the observed values do not say it.
    year
        The year judged: the newest value's, or the newest that both of two series have; None when there is none.
    band
        For 左右 and bands, ``above`` or ``below`` when the newest value lies outside.
    beyond
        Whether it lies outside on the good side: that is for the leading group to say, and never red.
    held_back
        The newest value reported, when it cannot be true: the verdict rests on the values before it.
    waiting
        Years for which a return waits to be accepted.
    """

    line: PlanRow
    history: History | None
    reference: History | None
    what: Event | Undecidable | None
    met: bool | None
    year: int | None = None
    band: str = ""
    beyond: bool = False
    held_back: tuple[int, float] | None = None
    waiting: tuple[int, ...] = ()

    @property
    def decidable(self) -> bool:
        return isinstance(self.what, Event)

    @property
    def event(self) -> Event:
        """The event, where the target is one."""
        assert isinstance(self.what, Event)
        return self.what

    @property
    def undecided(self) -> Undecidable:
        """Why there is no event, where something was observed and there is none."""
        assert isinstance(self.what, Undecidable)
        return self.what

    @property
    def observed(self) -> History:
        """The history, where something was observed."""
        assert self.history is not None
        return self.history

    @property
    def beside(self) -> History:
        """The history a relative target is measured by, where its event is one."""
        assert self.reference is not None
        return self.reference


def standing(plan: Plan, line: PlanRow, series: str, histories: Mapping[str, History]) -> Position:
    """Where a series stands by its observed values alone."""
    reading, history = line.reading, histories.get(series)
    held_back = None if history is None else history.newest_doubted
    waiting = () if history is None else history.waiting
    if history is None or not len(history.years):
        return Position(line, None, None, None, None, held_back=held_back, waiting=waiting)
    reference = histories.get(reading.reference) if reading.reference else None
    reference = reference if reference is not None and len(reference.years) else None
    base_year, last = plan.outline.base_year, int(history.years[-1])
    asked = (reading, history, base_year, plan.thresholds, reference is not None)
    what = event(*asked, until=plan.outline.target_year)
    if not isinstance(what, Event):
        return Position(line, history, reference, what, None, last, held_back=held_back, waiting=waiting)
    year = common_year(history, reference) if what.statistic == "gap_end" else last
    now: Event | Undecidable | None = what
    if reading.kind in YEARLY:  # so far as the years gone ask for
        now = event(*asked, until=last) if last > base_year else None
    met = met_now(now, history, base_year, reference) if isinstance(now, Event) else None
    band = _outside(what, history) if reading.kind in _BANDS else ""
    beyond = reading.kind == "about" and band == {1: "above", -1: "below"}.get(history.direction)
    met = None if beyond else met
    return Position(line, history, reference, what, met, year, band, beyond, held_back, waiting)


def _outside(what: Event, history: History) -> str:
    """On which side of a band the newest published value lies."""
    value, low, high = (float(published(v, what.digits)) for v in (history.values[-1], what.low, what.high))
    return "above" if value > high else "below" if value < low else ""


class Chance(NamedTuple):
    """The probability of meeting the target, or why there is none, and the target year's quantiles (see :data:`AHEAD`)."""

    probability: float | None
    why_not: str | None
    ahead: tuple[float, ...] = ()
    surplus: float = 0.0  # share of paths that end outside a band of 左右 on the good side


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
    beside, projection = None, projections[at.observed.series]
    if at.event.statistic == "gap_end":
        beside = at.beside, projections[at.beside.series]
    found = chance(at.event, at.observed, projection, beside)
    if found.probability is None or at.line.reading.kind != "about" or projection.reason is not None:
        return found
    return found._replace(surplus=_surplus(at.event, at.observed.direction, projection.paths[:, -1]))


def chance(
    what: Event, history: History, projection: Projection, beside: tuple[History, Projection] | None = None
) -> Chance:
    """Share of a projection's paths on which an event happens; ``beside`` is the series a relative target is measured by."""
    happened = _happened(what, history, projection, beside)
    return Chance(None, happened) if isinstance(happened, str) else Chance(float(happened.mean()), None)


def _happened(
    what: Event, history: History, projection: Projection, beside: tuple[History, Projection] | None
) -> np.ndarray | str:
    """On which paths an event happens, or why there are none."""
    if projection.reason not in (None, "observed"):
        return str(projection.reason)
    if years_missing(what, history):
        return "years_missing"
    if what.statistic == "gap_end":
        assert beside is not None, "a relative target needs the series it is measured by"
        if beside[1].reason not in (None, "observed"):
            return f"reference_{beside[1].reason}"
        return happens(what, _on_axis(history, projection), _on_axis(*beside))
    if what.statistic == "end" and what.steps == "any" and projection.reason is None:
        return inside(what, projection.paths[:, -1])
    return happens(what, _on_axis(history, projection))


def joint(parts: Sequence[Position], projections: Mapping[str, Projection]) -> float:
    """Probability that a row of several parts is met: the share of paths on which each part is; NaN when a part has no paths."""
    found = []
    for at in parts:
        beside = (at.beside, projections[at.beside.series]) if at.event.statistic == "gap_end" else None
        happened = _happened(at.event, at.observed, projections[at.observed.series], beside)
        if isinstance(happened, str):
            return math.nan
        found.append(happened)
    whole = max(map(len, found))  # what has been observed already is one path, the same beside all others
    return float(met_together([np.broadcast_to(h, whole) if len(h) == 1 else h for h in found]).mean())


def _surplus(what: Event, direction: int, ends: np.ndarray) -> float:
    """Share of paths beyond the good end of a band; 0 where neither end is the good one."""
    if not direction:
        return 0.0
    open_side = replace(what, high=math.inf) if direction > 0 else replace(what, low=-math.inf)
    return share(open_side, ends) - share(what, ends)


def _on_axis(history: History, projection: Projection) -> Trajectories:
    if projection.reason == "observed":
        return trajectories(history, np.array([], int), np.empty((0, 0)))
    return trajectories(history, projection.years, projection.paths)


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
        alerts = "" if at.held_back is None else "verify"
        return row | _NOTHING | {"outlook": word, "n_points": 0, "why_no_probability": why, "alerts": alerts}
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
    said = {"steps": unusual, "surprising": surprising[-1] if surprising else 0, "to_verify": at.held_back is not None}
    if not at.decidable:
        word = "needs_judgement" if at.undecided.reason == "no_band" else "no_data"
        flags = _flags(plan, at, None, word, False, "not_applicable", 0, said)
        return row | _NOTHING | {"outlook": word, "why_no_probability": at.undecided.reason, "alerts": flags}
    assert found is not None, "an event has a chance"
    grade = verdicts.evidence_grade(history, plan.as_of, thresholds, at.year)
    return row | {"evidence_grade": grade} | _decided(plan, at, found, word, was_met, base, said)


def _question(at: Position) -> str:
    """What is asked about the newest value: ``error`` when it is not the one judged, ``provisional``, ``explain``, or nothing."""
    if at.held_back is not None:
        return "error"
    return at.observed.question(int(at.observed.years[-1]))


def _year_before(history: History) -> float:
    """The value before the newest, to hold that against; NaN when there is none or it is to be explained."""
    held = len(history.years) > 1 and history.years[-2] not in history.questioned
    return float(history.values[-2]) if held else math.nan


def _flags(
    plan: Plan,
    at: Position,
    probability: float | None,
    word: str,
    was_met: bool,
    schedule_word: str,
    trend: int,
    said: Mapping[str, Any],
) -> str:
    return ";".join(
        verdicts.alerts(
            binding=at.line.described["attribute"] == "binding",
            probability=probability,
            met=at.met,
            was_met=was_met,
            word=word,
            schedule_word=schedule_word,
            trend=trend,
            band=at.band,
            thresholds=plan.thresholds,
            **said,
        )
    )


def _decided(
    plan: Plan,
    at: Position,
    found: Chance,
    word: str,
    was_met: bool,
    base: float | None,
    said: Mapping[str, Any],
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
    timing = verdicts.schedule(
        base if plan_goal is not None else None,
        value,
        plan_goal if plan_goal is not None else math.nan,
        outline.base_year,
        int(history.years[-1]),
        outline.target_year,
        thresholds,
    )
    if at.beyond:  # there is no way back to go
        timing = verdicts.Schedule("not_applicable", math.nan, timing.time)
    held_against = len(history.years) < 2 or history.years[-2] not in history.questioned
    trend = verdicts.improving(history, what) if held_against and not at.beyond else 0
    row: Row = {
        "position": {True: "met", False: "not_met", None: "unknown"}[met],
        "goal": goal if has_number else math.nan,
        "goal_low": what.low if what.statistic == "end" else math.nan,
        "goal_high": what.high if what.statistic == "end" else math.nan,
        "shortfall": abs(goal - value) if has_goal else 0.0 if met else math.nan,
        "outlook": word,
        "probability": math.nan if found.probability is None else found.probability,
        "schedule": timing.word,
        "task_progress": timing.task,
        "time_progress": timing.time,
        "alerts": _flags(plan, at, found.probability, word, was_met, timing.word, trend, said),
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
