"""The rows of a plan with their readings, and where each stands by what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import ref

from plananalysis.assessments.events import (
    Event,
    common_year,
    met_now,
    published,
)
from plananalysis.assessments.targets import YEARLY, Undecidable, event
from plananalysis.observations import History
from plananalysis.plan import Plan, Reading

Row = dict[str, Any]

_COPIED = (
    "row", "role", "plan", "domain", "number", "sub", "name", "indicator", "unit", "decimals", "direction", "attribute", "rhythm",
)  # fmt: skip
BANDS = ("about", "within_band")
WORDS = {True: "met", False: "not_met", None: "unknown"}  # whether a target is met; None: nobody can say


@dataclass(frozen=True)
class PlanRow:
    """One row or part of the plan with its reading in force."""

    described: Row
    reading: Reading
    parts: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        return self.described["role"]


_lines: dict[tuple[int, int], tuple[ref, ref, dict[str, PlanRow]]] = {}


def lines(plan: Plan) -> dict[str, PlanRow]:
    """Everything of the plan that asks for a verdict, in printed order; made once for all areas that share a plan's tables."""
    key = id(plan.series), id(plan.targets)
    held = _lines.get(key)
    if held is None or held[0]() is not plan.series or held[1]() is not plan.targets:
        held = ref(plan.series, lambda _: _lines.pop(key, None)), ref(plan.targets), _read_lines(plan)
        _lines[key] = held
    return held[2]


def parts_of(of: Mapping[str, PlanRow], row: str) -> list[str]:
    """Codes of a compound row's parts, in order."""
    return list(of[row].parts)


def _read_lines(plan: Plan) -> dict[str, PlanRow]:
    asked = plan.series[plan.series["role"] != "reference"]
    columns = zip(
        asked.index.tolist(), asked["responsible_units"].tolist(), *(asked[c].tolist() for c in _COPIED), strict=True
    )
    found = {}
    for series, responsible, *cells in columns:
        reading = plan.reading(series)
        found[series] = PlanRow(
            dict(zip(_COPIED, cells, strict=True))
            | {
                "responsible_units": ";".join(responsible),
                "target_text": reading.target_text,
                "kind": reading.kind,
                "operator_source": reading.operator_source,
            },
            reading,
            tuple(plan.parts(series)) if asked.at[series, "role"] == "compound" else (),
        )
    return found


@dataclass(frozen=True, eq=False)
class Position:
    """One series against its target, before anything is projected.

    Parameters
    ----------
    what
        None when nothing has been observed.
    met
        None when the observed values do not say it.
    year
        The year judged: the newest value's, or the newest that both of two series have; None when there is none.
    band
        For 左右 and bands, ``above`` or ``below`` when the newest value lies outside.
    beyond
        Whether it lies outside on the good side: that is for the leading group to say, and never red.
    held_back
        The newest value reported, when it cannot be true: the verdict rests on the values before it.
    waiting
        Years for which a return waits to be accepted.
    """

    line: PlanRow
    history: History | None
    reference: History | None
    what: Event | Undecidable | None
    met: bool | None
    year: int | None = None
    band: str = ""
    beyond: bool = False
    held_back: tuple[int, float] | None = None
    waiting: tuple[int, ...] = ()

    @property
    def decidable(self) -> bool:
        return isinstance(self.what, Event)

    @property
    def event(self) -> Event:
        """The event, where the target is one."""
        assert isinstance(self.what, Event)
        return self.what

    @property
    def undecided(self) -> Undecidable:
        """Why there is no event, where something was observed and there is none."""
        assert isinstance(self.what, Undecidable)
        return self.what

    @property
    def observed(self) -> History:
        """The history, where something was observed."""
        assert self.history is not None
        return self.history

    @property
    def beside(self) -> History:
        """The history a relative target is measured by, where its event is one."""
        assert self.reference is not None
        return self.reference


def standing(plan: Plan, line: PlanRow, series: str, histories: Mapping[str, History]) -> Position:
    """Where a series stands by its observed values alone."""
    reading, history = line.reading, histories.get(series)
    held_back = None if history is None else history.newest_doubted
    waiting = () if history is None else history.waiting
    if history is None or not len(history.years):
        return Position(line, None, None, None, None, held_back=held_back, waiting=waiting)
    reference = histories.get(reading.reference) if reading.reference else None
    reference = reference if reference is not None and len(reference.years) else None
    base_year, last = plan.outline.base_year, int(history.years[-1])
    asked = (reading, history, base_year, plan.thresholds, reference is not None)
    what = event(*asked, until=plan.outline.target_year)
    if not isinstance(what, Event):
        return Position(line, history, reference, what, None, last, held_back=held_back, waiting=waiting)
    year = common_year(history, reference) if what.statistic == "gap_end" else last
    now: Event | Undecidable | None = what
    if reading.kind in YEARLY:  # so far as the years gone ask for
        now = event(*asked, until=last) if last > base_year else None
    met = met_now(now, history, base_year, reference) if isinstance(now, Event) else None
    band = _outside(what, history) if reading.kind in BANDS else ""
    beyond = reading.kind == "about" and band == {1: "above", -1: "below"}.get(history.direction)
    met = None if beyond else met
    return Position(line, history, reference, what, met, year, band, beyond, held_back, waiting)


def _outside(what: Event, history: History) -> str:
    """On which side of a band the newest published value lies."""
    value, low, high = (float(published(v, what.digits)) for v in (history.values[-1], what.low, what.high))
    return "above" if value > high else "below" if value < low else ""
