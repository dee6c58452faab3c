"""The two classes the benchmark's filter took out: shares that stand at a bound, and rates of rare events.

    python benchmarks/rare.py [--seed N]

Flat windows: real shares that stood at 0 or 100 % for five years or more (data/raw/reference/at_bounds.csv), places left out by fifths; every
series counts once. Rare events: invented districts whose rate is constant or wanders (8 % a year, 3 % fall), ten years known, five
ahead; held against a gamma-Poisson that knows the rate to be constant, and against the very rate. Whole counts hold more than a range says, also
for who knows the rate: ranges are counted as they are and with ties broken by chance (randomised PIT; Czado, Gneiting & Held 2009). Then how often the
newest count is to be verified (outside the 99 % range) when it is written ten times too large, by the engine and by who knows the rate, and when it is right.
Last, real counts (rare_events.csv), every ten years with five ahead, by what was learned from the other source. About two minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy.stats import nbinom, poisson

from plananalysis.projections import engine, one_step, project, project_with
from plananalysis.projections.learn_bounds import left_out_standings, load_standings
from plananalysis.projections.learn_counts import fit_counts, load_events

CASES = (  # what, rate, people, per, unit, decimals
    ("maternal deaths, 6 000 births", 10e-5, 6000, 1e5, "1/10万", 2),
    ("maternal deaths, 20 000 births", 10e-5, 20000, 1e5, "1/10万", 2),
    ("infant deaths, 3 000 births", 3e-3, 3000, 1e3, "‰", 2),
    ("newborn deaths, 6 000 births", 1e-3, 6000, 1e3, "‰", 2),
    ("injury deaths, 60 000 children", 8e-5, 60000, 1e3, "‰", 3),
)
KNOWN, AHEAD, DISTRICTS = 10, 5, 1000
FEW = 30  # events a year: real series above and below are told apart


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seed", type=int, default=5)
    seed = asked.parse_args().seed
    stated, came = left_out_standings(load_standings(Path(".")), engine.shipped().levels)
    for name, table in (("stated", stated), ("came", came)):
        print(f"still at the bound after 1 to 6 years, {name}")
        print(table.round(3).to_string())
    rows = [
        scored(case, walk, drift, seed) | {"world": world}
        for world, walk, drift in (("wanders", 0.08, -0.03), ("constant", 0.0, 0.0))
        for case in CASES
    ]
    print(pd.DataFrame(rows).set_index(["world", "case"]).round(3).T.to_string())
    print(pd.DataFrame(real(seed)).set_index(["source", "events a year"]).round(3).T.to_string())


def scored(case: tuple, walk: float, drift: float, seed: int) -> dict[str, object]:
    """CRPS of engine, gamma-Poisson and known rate, and how often their ranges held, five years ahead."""
    name, rate, people, per, unit, decimals = case
    rng = np.random.default_rng(seed)
    histories, came, rates, newest = [], [], [], []
    for i in range(DISTRICTS):
        n = KNOWN + AHEAD
        true = rate * np.exp(np.cumsum(np.r_[rng.normal(0, 0.3), rng.normal(drift, walk, n - 1)]))
        born = np.round(people * np.exp(np.cumsum(rng.normal(0, 0.03, n))))
        deaths = rng.poisson(true * born).astype(float)
        histories.append(history(i, deaths[:KNOWN], born[:KNOWN], per, unit, decimals))
        came.append(round(deaths[-1] / born[-1] * per, decimals))
        rates.append(true[-1])
        newest.append(true[KNOWN - 1])
    told = project(histories, 2015 + KNOWN + AHEAD, "rare")
    said = {"engine": [told[h.series].paths[:, -1] for h in histories]}
    said["gamma-Poisson"] = [constant(h, h.denominators[-1], rng) / h.denominators[-1] * per for h in histories]
    said["known rate"] = [
        rng.poisson(r * h.denominators[-1], 1000) / h.denominators[-1] * per
        for r, h in zip(rates, histories, strict=True)
    ]
    half = 0.5 * 10.0**-decimals
    error = {who: np.mean([crps(p, y) for p, y in zip(some, came, strict=True)]) for who, some in said.items()}
    most = np.array([p.max() / per * h.denominators[-1] for p, h in zip(said["engine"], histories, strict=True)])
    return {
        "case": name,
        **{f"crps / {who}": error["engine"] / error[who] for who in ("gamma-Poisson", "known rate")},
        **{f"{who} {k}": v for who, some in said.items() for k, v in held(some, np.array(came), half, rng).items()},
        "largest path / largest year known": max(m / max(h.numerators.max(), 1) for m, h in zip(most, histories, strict=True)),
        "largest path / most that is explicable": max(m / explicable(h) for m, h in zip(most, histories, strict=True)),
        "tenfold found": to_verify(histories, 10, per, decimals),
        "tenfold found, known rate": np.mean([tenfold(h) > poisson.ppf(0.995, r * h.denominators[-1]) for h, r in zip(histories, newest, strict=True)]),
        "true found": to_verify(histories, 1, per, decimals),
    }  # fmt: skip


def real(seed: int) -> list[dict[str, object]]:
    """Engine and gamma-Poisson on real counts, five years ahead; how rates move was learned from the other sources."""
    known, rng, rows = load_events(Path(".")), np.random.default_rng(seed), []
    for source, some in known.groupby("source"):
        arrays = engine.shipped().arrays | fit_counts(known[known["source"] != source])
        histories, came, of = [], [], []
        for _, series in some.groupby("series"):
            deaths, people = series["events"].to_numpy(float), series["people"].to_numpy(float)
            for at in range(KNOWN, len(deaths) - AHEAD + 1):
                past = slice(at - KNOWN, at)
                histories.append(history(len(histories), deaths[past], people[past], 1e5, "1/10万", 4))
                came.append(deaths[at + AHEAD - 1])
                of.append(people[at + AHEAD - 1])
        told = project_with(engine.Learned(arrays), histories, 2015 + KNOWN + AHEAD, "rare")
        blind = [SimpleNamespace(**{**vars(h), "numerators": None, "denominators": None}) for h in histories]
        plain = project_with(engine.Learned(arrays), blind, 2015 + KNOWN + AHEAD, "rare")
        said = {  # as counts of the people there are five years on
            "engine": [told[h.series].paths[:, -1] / 1e5 * n for h, n in zip(histories, of, strict=True)],
            "engine without counts": [plain[h.series].paths[:, -1] / 1e5 * n for h, n in zip(histories, of, strict=True)],
            "gamma-Poisson": [constant(h, n, rng) for h, n in zip(histories, of, strict=True)],
        }  # fmt: skip
        mean = np.array([h.numerators[-3:].mean() for h in histories])
        for name, rows_of in ((f"< {FEW}", mean < FEW), (f">= {FEW}", mean >= FEW)):
            if rows_of.any():
                picked = np.flatnonzero(rows_of)
                error = {w: np.mean([crps(s[i], came[i]) for i in picked]) for w, s in said.items()}
                rows.append({
                    "source": source, "events a year": name, "windows": len(picked),
                    **{f"crps / {w}": error["engine"] / error[w] for w in said if w != "engine"},
                    **{f"{w} {k}": v for w, s in said.items() for k, v in held([s[i] for i in picked], np.array(came)[picked], 0.5, rng).items()},
                })  # fmt: skip
    return rows


def history(
    number: int, deaths: np.ndarray, people: np.ndarray, per: float, unit: str, decimals: int
) -> SimpleNamespace:
    return SimpleNamespace(
        series=f"s{number}", unit=unit, years=np.arange(2016, 2016 + len(deaths)), values=np.round(deaths / people * per, decimals),
        lower=0.0, upper=np.nan, decimals=decimals, direction=-1, rhythm="annual", numerators=deaths, denominators=people,
    )  # fmt: skip


def constant(known: SimpleNamespace, people: float, rng: np.random.Generator) -> np.ndarray:
    """Counts of so many people by a gamma-Poisson that takes the rate to be constant (Jeffreys)."""
    return rng.poisson(rng.gamma(known.numerators.sum() + 0.5, 1 / known.denominators.sum(), 1000) * people)


def explicable(known: SimpleNamespace) -> float:
    """One more than a gamma-Poisson expects once in two thousand years, which the largest of a thousand paths is."""
    shape, people = known.numerators.sum() + 0.5, known.denominators
    return float(nbinom.ppf(0.9995, shape, people.sum() / (people.sum() + people[-1]))) + 1


def held(said: list[np.ndarray], came: np.ndarray, half: float, rng: np.random.Generator) -> dict[str, float]:
    """How often the 80 % and 95 % ranges held, as they are and with ties broken by chance."""
    found = {}
    q = np.array([np.quantile(p, [0.025, 0.1, 0.9, 0.975]) for p in said])
    rank = randomised_ranks(said, came, half, rng)
    for level, low, high in ((80, 1, 2), (95, 0, 3)):
        found[f"{level} %"] = ((q[:, low] - half <= came) & (came <= q[:, high] + half)).mean()
        found[f"{level} %, by chance"] = (np.abs(rank - 0.5) <= level / 200).mean()
    return found


def tenfold(known: SimpleNamespace) -> float:
    """The newest count (none taken as one) written ten times too large."""
    return 10 * max(known.numerators[-1], 1)


def to_verify(histories: list[SimpleNamespace], times: float, per: float, decimals: int) -> float:
    """Share of histories whose newest count, ten times too large or as it is, lies outside the 99 % range."""
    changed = []
    for h in histories:
        deaths = h.numerators.copy()
        deaths[-1] = tenfold(h) if times > 1 else deaths[-1]
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
