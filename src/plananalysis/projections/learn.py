"""Learning: everything the engine knows, rebuilt from the reference corpus by one command, without network, to the same bytes."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.projections import engine, official, parity, reference, shifts
from plananalysis.projections.boost import Growth, boost
from plananalysis.projections.features import INDEX, UNIT_TYPES, Described, Grid, describe
from plananalysis.projections.learn_bounds import fit_standings, load_standings
from plananalysis.projections.learn_counts import fit_counts, load_events
from plananalysis.projections.learn_kept import fit_kept
from plananalysis.projections.learn_peers import fit_peers
from plananalysis.projections.reference import Corpus, Windows, bounds, cut, decimals, load_corpus
from plananalysis.projections.scale import LINE, RATE, SHARE

LEVELS = np.array(
    [0.002, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.998]
)
SHRINK_POINTS = 3.0
BANK, BANKS = 1000, 6  # rank paths per bank; banks from smooth to rough histories
SEED = 20301231
NEUTRAL_SHARE = 0.25  # windows learned from without knowing which side is good
LIBRARY = 6000
LOCATION = Growth(trees=260, rate=0.1, prior=15.0, row_share=0.7)
SIZE = Growth(trees=100, rate=0.1, prior=15.0, row_share=0.7, robust=1e9)
ENGINE = "analogue-3"
DISTRICTS = "kolada"  # the one source of districts of one country; two fifths of the corpus
GROWING = "gapminder_counts"  # counts that grow with whole countries; sources that are held are told worse with them
_TREES = ("location_trees", "size_trees")


def learn(root: Path, target: Path | None = None) -> Path:
    """Relearn the shipped state from ``data/raw/reference``.

    Parameters
    ----------
    target
        File to write. By default the one that projections are made with: in a checkout only, an installed package is
        never written into.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UsageError
        No ``target``, and the package is not a checkout's.
    """
    if target is None:
        target = Path(__file__).with_name("learned.npz")
        source = Path(__file__).parents[2]
        if source.name != "src" or not (source.parent / "pyproject.toml").is_file():
            raise UsageError(say("cli.misuse.learn", folder=target.parent))
    tables.write_atomic(target, pack(everything(root)))
    engine.shipped.cache_clear()
    return target


def everything(root: Path) -> dict[str, np.ndarray]:
    """All that is learned from ``data/raw``, as the shipped state holds it."""
    corpus = load_corpus(root)
    use = corpus.keep((corpus.series.use == "learn").to_numpy())
    arrays = fit(at_home(use))
    arrays |= elsewhere(use, arrays) | fit_standings(load_standings(root), LEVELS) | fit_counts(load_events(root))
    arrays |= expected(engine.Learned(arrays))
    arrays |= fit_peers(use, engine.Learned(arrays).elsewhere)
    arrays |= official.learn_shift(root, engine.Learned(arrays))
    countries = use.keep((use.series.source != DISTRICTS).to_numpy())
    arrays |= of_countries(countries, official.corpus(*official.load_official(root)), arrays)
    return arrays | {"country.kept": kept(countries, arrays)}


def at_home(corpus: Corpus) -> Corpus:
    """The corpus without what only places that it does not hold are told from: counts that grow with a country."""
    return corpus.keep((corpus.series.source != GROWING).to_numpy())


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


def fit(
    corpus: Corpus, blind: bool = False, shrink: dict[str, float] | None = None, even: bool = False
) -> dict[str, np.ndarray]:
    """All learned arrays for a corpus.

    ``blind`` withholds which side is called good; the default is decided by leaving whole sources out (METHODS.md). ``shrink`` is the
    pool's typical change where it is known already. ``even`` learns how much less ratios scatter near where two groups are even.
    """
    windows = cut(corpus)
    grid = window_grid(corpus, windows)
    shrink = shrink or pool(grid)
    described = describe(grid, shrink)
    rng = np.random.default_rng(SEED)
    hide = np.ones(len(described.last), bool) if blind else rng.random(len(described.last)) < NEUTRAL_SHARE
    described.features[hide, INDEX["better"]] = (
        0.0  # so that neutral series are answered from windows seen without a good side
    )
    unit = moves(described, windows.future)
    side = _halves(corpus.series.entity.to_numpy()[windows.series], rng)

    base, location = _straight(unit, engine.regressors(described.features), _lad)
    error, trees = _grow(described, unit - base, side, LOCATION, rng)
    arrays = {"location": location, **_named("location_trees", trees)}
    log_error = np.log(np.abs(error) + 0.05)
    base, size = _straight(log_error, engine.spread_regressors(described.features), _least_squares)
    beyond, trees = _grow(described, log_error - base, side, SIZE, rng)
    relative = error / np.exp(log_error - beyond)
    shape = _shape(relative)
    cuts = np.quantile(described.features[:, INDEX["smooth"]], np.arange(1, BANKS) / BANKS)
    return {
        "engine": np.array(f"{ENGINE}+{corpus.version}"),
        "shrink": np.array([shrink[k] for k in ("share", "rate", "line", "points")]),
        "levels": LEVELS,
        **arrays,
        "size": size,
        **_named("size_trees", trees),
        "shape": shape,
        **({"parity": parity.fit(described, _scores(relative, shape), windows.series)} if even else {}),
        "rank_cuts": cuts,
        "rank_paths": _rank_paths(relative, np.searchsorted(cuts, described.features[:, INDEX["smooth"]])),
        **library(corpus, windows, described, unit),
    }


def elsewhere(corpus: Corpus, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is learned without the source whose districts are two fifths of the corpus: what speaks for places the corpus does not hold.

    Scales stay those of ``arrays``, so that a history is described once. Why this source: METHODS.md, which leaves out each.
    """
    return _told("away", corpus.keep((corpus.series.source != DISTRICTS).to_numpy()), arrays)


