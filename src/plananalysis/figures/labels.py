"""Words inside a figure, each put where it covers no other word and as few lines as can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from plananalysis.figures import svg

Place = tuple[float, float]
OVERLAP, OUTSIDE = 1000.0, 300.0


@dataclass(frozen=True)
class Box:
    """A rectangle on paper; ``top`` is the smaller y."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def inside(self, other: Box) -> bool:
        across = self.left >= other.left and self.right <= other.right
        return across and self.top >= other.top and self.bottom <= other.bottom

    def crossed(self, one: Place, two: Place) -> bool:
        """Whether a straight line between two places runs through the rectangle (Liang and Barsky 1984)."""
        start, end = 0.0, 1.0
        edges = (self.left, self.right), (self.top, self.bottom)
        for (low, high), at, to in zip(edges, one, two, strict=True):
            step = to - at
            if step == 0:
                if not low <= at <= high:
                    return False
                continue
            first, second = sorted(((low - at) / step, (high - at) / step))
            start, end = max(start, first), min(end, second)
        return start <= end


@dataclass(frozen=True)
class Word:
    """A word at a place, as :func:`svg.text` wants it."""

    x: float
    y: float
    anchor: str
    content: str
    size: float

    @property
    def box(self) -> Box:
        width = svg.text_width(self.content, self.size)
        left = self.x - {"end": width, "middle": width / 2}.get(self.anchor, 0.0)
        return Box(left, self.y - 0.8 * self.size, left + width, self.y + 0.2 * self.size)


@dataclass
class Room:
    """A part of the paper with the lines drawn in it and the words already there."""

    frame: Box
    lines: list[tuple[Place, Place, float]] = field(default_factory=list)
    words: list[Box] = field(default_factory=list)

    def draw(self, places: Iterable[Place], weight: float = 1.0) -> None:
        """Take note of a line; covering a stretch of it costs ``weight``."""
        held = list(places)
        self.lines += [(a, b, weight) for a, b in pairwise(held)]
        self.lines += [(a, a, weight) for a in held]  # what is drawn at a point must be seen, too

    def put(self, wanted: Sequence[Word]) -> Word | None:
        """The best of several places for a word, earlier ones first among equals; None when it would cover a word or leave."""
        best = min(wanted, key=self._cost, default=None)
        if best is None or self._cost(best) >= OUTSIDE:
            return None
        self.words.append(best.box)
        return best

    def force(self, wanted: Sequence[Word]) -> Word:
        """The same for a word that must be printed: pushed into the frame where it has to be."""
        best = min(map(self._kept_inside, wanted), key=self._cost)
        self.words.append(best.box)
        return best

    def _kept_inside(self, word: Word) -> Word:
        box = word.box
        x = word.x + max(self.frame.left - box.left, 0.0) - max(box.right - self.frame.right, 0.0)
        y = word.y + max(self.frame.top - box.top, 0.0) - max(box.bottom - self.frame.bottom, 0.0)
        return Word(x, y, word.anchor, word.content, word.size)

    def _cost(self, word: Word) -> float:
        box = word.box
        hit = sum(weight for a, b, weight in self.lines if box.crossed(a, b))
        covered = sum(box.overlaps(other) for other in self.words)
        return OVERLAP * covered + OUTSIDE * (not box.inside(self.frame)) + hit


def around(x: float, y: float, content: str, size: float, gap: float = 5.0) -> list[Word]:
    """Places around a point: above, below, right, left, and the corners."""
    up, down, level = y - gap - 0.2 * size, y + gap + 0.8 * size, y + 0.3 * size
    return [
        Word(x, up, "middle", content, size),
        Word(x, down, "middle", content, size),
        Word(x + gap + 1, level, "start", content, size),
        Word(x - gap - 1, level, "end", content, size),
        Word(x + 2, up, "start", content, size),
        Word(x + 2, down, "start", content, size),
        Word(x - 2, up, "end", content, size),
        Word(x - 2, down, "end", content, size),
    ]
