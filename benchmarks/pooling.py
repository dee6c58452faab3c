"""What knowing the other places is worth, and what their recent surprises would add to it.

    python benchmarks/pooling.py [--most N] [DIR ...]

Every series of four sources of data/raw/reference, and of sources of a benchmark folder DIR that the reference does not hold, is asked from each origin
2005–2019, one to six years ahead, for three targets (the last value plus 0, 0.7 and 1.5 of its usual steps times root years), by the engine that has
learned neither from that source nor from any district. Peers are the same indicator in other places of the source. Swedish districts are scored with
coefficients from the other four fifths of the places, the others with those from all Swedish districts. A DIR of one source is also scored on its own
tasks. N histories of each source, drawn with a seed, are asked; all by default.

Surprises are the mean of the normal scores of what came in the peers' newest year, as stated one, two and three years before (``years``), or of
their last three years, each as stated a year before (``steps``).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scoring import probability_scores

from plananalysis.observations.peers import LEAST, Beside
from plananalysis.projections import benchmark, engine, peers
from plananalysis.projections.learn import at_home, expected, fit
from plananalysis.projections.learn_peers import beside, shares
from plananalysis.projections.reference import Corpus, bounds, decimals, load_corpus

ORIGINS, AHEAD, POINTS, LONGEST = range(2005, 2020), 6, 6, 15
HARD = (0.0, 0.7, 1.5)
SOURCES = ("kolada", "unesco_uis", "unsdg", "gapminder_sg")
BACK = 3  # years of surprises


class Asked:
    """Histories of one source at many origins, what came, and what is told of their peers at the origin."""

    def __init__(
        self, corpus: Corpus, learned: engine.Learned, origins: Sequence[int], most: int | None = None
    ) -> None:
        self.corpus, self.learned, self.shares = corpus, learned, shares(corpus, origins)
        register, digits = corpus.series.reset_index(), decimals(corpus.values)
        seen = np.isfinite(corpus.values)
        self.histories: list[SimpleNamespace] = []
        self.where: list[tuple[int, int]] = []  # row and column of the corpus
        for row, about in enumerate(register.itertuples()):
            for origin in origins:
                at = origin - corpus.first_year
                if not 0 <= at < corpus.values.shape[1] or not seen[row, at]:
                    continue
                past = np.flatnonzero(seen[row, : at + 1])[-LONGEST:]
                if len(past) < POINTS or at - past[-POINTS] > 8:
                    continue
                values = corpus.values[row, past]
                lower, upper = bounds(about.unit_type, values.min())
                self.histories.append(
                    SimpleNamespace(
                        series=f"{row}-{at}", unit=about.unit_type, years=past - at, values=values, lower=lower, upper=upper,
                        decimals=int(digits[row]), direction=int(about.direction), rhythm="annual", numerators=None, denominators=None,
                    )
                )  # fmt: skip
                self.where.append((row, at))
        self.told = {
            h.series: found
            for h, (row, at) in zip(self.histories, self.where, strict=True)
            if np.isfinite((found := beside(corpus, row, corpus.first_year + at))[0])
        }
        able = [i for i, h in enumerate(self.histories) if h.series in self.told]
        self.some = sorted(np.random.default_rng(7).permutation(able)[:most].tolist())

    def paths(
        self,
        coefficients: np.ndarray | None,
        surprises: dict[str, float] | None = None,
        some: Sequence[int] | None = None,
        alike: float | None = None,
    ):
        """Projections of the histories numbered ``some``, one after the other, places being ``alike`` or as they are."""
        numbers = self.some if some is None else some
        told = {}
        if coefficients is not None:
            for i in numbers:
                (drift, gap, _, n), share = self.told[key := self.histories[i].series], self.share(i)
                told[key] = Beside(0, drift, gap, int(n), share if alike is None else alike)
        arrays = {k: v for k, v in self.learned.arrays.items() if k != "peers"}
        if coefficients is not None:
            arrays["peers"] = coefficients
        state = engine.Learned(arrays)
        with mock.patch.object(peers, "shift", _surprised(peers.shift, surprises)):
            for start in range(0, len(numbers), 1000):
                mine = numbers[start : start + 1000]
                found = benchmark.project_ahead([self.histories[i] for i in mine], AHEAD, state, world="new", told=told)
                yield from zip(mine, found, strict=True)

    def share(self, number: int) -> float:
        """What the places had in common at the origin of a history."""
        return self.shares[self.corpus.first_year + self.where[number][1]]

    def scores(self) -> dict[tuple[int, int, int], float]:
        """Normal score of what came, on the good side, by row, column of the origin and years ahead; peers untold."""
        out, side = {}, self.corpus.series.direction.to_numpy()
        for number, projection in self.paths(None, some=range(len(self.histories))):
            row, at = self.where[number]
            if projection.reason:
                continue
            for k in range(1, AHEAD + 1):
                if at + k < self.corpus.values.shape[1] and np.isfinite(came := self.corpus.values[row, at + k]):
                    ends = projection.paths[:, k - 1]
                    below = ((ends < came).mean() + (ends <= came).mean()) / 2
                    out[row, at, k] = float(ndtri(np.clip(below, 0.002, 0.998))) * (side[row] or 1)
        return out

    def surprises(self, scores: dict[tuple[int, int, int], float], steps: bool) -> dict[str, float]:
        """Mean score of the peers' newest values, by history; only where five say something."""
        register, found = self.corpus.series, {}
        groups = {i: np.flatnonzero(register.indicator == i) for i in register.indicator.unique()}
        for history, (row, at) in zip(self.histories, self.where, strict=True):
            others = [
                q for q in groups[register.indicator.iloc[row]] if register.entity.iloc[q] != register.entity.iloc[row]
            ]
            if steps:
                asked = [(q, at - h, 1) for q in others for h in range(1, BACK + 1)]
            else:
                asked = [(q, at - h, h) for q in others for h in range(1, BACK + 1)]
            said = [scores[key] for key in asked if key in scores]
            if len(said) >= LEAST:
                found[history.series] = float(np.mean(said))
        return found

    def answers(self, paths) -> pd.DataFrame:
        """Stated probability of each target and whether it was met."""
        rows, register = [], self.corpus.series
        for number, projection in paths:
            history, (row, at) = self.histories[number], self.where[number]
            if projection.reason or history.series not in self.told:
                continue
            side = int(register.direction.iloc[row])
            usual = np.mean(np.abs(np.diff(history.values))) or 10.0**-history.decimals
            for k in range(1, AHEAD + 1):
                if at + k >= self.corpus.values.shape[1] or not np.isfinite(came := self.corpus.values[row, at + k]):
                    continue
                ends = projection.paths[:, k - 1] * side
                for hard in HARD:
                    target = (history.values[-1] + side * hard * usual * np.sqrt(k)) * side - 1e-12
                    rows.append((number, k, hard, (ends >= target).mean(), came * side >= target))
        table = pd.DataFrame(rows, columns=["history", "k", "hard", "p", "met"])
        indicator = np.array([register.indicator.iloc[row] for row, _ in self.where])
        return table.assign(indicator=indicator[table.history.to_numpy(int)]).set_index(["history", "k", "hard"])


