"""Histories of invented areas: persistent levels, drifts that fade, heavy-tailed shocks, and counting noise on top.

Each area has its own random streams, seeded by the run's seed and the area's code alone, and each stream is always drawn for
all years of the settings. So an area looks the same whichever others are made beside it, and next year only adds a year.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base.tables import find_root
from plananalysis.simulate.levels import Levels, faded_years, read_levels

STREAMS = ("area", "steps", "noise", "turns", "denominators", "counting", "altered", "troubles", "reporting", "groups")


@dataclass(frozen=True)
class Panel:
    """Published figures of many areas, in memory.

    Parameters
    ----------
    values, numerators, denominators
        Shape ``(areas, series, years)``. Values are rounded to publishing precision, in the series' own unit; NaN where a
        year is not measured (census series) or nothing is counted.
    """

    areas: tuple[str, ...]
    series: tuple[str, ...]
    years: np.ndarray
    values: np.ndarray
    numerators: np.ndarray
    denominators: np.ndarray

    def frame(self) -> pd.DataFrame:
        """One row per area, series and measured year; codes are categories, so that a nation fits into memory."""
        a, s, t = np.nonzero(np.isfinite(self.values))
        return pd.DataFrame(
            {
                "area": pd.Categorical.from_codes(a, list(self.areas)),
                "series": pd.Categorical.from_codes(s, list(self.series)),
                "year": self.years[t].astype(np.int16),
                "value": self.values[a, s, t],
                "numerator": self.numerators[a, s, t],
                "denominator": self.denominators[a, s, t],
            }
        )


def area_codes(count: int) -> tuple[str, ...]:
    """Codes of ``count`` invented districts: ``sim-0001``, ``sim-0002``, …; wide enough that their order as text is that of their numbers."""
    width = max(4, len(str(count)))
    return tuple(f"sim-{number:0{width}d}" for number in range(1, count + 1))


def simulate_panel(
    areas: int | Sequence[str], seed: int, root: Path | None = None, as_of: int = 2025, levels: Levels | None = None
) -> Panel:
    """Histories of many areas without planted troubles and without files, for load tests and calibration.

    Parameters
    ----------
    areas
        How many, or their codes. A caller short of memory asks for some codes at a time; the figures are the same.
    seed
        Any whole number; the same seed gives the same figures.
    root
        Project folder; found from the working directory when not given.
    as_of
        Last year. Up to the settings' last year, so that what a projection said can be held against what "happened".

    Returns
    -------
    Panel
    """
    levels = levels or read_levels(root or find_root())
    codes = area_codes(areas) if isinstance(areas, int) else tuple(areas)
    kept = int(np.searchsorted(levels.years, as_of, side="right"))
    shape = (len(codes), len(levels.rows), kept)
    values, numerators, denominators = (np.empty(shape) for _ in range(3))
    for i, code in enumerate(codes):
        drawn = draw_area(code, seed, levels)
        for into, array in zip((values, numerators, denominators), drawn, strict=True):
            into[i] = array[:, :kept]
    return Panel(codes, levels.series, levels.years[:kept], values, numerators, denominators)


def stream(code: str, seed: int, name: str) -> np.random.Generator:
    """One of an area's random streams."""
    return np.random.default_rng([seed, zlib.crc32(code.encode()), STREAMS.index(name)])


