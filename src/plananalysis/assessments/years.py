"""One year of one area on its way to an edition, worked out only as far as a verdict can depend on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from plananalysis.assessments import chances, positions, rows, verdicts
from plananalysis.assessments.chances import Chance
from plananalysis.assessments.positions import Position
from plananalysis.assessments.rows import Before
from plananalysis.observations import History
from plananalysis.plan import Plan
from plananalysis.projections import Projection, Request, project_many
from plananalysis.projections.methods import Projector

Kept = Callable[..., list]  # asked for what was worked out before, as ``editions.memo`` answers


class Year:
    """What stands, what may happen and what is said of it in one year of one area.

    Parameters
    ----------
    previous
        The year before in the same plan period.
    told
        What an edition before said, by series, where there is no ``previous``.
    """

    def __init__(
        self,
        plan: Plan,
        histories: Mapping[str, History],
        previous: Year | None = None,
        told: Mapping[str, Before] | None = None,
    ) -> None:
        self.plan = plan
        self._reported = histories
        self.histories = {series: h for series, h in histories.items() if len(h.years)}
        self.lines = positions.lines(plan)
        self.projections: Mapping[str, Projection] = {}
        self.chances: dict[str, Chance] = {}
        self.joint: dict[str, float] = {}  # of rows of several parts: the probability that each part is met
        self.outlooks: dict[str, str] = {}
        self._previous, self._told = previous, told or {}
        self._standings: dict[str, Position] = {}
        self._same: dict[str, bool] = {}  # whether a series' reading is that of the year before

    def leaves(self) -> list[str]:
        """Series with a verdict of their own."""
        return [series for series, line in self.lines.items() if line.role != "compound"]

    def standing(self, series: str) -> Position:
        """Where a series stands by its observed values."""
        if series not in self._standings:
            self._standings[series] = positions.standing(self.plan, self.lines[series], series, self._reported)
        return self._standings[series]

    def met(self, series: str) -> bool | None:
        """Whether a series, or every part of a row, is at its target now."""
        return _every(self.standing(s) for s in self._judged_by(series))

    def first_position(self, series: str) -> str:
        """Where a series or row stands by the readings it had first; empty where it has them still."""
        first = self.plan.first_readings
        judged_by = self._judged_by(series) if first else []
        if not any(s in first for s in judged_by):
            return ""
        as_first = {s: replace(self.lines[s], reading=first[s]) for s in judged_by if s in first}
        found = (
            positions.standing(self.plan, as_first[s], s, self._reported) if s in as_first else self.standing(s)
            for s in judged_by
        )
        return positions.WORDS[_every(found)]

    def _judged_by(self, series: str) -> list[str]:
        """A row's parts, else the series itself."""
        parts = positions.parts_of(self.lines, series) if self.lines[series].role == "compound" else []
        return parts or [series]

    def probability(self, row: str) -> float:
        """Probability that every part of a row is met; NaN when a part has none or must be judged by people."""
        if any(self.outlooks.get(s) == "needs_judgement" for s in positions.parts_of(self.lines, row)):
            return math.nan
        return self.joint.get(row, math.nan)

    def whole_rows(self, events: Mapping[str, Position]) -> dict[str, list[Position]]:
        """Rows of several parts all of which are among ``events``, each with its parts."""
        found = {}
        for row, line in self.lines.items():
            parts = positions.parts_of(self.lines, row) if line.role == "compound" else []
            if parts and all(part in events for part in parts):
                found[row] = [events[part] for part in parts]
        return found

    def before(self, series: str) -> Before | None:
        """What the edition before said of a series or row; its outlook is known once that year is settled."""
        if self._previous is None:
            return self._told.get(series)
        line = self._previous.lines.get(series)
        if line is None or line.role != self.lines[series].role:
            return None
        if series not in self._same:
            parts = positions.parts_of(self.lines, series) if line.role == "compound" else []
            self._same[series] = all(
                s in self._previous.lines and self._previous.lines[s].reading == self.lines[s].reading
                for s in (series, *parts)
            )
        return Before(self._previous.met(series), self._previous.outlooks.get(series), self._same[series])

    def request(self, wanted: Iterable[str] | None) -> Request:
        """What must be projected for the verdicts on ``wanted``; every history when that is None."""
        histories = self.histories
        if wanted is not None:
            needed = set(wanted) | {self.lines[series].reading.reference for series in wanted}
            histories = {series: h for series, h in histories.items() if series in needed}
        outline, name = self.plan.outline, self.plan.draws
        measured_by = {s: line.reading.reference for s, line in self.lines.items() if line.reading.reference}
        return Request(
            list(histories.values()),
            outline.target_year,
            name,
            self.plan.thresholds.min_points,
            self.plan.world,
            measured_by,
        )

    def decidable(self, wanted: Iterable[str]) -> dict[str, Position]:
        """Those of ``wanted`` whose target is an event that could happen."""
        return {series: at for series in wanted if (at := self.standing(series)).decidable}

    def hanging(self) -> set[str]:
        """Series whose outlook hangs on the year before."""
        return {series for series, found in self.chances.items() if self._hangs(series, found)} | {
            part
            for row, line in self.lines.items()
            if line.role == "compound" and self._row_hangs(row)
            for part in positions.parts_of(self.lines, row)
        }

    def _row_hangs(self, row: str) -> bool:
        chance = self.probability(row)
        if math.isnan(chance) or not verdicts.sways(chance, self.met(row) is True, self.plan.thresholds):
            return False
        before = self.before(row)
        return before is not None and before.same_reading and before.met == self.met(row)

    def _hangs(self, series: str, found: Chance) -> bool:
        at = self.standing(series)
        if at.held_back is not None:
            return True
        sways = found.probability is not None and verdicts.sways(found.probability, bool(at.met), self.plan.thresholds)
        return sways and rows.remembers(at, self.before(series))

    def settle(self) -> None:
        """Say the outlook of every chance noted, and of the rows whose parts all have one; the years before must be settled."""
        for series, found in self.chances.items():
            self.outlooks[series] = rows.outlook(self.standing(series), found, self.before(series), self.plan)
        for row, line in self.lines.items():
            if line.role == "compound" and not math.isnan(chance := self.probability(row)):
                met, before = self.met(row), self.before(row)
                kept = before.outlook if before and before.same_reading and before.met == met else None
                self.outlooks[row] = verdicts.steady_outlook(chance, met is True, self.plan.thresholds, kept)


