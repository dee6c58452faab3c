"""Areas of one indicator: as tiles about where they lie, and one below the other from best to worst, each with its range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plananalysis.figures import svg
from plananalysis.figures.marks import OUTLOOKS, swatch

_SIZE, _SMALL = 11.5, 10.5


@dataclass(frozen=True)
class AreaValue:
    """One area and one indicator.

    Parameters
    ----------
    name
        Of the area.
    outlook
        What is expected of the indicator there, from the closed set.
    value, printed
        Newest value, as a number and as it is printed; None and what stands instead where there is none.
    low, high
        Ends of the 80 % range for the target year; None where nothing is projected.
    """

    name: str
    outlook: str
    value: float | None
    printed: str
    low: float | None = None
    high: float | None = None


def tile_map(
    areas: Mapping[str, AreaValue],
    words: Mapping[str, str],
    alt: str,
    places: Mapping[str, tuple[int, int]] | None = None,
    width: float = 760,
) -> str:
    """A tile for every area, of equal size whatever its land: the sign of its outlook, its name and its newest value.

    Parameters
    ----------
    areas
        By code, in the order in which they fill the rows where their places are not given.
    words
        Of every outlook, for the key.
    places
        Column and row of every area by code, from 0 at the upper left; areas without one follow below.

    Raises
    ------
    ValueError
        Two areas have one place.
    """
    at = _placed(list(areas), places or {})
    across, down = (max((p[k] for p in at.values()), default=0) + 1 for k in (0, 1))
    parts, top = _key([a.outlook for a in areas.values()], words, width)
    side = width / across
    size = min(_SIZE, _SIZE * (side - 10) / max((svg.text_width(a.name, _SIZE) for a in areas.values()), default=1))
    high = 54.0
    for code, (column, row) in at.items():
        area, x, y = areas[code], column * side, top + row * (high + 4)
        parts.append(svg.rect(x + 2, y, side - 4, high, fill=svg.PAPER, stroke=svg.RULE))
        parts.append(swatch(area.outlook, x + 3, y + 1, side - 6, 12))
        parts.append(svg.text(x + side / 2, y + 28, area.name, size=size, anchor="middle", weight="bold"))
        printed = svg.cut(area.printed, side - 8, _SMALL)
        parts.append(svg.text(x + side / 2, y + 45, printed, size=_SMALL, anchor="middle", fill=svg.GREY))
    return svg.figure(width, top + down * (high + 4), alt, parts, "tile-map")


def ranked(
    areas: Sequence[AreaValue], direction: int, goal: float | None, words: tuple[str, str], alt: str, width: float = 760
) -> str:
    """Areas from best to worst by their newest value: a dot, a bar over the range in the target year, a line at the target.

    Areas without a value follow in the order given. Better is to the right.

    Parameters
    ----------
    direction
        -1 where lower values are better.
    words
        At the line of the target, and over the dots.
    """
    sign = -1 if direction < 0 else 1
    known = sorted((a for a in areas if a.value is not None), key=lambda a: -sign * (a.value or 0.0))
    rows = [*known, *(a for a in areas if a.value is None)]
    names = max((svg.text_width(a.name, _SIZE) for a in rows), default=0)
    left, right, step = min(names + 16, width * 0.4), width - 96.0, 20.0
    held = [v for a in rows for v in (a.value, a.low, a.high) if v is not None] + ([goal] if goal is not None else [])
    marks = svg.nice_ticks(min(held), max(held)) if held and max(held) > min(held) else [0.0, 1.0]
    ends = (left, right) if sign > 0 else (right, left)
    x = svg.Scale(marks[0], marks[-1], *ends)
    bottom = 34 + step * len(rows)
    parts = []
    for tick in marks if held else []:
        parts.append(svg.line(x(tick), 30, x(tick), bottom, stroke=svg.GRID))
        parts.append(svg.text(x(tick), 26, f"{tick:g}".replace("-", "−"), size=_SMALL, anchor="middle", fill=svg.GREY))
    if goal is not None:
        parts.append(svg.line(x(goal), 30, x(goal), bottom, stroke=svg.GOAL, width=1.4))
        parts.append(svg.text(x(goal), 12, words[0], size=_SMALL, anchor="middle", fill=svg.GOAL))
    parts.append(svg.text(width - 4, 26, words[1], size=_SMALL, anchor="end", fill=svg.GREY))
    for i, area in enumerate(rows):
        y = 34 + step * (i + 0.5)
        parts.append(svg.text(left - 10, y + 4, svg.cut(area.name, left - 12, _SIZE), size=_SIZE, anchor="end"))
        if area.low is not None and area.high is not None:
            parts.append(svg.line(x(area.low), y, x(area.high), y, stroke=svg.FAN_INNER, width=6))
        if area.value is not None:
            parts.append(svg.dot(x(area.value), y, "full", "", size=3.4))
        parts.append(swatch(area.outlook, width - 88, y - 5.5, 18, 11))
        parts.append(svg.text(width - 4, y + 4, area.printed, size=_SMALL, anchor="end"))
    return svg.figure(width, bottom + 4, alt, parts, "ranked")


def _placed(codes: Sequence[str], places: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Where every area's tile stands; the ones without a place fill rows as wide as the rest, or about square."""
    found = {code: places[code] for code in codes if code in places}
    if len(set(found.values())) < len(found):
        raise ValueError("two areas have one place on the tile map")
    rest = [code for code in codes if code not in found]
    across = max((c for c, _ in found.values()), default=math.ceil(math.sqrt(2 * len(codes))) - 1) + 1
    first = max((r for _, r in found.values()), default=-1) + 1
    return found | {code: (i % across, first + i // across) for i, code in enumerate(rest)}


def _key(outlooks: Sequence[str], words: Mapping[str, str], width: float) -> tuple[list[str], float]:
    """The signs that occur with their words, and where the tiles may begin."""
    parts, x, y = [], 2.0, 12.0
    for outlook in (o for o in OUTLOOKS if o in outlooks):
        wide = 36 + svg.text_width(words[outlook], _SMALL)
        if x + wide > width:
            x, y = 2.0, y + 18
        parts += [swatch(outlook, x, y - 9, 18, 11), svg.text(x + 23, y, words[outlook], size=_SMALL)]
        x += wide
    return parts, y + 12