def of_countries(corpus: Corpus, plans: Corpus, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is learned from countries' histories, those of indicators of finished plans (``plans``) among them: what speaks for whole countries."""
    return _told("country", reference.joined(corpus, plans), arrays)


def kept(corpus: Corpus, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """How often countries keep what they have reached (:func:`shifts.held`), source by source as told without it."""
    sources = [s for s in sorted(corpus.series.source.unique()) if s != GROWING]  # what only grows is kept anyway
    return fit_kept(corpus, sources, lambda some: fit(some, shrink=_shrink(arrays), even=True), window_grid)


def _told(part: str, corpus: Corpus, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    found = fit(corpus, shrink=_shrink(arrays), even=True)
    names = ("location", "size", "shape", "parity")
    return {f"{part}.{n}": array for n, array in found.items() if n in names or n.split(".")[0][:-1] in _TREES}


def _shrink(arrays: dict[str, np.ndarray]) -> dict[str, float]:
    return dict(zip(("share", "rate", "line", "points"), arrays["shrink"].tolist(), strict=True))


def moves(described: Described, future: np.ndarray) -> np.ndarray:
    """What followed each history: change from the last value per root year, in units of the series' spread, turned."""
    ahead = described.scale.to(future) * described.sign[:, None] - described.last[:, None]
    return ahead / described.spread[:, None] / np.sqrt(np.arange(1, future.shape[1] + 1))


def library(corpus: Corpus, windows: Windows, described: Described, unit: np.ndarray) -> dict[str, np.ndarray]:
    """The windows reports may name as analogues: a seeded sample of those followed for at least five years."""
    rows = np.flatnonzero(np.isfinite(unit[:, 4]))
    rows = np.sort(np.random.default_rng(SEED).choice(rows, min(LIBRARY, len(rows)), replace=False))
    register = corpus.series
    return {
        "library.series": windows.series[rows].astype(np.int16),
        "library.origin": windows.origin[rows].astype(np.int16),
        "library.length": windows.length[rows].astype(np.int8),
        "library.better": (
            register.direction.to_numpy()[windows.series[rows]] * described.sign[rows] * described.scale.side[rows]
        ).astype(np.int8),
        "library.features": described.features[rows].astype(np.float32),
        "library.moves": unit[rows].astype(np.float16),
        "corpus.values": corpus.values.astype(np.float32),
        "corpus.first_year": np.array(corpus.first_year),
        "corpus.source": register.source.to_numpy().astype("U"),
        "corpus.indicator": register.indicator.to_numpy().astype("U"),
        "corpus.entity": register.entity.to_numpy().astype("U"),
        "corpus.unit_type": register.unit_type.to_numpy().astype("U"),
    }


def expected(learned: engine.Learned) -> dict[str, np.ndarray]:
    """What was expected of the library's windows: median and width of the 80 % range of their change per root year, in spreads, turned."""
    features = learned.arrays["library.features"].astype(float)
    centre, size = engine.centre_and_size(features, engine.HORIZONS, learned)
    shape = learned.arrays["shape"]
    low, middle, high = (np.array([np.interp(at, LEVELS, row) for row in shape]) for at in (0.1, 0.5, 0.9))
    return {
        "library.middle": (centre + size * middle).astype(np.float16),
        "library.width": (size * (high - low)).astype(np.float16),
    }


def _halves(entity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two halves of the corpus that share no place: each half's errors are measured with the other half's trees."""
    places = np.unique(entity)
    return np.isin(entity, rng.permutation(places)[: len(places) // 2]).astype(int)


def _straight(
    y: np.ndarray, x: np.ndarray, estimate: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """A pooled regression per horizon: fitted values and coefficients (horizons x regressors)."""
    coefficients = np.stack([estimate(column, x, h) for h, column in enumerate(y.T)])
    coefficients = np.round(coefficients, 12)  # the last digits hang on how many threads solved it
    return x @ coefficients.T, coefficients


def _grow(
    described: Described, y: np.ndarray, side: np.ndarray, growth: Growth, rng: np.random.Generator
) -> tuple[np.ndarray, list]:
    """Trees on each half; what is left of ``y`` when each half is predicted by the other's trees."""
    read = engine.columns(described.features)
    left, grown = y.copy(), []
    for half in (0, 1):
        mine = side == half
        trees = boost(np.ascontiguousarray(read[:, mine]), y[mine], growth, rng)
        left[~mine] -= trees.predict(np.ascontiguousarray(read[:, ~mine]))
        grown.append(trees)
    return left, grown


def _named(name: str, trees: list) -> dict[str, np.ndarray]:
    return {key: value for half, grown in enumerate(trees) for key, value in grown.arrays(f"{name}{half}").items()}


def _shape(relative: np.ndarray) -> np.ndarray:
    """Quantiles of errors in units of their expected size, horizons x levels; neighbouring horizons lend each other cases."""
    rows = []
    for h in range(relative.shape[1]):
        near = relative[:, max(h - 1, 0) : h + 2]
        rows.append(np.quantile(near[np.isfinite(near)], LEVELS))
    return np.stack(rows)


def _scores(relative: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Normal scores of errors (n x horizons) in the distribution that ``shape`` tells."""
    score = shifts.normal_scores(LEVELS)
    return np.stack([np.interp(error, row, score) for error, row in zip(relative.T, shape, strict=True)], axis=1)


def _lad(y: np.ndarray, x: np.ndarray, seed: int, most: int = 12_000) -> np.ndarray:
    """Median regression: what share of drift and deviation persists."""
    import statsmodels.api as sm

    rows = np.flatnonzero(np.isfinite(y))
    rows = rows if len(rows) <= most else np.random.default_rng(seed).choice(rows, most, replace=False)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # it swings in the fourth digit on flat stretches; the trees grown on top do not notice
        return sm.QuantReg(y[rows], x[rows]).fit(q=0.5, max_iter=200, p_tol=1e-4).params


def _least_squares(y: np.ndarray, x: np.ndarray, seed: int) -> np.ndarray:
    """Mean regression, for the log size of errors on roughness, length and level."""
    import statsmodels.api as sm

    rows = np.isfinite(y)
    return sm.OLS(y[rows], x[rows]).fit().params


def _rank_paths(relative: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Banks of rank paths: for windows followed for all horizons, where in its predicted range each year fell, from low to high."""
    whole = np.isfinite(relative).all(1)
    banks = []
    for g in range(group.max() + 1):
        rows = np.flatnonzero(whole & (group == g))
        picked = np.random.default_rng(g).choice(rows, BANK, replace=len(rows) < BANK)
        order = relative[picked].argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
        banks.append(
            (order[order.mean(axis=1).argsort(kind="stable")] + 0.5) / BANK
        )  # from those that fared low to high
    return np.stack(banks).astype(np.float32)
