"""Why a probability is what it is: comparable real histories by name, the pace needed, and whether the verdict survives other views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base.text import say
from plananalysis.observations import History
from plananalysis.projections import (
    Projection,
    Request,
    bounds,
    counts,
    engine,
    observed_parts,
    peers,
    project_many,
)
from plananalysis.projections.analogues import indicator_name, place_name, source_name
from plananalysis.projections.features import Described, Grid
from plananalysis.projections.observed import Observed

ALIKE = 2000  # windows that look alike, by falling similarity ...
COMPARABLE = 400  # ... of which so many, of which about as much was expected, are asked how often they made it
PACE_YEARS = 10  # the series' own pace is its straight line over at most this many years


@dataclass(frozen=True)
class Analogue:
    """One real history that looked like this one, and what it did next.

    ``path`` is its real future translated to this series' level and typical change: what the same development would mean here.
    """

    source: str
    indicator: str
    entity: str
    unit_type: str
    origin_year: int
    similarity: float  # share of the engine's trees that cannot tell the two apart
    years: np.ndarray
    values: np.ndarray
    future_years: np.ndarray
    future_values: np.ndarray
    path: np.ndarray


@dataclass(frozen=True)
class Variant:
    """The probability under another view of the same data; ``key`` names it in the catalogue."""

    key: str
    probability: float


@dataclass(frozen=True, repr=False)
class Explanation:
    """What a report can say about one verdict.

    Parameters
    ----------
    comparable, made_it
        How many comparable windows were followed long enough, and the share of them that moved at least as far as needed
        (stayed on the good side, when the goal is met already). NaN when no single goal value can be named.
    needed_a_year, own_a_year
        Change per year that reaches the goal, and the series' own straight line over its last ten years, in its unit.
    pace_multiple
        ``needed_a_year / own_a_year``; NaN when the series stands still or moves the other way.
    kept
        Whether the goal is met already, so that the windows asked had to keep it.
    variants, steady
        Other views, and whether all of them keep the verdict.
    """

    series: str
    years_ahead: int
    comparable: int
    made_it: float
    needed_a_year: float
    own_a_year: float
    pace_multiple: float
    analogues: tuple[Analogue, ...]
    variants: tuple[Variant, ...]
    steady: bool
    kept: bool = False

    def __repr__(self) -> str:
        made = f", {self.made_it:.0%} of {self.comparable} made it" if self.comparable else ""
        return f"<Explanation {self.series}: {len(self.analogues)} analogues{made}, {'steady' if self.steady else 'unsteady'}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence)}{escape(self.verdict)}</p>{self.named().to_html(index=False)}"

    @property
    def sentence(self) -> str:
        """What comparable histories did, ready to print; empty where no single goal value can be named."""
        return made_it(self.comparable, self.made_it, self.years_ahead, self.kept)

    @property
    def verdict(self) -> str:
        """Whether other views of the data keep the verdict, ready to print."""
        return steadiness(self.steady)

    def named(self) -> pd.DataFrame:
        """The analogues, one per row: what was measured where, from which year, and how similar it was."""
        rows = [
            (indicator_name(a.indicator), place_name(a.entity), source_name(a.source), a.origin_year, a.similarity)
            for a in self.analogues
        ]
        return pd.DataFrame(rows, columns=["indicator", "entity", "source", "origin_year", "similarity"])

    def followed(self, year: int, value: float) -> pd.DataFrame:
        """What each analogue did next, translated to this series and counted from its newest year and value.

        Returns
        -------
        DataFrame
            Long: ``analogue`` (its row in :meth:`named`), ``year``, ``value``; each begins with the year and value given.
        """
        steps = [
            (n, year + i, v) for n, a in enumerate(self.analogues) for i, v in enumerate([value, *map(float, a.path)])
        ]
        return pd.DataFrame(steps, columns=["analogue", "year", "value"])


def made_it(comparable: int, share: float, years: int, kept: bool) -> str:
    """What comparable histories did, in a sentence; empty where there were none."""
    key = "projections.stayed" if kept else "projections.made_it"
    return say(key, n=comparable, years=years, share=round(100 * share)) if comparable else ""


def steadiness(steady: bool) -> str:
    """Whether other views of the data keep a verdict, in words."""
    return say("projections.steady" if steady else "projections.unsteady")


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
) -> dict[str, Explanation]:
    """Explain verdicts, by series; a series without a projection has none to explain.

    Parameters
    ----------
    cuts, clear_by
        A view changes the verdict when its probability lies on another side of a cut, by at least ``clear_by``.
    named
        How many analogues to name.
    n_paths, families
        As the verdicts were made (see :class:`Request`), so that what is asked again is drawn alike.
    """
    learned = engine.shipped()
    seen = observed_parts([q.history for q in questions])
    asked_again = partial(
        Request, target_year=target_year, edition=edition, min_points=min_points, families=families or {}
    )
    drawn = _other_draws(seen, asked_again, n_paths, learned)
    asked = [i for i, s in enumerate(seen) if drawn["stated"][s.series].reason is None]
    if not asked:
        return {}
    described = engine.describe_with(Grid.of([seen[i] for i in asked]), learned)
    alike = comparables(described, learned)
    expected = _expected(described, [seen[i] for i in asked], target_year, learned)
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
        _analogue(row, s, described, ahead, learned) for row, s in _distinct(order, similarity, named, learned)
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


def comparables(described: Described, learned: engine.Learned) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each described history the rows of the library by falling similarity, and their similarity.

    Two histories are similar when the trees that predict where and how widely a series moves send them to the same leaves.
    """
    leaves = (
        _library_leaves(learned.engine)
        if learned is engine.shipped()
        else _leaves(learned.arrays["library.features"].T, learned)
    )
    found = []
    for mine in _leaves(described.features.T, learned).T:
        agree = np.zeros(leaves.shape[1], np.int16)
        for first in range(0, len(leaves), 240):  # few enough to be counted in one byte, which is fastest
            same = leaves[first : first + 240] == mine[first : first + 240, None]
            agree += same.view(np.uint8).sum(axis=0, dtype=np.uint8)
        order = np.argsort(-agree, kind="stable")
        found.append((order, agree[order] / len(leaves)))
    return found


