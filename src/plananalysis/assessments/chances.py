"""How probably a row meets its target: the share of sample paths on which its event happens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from plananalysis.assessments.events import (
    Event,
    Trajectories,
    happens,
    inside,
    share,
    trajectories,
    years_missing,
)
from plananalysis.assessments.positions import Position
from plananalysis.observations import History
from plananalysis.projections import Projection
from plananalysis.projections.outlook import met_together

AHEAD = {"median_target_year": 0.5, "low80_target_year": 0.1, "high80_target_year": 0.9}


class Chance(NamedTuple):
    """The probability of meeting the target, or why there is none, and the target year's quantiles (see :data:`AHEAD`)."""

    probability: float | None
    why_not: str | None
    ahead: tuple[float, ...] = ()
    surplus: float = 0.0  # share of paths that end outside a band of 左右 on the good side


def chances(asked: Mapping[str, Position], projections: Mapping[str, Projection]) -> dict[str, Chance]:
    """Chances of series whose target is an event; ``projections`` holds theirs and those of the series they are measured by."""
    found = {series: _chance(at, projections) for series, at in asked.items()}
    paths = [(series, projections[series].paths[:, -1]) for series in found if projections[series].reason is None]
    if paths:
        levels = np.quantile(np.stack([ends for _, ends in paths]), list(AHEAD.values()), axis=1).T
        for (series, _), cells in zip(paths, levels.tolist(), strict=True):
            found[series] = found[series]._replace(ahead=tuple(cells))
    return found


def _chance(at: Position, projections: Mapping[str, Projection]) -> Chance:
    """Share of the paths on which the target's event happens."""
    beside, projection = None, projections[at.observed.series]
    if at.event.statistic == "gap_end":
        beside = at.beside, projections[at.beside.series]
    found = chance(at.event, at.observed, projection, beside)
    if found.probability is None or at.line.reading.kind != "about" or projection.reason is not None:
        return found
    return found._replace(surplus=_surplus(at.event, at.observed.direction, projection.paths[:, -1]))


def chance(
    what: Event, history: History, projection: Projection, beside: tuple[History, Projection] | None = None
) -> Chance:
    """Share of a projection's paths on which an event happens; ``beside`` is the series a relative target is measured by."""
    happened = _happened(what, history, projection, beside)
    return Chance(None, happened) if isinstance(happened, str) else Chance(float(happened.mean()), None)


def _happened(
    what: Event, history: History, projection: Projection, beside: tuple[History, Projection] | None
) -> np.ndarray | str:
    """On which paths an event happens, or why there are none."""
    if projection.reason not in (None, "observed"):
        return str(projection.reason)
    if years_missing(what, history):
        return "years_missing"
    if what.statistic == "gap_end":
        assert beside is not None, "a relative target needs the series it is measured by"
        if beside[1].reason not in (None, "observed"):
            return f"reference_{beside[1].reason}"
        return happens(what, _on_axis(history, projection), _on_axis(*beside))
    if what.statistic == "end" and what.steps == "any" and projection.reason is None:
        return inside(what, projection.paths[:, -1])
    return happens(what, _on_axis(history, projection))


def joint(parts: Sequence[Position], projections: Mapping[str, Projection]) -> float:
    """Probability that a row of several parts is met: the share of paths on which each part is; NaN when a part has no paths."""
    found = []
    for at in parts:
        beside = (at.beside, projections[at.beside.series]) if at.event.statistic == "gap_end" else None
        happened = _happened(at.event, at.observed, projections[at.observed.series], beside)
        if isinstance(happened, str):
            return math.nan
        found.append(happened)
    whole = max(map(len, found))  # what has been observed already is one path, the same beside all others
    return float(met_together([np.broadcast_to(h, whole) if len(h) == 1 else h for h in found]).mean())


def _surplus(what: Event, direction: int, ends: np.ndarray) -> float:
    """Share of paths beyond the good end of a band; 0 where neither end is the good one."""
    if not direction:
        return 0.0
    open_side = replace(what, high=math.inf) if direction > 0 else replace(what, low=-math.inf)
    return share(open_side, ends) - share(what, ends)


def _on_axis(history: History, projection: Projection) -> Trajectories:
    ahead = () if projection.reason == "observed" else (projection.years, projection.paths)
    return trajectories(history, *ahead)
