"""What the engine answers when an indicator is asked: sample paths by any method, and the probability of a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.assessments import chances, events, verdicts
from plananalysis.assessments.events import Event
from plananalysis.assessments.targets import Undecidable, event
from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.projections import Projection, project
from plananalysis.projections.methods import Method, NoAnswer, draw, methods
from plananalysis.workbench.asking import Target, reading_of

N_PATHS = 1000  # as many as the reports draw
AHEAD = 5  # years projected where no target names one


def projection(it: Any, to: int | None, n: int = N_PATHS, method: str | Method | None = None) -> Projection:
    """The projection of an indicator by a method, ours by default; drawn once and kept with the indicator."""
    year = last_year(it, to)
    chosen = None if method in (None, "ours") else method_called(method or "ours", it.language)
    key = (chosen, year, n)
    if key not in it._drawn:
        it._drawn[key] = _projected(it, chosen, year, n)
    return it._drawn[key]


def _projected(it: Any, chosen: Method | None, year: int, n: int) -> Projection:
    if chosen is None:
        return project([it.history], year, it.edition, n, it.thresholds.min_points, it.world)[it.code]
    found = projection(it, year, 2)  # what the engine refuses for the history's sake, every method refuses
    if found.reason is not None:
        return found
    try:
        return replace(found, paths=draw(chosen, it.history, year, n), engine=getattr(chosen, "__name__", ""))
    except NoAnswer:
        return replace(found, paths=np.empty((0, len(found.years))), reason="too_few")


def compared(it: Any, names: Sequence[str | Method] | None, to: int | None) -> pd.DataFrame:
    """The target's probability and the range of the last year, one row a method."""
    found = {}
    for method in names or list(methods):
        key = name_of(method)
        paths = projection(it, to, method=method)
        low, median, high = np.quantile(paths.paths[:, -1], (0.1, 0.5, 0.9)) if paths.reason is None else [np.nan] * 3
        asked = chance(it, method=method).probability if it.target else None
        found[key] = {"probability": np.nan if asked is None else float(asked), "q10": low, "q50": median, "q90": high}
    return pd.DataFrame.from_dict(found, "index").rename_axis("method")


def chance(
    it: Any,
    op: str | None = None,
    value: Any = None,
    by: int | None = None,
    base: int | None = None,
    method: str | Method | None = None,
) -> chances.Chance:
    """The probability of a target of one's own, of the indicator's own without ``op``, or why there is none.

    Raises
    ------
    UsageError
        There is no target, no year, no such operator or method.
    """
    if op is None:
        if it.target is None:
            raise UsageError(it._say("workbench.no_target", name=it.name))
        target = it.target if by is None else replace(it.target, year=int(by))
    else:
        if by is None and it.target is None:
            raise UsageError(it._say("workbench.errors.by"))
        target = Target(reading_of(it.code, op, value, it.language), base_year(it, base), last_year(it, by))
    if not len(it.history.years):
        return chances.Chance(None, "no_observations")
    what = event_of(it, target)
    if isinstance(what, Undecidable):
        return chances.Chance(None, what.reason)
    beside = None
    if what.statistic == "gap_end" and it.reference is not None:
        beside = it.reference.history, projection(it.reference, target.year, method=method)
    return chances.chance(what, it.history, projection(it, target.year, method=method), beside)


def event_of(it: Any, target: Target) -> Event | Undecidable:
    """What must be true of a path of the indicator for a target to be met, or why nothing can be said."""
    known = it.reference is not None and len(it.reference.history.years) > 0
    return event(target.reading, it.history, target.base_year, it.thresholds, known, target.year)


def met_now(it: Any) -> bool:
    """Whether the newest values meet the indicator's target already."""
    what = it.event
    other = it.reference.history if it.reference else None
    return isinstance(what, Event) and bool(events.met_now(what, it.history, it.target.base_year, other))


def outlook(it: Any) -> str:
    """Code of the outlook: that of the edition, or of an indicator of one's own by the thresholds in force."""
    if it.verdict is not None:
        return str(it.verdict())
    found = chance(it).probability if isinstance(it.event, Event) else None
    return "no_data" if found is None else str(verdicts.outlook(found, it.met, it.thresholds))


def goal(it: Any) -> float | None:
    """The one value that separates met from not met, if there is one."""
    return edges[0] if len(edges := ends_of(it.event)) == 1 else None


def ends_of(what: Event | Undecidable | None) -> list[float]:
    """The acceptable values' ends, where there are any."""
    return [e for e in (what.low, what.high) if np.isfinite(e)] if isinstance(what, Event) else []


def of_one_value(what: Event | Undecidable | None) -> bool:
    """Whether a target asks something of the value in the target year alone, which can be drawn and told in figures."""
    return isinstance(what, Event) and what.statistic == "end" and what.steps == "any"


def base_year(it: Any, base: int | None) -> int:
    """The year that changes are measured from: the one asked for, the plan's, or the newest one known."""
    if base is not None:
        return int(base)
    return it.target.base_year if it.target else int(it.history.years[-1])


def last_year(it: Any, year: int | None) -> int:
    """The last year projected: the one asked for, the target's, or five years ahead."""
    if year is not None:
        return int(year)
    if it.target is not None:
        return int(it.target.year)
    return int(it.history.years[-1]) + AHEAD if len(it.history.years) else 0


def method_called(method: str | Method, language: str) -> Method:
    """A method by its name in :data:`plananalysis.methods`, or the function that is given."""
    if callable(method):
        return method
    if method not in methods:
        raise UsageError(say("workbench.errors.method", language, method=method, known=", ".join(methods)))
    return methods[method]


def name_of(method: str | Method) -> str:
    """What a method is called in tables and pictures."""
    return method if isinstance(method, str) else getattr(method, "__name__", "method")
