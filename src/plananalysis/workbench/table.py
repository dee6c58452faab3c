"""Indicators from tables of any common shape, in CSV and workbooks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.tables import read_text
from plananalysis.base.text import listed, say, speaking
from plananalysis.workbench.asking import language_of
from plananalysis.workbench.history import YEAR
from plananalysis.workbench.indicator import Indicator

# How columns are headed, in either language.
_HEADS = {
    "year": ("year", "years", "date", "time", "年份", "年", "年度"),
    "value": ("value", "values", "数值", "值", "指标值"),
    "name": ("name", "indicator", "series", "variable", "指标", "指标名称", "名称"),
    "unit": ("unit", "units", "单位", "计量单位"),
    "better": ("better", "方向"),
    "events": ("events", "numerator", "分子"),
    "exposed": ("exposed", "denominator", "分母"),
}
_BETTER = {"越高越好": "higher", "越低越好": "lower", "适中": "neither"}


def read_table(
    path: str | Path,
    *,
    shape: str = "auto",
    sheet: str | int = 0,
    unit: str = "",
    better: str = "higher",
    bounds: tuple[float | None, float | None] | None = None,
    language: str | None = None,
) -> dict[str, Indicator]:
    """Indicators from a CSV file or a workbook (XLSX, XLS, XLSB, ODS) of your own, by name; no plan and no folder is needed.

    Parameters
    ----------
    path
        The file. CSV may be UTF-8 or GB18030; of a workbook one ``sheet`` is read.
    shape
        ``long`` (a row a value: columns ``year``, ``value`` and, for several indicators, ``name``), ``wide`` (a row an indicator,
        a column a year) or ``tall`` (a row a year, a column an indicator). ``auto`` tells them apart by their heads. Columns
        ``unit`` and ``better`` (in ``long`` and ``wide``), ``events`` and ``exposed`` (in ``long``) are used where there are any.
    unit, better, bounds
        For indicators whose rows do not say, see ``Indicator.from_frame``.

    Raises
    ------
    DataError
        Every cell that is no number, every year twice, every value out of bounds, with row and column.
    UsageError
        No such file or sheet, or its shape cannot be told.
    """
    language = language_of(language)
    with speaking(language):
        table = _table(Path(path), sheet)
        kind = _shape(table, Path(path).name) if shape == "auto" else shape
        if kind not in ("long", "wide", "tall"):
            raise UsageError(say("workbench.errors.shape", shape=shape))
        made, problems = {}, []
        for name, (rows, about) in _SPLIT[kind](table).items():
            try:
                made[name] = Indicator.from_frame(
                    rows,
                    name=name,
                    unit=about.get("unit") or unit,
                    better=_BETTER.get(about.get("better", ""), about.get("better") or better),
                    bounds=bounds,
                    events="events" if "events" in rows else None,
                    exposed="exposed" if "exposed" in rows else None,
                    language=language,
                )
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(problems, say("workbench.errors.lead", file=Path(path).name, count=len(problems)))
    return made


def _table(path: Path, sheet: str | int) -> pd.DataFrame:
    """The cells as text or numbers under their heads; ``row`` is the row as a spreadsheet counts it."""
    if not path.is_file():
        raise UsageError(say("workbench.errors.file", file=path))
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        table = _sheet(path, sheet)
    else:
        text = io.StringIO(read_text(path, path.parent))
        table = pd.read_csv(text, sep=None, engine="python", dtype=object, skipinitialspace=True)
    table.columns = [_head(c) for c in table.columns]
    table.insert(0, "row", np.arange(2, len(table) + 2))
    table.attrs["file"] = path.name
    return table[~table.drop(columns="row").isna().all(axis=1)]


def _sheet(path: Path, sheet: str | int) -> pd.DataFrame:
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            known = book.sheet_names
            there = sheet in known if isinstance(sheet, str) else -len(known) <= sheet < len(known)
            if not there:
                words = {"file": path.name, "sheet": sheet, "known": listed(map(str, known))}
                raise UsageError(say("workbench.errors.sheet", **words))
            return pd.read_excel(book, sheet_name=sheet, dtype=object)
    except (OSError, UsageError):
        raise
    except Exception as error:  # the reader's own, of many kinds
        raise UsageError(say("workbench.errors.workbook", file=path.name, message=error)) from None


def _head(head: Any) -> str:
    """A column's head, in our word where it has one; a year as four digits."""
    text = str(head).strip()
    if year := YEAR.fullmatch(text):
        return year[1]
    return next((ours for ours, heads in _HEADS.items() if text.casefold() in heads), text)


def _shape(table: pd.DataFrame, file: str) -> str:
    heads = [c for c in table.columns if c != "row"]
    if sum(bool(YEAR.fullmatch(h)) for h in heads) >= 2:
        return "wide"
    if {"year", "value"} <= set(heads):
        return "long"
    if "year" in heads and len(heads) > 1:
        return "tall"
    raise UsageError(say("workbench.errors.no_shape", file=file, heads=", ".join(heads)))


_Split = dict[str, tuple[pd.DataFrame, dict[str, str]]]


def _long(table: pd.DataFrame) -> _Split:
    groups = table.groupby("name", sort=False) if "name" in table else [(Path(table.attrs["file"]).stem, table)]
    return {str(name).strip(): (_with_file(rows, table), _said(rows.iloc[0])) for name, rows in groups}


def _wide(table: pd.DataFrame) -> _Split:
    years = [c for c in table.columns if YEAR.fullmatch(c)]
    texts = [c for c in table.columns if c not in (*years, "row", "unit", "better")]
    label = "name" if "name" in texts else texts[0] if texts else ""
    found: _Split = {}
    for _, row in table.iterrows():
        name = str(row[label]).strip() if label else Path(table.attrs["file"]).stem
        cells = {"year": years, "value": [row[y] for y in years], "row": row["row"], "column": years}
        rows = pd.DataFrame(cells)
        found[name] = (_with_file(rows[~rows["value"].isna()], table), _said(row))
    return found


def _tall(table: pd.DataFrame) -> _Split:
    found: _Split = {}
    for name in (c for c in table.columns if c not in ("year", "row")):
        rows = table[["year", name, "row"]].rename(columns={name: "value"}).assign(column=name)
        found[name] = (_with_file(rows[~rows["value"].isna()], table), {})
    return found


_SPLIT = {"long": _long, "wide": _wide, "tall": _tall}


def _with_file(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    rows.attrs["file"] = table.attrs["file"]
    return rows


def _said(row: pd.Series) -> dict[str, str]:
    return {c: str(row[c]).strip() for c in ("unit", "better") if c in row and not pd.isna(row[c])}
