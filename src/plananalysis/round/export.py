"""Hand the data on: CSV that opens right in Excel and WPS, described by a Data Package, and SDMX for other offices."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from plananalysis import schema
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.returns import codebook
from plananalysis.round import sdmx
from plananalysis.round.database import connect
from plananalysis.schema import datapackage

_TABLES = ("observation", "series", "unit", "definition", "submission", "review")
_FOR_ALL = ("series", "unit", "definition")  # tables that hold nothing of what a unit sent
_HANDED_OUT = (
    *("series", "area", "group_code", "year", "definition", "reported_at"),
    *("value", "value_text", "numerator", "denominator", "obs_status", "source"),
)
_INJECTED = ("=", "+", "-", "@", "\t", "\r")  # a text starting so is run as a formula when the CSV is opened


def export(root: Path, area: str, out: Path, public: Sequence[Mapping[str, Any]] | None = None) -> list[Path]:
    """Write the database as files into ``out``: one CSV per table, ``datapackage.json``, and current values as SDMX.

    Parameters
    ----------
    public
        The observations of a public edition, a mapping for each row. They are then all that is told of values, and marked free for
        publication or withheld (status Q, CONF_STATUS C); what units sent and how it was reviewed is left out. Without this
        argument every vintage is written, and nothing is marked free: such an export is for the office's own use.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        The database was not built yet.
    """
    with closing(connect(root, area)) as connection:
        about = dict(tuple(row) for row in connection.execute("SELECT name, text FROM about"))
        held = {table: _rows(connection, table) for table in (_TABLES if public is None else _FOR_ALL)}
        series = {row["series"]: row for row in held["series"]}
        current = _current(connection, series) if public is None else [_handed_out(row, series) for row in public]
    if public is not None:
        held["observation"] = current
    known = {table: schema.table("database", table) for table in held}
    columns = {table: [*one.columns] for table, one in known.items()}
    columns["observation"] = columns["observation"] if public is None else [*_HANDED_OUT]
    files = {f"{table}.csv": _csv(columns[table], rows, known[table].numeric) for table, rows in held.items()}
    title = say("database.title", area=about["name"]) + (say("database.fictional") if about["fictional"] == "1" else "")
    names = {
        "INDICATOR": {code: row["name"] for code, row in series.items()},
        "BREAKDOWN": codebook(root, load_plan(root, area)).groups,
        "DEFINITION": {row["definition"]: row["text"] for row in held["definition"]},
    }
    codes = sdmx.codes_of(current, area, about["name"], names)
    package = {
        "$schema": datapackage.STANDARD,
        "name": f"plan-monitoring-{area}",
        "title": title,
        "resources": [datapackage.resource(one, columns[table]) for table, one in known.items()],
    }
    files["sdmx.csv"] = sdmx.as_csv([sdmx.row(one, area, free=public is not None) for one in current])
    files["sdmx_structure.xml"] = sdmx.structure(area, title, codes)
    files["datapackage.json"] = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()
    for name, data in files.items():
        write_atomic(out / name, data)
    return [out / name for name in files]


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    key = ", ".join(schema.table("database", table).key)
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY {key}")]


def _current(connection: sqlite3.Connection, series: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The newest vintages, in the plan's order."""
    found = connection.execute(
        """SELECT c.* FROM current AS c JOIN series AS s USING (series)
        ORDER BY s.place, c.group_code, c.year, c.definition"""
    )
    return [dict(row) | _written(series, row["series"]) for row in found]


def _handed_out(row: Mapping[str, Any], series: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A row of a public edition in the columns of the database."""
    row = {name: "" if found != found else found for name, found in row.items()}
    value = {"value": "", "numerator": "", "obs_status": "Q"} if row["withheld"] else {"obs_status": row["status"]}
    text = "" if row["withheld"] else _cell_text(row["value"])
    told = {"group_code": row["group"], "value_text": text, "note": ""}
    return row | told | value | _written(series, row["series"])


def _written(series: Mapping[str, Mapping[str, Any]], code: str) -> dict[str, Any]:
    return {name: series[code][name] for name in ("unit", "decimals")}


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], numeric: Collection[str]) -> bytes:
    """CSV with BOM; texts that a spreadsheet would run get an apostrophe, numbers never do (it would spoil -3)."""
    text = io.StringIO()
    guarded = {c for c in columns if c not in numeric and c != "value_text"}
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(row[c]) if c in guarded else _cell_text(row[c]) for c in columns])
    return text.getvalue().encode("utf-8-sig")


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_INJECTED) else text


def _cell_text(value: Any) -> Any:
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else value