@cache
def _library_leaves(engine_id: str) -> np.ndarray:
    return _leaves(engine.shipped().arrays["library.features"].T, engine.shipped())


def _leaves(columns: np.ndarray, learned: engine.Learned) -> np.ndarray:
    """Leaf of every tree (trees x rows)."""
    read = np.ascontiguousarray(columns, np.float32)
    sets = [trees for name in ("location_trees", "size_trees") for trees in learned.trees(name)]
    return np.concatenate([trees.places(read) for trees in sets])


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
    described: Described, seen: Sequence[Observed], target_year: int, learned: engine.Learned
) -> list[tuple[float, float]]:
    """For each history median and width of the 80 % range of the change expected by the target year, per root year and in units of its spread, turned."""
    ahead = target_year - np.array([s.years[-1] for s in seen])
    shift = np.full((len(seen), ahead.max()), float(learned.arrays.get("plan.shift", 0.0)))
    shift += peers.shift(seen, ahead.max(), learned.arrays["peers"])
    asked = engine.quantiles(described, ahead.max(), learned.elsewhere, shift)[np.arange(len(seen)), ahead - 1]
    read = [np.interp((0.1, 0.5, 0.9), learned.levels, row) for row in asked] / np.sqrt(ahead)[:, None]
    return [(float(middle), float(high - low)) for low, middle, high in read]


def _same_verdict(stated: float, other: float, cuts: tuple[float, float], clear_by: float) -> bool:
    return all((stated >= cut) == (other >= cut) or abs(other - cut) < clear_by for cut in cuts)


def without_trend(learned: engine.Learned) -> engine.Learned:
    """A state whose median is always the last value, with the same spread."""
    arrays = {k: v for k, v in learned.elsewhere.arrays.items() if not k.startswith(("location_trees", "away."))}
    middle = np.array([np.interp(0.5, arrays["levels"], row) for row in arrays["shape"]])[:, None]
    return engine.Learned({**arrays, "location": np.zeros_like(arrays["location"]), "shape": arrays["shape"] - middle})


def own_pace(seen: Observed) -> float:
    """Slope of the straight line through the last ten years, in the series' unit a year."""
    recent = seen.years > seen.years[-1] - PACE_YEARS
    years, values = seen.years[recent] - seen.years[recent].mean(), seen.values[recent]
    return float((years * values).sum() / (years**2).sum()) if len(years) > 1 else np.nan


def _counts(seen: Observed, keep: slice) -> dict[str, Any]:
    return {name: None if (c := getattr(seen, name)) is None else c[keep] for name in ("numerators", "denominators")}


def _distinct(
    order: np.ndarray, similarity: np.ndarray, named: int, learned: engine.Learned
) -> list[tuple[int, float]]:
    """The most similar windows, each reference series once."""
    series = learned.arrays["library.series"]
    chosen: dict[int, tuple[int, float]] = {}
    for row, s in zip(order, similarity, strict=True):
        chosen.setdefault(int(series[row]), (int(row), float(s)))
        if len(chosen) == named:
            break
    return list(chosen.values())


def _analogue(row: int, similarity: float, described: Described, ahead: int, learned: engine.Learned) -> Analogue:
    a = learned.arrays
    number, origin, length = (int(a[f"library.{name}"][row]) for name in ("series", "origin", "length"))
    values, first = a["corpus.values"][number].astype(float), int(a["corpus.first_year"])
    at = origin - first
    past, future = slice(at - length + 1, at + 1), slice(at + 1, at + 1 + min(ahead, engine.HORIZONS))
    moves = a["library.moves"][row, :ahead].astype(float) * np.sqrt(np.arange(1, min(ahead, engine.HORIZONS) + 1))
    turned = (described.last[0] + described.spread[0] * moves) * described.sign[0]
    years = np.arange(first, first + len(values))
    source, indicator, entity, unit_type = (
        str(a[f"corpus.{name}"][number]) for name in ("source", "indicator", "entity", "unit_type")
    )
    return Analogue(
        source, indicator, entity, unit_type, origin, similarity, years[past], values[past], years[future], values[future], described.scale.take(np.array([0])).back(turned[None])[0]
    )  # fmt: skip
