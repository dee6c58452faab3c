"""Histories of a few values, and an engine that says what a test tells it to: verdicts are then known from paper."""

from __future__ import annotations

import numpy as np

from plananalysis import assessments
from plananalysis.assessments import years
from plananalysis.observations import History
from plananalysis.projections import OneStep, Projection


def observed(plan, series, values, first=2020, at=None, numerators=None, denominators=None):
    about = plan.series.loc[series]
    nothing = np.full(len(values), np.nan)
    return History(
        series=series,
        unit=about["unit"],
        years=np.arange(first, first + len(values)) if at is None else np.asarray(at),
        values=np.asarray(values, float),
        lower=about["lower"],
        upper=about["upper"],
        decimals=about["decimals"],
        direction=about["direction"],
        rhythm=about["rhythm"],
        numerators=nothing if numerators is None else np.asarray(numerators, float),
        denominators=nothing if denominators is None else np.asarray(denominators, float),
    )


def engine_by_hand(monkeypatch):
    """Paths that end at given values, and ranks of the newest steps; a series not named has too few points."""
    ends, ranks = {}, {}

    def project(history, target_year):
        origin = int(history.years[-1])
        ahead = np.arange(origin + 1, target_year + 1)
        reason = None if history.series in ends else "too_few"
        paths = np.tile(np.asarray(ends.get(history.series, []), float)[:, None], (1, len(ahead)))
        return Projection(history.series, origin, len(history.years), ahead, paths, reason, "by hand")

    def project_many(requests, n_paths=1000):
        return [{h.series: project(h, r.target_year) for h in r.histories} for r in requests]

    def one_steps(histories, min_points=4):
        found = []
        for h in histories:
            n = len(h.years[-5:])
            of = np.asarray(ranks.get(h.series, [0.5] * 5))[-n:]
            found.append(OneStep(h.series, h.years[-5:], h.values[-5:], of, np.empty(0), np.empty(0)))
        return found

    monkeypatch.setattr(years, "project_many", project_many)
    monkeypatch.setattr(assessments, "one_steps", one_steps)
    return ends, ranks
