"""The track record: how stated probabilities and ranges did on real histories the engine had not learned from.

``track_record.csv`` is rebuilt by ``python benchmarks/track_record.py DIR OUT``; reports only read it.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import pandas as pd

from plananalysis.base import tables


def track_record() -> pd.DataFrame:
    """The stored table, one number per row.

    Columns: ``section`` (scores, reliability, alerts, about), ``method`` (engine or a peer), ``left_out`` (what the engine had not
    learned from: ``place``; ``source``; ``place, shipped data`` when it learned from the openly licensed part only; empty for
    peers), ``by`` and ``group`` (all, kind, L = history length, source, h = years ahead; for reliability the stated range in
    percent; for alerts the data as published or with a tenfold slip in the newest value), ``measure``, ``value``, ``n`` (statements,
    tasks or series).
    """
    with as_file(files("plananalysis.projections") / "track_record.csv") as path:
        return tables.read_table(path, dtype={"left_out": str, "by": str, "group": str})


def reliability(left_out: str = "place") -> pd.DataFrame:
    """Stated probability against how often it came true, in ten classes: columns stated, came_true, cases."""
    rows = track_record()
    rows = rows[(rows.section == "reliability") & (rows.left_out == left_out) & (rows.group != "70-90")]
    wide = rows.pivot(index="group", columns="measure", values="value").join(rows.groupby("group").n.first())
    wide = wide.sort_values("stated").rename(columns={"came": "came_true", "n": "cases"})
    return wide[["stated", "came_true", "cases"]].reset_index(drop=True)


def official_record() -> pd.DataFrame:
    """How official targets of finished plans came out, one number per row; rebuilt by ``python benchmarks/official.py``.

    Columns: ``section`` (scores; words; reliability; vintages; plan effect), ``method`` (engine: its shift for plans learned from the other
    families of programmes; two engines without it; peers), ``by`` and ``group`` (all, when, position now, kind of series, scope, family,
    programme, outlook), ``measure`` (brier, ece, stated, came …), ``value``, ``n`` (questions).
    """
    with as_file(files("plananalysis.projections") / "official_record.csv") as path:
        return tables.read_table(path, dtype={"by": str, "group": str})
