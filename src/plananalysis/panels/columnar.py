"""Observations of many areas in a parquet file sorted by area, or a folder of such files, and the list of those areas.

Needs pyarrow, the extra ``columnar``. A file holds what submissions hold, one row per report of a value, without the folder of
an office around it: columns ``area, series, year, value, status, reported_at`` and, where there are any, ``group, numerator,
denominator, definition, tier, submission``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.tables import AREA_COLUMNS, AREA_MAY, PANEL_AREAS, PANEL_OBSERVATIONS, read_rows
from plananalysis.base.text import say

if TYPE_CHECKING:
    import pyarrow as pa

OBSERVATIONS, AREAS = PANEL_OBSERVATIONS, PANEL_AREAS
AREA_REQUIRED, AREA_OPTIONAL = AREA_COLUMNS, AREA_MAY
REQUIRED = ("area", "series", "year", "value", "status", "reported_at")
TEXTS = ("group", "definition", "tier", "submission")  # may be left out; empty then
COUNTS = ("numerator", "denominator")
ROWS = 50_000  # rows per row group, about thirty areas: what a worker reads at a time
NUMBERS = ("year", "value", *COUNTS)
UNREAD = "_unread"  # ends the name of the column that holds what stood in a cell instead of a number


@dataclass(frozen=True)
class Area:
    """One area of a panel; ``group`` is what it is counted in, a province say."""

    code: str
    name: str
    name_en: str
    group: str
    group_en: str = ""


def needed() -> None:
    """Refuse to go on without pyarrow.

    Raises
    ------
    UsageError
        It is not installed; says how to install it.
    """
    if not find_spec("pyarrow"):
        raise UsageError(say("panels.misuse.pyarrow"))


def read_areas(root: Path, panel: str) -> list[Area]:
    """The areas of a panel in the order of their codes.

    Raises
    ------
    DataError
        The list is missing, or names an area twice or not at all.
    """
    path = root / "data" / "raw" / panel / AREAS
    rows = read_rows(path, root, AREA_REQUIRED, AREA_OPTIONAL)
    problems, seen = [], set()
    for row in rows:
        for column, bad in (("area", not row["area"] or row["area"] in seen), ("name", not row["name"])):
            if bad:
                file = path.relative_to(root).as_posix()
                rule, advice = (say(f"panels.areas.{column}_{part}") for part in ("rule", "advice"))
                problems.append(Problem(file, int(row["#"]), column, row[column], rule, advice))
        seen.add(row["area"])
    if problems:
        raise DataError(problems)
    columns = (*AREA_REQUIRED, *AREA_OPTIONAL)
    return sorted((Area(*(r[c] for c in columns)) for r in rows), key=lambda a: a.code)


@dataclass(frozen=True)
class _File:
    """One parquet file: its name in the project, and of each row group its number, first row, and first and last area (None where there is none)."""

    name: str
    parquet: Any
    columns: list[str]
    numeric: bool
    groups: list[tuple[int, int, Any, Any]]

    def read(self, number: int, first: int, columns: Sequence[str]) -> pd.DataFrame:
        """A row group, codes of areas as text, rows counted from 1 as a person would count the rows of the file."""
        frame = self.parquet.read_row_group(number, columns, use_threads=False).to_pandas()
        frame["area"] = _codes(frame["area"])
        frame["file_row"] = np.arange(first + 1, first + 1 + len(frame))
        return frame

    def key(self, code: str) -> Any:
        """A code as the file's own statistics hold it; None if it cannot be there."""
        if not self.numeric:
            return code
        return int(code) if code.isascii() and code.isdecimal() else None