def _surprised(shift: Callable, surprises: dict[str, float] | None) -> Callable:
    """``peers.shift`` that also hears of surprises; their two coefficients stand before the last two."""

    def heard(histories, horizons, learned):
        if surprises is None:
            return shift(histories, horizons, learned)
        known = [peers._known(h) for h in histories]
        told = [
            0.0 if b is None else surprises.get(h.series, 0.0) * peers.alike(b.shared, learned[-1])
            for h, b in zip(histories, known, strict=True)
        ]
        root = np.sqrt(np.arange(1, horizons + 1))
        return shift(histories, horizons, learned) + np.array(told)[:, None] * (learned[-4] + learned[-3] * root)

    return heard


def coefficients(
    asked: Asked, scores: dict, use: Callable[[int], bool], surprises: dict[str, float] | None = None
) -> np.ndarray:
    """As ``learn_peers`` has them, from the histories of the rows that ``use`` lets in."""
    rows, y, ahead, weight, share = [], [], [], [], []
    home = float(np.mean([asked.share(i) for i in asked.some]))
    for number in asked.some:
        history, (row, at) = asked.histories[number], asked.where[number]
        if not use(row):
            continue
        some = [(k, scores[row, at, k]) for k in range(1, AHEAD + 1) if (row, at, k) in scores]
        drift, gap, own, _ = asked.told[history.series]
        extra = [] if surprises is None else [surprises.get(history.series, 0.0)]
        for k, score in some:
            rows.append([drift, gap, *extra, own])
            y.append(score), ahead.append(k), weight.append(1 / np.sqrt(len(some)))
            share.append(peers.alike(asked.share(number), home))
    w = np.array(weight)
    x, z = peers.design(np.array(rows), np.array(ahead), np.array(share)) * w[:, None], np.array(y) * w
    found = np.linalg.solve(x.T @ x + 1e-3 * np.eye(x.shape[1]), x.T @ z)[:-2]
    left = z - x[:, :-2] @ found
    return np.array([*found, np.sqrt((left**2).sum() / (z**2).sum()), home])


def _beyond(fold: np.ndarray, mine: int) -> Callable[[int], bool]:
    return lambda row: fold[row] != mine


def unseen(corpus: Corpus, source: str) -> engine.Learned:
    """The engine that has learned neither from ``source`` nor from districts."""
    if source == "kolada":
        return engine.shipped().elsewhere
    arrays = fit(at_home(corpus.keep(~corpus.series.source.isin(("kolada", source)).to_numpy())))
    return engine.Learned(
        arrays
        | {k: v for k, v in engine.shipped().arrays.items() if k.startswith("bound")}
        | expected(engine.Learned(arrays))
    )


