"""Hand the data on: CSV that opens right in Excel and WPS, described by a Data Package, and SDMX for other offices."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
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
_INJECTED = ("=", "+", "-", "@", "\t", "\r")  # a text starting so is run as a formula when the CSV is opened


def export(root: Path, area: str, out: Path, withheld: Iterable[tuple[str, str, int]] | None = None) -> list[Path]:
    """Write the database as files into ``out``: one CSV per table, ``datapackage.json``, and current values as SDMX.

    Parameters
    ----------
    withheld
        Series, group and year of cells that must not be shown (a public edition's small counts): their values, numerators
        and texts are left empty in every vintage, and their status is Q. What then remains is marked free for publication; without
        this argument nothing is: an export of everything is for the office's own use.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        The database was not built yet.
    """
    hidden = set(withheld or ())
    written: list[Path] = []
    resources = []
    with closing(connect(root, area)) as connection:
        about = dict(tuple(row) for row in connection.execute("SELECT name, text FROM about"))
        for table in _TABLES:
            known = schema.table("database", table)
            cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {', '.join(known.key)}")
            columns = [c[0] for c in cursor.description]
            rows = [_shown(dict(row), hidden) if table == "observation" else dict(row) for row in cursor]
            data = _csv(columns, rows, known.numeric)
            written.append(out / f"{table}.csv")
            write_atomic(written[-1], data)
            resources.append(datapackage.resource(known, columns))
        current = [_shown(dict(row), hidden) for row in _current(connection)]
        series = dict(tuple(row) for row in connection.execute("SELECT series, name FROM series"))
        definitions = dict(tuple(row) for row in connection.execute("SELECT definition, text FROM definition"))
    groups = codebook(root, load_plan(root, area)).groups
    names = {"INDICATOR": series, "BREAKDOWN": groups, "DEFINITION": definitions}
    title = say("database.title", area=about["name"]) + (say("database.fictional") if about["fictional"] == "1" else "")
    codes = sdmx.codes_of(current, area, about["name"], names)
    for name, data in (
        ("sdmx.csv", sdmx.as_csv([sdmx.row(one, area, free=withheld is not None) for one in current])),
        ("sdmx_structure.xml", sdmx.structure(area, title, codes)),
    ):
        written.append(out / name)
        write_atomic(written[-1], data)
    package = {
        "$schema": datapackage.STANDARD,
        "name": f"plan-monitoring-{area}",
        "title": title,
        "resources": resources,
    }
    written.append(out / "datapackage.json")
    write_atomic(written[-1], (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode())
    return written


def _current(connection: sqlite3.Connection) -> Iterable[sqlite3.Row]:
    return connection.execute(
        """SELECT c.*, s.unit AS unit, s.decimals AS decimals FROM current AS c JOIN series AS s USING (series)
        ORDER BY s.place, c.group_code, c.year, c.definition"""
    )


def _shown(row: dict[str, Any], hidden: set[tuple[str, str, int]]) -> dict[str, Any]:
    if (row["series"], row["group_code"], row["year"]) not in hidden:
        return row
    empty = ("value", "value_text", "numerator", "raw_text", "note", "submitted_value", "correction")
    return {**row, **dict.fromkeys(empty, ""), "obs_status": "Q"}


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], numeric: Collection[str]) -> bytes:
    """CSV with BOM; texts that a spreadsheet would run get an apostrophe, numbers never do (it would spoil -3)."""
    guarded = {c for c in columns if c not in numeric and c != "value_text"}
    text = io.StringIO()
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