class Reader:
    """Observations of a panel, read a few areas at a time: a parquet file, or a folder of them, one for each province say.

    Raises
    ------
    UsageError
        pyarrow is not installed.
    DataError
        A file is missing, is no parquet file, lacks a column, or is not sorted by area.
    """

    def __init__(self, path: Path, root: Path) -> None:
        needed()
        parts = [p for p in path.rglob("*.parquet") if p.is_file() and not p.name.startswith((".", "_"))]
        self._files = [_opened(p, root) for p in (sorted(parts) if path.is_dir() and parts else [path])]

    @property
    def count(self) -> int:
        """Rows of all files."""
        return sum(int(file.parquet.metadata.num_rows) for file in self._files)

    @property
    def marks(self) -> dict[str, str]:
        """What the writers put into the files' metadata, the first file's word first."""
        found: dict[bytes, bytes] = {}
        for file in self._files:
            found = (file.parquet.schema_arrow.metadata or {}) | found
        return {k.decode(): v.decode() for k, v in found.items() if k in (b"fictional", b"mark", b"seed", b"as_of")}

    def rows(self, codes: Collection[str]) -> pd.DataFrame:
        """Every report of some areas, with its ``file`` and ``file_row``."""
        wanted, parts = set(codes), []
        for file in self._files:
            keys = [key for key in map(file.key, codes) if key is not None]
            for number, first, least, most in file.groups:
                if least is None or not keys or most < min(keys) or least > max(keys):
                    continue
                frame = file.read(number, first, file.columns)
                parts.append(frame[frame["area"].isin(wanted)].assign(file=file.name))
        none = pd.DataFrame(columns=[*REQUIRED, "file_row", "file"])
        return complete(pd.concat(parts, ignore_index=True) if parts else none)

    def whole_areas(self) -> Iterator[pd.DataFrame]:
        """Every report, as it stands in its file, some areas at a time and each area's of a file together."""
        for file in self._files:
            held: list[pd.DataFrame] = []
            for number, first, _, most in file.groups:
                frame = file.read(number, first, file.columns)
                open_still = frame["area"] == _codes(pd.Series([most])).iloc[0]  # may go on in the next group
                if not open_still.all():
                    yield _joined([*held, frame[~open_still]])
                    held = []
                held.append(frame[open_still])
            if held:
                yield _joined(held)

    def strangers(self, codes: Collection[str]) -> dict[str, tuple[str, int, int]]:
        """Codes of rows that belong to none of these areas, ``""`` where none stands: file and number of the first, how many there are."""
        known, found = set(codes), dict[str, tuple[str, int, int]]()
        for file in self._files:
            for number, first, _, _ in file.groups:
                held = file.read(number, first, ["area"])["area"]
                lost = held[~held.isin(known)]
                for code, at in lost.groupby(lost).groups.items():
                    name, row, count = found.get(str(code), (file.name, first + 1 + int(at[0]), 0))
                    found[str(code)] = name, row, count + len(at)
        return {code: found[code] for code in sorted(found)}


def _opened(path: Path, root: Path) -> _File:
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = path.relative_to(root).as_posix()

    def wrong(key: str, found: str = "") -> DataError:
        rule, advice = say(f"panels.file.{key}_rule"), say(f"panels.file.{key}_advice")
        return DataError([Problem(name, 0, "", found, rule, advice)])

    try:
        parquet = pq.ParquetFile(path)
    except (FileNotFoundError, IsADirectoryError):
        raise wrong("missing") from None
    except Exception as error:  # whatever pyarrow finds wrong with it, the user can do but one thing
        raise wrong("unreadable", found=type(error).__name__) from None
    names = parquet.schema_arrow.names
    if lacking := [c for c in REQUIRED if c not in names]:
        raise wrong("columns", found=say("cli.list_joint").join(lacking))
    kind = parquet.schema_arrow.field("area").type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    groups: list[tuple[int, int, Any, Any]] = []
    first, before = 0, None
    for number in range(parquet.metadata.num_row_groups):
        group = parquet.metadata.row_group(number)
        statistics = group.column(names.index("area")).statistics
        nobody = statistics is not None and statistics.has_null_count and statistics.null_count == group.num_rows
        if nobody:
            groups.append((number, first, None, None))
        elif statistics is None or not statistics.has_min_max:
            raise wrong("unsorted")
        elif before is not None and statistics.min < before:
            raise wrong("unsorted", found=str(statistics.min))
        else:
            groups.append((number, first, statistics.min, statistics.max))
            before = statistics.max
        first += group.num_rows
    return _File(name, parquet, [c for c in (*REQUIRED, *TEXTS, *COUNTS) if c in names], numeric, groups)


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows one after the other, columns as text or numbers whatever each part's dictionary was."""
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)


