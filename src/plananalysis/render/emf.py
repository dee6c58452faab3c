"""Figures as EMF, the drawings that every office program shows and prints without loss: lines and words, no pixels.

Written for what :mod:`plananalysis.figures` draws (lines, paths of straight strokes, rectangles, discs, words) after Microsoft's
[MS-EMF]; anything else is refused, so that no part of a figure is lost unseen. Words stay words: they are set in a font of the
reader's machine and can be searched.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring  # only of drawings made here

from plananalysis.base.text import language

Point = tuple[float, float]

_FINE = 10  # logical units in one of the drawing
_DEVICE = 2540 / 96  # hundredths of a millimetre in a pixel of CSS, as which figures are measured
_FACES = {"zh": "Microsoft YaHei", "en": "Arial"}  # named, not shipped
_ALIGNED = {"start": 0, "end": 2, "middle": 6}
_BASELINE = 24
_NO_PEN, _NO_BRUSH = 0x80000008, 0x80000005  # stock objects
_STEPS = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_HALO = [(dx, dy) for dx in (-1.2, 0, 1.2) for dy in (-1.2, 0, 1.2) if dx or dy]


def emf_bytes(svg: str) -> tuple[bytes, float, float]:
    """A drawing as EMF, with its width and height in pixels of CSS.

    Parameters
    ----------
    svg
        As :func:`plananalysis.figures.svg.figure` makes it.

    Raises
    ------
    ValueError
        It holds an element or a stroke that figures do not use.
    """
    root = fromstring(svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    drawn = _Records()
    drawn.add(17, struct.pack("<I", 8))  # scaled axes
    drawn.add(9, struct.pack("<ii", *_units(width, height)))
    device = round(width * _DEVICE), round(height * _DEVICE)
    drawn.add(11, struct.pack("<ii", *device))
    drawn.add(18, struct.pack("<I", 1))  # nothing behind words
    for child in root:
        _draw(drawn, child)
    return drawn.file(device), width, height


def _draw(drawn: _Records, element: Element) -> None:
    kind = element.tag.rpartition("}")[2]
    at = {k: float(v) for k, v in element.attrib.items() if k in ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r")}
    if kind == "g":
        for child in element:
            child.attrib.update(element.attrib | child.attrib)  # what a group tells of all in it
            _draw(drawn, child)
    elif kind == "text":
        drawn.words(element, at["x"], at["y"])
    elif kind == "line":
        drawn.strokes(element, [([(at["x1"], at["y1"]), (at["x2"], at["y2"])], False)])
    elif kind == "rect":
        wide, high = float(element.get("width", 0)), float(element.get("height", 0))
        left, top = at["x"], at["y"]
        corners = [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)]
        drawn.strokes(element, [(corners, True)])
    elif kind == "circle":
        drawn.disc(element, at["cx"], at["cy"], at["r"])
    elif kind == "path":
        drawn.strokes(element, list(_lines(element.get("d", ""))))
    elif kind != "title":  # which only shows on hovering
        raise ValueError(f"figures draw no <{kind}>")


def _lines(d: str) -> Iterator[tuple[list[Point], bool]]:
    """The runs of straight strokes of a path, each with whether it is closed."""
    run: list[Point] = []
    x = y = 0.0
    for step, numbers in _STEPS.findall(d):
        given, letter = [float(v) for v in _NUMBER.findall(numbers)], step.upper()
        if letter == "Z":
            yield run, True
            (x, y), run = run[0], []
            continue
        if letter not in "MLHV":
            raise ValueError(f"figures draw no {step} strokes")
        size = 1 if letter in "HV" else 2
        for i in range(0, len(given), size):
            if letter == "M" and i == 0 and run:
                yield run, False
                run = []
            fromx, fromy = (x, y) if step.islower() else (0.0, 0.0)
            x = fromx + given[i] if letter != "V" else x
            y = fromy + given[i + size - 1] if letter != "H" else y
            run.append((x, y))
    if len(run) > 1:
        yield run, False


def _dashed(points: Sequence[Point], pattern: Sequence[float]) -> Iterator[list[Point]]:
    """A line cut into dashes: programs differ in how they draw broken pens."""
    place, left, run = 0, pattern[0], [points[0]]
    for a, b in pairwise(points):
        length, done = math.dist(a, b), 0.0
        while length - done > left:
            done += left
            cut = (a[0] + (b[0] - a[0]) * done / length, a[1] + (b[1] - a[1]) * done / length)
            if place % 2 == 0:
                yield [*run, cut]
            place, run = place + 1, [cut]
            left = pattern[place % len(pattern)]
        left -= length - done
        run.append(b)
    if place % 2 == 0 and len(run) > 1:
        yield run


def _units(*values: float) -> list[int]:
    return [round(v * _FINE) for v in values]


def _colour(name: str) -> int:
    """#rrggbb as 0x00bbggrr."""
    return int.from_bytes(bytes.fromhex(name.removeprefix("#")), "little")


