"""The tables of an area's plan as people write them: text, unchecked, each read from its file and written back only when it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plananalysis.base.tables import read_rows, read_settings, write_rows
from plananalysis.checks.beside import LOGIC_COLUMNS
from plananalysis.plan import UNDO
from plananalysis.plan.check import COLUMNS as PLAN_COLUMNS
from plananalysis.plan.check import OPTIONAL
from plananalysis.plan.plans import plans_file
from plananalysis.returns.asked import GROUP_COLUMNS, groups_file

Rows = list[dict[str, str]]

# in the order in which a plan is written down
COLUMNS: dict[str, list[str]] = {
    **{
        name: [*PLAN_COLUMNS[name], *OPTIONAL.get(name, ())]
        for name in ("plans", "domains", "units", "series", "targets")
    },
    "shared": PLAN_COLUMNS["shared"],
    "definitions": PLAN_COLUMNS["definitions"],
    "logic": LOGIC_COLUMNS,
    "companions": PLAN_COLUMNS["companions"],
    "thresholds": PLAN_COLUMNS["thresholds"],
    "groups": [*GROUP_COLUMNS],
}
NEEDED = ("domains", "units", "series", "targets")  # the other files need not be there


@dataclass
class PlanTables:
    """Everything an area's folder says of its plan: settings, plan periods, and the rows of each table."""

    settings: dict[str, Any] = field(default_factory=dict)
    outlines: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, Rows] = field(default_factory=lambda: {name: [] for name in COLUMNS})


def read(root: Path, area: str) -> PlanTables:
    """What stands in an area's folder; tables that several areas share where it has none of its own.

    Raises
    ------
    DataError
        A file that is no table, or settings that are no TOML.
    """
    settings = dict(read_settings(root / "data" / "raw" / area / "area.toml", root))
    outlines = settings.pop("outlines", [])
    held = PlanTables(settings, list(outlines) if isinstance(outlines, list) else [])
    for name, columns in COLUMNS.items():
        path = source(root, area, name)
        optional = OPTIONAL.get(name, ())
        if path.is_file():
            needed = [c for c in columns if c not in optional]
            held.rows[name] = [_plain(row) for row in read_rows(path, root, needed, optional, UNDO.get(name))]
    return held


def source(root: Path, area: str, name: str) -> Path:
    """The file a table is read from."""
    shared = {"plans": plans_file, "groups": groups_file}
    return shared[name](root, area) if name in shared else _own(root, area, name)


def write(root: Path, area: str, rows: Mapping[str, Sequence[Mapping[str, str]]], before: PlanTables) -> list[Path]:
    """Write the tables that differ from what was read; the others keep their bytes. A table that nobody needs is not made."""
    written = []
    for name, held in rows.items():
        path, now = _own(root, area, name), [_plain(row) for row in held]
        if now == before.rows.get(name) and (path.is_file() or name not in NEEDED):
            continue
        optional = OPTIONAL.get(name, ())
        columns = [c for c in COLUMNS[name] if c not in optional or any(row.get(c) for row in now)]
        write_rows(({c: row.get(c, "") for c in columns} for row in now), columns, path)
        written.append(path)
    return written


def _own(root: Path, area: str, name: str) -> Path:
    return root / "data" / "raw" / area / "plan" / f"{name}.csv"


def _plain(row: Mapping[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if column != "#"}
