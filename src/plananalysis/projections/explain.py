"""Why a probability is what it is: comparable real histories by name, the pace needed, and whether the verdict survives other views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from plananalysis.observations import History
from plananalysis.projections import (
    Projection,
    Request,
    World,
    bounds,
    counts,
    engine,
    observed_parts,
    peers,
    project_many,
)
from plananalysis.projections.alike import analogue, comparables, distinct
from plananalysis.projections.explanation import Explanation, Variant
from plananalysis.projections.features import Described, Grid
from plananalysis.projections.observed import Observed

ALIKE = 2000  # windows that look alike, by falling similarity ...
COMPARABLE = 400  # ... of which so many, of which about as much was expected, are asked how often they made it
PACE_YEARS = 10  # the series' own pace is its straight line over at most this many years


Past = History | Observed
Probability = Callable[[Any, Projection], float]  # of a history or its observed part


@dataclass(frozen=True)
class Question:
    """One verdict to be explained.

    Parameters
    ----------
    probability
        Reads the probability of meeting the target off a history and its projection.
    goal
        The value that separates met from not met; None for targets without one.
    views
        Further readings by catalogue key (another base year, a band of ±1 or ±3), each like ``probability``.
    """

    history: Past
    probability: Probability
    goal: float | None = None
    views: Mapping[str, Probability] = field(default_factory=dict)


def explain(
    questions: Sequence[Question],
    target_year: int,
    edition: str,
    cuts: tuple[float, float] = (0.33, 0.66),
    clear_by: float = 0.05,
    min_points: int = 4,
    named: int = 8,
    n_paths: int = 1000,
    families: Mapping[str, str] | None = None,
    world: World = "plan",
) -> dict[str, Explanation]:
    """Explain verdicts, by series; a series without a projection has none to explain.

    Parameters
    ----------
    cuts, clear_by
        A view changes the verdict when its probability lies on another side of a cut, by at least ``clear_by``.
    named
        How many analogues to name.
    n_paths, families, world
        As the verdicts were made (see :class:`Request`), so that what is asked again is drawn alike.
    """
    learned = engine.shipped()
    seen = observed_parts([q.history for q in questions])
    asked_again = partial(
        Request, target_year=target_year, edition=edition, min_points=min_points, families=families or {}, world=world
    )
    drawn = _other_draws(seen, asked_again, n_paths, learned)
    asked = [i for i, s in enumerate(seen) if drawn["stated"][s.series].reason is None]
    if not asked:
        return {}
    described = engine.describe_with(Grid.of([seen[i] for i in asked]), learned)
    alike = comparables(described, learned)
    expected = _expected(described, [seen[i] for i in asked], target_year, learned, world)
    return {
        seen[i].series: _explained(
            questions[i],
            seen[i],
            target_year,
            described.take(np.array([row])),
            alike[row],
            expected[row],
            drawn,
            learned,
            cuts,
            clear_by,
            named,
        )
        for row, i in enumerate(asked)
    }


def explain_goal(history: Past, goal: float, target_year: int, edition: str) -> Explanation | None:
    """Explain the probability that one series ends at ``goal`` or on its good side; None without a projection."""
    side = history.direction or 1

    def reached(_: Past, projection: Projection) -> float:
        return float((projection.paths[:, -1] * side >= goal * side).mean())

    return explain([Question(history, reached, goal)], target_year, edition).get(history.series)


def _other_draws(
    seen: Sequence[Observed], request: Callable[[Sequence[Observed]], Request], n_paths: int, learned: engine.Learned
) -> dict[str, Mapping[str, Projection]]:
    """The projections of all series as stated, without the newest year, without any trend, and without knowing the good side."""
    shorter = [replace(h, years=h.years[:-1], values=h.values[:-1], **_counts(h, slice(None, -1))) for h in seen]
    blind = [replace(h, direction=0.0) for h in seen]
    alone = [replace(h, beside=None) for h in seen if h.beside is not None]
    told = {"stated": seen, "drop_last_year": shorter, "side_unknown": blind, "without_peers": alone}
    found = project_many([request(some) for some in told.values()], n_paths, learned)
    (flat,) = project_many([request(seen)], n_paths, without_trend(learned))
    return {**dict(zip(told, found, strict=True)), "last_value_only": flat}


def _explained(
    question: Question,
    seen: Observed,
    target_year: int,
    described: Described,
    alike: tuple[np.ndarray, np.ndarray],
    expected: tuple[float, float],
    drawn: Mapping[str, Mapping[str, Projection]],
    learned: engine.Learned,
    cuts: tuple[float, float],
    clear_by: float,
    named: int,
) -> Explanation:
    stated, goal = drawn["stated"][seen.series], question.goal
    ahead = int(target_year - seen.years[-1])
    order, similarity = alike
    variants = []
    for key in ("drop_last_year", "last_value_only", "side_unknown", "without_peers"):
        projection = drawn[key].get(seen.series)
        if projection is not None and projection.reason is None:
            history = seen if key != "drop_last_year" else replace(seen, years=seen.years[:-1], values=seen.values[:-1])
            variants.append(Variant(key, float(question.probability(history, projection))))
    variants += [Variant(key, float(view(seen, stated))) for key, view in question.views.items()]
    stated_p = question.probability(seen, stated)
    steady = all(_same_verdict(stated_p, v.probability, cuts, clear_by) for v in variants)
    comparable, made_it, met = 0, np.nan, False
    needed, own = np.nan, own_pace(seen)
    if goal is not None:
        met, comparable, made_it = _made_it(described, goal, seen, ahead, order, expected, learned)
        needed = (goal - seen.values[-1]) / ahead
    multiple = needed / own if not met and np.isfinite(needed) and needed * own > 0 else np.nan
    analogues = tuple(
        analogue(row, s, described, ahead, learned) for row, s in distinct(order, similarity, named, learned)
    )
    return Explanation(
        seen.series,
        ahead,
        comparable,
        made_it,
        needed,
        own,
        multiple,
        analogues,
        tuple(variants),
        steady,
        met,
    )


def _made_it(
    described: Described,
    goal: float,
    seen: Observed,
    ahead: int,
    order: np.ndarray,
    expected: tuple[float, float],
    learned: engine.Learned,
) -> tuple[bool, int, float]:
    """Whether the goal is met now, how many comparable windows were followed, and which share made (or kept) it.

    Of the windows that look alike those count of which about as much was expected, so that the share and the probability tell
    one story. No share is told of a goal outside the bounds, nor where a history was not projected from changes: a standing
    at a bound and rare events have no likes among them.
    """
    side = seen.direction or 1.0 if goal >= seen.values[-1] else seen.direction or -1.0
    met = bool((seen.values[-1] - goal) * side >= 0)
    if goal < seen.lower or goal > seen.upper or bounds.standing(seen)[0] or counts.events(seen) is not None:
        return met, 0, np.nan
    scaled = float(described.scale.to(np.array([[goal]]))[0, 0] * described.sign[0])
    turned = side * described.sign[0] * described.scale.side[0]
    step = min(ahead, engine.HORIZONS)
    needed = (scaled - described.last[0]) / described.spread[0] / np.sqrt(ahead)
    a = learned.arrays
    followed = order[np.isfinite(a["library.moves"][order, step - 1])][:ALIKE]
    middle, width = expected
    centres, widths = (a[f"library.{name}"][followed, step - 1].astype(float) for name in ("middle", "width"))
    off = np.abs(centres - middle) / width + np.abs(np.log(widths / width))
    near = np.argsort(off, kind="stable")[:COMPARABLE]
    moved = a["library.moves"][followed[near], step - 1].astype(float)
    moved = (
        middle + (moved - centres[near]) * width / widths[near]
    )  # what little less or more was expected of them taken off
    return met, len(moved), float((moved * turned >= needed * turned).mean())


def _expected(
    described: Described, seen: Sequence[Observed], target_year: int, learned: engine.Learned, world: World
) -> list[tuple[float, float]]:
    """For each history median and width of the 80 % range of the change expected by the target year, per root year and in units of its spread, turned."""
    ahead = target_year - np.array([s.years[-1] for s in seen])
    shift = np.full((len(seen), ahead.max()), float(learned.arrays.get("plan.shift", 0.0)))
    shift += peers.shift(seen, ahead.max(), learned.arrays["peers"])
    asked = engine.quantiles(described, ahead.max(), learned.speaks_for(world), shift)[np.arange(len(seen)), ahead - 1]
    read = [np.interp((0.1, 0.5, 0.9), learned.levels, row) for row in asked] / np.sqrt(ahead)[:, None]
    return [(float(middle), float(high - low)) for low, middle, high in read]


def _same_verdict(stated: float, other: float, cuts: tuple[float, float], clear_by: float) -> bool:
    return all((stated >= cut) == (other >= cut) or abs(other - cut) < clear_by for cut in cuts)


def without_trend(learned: engine.Learned) -> engine.Learned:
    """A state whose median is always the last value, with the same spread."""
    arrays = {
        k: v for k, v in learned.elsewhere.arrays.items() if not k.startswith(("location_trees", "away.", "country."))
    }
    middle = np.array([np.interp(0.5, arrays["levels"], row) for row in arrays["shape"]])[:, None]
    return engine.Learned({**arrays, "location": np.zeros_like(arrays["location"]), "shape": arrays["shape"] - middle})


def own_pace(seen: Observed) -> float:
    """Slope of the straight line through the last ten years, in the series' unit a year."""
    recent = seen.years > seen.years[-1] - PACE_YEARS
    years, values = seen.years[recent] - seen.years[recent].mean(), seen.values[recent]
    return float((years * values).sum() / (years**2).sum()) if len(years) > 1 else np.nan


def _counts(seen: Observed, keep: slice) -> dict[str, Any]:
    return {name: None if (c := getattr(seen, name)) is None else c[keep] for name in ("numerators", "denominators")}
