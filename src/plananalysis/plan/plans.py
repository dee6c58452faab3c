"""Which plans an area has and what they are called: data, like everything a plan says."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base.tables import shipped

FILE = "data/raw/plans.csv"


def plans_file(root: Path, area: str) -> Path:
    """Where the plans of an area are named: its own ``plan/plans.csv``, else the project's, else the one that comes with the program."""
    own = root / "data" / "raw" / area / "plan" / "plans.csv"
    return next((path for path in (own, root / FILE) if path.is_file()), shipped(FILE))
