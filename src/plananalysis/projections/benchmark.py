"""Running the engine on a benchmark folder (``tasks.parquet``, ``targets.parquet``) through the same door as the reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from plananalysis.base import tables
from plananalysis.observations.peers import Beside, among
from plananalysis.projections import World, engine, project_with
from plananalysis.projections.learn import fit, pack
from plananalysis.projections.learn_peers import shares
from plananalysis.projections.reference import Corpus, assemble, bounds, decimals

HORIZONS = 9
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
EDITION = "benchmark"
CHUNK = 2000  # tasks projected at a time, so that memory stays flat


def benchmark(folder: Path, out: Path) -> None:
    """Write ``probabilities.parquet`` and ``quantiles.parquet`` for the tasks in ``folder``, with the shipped engine.

    Of a task are read its history (``y_*``, origin, direction, kind of unit) whether its source is one the engine learned from and
    whether its place is a whole country (an ``entity`` named ``c-…``); of its targets whether they are a plan's (``tkind`` is ``official``). Where ``values.parquet`` and ``series.csv`` stand in the folder, the same
    indicator in other places of one country tells what peers had reported up to each task's origin, and nothing later.
    The columns ``f1 … f9``, ``actual`` and ``met`` are not read and may be absent. Needs pyarrow.
    """
    tasks, targets = read(folder)
    learned = engine.shipped()
    told = peers_of(tasks, *neighbours(folder)) if (folder / "values.parquet").is_file() else {}
    of = worlds(tasks, targets, learned)
    parts = [
        answer(some, targets[targets.fit.isin(some.fit)], learned, world, told)
        for world, some in tasks.groupby(of, sort=True)
    ]
    probabilities, quantiles = (pd.concat(found) for found in zip(*parts, strict=True))
    out.mkdir(parents=True, exist_ok=True)
    probabilities.to_parquet(out / "probabilities.parquet", index=False)
    quantiles.to_parquet(out / "quantiles.parquet", index=False)


def worlds(tasks: pd.DataFrame, targets: pd.DataFrame, learned: engine.Learned) -> np.ndarray:
    """Which world each task belongs to (see :class:`projections.Request`)."""
    held = (
        tasks.source.isin(set(learned.arrays["corpus.source"].tolist()))
        if "source" in tasks
        else np.zeros(len(tasks), bool)
    )
    asked_by_plan = tasks.fit.isin(targets.fit[targets.tkind == "official"])
    whole = tasks.entity.str.startswith("c-") if "entity" in tasks else np.zeros(len(tasks), bool)
    plan = np.where(whole, "country", "plan")
    return np.where(asked_by_plan, plan, np.where(held, "known", "new"))


def neighbours(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Register (index series) and values (series x years) of a benchmark folder."""
    register = pd.read_csv(folder / "series.csv", dtype={"entity": str}).set_index("series_id")
    values = pd.read_parquet(folder / "values.parquet")
    grid = values.pivot(index="series_id", columns="year", values="value")
    return register, grid.reindex(columns=range(values.year.min(), values.year.max() + 1))


def peers_of(tasks: pd.DataFrame, register: pd.DataFrame, values: pd.DataFrame) -> dict[str, Beside]:
    """Where each task's series stands among the same indicator of the same source in other places, by task, as known at its origin.

    Countries (entities named ``c-…``) are no peers of each other: what was learned is how districts of one country go together.
    """
    places = register[~register.entity.str.startswith("c-") & register.index.isin(values.index)]
    groups = {key: rows.index.to_numpy() for key, rows in places.groupby([places.source, places.indicator])}
    at, grid, years = {s: i for i, s in enumerate(values.index)}, values.to_numpy(float), values.columns.to_numpy(int)
    entity, found = places.entity.to_dict(), {}
    asked = tasks[tasks.series_id.isin(places.index) & tasks.origin_year.isin(years)]
    share = {
        source: shares(
            Corpus(some, grid[values.index.get_indexer(some.index)], int(years[0]), ""), asked.origin_year.unique()
        )
        for source, some in places.groupby("source")
    }
    keys = {
        s: (source, indicator)
        for s, source, indicator in zip(places.index, places.source, places.indicator, strict=True)
    }
    for task in asked.itertuples():
        others = [at[s] for s in groups[keys[task.series_id]] if entity[s] != entity[task.series_id]]
        known = slice(0, int(np.flatnonzero(years == task.origin_year)[0]) + 1)
        own = grid[at[task.series_id], known]
        if not np.isfinite(own).any():
            continue
        lower, upper = bounds(task.unit_type, np.nanmin(own))
        drift, gap, _, peers = among(np.vstack([own, grid[others, known]]), int(task.direction), lower, upper)[0]
        if np.isfinite(drift):
            common = share[keys[task.series_id][0]][task.origin_year]
            found[str(task.fit)] = Beside(
                0, float(drift), float(gap), int(peers), common
            )  # years count from the origin
    return found


