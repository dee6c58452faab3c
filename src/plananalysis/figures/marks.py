"""Outlooks, places and measures as shapes: each differs in outline and filling, so that the words survive a grey photocopy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from plananalysis.base.text import say
from plananalysis.figures import svg

OUTLOOKS = ("met_secure", "met_slipping", "likely", "uncertain", "hard", "very_hard", "needs_judgement", "no_data")
ASSESSABLE = OUTLOOKS[:6]

_BLUE, _MID, _PALE, _WARM, _RED = "#1f4a5c", "#84a9b6", "#e4dfd2", "#c77d4f", "#8c2a1b"
_FILLS: Mapping[str, tuple[str, Sequence[tuple[str, float, bool, float]]]] = {
    "met_secure": (_BLUE, []),
    "met_slipping": (svg.PAPER, [(_BLUE, 5.0, True, 1.6)]),
    "likely": (_MID, []),
    "uncertain": (_PALE, []),
    "hard": (svg.PAPER, [(_WARM, 4.0, False, 2.2)]),
    "very_hard": (_RED, [(svg.PAPER, 5.0, False, 0.9), (svg.PAPER, 5.0, True, 0.9)]),
    "needs_judgement": (svg.PAPER, [(svg.RULE, 9.0, True, 0.7)]),
    "no_data": (svg.PAPER, []),
}


def swatch(outlook: str, x: float, y: float, width: float, height: float) -> str:
    """A rectangle filled the way ``outlook`` is filled everywhere."""
    return swatches(outlook, [(x, y, width, height)])


def swatches(outlook: str, boxes: Sequence[svg.Box]) -> str:
    """Rectangles filled the way ``outlook`` is filled everywhere, in as few shapes as one of them takes."""
    fill, lines = _FILLS[outlook]
    parts = svg.rects(boxes, fill=fill)
    for stroke, step, rising, line_width in lines:
        parts += svg.hatches(boxes, step=step, stroke=stroke, rising=rising, line_width=line_width)
    edge = svg.RULE if outlook in ("no_data", "needs_judgement", "uncertain") else svg.INK
    return parts + svg.rects(boxes, stroke=edge)


def key(outlook: str) -> str:
    """The swatch of an outlook to stand before its word."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="key" viewBox="0 0 18 12" width="18" height="12" aria-hidden="true">{swatch(outlook, 0.5, 0.5, 17, 11)}</svg>'


def mark(outlook: str) -> str:
    """A 12-unit sign for tables: disc for reached, triangle up for likely, lozenge for open, triangle down for hard."""
    shapes = {
        "met_secure": f'<circle cx="6" cy="6" r="4.6" fill="{_BLUE}"/>',
        "met_slipping": f'<circle cx="6" cy="6" r="4.2" fill="{svg.PAPER}" stroke="{_BLUE}" stroke-width="1.2"/><path d="M1.8 6A4.2 4.2 0 0 0 10.2 6Z" fill="{_BLUE}"/>',
        "likely": '<path d="M6 1.6L11 10.4H1Z" fill="#4f7f8f"/>',
        "uncertain": f'<path d="M6 1L11 6L6 11L1 6Z" fill="{_PALE}" stroke="{svg.GREY}" stroke-width="1"/>',
        "hard": f'<path d="M1.4 2H10.6L6 10Z" fill="{svg.PAPER}" stroke="{_RED}" stroke-width="1.5"/>',
        "very_hard": f'<path d="M0.8 1.4H11.2L6 11Z" fill="{_RED}"/>',
        "needs_judgement": f'<rect x="1.8" y="1.8" width="8.4" height="8.4" fill="{svg.PAPER}" stroke="{svg.GREY}" stroke-width="1.1"/><path d="M3.5 6H8.5M6 3.5V8.5" stroke="{svg.GREY}" stroke-width="1.1"/>',
        "no_data": f'<path d="M1.5 6H10.5" stroke="{svg.RULE}" stroke-width="1.6"/>',
    }
    return sign(shapes[outlook])


def sign(markup: str, size: int = 12) -> str:
    """A small drawing to stand before the word that says the same."""
    box = f'viewBox="0 0 {size} {size}" width="{size}" height="{size}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="mark" {box} aria-hidden="true">{markup}</svg>'


def pieces(counts: Mapping[str, int], at: Callable[[float], float]) -> Iterator[tuple[str, int, float, float]]:
    """Each outlook that occurs with its count and the ends of its piece of a bar; ``at`` is where so many rows end."""
    done = 0
    for outlook in OUTLOOKS:
        if count := counts.get(outlook, 0):
            yield outlook, count, at(done), at(done + count)
            done += count


