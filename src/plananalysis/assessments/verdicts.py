"""The four questions, each answered on its own: position now, outlook, schedule, alerts; and how good the evidence is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plananalysis.assessments.events import Event, published
from plananalysis.checks.cells import by_chance
from plananalysis.observations import History
from plananalysis.plan import Thresholds
from plananalysis.plan.units import CASES, RATES
from plananalysis.projections import OneStep

# worst first; a row of several parts takes its worst part
OUTLOOKS = ("very_hard", "hard", "uncertain", "no_data", "needs_judgement", "met_slipping", "likely", "met_secure")
# in the order a reader should see them
ALERTS = ("both_red", "hard_to_reach", "slipping", "relapse_risk", "above_band", "below_band", "volatile", "verify")
PACE_YEARS = 5
_STEPS = 5  # calendar years whose steps are looked at
_FORECAST = ("very_hard", "hard", "uncertain", "likely")
SECURE = 0.80  # from this probability on a target met is said to be unlikely to be lost


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
    Reaching or losing the target itself always shows at once, and no target is called secure below the cut for it.
    """
    word = outlook(probability, met, thresholds)
    if previous == "met_secure" and word != previous:
        return word
    return previous if previous in _near(probability, met, thresholds) else word


def sways(probability: float, met: bool, thresholds: Thresholds) -> bool:
    """Whether the word for a probability can hang on the edition before."""
    return _near(probability, met, thresholds) != {outlook(probability, met, thresholds)}


def _near(probability: float, met: bool, thresholds: Thresholds) -> set[str]:
    """Words of the probabilities that are ``thresholds.clear_by`` less or more."""
    return {
        outlook(min(max(probability + shift, 0.0), 1.0), met, thresholds)
        for shift in (-thresholds.clear_by, thresholds.clear_by)
    }


def evidence_grade(history: History, as_of: int, thresholds: Thresholds, year: int | None = None) -> str:
    """A to D by number of points, age of the newest one, and number of events behind a rare rate.

    A rare rate whose events nobody counted is graded as one with few: knowing less never betters a grade.

    Parameters
    ----------
    year
        The year judged, when it is not the newest one.
    """
    points, age = len(history.years), as_of - (int(history.years[-1]) if year is None else year)
    if points >= thresholds.grade_a_points and age <= thresholds.grade_fresh_years:
        grade = 0
    elif points >= thresholds.grade_b_points and age <= thresholds.grade_fresh_years:
        grade = 1
    else:
        grade = 2 if age <= 1 + thresholds.grade_fresh_years else 3
    if rare(history) and not recent_events(history, thresholds.pool_years).count >= thresholds.small_events:
        grade += 1
    return "ABCD"[min(grade, 3)]


def rare(history: History) -> bool:
    """Whether the series counts things that happen by chance: a share of seats or places has counts too, but they do not."""
    return history.direction < 0 and history.unit in (*RATES, *CASES)


@dataclass(frozen=True)
class Events:
    """Adverse events of the newest years in which they were counted; ``count`` is NaN when there is none."""

    count: float
    years: tuple[int, ...]


def recent_events(history: History, years: int) -> Events:
    """Adverse events counted in the last ``years`` calendar years up to the newest value, and the years they were counted in."""
    counts = history.values if history.unit in CASES else history.numerators
    window = max(years, history.period)
    known = (history.years > history.years[-1] - window) & ~np.isnan(counts)
    if history.period > 1:  # its years may overlap with those of the value before
        known &= history.years == history.years[-1]
    if not rare(history) or not known.any():
        return Events(math.nan, ())
    return Events(float(counts[known].sum()), tuple(history.years[known].tolist()))


@dataclass(frozen=True)
class Pace:
    """Annual change required from the last value to the goal, and the series' own over its last years, in its unit."""

    required: float
    observed: float
    multiple: float  # required / observed; NaN when the series moves the other way or not at all
    since: float  # the year from which ``observed`` is counted, NaN when there is none


