"""Wording of one assessment, put together from the catalogue so that it cannot contradict the table."""

from __future__ import annotations

import math

from plananalysis.assessments.targets import Event, Undecidable, published
from plananalysis.base.text import say
from plananalysis.observations import History
from plananalysis.plan import Plan, Reading
from plananalysis.render.quantities import difference, number, threshold


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
        text = reading.value_text if "/" in reading.value_text else None
        shown = (
            text.replace("/", ":") if text else number(reading.value, unit, len(reading.value_text.partition(".")[2]))
        )
        return say(f"reading.{key}", value=shown)
    if kind in ("about", "within_band", "toward_band"):
        spread = thresholds.about_tolerance
        low, high = (reading.value - spread, reading.value + spread) if kind == "about" else (reading.low, reading.high)
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
        name = plan.series.loc[reading.reference, "name"]
        return say(f"reading.{key}", reference=name, tolerance=difference(thresholds.relative_tolerance, unit, 0))
    if kind in ("rise", "fall") and isinstance(what, Event) and what.at_bound:
        return say(
            "reading.hold_bound",
            base_year=base_year,
            value=number(what.low if kind == "rise" else what.high, unit, decimals),
        )
    if kind == "under_control" and isinstance(what, Event):
        return say("reading.under_control_limit", value=number(what.high, unit, decimals))
    return say(f"reading.{kind}", base_year=base_year, share=threshold("marked_decrease", thresholds.marked_decrease))


def pace_clause(required: float, observed: float, multiple: float, unit: str, decimals: int, years: int) -> str:
    """What each remaining year must bring, against what the last years brought; empty when nothing measurable is needed."""
    places = decimals + 1 if decimals < 2 else decimals  # a yearly share of a gap is finer than the value itself
    if math.isnan(required) or published(required, places) == 0:
        return ""
    need = say("went.up") if required > 0 else say("went.down")
    size = difference(required, unit, places)
    if math.isnan(observed):
        return say("reason.pace_alone", need=need, required=size)
    if published(observed, places) == 0:
        return say("reason.pace_flat", need=need, required=size, years=years)
    went = say("went.up") if observed > 0 else say("went.down")
    key = "pace_other" if math.isnan(multiple) else "pace_same" if multiple >= 0.1 else "pace_slight"
    text = f"{multiple:.1f}" if not math.isnan(multiple) else ""
    return say(
        f"reason.{key}",
        need=need,
        required=size,
        years=years,
        went=went,
        observed=difference(observed, unit, places),
        multiple=text,
    )


def value_clause(history: History, reading: str, met: bool | None, gap: float) -> str:
    """Where the series stands, with the distance to the target where there is one."""
    year, value = int(history.years[-1]), number(float(history.values[-1]), history.unit, history.decimals)
    if met is None:
        return say("reason.value_only", year=year, value=value)
    if met:
        return say("reason.value_met", year=year, value=value, reading=reading)
    if math.isnan(gap) or published(gap, history.decimals) == 0:
        return say("reason.value_not_met_plain", year=year, value=value, reading=reading)
    return say(
        "reason.value_not_met",
        year=year,
        value=value,
        reading=reading,
        gap=difference(gap, history.unit, history.decimals),
    )
