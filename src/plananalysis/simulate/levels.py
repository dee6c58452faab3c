"""The invented world of the simulation, read from ``data/raw/simulation``: levels, denominators, shocks of single years.

Nothing about a series is written in code: how high it stood, where it was heading, how much it jumps from year to year and
what it counts are rows of tables that can be read and changed. The numbers are made up for simulation, of the order of size
that published histories of the nation and of large cities show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from plananalysis.base.errors import DataError, Problem
from plananalysis.base.tables import read_rows, read_settings
from plananalysis.plan.check import COLUMNS as PLAN_COLUMNS
from plananalysis.plan.units import PER

# of each table of the folder
COLUMNS = {
    table: columns.split()
    for table, columns in {
        "levels": "series scale level_2010 level_2020 yearly_sd transient area_sd fade sampling denominator within follows sized "
        "moments channel exposure groups_gap definition note",
        "denominators": "denominator name size_2010 size_2020 size_2030 yearly_sd sized note",
        "year_shocks": "channel year shock note",
        "groups": "dimension plan group share lean note",
    }.items()
}
_NUMBERS = ("level_2010", "level_2020", "yearly_sd", "transient", "area_sd", "fade", "exposure", "groups_gap")
UNCOUNTED = ("none", "count", "integer")
SAMPLINGS = (*UNCOUNTED, "round", "binomial", "poisson", "within", "split")


@dataclass(frozen=True)
class Levels:
    """Everything that is the same in every simulated area; arrays over series unless said otherwise.

    Latent quantities (``start``, ``drift``, ``step_sd``, ``noise_sd``, ``area_sd``, ``shocks``) are on each series' own scale:
    logit of the position between its bounds, natural logarithm, or the unit itself.

    Parameters
    ----------
    rows
        The plan's series rows, in printed order, reduced to those that carry observations.
    years
        First to last year that can be drawn. Draws always cover all of them, so that next year's files continue this year's.
    fade
        Share of the drift that is left a year later.
    leader, leader_weight
        Index of the series whose yearly shocks this one shares, and their correlation.
    denominator
        Index into the denominators, -1 where a series has none.
    held
        ``(series, years)`` index of the year whose value shows in a year: itself, or the last election.
    observed
        ``(series, years)`` whether a year is measured at all (censuses are not).
    shocks
        ``(series, years)`` deviations common to all areas in single years.
    """

    rows: tuple[dict[str, str], ...]
    years: np.ndarray
    scale: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    decimals: np.ndarray
    start: np.ndarray
    drift: np.ndarray
    fade: np.ndarray
    step_sd: np.ndarray
    noise_sd: np.ndarray
    area_sd: np.ndarray
    sampling: np.ndarray
    per: np.ndarray
    sized: np.ndarray
    denominator: np.ndarray
    within: np.ndarray
    leader: np.ndarray
    leader_weight: np.ndarray
    held: np.ndarray
    observed: np.ndarray
    shocks: np.ndarray
    groups_gap: np.ndarray
    definition: tuple[str, ...]
    groups: tuple[dict[str, str], ...]
    denominators: tuple[dict[str, str], ...]
    denominator_log: np.ndarray  # (denominators, years)
    denominator_sd: np.ndarray
    denominator_sized: np.ndarray
    settings: dict[str, Any]

    @cached_property
    def series(self) -> tuple[str, ...]:
        """Codes, in printed order."""
        return tuple(row["series"] for row in self.rows)

    def index(self, series: str) -> int:
        """Position of a series."""
        return self.series.index(series)

    @cached_property
    def outer_first(self) -> list[int]:
        """Every position, those of a larger set before those counted within it: under-fives, infants, newborns."""

        def depth(i: int) -> int:
            return 0 if self.within[i] < 0 else 1 + depth(self.within[i])

        return sorted(range(len(self.rows)), key=depth)

    def to_latent(self, values: Any, index: int) -> np.ndarray:
        """Values of one series in its own unit, on its latent scale."""
        return _to_latent(np.asarray(values, float), self.scale[index], self.lower[index], self.upper[index])

    def from_latent_at(self, latent: np.ndarray, index: int) -> np.ndarray:
        """Latent values of one series in its own unit."""
        if self.scale[index] == "logit":
            return self.lower[index] + (self.upper[index] - self.lower[index]) / (1 + np.exp(-latent))
        return np.exp(latent) if self.scale[index] == "log" else np.maximum(latent, self.lower[index])

    def from_latent(self, latent: np.ndarray) -> np.ndarray:
        """Latent values of shape ``(series, years)`` in the series' own units, inside their bounds."""
        values = latent.copy()
        logit, log = self.scale == "logit", self.scale == "log"
        width = (self.upper - self.lower)[logit, None]
        values[logit] = self.lower[logit, None] + width / (1 + np.exp(-latent[logit]))
        values[log] = np.exp(latent[log])
        return np.maximum(values, self.lower[:, None])

    def slope(self, value: float, index: int) -> float:
        """Latent units per own unit near ``value``."""
        return float(_slope(value, self.scale[index], self.lower[index], self.upper[index]))


