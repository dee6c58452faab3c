"""Learning: everything the engine knows, rebuilt from the reference corpus by one command, without network, to the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from plananalysis import tables
from plananalysis.projections import engine
from plananalysis.projections.features import INDEX, UNIT_TYPES, Grid, describe
from plananalysis.projections.scale import LINE, RATE, SHARE
from plananalysis.reference import Corpus, Windows, bounds, cut, decimals, load_corpus

LEVELS = np.array(
    [0.002, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.998]
)
SHRINK_POINTS = 3.0
BANK = 1000
ENGINE = "analogue-2"


def learn(root: Path) -> Path:
    """Relearn the shipped state from ``data/raw/reference`` and store it in the package. Returns the file written."""
    target = Path(__file__).with_name("learned.npz")
    arrays = fit(load_corpus(root))
    tables.write_atomic(target, pack(arrays))
    engine.shipped.cache_clear()
    return target


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """A compressed npz whose bytes depend on the content only (numpy's own writer stamps the time of day)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(
                member, np.ascontiguousarray(arrays[name]) if arrays[name].ndim else arrays[name], allow_pickle=False
            )
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), member.getvalue(), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


def window_grid(corpus: Corpus, windows: Windows) -> Grid:
    """The histories of ``windows`` as the engine reads them."""
    register = corpus.series.iloc[windows.series]
    limits = np.array(
        [bounds(u, v) for u, v in zip(register.unit_type, np.nanmin(windows.values, axis=1), strict=True)]
    )
    kinds = register.unit_type.map(UNIT_TYPES).to_numpy(float)
    return Grid(
        windows.values, limits[:, 0], limits[:, 1], decimals(windows.values), register.direction.to_numpy(float), kinds
    )


def pool(grid: Grid) -> dict[str, float]:
    """Typical yearly change on the scale (mean log) per kind of bound, and how many steps of its own outweigh it."""
    flat = describe(grid, {"share": 0.0, "rate": 0.0, "line": 0.0, "points": 0.0})
    typical = {}
    for name, kind in (("share", SHARE), ("rate", RATE), ("line", LINE)):
        rows = flat.scale.kind == kind
        typical[name] = float(np.log(flat.spread[rows]).mean()) if rows.any() else -2.0
    return {**typical, "points": SHRINK_POINTS}


def fit(corpus: Corpus) -> dict[str, np.ndarray]:
    """All learned arrays for a corpus."""
    windows = cut(corpus)
    grid = window_grid(corpus, windows)
    shrink = pool(grid)
    described = describe(grid, shrink)
    future = described.scale.to(windows.future)
    unit = (
        (future * described.sign[:, None] - described.last[:, None])
        / described.spread[:, None]
        / np.sqrt(np.arange(1, engine.HORIZONS + 1))
    )
    x, w = engine.regressors(described), engine.spread_regressors(described)
    location = np.stack([_lad(unit[:, h], x, h) for h in range(engine.HORIZONS)])
    error = unit - x @ location.T
    size = np.stack([_log_size(error[:, h], w) for h in range(engine.HORIZONS)])
    relative = error / np.exp(w @ size.T)
    shape = np.stack([np.quantile(r[np.isfinite(r)], LEVELS) for r in relative.T])
    cuts = np.quantile(described.features[:, INDEX["smooth"]], [0.25, 0.5, 0.75])
    return {
        "engine": np.array(f"{ENGINE}+{corpus.version}"),
        "shrink": np.array([shrink[k] for k in ("share", "rate", "line", "points")]),
        "levels": LEVELS,
        "location": location,
        "size": size,
        "shape": shape,
        "rank_cuts": cuts,
        "rank_paths": _rank_paths(relative, np.searchsorted(cuts, described.features[:, INDEX["smooth"]])),
    }


def _lad(y: np.ndarray, x: np.ndarray, seed: int, most: int = 20_000) -> np.ndarray:
    """Median regression: what share of drift and deviation persists."""
    import statsmodels.api as sm

    rows = np.flatnonzero(np.isfinite(y))
    rows = rows if len(rows) <= most else np.random.default_rng(seed).choice(rows, most, replace=False)
    return sm.QuantReg(y[rows], x[rows]).fit(q=0.5, max_iter=200).params


def _log_size(error: np.ndarray, w: np.ndarray) -> np.ndarray:
    """How large errors are: log size on roughness, length and level."""
    import statsmodels.api as sm

    rows = np.isfinite(error)
    return sm.OLS(np.log(np.abs(error[rows]) + 0.05), w[rows]).fit().params


def _rank_paths(relative: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Banks of rank paths: for windows followed for all horizons, where in its predicted range each year fell."""
    whole = np.isfinite(relative).all(1)
    banks = []
    for g in range(group.max() + 1):
        rows = np.flatnonzero(whole & (group == g))
        picked = np.random.default_rng(g).choice(rows, BANK, replace=len(rows) < BANK)
        order = relative[picked].argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
        banks.append((order + 0.5) / BANK)
    return np.stack(banks).astype(np.float32)
