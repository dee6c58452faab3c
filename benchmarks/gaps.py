"""Gaps between the sexes in real series: how often their projected ranges held, and how well "narrower" was foretold.

    python benchmarks/gaps.py

Every pair of series of ``data/raw/reference`` that differ only in the sex they are about; histories of 6 and 10 years, the five
years after them withheld. The places are among those the engine learned from, but no gap is: what is tested is the scale that
:mod:`plananalysis.assessments.gaps` puts a gap on, against the scale of the values themselves.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from plananalysis.assessments import gaps
from plananalysis.base.tables import find_root, read_table
from plananalysis.observations import History
from plananalysis.projections import project

AHEAD, LENGTHS = 5, (6, 10)


def twin(series: str) -> str:
    """The code of the men's series beside a women's."""
    other = re.sub(r"_f\|", "_m|", series)
    return other if other != series else series.replace("Female", "Male").replace("female", "male")


def pairs(folder: Path) -> list[tuple[str, pd.Series, str]]:
    """Code, gap by year and unit type of every pair of shares or rates."""
    about = read_table(folder / "series.csv").set_index("series")["unit_type"]
    codes = [
        c for c in sorted(about.index) if twin(c) != c and twin(c) in about.index and about[c] in ("percent", "rate")
    ]
    wanted = {*codes, *map(twin, codes)}
    files = [f for f in sorted(folder.glob("*.csv")) if f.name not in ("series.csv", "sources.csv")]
    values = pd.concat([t[t["series"].isin(wanted)] for t in map(read_table, files)])
    held = {code: rows.set_index("year")["value"].sort_index() for code, rows in values.groupby("series")}
    return [(c, (held[c] - held[twin(c)]).dropna(), about[c]) for c in codes]


def windows(folder: Path) -> list[tuple[History, np.ndarray, str]]:
    """Gaps as histories, each with what came in the five years after it."""
    made = []
    for code, gap, kind in pairs(folder):
        for length in LENGTHS:
            if len(gap) < length + AHEAD or not gap.abs().max():
                continue
            seen, later = gap.iloc[-AHEAD - length : -AHEAD], gap.iloc[-AHEAD:]
            width = 100.0 if kind == "percent" else np.nan
            unknown = np.full(length, np.nan)
            made.append(
                (
                    History(
                        f"{code}|{length}",
                        "%" if kind == "percent" else "‰",
                        seen.index.to_numpy(),
                        seen.to_numpy(),
                        -width,
                        width,
                        2,
                        -int(np.sign(seen.iloc[-1])),
                        "annual",
                        unknown,
                        unknown,
                    ),
                    later.reset_index().to_numpy(),
                    kind,
                )
            )
    return made


def main() -> None:
    found: dict[tuple[str, str], list[tuple[bool, bool, float, float]]] = defaultdict(list)
    for history, later, kind in windows(find_root(Path(__file__)) / "data" / "raw" / "reference"):
        last = int(later[-1, 0])
        plan = SimpleNamespace(
            draws="bench", outline=SimpleNamespace(target_year=last), thresholds=SimpleNamespace(min_points=4)
        )
        own = gaps._projected(plan, [history], 500)[history.series]
        plain = project([history], last, "bench-0", 500)[history.series]
        for name, projection in (("own scale", own), ("scale of the values", plain)):
            if projection.reason:
                continue
            now = abs(history.values[-1])
            for year, value in later:
                ends = projection.paths[:, int(year) - int(projection.years[0])]
                low, below, above, high = np.quantile(ends, [0.1, 0.25, 0.75, 0.9])
                stated, narrower = float((np.abs(ends) < now).mean()), abs(value) < now
                found[name, kind].append(
                    (low <= value <= high, below <= value <= above, (stated - narrower) ** 2, narrower)
                )
    sys.stdout.write(f"{'':32}{'years':>6}{'in 80 %':>9}{'in 50 %':>9}{'Brier':>8}{'narrower':>10}\n")
    for (name, kind), rows in sorted(found.items()):
        inside, half, brier, came = np.mean(np.array(rows, float), axis=0)
        sys.stdout.write(f"{name + ', ' + kind:32}{len(rows):6}{inside:9.3f}{half:9.3f}{brier:8.3f}{came:10.3f}\n")


if __name__ == "__main__":
    main()