def outlook_bar(counts: Mapping[str, int], alt: str, width: float = 720) -> str:
    """All rows of the plan as one bar, ``width`` × 68 units; a bracket marks the ones whose outlook can be stated."""
    height, top, deep = 68.0, 23.0, 26.0
    total = sum(counts.get(o, 0) for o in OUTLOOKS)
    x = svg.Scale(0, max(total, 1), 1, width - 1)
    parts: list[str] = []
    for outlook, count, left, right in pieces(counts, x):
        parts.append(swatch(outlook, left, top, right - left, deep))
        number = f"{count:,}"
        if right - left >= svg.text_width(number, 13) + 2:
            place = ((left + right) / 2, top + deep + 15)
            parts.append(svg.text(*place, number, size=13, anchor="middle", weight="bold"))
    assessable = sum(counts.get(o, 0) for o in ASSESSABLE)
    able, rest = f"{assessable:,}", f"{total - assessable:,}"
    parts += _bracket(x(0), x(assessable), top - 4, say("figures.assessable", count=able), width)
    parts += _bracket(x(assessable), x(total), top - 4, say("figures.not_assessable", count=rest), width)
    return svg.figure(width, height, alt, parts, "outlook-bar")


def outlook_boxes(counts: Mapping[str, int], alt: str, each: float = 9) -> str:
    """A few rows as a strip of equal boxes, ``each`` units wide, at most twelve boxes' width."""
    total, high = max(sum(counts.get(o, 0) for o in OUTLOOKS), 1), 12.0
    wide = min(each, 12 * each / total)
    drawn = pieces(counts, lambda done: 0.5 + done * wide)
    parts = [swatch(outlook, left, 0.5, count * wide, high - 1) for outlook, count, left, _ in drawn]
    return svg.figure(total * wide + 1, high, alt, parts, "outlook-strip")


def _bracket(left: float, right: float, y: float, words: str, width: float) -> list[str]:
    if right - left < 1:
        return []
    left, right = left + 1, right - 1
    places = [(left, y), (left, y - 4), (right, y - 4), (right, y)]
    half = svg.text_width(words, 12.5) / 2
    centre = min(max((left + right) / 2, half + 1), width - half - 1)
    return [
        svg.path(places, stroke=svg.GREY, width=0.8),
        svg.text(centre, y - 7.5, words, size=12.5, anchor="middle", fill=svg.GREY, halo=True),
    ]


def reliability(bins: Sequence[tuple[float, float, int]], alt: str) -> str:
    """Stated probability against how often it came true, 300 × 290 units; ``bins`` are (stated, came true, cases)."""
    left, top, side = 46.0, 14.0, 230.0
    x, y = svg.Scale(0, 1, left, left + side), svg.Scale(0, 1, top + side, top)
    parts = [svg.line(x(0), y(0), x(1), y(1), stroke=svg.GREY, width=0.8, dash="4 3")]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(svg.line(x(0), y(tick), x(1), y(tick), stroke=svg.GRID))
        parts.append(svg.text(left - 5, y(tick) + 3.5, f"{tick:.0%}", size=10.5, anchor="end", fill=svg.GREY))
        parts.append(svg.text(x(tick), top + side + 15, f"{tick:.0%}", size=10.5, anchor="middle", fill=svg.GREY))
    parts.append(svg.line(x(0), y(0), x(1), y(0), stroke=svg.INK))
    parts.append(svg.path([(x(stated), y(seen)) for stated, seen, _ in bins], stroke=svg.MEDIAN, width=1.2))
    for stated, seen, cases in bins:
        told = say("figures.bin", stated=f"{stated:.0%}", seen=f"{seen:.0%}", cases=f"{cases:,}")
        parts.append(svg.dot(x(stated), y(seen), "full", told, colour=svg.MEDIAN, size=3))
    below = left + side / 2, top + side + 31
    parts.append(svg.text(*below, say("figures.stated"), size=10.5, anchor="middle", fill=svg.GREY))
    parts.append(svg.text(4, 11, say("figures.came_true"), size=10.5, fill=svg.GREY))
    return svg.figure(300, 290, alt, parts, "reliability")


