"""Owns the tables ``years``, ``wholes`` and ``rates`` of a city: its districts' values beside each other, and what they add up to.

Only values under one definition, that of most districts in the newest year, stand side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.observations import starts_segment
from plananalysis.plan.units import CASES, PER

LEAST = 5  # districts for a spread, as for peers
_LIMITS = (0.95, 0.998)  # of a funnel: two and three standard errors
_TRIMMED = 0.1  # of the scores at either end, before their spread is judged


def observed(views: Mapping[str, pd.DataFrame], series: Sequence[str]) -> pd.DataFrame:
    """Totals of all districts in use, under the definition that most of them report the newest year of a series by; without errors,
    and without what lies before a district's newest break.

    Parameters
    ----------
    views
        Each district's table ``observations``.
    """
    columns = [
        "area",
        "series",
        "year",
        "value",
        "numerator",
        "denominator",
        "definition",
        "group",
        "question",
        "status",
    ]
    whole = pd.concat([view.assign(area=area)[columns] for area, view in views.items()], ignore_index=True)
    numbers = ["year", "value", "numerator", "denominator"]
    whole[numbers] = whole[numbers].apply(pd.to_numeric, errors="coerce")
    whole = whole[(whole["group"] == "total") & whole["series"].isin(series)]
    breaks = whole["year"].where(whole["status"].fillna("").map(starts_segment))
    since = breaks.groupby([whole["area"], whole["series"]]).transform("max").fillna(0)
    sound = whole["value"].notna() & (whole["question"] != "error") & (whole["year"] >= since)
    whole = whole[sound].drop(columns="status")
    whole["definition"] = whole["definition"].fillna("")
    newest = whole.sort_values("year").drop_duplicates(["area", "series"], keep="last")
    counted = newest.groupby(["series", "definition"]).size().reset_index(name="n")
    usual = (
        counted.sort_values(["n", "definition"])
        .drop_duplicates("series", keep="last")
        .set_index("series")["definition"]
    )
    return whole[whole["definition"] == whole["series"].map(usual)].reset_index(drop=True)


def years(held: pd.DataFrame, first: int, as_of: int) -> pd.DataFrame:
    """How a series spreads over the districts year by year, always over the same districts: those known in the first and the last year told."""
    rows = []
    for series, some in held[held["year"].between(first, as_of)].groupby("series", sort=True):
        grid = some.pivot_table(index="area", columns="year", values="value", aggfunc="last")
        told = [y for y in grid.columns if grid[y].notna().sum() >= LEAST]
        if not told:
            continue
        same = grid[grid[told[0]].notna() & grid[told[-1]].notna()]
        for year in told:
            known = same[year].dropna()
            if len(known) >= LEAST:
                least, low, middle, high, most = np.quantile(known, [0, 0.1, 0.5, 0.9, 1]).round(6)
                rows.append([series, int(year), len(known), least, low, middle, high, most])
    return pd.DataFrame(rows, columns=["series", "year", "districts", "least", "p10", "p50", "p90", "most"])


def wholes(held: pd.DataFrame, about: pd.DataFrame, districts: int, own: pd.DataFrame | None) -> pd.DataFrame:
    """What the districts add up to in the newest year that most of them know, and what the city itself published for it.

    Parameters
    ----------
    about
        ``unit`` and ``decimals`` by series.
    districts
        How many the city has.
    own
        Values the city published under the same codes, as :func:`observed` has them; None when there are none.

    Returns
    -------
    DataFrame
        ``whole`` is the sum of cases over the sum of people where each district gives both, or the sum of a number of cases. ``agrees`` is False where the published value
        differs by more than its last digit, or, without a sum, lies outside the values of all districts.
    """
    rows = []
    for series, some in held.groupby("series", sort=True):
        unit, decimals = about.loc[series, "unit"], int(about.loc[series, "decimals"])
        year = _usual_year(some)
        now = some[some["year"] == year].drop_duplicates("area", keep="last")
        counts = now[["numerator", "denominator"]].notna().all(axis=1).all() and now["denominator"].sum() > 0
        whole = np.nan
        if counts and unit in PER:
            whole = now["numerator"].sum() / now["denominator"].sum() * PER[unit]
        elif unit in CASES:
            whole = now["value"].sum()
        published = _published(own, str(series), year)
        complete, agrees = len(now) == districts, ""
        if complete and np.isfinite(published):
            off = abs(whole - published) > 0.5 * 10.0**-decimals + 1e-9
            outside = not now["value"].min() <= published <= now["value"].max()
            agrees = str(not (off if np.isfinite(whole) else outside and unit in PER))
        rows.append([series, year, len(now), round(whole, 6), published, agrees])
    return pd.DataFrame(rows, columns=["series", "year", "districts", "whole", "published", "agrees"])


def _usual_year(some: pd.DataFrame) -> int:
    """The newest year that at least half as many districts know as the best known one."""
    known = some.groupby("year")["area"].nunique()
    return int(known.index[known >= known.max() / 2].max())


def _published(own: pd.DataFrame | None, series: str, year: int) -> float:
    if own is None:
        return np.nan
    found = own.loc[(own["series"] == series) & (own["year"] == year), "value"]
    return float(found.iloc[-1]) if len(found) else np.nan


def rates(held: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Rates of counted cases against what the city's own rate and chance leave open (Spiegelhalter 2005, a funnel).

    The limits of a district are those of a binomial number among its own people, widened where the districts' scores, trimmed at the ends,
    spread more than chance: a variance between districts is then added (DerSimonian and Laird). ``word`` is ``high`` or ``low`` outside 99.8 %.
    """
    rows: list[dict[str, Any]] = []
    for series, some in held.groupby("series", sort=True):
        unit = about.loc[series, "unit"]
        now = some[some["year"] == _usual_year(some)].drop_duplicates("area", keep="last")
        now = now[now[["numerator", "denominator"]].notna().all(axis=1) & (now["denominator"] > 0)]
        if unit not in PER or len(now) < LEAST or (now["numerator"] > now["denominator"]).any():
            continue
        cases, people = now["numerator"].to_numpy(float), now["denominator"].to_numpy(float)
        centre = cases.sum() / people.sum()
        if not 0 < centre < 1:
            continue
        between = between_districts(cases, people)
        limits = [_limits(centre, people, between, level) for level in _LIMITS]
        for i, (area, share) in enumerate(zip(now["area"], cases / people, strict=True)):
            (low95, high95), (low998, high998) = ((low[i], high[i]) for low, high in limits)
            word = "high" if share > high998 else "low" if share < low998 else "within"
            ends = dict(zip(("low95", "high95", "low998", "high998"), (low95, high95, low998, high998), strict=True))
            line = {
                "series": series,
                "area": area,
                "year": int(now["year"].iloc[i]),
                "cases": cases[i],
                "people": people[i],
            }
            scaled = {
                name: round(float(x) * PER[unit], 6) for name, x in ({"rate": share, "centre": centre} | ends).items()
            }
            rows.append(line | scaled | {"between": round(float(np.sqrt(between)) * PER[unit], 6), "word": word})
    columns = (
        "series",
        "area",
        "year",
        "cases",
        "people",
        "rate",
        "centre",
        "low95",
        "high95",
        "low998",
        "high998",
        "between",
        "word",
    )
    return pd.DataFrame(rows, columns=[*columns])


def between_districts(cases: np.ndarray, people: np.ndarray) -> float:
    """Variance of districts' shares beyond chance, 0 where their trimmed scores spread no more than it."""
    centre = cases.sum() / people.sum()
    chance = centre * (1 - centre) / people
    score = np.sort((cases / people - centre) / np.sqrt(chance))
    cut = int(len(score) * _TRIMMED)
    score = np.clip(score, score[cut], score[-1 - cut])
    spread, weight = float((score**2).sum()), 1 / chance
    spare = weight.sum() - (weight**2).sum() / weight.sum()
    return max(0.0, (spread - (len(score) - 1)) / spare)


def _limits(centre: float, people: np.ndarray, between: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.stats import binom, norm

    tail = (1 - level) / 2
    if not between:  # exact: one case more or less counts where cases are few
        return (binom.ppf(tail, people, centre) / people, binom.isf(tail, people, centre) / people)
    wide = norm.isf(tail) * np.sqrt(centre * (1 - centre) / people + between)
    return np.clip(centre - wide, 0, 1), np.clip(centre + wide, 0, 1)
