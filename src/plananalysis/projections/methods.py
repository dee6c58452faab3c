"""Ways to project one history, ours beside those of statsmodels, in one shape: (history, target year, n) → n sample paths.

A method is any function of that shape, so that another one can be put in its place: in :func:`plananalysis.assess` for a whole plan,
in :func:`plananalysis.backtest` to be scored, in ``Indicator.paths`` and ``Indicator.plot`` to be looked at.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import signature
from typing import Any

import numpy as np

from plananalysis.observations import History
from plananalysis.projections import Projection, Request, project, project_many, refusals
from plananalysis.projections.observed import observed_part

Method = Callable[[History, int, int], np.ndarray]
"""``(history, target_year, n)`` → n sample paths, n x years after the last observed one up to ``target_year``, in the history's unit."""

Projector = Callable[[Sequence[Request], int], list[dict[str, Projection]]]
FEWEST = 5  # values that a model with a level, a trend and a variance needs


class NoAnswer(Exception):
    """A method cannot say anything of a history; the message says why."""


def ours(history: History, target_year: int, n: int) -> np.ndarray:
    """This project's own projections, learned from other real histories (METHODS.md); of a series that is no plan's indicator."""
    found = project([history], target_year, "workbench", n, world="new")[history.series]
    if found.reason is not None:
        raise NoAnswer(found.reason)
    return found.paths


def last(history: History, target_year: int, n: int) -> np.ndarray:
    """The last value goes on, with the spread of the history's own yearly changes (a random walk without drift)."""
    years, values = _observed(history, 3)
    steps = np.diff(values) / np.sqrt(np.diff(years))
    ahead = target_year - int(years[-1])
    moves = _rng(history).normal(0.0, np.sqrt((steps**2).mean()), (n, ahead))
    return values[-1] + np.cumsum(moves, axis=1)


def line(history: History, target_year: int, n: int) -> np.ndarray:
    """statsmodels OLS on the year, with the uncertainty of the line and of each value about it."""
    import statsmodels.api as sm

    years, values = _observed(history, 3)
    origin = years[-1]
    fit = sm.OLS(values, sm.add_constant(years - origin)).fit()
    rng, ahead = _rng(history), np.arange(1, target_year - int(origin) + 1)
    # the t distribution of the line's uncertainty: one common scale for each path
    scale = np.sqrt(fit.scale * fit.df_resid / rng.chisquare(fit.df_resid, n))
    root = _root(fit.normalized_cov_params)
    lines = fit.params + scale[:, None] * (rng.standard_normal((n, 2)) @ root.T)
    return lines[:, :1] + lines[:, 1:] * ahead + scale[:, None] * rng.standard_normal((n, len(ahead)))


def holt(history: History, target_year: int, n: int) -> np.ndarray:
    """statsmodels damped Holt smoothing, simulated from the last year on."""
    from statsmodels.tsa.holtwinters import Holt

    values = _unbroken(history)
    with _quiet():
        fit = Holt(values, damped_trend=True, initialization_method="estimated").fit()
        return _simulated(fit, history, target_year, n)


def ets(history: History, target_year: int, n: int) -> np.ndarray:
    """statsmodels ETS: no trend, a trend or a damped trend, the one with the least AIC, simulated from the last year on."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    values = _unbroken(history)
    forms: tuple[dict[str, Any], ...] = ({}, {"trend": "add"}, {"trend": "add", "damped_trend": True})
    with _quiet():
        fits = [ETSModel(values, initialization_method="estimated", **form).fit(disp=False) for form in forms]
        best = min(fits, key=lambda fit: fit.aic)
        return _simulated(best, history, target_year, n)


def components(history: History, target_year: int, n: int) -> np.ndarray:
    """statsmodels UnobservedComponents with a local linear trend, simulated from the last year on; missing years stay missing."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    years, values = _observed(history, FEWEST)
    axis = np.full(int(years[-1] - years[0]) + 1, np.nan)
    axis[years - years[0]] = values
    with _quiet():
        fit = UnobservedComponents(axis, "local linear trend").fit(disp=False)
        return _simulated(fit, history, target_year, n)


