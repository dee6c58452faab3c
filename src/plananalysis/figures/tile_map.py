"""The districts of a city on a map of squares, each as large as any other whatever its land: what is expected of one indicator there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plananalysis.figures import svg
from plananalysis.figures.marks import OUTLOOKS, swatches

WIDTH = 350.0  # units; a phone shows it as it is
_NAME, _VALUE, _KEY, _SMALLEST = 11.0, 10.0, 10.5, 8.5
_LARGEST, _HIGH, _BAND, _GAP = 64.0, 44.0, 9.0, 3.0


@dataclass(frozen=True)
class TileValue:
    """One district: its name in short, its square counted from the upper left, its newest value as printed, and its outlook.

    Without a value there is no outlook: the square is empty and its edge broken.
    """

    name: str
    column: int
    row: int
    outlook: str | None
    printed: str


def tile_map(tiles: Sequence[TileValue], words: Mapping[str, str], blank: str, alt: str) -> str:
    """A square for every district: a band filled as its outlook is filled everywhere, its name, and its value; the words below.

    Parameters
    ----------
    words
        Of every outlook, for the key.
    blank
        What it is called where there is no value.
    """
    first, top = (min(getattr(t, end) for t in tiles) for end in ("column", "row"))
    across, down = (max(getattr(t, end) for t in tiles) - low + 1 for end, low in (("column", first), ("row", top)))
    side = min(_LARGEST, WIDTH / across)
    wide, half = side - _GAP, (side - _GAP) / 2
    places = [((t.column - first) * side, (t.row - top) * (_HIGH + _GAP)) for t in tiles]
    kinds = {t.outlook for t in tiles}
    shown = [(o, words[o]) for o in OUTLOOKS if o in kinds] + ([(None, blank)] if None in kinds else [])
    parts, names, values = [], [], []
    for outlook, _ in shown:
        held = [place for t, place in zip(tiles, places, strict=True) if t.outlook == outlook]
        squares = [(x, y, wide, _HIGH) for x, y in held]
        parts.append(svg.rects(squares, fill=svg.PAPER, stroke=svg.RULE, dash=_dash(outlook)))
        parts.append(swatches(outlook, [(x, y, wide, _BAND) for x, y in held]) if outlook else "")
    for t, (x, y) in zip(tiles, places, strict=True):
        name = svg.cut(t.name, wide - 4, _SMALLEST)
        names.append(svg.bare(x + half, y + 24, name, _fitting(t.name, wide, _NAME, _SMALLEST)))
        values.append(svg.bare(x + half, y + 38, t.printed, _fitting(t.printed, wide, _VALUE)))
    parts.append(svg.alike(names, size=_NAME, anchor="middle"))
    parts.append(svg.alike(values, size=_VALUE, anchor="middle", fill=svg.GREY))
    key, bottom = _key(shown, down * (_HIGH + _GAP) + 12)
    return svg.figure(WIDTH, bottom, alt, [*parts, *key], "tile-map")


def _fitting(said: str, wide: float, size: float, least: float = 1) -> float | None:
    """The size in which a line fits its square, where the usual one is too large: a name may be cut, a value never."""
    needed = svg.text_width(said, size)
    return None if needed <= wide - 4 else max(size * (wide - 4) / needed, least)


def _dash(outlook: str | None) -> str:
    return "" if outlook else "3 2"


def _key(shown: Sequence[tuple[str | None, str]], top: float) -> tuple[list[str], float]:
    """The signs that occur with their words, in as many lines as they need, and where the drawing ends."""
    parts, x, y = [], 0.5, top
    for outlook, word in shown:
        wide = 34 + svg.text_width(word, _KEY)
        if x + wide > WIDTH and x > 1:
            x, y = 0.5, y + 17
        box = (x, y - 9, 17.0, 11.0)
        parts.append(swatches(outlook, [box]) if outlook else svg.rects([box], stroke=svg.RULE, dash=_dash(None)))
        parts.append(svg.text(x + 22, y, word, size=_KEY))
        x += wide
    return parts, y + 6
