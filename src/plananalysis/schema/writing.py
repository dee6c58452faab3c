"""Holds every table that is written to its schema, and writes numbers as they are meant."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from plananalysis.base.tables import write_atomic
from plananalysis.base.text import Told
from plananalysis.schema import NUMERIC, Column, Table, table

if TYPE_CHECKING:
    import pandas as pd

Rows: TypeAlias = "pd.DataFrame | Iterable[Mapping[str, Any]]"
_EXACT = 1e10  # numbers below this are written with ten significant digits: none of those that only a computer sees
_SHARE = 6  # decimals of a share
_FLAGS = {True: "True", False: "False", "True": "True", "False": "False"}


class SchemaError(ValueError):
    """A table is not what its schema says; every difference is listed. Only a mistake in the program can cause it."""


def write(place: str, name: str, rows: Rows, folder: Path) -> None:
    """Write a derived table as CSV with BOM into a folder, atomically, if it is what the schema says; equal tables, equal bytes.

    Parameters
    ----------
    rows
        A frame, or dictionaries in which a missing cell is an empty one.

    Raises
    ------
    SchemaError
        It lacks a column or has one nobody declared, a cell holds what its type or closed set does not allow, or a key stands twice.
    """
    columns = checked(table(place, name), rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    write_atomic(folder / f"{name}.csv", text.getvalue().encode("utf-8-sig"))


def checked(about: Table, rows: Rows) -> dict[str, list[str]]:
    """A table's columns in the order of its schema, each cell as it is written; the empty text where there is nothing."""
    given = _columns(about, rows)
    known = set(_in_order(about, given))
    wrong = [f"lacks {c}" for c in about.stored if c not in given]
    wrong += [f"has {c}, which nobody declared" for c in given if c not in known]
    made: dict[str, list[str]] = {}
    for name in _in_order(about, given):
        try:
            made[name] = _written(about.column(name), given[name])
        except (ValueError, TypeError, KeyError) as error:
            wrong.append(f"{name}: {error}")
    keys = [made[c] for c in about.key if c in made]
    if keys and len(set(zip(*keys, strict=True))) < len(keys[0]):
        wrong.append(f"two rows with one {', '.join(about.key)}")
    if wrong:
        raise SchemaError(f"{about.place}.{about.name} {'; '.join(wrong)}")
    return made


def _columns(about: Table, rows: Rows) -> dict[str, list[Any]]:
    if hasattr(rows, "columns"):
        frame: Any = rows  # pandas is not loaded for its name
        return {c: _plain(frame[c]) for c in frame.columns}
    held = list(rows)
    names = dict.fromkeys([*about.stored, *(c for row in held for c in row)])
    return {c: [row.get(c) for row in held] for c in names}


def _plain(cells: pd.Series) -> list[Any]:
    """Cells as Python's own values; types that know a missing number give None for it."""
    extended = not hasattr(cells.dtype, "itemsize") or cells.dtype.name[0].isupper()
    return cells.astype(object).where(cells.notna(), None).tolist() if extended else cells.tolist()


def _in_order(about: Table, given: Iterable[str]) -> Iterator[str]:
    """The declared ones of the given columns in the schema's order, those per year by year."""
    for name, column in about.columns.items():
        if name.endswith("*"):
            yield from sorted(c for c in given if c not in about.columns and c.startswith(name[:-1]))
        elif name in given and not column.made:
            yield name


def _written(column: Column, cells: Sequence[Any]) -> list[str]:
    """Cells as they are written.

    Raises
    ------
    ValueError, TypeError, KeyError
        One that the column does not allow.
    """
    write_one = _WRITERS.get(column.type, _text)
    plain = write_one is _text and set(map(type, cells)) == {str}  # most cells of most tables
    made = [*cells] if plain else ["" if v is None or v != v else write_one(v) for v in cells]
    found = set(made) - {""}
    if column.type == "date":
        for day in found:
            if date.fromisoformat(day).isoformat() != day:
                raise ValueError(f"{day!r} is no day")
    if column.allowed:
        parts = {code for cell in found for code in cell.split(";")} if column.type == "codes" else found
        if unknown := sorted(parts - {*column.allowed}):
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(column.allowed)}")
    return made


def number(value: Any) -> str:
    """A number as it is meant: without the digits that only binary fractions have; nothing where there is no bound.

    A text is a number as it was reported: it keeps its digits.

    >>> number(82.3 - 81.63), number(85.0), number("92.60"), number(float("inf"))
    ('0.67', '85', '92.60', '')
    """
    held = float(value) if value != "" else math.nan
    if not math.isfinite(held):
        return ""
    if isinstance(value, str):
        return value
    text = f"{held:.10g}" if abs(held) < _EXACT else repr(held)
    return repr(held) if "e" in text else "0" if text == "-0" else text


def _whole(value: Any) -> str:
    if value == "":
        return ""
    if int(value) != float(value):
        raise ValueError(f"{value!r} is no whole number")
    return str(int(value))


def _share(value: Any) -> str:
    if value != "" and not -1e-9 <= value <= 1 + 1e-9:
        raise ValueError(f"{value!r} is no share")
    return number(round(value, _SHARE) if value != "" else value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _told(value: Any) -> str:
    return (
        json.dumps(value.node, ensure_ascii=False, separators=(",", ":")) if isinstance(value, Told) else _text(value)
    )


_WRITERS = dict.fromkeys(NUMERIC, _whole) | {
    "number": number,
    "share": _share,
    "flag": lambda value: value if value == "" else _FLAGS[value],
    "told": _told,
}
