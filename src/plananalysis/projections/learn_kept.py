"""Learning how often countries keep a level they have just reached: round goals set on histories of sources the engine had not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from plananalysis.projections import engine, shifts
from plananalysis.projections.features import INDEX, Grid, describe
from plananalysis.projections.reference import Corpus, Windows, cut

AHEAD = (2, 4, 6, 8)  # years after which a level is asked for again
LONGEST = 15  # years of history, as the benchmark has them
FEWEST = 100  # series that give a source a voice
_PER_SERIES = 4
_SEED = 20500101
_POINTS, _PARTS = (
    (5.0, 1.0),
    (0.5, 0.1),
)  # steps of round goals: of a share, and of anything else in parts of its power of ten
_FARTHEST = 2.5  # a normal score beyond this counts as this

Fit = Callable[[Corpus], dict[str, np.ndarray]]
Ask = Callable[[Corpus, Windows], Grid]


def fit_kept(corpus: Corpus, sources: Sequence[str], fit: Fit, grid: Ask) -> np.ndarray:
    """c and s of :func:`shifts.held`: probit regressions of levels kept on what was said of them, one for every source that is large enough, and their mean.

    ``fit`` learns from a corpus, ``grid`` reads its windows; each source is asked by what was learned without it.
    """
    lines = []
    for source in sources:
        mine = (corpus.series.source == source).to_numpy()
        if mine.sum() < FEWEST:
            continue
        state = engine.Learned(fit(corpus.keep(~mine)))
        score, kept = asked(corpus.keep(mine & (corpus.series.direction != 0).to_numpy()), state, grid)
        lines.append(_probit(score, kept))
    return np.asarray(np.mean(lines, axis=0)).round(3) if lines else np.array([0.0, 1.0])


def asked(corpus: Corpus, learned: engine.Learned, grid: Ask) -> tuple[np.ndarray, np.ndarray]:
    """Levels just reached in seeded windows of a corpus: normal score of still being there as it is stated, and whether it was so."""
    windows = _some(cut(corpus))
    told = grid(corpus, windows)
    described = describe(told, learned.shrink)
    quantiles = engine.quantiles(described, max(AHEAD), learned)
    levels, better = shifts.normal_scores(learned.levels), described.features[:, INDEX["better"]]
    last, side, share = told.values[:, -1], told.direction, told.upper == 100
    power = 10.0 ** np.floor(np.log10(np.maximum(np.abs(last), 1e-9)))
    scores, kept = [], []
    for points, parts in zip(_POINTS, _PARTS, strict=True):
        step = np.where(share, points, parts * power)
        goal = np.where(side > 0, np.floor(last / step + 1e-9), np.ceil(last / step - 1e-9)) * step
        there = (np.abs(goal) > 1e-9) & ~(share & ((goal >= 100) | (goal <= 0)))
        at = (described.scale.to(goal[:, None])[:, 0] * described.sign - described.last) / described.spread
        for ahead in AHEAD:
            came = windows.future[:, ahead - 1]
            rows = np.flatnonzero(there & np.isfinite(came))
            below = np.array([np.interp(at[i], quantiles[i, ahead - 1], levels) for i in rows])
            scores.append(-below * better[rows])
            kept.append(side[rows] * (came[rows] - goal[rows]) >= -1e-9)
    return np.concatenate(scores), np.concatenate(kept)


def _some(windows: Windows) -> Windows:
    """At most a few windows of every series, seeded."""
    order = np.random.default_rng(_SEED).permutation(np.flatnonzero(windows.length <= LONGEST))
    seen: dict[int, int] = {}
    picked = []
    for at in order.tolist():
        of = int(windows.series[at])
        seen[of] = seen.get(of, 0) + 1
        if seen[of] <= _PER_SERIES:
            picked.append(at)
    picked.sort()
    return Windows(*(getattr(windows, name)[picked] for name in windows.__dataclass_fields__))


def _probit(score: np.ndarray, kept: np.ndarray) -> np.ndarray:
    import statsmodels.api as sm

    x = sm.add_constant(np.clip(score, -_FARTHEST, _FARTHEST))
    family = sm.families.Binomial(link=sm.families.links.Probit())
    return sm.GLM(kept.astype(float), x, family=family).fit().params
