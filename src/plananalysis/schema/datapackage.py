"""Describes a folder of tables for other programs: ``datapackage.json``, as the Data Package standard has it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis.base.tables import write_atomic
from plananalysis.schema import Column, Table, table

FILE = "datapackage.json"
STANDARD = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {"whole": "integer", "year": "year", "number": "number", "share": "number", "date": "date", "flag": "boolean"}  # fmt: skip


def describe(place: str, folder: Path, name: str, title: str, language: str = "zh", **more: Any) -> Path:
    """Write ``datapackage.json`` beside the CSV files of a folder, for those that the schema of a place knows.

    Parameters
    ----------
    name
        Of the package: lower-case letters, digits and hyphens.
    more
        Further properties of the package.
    """
    resources = []
    for path in sorted(folder.glob("*.csv")):
        try:
            about = table(place, path.stem)
        except KeyError:  # another standard's file, which describes itself
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            resources.append(resource(about, next(csv.reader(file)), language))
    package = {"$schema": STANDARD, "name": name, "title": title, **more, "resources": resources}
    write_atomic(folder / FILE, (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode())
    return folder / FILE


def resource(about: Table, header: Sequence[str], language: str = "zh") -> dict[str, Any]:
    """One table as a resource of a data package; ``header`` are the columns its file has."""
    schema = {"fields": [_field(about.column(c), c, language) for c in header], "missingValues": [""]}
    return {
        "name": about.name.replace("_", "-"),
        "path": f"{about.name}.csv",
        "title": about.zh if language == "zh" else about.en,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema | ({"primaryKey": [*about.key]} if about.key else {}),
    }


def _field(column: Column, name: str, language: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": _TYPES.get(column.type, "string")}
    field["description"] = column.zh if language == "zh" else column.en
    if field["type"] == "boolean":
        field |= {"trueValues": ["True"], "falseValues": ["False"]}
    if limits := _limits(column):
        field["constraints"] = limits
    return field


def _limits(column: Column) -> Mapping[str, Any]:
    if column.type == "share":
        return {"minimum": 0, "maximum": 1}
    if column.allowed and column.type != "codes":
        return {"enum": [int(c) if column.type == "whole" else c for c in column.allowed]}
    return {}
