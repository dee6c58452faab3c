"""The two classes the benchmark's filter took out: shares that stand at a bound, and rates of rare events.

    python benchmarks/rare.py

Flat windows: real shares that stood at 0 or 100 % for five years or more (data/raw/reference/at_bounds.csv), places left out by fifths; every
series counts once. Rare events: invented districts whose rate is constant or wanders (8 % a year, 3 % fall), ten years known, five
ahead; held against a gamma-Poisson that knows the rate to be constant, and against the very rate. Whole counts hold more than a range says, also
for who knows the rate: ranges are counted as they are and with ties broken by chance (randomised PIT). Last, how often the newest count is to be
verified (outside the 99 % range) when it is written ten times too large, and when it is right. About two minutes.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from plananalysis.projections import engine, one_step, project
from plananalysis.projections.learn_bounds import left_out_standings, load_standings

CASES = (  # what, rate, people, per, unit, decimals
    ("maternal deaths, 6 000 births", 10e-5, 6000, 1e5, "1/10万", 2),
    ("maternal deaths, 20 000 births", 10e-5, 20000, 1e5, "1/10万", 2),
    ("infant deaths, 3 000 births", 3e-3, 3000, 1e3, "‰", 2),
    ("newborn deaths, 6 000 births", 1e-3, 6000, 1e3, "‰", 2),
    ("injury deaths, 60 000 children", 8e-5, 60000, 1e3, "‰", 3),
)
KNOWN, AHEAD, DISTRICTS = 10, 5, 300


def main() -> None:
    stated, came = left_out_standings(load_standings(Path(".")), engine.shipped().levels)
    for name, table in (("stated", stated), ("came", came)):
        print(f"still at the bound after 1 to 6 years, {name}")
        print(table.round(3).to_string())
    rows = [
        scored(case, walk, drift) | {"world": world}
        for world, walk, drift in (("wanders", 0.08, -0.03), ("constant", 0.0, 0.0))
        for case in CASES
    ]
    print(pd.DataFrame(rows).set_index(["world", "case"]).round(3).to_string())


def scored(case: tuple, walk: float, drift: float) -> dict[str, object]:
    """CRPS of engine, gamma-Poisson and known rate, and how often the engine's ranges held, five years ahead."""
    name, rate, people, per, unit, decimals = case
    rng = np.random.default_rng(5)
    histories, came, rates = [], [], []
    for i in range(DISTRICTS):
        n = KNOWN + AHEAD
        true = rate * np.exp(np.cumsum(np.r_[rng.normal(0, 0.3), rng.normal(drift, walk, n - 1)]))
        born = np.round(people * np.exp(np.cumsum(rng.normal(0, 0.03, n))))
        deaths = rng.poisson(true * born).astype(float)
        values = np.round(deaths / born * per, decimals)
        histories.append(
            SimpleNamespace(
                series=f"s{i}", unit=unit, years=np.arange(2016, 2016 + KNOWN), values=values[:KNOWN], lower=0.0, upper=np.nan, decimals=decimals,
                direction=-1, rhythm="annual", numerators=deaths[:KNOWN], denominators=born[:KNOWN],
            )
        )  # fmt: skip
        came.append(values[-1])
        rates.append(true[-1])
    told = project(histories, 2015 + KNOWN + AHEAD, "rare")
    engine_says = [told[h.series].paths[:, -1] for h in histories]
    constant = [
        rng.poisson(rng.gamma(h.numerators.sum() + 0.5, 1 / h.denominators.sum(), 1000) * h.denominators[-1])
        / h.denominators[-1]
        * per
        for h in histories
    ]
    known = [
        rng.poisson(r * h.denominators[-1], 1000) / h.denominators[-1] * per
        for r, h in zip(rates, histories, strict=True)
    ]
    ours, theirs, best = (
        np.mean([crps(p, y) for p, y in zip(some, came, strict=True)]) for some in (engine_says, constant, known)
    )
    half = 0.5 * 10.0**-decimals
    worst = max(
        float(p.max()) / per * h.denominators[-1] / max(h.numerators.max(), 1)
        for p, h in zip(engine_says, histories, strict=True)
    )
    held = {}
    for who, said in (("engine", engine_says), ("known rate", known)):
        q = np.array([np.quantile(p, [0.025, 0.1, 0.9, 0.975]) for p in said])
        rank = randomised_ranks(said, np.array(came), half, rng)
        for level, low, high in ((80, 1, 2), (95, 0, 3)):
            inside = (q[:, low] - half <= came) & (came <= q[:, high] + half)
            held[f"{who} {level} %"] = inside.mean()
            held[f"{who} {level} %, by chance"] = (np.abs(rank - 0.5) <= level / 200).mean()
    return {
        "case": name, "crps / gamma-Poisson": ours / theirs, "crps / known rate": ours / best, **held,
        "largest path / largest year known": worst, "tenfold found": to_verify(histories, 10, per, decimals), "true found": to_verify(histories, 1, per, decimals),
    }  # fmt: skip


def to_verify(histories: list[SimpleNamespace], times: float, per: float, decimals: int) -> float:
    """Share of histories whose newest count (none taken as one) times so many lies outside the 99 % range."""
    changed = []
    for h in histories:
        deaths = h.numerators.copy()
        deaths[-1] = times * max(deaths[-1], 1) if times > 1 else deaths[-1]
        values = np.round(deaths / h.denominators * per, decimals)
        changed.append(SimpleNamespace(**{**vars(h), "numerators": deaths, "values": values}))
    return float(np.mean([step.outside(0.99)[-1] for step in one_step(changed).values()]))


def randomised_ranks(said: list[np.ndarray], came: np.ndarray, half: float, rng: np.random.Generator) -> np.ndarray:
    """Where what came falls in what was said (0 … 1), a tie broken by chance: even when a discrete statement is right."""
    below = np.array([(p < y - half).mean() for p, y in zip(said, came, strict=True)])
    tied = np.array([(np.abs(p - y) <= half).mean() for p, y in zip(said, came, strict=True)])
    return below + rng.random(len(came)) * tied


def crps(paths: np.ndarray, came: float) -> float:
    """Continuous ranked probability score of a sample."""
    x = np.sort(np.asarray(paths, float))
    n = len(x)
    spread = 2 * ((2 * np.arange(1, n + 1) - n - 1) * x).sum() / n**2
    return float(np.abs(x - came).mean() - spread / 2)


if __name__ == "__main__":
    main()
