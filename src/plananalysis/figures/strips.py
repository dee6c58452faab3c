"""Places on one line for each target: the area, the places it is compared with, and what the target asks; better is to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plananalysis.figures import svg
from plananalysis.figures.marks import SIGNS_OF_PLACES, place_sign

_SIZE, _SMALL = 11.5, 10.5


@dataclass(frozen=True)
class Strip:
    """One target.

    Parameters
    ----------
    name
        Of the target, in full.
    direction
        -1 where lower values are better.
    own
        The area's newest value with the words for it; None where there is none.
    places
        The newest value of each place by its name, with the words for it.
    goal
        Bounds of the acceptable values.
    note
        What stands at the right: the area's value, or that it has none.
    """

    name: str
    direction: int
    own: tuple[float, str] | None
    places: Mapping[str, tuple[float, str]]
    goal: tuple[float, ...]
    note: str


def strips(rows: Sequence[Strip], own: str, goal: str, alt: str, width: float = 960) -> str:
    """A line for each target, from the worst of its values to the best; ``own`` and ``goal`` name their signs in the key."""
    narrow = width < 500
    left, right = (8.0, width - 8) if narrow else (width * 0.36, width - 130)
    names = list(dict.fromkeys(place for r in rows for place in r.places))
    signs = dict(zip(names, SIGNS_OF_PLACES, strict=False))
    parts, y = _key(own, goal, signs, left, width)
    for row in rows:
        lines = svg.lines_of(row.name, (right - 100 if narrow else left) - 14, _SIZE)
        if narrow:
            y += 15 * len(lines)
            parts += [svg.text(left, y - 15 * (len(lines) - 1 - n), words, size=_SIZE) for n, words in enumerate(lines)]
            parts.append(svg.text(right, y, row.note, size=_SMALL, anchor="end", fill=svg.GREY))
            middle = y + 13
            y += 27
        else:
            middle = y + 7 + 7 * len(lines)
            for n, words in enumerate(lines):
                place = middle + 4 + 13 * (n - (len(lines) - 1) / 2)
                parts.append(svg.text(left - 12, place, words, size=_SIZE, anchor="end"))
            parts.append(svg.text(right + 12, middle + 4, row.note, size=_SMALL, fill=svg.GREY))
            y = middle + 7 + 7 * len(lines)
        parts += _line(row, signs, middle, left, right)
    return svg.figure(width, y + 4, alt, parts, "strips")


def _key(own: str, goal: str, signs: Mapping[str, str], left: float, width: float) -> tuple[list[str], float]:
    """The signs with their words, and where the first line may begin."""
    x, y = (8.0 if width < 500 else left), 12.0
    parts = []
    for name, words in (("own", own), *((s, n) for n, s in signs.items()), ("goal", goal)):
        wide = 14 + svg.text_width(words, _SMALL) + 16
        if x + wide > width:
            x, y = 8.0, y + 16
        parts += [_mark(name, x + 5, y - 4, words, key=True), svg.text(x + 14, y, words, size=_SMALL, fill=svg.GREY)]
        x += wide
    return parts, y + 8


def _mark(name: str, x: float, y: float, words: str, key: bool = False) -> str:
    if name == "own":
        return svg.dot(x, y, "full", "" if key else words, size=4)
    if name == "goal":
        return svg.line(x, y - 7, x, y + 7, stroke=svg.GOAL, width=2)
    return place_sign(name, x, y, "" if key else words, size=4)


def _line(row: Strip, signs: Mapping[str, str], y: float, left: float, right: float) -> list[str]:
    held = [*row.goal, *(v for v, _ in row.places.values()), *([row.own[0]] if row.own else [])]
    low, high = min(held), max(held)
    ends = (left + 12, right - 12) if row.direction >= 0 else (right - 12, left + 12)
    x = svg.Scale(low, high if high > low else low + 1, *ends)
    parts = [svg.line(left, y, right, y, stroke=svg.GRID, width=3)]
    parts += [_mark("goal", x(bound), y, "") for bound in row.goal]
    parts += [_mark(signs[p], x(v), y, words) for p, (v, words) in row.places.items() if p in signs]
    return [*parts, _mark("own", x(row.own[0]), y, row.own[1])] if row.own else parts
