"""From an edition's tables to the figures of one series."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plananalysis.base.digits import fixed
from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.chart import Chart, Fan, Goal, Point
from plananalysis.pages.rows import in_one
from plananalysis.plan.units import unit_name
from plananalysis.render.quantities import number

_QUANTILES = ("q10", "q25", "q50", "q75", "q90")


def chart_of(edition: Published, row: Record) -> Chart | None:
    """The figure of a measured row or part; None when no value was ever observed."""
    code = row.text("series")
    earlier, observed = segments(edition, code)
    if not observed:
        return None
    about = edition.series.get(code, row)
    reference = about.text("reference")
    return Chart(
        unit=unit_name(row.text("unit")),
        decimals=row.whole("decimals") or 0,
        observed=observed,
        earlier=earlier,
        base_year=edition.base_year,
        target_year=edition.target_year,
        alt=alt_sentence(edition, row, observed),
        fan=fan_of(edition, code),
        goal=goal_of(edition, row),
        required=required_path(row, edition),
        reference=segments(edition, reference)[1] if reference else (),
        reference_label=say("pages.reference_label") if reference else "",
        lower=about.number("lower"),
        upper=about.number("upper"),
        mark=edition.mark,
        fan_decimals=fan_decimals(row),
    )


def fan_decimals(row: Record) -> int:
    """Decimals worth printing of a projection: three figures of the width of its range, never finer than published."""
    decimals = row.whole("decimals") or 0
    low, high = row.number("low80_target_year"), row.number("high80_target_year")
    if low is None or high is None or high <= low:
        return decimals
    return min(decimals, max(0, 2 - math.floor(math.log10(high - low))))


def segments(edition: Published, series: str) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Observed points before and since the last break: a status B or another definition starts a new segment."""
    rows = edition.values_of(series)
    if not rows:
        return (), ()
    definition = rows[-1].text("definition")
    breaks = [r.whole("year") for r in rows if "B" in r.text("status") and r.text("definition") == definition]
    start = max((y for y in breaks if y is not None), default=-math.inf)
    now: dict[int, Point] = {}
    before: dict[int, Point] = {}
    for r in rows:
        year = r.whole("year")
        if year is None:
            continue
        held = now if r.text("definition") == definition and year >= start else before
        held[year] = Point(year, float(r.number("value") or 0.0), _sign(r))
    return tuple(before[y] for y in sorted(before)), tuple(now[y] for y in sorted(now))


def _sign(observation: Record) -> str:
    """What a figure marks a value with: that it is asked about (Q), else its status; of two marks the one beside the break."""
    status = observation.text("status") or "A"
    return "Q" if observation.text("question") else status[-1]


def fan_of(edition: Published, series: str) -> Fan | None:
    return fan_from(edition.projected.get(series, []))


def fan_from(rows: Sequence[Record]) -> Fan | None:
    """The fan of projected years, ascending; None for none."""
    if not rows:
        return None
    bands = [tuple(float(r.number(q) or 0.0) for r in rows) for q in _QUANTILES]
    return Fan(tuple(int(r.whole("year") or 0) for r in rows), *bands)


def goal_bounds(edition: Published, row: Record) -> tuple[float | None, float | None]:
    """Acceptable values in the target year; None where open or where the target is not one about a single value."""
    low, high = row.number("goal_low"), row.number("goal_high")
    about = edition.series.get(row.text("series"))
    if low is None and high is None and about is not None:  # nothing was judged yet: what the plan itself prints
        if about.text("kind") == "toward_band":
            low, high = about.number("low"), about.number("high")
        elif about.text("kind") == "threshold":
            ends = about.number("value"), None
            low, high = ends if about.text("operator") in (">=", ">") else ends[::-1]
    return (None if low is None or math.isinf(low) else low), (None if high is None or math.isinf(high) else high)


def goal_of(edition: Published, row: Record) -> Goal | None:
    """The target as it is drawn: a bound, or a band, with a short label in figures."""
    low, high = goal_bounds(edition, row)
    if low is None and high is None:
        return None
    about = edition.series.get(row.text("series"), row)
    kind, decimals = row.text("kind"), row.whole("decimals") or 0
    if kind == "threshold" and about.number("value") is not None:
        bound, operator = float(about.number("value") or 0.0), about.text("operator")
        sign = {">=": "≥", "<=": "≤"}.get(operator, operator)
        printed = about.text("value_text").replace("/", ":") or _short(bound)  # 2/3 is printed 2:3
        label = say("pages.goal", target=f"{sign}{printed}")
        return Goal(bound, None, label) if sign in ("≥", ">") else Goal(None, bound, label)
    if kind == "about" and about.number("value") is not None:
        return Goal(low, high, say("pages.goal_about", target=_short(about.number("value"))))
    if kind == "toward_band":
        return Goal(low, high, say("pages.goal_normal", low=_short(low), high=_short(high)))
    if low is not None and high is not None:
        return Goal(low, high, say("pages.goal_band", low=_short(low), high=_short(high)))
    sign, edge = ("≥", low) if low is not None else ("≤", high)
    return Goal(low, high, say("pages.goal", target=f"{sign}{fixed(edge or 0.0, decimals)}"))


def _short(edge: float | None) -> str:
    return "" if edge is None else f"{edge:g}"


def required_path(row: Record, edition: Published) -> tuple[tuple[int, float], ...]:
    """Newest value, then the value each remaining year must show on a straight way to the goal."""
    needed = required_values(row, edition)
    year, value = row.whole("value_year"), row.number("value")
    if not needed or year is None or value is None:
        return ()
    return ((year, value), *needed)


def required_values(row: Record, edition: Published) -> tuple[tuple[int, float], ...]:
    years = range(edition.base_year, edition.target_year + 1)
    return tuple((y, v) for y in years if (v := row.number(f"required_{y}")) is not None)


def alt_sentence(edition: Published, row: Record, observed: tuple[Point, ...]) -> str:
    """What the figure shows, in one sentence with the numbers."""
    unit, decimals = row.text("unit"), row.whole("decimals") or 0

    def n(value: float | None) -> str:
        return "" if value is None else number(value, unit, decimals)

    values, year = [p.value for p in observed], edition.target_year
    about = {"name": row.text("name"), "first": observed[0].year, "last": observed[-1].year}
    about |= {"low": n(min(values)), "high": n(max(values)), "newest": n(values[-1])}
    history = say("pages.alt_history" if len(observed) > 1 else "pages.alt_single", **about)
    goal = say("pages.alt_goal", year=year, target=row.text("reading_text") or row.text("target_text"))
    ends = {name: n(row.number(f"{name}_target_year")) for name in ("median", "low80", "high80")}
    ahead = {"median": ends["median"], "low": ends["low80"], "high": ends["high80"]}
    fan = say("pages.alt_fan", year=year, **ahead) if ends["median"] else say("pages.alt_no_fan")
    return in_one(history, goal, fan)
