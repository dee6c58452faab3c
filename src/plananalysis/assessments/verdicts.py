"""The four questions, each answered on its own: position now, outlook, schedule, alerts; and how good the evidence is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plananalysis.assessments.targets import Event, published
from plananalysis.observations import History
from plananalysis.plan import Thresholds
from plananalysis.plan.units import CASES, RATES

# worst first; a row of several parts takes its worst part
OUTLOOKS = ("very_hard", "hard", "uncertain", "no_data", "needs_judgement", "met_slipping", "likely", "met_secure")
ALERTS = ("both_red", "hard_to_reach", "slipping", "volatile", "verify")  # in the order a reader should see them
PACE_YEARS = 5


def outlook(probability: float, met: bool, thresholds: Thresholds) -> str:
    """The one word for a probability of meeting the target.

    >>> from plananalysis.plan.thresholds import national
    >>> outlook(0.66, False, national()), outlook(0.3299, False, national()), outlook(0.5, True, national())
    ('likely', 'hard', 'met_slipping')
    """
    if met:
        return "met_secure" if probability >= thresholds.likely else "met_slipping"
    if probability >= thresholds.likely:
        return "likely"
    if probability >= thresholds.hard:
        return "uncertain"
    return "hard" if probability >= thresholds.very_hard else "very_hard"


def steady_outlook(probability: float, met: bool, thresholds: Thresholds, previous: str | None) -> str:
    """The word for a probability, kept as in the previous edition until P clears the cut between them.

    A verdict that flips with every new value is not believed; so a change needs ``thresholds.clear_by`` beyond the cut.
    Reaching or losing the target itself always shows at once.
    """
    return previous if previous in _near(probability, met, thresholds) else outlook(probability, met, thresholds)


def sways(probability: float, met: bool, thresholds: Thresholds) -> bool:
    """Whether the word for a probability can hang on the edition before."""
    return _near(probability, met, thresholds) != {outlook(probability, met, thresholds)}


def _near(probability: float, met: bool, thresholds: Thresholds) -> set[str]:
    """Words of the probabilities that are ``thresholds.clear_by`` less or more."""
    return {
        outlook(min(max(probability + shift, 0.0), 1.0), met, thresholds)
        for shift in (-thresholds.clear_by, thresholds.clear_by)
    }


def evidence_grade(history: History, as_of: int, thresholds: Thresholds) -> str:
    """A to D by number of points, age of the newest one, and number of events behind a rare rate."""
    points, age = len(history.years), as_of - int(history.years[-1])
    if points >= thresholds.grade_a_points and age <= thresholds.grade_fresh_years:
        grade = 0
    elif points >= thresholds.grade_b_points and age <= thresholds.grade_fresh_years:
        grade = 1
    else:
        grade = 2 if age <= 1 + thresholds.grade_fresh_years else 3
    events = recent_events(history, thresholds.pool_years)
    if not math.isnan(events) and events < thresholds.small_events:
        grade += 1
    return "ABCD"[min(grade, 3)]


def recent_events(history: History, years: int) -> float:
    """Adverse events counted in the last ``years`` observed years; NaN where a count is unknown or the series counts no such events.

    A share of seats or places has counts too, but they are not events that happen by chance.
    """
    if history.direction >= 0 or history.unit not in (*RATES, *CASES):
        return math.nan
    return float(np.sum(history.numerators[-years:]))


@dataclass(frozen=True)
class Pace:
    """Annual change required from the last value to the goal, and the series' own over its last years, in its unit."""

    required: float
    observed: float
    multiple: float  # required / observed; NaN when the series moves the other way or not at all


def pace(history: History, goal: float, target_year: int) -> Pace:
    """How fast the series must move against how fast it has moved.

    The observed pace is the mean change over the last ``PACE_YEARS`` years; NaN with a single value.
    """
    years, values = history.years, history.values
    left = target_year - int(years[-1])
    gap = goal - float(values[-1])
    required = gap / left if left > 0 else math.nan
    first = int(np.searchsorted(years, years[-1] - PACE_YEARS))
    observed = float((values[-1] - values[first]) / (years[-1] - years[first])) if first < len(years) - 1 else math.nan
    helps = observed * required > 0
    return Pace(required, observed, required / observed if helps else math.nan)


def required_values(history: History, goal: float, target_year: int) -> dict[int, float]:
    """The value to be reached in each remaining year on a straight way from the last value to the goal."""
    start, value = int(history.years[-1]), float(history.values[-1])
    return {
        year: value + (goal - value) * (year - start) / (target_year - start)
        for year in range(start + 1, target_year + 1)
    }


@dataclass(frozen=True)
class Schedule:
    """任务进度 against 时间进度, shares of the way from base to goal; descriptive, no forecast."""

    word: str
    task: float
    time: float


def schedule(
    base: float | None,
    value: float,
    goal: float,
    base_year: int,
    value_year: int,
    target_year: int,
    thresholds: Thresholds,
) -> Schedule:
    """Compare the share of the way gone with the share of the time gone.

    Not applicable without a baseline, or when the baseline was at the goal already.
    """
    time = (value_year - base_year) / (target_year - base_year)
    if base is None or math.isclose(base, goal, abs_tol=1e-9) or value_year <= base_year:
        return Schedule("not_applicable", math.nan, time)
    task = (value - base) / (goal - base)
    if abs(task - time) <= thresholds.schedule_margin + 1e-9:
        return Schedule("on", task, time)
    return Schedule("ahead" if task > time else "behind", task, time)


def improving(history: History, what: Event) -> int:
    """Sign of the newest change seen from the goal: 1 nearer, -1 away from it (or worse than before though met), 0 unchanged."""
    if len(history.values) < 2:
        return 0
    before, now = (int(v) for v in published(history.values[-2:], history.decimals))
    if before == now:
        return 0
    if math.isinf(what.high) and not math.isinf(what.low):
        return 1 if now > before else -1
    if math.isinf(what.low) and not math.isinf(what.high):
        return 1 if now < before else -1
    distances = [abs(v - what.goal(v)) for v in history.values[-2:]]
    return int(np.sign(distances[0] - distances[1]))


def alerts(
    *,
    binding: bool,
    probability: float | None,
    met: bool,
    was_met: bool,
    word: str,
    schedule_word: str,
    trend: int,
    volatile: bool,
    outlying: bool,
    thresholds: Thresholds,
) -> tuple[str, ...]:
    """Codes of the alerts that hold, in the order a reader should see them.

    ``both_red`` is 双红: worse than the way to the target and getting worse.
    """
    found = []
    behind = schedule_word == "behind" or (schedule_word == "not_applicable" and word in ("hard", "very_hard"))
    if not met and behind and trend < 0:
        found.append("both_red")
    if (
        probability is not None
        and not met
        and probability < (thresholds.alert_binding if binding else thresholds.alert_anticipatory)
    ):
        found.append("hard_to_reach")
    if (was_met and not met) or word == "met_slipping":
        found.append("slipping")
    if volatile:
        found.append("volatile")
    if outlying:
        found.append("verify")
    return tuple(found)
