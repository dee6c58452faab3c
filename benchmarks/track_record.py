"""Rebuild the track record the reports print: how the engine did on real histories it had not learned from.

    python benchmarks/track_record.py DIR OUT [--tasks N]

DIR is a benchmark folder; OUT keeps what was learned and answered, so that an interrupted run goes on. Writes src/plananalysis/projections/track_record.csv.
Needs the extra ``benchmark``. About ten minutes on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from compare import score_peer
from peers import PEERS
from scoring import outcomes, probability_scores, quantile_scores

from plananalysis import projections
from plananalysis.base import tables
from plananalysis.projections import benchmark, engine, learn, surprises
from plananalysis.projections.reference import load_corpus

TARGET = Path(projections.__file__).with_name("track_record.csv")
COLUMNS = ["section", "method", "left_out", "by", "group", "measure", "value", "n"]
ALERT_LEVELS = {"volatile": (0.90, 2), "verify": (0.99, 1)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--tasks", type=int, default=1000, help="seeded random subset for the slow peers")
    options = asked.parse_args()
    tasks, targets = benchmark.read(options.folder)
    tasks = tasks.sort_values("fit").reset_index(drop=True)
    everything, corpus = benchmark.read_corpus(options.folder), load_corpus(Path("."))
    shipped = learn.at_home(corpus)
    rows: list[list[object]] = []
    runs = {"place": ("fold", everything), "source": ("source", everything), "place, shipped data": ("fold", shipped)}
    for left_out, (by, corpus) in runs.items():
        folder = options.out / left_out.replace(", ", "-").replace(" ", "-")
        if not (folder / "quantiles.parquet").is_file():
            benchmark.cross_fitted(options.folder, folder, corpus, by)
        p, q = (pd.read_parquet(folder / f"{name}.parquet") for name in ("probabilities", "quantiles"))
        rows += engine_rows(left_out, tasks, targets, p, q)
    subset = tasks.sample(min(options.tasks, len(tasks)), random_state=1)
    for name, peer in PEERS.items():
        scores = score_peer(name, peer, subset, targets)
        for measure in ("brier", "ece", "coverage80", "coverage95", "mase", "msis95"):
            rows.append(["scores", name, "", "all", "all", measure, scores[measure], len(subset)])
    rows += alert_rows(tasks, everything, options.out / "place" / "fits")
    rows.append(
        ["about", "engine", "", "", "", engine.shipped().engine, np.nan, int((corpus.series.use == "learn").sum())]
    )
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["value"] = table.value.astype(float).round(4)
    tables.write_table(table, TARGET)
    print(table[(table.section == "scores") & (table["by"] == "all")].to_string())


def engine_rows(left_out: str, tasks, targets, p, q) -> list[list[object]]:
    """Scores overall and by group, the reliability diagram, coverage by horizon."""
    joined = targets.merge(p, on=["fit", "h", "tkind"]).merge(tasks[["fit", "kind", "L", "source"]], on="fit")
    rows = []
    for by in ("all", "kind", "L", "source", "h"):
        groups = [("all", joined)] if by == "all" else joined.groupby(by)
        for group, some in groups:
            scores = probability_scores(some.p, some.met)
            few = tasks if by == "all" else tasks[tasks[by] == group] if by != "h" else tasks
            ranges = quantile_scores(few, q if by != "h" else q[q.h == group])
            for measure, value in {**scores, **ranges}.items():
                if measure != "n":
                    rows.append(["scores", "engine", left_out, by, group, measure, value, len(some)])
    bins = np.minimum((joined.p * 10).astype(int), 9)
    for number, some in joined.groupby(bins):
        group = f"{number * 10}-{number * 10 + 10}"
        rows.append(["reliability", "engine", left_out, "stated", group, "stated", some.p.mean(), len(some)])
        rows.append(["reliability", "engine", left_out, "stated", group, "came", some.met.mean(), len(some)])
    band = joined[(joined.p >= 0.7) & (joined.p <= 0.9)]
    rows.append(["reliability", "engine", left_out, "stated", "70-90", "came", band.met.mean(), len(band)])
    assert len(outcomes(tasks)) > 0
    return rows


def alert_rows(tasks: pd.DataFrame, corpus, fits: Path) -> list[list[object]]:
    """How often alerts fire on real series, and how often an injected slip is noticed; engines cross-fitted by place."""
    found = []
    for fold in sorted(tasks.fold.unique()):
        learned = benchmark.left_out(corpus, "fold", fold, fits)
        some = tasks[tasks.fold == fold]
        known = benchmark.histories(some)
        for kind, batch in {"as published": known, "times ten": [slipped(h) for h in known]}.items():
            steps = surprises.one_step_with(learned, batch)
            for task, history in zip(some.itertuples(), batch, strict=True):
                for alert, (level, least) in ALERT_LEVELS.items():
                    outside = steps[history.series].outside(level)
                    fired = outside.sum() >= least if alert == "volatile" else bool(outside[-1:].any())
                    found.append((alert, kind, task.L, fired, len(outside)))
    table = pd.DataFrame(found, columns=["alert", "kind", "L", "fired", "steps"])
    table = table[table.steps > 0]
    rows = []
    for (alert, kind), some in table.groupby(["alert", "kind"]):
        rows.append(["alerts", "engine", "place", kind, "all", alert, some.fired.mean(), len(some)])
        rows += [
            ["alerts", "engine", "place", kind, length, alert, g.fired.mean(), len(g)]
            for length, g in some.groupby("L")
        ]
    return rows


def slipped(history: SimpleNamespace) -> SimpleNamespace:
    """The history with its newest value ten times too large, or too small where that would leave the bounds."""
    moved = SimpleNamespace(**vars(history))
    last = history.values[-1] * 10
    moved.values = history.values.copy()
    moved.values[-1] = last if not last > history.upper else history.values[-1] / 10
    return moved


if __name__ == "__main__":
    main()
