"""From described histories to predictive quantiles and whole sample paths, with what was learned from the reference corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np

from plananalysis.projections import parity
from plananalysis.projections.features import INDEX, Described, Grid, describe
from plananalysis.projections.shifts import held, moved
from plananalysis.projections.trees import Boosted

OWN_EVERY = 10  # one path in so many is a series' own; two series then share about four in five
PART_EVERY = 2  # ... and of a part of a row, two of which share a quarter
_AWAY, _COUNTRY = "away.", "country."
HORIZONS = 12  # years ahead that were learned; beyond, spread grows with the square root of the horizon


@dataclass(frozen=True, eq=False)
class Learned:
    """Everything learned from the corpus, as plain arrays (see ``learn``)."""

    arrays: dict[str, np.ndarray]

    @classmethod
    def load(cls, source: Any) -> Learned:
        with np.load(source, allow_pickle=False) as stored:
            return cls({name: stored[name] for name in stored.files})

    @cached_property
    def engine(self) -> str:
        """Engine id and version of the reference corpus it learned from."""
        return str(self.arrays["engine"])

    @cached_property
    def elsewhere(self) -> Learned:
        """What speaks where the corpus has no series of the same source: learned without the one source that is two fifths of it."""
        return self._told_by(_AWAY)

    @cached_property
    def countries(self) -> Learned:
        """What speaks for whole countries: learned from countries' histories alone, those of finished plans among them."""
        return self._told_by(_COUNTRY if any(name.startswith(_COUNTRY) for name in self.arrays) else _AWAY)

    def speaks_for(self, world: str) -> Learned:
        """What speaks for histories of a world (see :class:`plananalysis.projections.Request`)."""
        if world == "country":
            return self.countries
        return self if world == "known" else self.elsewhere

    def _told_by(self, part: str) -> Learned:
        other = {name[len(part) :]: array for name, array in self.arrays.items() if name.startswith(part)}
        return Learned(self.arrays | other) if other else self

    @property
    def shrink(self) -> dict[str, float]:
        return dict(zip(("share", "rate", "line", "points"), self.arrays["shrink"].tolist(), strict=True))

    @property
    def levels(self) -> np.ndarray:
        return self.arrays["levels"]

    def trees(self, name: str) -> list[Boosted]:
        return [Boosted.of(self.arrays, f"{name}{half}") for half in (0, 1) if f"{name}{half}.feature" in self.arrays]


@cache
def shipped() -> Learned:
    """The learned state this package ships with."""
    with (files("plananalysis.projections") / "learned.npz").open("rb") as source:
        return Learned.load(source)


def describe_with(grid: Grid, learned: Learned) -> Described:
    return describe(grid, learned.shrink)


def regressors(features: np.ndarray) -> np.ndarray:
    """Columns of the pooled trend regressions (statsmodels fits them, see ``learn``): a constant and turned slopes and deviations."""
    names = (
        "drift_fast",
        "drift_slow",
        "slope3",
        "slope8",
        "slope_ols",
        "from_fast",
        "from_slow",
        "from_mean",
        "from_line",
    )
    x = np.clip(features[:, [INDEX[n] for n in names]], -8, 8)
    smooth = 1 / (0.3 + features[:, INDEX["smooth"]])  # the smoother a history, the more of its drift persists
    return np.column_stack([np.ones(len(x)), x, x[:, 0] * smooth, x[:, 1] * smooth])


def spread_regressors(features: np.ndarray) -> np.ndarray:
    """Columns of the pooled spread regressions (log size of the error)."""
    f = features
    names = ("smooth", "peak", "recent_rough", "line_rough", "still", "log_scale", "log_length")
    near = np.minimum(np.minimum(f[:, INDEX["room_up"]], f[:, INDEX["room_down"]]), 20) / 20
    return np.column_stack([np.ones(len(f)), np.clip(f[:, [INDEX[n] for n in names]], -8, 8), near])


def columns(features: np.ndarray) -> np.ndarray:
    """Features as the trees read them: features x rows."""
    return np.ascontiguousarray(features.T, dtype=np.float32)


def centre_and_size(features: np.ndarray, horizons: int, learned: Learned) -> tuple[np.ndarray, np.ndarray]:
    """Median change and typical error (n x horizons), per root year and in units of the series' spread, turned.

    The pooled regressions give the straight part of the answer, the trees what they leave; the two halves of the corpus grew one
    set of trees each, and their mean speaks.
    """
    a = learned.arrays
    centre = _weighted(regressors(features), a["location"].T[:, :horizons])
    log_size = _weighted(spread_regressors(features), a["size"].T[:, :horizons])
    read = columns(features)
    centre += _grown(learned.trees("location_trees"), read, horizons)
    log_size += _grown(learned.trees("size_trees"), read, horizons)
    return centre, np.exp(log_size)


