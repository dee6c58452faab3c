"""任务进度 against 时间进度: one dot per target on a line from the base year's value to the goal, and where time stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.figures import svg

_LOW, _HIGH = -0.25, 1.25  # shares of the way; what lies beyond is drawn at the edge with an arrow
_LINE, _TOP, _LABEL = 17.0, 38.0, 250.0
_SHAPES = {"ahead": "full", "on": "open", "behind": "square"}
_COLOURS = {"ahead": svg.INK, "on": svg.INK, "behind": svg.GOAL}


@dataclass(frozen=True)
class Way:
    """One target: its name, the share of its way that is gone as number and as printed, and how that compares with the time gone."""

    name: str
    task: float
    printed: str
    word: str


def progress_dots(ways: Sequence[Way], time: float, told: str, alt: str, width: float = 960) -> str:
    """Targets down, shares of the way across; the vertical line is the share of the time that is gone.

    A filled disc is ahead of time, an open one on time, a square behind: shape tells what colour tells.
    """
    height = _TOP + _LINE * len(ways) + 10
    scale = svg.Scale(_LOW, _HIGH, _LABEL, width - 60)
    parts = [svg.rect(0, 0, width, height, fill=svg.PAPER)]
    for share in (0.0, 0.5, 1.0):
        x = scale(share)
        parts.append(svg.line(x, _TOP - 8, x, height - 8, stroke=svg.GRID if share == 0.5 else svg.RULE))
        parts.append(svg.text(x, _TOP - 13, f"{share:.0%}", size=11, anchor="middle", fill=svg.GREY))
    x = scale(time)
    parts.append(svg.line(x, _TOP - 8, x, height - 8, stroke=svg.MEDIAN, width=1.6, dash="5 3"))
    parts.append(svg.text(x, 11, told, size=11, anchor="middle", fill=svg.MEDIAN))
    for i, way in enumerate(ways):
        y = _TOP + _LINE * (i + 0.5)
        place = scale(min(max(way.task, _LOW), _HIGH))
        colour = _COLOURS.get(way.word, svg.INK)
        parts.append(svg.text(_LABEL - 8, y + 4, _short(way.name), size=11, anchor="end"))
        parts.append(svg.line(min(scale(0.0), place), y, place, y, stroke=svg.GRID, width=3))
        parts.append(svg.dot(place, y, _SHAPES.get(way.word, "open"), "", colour=colour, size=4))
        outside = "› " if way.task > _HIGH else "‹ " if way.task < _LOW else ""
        parts.append(svg.text(width - 4, y + 4, f"{outside}{way.printed}", size=11, anchor="end", fill=colour))
    return svg.figure(width, height, alt, parts, "progress-dots")


def _short(name: str) -> str:
    """A name that fits before the line."""
    while svg.text_width(name, 11) > _LABEL - 16:
        name = name.removesuffix("…")[:-1] + "…"
    return name
