"""Drawings for one section of a report: the targets to look at side by side, and all sections as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plananalysis.figures import svg
from plananalysis.figures.chart import Chart
from plananalysis.figures.fan import mini_parts
from plananalysis.figures.marks import OUTLOOKS, pieces, swatch

WIDTH = 590.0  # of the text of a sheet of paper, in pixels of CSS
_ACROSS, _NAME, _FAN = 3, 28.0, 84.0
_SIZE, _SMALL, _TINY = 11.5, 10.5, 9.5


@dataclass(frozen=True)
class Small:
    """One target: its name, its chart, and below it the newest value and the target."""

    name: str
    chart: Chart
    foot: tuple[str, str]


def multiples(smalls: Sequence[Small], alt: str) -> str:
    """Targets side by side, three across: the name, the fan without axes, the newest value with the target, and the probability."""
    cell, parts = WIDTH / _ACROSS, []
    feet = [[line for words in s.foot for line in svg.lines_of(words, cell - 12, _SMALL)] for s in smalls]
    row = _NAME + _FAN + 13 * max(map(len, feet), default=0) + 5
    for i, small in enumerate(smalls):
        left, top = cell * (i % _ACROSS) + 8, row * (i // _ACROSS)
        names = svg.lines_of(small.name, cell - 12, _SIZE)
        for n, words in enumerate(names):
            place = top + _NAME - 4 - 13 * (len(names) - 1 - n)
            parts.append(svg.text(left, place, words, size=_SIZE, weight="bold"))
        parts += mini_parts(small.chart, left, top + _NAME)
        for n, words in enumerate(feet[i]):
            parts.append(svg.text(left, top + _NAME + _FAN + 11 + 13 * n, words, size=_SMALL, fill=svg.GREY))
    height = row * -(-len(smalls) // _ACROSS)
    return svg.figure(WIDTH, height, alt, parts, "multiples-drawn")


def outlook_bars(sections: Sequence[tuple[str, Mapping[str, int]]], words: Mapping[str, str], alt: str) -> str:
    """Outlooks of every section as bars of one scale, the count in each piece that has room; ``words`` name the signs above."""
    step, left = 15.5, 150.0
    used = [o for o in OUTLOOKS if any(counts.get(o) for _, counts in sections)]
    parts, x, y = [], 0.0, 12.0
    for outlook in used:
        wide = 24 + svg.text_width(words[outlook], _TINY)
        if x + wide > WIDTH:
            x, y = 0.0, y + 18
        parts += [swatch(outlook, x, y - 9, 18, 11), svg.text(x + 20, y, words[outlook], size=_TINY)]
        x += wide
    top, most = y + 8, max((sum(counts.values()) for _, counts in sections), default=1)
    scale = svg.Scale(0, max(most, 1), left, WIDTH - 4)
    for i, (name, counts) in enumerate(sections):
        line = top + step * i
        parts.append(svg.text(left - 8, line + 9.5, svg.cut(name, left - 10, _SIZE), size=_SIZE, anchor="end"))
        for outlook, count, start, end in pieces(counts, scale):
            parts.append(swatch(outlook, start, line, end - start, 11))
            width = svg.text_width(str(count), _TINY)
            parts.append(svg.rect((start + end - width) / 2 - 2, line + 0.7, width + 4, 9.6, fill=svg.PAPER))
            parts.append(svg.text((start + end) / 2, line + 9.2, str(count), size=_TINY, anchor="middle"))
    return svg.figure(WIDTH, top + step * len(sections), alt, parts, "outlook-bars")
