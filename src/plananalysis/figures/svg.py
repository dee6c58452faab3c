"""Small pieces of deterministic SVG: real text, explicit attributes, no ids and no style sheet.

Everything a figure needs travels inside it as presentation attributes, so that the same string is right in a report,
in a notebook cell and in a print converter. Nothing refers to an id: many figures share one page.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

INK = "#1c1c1c"
GREY = "#5f5f5f"
RULE = "#9a9a9a"
GRID = "#e3e3e3"
PAPER = "#ffffff"
GOAL = "#9c1f1f"
FAN_OUTER = "#dbe2ea"
FAN_INNER = "#b2c2d3"
MEDIAN = "#2f4d6e"

Box: TypeAlias = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Scale:
    """Straight-line map from data to paper: ``low`` goes to ``start``, ``high`` to ``end`` (SVG units)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def n(value: float) -> str:
    """A coordinate with at most one decimal and no negative zero, so that equal figures have equal bytes."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def text_width(text: str, size: float) -> float:
    """Width of a line of text in SVG units, an estimate on the safe side: a full-width character is one em."""
    return size * sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.56 for c in text)


def lines_of(text: str, room: float, size: float, most: int = 2) -> list[str]:
    """A text in lines that fit: Chinese breaks anywhere, the rest between words; the last of ``most`` ends in an ellipsis when more would follow."""
    pieces = re.findall(r"[^\W\u2e80-\uffef][\w'’-]*\s*|.\s*", text)
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > room:
            lines.append("")
        lines[-1] += piece
    if len(lines) > most:
        lines = [*lines[: most - 1], cut("".join(lines[most - 1 :]), room, size)]
    return [line.rstrip() for line in lines]


def cut(text: str, room: float, size: float) -> str:
    """A text that fits on one line; one too long ends in an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text}…"


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 11,
    anchor: str = "start",
    fill: str = INK,
    weight: str = "",
    halo: bool = False,
) -> str:
    """A line of text with its baseline at ``y``; ``halo`` draws it clear of lines behind it."""
    extra = f' text-anchor="{anchor}"' if anchor != "start" else ""
    extra += f' font-weight="{weight}"' if weight else ""
    if halo:
        extra += f' stroke="{PAPER}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    return f'<text x="{n(x)}" y="{n(y)}" font-size="{n(size)}" fill="{fill}"{extra}>{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = RULE, width: float = 1, dash: str = "") -> str:
    # one is what SVG takes it for: a page has a thousand of them
    extra = "" if width == 1 else f' stroke-width="{n(width)}"'
    extra += f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}" stroke="{stroke}"{extra}/>'


def path(points: Iterable[tuple[float, float]], *, stroke: str = INK, width: float = 1.5, dash: str = "") -> str:
    """An open line through ``points``; nothing when there are fewer than two."""
    places = list(points)
    if len(places) < 2:
        return ""
    extra = f' stroke-dasharray="{dash}"' if dash else ""
    d = "M" + "L".join(f"{n(x)} {n(y)}" for x, y in places)
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{n(width)}" stroke-linejoin="round"{extra}/>'


def area(points: Iterable[tuple[float, float]], fill: str) -> str:
    d = "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points) + "Z"
    return f'<path d="{d}" fill="{fill}"/>'


def rect(x: float, y: float, width: float, height: float, *, fill: str = "none", stroke: str = "none") -> str:
    edge = "" if stroke == "none" else f' stroke="{stroke}"'
    return f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" fill="{fill}"{edge}/>'


def rects(boxes: Sequence[Box], *, fill: str = "none", stroke: str = "none", dash: str = "") -> str:
    """Rectangles of one look as one shape, each told by its left, its top, its width and its height."""
    if len(boxes) == 1 and not dash:
        return rect(*boxes[0], fill=fill, stroke=stroke)
    d = "".join(f"M{n(x)} {n(y)}h{n(width)}v{n(height)}h-{n(width)}Z" for x, y, width, height in boxes)
    edge = "" if stroke == "none" else f' stroke="{stroke}"' + (f' stroke-dasharray="{dash}"' if dash else "")
    return f'<path d="{d}" fill="{fill}"{edge}/>' if d else ""


def alike(parts: Iterable[str], *, size: float, fill: str = INK, anchor: str = "start") -> str:
    """Lines of text of one look, which their group tells: made by :func:`bare`."""
    return f'<g font-size="{n(size)}" fill="{fill}" text-anchor="{anchor}">{"".join(parts)}</g>'


def bare(x: float, y: float, content: str, size: float | None = None) -> str:
    """A line of text whose look its group tells; ``size`` where it has one of its own."""
    own = "" if size is None else f' font-size="{n(size)}"'
    return f'<text x="{n(x)}" y="{n(y)}"{own}>{escape(content)}</text>'


def dot(x: float, y: float, shape: str, title: str, *, colour: str = INK, size: float = 2.4) -> str:
    """One observed value: ``full`` disc, ``open`` disc or ``square``; ``title`` shows on hovering."""
    fill = colour if shape == "full" else PAPER
    if shape == "square":
        body = f'<rect x="{n(x - size)}" y="{n(y - size)}" width="{n(2 * size)}" height="{n(2 * size)}"'
        end = "rect"
    else:
        body, end = f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(size)}"', "circle"
    return f'{body} fill="{fill}" stroke="{colour}" stroke-width="1.2">{hover(title)}</{end}>'


def hover(words: str) -> str:
    """What is said of an element on hovering; nothing without words."""
    return f"<title>{escape(words)}</title>" if words else ""


def hatches(boxes: Sequence[Box], *, step: float, stroke: str, rising: bool = True, line_width: float = 1) -> str:
    """Diagonal hatching of rectangles as one path, clipped by arithmetic because a pattern would need an id."""
    d = "".join(move for box in boxes for move in _diagonals(*box, step, rising))
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{n(line_width)}"/>' if d else ""


def _diagonals(x: float, y: float, width: float, height: float, step: float, rising: bool) -> list[str]:
    moves: list[str] = []
    offset = step / 2
    while offset < width + height:
        # the diagonal u + v = offset, with u from the left edge and v from the lower edge (rising) or the upper edge
        u1, u2 = max(0.0, offset - height), min(width, offset)
        ends = [(u, offset - u) for u in (u1, u2)]
        (ax, ay), (bx, by) = [(x + u, y + v if rising else y + height - v) for u, v in ends]
        if bx - ax > 0.5:
            moves.append(f"M{n(ax)} {n(ay)}L{n(bx)} {n(by)}")
        offset += step
    return moves


def figure(width: float, height: float, alt: str, parts: Sequence[str], css_class: str) -> str:
    """The finished drawing; ``alt`` is a sentence with the numbers in it, read out instead of the drawing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{css_class}" viewBox="0 0 {n(width)} {n(height)}" '
        f'width="{n(width)}" height="{n(height)}" role="img" aria-label="{escape(alt)}">' + "".join(parts) + "</svg>"
    )


def nice_ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers that enclose [low, high]: steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    raw = span / wanted
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least ``gap`` apart, inside [low, high], in the order given and as near as can be to what was ``wanted``.

    ``wanted`` must be ascending. When the room is too small the gap shrinks rather than a label leaving the figure.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    places: list[float] = []
    for place in wanted:
        places.append(max(place, low, places[-1] + gap if places else low))
    ceiling = high
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - gap
    return places