def cross_fitted(folder: Path, out: Path, corpus: Corpus, by: str = "fold", blind: bool = False) -> None:
    """Like ``benchmark``, but every task is answered by an engine that learned from ``corpus`` without the task's fold or source.

    Parameters
    ----------
    by
        ``fold`` (no entity is in its own training data) or ``source`` (a whole data source is left out).
    out
        Receives the answers and, under ``fits``, the learned states; states that are there already are used again.
    """
    tasks, targets = read(folder)
    parts = []
    for group in sorted(tasks[by].unique()):
        learned = left_out(corpus, by, group, out / "fits", blind)
        some = tasks[tasks[by] == group]
        parts.append(answer(some, targets[targets.fit.isin(some.fit)], learned))
    out.mkdir(parents=True, exist_ok=True)
    for name, answers in zip(("probabilities", "quantiles"), zip(*parts, strict=True), strict=True):
        pd.concat(answers).to_parquet(out / f"{name}.parquet", index=False)


def left_out(corpus: Corpus, by: str, group: object, folder: Path, blind: bool = False) -> engine.Learned:
    """What the engine learns from ``corpus`` without one fold or source; kept in ``folder``."""
    path = folder / f"{by}-{group}.npz"
    if not path.is_file():
        arrays = fit(corpus.keep((corpus.series[by] != group).to_numpy()), blind=blind)
        tables.write_atomic(path, pack(arrays))
    return engine.Learned.load(path)


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tasks and targets of a benchmark folder."""
    return pd.read_parquet(folder / "tasks.parquet"), pd.read_parquet(folder / "targets.parquet")


def read_corpus(folder: Path) -> Corpus:
    """The benchmark folder's own series as a corpus, shippable or not; for measuring only."""
    series = pd.read_csv(folder / "series.csv").rename(columns={"series_id": "series"}).set_index("series")
    values = pd.read_parquet(folder / "values.parquet").rename(columns={"series_id": "series"})
    return assemble(series, values)


def histories(tasks: pd.DataFrame) -> list[SimpleNamespace]:
    """Each task's history as the product's own record of one; looks at y_*, origin_year, unit_type and direction only."""
    columns = sorted((c for c in tasks if c.startswith("y_m")), key=lambda c: -int(c[3:]))
    values = tasks[columns].to_numpy(float)
    digits = decimals(values)
    ago = np.arange(len(columns) - 1, -1, -1)
    out = []
    for row, task in enumerate(tasks.itertuples()):
        seen = np.isfinite(values[row])
        lower, upper = bounds(task.unit_type, values[row][seen].min())
        out.append(
            SimpleNamespace(
                series=str(task.fit), unit=task.unit_type, years=task.origin_year - ago[seen], values=values[row][seen], lower=lower, upper=upper,
                decimals=int(digits[row]), direction=int(task.direction), rhythm="annual", numerators=None, denominators=None,
            )
        )  # fmt: skip
    return out


def answer(
    tasks: pd.DataFrame,
    targets: pd.DataFrame,
    learned: engine.Learned,
    world: World = "known",
    told: Mapping[str, Beside] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stated probabilities (share of paths on the good side of each target) and quantiles of the paths, of tasks of one world."""
    probabilities, quantiles = [], []
    for start in range(0, len(tasks), CHUNK):
        some = tasks.iloc[start : start + CHUNK]
        asked = targets[targets.fit.isin(some.fit)]
        projected = project_ahead(histories(some), HORIZONS, learned, world=world, told=told)
        paths = np.stack([p.paths for p in projected])  # tasks x paths x years
        row = pd.Series(range(len(some)), index=some.fit).loc[asked.fit].to_numpy()
        side = some.direction.to_numpy()[row]
        reached = paths[row, :, asked.h.to_numpy() - 1] * side[:, None] >= (asked.target.to_numpy() * side)[:, None]
        probabilities.append(asked[["fit", "h", "tkind"]].assign(p=reached.mean(1)))
        q = np.quantile(paths, LEVELS, axis=1).transpose(1, 2, 0).reshape(-1, len(LEVELS))
        table = pd.DataFrame(q, columns=[f"q{level}" for level in LEVELS])
        table.insert(0, "h", np.tile(np.arange(1, HORIZONS + 1), len(some)))
        table.insert(0, "fit", np.repeat(some.fit.to_numpy(), HORIZONS))
        quantiles.append(table)
    return pd.concat(probabilities), pd.concat(quantiles)


def project_ahead(
    batch: list,
    horizons: int,
    learned: engine.Learned,
    n_paths: int = 1000,
    world: World = "known",
    told: Mapping[str, Beside] | None = None,
) -> list:
    """Projections of ``horizons`` years for histories with different origins, in the order given."""
    shifted = []
    for history in batch:  # the engine knows no calendar: moving a history in time moves its paths and nothing else
        moved = SimpleNamespace(**vars(history))
        moved.years = history.years - history.years[-1]
        moved.beside = (told or {}).get(history.series)
        shifted.append(moved)
    found = project_with(learned, shifted, horizons, EDITION, n_paths, world=world)
    return [found[h.series] for h in shifted]
