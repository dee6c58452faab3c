"""How much the indicators of one place surprise together, five years ahead.

    python benchmarks/together.py

Every series of data/raw/reference with six values up to 2003, 2006, 2009, 2012 or 2015 is projected; what came five years later is read as a
normal score on the good side. Pairs are of one place, source and year: two indicators that differ in the sex they are about
(twins), of one family (siblings: codes that begin alike, causes of death, forms of unemployment), and all others. Then one indicator
in different Swedish districts, told by the engine that has learned from no district, without and with what their peers tell.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from plananalysis.observations.peers import Beside
from plananalysis.projections import World, engine, project_with
from plananalysis.projections.learn_peers import beside, shares
from plananalysis.projections.reference import Corpus, bounds, decimals, load_corpus

ORIGINS, AHEAD, LEAST, LONGEST = (2003, 2006, 2009, 2012, 2015), 5, 6, 15


def scores(corpus: Corpus, world: World = "known", peers: bool = False) -> pd.DataFrame:
    """Normal scores of what came: one row per series and origin."""
    register, digits, found = corpus.series.reset_index(), decimals(corpus.values), []
    for origin in ORIGINS:
        at, asked, share = origin - corpus.first_year, {}, shares(corpus, [origin])[origin] if peers else 0.0
        for row, values in enumerate(corpus.values):
            past = np.flatnonzero(np.isfinite(values[: at + 1]))[-LONGEST:]
            if at + AHEAD >= len(values) or not np.isfinite(values[[at, at + AHEAD]]).all() or len(past) < LEAST:
                continue
            about, seen = register.iloc[row], values[past]
            lower, upper = bounds(about.unit_type, seen.min())
            asked[row] = SimpleNamespace(
                series=str(row), unit=about.unit_type, years=past - at, values=seen, lower=lower, upper=upper, decimals=int(digits[row]),
                direction=int(about.direction), rhythm="annual", numerators=None, denominators=None,
                beside=told_by_peers(corpus, row, origin, share) if peers else None,
            )  # fmt: skip
        told = project_with(engine.shipped(), list(asked.values()), AHEAD, "together", world=world)
        for row in asked:
            ends, side = told[str(row)].paths[:, -1], register.direction[row] or 1
            came = corpus.values[row, at + AHEAD]
            below = ((ends * side < came * side).mean() + (ends * side <= came * side).mean()) / 2
            found.append((row, origin, float(ndtri(np.clip(below, 0.002, 0.998)))))
    table = pd.DataFrame(found, columns=["row", "origin", "score"])
    return table.join(register[["source", "indicator", "entity"]], on="row")


def told_by_peers(corpus: Corpus, row: int, origin: int, share: float) -> Beside | None:
    """What the same indicator tells in the other places of its source, which share so much of their yearly changes."""
    drift, gap, _, number = beside(corpus, row, origin)
    return Beside(0, drift, gap, int(number), share) if np.isfinite(drift) else None


def across_places(corpus: Corpus) -> None:
    """Print how far the surprises of one indicator and year go together over places."""
    districts = corpus.keep((corpus.series.source == "kolada").to_numpy())
    for peers in (False, True):
        table = scores(districts, "new", peers)
        table = table[table.row.map(districts.series.direction.reset_index(drop=True)) != 0]
        by = table.groupby(["indicator", "origin"]).score
        some = by.agg(["mean", "var", "size"])[lambda t: t["size"] > LEAST]
        common = (some["mean"] ** 2 - some["var"] / some["size"]).mean() / (some["mean"] ** 2 + some["var"]).mean()
        print(
            f"one indicator in many places, {'with' if peers else 'without'} peers: {common:.3f} ({len(some)} indicator-years)"
        )


def stem(source: str, indicator: str) -> str:
    """What siblings have in common."""
    if source == "unesco_uis":
        return re.split("_", indicator)[0]
    if source == "kolada":
        return indicator[:4]
    if "unemployment" in indicator or source != "gapminder_sg":
        return "unemployment" if source == "gapminder_sg" else indicator
    return "deaths" if re.search("mortality|deaths|stillbirths", indicator) else indicator


def main() -> None:
    across_places(load_corpus(Path(".")))
    table = scores(load_corpus(Path(".")))
    rows = []
    for (_, _, source), some in table.groupby(["entity", "origin", "source"]):
        said, names = some.score.to_numpy(), some.indicator.tolist()
        whole = [re.sub(r"_(f|m|gpia)(?=_|$)", "", n.split(" ")[0]) for n in names]
        for i in range(len(said)):
            for j in range(i):
                alike = stem(source, names[i]) == stem(source, names[j])
                kind = "twins" if whole[i] == whole[j] and source == "unesco_uis" else "siblings" if alike else "unlike"
                rows.append((kind, source, said[i], said[j]))
    pairs = pd.DataFrame(rows, columns=["kind", "source", "a", "b"])
    for by in (["kind"], ["kind", "source"]):
        told = pairs.groupby(by).apply(
            lambda g: pd.Series({"pairs": len(g), "correlation": g.a.corr(g.b)}), include_groups=False
        )
        print(told.round(3).to_string())


if __name__ == "__main__":
    main()
