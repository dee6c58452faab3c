"""Any method scored on any histories, as if the later values were unknown: the same statements for every method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.assessments.backtests import HORIZONS, STEPS, known_until, reaches
from plananalysis.base.errors import UsageError
from plananalysis.base.text import language, say
from plananalysis.observations import History
from plananalysis.projections import Request, World, project_many
from plananalysis.projections.methods import Method, NoAnswer, draw, ours
from plananalysis.workbench.answers import N_PATHS, method_called
from plananalysis.workbench.decompose import usual_step
from plananalysis.workbench.indicator import Indicator

CASES = ["series", "origin", "horizon", "method", "target", "probability", "met", "crps", "inside80", "inside95"]


def backtest(
    histories: Any,
    methods: Sequence[str | Method] | Mapping[str, Method] | None = None,
    origins: Iterable[int] | None = None,
    horizon: int = HORIZONS,
    *,
    min_points: int = 4,
    n: int = N_PATHS,
    cases: bool = False,
    progress: bool = False,
) -> pd.DataFrame:
    """Score methods on what came after each origin year.

    From every origin with enough values before it each method projects each history; the projections are held against the values
    that followed. Only histories and origins that every method answers count, so that no method gains by declining.

    Parameters
    ----------
    histories
        An area, a mapping or sequence of indicators or histories, or a long frame with columns ``name``, ``year`` and ``value``
        (or ``unique_id``, ``ds``, ``y``). Series without a better side, and those that move at elections or censuses only, are left out.
    methods
        Names in :data:`plananalysis.methods`, functions, or functions by name; ``ours``, ``last`` and ``line`` by default.
    origins
        Years to project from; by default all.
    horizon
        Years ahead that are scored.
    cases
        Return the single statements instead of their means.
    progress
        Show a bar: smoothing models take a tenth of a second for each origin.

    Returns
    -------
    DataFrame
        By method: ``brier`` and ``log_score`` of the stated probabilities (the targets are improvements of 0, ½ and 1 usual yearly
        step times the root of the years ahead, as in the table ``backtests``), ``crps`` in usual yearly steps, ``cover80`` and
        ``cover95`` (share of later values inside those ranges), ``n`` values scored, ``histories``, and ``declined`` (origins a method
        had no answer for; they count for none). Lower is better, coverage should be .8 and .95.

    Examples
    --------
    >>> walk = {y: v for y, v in zip(range(2008, 2021), [50, 52, 51, 53, 55, 54, 57, 58, 58, 60, 61, 63, 62])}
    >>> mine = {"mine": Indicator.from_frame(walk, name="mine", unit="%")}
    >>> backtest(mine, ["ours", "last"])[["n", "histories"]].values.tolist()
    [[35, 1], [35, 1]]
    """
    chosen = chosen_methods(methods)
    given = _histories(histories)
    worlds = {id(h): world for h, world in given}
    held = [h for h, _ in given if h.direction != 0 and h.rhythm == "annual"]
    wanted = None if origins is None else {int(y) for y in origins}
    found, declined = [], dict.fromkeys(chosen, 0)
    asked = [(h, origin) for h in held for origin in h.years[min_points - 1 : -1].tolist()]
    asked = [(h, o) for h, o in asked if wanted is None or o in wanted]
    batch = _by_engine(asked, horizon, n, min_points, worlds) if any(m is ours for m in chosen.values()) else {}
    if progress:
        from tqdm import tqdm
    for number, (history, origin) in enumerate(tqdm(asked, unit="") if progress else asked):
        past, said = known_until(history, origin), {}
        for name, method in chosen.items():
            try:
                said[name] = batch[number] if method is ours else draw(method, past, origin + horizon, n)
            except (NoAnswer, KeyError):
                declined[name] += 1
        if len(said) == len(chosen):
            found += _scored(history, past, origin, horizon, said)
    table = pd.DataFrame(found, columns=CASES)
    return table if cases else _means(table, list(chosen), declined)


def chosen_methods(methods: Any) -> dict[str, Method]:
    """Methods by name, from names, functions or a mapping.

    Raises
    ------
    UsageError
        No method of this name.
    """
    if isinstance(methods, Mapping):
        return dict(methods)
    found: dict[str, Method] = {}
    for method in methods or ("ours", "last", "line"):
        key = method if isinstance(method, str) else getattr(method, "__name__", f"method{len(found)}")
        found[key] = method_called(method, language())
    return found


def _histories(given: Any) -> list[tuple[History, World]]:
    """Histories, each with the world it is from; those of an area are a plan's."""
    if isinstance(given, pd.DataFrame):
        heads = {"unique_id": "name", "ds": "year", "y": "value"}
        table = given.rename(columns={k: v for k, v in heads.items() if k in given and v not in given})
        if lacking := {"name", "year", "value"} - set(table.columns):
            known = ", ".join(map(str, given.columns))
            raise UsageError(say("workbench.errors.column", column=", ".join(sorted(lacking)), known=known))
        groups = table.groupby("name", sort=False)
        return _histories([Indicator.from_frame(rows, name=str(name)) for name, rows in groups])
    of_area: Any = getattr(getattr(given, "plan", None), "world", "plan")
    if callable(getattr(given, "histories", None)):
        given = given.histories()
    world = lambda item: getattr(item, "world", of_area)  # noqa: E731
    items: Iterable[Any] = given.values() if isinstance(given, Mapping) else given
    return [(getattr(item, "history", item), world(item)) for item in items]


