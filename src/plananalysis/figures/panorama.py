"""Many areas in one drawing: how a probability spreads over them, what outlooks they have, and how far they are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plananalysis.base.text import say
from plananalysis.figures import svg
from plananalysis.figures.marks import OUTLOOKS, pieces, sign, swatch


def outlook_strip(counts: Mapping[str, int], alt: str, width: float = 210) -> str:
    """Outlooks of one target over all areas as a thin bar with the numbers below, ``width`` × 32 units."""
    total = sum(counts.get(o, 0) for o in OUTLOOKS)
    x = svg.Scale(0, max(total, 1), 0.5, width - 0.5)
    parts: list[str] = []
    labels: list[tuple[float, str]] = []
    for outlook, count, left, right in pieces(counts, x):
        parts.append(swatch(outlook, left, 1, right - left, 15))
        labels.append(((left + right) / 2, str(count)))
    wide = max((svg.text_width(words, 10.5) for _, words in labels), default=0) + 3
    places = svg.spread([place for place, _ in labels], wide, wide / 2, width - wide / 2)
    for place, (_, words) in zip(places, labels, strict=True):
        parts.append(svg.text(place, 28, words, size=10.5, anchor="middle"))
    return svg.figure(width, 32, alt, parts, "outlook-strip")


def chance_spread(bins: Sequence[int], cuts: Sequence[float], alt: str, width: float = 150) -> str:
    """How many areas have which probability, as columns over 0–100 %, ``width`` × 34 units; ``cuts`` are drawn as lines."""
    top, base = 2.0, 24.0
    x = svg.Scale(0, 1, 1, width - 1)
    most = max(max(bins, default=0), 1)
    parts = [svg.line(x(cut), top, x(cut), base + 2, stroke=svg.RULE, width=0.8, dash="2 2") for cut in cuts]
    step = 1 / max(len(bins), 1)
    for i, count in enumerate(bins):
        if count:  # a single area must still be seen among thousands
            high = max((base - top) * count / most, 1.6)
            left = x(i * step) + 0.5
            parts.append(svg.rect(left, base - high, x(step) - x(0) - 1, high, fill=svg.MEDIAN))
    parts.append(svg.line(x(0), base, x(1), base, stroke=svg.INK))
    for share, anchor in ((0.0, "start"), (1.0, "end")):
        parts.append(svg.text(x(share), 33, f"{share:.0%}", size=9, anchor=anchor, fill=svg.GREY))
    return svg.figure(width, 34, alt, parts, "chance-spread")


@dataclass(frozen=True)
class AreaStanding:
    """One area's line in :func:`standings`: the difference from what is usual, its 80 % range, and what it amounts to."""

    name: str
    difference: float
    low: float
    high: float
    word: str
    note: str


def standings(rows: Sequence[AreaStanding], alt: str, width: float = 760) -> str:
    """Areas one below the other, best first: a dot at the difference, a bar over its range, and a line at no difference.

    An area outside the range of chance has a full triangle, pointing the way it differs; the others an open disc.
    """
    narrow = width < 500
    size, step, head = (11.0, 19.0, 34.0) if narrow else (12.5, 20.0, 36.0)
    names = max((svg.text_width(r.name, size) for r in rows), default=0)
    left = min(names + 12, width * 0.36)
    right = width - (4 if narrow else max((svg.text_width(r.note, 11) for r in rows), default=0) + 14)
    reach = max([abs(v) for r in rows for v in (r.low, r.high)] + [1.0])
    ticks = svg.nice_ticks(-reach, reach, 4 if narrow else 6)
    x = svg.Scale(ticks[0], ticks[-1], left + 6, right - 6)
    bottom = head + step * len(rows)
    axis = say("figures.standing_axis")
    half = svg.text_width(axis, 11) / 2 + 2
    middle = max(min(x(0), width - half), half)
    parts = [svg.text(middle, 11, axis, size=11, anchor="middle", fill=svg.GREY)]
    for tick in ticks:
        parts.append(svg.line(x(tick), head - 6, x(tick), bottom, stroke=svg.GRID))
        words = "0" if tick == 0 else f"{'+' if tick > 0 else '−'}{abs(tick):g}"
        parts.append(svg.text(x(tick), head - 10, words, size=10.5, anchor="middle", fill=svg.GREY))
    parts.append(svg.line(x(0), head - 6, x(0), bottom, stroke=svg.INK, width=1.1))
    for i, row in enumerate(rows):
        y = head + step * (i + 0.5)
        stands_out = row.word in ("above", "below")
        name = svg.cut(row.name, left - 8, size)
        parts.append(svg.text(left - 6, y + 4, name, size=size, anchor="end", weight="bold" if stands_out else ""))
        parts.append(svg.line(x(row.low), y, x(row.high), y, stroke=svg.INK if stands_out else svg.RULE, width=2))
        parts.append(_sign(row.word, x(row.difference), y))
        if not narrow:
            parts.append(svg.text(right + 8, y + 4, row.note, size=11, fill=svg.INK if stands_out else svg.GREY))
    return svg.figure(width, bottom + 4, alt, parts, "standings")


def standing_key(word: str) -> str:
    """The sign of a standing to stand before its word."""
    return sign(_sign(word, 6, 6))


def _sign(word: str, x: float, y: float) -> str:
    if word in ("above", "below"):
        side, colour = (1, svg.MEDIAN) if word == "above" else (-1, svg.GOAL)
        return svg.area([(x - 4.8, y + 4 * side), (x + 4.8, y + 4 * side), (x, y - 4.8 * side)], colour)
    return svg.dot(x, y, "open" if word == "within" else "square", "", colour=svg.GREY, size=3.2)
