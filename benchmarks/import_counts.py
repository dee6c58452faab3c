"""Bring growing counts into data/raw/reference: what is counted in whole countries, of which the benchmark's corpus holds hardly any.

    python benchmarks/import_counts.py GAPMINDER [ROOT]

GAPMINDER is a checkout of open-numbers/ddf--gapminder--systema_globalis (CC BY 4.0). Taken are counts that are published as such, of
countries that are in the register already (so that none is in the half of the benchmark kept for acceptance), with fifteen values or more
since 1970; of every indicator a seeded twelve. Writes gapminder_counts.csv and its rows of series.csv and sources.csv.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base import tables

SOURCE, EACH, FIRST, FEWEST, SEED = "gapminder_counts", 12, 1970, 15, 20500101
COUNTS = {  # what is counted, and which way is good
    "aid_received_total_us_inflation_adjusted": 1,
    "armed_forces_personnel_total": -1,
    "cell_phones_total": 1,
    "energy_production_total": 1,
    "external_debt_total_us_not_inflation_adjusted": -1,
    "hydro_power_generation_total": 1,
    "patent_applications_total": 1,
    "patents_granted_total": 1,
    "patents_in_force_total": 1,
    "personal_computers_total": 1,
    "residential_electricity_use_total": 1,
    "rural_population": -1,
    "total_gdp_us_inflation_adjusted": 1,
    "total_gni_ppp_current_international": 1,
    "total_water_withdrawal_billion_cu_meters": -1,
    "urban_population": 1,
}


def main() -> None:
    folder, root = Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    target = root / "data" / "raw" / "reference"
    register = tables.read_table(target / "series.csv", dtype={"series": str, "entity": str})
    register = register[register.source != SOURCE]
    places = register[register.entity.str.startswith("c-")].drop_duplicates("entity").set_index("entity")
    rng, series, values = np.random.default_rng(SEED), [], []
    for indicator, direction in COUNTS.items():
        table = pd.read_csv(folder / "countries-etc-datapoints" / f"ddf--datapoints--{indicator}--by--geo--time.csv")
        table = table[(table.time >= FIRST) & ("c-" + table.geo).isin(places.index)].dropna()
        fit = [geo for geo, some in table.groupby("geo")[indicator] if usable(some.to_numpy(float))]
        for geo in sorted(rng.permutation(fit)[:EACH]):
            code, entity = f"gsc|{indicator}|{geo}", f"c-{geo}"
            fold, use = places.loc[entity, ["fold", "use"]]
            series.append([code, SOURCE, indicator, entity, "count", direction, "reported", fold, use])
            some = table[table.geo == geo]
            values.append(pd.DataFrame({"series": code, "year": some.time, "value": some[indicator]}))
    added = pd.DataFrame(series, columns=register.columns)
    tables.write_table(pd.concat([register, added]).sort_values("series"), target / "series.csv")
    tables.write_table(pd.concat(values).sort_values(["series", "year"]), target / f"{SOURCE}.csv")
    sources = tables.read_table(target / "sources.csv").set_index("source")
    own = sources.loc["gapminder_sg"].copy()
    own["name"], own["series"] = "Gapminder Systema Globalis, counts of whole countries", len(added)
    sources.loc[SOURCE] = own
    tables.write_table(sources.sort_index().reset_index(), target / "sources.csv")
    print(f"{len(added)} series, {sum(map(len, values))} values")


def usable(values: np.ndarray) -> bool:
    """Long enough, counted in every year anew, and never nothing."""
    return len(values) >= FEWEST and values.min() > 0 and float((np.diff(values) == 0).mean()) <= 0.2


if __name__ == "__main__":
    main()
