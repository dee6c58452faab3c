"""Owns the tables ``explanations`` and ``analogues``: why a verdict is what it is, and whether it survives other views of the same data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from plananalysis import schema
from plananalysis.assessments import AssessedYear
from plananalysis.assessments.events import Event, happens, trajectories
from plananalysis.assessments.targets import event
from plananalysis.observations import History
from plananalysis.plan import Reading, Thresholds
from plananalysis.projections import Projection
from plananalysis.projections.explain import Question, explain
from plananalysis.projections.explanation import Explanation

BANDS = {
    1.0: "band_1",
    2.0: "band_2",
    3.0: "band_3",
}  # tolerances of 左右 at which a verdict is tried, one of them in use
VIEWS = ("drop_last_year", "last_value_only", "side_unknown", "without_peers", "other_base", *BANDS.values())

Probability = Callable[[History, Projection], float]


def explain_edition(
    edition: AssessedYear, kept: Callable[..., list[Explanation]] | None = None
) -> dict[str, Explanation]:
    """Explain every verdict of an edition that rests on a projection, by series.

    Parameters
    ----------
    kept
        Asked for explanations found before, as ``editions.memo`` answers.
    """
    plan, thresholds = edition.plan, edition.plan.thresholds
    name, target_year = plan.draws, plan.outline.target_year
    measured_by, n_paths = {}, 0
    questions, keys = [], []
    columns = (edition.assessments[c].tolist() for c in ("role", "probability", "goal_low", "goal_high"))
    for series, role, probability, low, high in zip(edition.assessments.index, *columns, strict=True):
        projection = edition.projections.get(series)
        if role == "compound" or projection is None or projection.reason is not None or np.isnan(probability):
            continue
        reading, history = plan.reading(series), edition.histories[series]
        stated = _probability(edition, reading, plan.outline.base_year, thresholds)
        goal = _edge(low, high) if history.direction else None
        n_paths = len(projection.paths)
        if reading.reference:
            measured_by[series] = reading.reference
        questions.append(Question(history, stated, goal, _views(edition, reading, history)))
        other = edition.histories[reading.reference].digest if reading.reference else ""
        read = (reading.kind, reading.operator, reading.value, reading.value_text, reading.low, reading.high)
        about = f"{reading.reference} {n_paths} {target_year} {plan.world} {name}"
        keys.append(f"{history.digest} {other} {read} {thresholds} {plan.outline.base_year} {about}")

    def explained(some: Sequence[Question]) -> list[Explanation]:
        found = explain(
            some,
            target_year,
            name,
            cuts=(thresholds.hard, thresholds.likely),
            clear_by=thresholds.clear_by,
            min_points=thresholds.min_points,
            n_paths=n_paths,
            families=measured_by,
            world=plan.world,
        )
        return [found[q.history.series] for q in some]

    if not questions:
        return {}
    found = explained(questions) if kept is None else kept("explanation", questions, keys, explained)
    return {e.series: e for e in found}


def _edge(low: float, high: float) -> float | None:
    """The one value that separates met from not met, or None where there are two or none."""
    edges = [edge for edge in (low, high) if np.isfinite(edge)]
    return edges[0] if len(edges) == 1 else None


def explanation_table(explanations: Mapping[str, Explanation]) -> pd.DataFrame:
    """One row per explained series; each view's probability in a column of its own, empty where the view does not apply."""
    rows = []
    for series, e in explanations.items():
        views = {v.key: v.probability for v in e.variants}
        told = [series, e.comparable, e.made_it, e.years_ahead, e.kept, e.steady]
        rows.append([*told, *(views.get(key, np.nan) for key in VIEWS)])
    return pd.DataFrame(rows, columns=[*schema.table("edition", "explanations").stored]).round(4)


def analogue_table(explanations: Mapping[str, Explanation]) -> pd.DataFrame:
    """The most similar real histories of each series, long: their own values, and after the origin year the path translated to ours."""
    rows = []
    for series, e in explanations.items():
        for rank, a in enumerate(e.analogues, start=1):
            head = [series, rank, a.source, a.indicator, a.entity, a.origin_year, a.similarity]
            rows += [[*head, int(y), float(v), np.nan] for y, v in zip(a.years, a.values, strict=True)]
            rows += [
                [*head, int(y), float(v), float(p)]
                for y, v, p in zip(a.future_years, a.future_values, a.path, strict=False)
            ]
    return pd.DataFrame(rows, columns=[*schema.table("edition", "analogues").stored]).dropna(subset="value").round(4)


def _views(edition: AssessedYear, reading: Reading, history: History) -> dict[str, Probability]:
    thresholds, base_year = edition.plan.thresholds, edition.plan.outline.base_year
    if reading.kind == "about":
        return {
            BANDS[t]: _probability(edition, reading, base_year, replace(thresholds, about_tolerance=t))
            for t in thresholds.about_tolerances_shown
            if t in BANDS and t != thresholds.about_tolerance
        }
    neighbours = [y for y in (base_year - 1, base_year + 1) if y in history.years[:-1]]
    until = edition.plan.outline.target_year
    own = event(reading, history, base_year, thresholds, True, until)
    if neighbours and isinstance(own, Event) and own != event(reading, history, neighbours[0], thresholds, True, until):
        return {"other_base": _probability(edition, reading, neighbours[0], thresholds)}
    return {}


def _probability(edition: AssessedYear, reading: Reading, base_year: int, thresholds: Thresholds) -> Probability:
    """How a history and its projection are read; the event itself is fixed by what is known now."""
    known = edition.histories[reading.series], base_year, thresholds, reading.reference is not None
    what = event(reading, *known, until=edition.plan.outline.target_year)
    assert isinstance(what, Event), "only a verdict that rests on a projection is explained"
    other = None
    if reading.reference:
        reference = edition.projections[reading.reference]
        other = trajectories(edition.histories[reading.reference], reference.years, reference.paths)

    def read(history: History, projection: Projection) -> float:
        return float(happens(what, trajectories(history, projection.years, projection.paths), other).mean())

    return read
