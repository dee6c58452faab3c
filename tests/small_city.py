"""Simulated districts with a plan of few rows: what is tested of many areas seldom needs all 89 of them, which take six times as long."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

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
