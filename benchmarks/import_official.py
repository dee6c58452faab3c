"""Bring the openly licensed official targets of finished plans into data/raw/official.

    python benchmarks/import_official.py DIR [ROOT]

DIR holds targets.csv, series.csv, sources.csv, values.csv and vintages.csv. Targets whose series has no stated licence
(``may_ship`` false) stay out, with their values.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plananalysis.base import tables

FAMILIES = {  # programmes that ask the same series again and again are one family
    "child survival": ("WSC 1990-2000", "MDG 2000-2015", "WSSD 2002-2015"),
    "immunization": ("A World Fit for Children 2002-2010", "UNICEF goals for 1995", "GVAP 2011-2015", "WHO WPR/RC40.R10 1989-1995"),
    "infections": ("End TB 2015-2020", "WHO TB 2000-2005", "WHA58.2 malaria 2005-2015"),
    "parity in school": ("MDG gender parity 2000-2005",),
    "China": ("China outlines 2011-2020", "China 13th health plan 2016-2020", "China 12th five-year plan 2011-2015"),
}  # fmt: skip
REST = "climate, energy and aid"
COLUMNS = (
    "id", "programme", "family", "place", "place_name", "indicator", "series", "unit_type", "direction", "operator", "target", "target_upper",
    "statistic", "compare_decimals", "start", "mid_year", "target_year", "scope", "binding", "derived", "set_by", "quote", "target_source", "licence", "kind",
    "outcome", "met",
)  # fmt: skip


def main() -> None:
    folder, root = Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    target = root / "data" / "raw" / "official"
    targets = tables.read_table(folder / "targets.csv")
    targets = targets[targets.may_ship].copy()
    family = {programme: name for name, programmes in FAMILIES.items() for programme in programmes}
    targets["family"] = targets.programme.map(family).fillna(REST)
    quotes = targets.groupby(["programme", "indicator", "set_by", "quote", "target_source"], sort=False).ngroup()
    targets["wording"] = quotes + 1
    wordings = targets.drop_duplicates("wording")[
        ["wording", "programme", "indicator", "set_by", "quote", "target_source", "licence"]
    ]
    kept = [c for c in COLUMNS if c not in ("set_by", "quote", "target_source", "licence")]
    tables.write_table(targets[[*kept, "wording"]].sort_values("id"), target / "targets.csv")
    tables.write_table(wordings, target / "wordings.csv")
    series = tables.read_table(folder / "series.csv")
    series = series[series.series.isin(targets.series)]
    tables.write_table(series, target / "series.csv")
    sources = tables.read_table(folder / "sources.csv")
    sources["commit"] = sources.commit.where(~sources.commit.str.contains("snapshot"), "not recorded")
    tables.write_table(sources[sources.source.isin(series.source)].drop(columns="may_ship"), target / "sources.csv")
    values = tables.read_table(folder / "values.csv")
    values = values[values.series.isin(targets.series)].sort_values(["series", "year"])
    tables.write_table(values, target / "values.csv")
    vintages = tables.read_table(folder / "vintages.csv")
    vintages = vintages[vintages.series.isin(targets.series)].sort_values(["series", "vintage", "year"])
    tables.write_table(vintages, target / "vintages.csv")
    print(
        f"{len(targets)} targets, {len(wordings)} wordings, {len(series)} series, {len(values)} values, {len(vintages)} values of vintages"
    )


if __name__ == "__main__":
    main()