class _Records:
    """Records of a metafile in the making; pens, brushes and fonts are made once and kept."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._objects: dict[tuple[int, bytes], int] = {}
        self._chosen: dict[int, int] = {}

    def add(self, kind: int, content: bytes) -> None:
        content += bytes(-len(content) % 4)
        self._held.append(struct.pack("<II", kind, 8 + len(content)) + content)

    def file(self, device: tuple[int, int]) -> bytes:
        """All records behind their header."""
        self.add(14, struct.pack("<III", 0, 16, 20))
        body = b"".join(self._held)
        edges, size = (0, 0, *device), 108 + len(body)
        counts = 0x464D4520, 0x10000, size, len(self._held) + 1, len(self._objects) + 1
        sheet = 0, 0, 0, 0, 21000, 29700, 210, 297, 0, 0, 0, 210_000, 297_000
        return struct.pack("<II4i4iIIIIHHIII2i2iIII2i", 1, 108, *edges, *edges, *counts, *sheet) + body

    def _choose(self, kind: int, made: int, about: bytes) -> None:
        """Select the object so described, making it when it is asked for first."""
        number = self._objects.get((made, about))
        if number is None:
            number = self._objects[made, about] = len(self._objects) + 1
            self.add(made, struct.pack("<I", number) + about)
        self._select(kind, number)

    def _select(self, kind: int, number: int) -> None:
        if self._chosen.get(kind) != number:
            self._chosen[kind] = number
            self.add(37, struct.pack("<I", number))

    def _pen(self, element: Element) -> bool:
        stroke = element.get("stroke", "none")
        if stroke == "none":
            self._select(38, _NO_PEN)
            return False
        (width,) = _units(float(element.get("stroke-width", 1)))
        self._choose(38, 38, struct.pack("<IiiI", 0, max(width, 1), 0, _colour(stroke)))
        return True

    def _brush(self, element: Element) -> bool:
        fill = element.get("fill", "#000000")
        if fill == "none":
            self._select(39, _NO_BRUSH)
            return False
        self._choose(39, 39, struct.pack("<III", 0, _colour(fill), 0))
        return True

    def strokes(self, element: Element, runs: Sequence[tuple[list[Point], bool]]) -> None:
        """Lines and areas; what is filled is closed."""
        drawn, filled = self._pen(element), self._brush(element) and element.tag.rpartition("}")[2] != "line"
        pattern = [float(v) for v in element.get("stroke-dasharray", "").split()]
        for points, closed in runs:
            if filled or (closed and not pattern):
                self._points(86, points)
            elif drawn:
                whole = [*points, points[0]] if closed else points
                for run in _dashed(whole, pattern) if pattern else [whole]:
                    self._points(87, run)

    def _points(self, kind: int, points: Sequence[Point]) -> None:
        places = [v for p in points for v in _units(*p)]
        box = (min(places[::2]), min(places[1::2]), max(places[::2]), max(places[1::2]))
        self.add(kind, struct.pack(f"<4iI{len(places)}h", *box, len(points), *places))

    def disc(self, element: Element, x: float, y: float, r: float) -> None:
        self._pen(element)
        self._brush(element)
        self.add(42, struct.pack("<4i", *_units(x - r, y - r, x + r, y + r)))

    def words(self, element: Element, x: float, y: float) -> None:
        """A line of text on its baseline; a halo is the same words in its colour around it."""
        text = element.text or ""
        if not text:
            return
        (size,) = _units(float(element.get("font-size", 11)))
        face = _FACES[language()].encode("utf-16-le")
        heavy = 700 if element.get("font-weight") == "bold" else 400
        logical = struct.pack("<5i8B64s", -size, 0, 0, 0, heavy, 0, 0, 0, 1, 0, 0, 4, 0, face)
        self._choose(82, 82, logical + bytes(320 - len(logical)))
        self.add(22, struct.pack("<I", _ALIGNED[element.get("text-anchor", "start")] | _BASELINE))
        if "stroke" in element.attrib:
            self.add(24, struct.pack("<I", _colour(element.get("stroke", ""))))
            for dx, dy in _HALO:
                self._line(text, x + dx, y + dy)
        self.add(24, struct.pack("<I", _colour(element.get("fill", "#000000"))))
        self._line(text, x, y)

    def _line(self, text: str, x: float, y: float) -> None:
        written = text.encode("utf-16-le")
        about = struct.pack(
            "<4iIffiiIII4iI", 0, 0, -1, -1, 1, 1.0, 1.0, *_units(x, y), len(written) // 2, 76, 0, 0, 0, -1, -1, 0
        )
        self.add(84, about + written)