def draw_area(
    code: str, seed: int, levels: Levels, size: float | None = None, counting: str = "counting"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Published values, numerators and denominators of one area, each ``(series, years)``.

    Parameters
    ----------
    size
        Population relative to the tables; drawn for the area when not given.
    counting
        Stream of the counting noise. Whoever alters ``levels`` for some series takes another one, for counts use up random
        numbers in an amount that depends on their rates, and the untouched series must not change.
    """
    n, t = len(levels.rows), len(levels.years)
    model = levels.settings["model"]
    own = stream(code, seed, "area")
    drawn_size = float(np.exp(model["size_sd"] * own.standard_normal()))
    size = drawn_size if size is None else size
    level, drift = own.standard_normal((2, n))
    heavy = (_heavy(stream(code, seed, name), (t, n), model["tail_df"]) for name in ("steps", "noise", "turns"))
    level, drift, steps, noise, turns = (_shared(levels, draw) for draw in (level, drift, *heavy))
    steps[0] = turns[0] = 0.0  # the first year is the start

    slope = (
        levels.drift + (model["drift_spread"] * np.abs(levels.drift) + model["drift_floor"] * levels.step_sd) * drift
    )
    faded = faded_years(levels.fade[:, None], levels.years - levels.years[0])
    latent = (
        (levels.start + levels.area_sd * level + np.where(levels.sized, np.log(size), 0.0))[:, None]
        + slope[:, None] * faded
        + _carried(levels.step_sd * (steps + _carried(model["turn_sd"] * turns, levels.fade)), model["memory"]).T
        + (levels.noise_sd * noise).T
        + levels.shocks
    )
    return _measure(levels, latent, _denominators(code, seed, levels, size), stream(code, seed, counting))


def published(values: np.ndarray, decimals: np.ndarray | int) -> np.ndarray:
    """Round half up, as statistics are published; the tiny addend undoes binary fractions such as 0.28499999."""
    scale = 10.0 ** np.asarray(decimals)
    return np.floor(values * scale + 0.5 + 1e-9) / scale


def _heavy(rng: np.random.Generator, shape: tuple[int, int], df: float) -> np.ndarray:
    """Student t draws of unit variance: most years are quiet, a few are not."""
    return rng.standard_t(df, shape) * np.sqrt((df - 2) / df)


def _carried(shocks: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Each year's shock on top of the share of the last year's sum that is carried over; years stand in the first axis.

    Used twice: departures from an area's course are forgotten slowly, and head and tail winds come up and fade as drifts do.
    """
    sums = shocks.copy()
    for year in range(1, len(sums)):
        sums[year] += share * sums[year - 1]
    return sums


def _shared(levels: Levels, draw: np.ndarray) -> np.ndarray:
    """Let followers (girls of all pupils, parts of one row) move with their leader. Series stand in the last axis."""
    weight = levels.leader_weight
    return np.sqrt(1 - weight**2) * draw + weight * draw[..., levels.leader]


def _denominators(code: str, seed: int, levels: Levels, size: float) -> np.ndarray:
    rng = stream(code, seed, "denominators")
    walk = np.cumsum(
        levels.denominator_sd * rng.standard_normal((len(levels.years), len(levels.denominator_sd))), axis=0
    ).T
    log = levels.denominator_log + walk + np.where(levels.denominator_sized, np.log(size), 0.0)[:, None]
    return np.maximum(np.rint(np.exp(log)), 1.0)


def _measure(
    levels: Levels, latent: np.ndarray, denominators: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn latent levels into counts and published values."""
    values = np.take_along_axis(levels.from_latent(latent), levels.held, axis=1)
    rates = values / levels.per[:, None]
    numerators = np.full(values.shape, np.nan)
    counted = levels.denominator >= 0
    below = np.full(values.shape, np.nan)
    below[counted] = np.take_along_axis(denominators[levels.denominator[counted]], levels.held[counted], axis=1)

    kind = levels.sampling
    for name, count in (
        ("round", lambda i: np.rint(rates[i] * below[i])),
        ("binomial", lambda i: rng.binomial(below[i].astype(np.int64), np.minimum(rates[i], 1.0))),
        ("poisson", lambda i: np.minimum(rng.poisson(rates[i] * below[i]), below[i])),
        ("split", lambda i: rng.binomial(below[i].astype(np.int64), rates[i] / (1 + rates[i]))),
    ):
        chosen = np.flatnonzero(kind == name)
        numerators[chosen] = count(chosen)
    for i in (i for i in levels.outer_first if levels.within[i] >= 0):
        share = np.clip(values[i] / values[levels.within[i]], 0.02, 0.98)
        numerators[i] = rng.binomial(numerators[levels.within[i]].astype(np.int64), share)
    split = kind == "split"  # boys to girls: the count below the line is the rest, not the whole
    below[split] = np.maximum(below[split] - numerators[split], 1.0)

    values[counted] = (levels.per[:, None] * numerators / below)[counted]
    values[kind == "count"] = rng.poisson(values[kind == "count"])
    values[kind == "integer"] = np.rint(values[kind == "integer"])
    values = published(values, levels.decimals[:, None])
    for array in (values, numerators, below):
        array[~levels.observed] = np.nan
    return values, numerators, below
