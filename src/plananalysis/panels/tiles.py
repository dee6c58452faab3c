"""Owns the raw table ``tiles.csv``: the square that each district of a city has on its tile map."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.text import listed, say

FILE = "tiles.csv"
COLUMNS = ("area", "column", "row", "source")
OPTIONAL = ("short", "short_en", "note")
MOST = 30  # squares across and down; with more no name could be read


@dataclass(frozen=True)
class Tile:
    """A district's square, counted from 1 at the upper left, what it is called there, and who says that it lies there."""

    column: int
    row: int
    short: str
    short_en: str
    source: str


def read_tiles(root: Path, districts: Collection[str]) -> dict[str, Tile]:
    """The squares of some districts of a project's city, by code; none without the file.

    Rows of other districts of the city must be right too, but may stand on a square that one of these has: it may have
    followed them there after a change of areas.

    Raises
    ------
    DataError
        Lists every broken rule: a code that is no district or stands twice, a place that is no whole number from 1 to 30, no source,
        two districts on one square.
    """
    path = root / "data" / "raw" / FILE
    if not path.is_file():
        return {}
    name, known = path.relative_to(root).as_posix(), {*tables.districts(root), *districts}
    problems: list[Problem] = []
    found: dict[str, Tile] = {}
    taken: dict[tuple[int, int], str] = {}
    seen: dict[str, str] = {}

    for line in tables.read_rows(path, root, COLUMNS, OPTIONAL):
        area, wrong = line["area"], list[tuple[str, str, dict[str, Any]]]()
        if area not in known:
            wrong.append(("area", "unknown", {"known": listed(sorted(known))}))
        elif area in seen:
            wrong.append(("area", "twice", {"row": seen[area]}))
        seen.setdefault(area, line["#"])
        places = [_place(line[column]) for column in ("column", "row")]
        wrong += [(c, "place", {"most": MOST}) for c, p in zip(("column", "row"), places, strict=True) if p is None]
        if not line["source"]:
            wrong.append(("source", "source", {}))
        column, row = places
        if not wrong and area in districts and column and row:
            if (column, row) in taken:
                wrong.append(("area", "taken", {"other": taken[column, row], "column": column, "at": row}))
            taken.setdefault((column, row), area)
            found[area] = Tile(column, row, line["short"], line["short_en"], line["source"])
        problems += [
            Problem(name, int(line["#"]), c, line[c], say(f"tiles.{key}.rule", **w), say(f"tiles.{key}.advice", **w))
            for c, key, w in wrong
        ]
    if problems:
        raise DataError(problems)
    return found


def _place(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    return number if 1 <= number <= MOST else None