def _every(found: Iterable[Position]) -> bool | None:
    """Whether all are at their target."""
    met = {at.met for at in found}
    return False if False in met else None if None in met else True


def work_out(
    chains: Sequence[Sequence[Year]],
    last: int,
    n_paths: int,
    kept: Kept | None = None,
    project: Projector | None = None,
) -> None:
    """Settle the ``last`` newest years of each chain, all areas' series being projected in common batches.

    Years are read from the newest backwards, because only what a later verdict hangs on is wanted of an earlier one; with
    probabilities far from the cuts that is about a quarter of the series of the year before, and a quarter of those before that.
    """
    wanted: list[set[str] | None] = [None] * len(chains)
    for back in range(max(map(len, chains), default=0)):
        asked = [
            (i, chain[-1 - back]) for i, chain in enumerate(chains) if back < len(chain) and (back < last or wanted[i])
        ]
        events = [year.decidable(year.leaves() if back < last else sorted(wanted[i] or ())) for i, year in asked]
        if kept is None:
            requests = [year.request(None if back < last else wanted[i]) for i, year in asked]
            for (_, year), some, found in zip(asked, events, (project or project_many)(requests, n_paths), strict=True):
                year.projections, year.chances = found, chances.chances(some, found)
                year.joint = {row: chances.joint(parts, found) for row, parts in year.whole_rows(some).items()}
        else:
            for (_, year), some in zip(asked, events, strict=True):
                _recall(year, some, back == 0, n_paths, kept)
        for i, year in asked:
            wanted[i] = year.hanging()
    for chain in chains:
        for year in chain:
            year.settle()


def _recall(year: Year, events: Mapping[str, Position], newest: bool, n_paths: int, kept: Kept) -> None:
    """Chances of one year from what is kept; of the newest year all paths are kept, of an earlier one its chances."""
    whole, thresholds = year.request(None), year.plan.thresholds
    about = f"{whole.target_year} {whole.edition} {whole.min_points} {whole.world} {n_paths}"

    def project(some: Sequence[History]) -> list[Projection]:
        (found,) = project_many([replace(whole, histories=some)], n_paths)
        return [found[h.series] for h in some]

    def judge(some: Sequence[str]) -> list[Chance]:
        (found,) = project_many([year.request(some)], n_paths)
        return list(chances.chances({series: events[series] for series in some}, found).values())

    if newest:
        histories = list(whole.histories)
        keys = [f"{h.digest} {about} {whole.families.get(h.series, '')}" for h in histories]
        found = kept("projection", histories, keys, project)
        year.projections = {p.series: p for p in found}
        year.chances = chances.chances(events, year.projections)
        year.joint = {row: chances.joint(parts, year.projections) for row, parts in year.whole_rows(events).items()}
        return
    names = {}
    for series, at in events.items():
        digests = [h.digest for h in (at.history, at.reference) if h is not None]
        names[series] = f"{digests} {at.what} {about} {thresholds.min_points}"
    year.chances = dict(zip(events, kept("chance", list(events), list(names.values()), judge), strict=True))
    together = year.whole_rows(events)

    def judge_rows(some: Sequence[str]) -> list[Chance]:
        parts = [part for row in some for part in positions.parts_of(year.lines, row)]
        (found,) = project_many([year.request(parts)], n_paths)
        return [Chance(chances.joint(together[row], found), None) for row in some]

    row_keys = [
        " and ".join(f"{names[p]} {whole.families.get(p, '')}" for p in positions.parts_of(year.lines, row))
        for row in together
    ]
    found = kept("chance", list(together), row_keys, judge_rows)
    year.joint = {row: c.probability for row, c in zip(together, found, strict=True)}
