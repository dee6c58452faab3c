"""Bring real histories that stood at 0 or 100 % into data/raw/reference, from the sources the benchmark's filter took them out of.

    python benchmarks/import_at_bounds.py UNESCO UNSDG [ROOT]

UNESCO and UNSDG are checkouts of open-numbers/ddf--unesco--education and open-numbers/ddf--unstats--sdg_indicators (CC BY 4.0).
Taken are shares of a whole (never above 100) for both sexes and all residences, from administrative statistics, of every
country that stood at a bound for two published years with something published after. Writes at_bounds.csv and at_bounds_series.csv.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base import tables

SHARE = re.compile(r"%|ercent|rate", re.IGNORECASE)
OTHER = re.compile(
    r"gross|expenditure|GDP|GPI|parity|index|inbound|outbound|mobility|female|\bmale\b|quintile|urban|rural|household survey"
    r"|attainment|completion|attendance|literacy|illiterate|theoretical duration|years of",
    re.IGNORECASE,
)
BAD = re.compile(r"repetition|over-age|out-of-school|drop-?out|er_rsk_lbreds", re.IGNORECASE)  # lower is better
UNSDG = (
    "sh_sta_brtc", "eg_elc_accs", "sp_acs_bsrvh2o", "it_mob_4gntwk", "it_mob_3gntwk", "ag_lnd_frstmgt", "er_rsk_lbreds",
    "er_mrn_mpa", "er_ptd_frwrt", "er_ptd_motn", "er_ptd_terrs", "sh_h2o_safe",
)  # fmt: skip


def main() -> None:
    unesco, unsdg = Path(sys.argv[1]), Path(sys.argv[2])
    target = Path(sys.argv[3] if len(sys.argv) > 3 else ".") / "data" / "raw" / "reference"
    table = pd.concat([*of_unesco(unesco), *of_unsdg(unsdg)])
    table = table.drop_duplicates(["series", "year"]).sort_values(["series", "year"])
    kept = table[table.groupby("series").value.transform(stood) > 0]
    register = kept.drop_duplicates("series")[["series", "source", "indicator", "entity", "direction"]]
    tables.write_table(register, target / "at_bounds_series.csv")
    tables.write_table(kept[["series", "year", "value"]], target / "at_bounds.csv")
    print(f"{len(register)} series, {len(kept)} values")


def stood(values: pd.Series) -> bool:
    """Whether two values, one after the other, stand at a bound with another after them."""
    at = values.isin((0.0, 100.0)).to_numpy() & (values.diff().to_numpy() == 0)
    return bool(at[:-1].any())


def of_unesco(folder: Path):
    names = pd.read_csv(folder / "ddf--concepts--continuous.csv").set_index("concept")["name"].astype(str)
    for path in sorted((folder / "national_datapoints").glob("*.csv")):
        table = pd.read_csv(path)
        place, indicator = table.columns[0], table.columns[-1]
        name = names.get(indicator, "")
        if SHARE.search(name) and not OTHER.search(name) and table[indicator].max() <= 100.0001:
            entity = "c-" + table[place].astype(str)
            code = "uis|" + indicator + "|" + table[place].astype(str)
            yield listed(code, "unesco_uis", indicator, entity, table["year"], table[indicator], name)


def of_unsdg(folder: Path):
    for path in sorted(folder.glob("ddf--datapoints--*.csv")):
        indicator = path.name.split("--")[2]
        if indicator not in UNSDG:
            continue
        table = pd.read_csv(path, low_memory=False)
        values = pd.to_numeric(table[indicator], errors="coerce")
        keep = table["units"].astype(str).str.lower().str.contains("percent") & values.notna()
        for column, whole in (("sex", ("both_sexes", "bothsex")), ("location", ("allarea", "all_area"))):
            if column in table and table[column].astype(str).str.lower().isin(whole).any():
                keep &= table[column].astype(str).str.lower().isin(whole)
        table, values = table[keep], values[keep]
        entity = "c-" + table["geo_area"].astype(str)
        dims = [
            c
            for c in table.columns
            if c not in ("year", indicator, "units", "nature", "observation_status", "reporting_type")
        ]
        code = "unsdg|" + indicator + "|" + table[dims].astype(str).agg("|".join, axis=1)
        yield listed(code, "unsdg", indicator, entity, table["year"], values, indicator)


def listed(code, source: str, indicator: str, entity, year, value, name: str) -> pd.DataFrame:
    table = pd.DataFrame({"series": code, "entity": entity, "year": year, "value": np.round(value, 5)})
    return table.assign(source=source, indicator=indicator, direction=-1 if BAD.search(name) else 1)


if __name__ == "__main__":
    main()
