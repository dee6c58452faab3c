"""The derived tables of one edition: rows for pages, checksums for runs and frames for whoever computes, each read once."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.base.tables import content
from plananalysis.schema import tables

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


class Frames(Mapping[str, "pd.DataFrame"]):
    """Tables by name: the rows of each, and a frame of it when somebody asks for one.

    Parameters
    ----------
    names
        The tables there are.
    rows
        Gives the rows of a table; a missing cell is the empty text.
    unseen
        Tables there are but that must not be asked for.
    """

    def __init__(self, names: Iterable[str], rows: Callable[[str], list[Row]], unseen: Collection[str] = ()) -> None:
        self._rows: dict[str, list[Row] | None] = dict.fromkeys(names)
        self._make, self._unseen = rows, frozenset(unseen)
        self._frames: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = frame_of(name, self.rows(name))
        return self._frames[name]

    def __contains__(self, name: object) -> bool:
        self._check(name)
        return name in self._rows

    def rows(self, name: str) -> list[Row]:
        """Rows of a table, made once for everybody: not to be changed."""
        self._check(name)
        made = self._rows[name]
        if made is None:
            made = self._rows[name] = self._make(name)
        return made

    def _check(self, name: object) -> None:
        if name in self._unseen:
            raise LookupError(
                f"this page does not see the table {name}; see editions/slices.py for what each page sees"
            )

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def rows_of(given: Mapping[str, pd.DataFrame], name: str) -> list[Row]:
    """Rows of one of several tables."""
    return given.rows(name) if isinstance(given, Frames) else rows_in(given[name])


def rows_in(frame: pd.DataFrame) -> list[Row]:
    """Rows of a frame; what is missing is the empty text."""
    return frame.astype(object).where(frame.notna(), "").to_dict("records")


def frame_of(name: str, rows: list[Row]) -> pd.DataFrame:
    """Rows as a frame: numbers as numbers, codes and texts as text whatever they look like, NaN where a cell is empty."""
    import pandas as pd

    about = tables("edition").get(name)
    columns = list(dict.fromkeys(c for r in rows for c in r)) or (list(about.stored) if about else [])
    cells = {c: [None if (v := r.get(c, "")) == "" else v for r in rows] for c in columns}
    made = {}
    for column, held in cells.items():
        kind = about.type_of(column) if about else ""
        if kind == "flag":
            held = [{"True": True, "False": False}.get(str(v), v) for v in held]
        made[column] = pd.Series(held, dtype=None if rows and kind == "flag" else object)
        if kind in ("number", "share", "whole", "year") or not about:
            made[column] = _numbers(made[column])
        made[column] = made[column].where(made[column].notna(), float("nan"))
    return pd.DataFrame(made, columns=columns)


def _numbers(cells: pd.Series) -> pd.Series:
    import pandas as pd

    try:
        return pd.to_numeric(cells)
    except (ValueError, TypeError):  # a table nobody has declared, with a column of words
        return cells


@dataclass
class Stored:
    """A derived table as its file has it; ``seen`` keeps the checksums of what slices see of it."""

    data: bytes
    head: list[str]
    lines: list[list[str]]
    seen: dict[object, dict[str, str]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[Row]:
        return [dict(zip(self.head, cells, strict=True)) for cells in self.lines]


_stored: dict[Path, Stored] = {}
_EDITIONS = 4  # as many editions' tables are held at a time


def stored(path: Path) -> Stored:
    """A table's file, taken apart once while it holds the same."""
    data, held = content(path), _stored.get(path)
    if held is None or held.data != data:
        head, *lines = [*csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))] or [[]]
        held = _stored[path] = Stored(data, head, lines)
        folders = list(dict.fromkeys(p.parent for p in _stored))
        for old in [p for p in _stored if p.parent in folders[:-_EDITIONS]]:
            del _stored[old]
    return held


def frames_of(folder: Path) -> Frames:
    """The derived tables of an edition's folder, each read when first asked for."""
    paths = {p.stem: p for p in sorted(folder.glob("*.csv"))}
    return Frames(paths, lambda name: stored(paths[name]).rows)
