"""Wording of one assessment, put together from the catalogue so that it cannot contradict the table; sayable in every language."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plananalysis.assessments.events import Event, published
from plananalysis.assessments.targets import Undecidable
from plananalysis.assessments.verdicts import Pace
from plananalysis.base import text as telling
from plananalysis.observations import History
from plananalysis.plan import Plan, Reading
from plananalysis.plan.units import AMOUNTS
from plananalysis.render import cuts, quantities

aside, joined, listed, say, span, translated = (
    said.told for said in (telling.aside, telling.joined, telling.listed, telling.say, telling.span, telling.translated)
)
difference, number, threshold = (said.told for said in (quantities.difference, quantities.number, cuts.threshold))


def newest(history: History) -> str:
    """The newest value as it was published, marked where it is to be explained."""
    shown = number(float(history.values[-1]), history.unit, history.decimals, history.newest_places)
    asked = history.question(int(history.years[-1]))
    return joined([shown, say(f"questioned.{asked}")]) if asked else shown


def newest_year(history: History) -> str:
    """The year of the newest value, or the years it is for."""
    year = int(history.years[-1])
    return str(year) if history.period == 1 else span(year - history.period + 1, year)


def way(unit: str, direction: int, change: float) -> str:
    """Which way a change went: counts increase and decrease, what is to be kept low goes up and down, the rest rises and falls.

    >>> way("件", -1, 3), way("‰", -1, -0.2), way("%", 1, 0.4)
    ('增加', '下降', '提高')
    """
    kind = "amount" if unit in (*AMOUNTS, "小时") else "bad" if direction < 0 else "good"
    return say(f"went.{kind}_{'up' if change > 0 else 'down'}")


def years_listed(years: Sequence[int]) -> str:
    """Years as an office writes them: a run as 2023—2025, others one by one."""
    if len(years) > 1 and years[-1] - years[0] == len(years) - 1:
        return span(years[0], years[-1])
    return listed(map(str, years))


def reading_text(plan: Plan, reading: Reading, what: Event | Undecidable | None) -> str:
    """How the target is read, in words, with the tolerance or limit that applies."""
    row, thresholds, base_year = plan.series.loc[reading.series], plan.thresholds, plan.outline.base_year
    unit, decimals = row["unit"], int(row["decimals"])
    kind = reading.kind
    if kind == "threshold":
        if reading.operator == ">=" and reading.value == row["upper"]:
            key = "ceiling"
        else:
            key = {">=": "at_least", ">": "above", "<=": "at_most", "<": "below"}[reading.operator]
            kept_low = int(row["direction"]) < 0 and "/" not in reading.value_text
            key = f"keep_{key}" if kept_low and key in ("at_most", "below") else key
        return joined([say(f"reading.{key}", value=_printed(reading, unit, decimals)), _milestones(reading, unit)])
    if kind in ("about", "within_band", "toward_band"):
        spread = thresholds.about_tolerance
        around = kind == "about"
        low = reading.amount - spread if around else reading.least
        high = reading.amount + spread if around else reading.most
        value = "" if reading.value is None else number(reading.value, unit, 0)
        places = 0 if low == int(low) and high == int(high) else decimals
        return say(
            f"reading.{kind}",
            value=value,
            low=number(low, unit, places),
            high=number(high, unit, places),
            base_year=base_year,
        )
    if kind == "relative":
        key = "relative_about" if reading.operator == "~" else "relative_at_least"
        name = translated(plan.series.loc[reading.reference, "name"])
        return say(f"reading.{key}", reference=name, tolerance=difference(thresholds.relative_tolerance, unit, 0))
    if kind in ("rise", "fall") and isinstance(what, Event) and what.at_bound:
        return say(
            "reading.hold_bound",
            base_year=base_year,
            value=number(what.low if kind == "rise" else what.high, unit, decimals),
        )
    if kind == "under_control" and isinstance(what, Event):
        return say("reading.under_control_limit", value=number(what.high, unit, decimals))
    if kind in ("rise_by", "fall_by"):
        size = difference(reading.amount, unit, _places(reading.value_text))
        return say(f"reading.{kind}", base_year=base_year, size=size)
    if kind in ("rise_yearly", "fall_yearly"):
        return say(f"reading.{kind}", base_year=base_year, size=difference(reading.least, unit, max(decimals, 2)))
    if kind.startswith("cumulative") or kind == "growth":
        size = number(reading.amount, "%", _places(reading.value_text))
        key = "growth_above" if kind == "growth" and reading.operator == ">" else kind
        return say(f"reading.{key}", base_year=base_year, target_year=plan.outline.target_year, size=size)
    if kind == "each_year":
        key = {">=": "at_least", ">": "above", "<=": "keep_at_most", "<": "keep_below"}[reading.operator]
        return say(
            "reading.each_year",
            first=base_year + 1,
            level=say(f"reading.{key}", value=_printed(reading, unit, decimals)),
        )
    return say(f"reading.{kind}", base_year=base_year, share=threshold("marked_decrease", thresholds.marked_decrease))


def _places(text: str) -> int:
    return len(text.partition(".")[2])


def _printed(reading: Reading, unit: str, decimals: int) -> str:
    """The target's number; a ratio beside what it is in the unit its values are printed in."""
    if "/" in reading.value_text:
        return joined([reading.value_text.replace("/", ":"), aside(number(reading.amount, unit, decimals))])
    return as_printed(reading.value_text, unit)