def _weighted(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``columns @ weights``, added up in one fixed order: a matrix product rounds otherwise for other batches and processors."""
    total = columns[:, :1] * weights[0]
    for k in range(1, len(weights)):
        total += columns[:, k : k + 1] * weights[k]
    return total


def _grown(halves: list[Boosted], read: np.ndarray, horizons: int) -> np.ndarray:
    """Mean of the trees grown on each half; 0 without trees."""
    return sum((trees.predict(read, horizons) for trees in halves), np.zeros((read.shape[1], horizons))) / max(
        len(halves), 1
    )


def quantiles(
    described: Described,
    horizons: int,
    learned: Learned,
    shift: np.ndarray | None = None,
    narrow: np.ndarray | None = None,
) -> np.ndarray:
    """Predictive quantiles, n x horizons x levels, as changes from the last value in units of the series' spread, turned.

    Parameters
    ----------
    shift
        How much better than was learned (n x horizons), in standard deviations of a normal score; counts where a good side is known.
    narrow
        Share of the spread that is left (n), besides what :mod:`parity` leaves.
    """
    steps = np.arange(1, horizons + 1)
    taught = np.minimum(steps, HORIZONS) - 1
    centre, size = centre_and_size(described.features, min(horizons, HORIZONS), learned)
    shape = learned.arrays["shape"][taught]
    up = np.zeros(1) if shift is None else shift * described.features[:, INDEX["better"], None]
    up, left = np.broadcast_to(up, size[:, taught].shape), np.ones_like(size[:, taught])
    if "parity" in learned.arrays:
        left = parity.narrow(described, horizons, learned.arrays["parity"])
    if narrow is not None:
        left = left * narrow[:, None]
    unit = np.empty((*up.shape, len(learned.levels)))
    alike = (up == up[:, :1]).all(axis=1) & (left == 1).all(axis=1)
    for step, rows in _groups(up[:, 0], np.flatnonzero(alike)):  # most are moved by one of three steps, all years ahead
        unit[rows] = shape if shift is None else moved(shape, np.full(horizons, step), learned.levels)
    if not alike.all():
        told = np.broadcast_to(shape, (int((~alike).sum()), *shape.shape))
        unit[~alike] = moved(told, up[~alike], learned.levels, left[~alike])
    unit *= size[:, taught, None]
    unit += centre[:, taught, None]
    if "kept" in learned.arrays:
        plain = moved(np.broadcast_to(shape, unit.shape), np.zeros(left.shape), learned.levels, left)
        plain = plain * size[:, taught, None] + centre[:, taught, None]
        unit = held(unit, plain, described.features[:, INDEX["better"]], learned.arrays["kept"], learned.levels)
    return unit * np.sqrt(steps)[None, :, None]


def _seed(*words: str) -> np.random.Generator:
    digest = hashlib.sha256("\x1f".join(words).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


@cache
def draws(horizons: int, n_paths: int, edition: str, learned: Learned) -> np.ndarray:
    """Rank orders, banks x 2 x horizons x n_paths: how real windows moved within their own predicted range, year after year.

    The rows of a bank stand from windows that fared low in their range to windows that fared high, so that row i is a like course
    in every bank. An edition shuffles the rows once; column i of the first half (series that get better as the rank rises) and of
    the second (worse) then is an equally good course. A series' place in the shuffle is where its paths begin in it (:func:`place`).
    Each year is a permutation of 0 … n_paths - 1: paths reproduce the quantiles they are made from.
    """
    bank = learned.arrays["rank_paths"]
    rng = _seed("draws", edition)
    rows = np.arange(n_paths) * bank.shape[1] // n_paths
    shuffle = rng.permutation(n_paths)
    picked = bank[:, rows][:, :, np.minimum(np.arange(horizons), HORIZONS - 1)]
    picked = (
        picked + rng.random((1, n_paths, 1)) * 1e-6
    )  # the same template drawn twice still needs an order; no two are equal
    by_rank = np.ascontiguousarray(picked.swapaxes(1, 2)).argsort(axis=2)
    order = np.empty_like(by_rank)
    np.put_along_axis(order, by_rank, np.arange(n_paths), axis=2)
    order += n_paths * np.arange(horizons)[:, None]
    both = np.stack([order[..., shuffle], order[..., n_paths - 1 - shuffle]], axis=1)
    return np.ascontiguousarray(both)  # as they are read: numpy would copy them for every series


def place(family: str, edition: str, n_paths: int) -> int:
    """Where in an edition's shuffle a family of series begins: by its name and the edition, so that families are unrelated."""
    digest = hashlib.sha256(f"family\x1f{family}\x1f{edition}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % n_paths


def own_draws(paths: np.ndarray, series: str, edition: str) -> None:
    """Exchange some paths (horizons x n_paths, in place) with one another, seeded by series and edition.

    Two series of a family with every draw in common would rise and fall as one. A series and the one it is measured by exchange every
    tenth path: the gap between such real series is covered best when about four draws in five are shared. Parts of a row (W45.1)
    exchange every second, so that a quarter is shared: surprises of related indicators of one place correlate by .24 to .29. The rank
    paths stand in random order already, so that every tenth is a random tenth, and turning them by a seeded number of places costs less than drawing.
    """
    digest = hashlib.sha256(f"own\x1f{series}\x1f{edition}".encode()).digest()
    every = PART_EVERY if series.rpartition(".")[2].isdigit() and "." in series else OWN_EVERY
    own = paths[:, digest[0] % every :: every]
    if own.shape[1] > 1:
        turn = 1 + int.from_bytes(digest[1:5], "big") % (own.shape[1] - 1)
        own[:] = np.concatenate([own[:, -turn:], own[:, :-turn]], axis=1)


def draw_class(described: Described, learned: Learned) -> np.ndarray:
    """Which bank of rank paths suits each history: smooth histories err in one direction for years, rough ones come back."""
    return np.searchsorted(learned.arrays["rank_cuts"], described.features[:, INDEX["smooth"]])


@cache
def _grid(n_paths: int, levels: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For evenly spaced ranks: of how many each level is the one to the left, and the one to the right, and the weights of the two."""
    ranks, at = ((np.arange(n_paths) + 0.5) / n_paths).astype(np.float32), np.array(levels)
    right = np.clip(np.searchsorted(at, ranks), 1, len(at) - 1)
    share = (ranks - at[right - 1]) / (at[right] - at[right - 1])
    of_left, of_right = (np.bincount(side, minlength=len(at)) for side in (right - 1, right))
    return of_left, of_right, (1 - share).astype(np.float32), share.astype(np.float32)


def spread_out(quantiles: np.ndarray, n_paths: int, levels: np.ndarray) -> np.ndarray:
    """The piecewise linear quantile functions (… x levels) read at ``n_paths`` evenly spaced ranks; beyond the outer levels the last piece goes on.

    Two products and a sum for each number, no matrix product: the result must not depend on what is computed beside it.
    """
    of_left, of_right, left_weight, right_weight = _grid(n_paths, tuple(levels.tolist()))
    found, above = (quantiles.repeat(of, axis=-1) for of in (of_left, of_right))  # five times as fast as by an index
    found *= left_weight
    above *= right_weight
    found += above
    return found


def sample_paths(
    described: Described,
    ranked: np.ndarray,
    edition: str,
    n_paths: int,
    learned: Learned,
    names: Sequence[tuple[str, str]],
    mend: Mapping[int, Callable[[np.ndarray], np.ndarray]],
) -> list[np.ndarray]:
    """Sample paths of each series in its own unit (horizons x n_paths, float32), inside the bounds, not rounded.

    Parameters
    ----------
    ranked
        Their :func:`outer_quantiles`.
    names
        Code of each series and of its family; series of one family share their draws, but for some of their own (:func:`own_draws`).
    mend
        For rows of another kind than was learned from: asked for the final values, given the engine's (horizons x n_paths, rising
        along the paths).
    """
    horizons = ranked.shape[1]
    order = draws(horizons, n_paths, edition, learned)
    banks, falling = draw_class(described, learned), described.sign * described.scale.side < 0
    good = np.where(described.grid.direction < 0, ~falling, falling).astype(
        int
    )  # 0: better values have the higher ranks
    found: list[np.ndarray] = [None] * len(banks)  # type: ignore[list-item]
    kinds = described.scale.kind
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        rows = rows[np.argsort(banks[rows] * 2 + good[rows], kind="stable")]
        scale, ends = described.scale.take(rows), ranked[rows]
        for start in range(0, len(rows), 8):  # a chunk's working arrays stay in cache
            mine = slice(start, start + 8)
            blocks = scale.take(mine).back_as(int(kind), spread_out(ends[mine], n_paths, learned.levels))
            for row, values in zip(rows[mine].tolist(), blocks, strict=True):
                if row in mend:
                    values = mend[row](values[:, ::-1])[:, ::-1] if falling[row] else mend[row](values)
                series, family = names[row]
                at = place(family, edition, n_paths)
                ranks = order[banks[row], good[row]]
                drawn = values.ravel().take(ranks, mode="clip")  # none is beyond; numpy need not look twice
                found[row] = np.concatenate([drawn[:, at:], drawn[:, :at]], axis=1)
                own_draws(found[row], series, edition)
    return found


def outer_quantiles(
    described: Described,
    horizons: int,
    learned: Learned,
    shift: np.ndarray | None = None,
    narrow: np.ndarray | None = None,
) -> np.ndarray:
    """Predictive :func:`quantiles` on the scale, n x horizons x levels, float32; rising where values on the scale rise."""
    found = quantiles(described, horizons, learned, shift, narrow)
    turned = found * described.spread[:, None, None] + described.last[:, None, None]
    return (turned * described.sign[:, None, None]).astype(np.float32)


def _groups(steps: np.ndarray, rows: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Each value of ``steps`` in ``rows`` with the rows that have it."""
    rows = rows[np.argsort(steps[rows], kind="stable")]
    ends = np.flatnonzero(np.diff(steps[rows])) + 1
    return [(float(steps[some[0]]), some) for some in np.split(rows, ends) if len(some)]