def read_levels(root: Path) -> Levels:
    """Read and check the simulation's tables against the plan whose structure is simulated.

    Raises
    ------
    DataError
        Listing every series of the plan without a level, every unknown word and every number that is none.
    """
    folder = root / "data" / "raw" / "simulation"
    settings = read_settings(folder / "settings.toml", root)
    model = settings["model"]
    series = root / "data" / "raw" / settings["plan_area"] / "plan" / "series.csv"
    plan_rows = [row for row in read_rows(series, root, PLAN_COLUMNS["series"]) if row["role"] != "compound"]
    tables = {name: read_rows(folder / f"{name}.csv", root, columns) for name, columns in COLUMNS.items()}
    by_series = {row["series"]: row for row in tables["levels"]}
    denominators, shocks = tables["denominators"], tables["year_shocks"]
    _check(plan_rows, by_series, denominators, shocks)

    years = np.arange(settings["first_year"], settings["last_year"] + 1)
    rows = [by_series[row["series"]] for row in plan_rows]
    numbers = _column(rows)
    scale = np.array([row["scale"] for row in rows])
    upper = np.array([_number(p["upper"], np.inf) for p in plan_rows])
    upper = np.where((scale == "logit") & ~np.isfinite(upper), model["gross_ceiling"], upper)
    lower = np.array([_number(p["lower"], 0.0) for p in plan_rows])
    level_2010, level_2020 = numbers("level_2010"), numbers("level_2020")
    start, end = (_each(_to_latent, v, scale, lower, upper) for v in (level_2010, level_2020))
    slope = _each(_slope, level_2020, scale, lower, upper)
    fade = numbers("fade", model["fade"])
    transient = numbers("transient", model["transient"])
    yearly = numbers("yearly_sd") * slope
    index = {row["series"]: i for i, row in enumerate(plan_rows)}
    keys = [row["denominator"] for row in denominators]
    leader = np.array([index[row["follows"] or row["series"]] for row in rows])
    return Levels(
        rows=tuple(plan_rows),
        years=years,
        scale=scale,
        lower=lower,
        upper=upper,
        decimals=np.array([int(p["decimals"] or 2) for p in plan_rows]),
        start=start,
        drift=(end - start) / faded_years(fade),
        fade=fade,
        step_sd=yearly * np.sqrt(1 - transient),
        noise_sd=yearly * np.sqrt(transient / 2),  # a yearly change holds two of them
        area_sd=numbers("area_sd") * slope,
        sampling=np.array([row["sampling"] for row in rows]),
        per=np.array([PER.get(p["unit"], 1.0) for p in plan_rows], float),
        sized=numbers("sized", 0.0).astype(bool),
        denominator=np.array([keys.index(row["denominator"]) if row["denominator"] else -1 for row in rows]),
        within=np.array([index[row["within"]] if row["within"] else -1 for row in rows]),
        leader=leader,
        leader_weight=np.where(leader == np.arange(len(rows)), 0.0, model["leader_weight"]),
        held=np.array([_held(p["rhythm"], r["moments"], years) for p, r in zip(plan_rows, rows, strict=True)]),
        observed=np.array([_observed(p["rhythm"], r["moments"], years) for p, r in zip(plan_rows, rows, strict=True)]),
        shocks=_shock_table(rows, shocks, years) * yearly[:, None],
        groups_gap=numbers("groups_gap", 0.0),
        definition=tuple(row["definition"] for row in rows),
        groups=tuple(tables["groups"]),
        denominators=tuple(denominators),
        denominator_log=np.array([_interpolated(row, years) for row in denominators]),
        denominator_sd=np.array([float(row["yearly_sd"] or 0) for row in denominators]),
        denominator_sized=np.array([row["sized"] == "1" for row in denominators]),
        settings=settings,
    )


