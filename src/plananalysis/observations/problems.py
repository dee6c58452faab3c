"""How a problem of what was submitted is told: the file and cell, the indicator, the rule, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from plananalysis.base.errors import Problem
from plananalysis.base.text import say


def about(row: Mapping[str, str], known: Collection[str] | None) -> str:
    """The indicator, group and year of a row, as a message names them."""
    name = known.get(row["series"], "") if isinstance(known, Mapping) else ""
    group = row["group"] if row["group"] != "total" else ""
    return " ".join(filter(None, (row["series"], name, group, row["year"])))


def file_name(path: Path, root: Path) -> str:
    """A file as messages name it: its path below the project."""
    return path.relative_to(root).as_posix()


def problem(file: str, row: int, column: str, found: str, key: str, about: str, /, **fields: Any) -> Problem:
    """A broken rule, in the words of the catalogue."""
    rule, advice = (say(f"observations.{key}.{part}", **fields) for part in ("rule", "advice"))
    rule = say("observations.of", about=about, rule=rule) if about else rule
    return Problem(file, row, column, found, rule, advice)