def _by_engine(
    asked: Sequence[tuple[History, int]], horizon: int, n: int, min_points: int, worlds: Mapping[int, World]
) -> dict[int, np.ndarray]:
    """Our own paths, all histories of an origin at once, by position in ``asked``."""
    origins: dict[tuple[int, World], list[int]] = {}
    for number, (history, origin) in enumerate(asked):
        origins.setdefault((origin, worlds[id(history)]), []).append(number)
    found = {}
    for (origin, world), numbers in origins.items():
        # under numbers: two histories of one name must not be taken for one
        pasts = [replace(known_until(asked[i][0], origin), series=str(i)) for i in numbers]
        request = Request(pasts, origin + horizon, f"backtest-{origin}", min_points, world)
        (projected,) = project_many([request], n)
        for number in numbers:
            if projected[str(number)].reason is None:
                found[number] = projected[str(number)].paths
    return found


def _scored(history: History, past: History, origin: int, horizon: int, said: Mapping[str, np.ndarray]) -> list[tuple]:
    """Rows of :data:`CASES` for one history and origin: one a method, year and target."""
    step, last, side = usual_step(past), float(past.values[-1]), history.direction
    later = (history.years > origin) & (history.years <= origin + horizon)
    rows = []
    for name, paths in said.items():
        for year, value in zip(history.years[later].tolist(), history.values[later].tolist(), strict=True):
            drawn = np.sort(paths[:, year - origin - 1])
            low95, low80, high80, high95 = np.quantile(drawn, [0.025, 0.1, 0.9, 0.975])
            crps = _crps(drawn, value) / step if step else np.nan
            inside = (low80 <= value <= high80, low95 <= value <= high95)
            for size in STEPS:
                target = last + side * step * np.sqrt(year - origin) * size
                p, met = float(reaches(drawn, target, side).mean()), bool(reaches(value, target, side))
                rows.append((history.series, origin, year - origin, name, target, p, met, crps, *inside))
    return rows


def _crps(drawn: np.ndarray, value: float) -> float:
    """Continuous ranked probability score of sorted draws: mean distance to the value less half the draws' own."""
    n = len(drawn)
    own = (drawn * (2 * np.arange(n) - n + 1)).sum() / n**2
    return float(np.abs(drawn - value).mean() - own)


def _means(table: pd.DataFrame, names: Sequence[str], declined: Mapping[str, int]) -> pd.DataFrame:
    said = table["probability"].clip(0.5 / N_PATHS, 1 - 0.5 / N_PATHS)
    hit = np.where(table["met"], said, 1 - said.astype(float))
    scored = table.assign(brier=(table["probability"] - table["met"].astype(float)) ** 2, log_score=-np.log(hit))
    by = scored.groupby("method", sort=False)
    means = by[["brier", "log_score", "crps", "inside80", "inside95"]].mean().astype(float)
    counts = pd.DataFrame({"n": by.size() // len(STEPS), "histories": by["series"].nunique()})
    found = means.rename(columns={"inside80": "cover80", "inside95": "cover95"}).join(counts).reindex(names)
    found["declined"] = pd.Series(declined)
    return found.fillna({"n": 0, "histories": 0}).astype({c: "int64" for c in ("n", "histories", "declined")})
