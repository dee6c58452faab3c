"""Owns the table ``assessments``: the verdict on every row of the plan, with the reason for it, and what changed since the last edition.

An edition is assessed together with the editions before it, because a verdict changes only when the probability has
cleared the cut (:func:`verdicts.steady_outlook`); so the result depends on the data alone, not on what was run before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from plananalysis import schema
from plananalysis.assessments import positions, reasons, rows
from plananalysis.assessments.positions import Row
from plananalysis.assessments.rows import Before
from plananalysis.assessments.years import Kept, Year, work_out
from plananalysis.observations import History
from plananalysis.plan import Plan
from plananalysis.projections import OneStep, Projection, one_steps
from plananalysis.projections.methods import Method, projector

__all__ = ["AssessedYear", "Known", "assess", "assess_areas"]

Known = tuple[Plan, Mapping[str, History]]  # a plan as read for one year's edition, and what was known by its closing

_SAID = ("reading_text", "value_text", "reason")  # texts that can be said in every language
_EMPTY = dict.fromkeys(schema.table("edition", "assessments").plain, "")  # what a row of text has where nothing is said


@dataclass(frozen=True, repr=False)
class AssessedYear:
    """One year's result: what was known, what was projected, and what follows from it."""

    plan: Plan
    histories: Mapping[str, History]
    projections: Mapping[str, Projection]
    assessments: pd.DataFrame  # index series

    def __repr__(self) -> str:
        counts = self.assessments.loc[self.assessments["role"] != "part", "outlook"].value_counts()
        told = ", ".join(f"{word} {n}" for word, n in counts.items())
        return f"<AssessedYear {self.plan.area} {self.plan.as_of}: {told}>"


def assess(
    plan: Plan,
    histories: Mapping[str, History],
    previous: AssessedYear | None = None,
    n_paths: int = 1000,
    words: bool = True,
    method: Method | None = None,
) -> AssessedYear:
    """Assess every row of a plan for one edition.

    Parameters
    ----------
    plan
        The plan as read for the edition.
    histories
        Current segment of each series with observations known by then, by series.
    previous
        The edition before, for steady verdicts and for targets that were met and are no longer.
    n_paths
        Sample paths per series.
    words
        Whether to put the reading, the value and the reason in words; without, those columns are empty.
    method
        What projects the histories in the engine's place, see :mod:`plananalysis.projections.methods`.
    """
    told = {}
    if previous is not None:
        said, read = previous.assessments, positions.lines(previous.plan)
        now = positions.lines(plan)
        told = {
            series: Before(
                {"met": True, "not_met": False}.get(position),
                outlook,
                series in now and now[series].reading == read[series].reading,
            )
            for series, position, outlook in zip(said.index, said["position"], said["outlook"], strict=True)
        }
    year = Year(plan, histories, told=told)
    work_out([[year]], 1, n_paths, project=method and projector(method))
    return _editions([year], [year] if words else [])[0]


def assess_areas(
    chains: Sequence[Sequence[Known]],
    *,
    last: int = 1,
    words: bool = False,
    n_paths: int = 1000,
    kept: Kept | None = None,
) -> list[list[AssessedYear]]:
    """Assess the newest editions of many areas, each with the memory of its earlier years.

    Parameters
    ----------
    chains
        For each area its years, oldest first, from the first year of the plan period on.
    last
        How many editions of each area are wanted.
    words
        Whether each area's newest edition is put in words.
    kept
        Asked for projections made before, as ``editions.memo`` answers.

    Returns
    -------
    list of list of AssessedYear
        For each area its ``last`` newest editions, oldest first; the same, to the bit, whatever areas are assessed beside it.
    """
    years: list[list[Year]] = []
    for chain in chains:
        found: list[Year] = []
        for plan, histories in chain:
            found.append(Year(plan, histories, found[-1] if found else None))
        years.append(found)
    work_out(years, last, n_paths, kept)
    wanted = [year for chain in years for year in chain[-last:]]
    made = iter(_editions(wanted, [chain[-1] for chain in years] if words else [], kept))
    return [[next(made) for _ in chain[-last:]] for chain in years]


def _editions(years: Sequence[Year], in_words: Sequence[Year], kept: Kept | None = None) -> list[AssessedYear]:
    """The editions of years that are settled, those of ``in_words`` in words."""
    found = []
    for year, surprises in zip(years, _steps(years, kept), strict=True):
        verdicts: dict[str, Row] = {}
        for series in year.leaves():
            before = year.before(series)
            verdicts[series] = rows.judged(
                year.plan,
                year.standing(series),
                year.chances.get(series),
                year.outlooks.get(series, ""),
                before is not None and before.met is True,
                surprises.get(series),
            )
        deciding = {}
        for series, line in year.lines.items():
            if line.role == "compound":
                parts = {p: verdicts[p] for p in positions.parts_of(year.lines, series)}
                verdicts[series], deciding[series] = rows.compound(
                    line, parts, year.outlooks.get(series), year.probability(series), year.plan.thresholds
                )
        for series, row in verdicts.items():
            row["first_position"] = year.first_position(series)
        if year in in_words:
            reasons.put_in_words(year, verdicts, deciding)
        else:
            for row in verdicts.values():
                row |= reasons.NO_WORDS
        found.append(AssessedYear(year.plan, year.histories, year.projections, _table(year, verdicts)))
    return found


def _steps(years: Sequence[Year], kept: Kept | None) -> list[dict[str, OneStep]]:
    """How surprising the newest values of each series of each year were."""
    found: list[dict[str, OneStep]] = [{} for _ in years]
    for points in sorted({year.plan.thresholds.min_points for year in years}):
        owners = [n for n, year in enumerate(years) if year.plan.thresholds.min_points == points]
        asked = [(n, h) for n in owners for h in years[n].histories.values()]
        histories = [h for _, h in asked]
        if kept is None:
            steps = one_steps(histories, points)
        else:
            keys = [f"{h.digest} {points}" for h in histories]
            steps = kept("one_step", histories, keys, partial(one_steps, min_points=points))
        for (n, history), step in zip(asked, steps, strict=True):
            found[n][history.series] = step
    return found


def _table(year: Year, verdicts: Mapping[str, Row]) -> pd.DataFrame:
    """Rows in printed order, columns as the schema has them; one per year where a way has a length."""
    filled = [verdicts[series] for series in year.lines]
    yearly = sorted({name for row in filled for name in row if name.startswith("required_2")})
    names = [name for name in schema.table("edition", "assessments").stored if name != "series"]
    cells = {name: [row.get(name, _EMPTY.get(name, math.nan)) for row in filled] for name in (*names, *yearly)}
    series = pd.Index(list(year.lines), name="series")
    # as they are: a column of text would forget how to say a text again in another language
    said = {name: pd.Series(cells[name], index=series, dtype=object) for name in _SAID}
    return pd.DataFrame(cells | said, index=series)