def fan_legend() -> str:
    """One drawing that explains every sign of a fan chart, 480 × 153 units."""
    rows = ["observed", "provisional", "estimated", "gap", "outer", "inner", "median", "goal", "band", "required"]
    rows += ["other", "measure"]
    parts: list[str] = []
    for i, name in enumerate(rows):
        x, y = 4.0 + 240 * (i // 6), 12.0 + 25 * (i % 6)
        parts.append(_sample(name, x, y))
        words, start = say(f"figures.legend_{name}"), x + (50 if name == "measure" else 36)
        size = min(11, 11 * (x + 234 - start) / svg.text_width(words, 11))
        parts.append(svg.text(start, y + 4, words, size=size))
    return svg.figure(480, 153, say("figures.legend_alt"), parts, "fan-legend")


def _sample(name: str, x: float, y: float) -> str:
    across = [(x, y), (x + 28, y)]
    if name in ("observed", "provisional", "estimated"):
        shape = {"observed": "full", "provisional": "open", "estimated": "square"}[name]
        return svg.path(across, stroke=svg.INK, width=1.7) + svg.dot(x + 14, y, shape, "")
    if name == "gap":
        ends = "".join(svg.dot(x + at, y, "full", "") for at in (2.4, 26))
        return svg.path(across, stroke=svg.INK, width=0.8, dash="2 3") + ends
    if name in ("outer", "inner"):
        return svg.rect(x, y - 7, 28, 14, fill=svg.FAN_OUTER if name == "outer" else svg.FAN_INNER)
    if name == "median":
        return svg.path(across, stroke=svg.MEDIAN, width=1.6, dash="5 2.5")
    if name == "goal":
        barbs = "".join(f"M{svg.n(x + 4 + 9 * k)} {svg.n(y)}l3 -5" for k in range(3))
        drawn = f'<path d="{barbs}" fill="none" stroke="{svg.GOAL}" stroke-width="0.9"/>'
        return svg.path(across, stroke=svg.GOAL, width=1.3) + drawn
    if name == "band":
        edges = svg.line(x, y - 6, x + 28, y - 6, stroke=svg.GOAL) + svg.line(x, y + 6, x + 28, y + 6, stroke=svg.GOAL)
        return svg.hatches([(x, y - 6, 28, 12)], step=8, stroke=svg.GOAL, line_width=0.5) + edges
    if name == "other":
        return svg.path(across, stroke=svg.GREY, width=1, dash="3.5 2.5") + place_sign("lozenge", x + 14, y, "")
    if name == "measure":
        states = enumerate(("planned", "under_way", "done"), start=1)
        return "".join(measure_sign(n, status, x + 6 + 14 * (n - 1), y) for n, status in states)
    return svg.path(across, stroke=svg.GOAL, width=1.1, dash="1 3")


SIGNS_OF_PLACES = ("lozenge", "cross", "up", "down")  # no figure compares with more than four places


def place_sign(sign: str, x: float, y: float, title: str, size: float = 2.6) -> str:
    """The sign of a place on its line."""
    r = size
    d = {
        "lozenge": f"M{svg.n(x)} {svg.n(y - r)}l{svg.n(r)} {svg.n(r)}l-{svg.n(r)} {svg.n(r)}l-{svg.n(r)} -{svg.n(r)}Z",
        "cross": f"M{svg.n(x - r)} {svg.n(y - r)}l{svg.n(2 * r)} {svg.n(2 * r)}m0 -{svg.n(2 * r)}l-{svg.n(2 * r)} {svg.n(2 * r)}",
        "up": f"M{svg.n(x)} {svg.n(y - r)}l{svg.n(r)} {svg.n(2 * r)}h-{svg.n(2 * r)}Z",
        "down": f"M{svg.n(x)} {svg.n(y + r)}l{svg.n(r)} -{svg.n(2 * r)}h-{svg.n(2 * r)}Z",
    }[sign]
    return f'<path d="{d}" fill="{svg.PAPER}" stroke="{svg.GREY}" stroke-width="1">{svg.hover(title)}</path>'


def measure_sign(number: int, status: str, x: float, y: float, title: str = "") -> str:
    """A number in a circle: broken outline when planned, full outline under way, filled when done; in a square when stopped."""
    fill = svg.INK if status == "done" else svg.PAPER
    dash = ' stroke-dasharray="2 1.5"' if status == "planned" else ""
    style = f'fill="{fill}" stroke="{svg.GREY if status == "stopped" else svg.INK}" stroke-width="1"{dash}'
    shape = f'<circle cx="{svg.n(x)}" cy="{svg.n(y)}" r="5.8" {style}/>'
    if status == "stopped":
        shape = f'<rect x="{svg.n(x - 5.5)}" y="{svg.n(y - 5.5)}" width="11" height="11" {style}/>'
    size, colour = 8.5 if number < 10 else 7.5, svg.PAPER if status == "done" else svg.INK
    words = svg.hover(title)
    return f"<g>{words}{shape}{svg.text(x, y + 0.36 * size, str(number), size=size, anchor='middle', fill=colour)}</g>"
