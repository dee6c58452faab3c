"""Simulated cities and nations with a plan of few rows: tests of many areas seldom need all 89, which take six times as long."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

PLAN = Path(__file__).parents[1] / "data" / "raw" / "example" / "plan" / "series.csv"
with PLAN.open(encoding="utf-8-sig", newline="") as _file:  # births stand under many of their rates
    HEALTH = tuple(row["series"] for row in csv.DictReader(_file) if row["domain"].endswith(".health"))
ROWS = ("W01", "W02", "W03", "W04", "W05a", "W05b", "C01", "C02", "C03", "C04", "C05")


def trim(root: Path, rows: Collection[str] = ROWS) -> None:
    """Leave these rows alone in every plan below a root, and in all that was reported and decided about them."""
    for path in (root / "data" / "raw").rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *lines = csv.reader(file)
        named = [n for n, column in enumerate(head) if column in ("series", "left", "right")]
        kept = [line for line in lines if all(line[n] in {*rows, ""} for n in named)]
        if lines and not kept and path.parent.name == "observations":
            path.unlink()
        elif len(kept) < len(lines):
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([head, *kept])


def trim_nation(root: Path, rows: Collection[str] = ROWS) -> None:
    """The same of a nation, whose counties stand in one file."""
    import pandas as pd

    from plananalysis.panels import columnar

    trim(root, rows)
    path = root / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    marks, held = columnar.Reader(path, root).marks, pd.read_parquet(path)
    kept = held[held["series"].isin(rows)]
    columnar.write_observations([part for _, part in kept.groupby("area", observed=True)], path, marks)