def _codes(column: pd.Series) -> pd.Series:
    """Codes of areas as text, whatever the file holds them as: 500101 and 500101.0 are "500101"; "" where there is none."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(object).map(lambda v: "" if pd.isna(v) else f"{v:.0f}" if v == int(v) else str(v))
    return column.astype(object).where(column.notna(), "")


def complete(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns observations have, typed; a column left out is empty. What is no number is none, and kept as it stands beside."""
    for name in TEXTS:
        column = rows[name].astype(object) if name in rows else pd.Series("", rows.index, dtype=object)
        rows[name] = column.where(column.notna(), "total" if name == "group" else "")
    rows["group"] = rows["group"].replace("", "total")
    for name in ("series", "status", "reported_at"):
        rows[name] = rows[name].astype(str).astype(object).where(rows[name].notna(), "")
    for name in NUMBERS:
        given = rows[name] if name in rows else pd.Series(np.nan, rows.index)
        number = pd.to_numeric(given, errors="coerce").astype("Float64").to_numpy("float64", na_value=np.nan)
        if name == "year":
            number = np.where(np.isfinite(number) & (number == np.floor(number)), number, np.nan)
        unread = np.isnan(number) & given.notna().to_numpy(bool)
        rows[f"{name}{UNREAD}"] = given.astype(object).where(unread, "").astype(str)
        rows[name] = number
    rows["year"] = rows["year"].fillna(0).astype("int64")
    return rows


def schema() -> pa.Schema:
    """Columns and types of a file of observations as this package writes it."""
    import pyarrow as pa

    text = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            ("area", pa.string()),
            *((name, text) for name in ("series", "group")),
            ("year", pa.int16()),
            *((name, pa.float64()) for name in ("value", *COUNTS)),
            *((name, text) for name in ("status", "definition", "reported_at", "tier", "submission")),
        ]
    )


@contextmanager
def writing(path: Path, columns: pa.Schema, marks: Mapping[str, str]) -> Iterator[Any]:
    """A parquet writer whose file appears when all of it is written; equal tables and marks give equal bytes."""
    needed()
    import os

    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with pq.ParquetWriter(draft, columns.with_metadata(dict(marks)), compression="zstd") as writer:
            yield writer
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_observations(frames: Iterable[pd.DataFrame], path: Path, marks: Mapping[str, str]) -> int:
    """Write frames of observations, each of whole areas in the order of their codes, a row group each; how many rows."""
    import pyarrow as pa

    columns, rows = schema(), 0
    with writing(path, columns, marks) as writer:
        for frame in frames:
            table = pa.table({name: _column(frame, name, columns) for name in columns.names}, schema=columns)
            writer.write_table(table, row_group_size=max(len(frame), 1))
            rows += len(frame)
    return rows


def _column(frame: pd.DataFrame, name: str, columns: pa.Schema) -> pa.Array:
    import pyarrow as pa

    kind = columns.field(name).type
    if name not in frame:
        return pa.array([None] * len(frame), pa.float64()) if name in COUNTS else pa.array([""] * len(frame)).cast(kind)
    if kind == pa.float64():
        return pa.array(frame[name].to_numpy("float64"), kind, from_pandas=True)
    if pa.types.is_dictionary(kind):
        return pa.array(frame[name].astype(object).to_numpy(), pa.string()).dictionary_encode().cast(kind)
    return pa.array(frame[name].to_numpy(), kind)
