"""Fan charts: what was observed, what the target asks, and the range in which the coming years are expected to lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from plananalysis.base.digits import fixed, plain
from plananalysis.base.text import say
from plananalysis.figures import svg
from plananalysis.figures.chart import Chart, Line, Point, after, ticks, years_shown
from plananalysis.figures.labels import Box, Room, Word, around
from plananalysis.figures.marks import SIGNS_OF_PLACES, measure_sign, place_sign


@dataclass(frozen=True)
class _Frame:
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    small: bool = False


_SIGNS = 16.0  # height of the line of numbered signs
_SMALL = _Frame(300, 150, 36, 88, 22, 20)
_FULL = _Frame(420, 236, 40, 92, 24, 22)
_MINI = _Frame(168, 84, 4, 6, 6, 6, small=True)


def fan_chart(chart: Chart) -> str:
    """The full figure of one series, with axes and labels, 420 × 236 units; numbered measures need a line more above it."""
    frame = _FULL if not chart.measures else replace(_FULL, height=_FULL.height + _SIGNS, top=_FULL.top + _SIGNS)
    return _draw(chart, frame, "fan")


def gap_chart(chart: Chart) -> str:
    """A difference between groups with its projection, 300 × 150 units."""
    return _draw(replace(chart, zero=True), _SMALL, "fan-gap")


def mini_fan(chart: Chart) -> str:
    """The same figure without words, 168 × 84 units, for overviews; its caption carries the numbers."""
    return _draw(replace(chart, comparators=(), measures=()), _MINI, "fan-mini")


def mini_parts(chart: Chart, left: float, top: float) -> Iterator[str]:
    """The pieces of :func:`mini_fan` with its upper left corner at a place, for a drawing of several."""
    wider = replace(_MINI, width=_MINI.width + left, left=_MINI.left + left)
    moved = replace(wider, height=_MINI.height + top, top=_MINI.top + top)
    yield from _parts(replace(chart, comparators=(), measures=()), moved)


def scales(chart: Chart, frame: _Frame = _FULL) -> tuple[svg.Scale, svg.Scale]:
    """How years and values map to paper."""
    first, last = years_shown(chart)
    marks = ticks(chart)
    x = svg.Scale(first, last, frame.left, frame.width - frame.right)
    y = svg.Scale(marks[0], marks[-1], frame.height - frame.bottom, frame.top)
    return x, y


def _draw(chart: Chart, frame: _Frame, css_class: str) -> str:
    return svg.figure(frame.width, frame.height, chart.alt, list(_parts(chart, frame)), css_class)


def _parts(chart: Chart, frame: _Frame) -> Iterator[str]:
    x, y = scales(chart, frame)
    if not frame.small:
        yield from _axes(chart, frame, x, y)
        yield from _signs(chart, frame, x)
    yield from _fan(chart, x, y, frame.small)
    yield from _goal(chart, frame, x, y)
    yield from _others(chart, frame, x, y)
    yield from _history(chart, frame, x, y)
    if chart.required:
        places = [(x(year), y(value)) for year, value in chart.required]
        yield svg.path(places, stroke=svg.GOAL, width=1.1, dash="1 3")
    if not frame.small:
        yield from _labels(chart, frame, x, y)
        if chart.mark:
            yield svg.text(frame.width - 4, 11, chart.mark, size=10, anchor="end", fill=svg.GREY)


def _axes(chart: Chart, frame: _Frame, x: svg.Scale, y: svg.Scale) -> Iterator[str]:
    right, bottom = frame.width - frame.right, frame.height - frame.bottom
    marks = ticks(chart)
    places = max((len(f"{t:.6f}".rstrip("0").partition(".")[2]) for t in marks), default=0)
    grid = "".join(f"M{svg.n(frame.left)} {svg.n(y(tick))}H{svg.n(right)}" for tick in marks)
    yield f'<path d="{grid}" fill="none" stroke="{svg.GRID}"/>'
    for tick in marks:
        words = f"{tick:,.{places}f}".replace("-", "−")
        size = min(10.5, 10.5 * (frame.left - 6) / svg.text_width(words, 10.5))  # long numbers are set smaller
        yield svg.text(frame.left - 5, y(tick) + 3.5, words, size=size, anchor="end", fill=svg.GREY)
    yield svg.text(4, 11, say("figures.axis", unit=chart.unit) if chart.unit else "", size=10.5, fill=svg.GREY)
    yield svg.line(frame.left, bottom, right, bottom, stroke=svg.INK)
    if chart.zero:
        yield svg.line(frame.left, y(0), right, y(0), stroke=svg.INK, width=0.8)
    named = _named_years(chart, x)
    years = range(int(x.low), int(x.high) + 1)
    notches = "".join(f"M{svg.n(x(year))} {svg.n(bottom)}v{5 if year in named else 3}" for year in years)
    yield f'<path d="{notches}" fill="none" stroke="{svg.INK}"/>'
    for year in named:
        yield svg.text(x(year), bottom + 17, str(year), size=10.5, anchor="middle", fill=svg.GREY)


def _named_years(chart: Chart, x: svg.Scale) -> list[int]:
    newest = chart.observed[-1].year if chart.observed else chart.base_year
    wishes = [chart.target_year, newest, chart.base_year, int(x.low), *range(int(x.low), int(x.high), 5)]
    named: list[int] = []
    for year in wishes:
        if x.low <= year <= x.high and all(abs(x(year) - x(other)) >= 30 for other in named):
            named.append(year)
    return sorted(named)


def _goal(chart: Chart, frame: _Frame, x: svg.Scale, y: svg.Scale) -> Iterator[str]:
    """The target over the plan period: a line with barbs on the side that satisfies it, or a hatched band."""
    if chart.goal is None:
        return
    low, high = chart.goal.low, chart.goal.high
    start, end = x(max(chart.base_year, x.low)), x(chart.target_year)
    if low is not None and high is not None:
        box = (start, y(high), end - start, max(y(low) - y(high), 0.6))
        yield svg.hatches([box], step=6 if frame.small else 8, stroke=svg.GOAL, line_width=0.5)
        for border in (low, high):
            yield svg.line(start, y(border), end, y(border), stroke=svg.GOAL, width=1)
        return
    edge, upward = (low, True) if low is not None else (high, False)
    if edge is None:
        return
    yield svg.line(start, y(edge), end, y(edge), stroke=svg.GOAL, width=1.3)
    gap, length = (8, 3) if frame.small else (12, 5)
    barbs = []
    place = start + gap / 2
    while place < end - 1:
        barbs.append(f"M{svg.n(place)} {svg.n(y(edge))}l{svg.n(length * 0.6)} {svg.n(-length if upward else length)}")
        place += gap
    yield f'<path d="{"".join(barbs)}" fill="none" stroke="{svg.GOAL}" stroke-width="0.9"/>'


def _fan(chart: Chart, x: svg.Scale, y: svg.Scale, small: bool) -> Iterator[str]:
    fan = chart.fan
    if fan is None or not fan.years:
        return
    start = [chart.observed[-1]] if chart.observed else []

    def edge(values: tuple[float, ...]) -> list[tuple[float, float]]:
        return [(x(p.year), y(p.value)) for p in start] + [(x(t), y(v)) for t, v in zip(fan.years, values, strict=True)]

    yield svg.area(edge(fan.low80) + edge(fan.high80)[::-1], svg.FAN_OUTER)
    yield svg.area(edge(fan.low50) + edge(fan.high50)[::-1], svg.FAN_INNER)
    for outline in (fan.low80, fan.high80):
        yield svg.path(edge(outline), stroke=svg.RULE, width=0.5)
    yield svg.path(edge(fan.median), stroke=svg.MEDIAN, width=1.2 if small else 1.6, dash="5 2.5")


def _history(chart: Chart, frame: _Frame, x: svg.Scale, y: svg.Scale) -> Iterator[str]:
    def place(p: Point) -> tuple[float, float]:
        return x(p.year), y(p.value)

    size = 1.5 if frame.small else 2.4
    reference = [p for p in chart.reference if p.year >= x.low]
    yield svg.path(map(place, reference), stroke=svg.GREY, width=1, dash="7 2 1 2")
    earlier = [p for p in chart.earlier if p.year >= x.low]
    yield from joined(earlier, place, svg.RULE, 1.0)
    for p in earlier:
        yield svg.dot(*place(p), "full", "" if frame.small else _hover(p, chart), colour=svg.RULE, size=size)
    if earlier and chart.observed:
        seam = _seam(chart, x)
        yield svg.line(seam, frame.top, seam, frame.height - frame.bottom, stroke=svg.GREY, width=0.8, dash="2 2")
    observed = [p for p in chart.observed if p.year >= x.low]
    yield from joined(observed, place, svg.INK, 1.2 if frame.small else 1.7)
    shapes = {"P": "open", "E": "square", "Q": "open"}
    for p in observed[-1:] if frame.small else observed:
        words = "" if frame.small else _hover(p, chart)
        yield svg.dot(*place(p), shapes.get(p.status, "full"), words, size=2 if frame.small else size)


def joined(
    points: list[Point], place: Callable[[Point], tuple[float, float]], stroke: str, width: float
) -> Iterator[str]:
    """Solid between consecutive years, thin and broken across years without a value: nobody observed that stretch."""
    run: list[Point] = []
    for p in points:
        if run and p.year - run[-1].year > 1:
            yield svg.path(map(place, run), stroke=stroke, width=width)
            yield svg.path(map(place, (run[-1], p)), stroke=stroke, width=0.8, dash="2 3")
            run = []
        run.append(p)
    yield svg.path(map(place, run), stroke=stroke, width=width)


def _seam(chart: Chart, x: svg.Scale) -> float:
    """Where one definition ends and the next begins."""
    return x((chart.earlier[-1].year + chart.observed[0].year) / 2)


def _others(chart: Chart, frame: _Frame, x: svg.Scale, y: svg.Scale) -> Iterator[str]:
    """Other places: quiet broken lines, told apart by the signs on them and by their names."""
    for line, sign in zip(chart.comparators, SIGNS_OF_PLACES, strict=False):
        points = [p for p in line.points if p.year >= x.low]
        yield svg.path([(x(p.year), y(p.value)) for p in points], stroke=svg.GREY, width=1, dash="3.5 2.5")
        for p in points:
            words = say("figures.other", place=line.label, value=_hover(p, chart))
            yield place_sign(sign, x(p.year), y(p.value), words)


def _signs(chart: Chart, frame: _Frame, x: svg.Scale) -> Iterator[str]:
    """Numbered signs of measures above the plot, each tied to the year in which it begins."""
    shown = sorted((m for m in chart.measures if x.low <= m.year <= x.high), key=lambda m: (m.year, m.number))
    level, floor = frame.top - 13, frame.height - frame.bottom
    for year in sorted({m.year for m in shown}):
        dash = "2 2.5" if all(m.status == "planned" for m in shown if m.year == year) else ""
        yield svg.line(x(year), frame.top - 4, x(year), floor, stroke=svg.RULE, width=0.7, dash=dash)
    places = svg.spread([x(m.year) for m in shown], 13.5, frame.left + 6, frame.width - 8)
    for measure, place in zip(shown, places, strict=True):
        yield svg.line(place, level + 6, x(measure.year), frame.top - 4, stroke=svg.RULE, width=0.7)
        words = say("figures.measure", title=measure.title, status=say(f"actions.status.{measure.status}"))
        yield measure_sign(measure.number, measure.status, place, level, words)


def _labels(chart: Chart, frame: _Frame, x: svg.Scale, y: svg.Scale) -> Iterator[str]:
    """Words inside the plot where they cover nothing, and words at its right edge, pushed apart so that none covers another."""
    inside, homeless = _inside(chart, frame, x, y)
    yield from inside
    wishes = [(y(line.points[-1].value), line.label, svg.GREY, "") for line in homeless]
    if chart.goal and (edges := chart.goal.edges):
        wishes.append((sum(map(y, edges)) / len(edges), chart.goal.label, svg.GOAL, "bold"))
    if chart.fan and chart.fan.years:
        places = chart.decimals if chart.fan_decimals is None else chart.fan_decimals
        ends = {"high": chart.fan.high80[-1], "median": chart.fan.median[-1], "low": chart.fan.low80[-1]}
        for key, end in ends.items():
            colour = svg.MEDIAN if key == "median" else svg.GREY
            wishes.append((y(end), say(f"figures.{key}", value=fixed(end, places)), colour, ""))
    if chart.reference and chart.reference_label:
        wishes.append((y(chart.reference[-1].value), chart.reference_label, svg.GREY, ""))
    wishes.sort(key=lambda wish: wish[0])
    room = frame.right - 8
    heights = svg.spread([wish[0] + 3.5 for wish in wishes], 13, frame.top + 4, frame.height - frame.bottom)
    for place, (_, words, colour, weight) in zip(heights, wishes, strict=True):
        size = min(10.5, 10.5 * room / svg.text_width(words, 10.5))
        yield svg.text(frame.width - frame.right + 6, place, words, size=size, fill=colour, weight=weight)


def _inside(chart: Chart, frame: _Frame, x: svg.Scale, y: svg.Scale) -> tuple[list[str], list[Line]]:
    """The newest value, the word at a break and the names of other places; and the places for whose names there was no room."""
    plot = Box(frame.left, frame.top, frame.width - frame.right, frame.height - frame.bottom)
    room = Room(plot)
    lines = [[p for p in points if p.year >= x.low] for points in (chart.observed, chart.earlier, chart.reference)]
    others = [[p for p in line.points if p.year >= x.low] for line in chart.comparators]
    for weight, points in ((3.0, lines[0]), (2.0, lines[1]), (1.0, lines[2]), *((1.0, held) for held in others)):
        room.draw([(x(p.year), y(p.value)) for p in points], weight)
    for edge in chart.goal.edges if chart.goal else ():
        room.draw([(x(max(chart.base_year, x.low)), y(edge)), (x(chart.target_year), y(edge))], 2.0)
    if chart.fan and chart.fan.years:
        room.draw([(x(t), y(v)) for t, v in zip(chart.fan.years, chart.fan.median, strict=True)])
    room.draw([(x(year), y(value)) for year, value in chart.required])
    made = []
    if chart.observed:
        last = chart.observed[-1]
        words = plain(last.value, chart.decimals)
        best = room.force(around(x(last.year), y(last.value), words, 11, gap=4.5))
        made.append(svg.text(best.x, best.y, words, size=11, anchor=best.anchor, weight="bold", halo=True))
    earlier = lines[1]
    if earlier and chart.observed:
        words, seam = say("figures.break"), _seam(chart, x)
        rows = [plot.top + 9 + 12 * k for k in range(int((plot.bottom - plot.top) // 12))]
        found = [Word(seam + d, row, a, words, 10) for row in rows for d, a in ((4, "start"), (-4, "end"))]
        best = room.put(found) or room.force(found)
        made.append(svg.text(best.x, best.y, words, size=10, anchor=best.anchor, fill=svg.GREY, halo=True))
    homeless: list[Line] = []
    for line, points in zip(chart.comparators, others, strict=True):
        wanted = [word for p in reversed(points) for word in around(x(p.year), y(p.value), line.label, 10.5)]
        free = room.put(wanted)
        if free is None:
            homeless += [line] if points else []
        else:
            made.append(svg.text(free.x, free.y, line.label, size=10.5, anchor=free.anchor, fill=svg.GREY, halo=True))
    return made, homeless


def _hover(p: Point, chart: Chart) -> str:
    note = say(f"figures.status_{p.status}") if p.status in ("P", "E", "B", "Q") else ""
    return say("figures.hover", year=p.year, value=plain(p.value, chart.decimals), unit=after(chart.unit), note=note)