def as_printed(text: str, unit: str) -> str:
    """A number of the plan with the digits it is printed with."""
    return number(float(text), unit, _places(text), _places(text))


def _milestones(reading: Reading, unit: str) -> str:
    steps = [say("reading.milestone", year=y, value=as_printed(v, unit)) for y, v in reading.milestones]
    return aside(listed(steps)) if steps else ""


def pace_clause(history: History, tempo: Pace, promising: bool) -> str:
    """What each remaining year must bring, against what the years before brought; empty when nothing measurable is needed.

    Parameters
    ----------
    promising
        Whether the target is likely to be met: otherwise a pace that would do is said with a but.
    """
    unit, required, observed = history.unit, tempo.required, tempo.observed
    places = (
        history.decimals + 1 if history.decimals < 2 else history.decimals
    )  # a yearly share of a gap is finer than the value
    if math.isnan(required) or published(required, places) == 0:
        return ""
    words = {"need": way(unit, history.direction, required), "required": difference(required, unit, places)}
    if math.isnan(observed):
        return say("reason.pace_alone", **words)
    words["years"] = span(int(tempo.since), int(history.years[-1]))
    if published(observed, places) == 0:
        return say("reason.pace_flat", **words)
    words |= {"went": way(unit, history.direction, observed), "observed": difference(observed, unit, places)}
    if math.isnan(tempo.multiple):
        return say("reason.pace_other", **words)
    if tempo.multiple > 1.05:
        return say("reason.pace_same", **words, multiple=f"{tempo.multiple:.1f}")
    return say("reason.pace_enough" if promising else "reason.pace_enough_but", **words)


def value_clause(history: History, reading: str, met: bool | None, gap: float, strict: bool = False) -> str:
    """Where the series stands, with the distance to the target where there is one.

    Parameters
    ----------
    strict
        Whether the distance is one to the nearest acceptable value, not to the number of the plan.
    """
    year, value = newest_year(history), newest(history)
    words = {"year": year, "value": value, "reading": reading}
    if met is None:
        return say("reason.value_unknown" if reading else "reason.value_only", **words)
    if met:
        return say("reason.value_met", **words)
    if math.isnan(gap) or published(gap, history.decimals) == 0:
        return say("reason.value_not_met_plain", **words)
    size = difference(gap, history.unit, history.decimals, history.newest_places)
    return say("reason.value_not_met_strict" if strict else "reason.value_not_met", **words, gap=size)
