"""Engine and peers side by side in one run: accuracy on the benchmark's tasks and series per second.

    python benchmarks/compare.py DIR OUT [--tasks N] [--skip-learning]

DIR is a benchmark folder. The engine is cross-fitted (5 folds by place), peers need no learning. ``--tasks`` takes a seeded random
subset for the peers (default 1000). Prints a table and writes OUT/peers.csv. Needs the extra ``benchmark`` (pyarrow, statsforecast).
Set OPENBLAS_NUM_THREADS=1 for single-core times.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from peers import PEERS
from scipy.stats import norm
from scoring import probability_scores, quantile_scores

from plananalysis.projections import benchmark, project

BATCH = 10_000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--tasks", type=int, default=1000)
    asked.add_argument("--skip-learning", action="store_true", help="score what OUT/fold already holds")
    options = asked.parse_args()
    tasks, targets = benchmark.read(options.folder)
    if not options.skip_learning:
        benchmark.cross_fitted(options.folder, options.out / "fold", benchmark.read_corpus(options.folder))
    p, q = (pd.read_parquet(options.out / "fold" / f"{n}.parquet") for n in ("probabilities", "quantiles"))
    some = tasks.sample(min(options.tasks, len(tasks)), random_state=1)
    rows = [score_engine("engine, all tasks", tasks, targets, p, q), score_engine("engine", some, targets, p, q)]
    rows[-1]["series_per_second"] = engine_speed(tasks)
    for name, peer in PEERS.items():
        rows.append(score_peer(name, peer, some, targets))
    table = pd.DataFrame(rows).set_index("method")
    table.to_csv(options.out / "peers.csv")
    print(table.round(4).to_string())
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def score_engine(name: str, tasks, targets, p, q) -> dict[str, object]:
    joined = targets[targets.fit.isin(tasks.fit)].merge(p, on=["fit", "h", "tkind"])
    return {
        "method": name,
        "tasks": len(tasks),
        **probability_scores(joined.p, joined.met),
        **quantile_scores(tasks, q),
    }


def engine_speed(tasks: pd.DataFrame) -> float:
    """Histories to 1,000 paths nine years ahead to one probability each, a batch of 10,000, CPU seconds of this process."""
    known = benchmark.histories(tasks)
    batch = []
    for number in range(BATCH):
        history = SimpleNamespace(**vars(known[number % len(known)]))
        history.series, history.years = str(number), history.years - history.years[-1]
        batch.append(history)
    project(batch[:100], HORIZON, "warm")
    start = time.process_time()
    projected = project(batch, HORIZON, "speed")
    _chances = [(projected[h.series].paths[:, -1] >= h.values[-1]).mean() for h in batch]
    return BATCH / (time.process_time() - start)


HORIZON = benchmark.HORIZONS


def score_peer(name: str, peer, tasks: pd.DataFrame, targets: pd.DataFrame) -> dict[str, object]:
    y = tasks[[f"y_m{k}" for k in range(14, -1, -1)]].to_numpy(float)
    peer(y[:5])  # compilation and imports do not count
    start = time.process_time()
    mean, spread = peer(y)
    seconds = time.process_time() - start
    asked = targets[targets.fit.isin(tasks.fit)]
    row = pd.Series(range(len(tasks)), index=tasks.fit).loc[asked.fit].to_numpy()
    at, wide = mean[row, asked.h - 1], spread[row, asked.h - 1]
    side = tasks.direction.to_numpy()[row]
    ahead = side * (at - asked.target.to_numpy())
    p = np.where(wide > 0, norm.cdf(ahead / np.where(wide > 0, wide, 1)), (ahead >= 0).astype(float))
    levels = np.array(benchmark.LEVELS)
    q = (mean[:, :, None] + spread[:, :, None] * norm.ppf(levels)).reshape(-1, len(levels))
    table = pd.DataFrame(q, columns=[f"q{level}" for level in levels])
    table["fit"], table["h"] = np.repeat(tasks.fit.to_numpy(), HORIZON), np.tile(np.arange(1, HORIZON + 1), len(tasks))
    scores = {
        "method": name,
        "tasks": len(tasks),
        **probability_scores(p, asked.met.to_numpy()),
        **quantile_scores(tasks, table),
    }
    return {**scores, "series_per_second": len(tasks) / max(seconds, 1e-9)}


if __name__ == "__main__":
    main()
