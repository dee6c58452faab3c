"""The values of several groups as lines, each named at its end."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.digits import plain
from plananalysis.base.text import say
from plananalysis.figures import svg
from plananalysis.figures.chart import Line, Point, after
from plananalysis.figures.fan import joined

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300.0, 150.0, 36.0, 88.0, 22.0, 20.0
_STYLES = ((svg.INK, "full"), (svg.MEDIAN, "open"), (svg.GREY, "square"), (svg.GOAL, "open"))  # differ in shape, too


def group_chart(
    lines: Sequence[Line], unit: str, decimals: int, alt: str, mark: str = "", total: Line | None = None
) -> str:
    """Lines of up to four groups, 300 × 150 units; ``total`` is drawn broken and without signs."""
    drawn = [*lines, *([total] if total else [])]
    points = [p for line in drawn for p in line.points]
    years = [p.year for p in points]
    low, high = min(p.value for p in points), max(p.value for p in points)
    room = max(4 * 10.0**-decimals - (high - low), 0.0) / 2
    pad = 0.05 * (high - low) + room
    ticks = svg.nice_ticks(max(low - pad, 0.0) if low >= 0 else low - pad, high + pad, 3)
    x = svg.Scale(min(years), max(max(years), min(years) + 4), LEFT, WIDTH - RIGHT)
    y = svg.Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = _axes(ticks, x, y, unit)
    ends: list[tuple[float, str, str]] = []
    for i, line in enumerate(drawn):
        colour, shape = _STYLES[i % len(_STYLES)]
        places = [(x(p.year), y(p.value)) for p in line.points]
        if line is total:
            colour = svg.GREY
            parts.append(svg.path(places, stroke=colour, width=1, dash="3.5 2.5"))
        else:
            parts += joined(list(line.points), lambda p: (x(p.year), y(p.value)), colour, 1.3)
            for p in line.points:
                words = _title(line, p, unit, decimals)
                parts.append(svg.dot(x(p.year), y(p.value), shape, words, colour=colour, size=2))
        if line.points:
            last = line.points[-1]
            ends.append((y(last.value), f"{line.label} {plain(last.value, decimals)}", colour))
    ends.sort(key=lambda end: end[0])
    heights = svg.spread([end[0] + 3.5 for end in ends], 12, TOP + 4, HEIGHT - BOTTOM + 3)
    for place, (_, words, colour) in zip(heights, ends, strict=True):
        size = min(10.5, 10.5 * (RIGHT - 8) / svg.text_width(words, 10.5))
        parts.append(svg.text(WIDTH - RIGHT + 6, place, words, size=size, fill=colour))
    if mark:
        parts.append(svg.text(WIDTH - 4, 11, mark, size=10, anchor="end", fill=svg.GREY))
    return svg.figure(WIDTH, HEIGHT, alt, parts, "groups")


def _axes(ticks: Sequence[float], x: svg.Scale, y: svg.Scale, unit: str) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    places = max((len(f"{t:.6f}".rstrip("0").partition(".")[2]) for t in ticks), default=0)
    parts = []
    for tick in ticks:
        words = f"{tick:,.{places}f}".replace("-", "−")
        size = min(10.5, 10.5 * (LEFT - 6) / svg.text_width(words, 10.5))
        parts.append(svg.line(LEFT, y(tick), right, y(tick), stroke=svg.GRID))
        parts.append(svg.text(LEFT - 5, y(tick) + 3.5, words, size=size, anchor="end", fill=svg.GREY))
    parts.append(svg.text(4, 11, say("figures.axis", unit=unit) if unit else "", size=10.5, fill=svg.GREY))
    parts.append(svg.line(LEFT, bottom, right, bottom, stroke=svg.INK))
    first, last = int(x.low), int(x.high)
    for year in range(first, last + 1):
        parts.append(svg.line(x(year), bottom, x(year), bottom + 3, stroke=svg.INK))
    for year in (first, last):
        parts.append(svg.text(x(year), bottom + 15, str(year), size=10.5, anchor="middle", fill=svg.GREY))
    return parts


def _title(line: Line, p: Point, unit: str, decimals: int) -> str:
    value = say("figures.hover", year=p.year, value=plain(p.value, decimals), unit=after(unit), note="")
    return say("figures.other", place=line.label, value=value)
