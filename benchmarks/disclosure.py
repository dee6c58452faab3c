"""Plays a reader who wants the hidden counts of public editions.

    python benchmarks/disclosure.py [districts] [--forget]

Invented districts, each with three successive editions. Their data are made worse than the simulation's: one in twelve counts of groups and of totals is
revised in a later year, and one series in six of those with counts reports rates alone. The reader holds all three editions, every shown
count or rate, the true denominators to within 3 %, which counts were revised, which groups add up in truth, and the plan's rules of which series cannot be
above which. He bounds each hidden count of 1 to 4 by linear programming over all of it together; none of his sums comes from the program's.
With ``--forget`` every edition is made as if it were the first: a control, in which he must succeed.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

from plananalysis.editions.disclosure import hidden_cells, public, sensitive
from plananalysis.editions.known import nested
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import Plan, load_plans
from plananalysis.returns.values import scale_of
from plananalysis.simulate import area_codes, simulate_area
from plananalysis.simulate.folder import furnish

YEARS = (2023, 2024, 2025)
REVISED, WITHOUT_COUNTS, WITHIN = 1 / 12, 1 / 6, 0.03
SEED = 14
Key = tuple[str, str, int, float]  # series, group, year, and the true count that this version of it has


def main(districts: int, forget: bool) -> None:
    root, totals, started = Path(), np.zeros(5, dtype=int), time.time()
    with TemporaryDirectory() as place:
        target = Path(place)
        furnish(root, target)
        for n, code in enumerate(area_codes(districts), start=1):
            simulate_area(root, code, code, SEED, target=target)
            totals += attacked(target, code, np.random.default_rng([SEED, n]), forget)
            if n in (1, 5) or n % 10 == 0 or n == districts:
                names = ("shown", "hidden", "hidden of 1 to 4", "recovered", "narrower than 1 to 4")
                told = ", ".join(f"{name} {count:,}" for name, count in zip(names, totals, strict=True))
                print(f"{n} districts x {len(YEARS)} editions: {told}; {time.time() - started:.0f} s", flush=True)


def attacked(root: Path, area: str, rng: np.random.Generator, forget: bool) -> np.ndarray:
    """Cells shown, hidden, hidden of 1 to 4, recovered exactly, and bounded more narrowly than 1 to 4."""
    plans = load_plans(root, area, YEARS[-1], "zh")
    series = set(sensitive(plans[-1]))
    true = revised(load_observations(root, area), series, rng)
    reported = without_counts(true, series, rng)
    views = {p.as_of: (as_known(reported, p.known_on, p.as_of), p) for p in plans}
    truths = {p.as_of: as_known(true, p.known_on, p.as_of) for p in plans}
    reader = Reader(plans[-1])
    for year in YEARS:
        view, plan = views[year]
        before = [views[y] for y in sorted(views) if y < year and not forget]
        hidden = hidden_cells(view, plan, earlier=before, nested=nested(root, area, plan))
        reader.read(public(view, hidden), truths[year], series)
    return reader.result()


def revised(reported: pd.DataFrame, series: set[str], rng: np.random.Generator) -> pd.DataFrame:
    """With a later report of some counts, in the spring of one of the next years."""
    counted = reported[reported["series"].isin(series) & reported["numerator"].notna() & reported["value"].notna()]
    again = counted[rng.random(len(counted)) < REVISED].copy()
    again["numerator"] = np.maximum(0, again["numerator"] + rng.integers(-4, 5, len(again)))
    rates = again["denominator"] > 0
    old = counted.loc[again.index, "numerator"]
    scale = (again["value"] * again["denominator"] / old.where(old > 0)).where(rates)
    again["value"] = (again["numerator"] / again["denominator"] * scale).where(rates & (old > 0), again["numerator"])
    again = again[~rates | (old > 0)]
    years = np.maximum(again["year"].to_numpy(), 2021) + rng.integers(1, 4, len(again))
    again["reported_at"] = [f"{y + 1}-05-29" for y in years]
    again["submission"] = "revision"
    return pd.concat([reported, again], ignore_index=True)


def without_counts(reported: pd.DataFrame, series: set[str], rng: np.random.Generator) -> pd.DataFrame:
    """The same with rates alone for some series."""
    rates = sorted(set(reported.loc[reported["denominator"] > 0, "series"]) & series)
    some = {s for s in rates if rng.random() < WITHOUT_COUNTS}
    out = reported.copy()
    out.loc[out["series"].isin(some) & (out["denominator"] > 0), ["numerator", "denominator"]] = math.nan
    return out


class Reader:
    """What somebody knows who keeps every edition."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bounds: dict[Key, tuple[float, float]] = {}
        self.hidden: set[Key] = set()
        self.people: dict[Key, float] = {}
        self.rows: list[tuple[Mapping[Key, float], float]] = []  # coefficients, and at most this; equations stand twice
        self.cells = 0

    def read(self, shown: pd.DataFrame, truth: pd.DataFrame, series: set[str]) -> None:
        place = ["series", "group", "year"]
        facts = truth[truth["series"].isin(series) & truth["numerator"].notna()].drop_duplicates(place, keep="last")
        known = {(r.series, r.group, int(r.year)): r for r in facts.itertuples()}
        keys: dict[tuple[str, str, int], Key] = {}
        for row in shown[shown["series"].isin(series)].drop_duplicates(place, keep="last").itertuples():
            at = (row.series, row.group, int(row.year))
            if at not in known:
                continue
            count, people = float(known[at].numerator), float(known[at].denominator)
            keys[at] = key = (*at, count)
            least, most = self._printed(row, people)
            self.people |= {key: people} if people > 0 else {}
            before = self.bounds.get(key, (0.0, math.inf))
            self.bounds[key] = (max(before[0], least), min(before[1], most))
            self.cells += 1
            if row.withheld:
                self.hidden.add(key)
        self._sums(keys)
        self._rules(keys)

    def _printed(self, row: object, people: float) -> tuple[float, float]:
        """Between what a printed cell puts its count."""
        if row.withheld:  # type: ignore[attr-defined]
            return 0.0, people * (1 + WITHIN) if people > 0 else math.inf
        if not math.isnan(row.numerator):  # type: ignore[attr-defined]
            return float(row.numerator), float(row.numerator)  # type: ignore[attr-defined]
        scale = scale_of(self.plan.series.loc[row.series, "unit"])  # type: ignore[attr-defined]
        if not scale or not people > 0:
            return float(row.value), float(row.value)  # type: ignore[attr-defined]
        half = 0.5 * 10.0 ** -int(self.plan.series.loc[row.series, "decimals"])  # type: ignore[attr-defined]
        low, high = ((row.value + sign * half) / scale * people for sign in (-1, 1))  # type: ignore[attr-defined]
        return max(0.0, low * (1 - WITHIN)), high * (1 + WITHIN)

    def _sums(self, keys: Mapping[tuple[str, str, int], Key]) -> None:
        """Groups of one dimension that add up to the total in truth, as one edition has them."""
        held: dict[tuple[str, int, str], list[Key]] = {}
        for (series, group, year), key in keys.items():
            if group != "total":
                held.setdefault((series, year, group.partition(":")[0]), []).append(key)
        for (series, year, _), parts in held.items():
            whole = keys.get((series, "total", year))
            if whole and len(parts) > 1 and sum(p[3] for p in parts) == whole[3]:
                one = {whole: 1.0} | dict.fromkeys(parts, -1.0)
                self.rows += [(one, 0.0), ({k: -v for k, v in one.items()}, 0.0)]

    def _rules(self, keys: Mapping[tuple[str, str, int], Key]) -> None:
        """Series of one denominator of which the plan says that one cannot be above the other."""
        path = Path("data", "raw", "example", "plan", "logic.csv")
        for rule in pd.read_csv(path, encoding="utf-8-sig").itertuples():
            for (series, group, year), key in keys.items():
                other = keys.get((rule.right, group, year))
                if series != rule.left or other is None or rule.relation not in (">=", "<="):
                    continue
                big, less = (key, other) if rule.relation == ">=" else (other, key)
                if big[3] >= less[3]:
                    self.rows.append(({less: 1.0, big: -1.0}, 0.0))

    def result(self) -> np.ndarray:
        secret = [k for k in self.hidden if 1 <= k[3] <= 4]
        found = [self._range(k) for k in secret]
        exact = sum(low >= high for low, high in found)
        most = [
            math.floor(min(4, self.people.get(k, 4) * (1 + WITHIN))) for k in secret
        ]  # of three people at most three
        tells = [low > 1 or high < known for (low, high), known in zip(found, most, strict=True)]
        narrow = sum(tells)
        for key, (low, high), told in zip(secret, found, tells, strict=True):
            if told:
                print(f"  {key[0]} {key[1]} {key[2]}: {key[3]:.0f} is between {low} and {high}", flush=True)
        return np.array([self.cells - len(self.hidden), len(self.hidden), len(secret), exact, narrow])

    def _range(self, cell: Key) -> tuple[int, int]:
        tied, used, grown = {cell}, [], True
        while grown:
            used = [row for row in self.rows if tied & row[0].keys()]
            more = {k for row in used for k in row[0] if k in self.hidden or self._loose(k)} - tied
            grown = bool(more)
            tied |= more
        order = {k: j for j, k in enumerate({k for row in used for k in row[0]} | {cell})}
        left, right = lil_matrix((len(used), len(order))), np.array([r for _, r in used])
        for i, (one, _) in enumerate(used):
            for k, factor in one.items():
                left[i, order[k]] = factor
        limits = [(low, None if math.isinf(high) else high) for low, high in (self.bounds[k] for k in order)]
        aim = np.zeros(len(order))
        aim[order[cell]] = 1
        ends = []
        for sign in (1, -1):
            table = {"A_ub": left.tocsr(), "b_ub": right} if used else {}
            solved = linprog(sign * aim, bounds=limits, method="highs", **table)
            ends.append(solved.fun * sign if solved.status == 0 else (0.0 if sign == 1 else 1e9))
        return math.ceil(ends[0] - 1e-6), math.floor(ends[1] + 1e-6)

    def _loose(self, key: Key) -> bool:
        low, high = self.bounds[key]
        return high > low


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    main(numbers[0] if numbers else 200, "--forget" in sys.argv)
