"""How one projection comes about, step by step: what the engine sees of a history, what the pooled regressions and trees make of it.

Every number is read off the engine itself; nothing is computed a second way. The regressions are statsmodels' (median regression over
thousands of windows of other real histories, see ``learn``); :func:`refitted` fits one of them anew, to be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.observations import History
from plananalysis.projections import PLANS, World, engine
from plananalysis.projections.features import FEATURES, Grid
from plananalysis.projections.observed import observed_part

REGRESSORS = (
    *("constant", "drift_fast", "drift_slow", "slope3", "slope8", "slope_ols", "from_fast", "from_slow", "from_mean"),
    *("from_line", "drift_fast / (0.3 + smooth)", "drift_slow / (0.3 + smooth)"),
)


@dataclass(frozen=True)
class Steps:
    """One history on its way to a projection, for the years ahead asked for.

    Parameters
    ----------
    description
        What the engine sees: numbers without unit, calendar year or name.
    median
        Index the regressors, a column for each year ahead: each one's share in the median change, in units of the history's
        spread times the root of the years ahead. The last rows are what the trees add, and the sum.
    spread
        By year ahead: typical size of the error, in the same units.
    shift
        By how many normal scores the quantiles are moved towards the better side: indicators of plans did better than others like them
        (``official``). 0 outside a plan.
    quantiles
        By year ahead: predictive quantiles in the history's own unit, before rare events and standings at a bound are counted.
    """

    description: pd.Series
    median: pd.DataFrame
    spread: pd.Series
    shift: float
    quantiles: pd.DataFrame


def steps(history: History, years_ahead: int, world: World = "plan") -> Steps:
    """The steps of one history's projection.

    Parameters
    ----------
    years_ahead
        At most 12, as far as was learned.
    world
        See :class:`plananalysis.projections.Request`.
    """
    learned = engine.shipped().speaks_for(world)
    described = engine.describe_with(Grid.of([observed_part(history)]), learned)
    ahead = pd.RangeIndex(1, min(years_ahead, engine.HORIZONS) + 1, name="years_ahead")
    weights = learned.arrays["location"][: len(ahead)]  # horizons x regressors
    parts = pd.DataFrame((weights * engine.regressors(described.features)).T, index=list(REGRESSORS), columns=ahead)
    centre, size = engine.centre_and_size(described.features, len(ahead), learned)
    parts.loc["trees"] = centre[0] - parts.sum()
    parts.loc["median change"] = centre[0]
    shift = float(learned.arrays.get("plan.shift", 0.0)) if world in PLANS else 0.0
    moved = np.full((1, len(ahead)), shift) if shift else None
    turned = engine.outer_quantiles(described, len(ahead), learned, moved)[0]
    values = np.sort(described.scale.take(np.zeros(1, int)).back(turned.reshape(1, -1)).reshape(turned.shape), axis=1)
    return Steps(
        pd.Series(described.features[0], list(FEATURES), name="value"),
        parts,
        pd.Series(size[0], ahead, name="size"),
        shift,
        pd.DataFrame(values, ahead, pd.Index(learned.levels, name="quantile")),
    )


def refitted(root: str | Path, years_ahead: int, windows: int = 4000) -> Any:
    """One of the pooled median regressions fitted anew by statsmodels' QuantReg on windows of the reference histories.

    Parameters
    ----------
    windows
        How many windows to draw; all would take a few seconds more and give the same first digits.

    Returns
    -------
    statsmodels results
        ``summary()``, ``params`` and the rest as statsmodels gives them; regressors as :data:`REGRESSORS`.
    """
    import statsmodels.api as sm

    from plananalysis.projections.learn import moves, window_grid
    from plananalysis.projections.reference import cut, load_corpus

    corpus = load_corpus(Path(root))
    corpus = corpus.keep((corpus.series["use"] == "learn").to_numpy())
    cuts = cut(corpus)
    followed = np.flatnonzero(np.isfinite(cuts.future[:, years_ahead - 1]))
    rows = np.sort(np.random.default_rng(0).choice(followed, min(windows, len(followed)), replace=False))
    some = type(cuts)(*(getattr(cuts, name)[rows] for name in cuts.__dataclass_fields__))
    described = engine.describe_with(window_grid(corpus, some), engine.shipped())
    change = pd.Series(moves(described, some.future)[:, years_ahead - 1], name=f"change in {years_ahead} years")
    regressors = pd.DataFrame(engine.regressors(described.features), columns=list(REGRESSORS))
    return sm.QuantReg(change, regressors).fit(q=0.5, max_iter=200, p_tol=1e-4)
