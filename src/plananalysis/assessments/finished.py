"""Owns the table ``finished``: what places whose plan has ended, or was half-way, printed of how many indicators were met.

An outside view beside the number expected here, never a part of any probability: the places count in their own ways, report on
themselves, and were found because they published. ``data/raw/finished_plans.csv`` holds one line per place and plan with its page and the
words it was taken from; the file may be absent.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from plananalysis import schema
from plananalysis.base.tables import read_rows
from plananalysis.plan.findings import Findings

FILE = "data/raw/finished_plans.csv"
KINDS = ("women", "children")  # codes of the plans its lines are about
COLUMNS = [*schema.table("edition", "finished").stored]
STAGES = ("final", "mid")


def load_finished(root: Path, plans: Collection[str] = KINDS) -> pd.DataFrame:
    """The lines of the file in its order; none for an area none of whose ``plans`` is of that kind.

    Raises
    ------
    DataError
        Lists every broken rule with file, row and column.
    """
    path = root / FILE
    if not path.is_file() or not set(plans) & set(KINDS):
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    rows, f = read_rows(path, root, COLUMNS), Findings(FILE)
    f.unique(rows, "place", "plan", "stage")
    for row in rows:
        f.filled(row, "place", "plan", "source", "quote")
        f.closed(row, "stage", STAGES)
        for column in ("first", "last", "as_of"):
            f.whole(row, column, 1990, 2100)
        total = f.whole(row, "total", 1, 10_000)
        if total is not None:
            f.whole(row, "met", 0, total)
    f.refuse()
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)
