"""Histories as the engine reads them, and what no history can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say
from plananalysis.observations import History
from plananalysis.observations.peers import Beside
from plananalysis.plan.units import PER

RHYTHMS = ("annual", "election", "census")
SMALL_UNITS = 1000  # a rate of so many or more has its natural upper bound, printed or not; a percentage may be gross


@dataclass(frozen=True)
class Observed:
    """The observed part of a history: finite values only, ascending years."""

    series: str
    unit: str
    years: np.ndarray
    values: np.ndarray
    lower: float
    upper: float
    decimals: float
    direction: float
    rhythm: str
    numerators: np.ndarray | None
    denominators: np.ndarray | None
    beside: Beside | None = None


def observed_part(history: History | Observed) -> Observed:
    """The finite values of a history, ascending; what the engine reads. Idempotent.

    A rate per thousand or more that counts from nought cannot pass its unit, whether that is printed or not.
    """
    return observed_parts([history])[0]


def observed_parts(histories: Sequence[History | Observed]) -> list[Observed]:
    """:func:`observed_part` of each; one look at all of them tells of which nothing is left out."""
    whole = _by_history(histories, lambda years, values, of: np.isfinite(values) & _rising(years, of))
    return [h if isinstance(h, Observed) else _observed(h, w) for h, w in zip(histories, whole, strict=True)]


def _observed(history: History, whole: bool) -> Observed:
    years, values = np.asarray(history.years, int), np.asarray(history.values, float)
    counts = [getattr(history, name, None) for name in ("numerators", "denominators")]
    counts = [None if c is None or not np.isfinite(c).any() else np.asarray(c, float) for c in counts]
    if not whole:
        keep = np.flatnonzero(np.isfinite(values))
        keep = keep[np.argsort(years[keep], kind="stable")]
        years, values = years[keep], values[keep]
        counts = [None if c is None else c[keep] for c in counts]
    lower, upper = (np.nan if b is None else float(b) for b in (history.lower, history.upper))
    most = PER.get(history.unit, 0)
    if most >= SMALL_UNITS and np.isnan(upper) and lower == 0 and not (values > most).any():
        upper = float(most)
    return Observed(
        history.series,
        history.unit,
        years,
        values,
        lower,
        upper,
        float(history.decimals),
        float(history.direction),
        history.rhythm,
        numerators=counts[0],
        denominators=counts[1],
        beside=getattr(history, "beside", None),
    )


def _by_history(
    histories: Sequence[Any], sound: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
) -> list[bool]:
    """For each history whether ``sound`` of all its values; asked once, of the years and values of all and the number of the history of each."""
    sizes = np.array([len(h.values) for h in histories], int)
    if not sizes.sum():
        return [True] * len(sizes)
    years, values = (np.concatenate([np.asarray(getattr(h, n), float) for h in histories]) for n in ("years", "values"))
    of = np.repeat(np.arange(len(sizes)), sizes)
    wrong = np.zeros(len(sizes), bool)
    wrong[of[~sound(years, values, of)]] = True
    return (~wrong).tolist()


def _rising(years: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Which years of histories side by side are later than the one before of the same history."""
    return np.append(True, (years[1:] > years[:-1]) | (of[1:] != of[:-1]))


def before(history: Observed, at: int) -> Observed:
    """The history as it stood before its value number ``at``."""
    cut = {
        f: v[:at] for f in ("years", "values", "numerators", "denominators") if (v := getattr(history, f)) is not None
    }
    return replace(history, **cut)


def within_bounds(histories: Sequence[Observed]) -> list[bool]:
    """Of which histories every value lies inside the natural bounds; one that does not is a mistake, and nothing can be told from it."""
    lower, upper = (np.array([getattr(h, name) for h in histories], float) for name in ("lower", "upper"))
    inside = _by_history(histories, lambda _, values, of: ~((values < lower[of]) | (values > upper[of])))
    return [i and not c for i, c in zip(inside, (lower >= upper).tolist(), strict=True)]


def refuse_impossible(histories: Sequence[History | Observed]) -> None:
    """Stop before anything is said of histories that cannot be.

    Raises
    ------
    UsageError
        Naming every trouble at once: two histories under one code, years and values of unequal number, a year twice, a value
        that is no number or lies outside the bounds, a direction or rhythm that does not exist.
    """
    if _sound(histories):
        return
    found, seen = [], set()
    for history in histories:
        code = history.series
        if code in seen:
            found.append(say("projections.refused.twice", series=code))
        seen.add(code)
        found += [f"{code}: {trouble}" for trouble in troubles(history)]
    if found:
        raise UsageError("\n".join([say("projections.refused.lead", n=len(found)), *found]))


def _sound(histories: Sequence[Any]) -> bool:
    """Whether nothing can be wrong with any of them: one look at all at once, since that is the rule and histories are many."""
    if len({h.series for h in histories}) < len(histories) or any(_uneven(h) for h in histories):
        return False
    if not {h.direction for h in histories} <= {-1, 0, 1} or not {h.rhythm for h in histories} <= set(RHYTHMS):
        return False
    lower, upper = (
        np.array([np.nan if (b := getattr(h, n)) is None else b for h in histories], float) for n in ("lower", "upper")
    )
    if (lower >= upper).any():
        return False
    return all(
        _by_history(
            histories,
            lambda years, values, of: (
                _rising(years, of) & np.isfinite(values) & ~((values < lower[of]) | (values > upper[of]))
            ),
        )
    )


def _uneven(history: Any) -> bool:
    """Whether years, values and counts are of unequal number."""
    n = len(history.years)
    counts = (getattr(history, name, None) for name in ("numerators", "denominators"))
    return len(history.values) != n or any(c is not None and len(c) not in (0, n) for c in counts)


def troubles(history: History | Observed) -> list[str]:
    """What makes one history impossible, each in a sentence."""
    years, values = np.asarray(history.years), np.asarray(history.values, float)
    counts = [getattr(history, name, None) for name in ("numerators", "denominators")]
    sizes = {len(years), len(values), *(len(c) for c in counts if c is not None and len(c))}
    if len(sizes) > 1:
        return [say("projections.refused.lengths", lengths=listed(map(str, sorted(sizes))))]
    lower, upper = (np.nan if b is None else float(b) for b in (history.lower, history.upper))
    found = []
    unique, times = np.unique(years, return_counts=True)
    found += [say("projections.refused.year_twice", year=int(y)) for y in unique[times > 1]]
    found += [say("projections.refused.no_number", year=int(y)) for y in years[~np.isfinite(values)]]
    if lower >= upper:
        found.append(say("projections.refused.bounds", lower=lower, upper=upper))
    outside = (values < lower) | (values > upper)
    found += [
        say("projections.refused.outside", year=int(y), value=float(v), lower=lower, upper=upper)
        for y, v in zip(years[outside], values[outside], strict=True)
    ]
    if history.direction not in (-1, 0, 1):
        found.append(say("projections.refused.direction", value=str(history.direction)))
    if history.rhythm not in RHYTHMS:
        found.append(say("projections.refused.rhythm", value=str(history.rhythm), known=listed(RHYTHMS)))
    return found
