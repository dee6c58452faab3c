"""The shipped area ``eu`` from the official targets and histories in ``data/raw/official``: run it after these have changed.

Nothing is added but words: targets, wordings, sources and values are those of ``data/raw/official``, rounded as the targets are compared. The yearly
allocations of 2013–2019 and the directive's indicative trajectory (means of two years) stay there.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from plananalysis.base.tables import write_rows
from plananalysis.onboarding.settings import written
from plananalysis.plan.check import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
OFFICIAL = ROOT / "data" / "raw" / "official"
AREA = ROOT / "data" / "raw" / "eu"
BASE, TARGET, ADOPTED = 2005, 2020, "2009-04-23"
BROUGHT_IN = "2026-11-28"  # the day the histories came into data/raw/official: as known then
# programme, its code here, number in the plan, what the series is called, unit, decimals
RENEWABLES, TRANSPORT, EFFORT = (
    *("EU renewables directive 2009-2020", "EU renewables in transport 2009-2020"),
    "EU effort sharing 2009-2020",
)
KINDS = {
    RENEWABLES: ("REN", "renewables.energy", "share of renewables in final energy", "%", 1),
    TRANSPORT: ("TRA", "renewables.transport", "share of renewables in transport", "%", 1),
    EFFORT: ("ESD", "effort.emissions", "greenhouse gases outside emissions trading", "Mt CO2-eq", 3),
}
SOURCES = {
    "eurostat_ren": "Eurostat, sdg_07_40 (CC BY 4.0, Commission Decision 2011/833/EU)",
    "eea_esd": "European Environment Agency, Effort Sharing Decision dataset, October 2022 (CC BY)",
}
PLANS = [
    ("renewables", "Renewable Energy Directive 2009/28/EC", "Renewables"),
    ("effort", "Effort Sharing Decision 406/2009/EC", "Effort sharing"),
]
DOMAINS = [
    ("renewables.energy", "renewables", "Share of final energy"),
    ("renewables.transport", "renewables", "Transport"),
    ("effort.emissions", "effort", "Emissions outside trading"),
]


def main() -> None:
    """Write the area's folder."""
    targets = [t for t in rows("targets") if t["programme"] in KINDS]
    last = [t for t in targets if t["target_year"] == str(TARGET)]
    last.sort(key=lambda t: ([*KINDS].index(t["programme"]), t["place_name"]))
    wordings = {w["wording"]: w for w in rows("wordings")}
    series_of = {s["series"]: s for s in rows("series")}
    plan = AREA / "plan"
    plans = ({"plan": p, "name": n, "name_en": n, "short": s, "short_en": s} for p, n, s in PLANS)
    write_rows(plans, COLUMNS["plans"], plan / "plans.csv")
    domains = ({"domain": d, "plan": p, "name": n, "name_en": n} for d, p, n in DOMAINS)
    write_rows(domains, COLUMNS["domains"], plan / "domains.csv")
    places = sorted({(t["place_name"], t["place"]) for t in last})
    units = ({"unit": code, "name": name, "printed": name} for name, code in places)
    write_rows(units, COLUMNS["units"], plan / "units.csv")
    series, readings, values = [], [], []
    numbers: dict[str, int] = {}
    for target in last:
        code, domain, what, unit, places_shown = KINDS[target["programme"]]
        named = domain.partition(".")[0]
        numbers[named] = numbers.get(named, 0) + 1
        key = f"{code}-{target['place'].upper()}"
        indicator = f"{target['place_name']}: {what}"
        about = {"series": key, "row": key, "role": "target", "plan": named, "domain": domain, "indicator": indicator}
        about |= {
            "number": str(numbers[named]),
            "name": indicator,
            "unit": unit,
            "unit_source": "printed",
            "lower": "0",
        }
        about |= {"upper": "100" if unit == "%" else "", "decimals": str(places_shown), "attribute": "binding"}
        about |= {"direction": target["direction"], "responsible_units": target["place"], "rhythm": "annual"}
        series.append({**dict.fromkeys(COLUMNS["series"], ""), **about})
        wording = wordings[target["wording"]]
        reading = {"series": key, "outline": f"{BASE}-{TARGET}", "decided_on": ADOPTED, "decided_by": wording["set_by"]}
        reading |= {"target_text": printed(target, wording), "kind": "threshold", "operator": target["operator"]}
        reading |= {
            "value": shown(target["target"], places_shown) if unit != "%" else f"{float(target['target']):g}",
            "confidence": "high",
        }
        reading["operator_source"] = "printed" if "at least" in reading["target_text"] else "inferred"
        reading |= {"evidence_url": wording["target_source"], "evidence_quote": wording["quote"]}
        readings.append({**dict.fromkeys(COLUMNS["targets"], ""), **reading})
        told = SOURCES[series_of[target["series"]]["source"]]
        for value in (v for v in rows("values") if v["series"] == target["series"] and int(v["year"]) <= TARGET):
            cells = (key, value["year"], shown(value["value"], places_shown), "A", BROUGHT_IN, told)
            values.append(dict(zip(("series", "year", "value", "status", "reported_at", "source"), cells, strict=True)))
    write_rows(series, COLUMNS["series"], plan / "series.csv")
    write_rows(readings, COLUMNS["targets"], plan / "targets.csv")
    write_rows(values, [*values[0]], AREA / "observations" / "official_histories.csv")
    settings = {
        "name": "European Union, twelve countries",
        "name_en": "European Union, twelve countries",
        "language": "en",
    }
    settings |= {"fictional": False, "as_of": TARGET, "data_closes_months": 71, "comparators": []}
    titles = "Renewable Energy Directive 2009/28/EC, Effort Sharing Decision 406/2009/EC"
    outline = {"id": f"{BASE}-{TARGET}", "base_year": BASE, "target_year": TARGET, "issued": ADOPTED, "title": titles}
    outline |= {
        "source": "OJ L 140, 5.6.2009",
        "short": "Energy and climate targets 2020",
        "short_en": "Energy and climate targets 2020",
    }
    (AREA / "area.toml").write_text(written(settings, [outline]), encoding="utf-8", newline="\n")


def printed(target: dict[str, str], wording: dict[str, str]) -> str:
    """The target as it is printed: one sentence for every country, or the number in the country's line of an annex."""
    found = re.search(r"S2020 ([\d.]+ %)|2020 ([\d.]+ Mt)", wording["quote"])
    return "at least 10 % by 2020" if found is None else found[1] or found[2]


def shown(number: str, places: int) -> str:
    """A number as the targets are compared."""
    return f"{float(number):.{places}f}"


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a table of ``data/raw/official``."""
    with (OFFICIAL / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