methods: dict[str, Method] = {
    "ours": ours,
    "ets": ets,
    "holt": holt,
    "components": components,
    "line": line,
    "last": last,
}


def draw(method: Method, history: History, target_year: int, n: int) -> np.ndarray:
    """Sample paths of one history by a method, held within its natural bounds.

    Raises
    ------
    NoAnswer
        The method has no answer, or gives one that is not n x years or not finite.
    """
    ahead = target_year - int(observed_part(history).years[-1])
    paths = np.asarray(method(history, target_year, n), float)
    if paths.shape != (n, ahead):
        raise NoAnswer(f"{_name(method)}: {paths.shape} instead of {(n, ahead)}")
    if not np.isfinite(paths).all():
        raise NoAnswer(f"{_name(method)}: not finite")
    lower, upper = (None if b is None or np.isnan(b) else b for b in (history.lower, history.upper))
    return paths if lower is None and upper is None else np.clip(paths, lower, upper)


def projector(method: Method) -> Projector:
    """What projects editions with ``method`` in the engine's place.

    What the engine refuses for the history's sake (a census, an election, too few or too old values) every method refuses.
    """
    return project_many if method is ours else partial(_projected, method)


def _projected(method: Method, requests: Sequence[Request], n_paths: int = 1000) -> list[dict[str, Projection]]:
    return [{h.series: _one(method, request, h, n_paths) for h in request.histories} for request in requests]


def _one(method: Method, request: Request, history: History, n_paths: int) -> Projection:
    seen = observed_part(history)
    reason = refusals([seen], request.target_year, request.min_points)[0]
    origin = int(seen.years[-1]) if len(seen.years) else 0
    years = np.arange(origin + 1, request.target_year + 1) if len(seen.years) else np.arange(0)
    paths = np.empty((0, len(years)))
    if reason is None:
        try:
            paths = draw(method, history, request.target_year, n_paths)
        except NoAnswer:
            reason = "too_few"
    return Projection(history.series, origin, len(seen.years), years, paths, reason, _name(method))


def _name(method: Method) -> str:
    return getattr(method, "__name__", type(method).__name__)


def _observed(history: History, fewest: int) -> tuple[np.ndarray, np.ndarray]:
    seen = observed_part(history)
    if len(seen.years) < fewest:
        raise NoAnswer("too_few")
    return seen.years, seen.values


def _unbroken(history: History) -> np.ndarray:
    """The years since the last missing one: smoothing needs one value a year, and none is made up."""
    years, values = _observed(history, FEWEST)
    gaps = np.flatnonzero(np.diff(years) > 1)
    start = gaps[-1] + 1 if len(gaps) else 0
    if len(years) - start < FEWEST:
        raise NoAnswer("too_few")
    return values[start:]


def _simulated(fit: Any, history: History, target_year: int, n: int) -> np.ndarray:
    steps = target_year - int(observed_part(history).years[-1])
    seed: dict[str, Any] = {"rng": _rng(history)}
    if "rng" not in signature(fit.simulate).parameters:  # statsmodels before 0.15 knows the older kind alone
        seed = {"random_state": np.random.RandomState(_rng(history).bit_generator)}
    drawn = fit.simulate(steps, anchor="end", repetitions=n, **seed)
    return np.asarray(drawn).reshape(steps, n).T


def _root(covariance: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(np.asarray(covariance) + 1e-12 * np.eye(len(covariance)))


def _rng(history: History) -> np.random.Generator:
    """Seeded by what the history says, so that a method says the same of it every time."""
    seen = observed_part(history)
    said = f"{seen.series} {seen.years.tolist()} {seen.values.tolist()}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big"))


@contextmanager
def _quiet() -> Any:
    """Fits on a dozen points warn of convergence every time; the scores say how good they are."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
