"""The districts of a city beside each other on one indicator: values with what is expected of them, rates with what chance leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.figures import svg


@dataclass(frozen=True)
class DistrictLine:
    """One district: its newest value, the range and median projected for the target year (equal to the value without one), and a title."""

    name: str
    value: float
    low: float
    median: float
    high: float
    title: str


def district_lines(
    rows: Sequence[DistrictLine], goal: float | None, whole: float | None, alt: str, width: float = 760
) -> str:
    """Districts one below the other: a disc at the value, a tick at the median expected, a bar over its range; lines at target and city's value."""
    size, step, head = 11.5, 16.0, 22.0
    left = min(max((svg.text_width(r.name, size) for r in rows), default=0) + 10, width * 0.34)
    reach = [v for r in rows for v in (r.value, r.low, r.high)] + [v for v in (goal, whole) if v is not None]
    low, high = min(reach), max(reach)
    ticks = svg.nice_ticks(low, high if high > low else low + 1, 3 if width < 500 else 6)
    x = svg.Scale(ticks[0], ticks[-1], left + 4, width - 12)
    bottom = head + step * len(rows)
    parts = []
    for tick in ticks:
        parts.append(svg.line(x(tick), head - 4, x(tick), bottom, stroke=svg.GRID))
        parts.append(svg.text(x(tick), head - 8, f"{tick:g}", size=10, anchor="middle", fill=svg.GREY))
    if whole is not None:
        parts.append(svg.line(x(whole), head - 4, x(whole), bottom, stroke=svg.INK, dash="2 3"))
    if goal is not None:
        parts.append(svg.line(x(goal), head - 4, x(goal), bottom, stroke=svg.GOAL, width=1.4))
    at = [(head + step * (i + 0.5), row) for i, row in enumerate(rows)]
    names = [svg.bare(left - 4, y + 4, svg.cut(row.name, left - 6, size)) for y, row in at]
    parts.append(svg.alike(names, size=size, anchor="end"))
    ahead = [(y, row) for y, row in at if row.high > row.low]
    bars = [(x(row.low), y - 2.5, x(row.high) - x(row.low), 5.0) for y, row in ahead]
    parts.append(svg.rects(bars, fill=svg.FAN_INNER))
    parts.append(svg.rects([(x(row.median) - 1, y - 4, 2.0, 8.0) for y, row in ahead], fill=svg.MEDIAN))
    titled = width >= 500  # nobody hovers on a phone
    parts += [svg.dot(x(row.value), y, "full", row.title if titled else "", size=3) for y, row in at]
    return svg.figure(width, bottom + 4, alt, parts, "district-lines")


@dataclass(frozen=True)
class Rate:
    """One district's rate, the people it is of, and the limits of chance about the city's."""

    name: str
    people: float
    rate: float
    low95: float
    high95: float
    low998: float
    high998: float
    outside: bool


def funnel(rows: Sequence[Rate], centre: float, alt: str, width: float = 560) -> str:
    """Rates by number of people, between the limits that chance leaves open; only districts outside the wide limits are named."""
    height, left, bottom, top = 220.0, 46.0, 192.0, 12.0
    ordered = sorted(rows, key=lambda r: r.people)
    high = max([r.rate for r in rows] + [r.high998 for r in rows])
    low = min([r.rate for r in rows] + [r.low998 for r in rows])
    up, across = svg.nice_ticks(low, high if high > low else low + 1), svg.nice_ticks(0, max(r.people for r in rows), 4)
    x, y = svg.Scale(across[0], across[-1], left, width - 26), svg.Scale(up[0], up[-1], bottom, top)
    parts = []
    for tick in up:
        parts.append(svg.line(left, y(tick), width - 10, y(tick), stroke=svg.GRID))
        parts.append(svg.text(left - 5, y(tick) + 4, f"{tick:g}", size=10, anchor="end", fill=svg.GREY))
    for tick in across:
        parts.append(svg.text(x(tick), bottom + 14, f"{tick:,g}", size=10, anchor="middle", fill=svg.GREY))
    for ends, dash in ((("low95", "high95"), "4 3"), (("low998", "high998"), "")):
        for end in ends:
            limit = [(x(r.people), y(getattr(r, end))) for r in ordered]
            parts.append(svg.path(limit, stroke=svg.RULE, width=1, dash=dash))
    parts.append(svg.line(left, y(centre), width - 10, y(centre), stroke=svg.INK))
    for row in ordered:
        colour, shape = (svg.GOAL, "full") if row.outside else (svg.MEDIAN, "open")
        parts.append(svg.dot(x(row.people), y(row.rate), shape, row.name, colour=colour, size=3))
        if row.outside:
            anchor, beside = ("end", -6) if x(row.people) > width * 0.7 else ("start", 6)
            place = x(row.people) + beside, y(row.rate) - 5
            parts.append(svg.text(*place, row.name, size=11, anchor=anchor, halo=True))
    return svg.figure(width, height, alt, parts, "funnel")
