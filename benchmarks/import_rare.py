"""Bring real counts of rare events with the people behind them into data/raw/reference.

    python benchmarks/import_rare.py BAGE [ROOT]

BAGE is a checkout of bayesiandemography/bage (MIT), whose data-raw/ holds the tables as they were downloaded: infant deaths and births of the 21
Swedish counties, 1968 to 2017 (Statistics Sweden, CC0), and deaths and mid-year population of Iceland by sex and age, 1998 to 2022 (Statistics
Iceland, CC BY 4.0), here in groups of five years of age up to 49. Writes rare_events.csv.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pandas as pd

from plananalysis.base import tables

AGES = ((0, 0), (1, 4), *((age, age + 4) for age in range(5, 50, 5)))
KEY = ["series", "year"]


def main() -> None:
    folder, root = Path(sys.argv[1]) / "data-raw", Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    found = pd.concat([sweden(folder / "swe_infant"), iceland(folder / "isl_deaths")]).sort_values(["source", *KEY])
    tables.write_table(found, root / "data" / "raw" / "reference" / "rare_events.csv")
    print(f"{found.series.nunique()} series, {len(found)} years, {found.events.sum():.0f} events")


def sweden(folder: Path) -> pd.DataFrame:
    """Infant deaths and live births of each county."""
    births, deaths = (
        pd.read_csv(folder / f"{name}.csv.gz", skiprows=2, encoding="latin1").drop(columns="age", errors="ignore")
        for name in ("BE0101E2", "BE0101D9")
    )
    births, deaths = (
        t.melt("region", var_name="year", value_name=n) for t, n in ((births, "people"), (deaths, "events"))
    )
    found = births.merge(deaths, on=["region", "year"], validate="1:1")
    found["series"] = "infants|" + found["region"].str[:2]  # the county's official number
    return found.assign(source="scb", year=found["year"].astype(int))[["source", *KEY, "events", "people"]]


def iceland(folder: Path) -> pd.DataFrame:
    """Deaths and people of the whole country by sex and age."""
    people, deaths = (_table(next(folder.glob(f"{name}*.zip"))) for name in ("MAN02008", "MAN05221"))
    people = people.melt(["Age", "Sex"], var_name="year", value_name="people")
    people["year"] = people["year"].str[-4:].astype(int)
    deaths = deaths.melt(["Year", "Municipality", "Age"], var_name="Sex", value_name="events")
    deaths = deaths.rename(columns={"Year": "year"}).drop(columns="Municipality")
    for table in (people, deaths):
        table["age"] = table["Age"].str.extract(r"^(\d+) ")[0].where(~table["Age"].str.contains("1st"), "0")
    found = people.dropna(subset="age").merge(deaths.dropna(subset="age"), on=["age", "Sex", "year"], validate="1:1")
    found["age"] = found["age"].astype(int)
    rows = []
    for low, high in AGES:
        some = (
            found[found["age"].between(low, high)].groupby(["Sex", "year"], as_index=False)[["events", "people"]].sum()
        )
        rows.append(some.assign(series=f"deaths {low}-{high}|" + some["Sex"].str.lower()))
    return pd.concat(rows).assign(source="hagstofa")[["source", *KEY, "events", "people"]]


def _table(path: Path) -> pd.DataFrame:
    """The one table in an archive; what a Mac adds to it is left alone."""
    with zipfile.ZipFile(path) as archive, archive.open(path.stem) as file:
        return pd.read_csv(file, skiprows=1, sep=";")


if __name__ == "__main__":
    main()