def told(name: str, before: pd.DataFrame, after: pd.DataFrame) -> str:
    """Scores after, and the difference with its 90 % range, bootstrapped over indicators."""
    s, gain = probability_scores(after.p, after.met), (after.p - after.met) ** 2 - (before.p - before.met) ** 2
    by = gain.groupby(after.indicator).agg(["sum", "size"])
    rng = np.random.default_rng(1)
    drawn = [by.iloc[rng.integers(len(by), size=len(by))].sum() for _ in range(1000)]
    low, high = np.quantile([d["sum"] / d["size"] for d in drawn], (0.05, 0.95))
    return f"{name:34s} n {s['n']:7d}  Brier {s['brier']:.4f}  calibration {s['ece']:.3f}  {gain.mean():+.4f} [{low:+.4f}, {high:+.4f}]"


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--most", type=int), ask.add_argument("folders", nargs="*", type=Path)
    given = ask.parse_args()
    corpus = load_corpus(Path("."))
    sources = {source: (corpus, unseen(corpus, source)) for source in SOURCES}
    for folder in given.folders:
        other = benchmark.read_corpus(folder)
        strange = set(other.series.source) - set(corpus.series.source)
        sources |= {source: (other, engine.shipped().elsewhere) for source in sorted(strange)}
    districts: dict[str, np.ndarray] = {}
    for source, (held, learned) in sources.items():
        mine = held.keep((held.series.source == source).to_numpy())
        ask_source(source, Asked(mine, learned, ORIGINS, given.most), districts)
    for folder in given.folders:
        if len(set(benchmark.read_corpus(folder).series.source)) == 1:
            elsewhere(folder, districts)


def ask_source(source: str, asked: Asked, districts: dict[str, np.ndarray]) -> None:
    """One source at all its origins; what Swedish districts teach is kept in ``districts``."""
    scores = asked.scores()
    alone = asked.answers(asked.paths(None))
    share = np.mean([asked.share(i) for i in asked.some])
    print(
        f"\n{source}: {len(asked.told)} of {len(asked.histories)} histories have peers; shared {share:.3f}", flush=True
    )
    print(told("alone", alone, alone), flush=True)
    if source != "kolada":
        shipped = engine.shipped().arrays["peers"]
        print(told("as shipped", alone, asked.answers(asked.paths(shipped))), flush=True)
        print(told("however alike", alone, asked.answers(asked.paths(shipped, alike=shipped[-1]))), flush=True)
    for name, steps in (
        ("drift and position", None),
        ("and surprises (years)", False),
        ("and surprises (steps)", True),
    ):
        heard = None if steps is None else asked.surprises(scores, steps)
        if source == "kolada":
            districts[name] = coefficients(asked, scores, lambda row: True, heard)
            print("   ", districts[name].round(3).tolist())
            parts, fold = [], asked.corpus.series.fold.to_numpy()
            for g in np.unique(fold):
                mine = [i for i in asked.some if fold[asked.where[i][0]] == g]
                c = coefficients(asked, scores, _beyond(fold, g), heard)
                parts.append(asked.answers(asked.paths(c, heard, mine)))
            after = pd.concat(parts).loc[alone.index]
        else:
            after = asked.answers(asked.paths(districts[name], heard))
        print(told(name, alone, after), flush=True)


def elsewhere(folder: Path, districts: dict[str, np.ndarray]) -> None:
    """A benchmark folder's own tasks."""
    tasks, targets = benchmark.read(folder)
    learned, corpus = engine.shipped(), benchmark.read_corpus(folder)
    asked = Asked(corpus, learned, range(corpus.first_year, corpus.first_year + corpus.values.shape[1]))
    scores = asked.scores()
    told_of = benchmark.peers_of(tasks, *benchmark.neighbours(folder))
    row_of = {s: i for i, s in enumerate(corpus.series.index)}
    indicator = tasks.set_index("fit").series_id.map(corpus.series.indicator)
    before = None
    print(f"\n{folder.name}")
    for name, steps in (
        ("alone", None),
        ("as shipped", None),
        ("however alike", None),
        ("drift and position", None),
        ("and surprises (years)", False),
        ("and surprises (steps)", True),
    ):
        c = districts.get(name, learned.arrays["peers"])
        c = np.array([*c[:-1], 1e-9]) if name == "however alike" else c
        heard = None if steps is None else asked.surprises(scores, steps)
        by_task = {
            str(t.fit): heard[key] for t in tasks.itertuples()
            if heard and (key := f"{row_of[t.series_id]}-{t.origin_year - corpus.first_year}") in heard
        }  # fmt: skip
        with mock.patch.object(peers, "shift", _surprised(peers.shift, by_task if heard else None)):
            state = engine.Learned(learned.arrays | {"peers": c})
            stated, _ = benchmark.answer(tasks, targets, state, "new", {} if name == "alone" else told_of)
        found = targets.merge(stated, on=["fit", "h", "tkind"])
        found["indicator"] = found.fit.map(indicator)
        before = found if before is None else before
        print(told(name, before, found), flush=True)


if __name__ == "__main__":
    main()
