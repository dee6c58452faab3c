"""Bring the shippable rows of a benchmark folder into data/raw/reference.

    python benchmarks/import_reference.py DIR [ROOT]

DIR holds series.csv and values.parquet (needs pyarrow). Rows without a stated licence (``may_ship`` false) stay out.
One place in twenty is marked ``check``: the shipped engine never learns from it, the tests ask it about it.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pandas as pd

from plananalysis.base import tables

SOURCES = [  # code, name, repository the values were taken from, where the source publishes
    ("gapminder_sg", "Gapminder Systema Globalis", "open-numbers/ddf--gapminder--systema_globalis"),
    ("kolada", "Kolada, Swedish municipalities and regions (RKA)", "open-numbers/ddf--kolada--dump"),
    ("opensdg_ca", "Canadian SDG data (Statistics Canada)", "sdg-data-canada-odd-donnees/sdg-data-donnees-odd"),
    ("opensdg_uk", "UK SDG data (Office for National Statistics)", "ONSdigital/sdg-data"),
    ("opensdg_us", "US SDG data (U.S. statistical agencies)", "GSA/sdg-data-usa"),
    ("unesco_uis", "UNESCO Institute for Statistics, education", "open-numbers/ddf--unesco--education"),
    ("unsdg", "United Nations SDG indicators database", "open-numbers/ddf--unstats--sdg_indicators"),
]


def main() -> None:
    folder, root = Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    series = pd.read_csv(folder / "series.csv")
    values = pd.read_parquet(folder / "values.parquet")
    series = series[series.may_ship].sort_values("series_id")
    held_back = [hashlib.sha256(e.encode()).digest()[0] < 13 for e in series.entity]
    series["use"] = pd.Series(held_back, index=series.index).map({True: "check", False: "learn"})
    target = root / "data" / "raw" / "reference"
    columns = ["series_id", "source", "indicator", "entity", "unit_type", "direction", "kind", "fold", "use"]
    tables.write_table(series[columns].rename(columns={"series_id": "series"}), target / "series.csv")
    licences = series.groupby("source").licence.first()
    counts = series.groupby("source").size()
    rows = [
        dict(source=c, name=n, repository=r, licence=licences[c], series=int(counts[c]))
        for c, n, r in SOURCES
        if c in counts
    ]
    tables.write_rows(rows, ["source", "name", "repository", "licence", "series"], target / "sources.csv")
    values = values[values.series_id.isin(series.series_id)].merge(series[["series_id", "source"]])
    values = values.sort_values(["series_id", "year"]).rename(columns={"series_id": "series"})
    for source, part in values.groupby("source"):
        tables.write_table(part[["series", "year", "value"]], target / f"{source}.csv")
    print(f"{len(series)} series, {len(values)} values, {values.source.nunique()} sources")


if __name__ == "__main__":
    main()