def asked_counts(row: dict[str, str] | None) -> bool:
    """Whether the plan asks for numerator and denominator of a series."""
    return bool(row and row["numerator"] and row["denominator"])


def faded_years(fade: np.ndarray, span: np.ndarray | int = 10) -> np.ndarray:
    """How many first-year drifts ``span`` fading years add up to."""
    return np.where(fade == 1, span, (1 - fade**span) / np.where(fade == 1, 1, 1 - fade))


def _check(
    plan_rows: Sequence[dict[str, str]],
    levels: dict[str, dict[str, str]],
    denominators: Sequence[dict[str, str]],
    shocks: Sequence[dict[str, str]],
) -> None:
    name = "data/raw/simulation/levels.csv"
    channels, keys = {row["channel"] for row in shocks}, {row["denominator"] for row in denominators}
    problems = [
        Problem(name, 0, "series", row["series"], "规划中的该指标没有模拟水平", "请补一行。")
        for row in plan_rows
        if row["series"] not in levels
    ]
    plan_series = {row["series"]: row for row in plan_rows}
    for row in levels.values():
        closed = {
            "series": row["series"] in plan_series,
            "scale": row["scale"] in ("logit", "log", "linear"),
            "sampling": row["sampling"] in SAMPLINGS and bool(row["denominator"]) == (row["sampling"] not in UNCOUNTED),
            "within": bool(row["within"]) == (row["sampling"] == "within") and row["within"] in {"", *plan_series},
            "follows": not row["follows"] or (row["follows"] in levels and not levels[row["follows"]]["follows"]),
            "channel": not row["channel"] or row["channel"] in channels,
            "denominator": row["denominator"] in {"", *keys}
            and asked_counts(plan_series.get(row["series"])) <= bool(row["denominator"]),
            "moments": bool(row["moments"])
            == (plan_series.get(row["series"], {}).get("rhythm") in ("election", "census")),
        }
        problems += [
            Problem(name, int(row["#"]), column, row[column], "不在可用的取值之内", "请对照规划表和本目录各表改正。")
            for column, fine in closed.items()
            if not fine
        ]
        for column in _NUMBERS:
            try:
                float(row[column] or 0)
            except ValueError:
                problems.append(Problem(name, int(row["#"]), column, row[column], "不是数字", "请改为数字。"))
    if problems:
        raise DataError(problems)


def _column(rows: Sequence[dict[str, str]]) -> Callable[..., np.ndarray]:
    return lambda name, default=np.nan: np.array([_number(row[name], default) for row in rows])


def _number(text: str, default: float) -> float:
    return float(text) if text else default


def _to_latent(value: Any, scale: str, lower: float, upper: float) -> Any:
    if scale == "logit":
        share = (value - lower) / (upper - lower)
        return np.log(share / (1 - share))
    return np.log(value) if scale == "log" else value


def _slope(value: Any, scale: str, lower: float, upper: float) -> Any:
    if scale == "logit":
        return (upper - lower) / ((value - lower) * (upper - value))
    return 1 / value if scale == "log" else np.ones_like(value)


def _each(function: Callable[..., Any], values: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    return np.array([float(function(v, *rest)) for v, *rest in zip(values, *columns, strict=True)])


def _moments(text: str) -> list[int]:
    return [int(year) for year in text.split(";") if year]


def _held(rhythm: str, moments: str, years: np.ndarray) -> np.ndarray:
    if rhythm != "election":
        return np.arange(len(years))
    terms = np.array([years[0], *_moments(moments)])
    return np.array([terms[terms <= year].max() - years[0] for year in years])


def _observed(rhythm: str, moments: str, years: np.ndarray) -> np.ndarray:
    return np.isin(years, _moments(moments)) if rhythm == "census" else np.ones(len(years), bool)


def _shock_table(rows: Sequence[dict[str, str]], shocks: Sequence[dict[str, str]], years: np.ndarray) -> np.ndarray:
    table = {(row["channel"], int(row["year"])): float(row["shock"]) for row in shocks}
    return np.array(
        [[_number(r["exposure"], 0.0) * table.get((r["channel"], int(y)), 0.0) for y in years] for r in rows]
    )


def _interpolated(row: dict[str, str], years: np.ndarray) -> np.ndarray:
    sizes = [float(row[f"size_{year}"]) for year in (2010, 2020, 2030)]
    return np.interp(years, (2010, 2020, 2030), np.log(sizes))
