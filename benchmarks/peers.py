"""What an office or an off-the-shelf library would say about the same tasks; for comparison only.

Every peer takes histories as a plain matrix (tasks x years, right-aligned, NaN before their start) and answers with the mean and
standard deviation of a normal forecast per horizon; a deviation of 0 is a plain yes or no.
"""

from __future__ import annotations

import warnings

import numpy as np

HORIZONS = 9


def last_value(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last value goes on; spread of the series' own yearly changes, growing with the root of the horizon."""
    return _random_walk(y, drift=0.0)


def drift(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean yearly change goes on."""
    return _random_walk(y, drift=1.0)


def half_drift(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half of the mean yearly change goes on."""
    return _random_walk(y, drift=0.5)


def _random_walk(y: np.ndarray, drift: float) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = np.empty((2, len(y), HORIZONS))
    ahead = np.arange(1, HORIZONS + 1)
    for row, values in enumerate(y):
        steps = np.diff(values[np.isfinite(values)])
        move = drift * steps.mean()
        mean[row] = values[-1] + move * ahead
        spread[row] = np.sqrt(((steps - move) ** 2).mean() * ahead)
    return mean, spread


def straight_line(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares line read as yes or no, as a progress table does."""
    mean = straight_line_interval(y)[0]
    return mean, np.zeros_like(mean)


def straight_line_interval(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares line with its textbook prediction interval."""
    mean, spread = np.empty((2, len(y), HORIZONS))
    for row, values in enumerate(y):
        seen = values[np.isfinite(values)]
        n = len(seen)
        t = np.arange(n) - (n - 1) / 2
        slope = (t * seen).sum() / (t**2).sum()
        residual = seen - seen.mean() - slope * t
        ahead = t[-1] + np.arange(1, HORIZONS + 1)
        mean[row] = seen.mean() + slope * ahead
        spread[row] = np.sqrt((residual**2).sum() / (n - 2) * (1 + 1 / n + ahead**2 / (t**2).sum()))
    return mean, spread


def cagr(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compound annual growth from first to last value read as yes or no; a straight step where growth is undefined."""
    mean = np.empty((len(y), HORIZONS))
    ahead = np.arange(1, HORIZONS + 1)
    for row, values in enumerate(y):
        seen = values[np.isfinite(values)]
        years = len(seen) - 1
        if seen[0] > 0 and seen[-1] > 0:
            mean[row] = seen[-1] * (seen[-1] / seen[0]) ** (ahead / years)
        else:
            mean[row] = seen[-1] + (seen[-1] - seen[0]) / years * ahead
    return mean, np.zeros_like(mean)


def damped_holt(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """statsmodels' damped Holt smoothing with the textbook variance of its innovations form."""
    from statsmodels.tsa.holtwinters import Holt

    mean, spread = np.empty((2, len(y), HORIZONS))
    for row, values in enumerate(y):
        seen = values[np.isfinite(values)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = Holt(seen, damped_trend=True, initialization_method="estimated").fit()
        mean[row] = fit.forecast(HORIZONS)
        a, b, phi = (fit.params[k] for k in ("smoothing_level", "smoothing_trend", "damping_trend"))
        weight = a + b * np.cumsum(phi ** np.arange(1, HORIZONS))
        variance = (fit.resid**2).mean() * np.concatenate([[1.0], 1 + np.cumsum(weight**2)])
        spread[row] = np.sqrt(variance)
    return mean, spread


def auto_ets(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """statsforecast AutoETS; the deviation is read off its 80 % interval."""
    from statsforecast.models import AutoETS

    mean, spread = np.empty((2, len(y), HORIZONS))
    for row, values in enumerate(y):
        seen = values[np.isfinite(values)]
        try:
            answer = AutoETS(season_length=1).forecast(seen, h=HORIZONS, level=[80])
            mean[row], spread[row] = answer["mean"], (answer["hi-80"] - answer["lo-80"]) / 2 / 1.2815515655446004
        except Exception:  # a history it cannot fit: it would have to fall back on the last value
            one, wide = last_value(values[None])
            mean[row], spread[row] = one[0], wide[0]
    return mean, spread


PEERS = {
    "last_value": last_value,
    "drift": drift,
    "half_drift": half_drift,
    "straight_line": straight_line,
    "straight_line_interval": straight_line_interval,
    "cagr": cagr,
    "damped_holt": damped_holt,
    "auto_ets": auto_ets,
}
