"""走了多远: every target on the line from its base value to its goal, where time stands, and how likely it is to be met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.figures import svg
from plananalysis.figures.marks import swatch

_LOW, _HIGH = -0.25, 1.25  # shares of the way; what lies beyond is drawn at the edge with an arrow
_SIZE, _SMALL, _STEP, _LINE = 11.5, 10.5, 18.0, 12.5
_SHAPES = {"ahead": "full", "on": "open", "behind": "square"}
_COLOURS = {"ahead": svg.INK, "on": svg.INK, "behind": svg.GOAL}


@dataclass(frozen=True)
class Way:
    """One target.

    Parameters
    ----------
    name
        In full; it takes as many lines as it needs.
    task
        The share of its way that is gone; None where the way has no length.
    printed
        The same as it is printed, or what stands instead.
    word
        How that compares with the time gone.
    outlook, chance
        What is expected, and the probability as it is printed; "" where nothing is stated.
    """

    name: str
    task: float | None
    printed: str
    word: str
    outlook: str = ""
    chance: str = ""


def progress_poster(
    groups: Sequence[tuple[str, Sequence[Way]]],
    time: float | None,
    heads: tuple[str, str, str],
    alt: str,
    width: float = 760,
) -> str:
    """Targets down, under the names of their groups; shares of the way across; at the right the probability with its sign.

    A filled disc is ahead of time, an open one on time, a square behind: shape tells what colour tells.

    Parameters
    ----------
    time
        The share of the time that is gone, a vertical line; None for none.
    heads
        Words at that line, over the shares and over the probabilities.
    """
    narrow = width < 500
    left, right = (14.0, width - 130) if narrow else (width * 0.42, width - 150)
    scale = svg.Scale(_LOW, _HIGH, left, right)
    parts: list[str] = []
    y = 38.0
    for group, ways in groups:
        if group:
            parts.append(svg.text(4, y + 14, group, size=_SIZE, weight="bold"))
            y += 20
        for way in ways:
            lines = svg.lines_of(way.name, (width - 12) if narrow else left - 16, _SIZE, most=4)
            for n, words in enumerate(lines):
                x, anchor = (4.0, "start") if narrow else (left - 8, "end")
                parts.append(svg.text(x, y + 12 + _LINE * n, words, size=_SIZE, anchor=anchor, halo=narrow))
            below = _LINE * len(lines)
            middle = y + below + 9 if narrow else y + 8 + (below - _LINE) / 2
            y += below + (_STEP + 5 if narrow else _STEP - _LINE)
            parts += _way(way, middle, scale, right, width)
    axis = _axis(scale, y, time, heads, right, width)
    return svg.figure(width, y + 6, alt, [svg.rect(0, 0, width, y + 6, fill=svg.PAPER), *axis, *parts], "progress-dots")


def _axis(
    scale: svg.Scale, bottom: float, time: float | None, heads: tuple[str, str, str], right: float, width: float
) -> list[str]:
    """Lines at the beginning, the middle and the end of the way, and at the time gone."""
    parts = []
    for share in (0.0, 0.5, 1.0):
        x = scale(share)
        parts.append(svg.line(x, 32, x, bottom, stroke=svg.GRID if share == 0.5 else svg.RULE))
        parts.append(svg.text(x, 27, f"{share:.0%}", size=_SMALL, anchor="middle", fill=svg.GREY))
    parts.append(svg.text(right + 6, 27, heads[1], size=_SMALL, fill=svg.GREY))
    parts.append(svg.text(width - 4, 27, heads[2], size=_SMALL, anchor="end", fill=svg.GREY))
    if time is not None:
        x = scale(time)
        parts.append(svg.line(x, 32, x, bottom, stroke=svg.MEDIAN, width=1.6, dash="5 3"))
        parts.append(svg.text(x, 12, heads[0], size=_SMALL, anchor="middle", fill=svg.MEDIAN))
    return parts


def _way(way: Way, y: float, scale: svg.Scale, right: float, width: float) -> list[str]:
    colour, parts, outside = _COLOURS.get(way.word, svg.INK), [], ""
    if way.task is not None:
        place = scale(min(max(way.task, _LOW), _HIGH))
        parts.append(svg.line(min(scale(0.0), place), y, max(scale(0.0), place), y, stroke=svg.GRID, width=3))
        parts.append(svg.dot(place, y, _SHAPES.get(way.word, "open"), "", colour=colour, size=4))
        outside = "› " if way.task > _HIGH else "‹ " if way.task < _LOW else ""
    printed = colour if way.task is not None else svg.GREY
    parts.append(svg.text(right + 6, y + 4, f"{outside}{way.printed}", size=_SMALL, fill=printed))
    if way.outlook:
        parts.append(swatch(way.outlook, width - 66, y - 5.5, 18, 11))
        parts.append(svg.text(width - 4, y + 4, way.chance, size=_SMALL, anchor="end"))
    return parts