def pace(history: History, goal: float, target_year: int) -> Pace:
    """How fast the series must move against how fast it has moved.

    The observed pace is the mean change over the last ``PACE_YEARS`` years; NaN with a single value.
    """
    years, values = history.years, history.values
    left = target_year - int(years[-1])
    gap = goal - float(values[-1])
    required = gap / left if left > 0 else math.nan
    first = int(np.searchsorted(years, years[-1] - PACE_YEARS))
    two = first < len(years) - 1
    observed = float((values[-1] - values[first]) / (years[-1] - years[first])) if two else math.nan
    helps = observed * required > 0
    return Pace(
        required, observed, required / observed if helps else math.nan, float(years[first]) if two else math.nan
    )


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

    Not applicable without a baseline, or when the baseline was at the goal already. Of a value older than the baseline no time is gone.
    """
    time = max(0.0, (value_year - base_year) / (target_year - base_year))
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


def unusual(history: History, steps: OneStep, level: float) -> np.ndarray:
    """Which of the newest steps fell outside the central range of probability ``level``: 1 for the better, -1 for the worse, 0 inside.

    A series without a good side has no better. What improves more slowly than it was expected to has still improved.

    Only steps of the last five calendar years count, and none that a few events more or less by chance account for, or that
    leads away from a value that is to be explained.
    """
    found = np.zeros(len(steps.years), int)
    found[steps.outside(level)] = -1
    found[steps.years <= history.years[-1] - _STEPS] = 0
    counts = history.values if history.unit in CASES else history.numerators
    for i, year in enumerate(steps.years):
        at = int(np.searchsorted(history.years, year))
        if found[i] and at > 0 and history.direction:
            before, now = published(history.values[at - 1 : at + 1], history.decimals)
            better = (now - before) * history.direction or (1 if steps.ranks[i] > 0.5 else -1) * history.direction
            found[i] = 1 if better > 0 else -1
        if at > 0 and history.years[at - 1] in history.questioned:
            found[i] = 0
        if found[i] and rare(history) and at > 0 and chance_alone(counts[at - 1], counts[at]):
            found[i] = 0
    return found


def chance_alone(before: float, now: float) -> bool:
    """Whether a count moved by one event only, or by no more than chance makes two equal counts differ; no when unknown."""
    return bool(abs(now - before) <= 1) or by_chance(before, now)


def alerts(
    *,
    binding: bool,
    probability: float | None,
    met: bool | None,
    was_met: bool,
    word: str,
    schedule_word: str,
    trend: int,
    steps: Sequence[int],
    surprising: int,
    band: str,
    to_verify: bool,
    thresholds: Thresholds,
) -> tuple[str, ...]:
    """Codes of the alerts that hold, in the order a reader should see them; each has one meaning.

    Parameters
    ----------
    steps
        The newest steps outside their usual range, from :func:`unusual`.
    surprising
        The newest step, when it is outside the range in which it is asked to be verified.
    band
        ``above`` or ``below`` the band of a target, empty inside and for other targets.
    to_verify
        Whether the newest value cannot be true as it was reported.

    Notes
    -----
    ``both_red`` 双红: worse than the way to the target and getting worse. ``slipping`` 退步: met before and no longer, or moved back
    beyond chance. ``relapse_risk`` 回落风险: met, and feared to be lost. ``volatile`` 波动较大: several unusual steps, and not for
    the better alone.
    """
    behind = schedule_word == "behind" or (schedule_word == "not_applicable" and word in ("hard", "very_hard"))
    cut = thresholds.alert_binding if binding else thresholds.alert_anticipatory
    found = {
        "both_red": met is False and behind and trend < 0,
        "hard_to_reach": met is not True and word in _FORECAST and probability is not None and probability < cut,
        "slipping": (was_met and met is False) or (len(steps) > 0 and steps[-1] < 0 and trend < 0),
        "relapse_risk": word == "met_slipping",
        "above_band": band == "above",
        "below_band": band == "below",
        "volatile": sum(s != 0 for s in steps) >= thresholds.volatile_steps and any(s < 0 for s in steps),
        "verify": to_verify or surprising != 0,
    }
    return tuple(code for code in ALERTS if found[code])
