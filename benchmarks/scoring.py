"""Scores of stated probabilities and ranges; the same definitions as the benchmark's own scorer."""

from __future__ import annotations

import numpy as np
import pandas as pd


def probability_scores(p, met) -> dict[str, float]:
    """Number of statements, Brier score and expected calibration error in ten bins."""
    p, met = np.asarray(p, float), np.asarray(met, float)
    bins = np.minimum((p * 10).astype(int), 9)
    size = np.bincount(bins, minlength=10)
    off = np.abs(np.bincount(bins, p - met, 10))
    return {"n": len(p), "brier": float(((p - met) ** 2).mean()), "ece": float(off.sum() / size.sum())}


def outcomes(tasks: pd.DataFrame) -> pd.DataFrame:
    """What came, one row per task and horizon."""
    keep = [c for c in ("fit", "mase_scale", "kind", "L", "source") if c in tasks]
    long = tasks.melt(keep, [f"f{k}" for k in range(1, 10)], "h", "y").dropna(subset="y")
    return long.assign(h=long.h.str[1:].astype(int))


def quantile_scores(tasks: pd.DataFrame, quantiles: pd.DataFrame) -> dict[str, float]:
    """Coverage of the central 80 % and 95 % ranges, MASE of the median, MSIS of the 95 % range (per-task means, capped)."""
    rows = outcomes(tasks).merge(quantiles, on=["fit", "h"])
    y = rows.y
    inside = lambda low, high: float(((y >= rows[low] - 1e-9) & (y <= rows[high] + 1e-9)).mean())  # noqa: E731
    below, above = (rows["q0.025"] - y).clip(lower=0), (y - rows["q0.975"]).clip(lower=0)
    each = pd.DataFrame({"fit": rows.fit, "error": (y - rows["q0.5"]).abs() / rows.mase_scale})
    each["interval"] = (rows["q0.975"] - rows["q0.025"] + 40 * (below + above)) / rows.mase_scale
    by_task = each.groupby("fit").mean()
    return {
        "coverage80": inside("q0.1", "q0.9"),
        "coverage95": inside("q0.025", "q0.975"),
        "mase": float(by_task.error.clip(upper=50).mean()),
        "msis95": float(by_task.interval.clip(upper=500).mean()),
    }
